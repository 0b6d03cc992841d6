// A network in plain float64 loops over arrays of rows: what the library is compared with.

export type Rows = readonly (readonly number[])[];

/** Consecutive numbers as rows of n. */
export function rowsOf(values: ArrayLike<number>, n: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / n }, (_, r) => all.slice(r * n, (r + 1) * n));
}

/** a b */
export function times(a: Rows, b: Rows): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
}

export function transposed(a: Rows): number[][] {
  return a[0]!.map((_, j) => a.map((row) => row[j]!));
}

/** f of each number, and of the numbers at the same position of b. */
export function each(a: Rows, f: (value: number, other: number) => number, b: Rows = a): number[][] {
  return a.map((row, r) => row.map((value, j) => f(value, b[r]![j]!)));
}

/** The sums over the rows: one number per column. */
export function columnSums(a: Rows): number[] {
  return a[0]!.map((_, j) => a.reduce((sum, row) => sum + row[j]!, 0));
}

/** x w + b */
export function affine(x: Rows, w: Rows, b: ArrayLike<number>): number[][] {
  return times(x, w).map((row) => row.map((value, j) => value + b[j]!));
}

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** e^z / sum of e^z, of one row. */
export function softmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const powers = z.map((v) => Math.exp(v - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
