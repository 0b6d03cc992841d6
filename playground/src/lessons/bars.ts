// Small images of two kinds, for a neuron whose inputs are pixels: bars that lie (0) and bars that stand (1), near the middle.
import type { Examples } from "../../../lessons/neuron.ts";

export const SIDE = 8;

/** A bar: pixels row by row, 1 where there is ink. */
export const barAt = (standing: boolean, first: number, thick: number): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => {
    const across = standing ? i % SIDE : Math.floor(i / SIDE);
    return across >= first && across < first + thick ? 1 : 0;
  });

/** Where the bars are: one cell thick in the four middle rows or columns, or two. */
const PLACES = [[2, 1], [3, 1], [4, 1], [5, 1], [2, 2], [3, 2], [4, 2]] as const; // prettier-ignore

/** Seven of each, in turns. */
export const BARS: Examples = {
  x: PLACES.flatMap(([first, thick]) => [barAt(false, first, thick), barAt(true, first, thick)]),
  y: PLACES.flatMap(() => [0, 1]),
};

/** An image as 16 hexadecimal digits, two a row. */
export const imageText = (image: ArrayLike<number>): string =>
  Array.from({ length: (SIDE * SIDE) / 4 }, (_, i) =>
    Array.from({ length: 4 }, (__, k) => (image[4 * i + k]! > 0.5 ? 8 >> k : 0))
      .reduce((sum, bit) => sum + bit, 0)
      .toString(16),
  ).join("");

/** The image of such a text; undefined if it isn't one. */
export const imageOf = (text: string): number[] | undefined =>
  /^[\da-f]{16}$/.test(text)
    ? [...text].flatMap((digit) => [8, 4, 2, 1].map((bit) => (Number.parseInt(digit, 16) & bit ? 1 : 0)))
    : undefined;
