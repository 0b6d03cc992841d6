// Functions of one row, on all rows of a tensor.

/** The results of `f` for each row of n numbers, concatenated. */
export function rowWise(
  n: number,
  f: (...rows: number[][]) => readonly number[],
  ...tensors: readonly ArrayLike<number>[]
): number[] {
  const rows = tensors[0]!.length / n;
  return Array.from({ length: rows }, (_, r) =>
    f(...tensors.map((tensor) => Array.from(tensor).slice(r * n, (r + 1) * n))),
  ).flat();
}
