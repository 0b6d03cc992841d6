// What columns are worth to a score, and the rows that are predicted worst.
import { describe, expect, test } from "vitest";
import { withColumnOrder } from "../../src/data/columns.ts";
import { table } from "../../src/data/table.ts";
import type { Table } from "../../src/data/tableTypes.ts";
import { evaluateClassification } from "../../src/tables/classification.ts";
import { permutationImportance } from "../../src/tables/importance.ts";
import { evaluateRegression } from "../../src/tables/regression.ts";
import { worstRows } from "../../src/tables/worst.ts";
import { refuses } from "../support/refusals.ts";

const ROWS = 400;
const make = <T>(cell: (i: number) => T): T[] => Array.from({ length: ROWS }, (_, i) => cell(i));
const part = (i: number, of: number): number => ((i * of) % 1009) / 1009;

/** Price is 10 size + 2 age; the colour says nothing; district is the same as the size's half. */
const size = make((i) => part(i, 379));
const age = make((i) => part(i, 601));
const homes = table({
  size,
  age,
  colour: make((i) => ["red", "green", "blue"][Math.floor(3 * part(i, 211))]),
  price: make((i) => 10 * size[i]! + 2 * age[i]!),
}).infer({ types: { size: "number", age: "number", price: "number" } });

const numbers = (some: Table, name: string): Float64Array => some.column(name).values!;
/** The R2 of a model that knows the rule. */
const r2 = (some: Table): number => {
  const predicted = numbers(some, "size").map((value, i) => 10 * value + 2 * numbers(some, "age")[i]!);
  return evaluateRegression({ predicted, actual: numbers(some, "price") }).metrics["r2"]!;
};
const COLUMNS = ["colour", "age", "size"];

describe("permutationImportance", () => {
  test("is what the share of the variance says: a model that knows the rule loses twice what the column explains", async () => {
    const found = await permutationImportance(homes, COLUMNS, r2, { repeats: 20 });
    expect(found.map(({ column }) => column)).toEqual(["size", "age", "colour"]);
    const variance = (values: readonly number[]): number => {
      const mean = values.reduce((sum, value) => sum + value, 0) / ROWS;
      return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / ROWS;
    };
    const all = variance(Array.from(numbers(homes, "price")));
    // E (f(x') - f(x))^2 = 2 var f(x) for an x' by chance
    expect(found[0]!.mean / ((2 * 100 * variance(size)) / all)).toBeCloseTo(1, 1);
    expect(found[1]!.mean / ((2 * 4 * variance(age)) / all)).toBeCloseTo(1, 1);
    expect(found[2]).toEqual({ column: "colour", mean: 0, low: 0, high: 0 });
    for (const { mean, low, high } of found.slice(0, 2)) {
      expect(low).toBeLessThan(mean);
      expect(high).toBeGreaterThan(mean);
    }
  });

  test("shuffles one column at a time, and nothing else", async () => {
    const seen: Table[] = [];
    await permutationImportance(homes, ["size", "colour"], (some) => seen.push(some), { repeats: 2 });
    expect(seen).toHaveLength(5);
    expect(seen[0]).toBe(homes);
    const textOf = (some: Table, name: string): string => JSON.stringify(Array.from(some, (row) => row[name]));
    seen.slice(1).forEach((some, i) => {
      const own = i < 2 ? "size" : "colour";
      for (const { name, type, reason, missing } of homes.columns) {
        expect(some.column(name)).toMatchObject({ name, type, reason, missing });
        if (name !== own) expect(textOf(some, name)).toBe(textOf(homes, name));
      }
      expect(textOf(some, own)).not.toBe(textOf(homes, own));
      const sorted = (of: Table): unknown[] => Array.from(of, (row) => String(row[own])).toSorted();
      expect(sorted(some)).toEqual(sorted(homes));
    });
    expect(textOf(seen[1]!, "size")).not.toBe(textOf(seen[2]!, "size"));
  });

  test("the same seed gives the same, whichever columns are asked for; a score may take its time", async () => {
    const both = await permutationImportance(homes, COLUMNS, r2);
    expect(await permutationImportance(homes, COLUMNS, async (some) => r2(some), { seed: 1, repeats: 5 })).toEqual(
      both,
    );
    expect(await permutationImportance(homes, ["age"], r2)).toEqual([both[1]]);
    expect(await permutationImportance(homes, COLUMNS, r2, { seed: 2 })).not.toEqual(both);
    expect(await permutationImportance(homes, [], r2)).toEqual([]);
  });

  test("of many rows some are scored, always the same", async () => {
    const seen: string[] = [];
    const score = (some: Table): number => {
      seen.push(Array.from(numbers(some, "size"), String).join(" "));
      return some.rows;
    };
    expect(await permutationImportance(homes, ["age"], score, { most: 50, repeats: 1 })).toEqual([
      { column: "age", mean: 0, low: 0, high: 0 },
    ]);
    expect(seen[1]).toBe(seen[0]);
    const chosen = seen[0]!.split(" ").map(Number);
    expect(chosen).toHaveLength(50);
    expect(new Set(chosen.map((value) => size.indexOf(value))).size).toBe(50);
    expect(seen[0]).not.toBe(size.slice(0, 50).join(" "));
  });

  const refused =
    (...[columns, score, options]: unknown[]) =>
    () =>
      permutationImportance(homes, columns as never, score as never, options as never);
  refuses([
    [
      () => permutationImportance({} as never, ["size"], r2),
      TypeError,
      "permutationImportance: table must be a table with types, made by table(...).infer(), got an object (Object); call infer()",
    ],
    [
      refused("size", r2),
      TypeError,
      'permutationImportance: columns must be an array of columns\' names, got the string "size"',
    ],
    [refused(["sise"], r2), RangeError, /^permutationImportance: .*"sise".*"size"/],
    [refused(["size", "size"], r2), RangeError, 'permutationImportance: column "size" is named twice'],
    [
      refused(["size"], 3),
      TypeError,
      "permutationImportance: score must be a function of a table that gives a number, got number 3",
    ],
    [
      refused(["size"], r2, { repeats: 0 }),
      RangeError,
      "permutationImportance: repeats must be a whole number of 1 or more, got 0",
    ],
    [
      refused(["size"], () => NaN),
      RangeError,
      "permutationImportance: score must give a finite number, got NaN of the table as it is",
    ],
    [
      refused(["size"], (some: Table) => (some === homes ? 1 : "much")),
      RangeError,
      'permutationImportance: score must give a finite number, got "much" with "size" shuffled',
    ],
    [
      () => permutationImportance(homes.take([]), ["size"], r2),
      RangeError,
      "permutationImportance: the table has no rows; at least one is needed",
    ],
  ]);
});

