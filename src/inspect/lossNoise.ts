// Measures how exactly float32 numbers give a loss.
import { ROUNDING } from "./kinks.ts";

/** Ways on which the loss's grain is looked for; the shortest and the longest move on them. */
const WAYS = 7;
const [SHORTEST, LONGEST] = [2 ** -26, 2 ** -7];

/**
 * What float32 leaves uncertain of the loss: a rounding of itself, and more where it is small because of numbers that aren't, as the
 * logarithm of an output near 1. All parameters move together, further and further, until the loss moves at all: that is its grain.
 */
export function noiseOfLoss(
  parameters: readonly { readonly address: number; readonly size: number }[],
  f32: Float32Array,
  here: number,
  lossNow: () => number,
): number {
  const saved = parameters.map(({ address, size }) => f32.slice(address / 4, address / 4 + size));
  const grains: number[] = [];
  try {
    for (let way = 1; way <= WAYS; way++) {
      let grain = 0;
      for (let move = SHORTEST; grain === 0 && move <= LONGEST; move *= 2) {
        parameters.forEach(({ address, size }, k) => {
          for (let i = 0; i < size; i++) {
            const value = saved[k]![i]!;
            // any direction does, if it is another one each time
            const direction = 2 * ((way * (1 + i + 7 * k) * 0.618034) % 1) - 1;
            f32[address / 4 + i] = value + direction * move * Math.max(1, Math.abs(value));
          }
        });
        grain = Math.abs(lossNow() - here);
      }
      if (Number.isFinite(grain)) grains.push(grain);
    }
  } finally {
    parameters.forEach(({ address }, k) => f32.set(saved[k]!, address / 4));
  }
  grains.sort((a, b) => a - b);
  return Math.max(ROUNDING * Math.abs(here), (grains[grains.length >> 1] ?? 0) / 4);
}
