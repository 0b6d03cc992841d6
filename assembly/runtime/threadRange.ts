// The range of a record's work that this thread does. Where there is one thread, all of it: the compiler leaves these lines out.

let thread: usize = 0;
let threads: usize = 1;

/** From now on this instance does the ranges of thread `index` of `count`. */
export function setThread(index: usize, count: usize): void {
  thread = index;
  threads = count;
}

/** How many threads divide the work among themselves. */
export function threadCount(): usize {
  return ASC_FEATURE_THREADS ? threads : 1;
}

/** Where this thread's range of n units begins; a range has a multiple of `grain` units, but for the last. */
export function rangeBegin(n: usize, grain: usize): usize {
  return ASC_FEATURE_THREADS ? boundary(n, grain, thread) : 0;
}

/** Where this thread's range of n units ends. */
export function rangeEnd(n: usize, grain: usize): usize {
  return ASC_FEATURE_THREADS ? boundary(n, grain, thread + 1) : n;
}

function boundary(n: usize, grain: usize, index: usize): usize {
  const groups = (n + grain - 1) / grain;
  return min(((groups * index) / threads) * grain, n);
}
