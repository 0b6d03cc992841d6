// Runs one program on several threads. Every thread has an instance of its own on the same memory. One of them, the leader, walks the
// records; those that are worth it are distributed: all threads run the same kernel, each on its range, and the record has ended
// when all are done. Long ones are cut into more pieces than there are threads, so that a fast processor does more of them than a slow
// one. Which range is whose never changes a bit of what is computed.
//
// A waiting thread polls for a while, then sleeps, and checks ten times a second whether all are alive. It counts itself as a sleeper
// first: only sleepers are notified.
import {
  FLAG_ELEMENTS,
  FLAG_FOURS,
  FLAG_KERNEL,
  FLAG_MOVES_SHIFT,
  FLAG_PIECES,
  FLAG_ROWS_SHIFT,
  FLAG_SHARED,
  FLAG_ARGS_SHIFT,
  MOVE_BYTES,
  MOVE_SLOT,
  MOVE_THREAD,
  MOVE_UNIT,
  POOL_BARRIER,
  POOL_BARRIER_TURN,
  POOL_COPIES,
  POOL_COPY_BYTES,
  POOL_DONE,
  POOL_GENERATION,
  POOL_LEADER_SLEEPS,
  POOL_LOST,
  POOL_NAP,
  POOL_PATIENCE,
  POOL_PIECES,
  POOL_POLLS,
  POOL_RECORD,
  POOL_ROWS,
  POOL_SILENT,
  POOL_SLEEPERS,
  POOL_TAKEN,
  POOL_THREADS,
  POOL_TURN,
  POOL_UPDATING,
  RECORD_BYTES,
  RECORD_FLAGS,
  RECORD_KERNEL,
  RECORD_PER_ROW,
  RECORD_ARGS,
} from "./abi";
import { rangeBegin, rangeEnd, setThread, threadCount } from "./threadRange";

/** Ranges of elements are whole cache lines. */
const LINE: usize = 16;

let pool: usize = 0;
let self: u32 = 0;
/** May this instance lead others? */
let leads: bool = false;
/** Does it also distribute updates? */
let leadsUpdates: bool = false;

/** Makes this instance thread `number` of a pool. */
export function poolJoin(address: usize, number: u32): void {
  pool = address;
  self = number;
}

/** Sets whether this instance distributes records from now on, and those of updates too. */
export function poolLead(passes: bool, updates: bool): void {
  leads = passes;
  leadsUpdates = updates;
}

/** Is the record to be distributed? */
export function isShared(record: usize, rows: u32): bool {
  const flags = load<u32>(record, RECORD_FLAGS);
  if (!leads || !(flags & FLAG_SHARED)) return false;
  if (!(flags & FLAG_ELEMENTS) && rows >> (flags >> FLAG_ROWS_SHIFT) == 0) return false;
  return leadsUpdates || !load<u32>(pool, POOL_UPDATING);
}

/** An update begins or ends. */
export function noteUpdate(begins: bool): void {
  if (pool) atomic.store<u32>(pool, begins ? 1 : 0, POOL_UPDATING);
}

/** Runs a record on all threads. */
export function shareOut(record: usize, rows: u32): void {
  store<u32>(pool, <u32>record, POOL_RECORD);
  store<u32>(pool, rows, POOL_ROWS);
  atomic.store<u32>(pool, 0, POOL_DONE);
  const threads: usize = load<u32>(pool, POOL_THREADS);
  for (let i: usize = 0; i < threads; i++) atomic.store<u32>(pool + POOL_COPIES + i * POOL_COPY_BYTES, 0, POOL_TAKEN);
  atomic.add<u32>(pool, 1, POOL_TURN);
  if (atomic.load<u32>(pool, POOL_SLEEPERS) != 0) atomic.notify(pool + POOL_TURN, -1);
  work(record, rows);
  const helpers = load<u32>(pool, POOL_THREADS) - 1;
  let done = atomic.load<u32>(pool, POOL_DONE);
  for (let left = load<u32>(pool, POOL_POLLS); done != helpers && left > 0; left--) {
    done = atomic.load<u32>(pool, POOL_DONE);
  }
  if (done == helpers) return;
  atomic.store<u32>(pool, 1, POOL_LEADER_SLEEPS);
  let naps: u32 = 0;
  for (;;) {
    const now = atomic.load<u32>(pool, POOL_DONE);
    if (now == helpers) break;
    if (now != done) naps = 0;
    done = now;
    if (!nap(POOL_DONE, now, naps++)) unreachable();
  }
  atomic.store<u32>(pool, 0, POOL_LEADER_SLEEPS);
}