test("a column in another order: of a view of a table too, and the others aren't copied", () => {
  const some = homes.take([7, 3, 5]);
  const other = withColumnOrder(some, "size", Uint32Array.of(2, 0, 1));
  expect(Array.from(numbers(other, "size"))).toEqual([size[5], size[7], size[3]]);
  expect(numbers(other, "age")).toBe(numbers(some, "age"));
  expect(other.column("colour").codes).toBe(some.column("colour").codes);
  expect(other.column("size").at(0)).toBe(size[5]);
});

describe("worstRows", () => {
  const days = table({
    when: ["2026-01-05", "2026-01-06", "", "2026-01-08 12:30"],
    rides: [120.123456789, NaN, 3, 1e9],
    open: ["yes", "no", "", "yes"],
    note: ["a", "", "y".repeat(120), "d"],
  }).infer({ types: { rides: "number", open: "boolean", note: "text", when: "date" } });

  test("of numbers: those that are farthest off, with cells that can be read", () => {
    const predicted = [1, 2, 33.33333333333, 4];
    const worst = worstRows(days, { predicted, actual: [0, 0, 3, 3] }, 3);
    expect(worst.map(({ row, loss }) => [row, loss])).toEqual([
      [2, predicted[2]! - 3],
      [1, 2],
      [0, 1],
    ]);
    expect(worst[0]).toMatchObject({ actual: "3", predicted: "33.3333" });
    expect(worst[0]!.values).toEqual({ when: "", rides: "3", open: "", note: `${"y".repeat(97)}...` });
    expect(worst[1]!.values).toEqual({ when: "2026-01-06", rides: "", open: "no", note: "" });
    expect(worst[2]!.values).toEqual({ when: "2026-01-05", rides: "120.123", open: "yes", note: "a" });
    const all = worstRows(days, { predicted, actual: [0, 0, 3, 3] });
    expect(all.map(({ row }) => row)).toEqual([2, 1, 0, 3]);
    expect(all[3]!.values["when"]).toBe("2026-01-08 12:30");
    expect(JSON.parse(JSON.stringify(all))).toStrictEqual(all);
  });

  test("of classes: those whose class was given the least probability; losses are those of logLoss", () => {
    const given = { probabilities: [0.5, 0.9, 0, 0.8], labels: [1, 0, 1, 1], classes: ["no", "yes"] };
    const worst = worstRows(days, given);
    expect(worst.map(({ row, actual, predicted }) => [row, actual, predicted])).toEqual([
      [2, "yes", "no"],
      [1, "no", "yes"],
      [0, "yes", "no"],
      [3, "yes", "yes"],
    ]);
    const wanted = [15 * Math.log(10), Math.log(10), Math.log(2), Math.log(1.25)];
    worst.forEach(({ loss }, i) => expect(loss).toBeCloseTo(wanted[i]!, 13));
    const { logLoss } = evaluateClassification(given).metrics;
    expect(worst.reduce((sum, { loss }) => sum + loss, 0) / 4).toBeCloseTo(logLoss!, 14);
  });

  refuses([
    [
      () => worstRows(days, { predicted: [1], actual: [2] }),
      RangeError,
      "worstRows: the table has 4 rows, but there are predictions of 1; take the rows that were predicted: table.take(rows)",
    ],
    [
      () => worstRows(days, { predicted: [1], actual: [2], labels: [1] } as never),
      TypeError,
      "worstRows: predictions are { predicted, actual } or { probabilities, labels, classes }, but there are predicted and actual " +
        "beside labels; leave one or the other out",
    ],
    [() => worstRows(days, {} as never), TypeError, "worstRows: predicted must be an array of numbers, got undefined"],
    [
      () => worstRows(days, { labels: [0, 1, 0, 1], classes: ["a", "b"] } as never),
      TypeError,
      "worstRows: probabilities must be an array of numbers, got undefined",
    ],
    [
      () => worstRows(days, { predicted: [1], actual: [2] }, 0),
      RangeError,
      "worstRows: count must be a whole number of 1 or more, got 0",
    ],
  ]);
});
