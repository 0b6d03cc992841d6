// Tables whose structure is known, by chance of a seed.
import { randomNormal, randomUniform } from "../../src/data/random.ts";
import { table } from "../../src/data/table.ts";
import type { Table } from "../../src/data/tableTypes.ts";

/** A row of a table that is made. */
export type Row = Readonly<Record<string, number | string>>;

const WORDS = ["red", "green", "blue"];

/** y = 3 a - 2 b + 2 (if blue) + noise; c says nothing. */
export function linearRows(count: number, seed = 1, noise = 0.3): Row[] {
  const [normal, uniform] = [randomNormal(seed, 1), randomUniform(seed, 2)];
  return Array.from({ length: count }, () => {
    const [a, b, c] = [normal(), normal(), normal()];
    const colour = WORDS[Math.floor(3 * uniform())]!;
    return { a, b, c, colour, y: 3 * a - 2 * b + (colour === "blue" ? 2 : 0) + noise * normal() };
  });
}

/** Yes where a and b are of one sign: no line tells the two apart. */
export function xorRows(count: number, seed = 1): Row[] {
  const uniform = randomUniform(seed, 1);
  return Array.from({ length: count }, () => {
    const [a, b] = [2 * uniform() - 1, 2 * uniform() - 1];
    return { a, b, same: a * b > 0 ? "yes" : "no" };
  });
}

/** A rare class, of about this share: likelier the larger a is. */
export function rareRows(count: number, share: number, seed = 1, names = ["no", "yes"]): Row[] {
  const [normal, uniform] = [randomNormal(seed, 1), randomUniform(seed, 2)];
  return Array.from({ length: count }, () => {
    const rare = uniform() < share;
    return { a: normal() + (rare ? 2 : 0), b: normal() + (rare ? 1 : 0), class: names[rare ? 1 : 0]! };
  });
}

/** Three classes around three points. */
export function groupRows(count: number, seed = 1): Row[] {
  const [normal, uniform] = [randomNormal(seed, 1), randomUniform(seed, 2)];
  const middles = [
    [0, 0],
    [3, 0],
    [0, 3],
  ];
  return Array.from({ length: count }, () => {
    const k = Math.floor(3 * uniform());
    return { a: middles[k]![0]! + normal(), b: middles[k]![1]! + normal(), kind: WORDS[k]! };
  });
}

/** Days from the first of January 2020 on: a week's rhythm, a trend, noise. */
export function dayRows(count: number, seed = 1): Row[] {
  const normal = randomNormal(seed, 1);
  return Array.from({ length: count }, (_, i) => ({
    day: new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10),
    visitors: 50 + [0, 5, 10, 10, 12, 30, 25][i % 7]! + 0.01 * i + normal(),
    weather: normal(),
  }));
}

/** With types. */
export const typed = (rows: readonly Row[]): Table => table(rows).infer();

/** The mean of numbers. */
export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
