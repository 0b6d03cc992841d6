// Functions of a run of values, in place. A loop of one function keeps the processor's units full: several vectors are computed at a
// time. With five functions in one loop, as a cell's formulas have them, each waited for the one before.
import { sigmoid, tanh } from "../../numeric/elementary";
import { storeLanes } from "../../numeric/simd";

/** count values from p on become their logistic function. */
export function sigmoids(p: usize, count: usize): void {
  for (const end = p + ((count << 2) & ~15); p < end; p += 16) v128.store(p, sigmoid(v128.load(p)));
  if (count & 3) storeLanes(p, sigmoid(v128.load(p)), count & 3);
}

/** to = tanh of count values. */
export function tanhs(from: usize, to: usize, count: usize): void {
  for (const end = from + ((count << 2) & ~15); from < end; from += 16, to += 16) v128.store(to, tanh(v128.load(from)));
  if (count & 3) storeLanes(to, tanh(v128.load(from)), count & 3);
}
