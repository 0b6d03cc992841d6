// Sets of points whose bits are recorded, and a checksum of them: in Node and, by test/engines, in every engine.
import type * as datasets from "../../src/datasets.ts";

type Sets = Pick<typeof datasets, "above" | "circles" | "curve" | "gate" | "gaussians" | "moons" | "spirals" | "xor">;

type Make = (of: Sets) => datasets.Points;

/** One of each kind, and what differs by an option. */
export const POINT_SETS: Readonly<Record<string, Make>> = {
  circles: ({ circles }) => circles(),
  "circles, small": ({ circles }) => circles({ rows: 101, noise: 0, factor: 0.3, seed: 7 }),
  moons: ({ moons }) => moons({ test: 0.25 }),
  "moons, many": ({ moons }) => moons({ rows: 5000, noise: 0.2, seed: 2 ** 53 - 1 }),
  spirals: ({ spirals }) => spirals(),
  "spirals, five": ({ spirals }) => spirals({ rows: 999, noise: 0.1, classes: 5, turns: 20, seed: 3 }),
  gaussians: ({ gaussians }) => gaussians(),
  "gaussians, three": ({ gaussians }) => gaussians({ classes: 3, noise: 0.3, seed: 1, test: 50 }),
  xor: ({ xor }) => xor(),
  gate: ({ gate }) => gate("xor"),
  sine: ({ above }) => above("sine"),
  cubic: ({ above }) => above("cubic", { noise: 0.1, seed: 9 }),
  abs: ({ above }) => above("abs", { rows: 400 }),
  curve: ({ curve }) => curve("sine", { seed: 4, test: 20 }),
};

/** FNV-1a, 32 bits, over the bytes of x and y, those to test with included. */
export function fingerprintOf(sets: readonly datasets.Points[]): string {
  let hash = 0x811c9dc5;
  for (const { x, y } of sets.flatMap((points) => [points, ...(points.test ? [points.test] : [])])) {
    for (const { buffer } of [x, y]) {
      for (const byte of new Uint8Array(buffer)) hash = Math.imul(hash ^ byte, 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
