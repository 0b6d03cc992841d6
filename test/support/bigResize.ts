// The mean by area, as it is defined: in integers of any size, one pixel of the result after another.
import type { PixelArray } from "../../src/data/resize.ts";

const LUMA = [299n, 587n, 114n] as const;

/** floor(a / b + 1/2) */
const rounded = (a: bigint, b: bigint): number => (b === 0n ? 0 : Number((2n * a + b) / (2n * b)));

export function resizedExactly(
  { data, width, height }: PixelArray,
  channels: 1 | 3 | 4,
  [rows, columns]: readonly [number, number],
  background: readonly number[],
): number[] {
  const result: number[] = [];
  const overlap = (at: number, i: number, length: number, size: number): bigint =>
    BigInt(Math.max(0, Math.min((at + 1) * size, (i + 1) * length) - Math.max(at * size, i * length)));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const colours = [0n, 0n, 0n];
      let alpha = 0n;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const weight = overlap(y, i, height, rows) * overlap(x, j, width, columns);
          if (weight === 0n) continue;
          const at = 4 * (y * width + x);
          const a = BigInt(data[at + 3]!);
          alpha += weight * a;
          for (let c = 0; c < 3; c++) {
            const below = channels === 4 ? 0n : BigInt(background[c]!) * (255n - a);
            colours[c]! += weight * (BigInt(data[at + c]!) * a + below);
          }
        }
      }
      const area = BigInt(width * height);
      if (channels === 1) {
        const luma = colours.reduce((sum, colour, c) => sum + LUMA[c]! * colour, 0n);
        result.push(rounded(luma, area * 255_000n));
      } else if (channels === 3) result.push(...colours.map((colour) => rounded(colour, area * 255n)));
      else result.push(...colours.map((colour) => rounded(colour, alpha)), rounded(alpha, area));
    }
  }
  return result;
}
