// Which part of a record's work is this thread's. Where there is one thread, all of it: the compiler leaves these lines out.

let part: usize = 0;
let parts: usize = 1;

/** From now on this instance does one of `count` parts. */
export function setPart(index: usize, count: usize): void {
  part = index;
  parts = count;
}

/** Into how many parts the work falls. */
export function partCount(): usize {
  return ASC_FEATURE_THREADS ? parts : 1;
}

/** Is this the thread that does what can't be shared? */
export function isFirstPart(): bool {
  return ASC_FEATURE_THREADS ? part == 0 : true;
}

/** Where this thread's part of n units begins; units are shared out in groups of `grain`. */
export function partFirst(n: usize, grain: usize): usize {
  return ASC_FEATURE_THREADS ? boundary(n, grain, part) : 0;
}

/** Where this thread's part of n units ends. */
export function partEnd(n: usize, grain: usize): usize {
  return ASC_FEATURE_THREADS ? boundary(n, grain, part + 1) : n;
}

function boundary(n: usize, grain: usize, index: usize): usize {
  const groups = (n + grain - 1) / grain;
  return min(((groups * index) / parts) * grain, n);
}
