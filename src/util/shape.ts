// Shapes: the sizes of a row's axes. The number of rows is never part of a shape.

/** Sizes of a row's axes: `[784]`, or `[28, 28, 1]` for height, width, channels. */
export type Shape = readonly number[];

/** Numbers per row. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Where the search for divisors ends: all are found of sizes up to its square. */
const LARGEST_TRIED = 100_000;

/** The numbers that divide a size, ascending, for messages. Sizes come from files, too: the search is bounded. */
export function divisorsOf(n: number): number[] {
  const small: number[] = [];
  for (let d = 1; d * d <= n && d <= LARGEST_TRIED; d++) if (n % d === 0) small.push(d);
  return [...small, ...small.map((d) => n / d).toReversed()].filter((d, i, all) => d !== all[i - 1]);
}

/** `28x28x1`, for messages and summaries. */
export function shapeText(shape: Shape): string {
  return shape.length === 0 ? "()" : shape.join("x");
}

/** `2 x 3`, of a file's shape, which may have any number of axes, for messages. */
export const axesText = (shape: Shape): string => (shape.length > 16 ? `${shape.length} axes` : shape.join(" x "));
