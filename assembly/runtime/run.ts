// Runs a program: walks its records, batch by batch. The only loop between TypeScript and the kernels.
import {
  HALT_NONE,
  LOG_BYTES,
  LOG_DIVISOR,
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
  const total = load<u32>(program, PROGRAM_ROWS);
  const batch = load<u32>(program, PROGRAM_BATCH);
  const loss = <usize>load<u32>(program, PROGRAM_LOSS);
  const updateFirst = <usize>load<u32>(program, PROGRAM_UPDATE_FIRST);
  const updateLast = <usize>load<u32>(program, PROGRAM_UPDATE_LAST);
  let log = <usize>load<u32>(program, PROGRAM_LOG);
  for (let done: u32 = 0; done < passes; done++, log += LOG_BYTES) {
    const cursor = load<u32>(program, PROGRAM_CURSOR);
    if (cursor == 0 && load<u32>(program, PROGRAM_SHUFFLE) != 0) {
      randomPermutation(
        load<u32>(program, PROGRAM_ORDER),
        total,
        load<u32>(program, PROGRAM_SEED_LOW),
        load<u32>(program, PROGRAM_SEED_HIGH),
        STREAM_ORDER,
        load<u64>(program, PROGRAM_EPOCH),
      );
    }
    const micro = load<u32>(program, PROGRAM_MICRO);
    const stateBytes = load<u32>(program, PROGRAM_STATE_BYTES);
    if (micro == 0 && stateBytes != 0)
      memory.copy(load<u32>(program, PROGRAM_STATE_COPY), load<u32>(program, PROGRAM_STATE), stateBytes);
    const rows = min(batch, total - cursor);
    store<u32>(program, 1, PROGRAM_STARTED);
    store<f64>(program, 0, PROGRAM_PENALTY);
    const passLast = <usize>load<u32>(program, PROGRAM_PASS_LAST);
    if (run(program, load<u32>(program, PROGRAM_PASS_FIRST), passLast, rows) != passLast) return done;

    const left = total - cursor - rows;
    const epochEnds = left == 0 || (load<u32>(program, PROGRAM_DROP_LAST) != 0 && left < batch);
    if (updateFirst != updateLast) {
      store<u32>(program, micro + 1, PROGRAM_MICRO);
      if (epochEnds || micro + 1 == load<u32>(program, PROGRAM_ACCUMULATE)) {
        store<f64>(program, load<f64>(log, LOG_RATE), PROGRAM_RATE);
        if (!runUpdate(program)) {
          store<u32>(program, micro, PROGRAM_MICRO);
          return done;
        }
      }
    }
    if (loss != 0) {
      store<f64>(log, load<f64>(loss), LOG_TOTAL);
      store<f64>(log, load<f64>(loss, 8), LOG_DIVISOR);
      store<f64>(log, load<f64>(program, PROGRAM_PENALTY), LOG_PENALTY);
      store<f64>(log, load<f64>(loss, 16), LOG_EPOCH_LOSS);
    }
    store<u64>(program, load<u64>(program, PROGRAM_PASS) + 1, PROGRAM_PASS);
    store<u32>(program, epochEnds ? 0 : cursor + rows, PROGRAM_CURSOR);
    if (epochEnds) store<u64>(program, load<u64>(program, PROGRAM_EPOCH) + 1, PROGRAM_EPOCH);
    store<u32>(program, 0, PROGRAM_STARTED);
  }
  return passes;
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
