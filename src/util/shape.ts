// Shapes: the sizes of a row's axes. The number of rows is never part of a shape.

/** Sizes of a row's axes: `[784]`, or `[28, 28, 1]` for height, width, channels. */
export type Shape = readonly number[];

/** Numbers per row. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The numbers that divide a size, for messages. */
export const divisorsOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

/** `28x28x1`, for messages and summaries. */
export function shapeText(shape: Shape): string {
  return shape.length === 0 ? "()" : shape.join("x");
}
