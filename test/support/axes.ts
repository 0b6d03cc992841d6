// Shapes and axes that what works along an axis is tested with.

/** Shapes and an axis: neighbouring numbers, and those apart, at sizes around a vector. */
export const AXES: readonly (readonly [input: readonly number[], axis: number])[] = [
  [[1], 0],
  [[2], 0],
  [[7], -1],
  [[8], -1],
  [[3, 5], -1],
  [[3, 5], 0],
  [[4, 1], 0],
  [[5, 3], 0],
  [[1, 9], 0],
  [[2, 3, 4], 1],
  [[2, 5, 7], -2],
  [[3, 2, 17], 0],
];

/** For each number of the output those along the axis. */
export function placesAlong(input: readonly number[], axis: number): number[][] {
  const at = axis < 0 ? input.length + axis : axis;
  const product = (sizes: readonly number[]): number => sizes.reduce((all, n) => all * n, 1);
  const [blocks, n, inner] = [product(input.slice(0, at)), input[at]!, product(input.slice(at + 1))];
  return Array.from({ length: blocks * inner }, (_every, o) =>
    Array.from({ length: n }, (_, j) => (Math.floor(o / inner) * n + j) * inner + (o % inner)),
  );
}