/** Serves as a helper until the generation of workers changes, or another thread is lost. */
export function poolServe(generation: u32): void {
  let seen: u32 = 0;
  for (;;) {
    let turn = atomic.load<u32>(pool, POOL_TURN);
    for (let left = load<u32>(pool, POOL_POLLS); turn == seen && left > 0; left--) {
      turn = atomic.load<u32>(pool, POOL_TURN);
    }
    if (turn == seen) {
      atomic.add<u32>(pool, 1, POOL_SLEEPERS);
      // pauses between runs may be long
      while ((turn = atomic.load<u32>(pool, POOL_TURN)) == seen) {
        if (!nap(POOL_TURN, seen, 0)) return;
      }
      // the pool may be another generation's by now
      if (atomic.load<u32>(pool, POOL_GENERATION) != generation) return;
      atomic.sub<u32>(pool, 1, POOL_SLEEPERS);
    }
    if (atomic.load<u32>(pool, POOL_GENERATION) != generation) return;
    seen = turn;
    work(load<u32>(pool, POOL_RECORD), load<u32>(pool, POOL_ROWS));
    atomic.add<u32>(pool, 1, POOL_DONE);
    if (atomic.load<u32>(pool, POOL_LEADER_SLEEPS)) atomic.notify(pool + POOL_DONE, 1);
  }
}

/** Within a kernel that divides its work: returns when all threads have come here. */
export function barrier(): void {
  if (threadCount() == 1) return;
  const turn = atomic.load<u32>(pool, POOL_BARRIER_TURN);
  if (atomic.add<u32>(pool, 1, POOL_BARRIER) + 1 == <u32>threadCount()) {
    atomic.store<u32>(pool, 0, POOL_BARRIER);
    atomic.add<u32>(pool, 1, POOL_BARRIER_TURN);
    atomic.notify(pool + POOL_BARRIER_TURN, -1);
    return;
  }
  for (let left = load<u32>(pool, POOL_POLLS); left > 0; left--) {
    if (atomic.load<u32>(pool, POOL_BARRIER_TURN) != turn) return;
  }
  let naps: u32 = 0;
  while (atomic.load<u32>(pool, POOL_BARRIER_TURN) == turn) {
    if (!nap(POOL_BARRIER_TURN, turn, naps++)) unreachable();
  }
}

/** Sleeps until the word changes, or for a while. Returns false if a thread is lost, or too much time has passed. */
function nap(word: usize, value: u32, naps: u32): bool {
  if (atomic.load<u32>(pool, POOL_LOST)) return false;
  if (naps > load<u32>(pool, POOL_PATIENCE)) {
    atomic.cmpxchg<u32>(pool, 0, POOL_SILENT, POOL_LOST);
    return false;
  }
  atomic.wait<i32>(pool + word, <i32>value, <i64>POOL_NAP * 1_000_000);
  return true;
}

/** This thread's part of a record; and, where it is cut into pieces, what is left of others'. Its own comes first: it is in this processor's cache. */
function work(record: usize, rows: u32): void {
  const threads: usize = load<u32>(pool, POOL_THREADS);
  if (!(load<u32>(record, RECORD_FLAGS) & FLAG_PIECES)) return workOn(record, rows, self, threads);
  const pieces: usize = POOL_PIECES;
  for (let i: usize = 0; i < threads; i++) {
    const part: usize = (<usize>self + i) % threads;
    const taken = pool + POOL_COPIES + part * POOL_COPY_BYTES;
    for (;;) {
      const piece: usize = atomic.add<u32>(taken, 1, POOL_TAKEN);
      if (piece >= pieces) break;
      workOn(record, rows, part * pieces + piece, threads * pieces);
    }
  }
}

/** A range of a record: the kernel runs on a copy, whose slots have moved to where the range begins. */
function workOn(record: usize, rows: u32, index: usize, ranges: usize): void {
  const flags = load<u32>(record, RECORD_FLAGS);
  const copy = pool + POOL_COPIES + self * POOL_COPY_BYTES;
  memory.copy(copy, record, load<u32>(record, RECORD_BYTES));
  setThread(index, ranges);
  let first: usize = 0;
  let some = true;
  if (!(flags & FLAG_KERNEL)) {
    const elements = (flags & FLAG_ELEMENTS) != 0;
    const all = elements ? load<u32>(record, RECORD_PER_ROW) : rows;
    const grain: usize = elements ? LINE : flags & FLAG_FOURS ? 4 : 1;
    first = rangeBegin(all, grain);
    const count = <u32>(rangeEnd(all, grain) - first);
    if (elements) store<u32>(copy, count, RECORD_PER_ROW);
    else rows = count;
    some = count > 0;
    setThread(0, 1);
  }
  let move = copy + RECORD_ARGS + (((flags >> FLAG_ARGS_SHIFT) & 255) << 2);
  for (const end = move + ((flags >> FLAG_MOVES_SHIFT) & 255) * MOVE_BYTES; move < end; move += MOVE_BYTES) {
    const slot = copy + load<u32>(move, MOVE_SLOT);
    const by = <u32>first * load<u32>(move, MOVE_UNIT) + self * load<u32>(move, MOVE_THREAD);
    store<u32>(slot, load<u32>(slot) + by);
  }
  if (some) call_indirect<void>(load<u32>(record, RECORD_KERNEL), copy, rows);
  setThread(0, 1);
}
