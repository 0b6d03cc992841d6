// Functions of the core that several files call: addresses and sizes are unsigned there, and signed where JavaScript gets them.
import type { Core } from "./core.ts";

/** Bytes of scratch memory that gemm needs for the product of an m x k and a k x n matrix. */
export const gemmScratchBytes = (core: Core, m: number, n: number, k: number): number =>
  core.exports.gemmScratch(m, n, k) >>> 0;

/** Index of the first of `count` float32 numbers that is NaN or infinite, or undefined. */
export function firstNonFinite(core: Core, address: number, count: number): number | undefined {
  const index = core.exports.batchFirstNonFinite(address, count) >>> 0;
  return index < count ? index : undefined;
}
