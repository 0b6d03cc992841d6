// Runs a program: walks its records, batch by batch. The only loop between TypeScript and the kernels.
import {
  HALT_NONE,
  LOG_BYTES,
  LOG_EPOCH_LOSS,
  LOG_PENALTY,
  LOG_RATE,
  LOG_TOTAL,
  PROGRAM_ACCUMULATE,
  PROGRAM_BATCH,
  PROGRAM_CURSOR,
  PROGRAM_DROP_LAST,
  PROGRAM_EPOCH,
  PROGRAM_HALT,
  PROGRAM_LOG,
  PROGRAM_LOSS,
  PROGRAM_MICRO,
  PROGRAM_ORDER,
  PROGRAM_PASS,
  PROGRAM_PASS_FIRST,
  PROGRAM_PASS_LAST,
  PROGRAM_PENALTY,
  PROGRAM_RATE,
  PROGRAM_ROWS,
  PROGRAM_SEED_HIGH,
  PROGRAM_SEED_LOW,
  PROGRAM_SHUFFLE,
  PROGRAM_STARTED,
  PROGRAM_STATE,
  PROGRAM_STATE_BYTES,
  PROGRAM_STATE_COPY,
  PROGRAM_STEP,
  PROGRAM_UPDATE_FIRST,
  PROGRAM_UPDATE_LAST,
  RECORD_BYTES,
  RECORD_KERNEL,
  STREAM_ORDER,
} from "./abi";
import { isShared, noteUpdate, shareOut } from "./pool";
import { randomPermutation } from "./random";

/** Runs the records from `first` up to `last` on `rows` rows. Returns the record that halted the run, or `last`. */
export function run(program: usize, first: usize, last: usize, rows: u32): usize {
  store<u32>(program, HALT_NONE, PROGRAM_HALT);
  while (first < last) {
    if (ASC_FEATURE_THREADS && isShared(first, rows)) shareOut(first, rows);
    else call_indirect<void>(load<u32>(first, RECORD_KERNEL), first, rows);
    if (load<u32>(program, PROGRAM_HALT) != HALT_NONE) return first;
    first += load<u32>(first, RECORD_BYTES);
  }
  return last;
}

/**
 * Runs up to `passes` batches, across the ends of epochs, with an update after every PROGRAM_ACCUMULATE passes and at
 * the end of an epoch. Returns how many passes were finished: fewer only if a kernel halted the run, in which case
 * nothing of the unfinished update has been applied. What layers keep as state is copied before the passes of an update.
 */
export function runPasses(program: usize, passes: u32): u32 {
  let log = <usize>load<u32>(program, PROGRAM_LOG);
  for (let done: u32 = 0; done < passes; done++, log += LOG_BYTES) {
    const rows = runBegin(program);
    const last = <usize>load<u32>(program, PROGRAM_PASS_LAST);
    if (run(program, load<u32>(program, PROGRAM_PASS_FIRST), last, rows) != last || !runEnd(program, rows, log))
      return done;
  }
  return passes;
}

/** What comes before the records of a pass. Returns its rows. */
export function runBegin(program: usize): u32 {
  if (load<u32>(program, PROGRAM_CURSOR) == 0 && load<u32>(program, PROGRAM_SHUFFLE) != 0) {
    randomPermutation(
      load<u32>(program, PROGRAM_ORDER),
      load<u32>(program, PROGRAM_ROWS),
      load<u32>(program, PROGRAM_SEED_LOW),
      load<u32>(program, PROGRAM_SEED_HIGH),
      STREAM_ORDER,
      load<u64>(program, PROGRAM_EPOCH),
    );
  }
  const stateBytes = load<u32>(program, PROGRAM_STATE_BYTES);
  if (load<u32>(program, PROGRAM_MICRO) == 0 && stateBytes != 0)
    memory.copy(load<u32>(program, PROGRAM_STATE_COPY), load<u32>(program, PROGRAM_STATE), stateBytes);
  store<u32>(program, 1, PROGRAM_STARTED);
  store<f64>(program, 0, PROGRAM_PENALTY);
  return min(load<u32>(program, PROGRAM_BATCH), load<u32>(program, PROGRAM_ROWS) - load<u32>(program, PROGRAM_CURSOR));
}

/** What comes after the records of a pass: maybe an update, the row of the log, the counters. Returns false if a kernel refused the update. */
export function runEnd(program: usize, rows: u32, log: usize): bool {
  const cursor = load<u32>(program, PROGRAM_CURSOR) + rows;
  const left = load<u32>(program, PROGRAM_ROWS) - cursor;
  const epochEnds =
    left == 0 || (load<u32>(program, PROGRAM_DROP_LAST) != 0 && left < load<u32>(program, PROGRAM_BATCH));
  if (load<u32>(program, PROGRAM_UPDATE_FIRST) != load<u32>(program, PROGRAM_UPDATE_LAST)) {
    const micro = load<u32>(program, PROGRAM_MICRO);
    store<u32>(program, micro + 1, PROGRAM_MICRO);
    if (epochEnds || micro + 1 == load<u32>(program, PROGRAM_ACCUMULATE)) {
      store<f64>(program, load<f64>(log, LOG_RATE), PROGRAM_RATE);
      if (!runUpdate(program)) {
        store<u32>(program, micro, PROGRAM_MICRO);
        return false;
      }
    }
  }
  const loss = <usize>load<u32>(program, PROGRAM_LOSS);
  if (loss != 0) {
    v128.store(log, v128.load(loss), LOG_TOTAL); // and LOG_DIVISOR
    store<f64>(log, load<f64>(program, PROGRAM_PENALTY), LOG_PENALTY);
    store<f64>(log, load<f64>(loss, 16), LOG_EPOCH_LOSS);
  }
  store<u64>(program, load<u64>(program, PROGRAM_PASS) + 1, PROGRAM_PASS);
  store<u32>(program, epochEnds ? 0 : cursor, PROGRAM_CURSOR);
  store<u64>(program, load<u64>(program, PROGRAM_EPOCH) + <u64>epochEnds, PROGRAM_EPOCH);
  store<u32>(program, 0, PROGRAM_STARTED);
  return true;
}

/** One update from the gradients in memory. Returns false if a kernel refused it; the parameters are then unchanged. */
export function runUpdate(program: usize): bool {
  const first = <usize>load<u32>(program, PROGRAM_UPDATE_FIRST);
  const last = <usize>load<u32>(program, PROGRAM_UPDATE_LAST);
  const step = load<u64>(program, PROGRAM_STEP);
  store<u64>(program, step + 1, PROGRAM_STEP);
  if (ASC_FEATURE_THREADS) noteUpdate(true);
  const stopped = run(program, first, last, 0);
  if (ASC_FEATURE_THREADS) noteUpdate(false);
  if (stopped != last) {
    store<u64>(program, step, PROGRAM_STEP);
    return false;
  }
  store<u32>(program, 0, PROGRAM_MICRO);
  return true;
}
