// Functions of the core that several files call: addresses and sizes are unsigned there, and signed where JavaScript gets them.
import type { Core } from "./core.ts";

/** Bytes of scratch memory that gemm needs at most for products of an m x k and a k x n matrix. */
export const gemmScratchBytes = (core: Core, ...products: readonly [m: number, n: number, k: number][]): number =>
  Math.max(...products.map((sizes) => core.exports.gemmScratch(...sizes) >>> 0));

/** Index of the first of `count` float32 numbers that is NaN or infinite, or -1. */
export function firstNonFinite(core: Core, address: number, count: number): number {
  const index = core.exports.batchFirstNonFinite(address, count) >>> 0;
  return index < count ? index : -1;
}
