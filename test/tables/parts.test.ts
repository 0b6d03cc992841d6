// How tables are divided for a training, and what the parts' numbers are made of.
import { describe, expect, test } from "vitest";
import { table } from "../../src/data/table.ts";
import type { Table, Task } from "../../src/data/tableTypes.ts";
import { foldsOf, partsOf, type PartsOptions } from "../../src/tables/parts.ts";
import { subset, transformParts } from "../../src/tables/transformedParts.ts";
import { dayRows, linearRows, rareRows, typed } from "../support/generatedTables.ts";
import { refuses } from "../support/refusals.ts";

const OPTIONS: PartsOptions = {
  validation: 0.2,
  test: undefined,
  by: undefined,
  group: undefined,
  time: undefined,
  seed: 1,
};
const divided = (rows: Table, target: string, task: Task, options: Partial<PartsOptions> = {}) =>
  partsOf("f", rows, target, task, { ...OPTIONS, ...options });
const all = ({ train, validation, test: tested }: ReturnType<typeof divided>): number[] =>
  [...train, ...validation, ...(tested ?? [])].toSorted((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("parts", () => {
  test("of numbers are random: every row is in one", () => {
    const rows = typed(linearRows(100));
    const parts = divided(rows, "y", "regression", { test: 0.25 });
    expect([parts.train.length, parts.validation.length, parts.test!.length]).toEqual([55, 20, 25]);
    expect(all(parts)).toEqual(upTo(100));
    expect(parts.how).toBe("100 rows: 55 to train, 20 to validate, 25 to test; at random");
    expect(divided(rows, "y", "regression", { test: 0.25 })).toEqual(parts);
    expect(divided(rows, "y", "regression", { test: 0.25, seed: 2 }).train).not.toEqual(parts.train);
  });

  test("of classes have their share of each", () => {
    const rows = typed(rareRows(300, 0.1));
    const parts = divided(rows, "class", "classification", { test: 60 });
    const rare = (places: Uint32Array): number =>
      Array.from(rows.take(places).column("class").codes!).filter((code) => rows.column("class").words![code] === "yes")
        .length / places.length;
    const share = rare(Uint32Array.from(upTo(300)));
    for (const places of [parts.train, parts.validation, parts.test!]) {
      expect(Math.abs(rare(places) - share)).toBeLessThanOrEqual(1 / places.length);
    }
    expect(parts.how).toBe("300 rows: 180 to train, 60 to validate, 60 to test; at random, of each class its share");
  });

  test("of groups are whole groups", () => {
    const rows = typed(linearRows(120).map((row, i) => ({ ...row, person: `p${i % 12}` })));
    const parts = divided(rows, "y", "regression", { by: "group", group: "person", test: 0.2 });
    const groups = (places: Uint32Array): Set<number> => new Set(Array.from(places, (row) => row % 12));
    const sets = [parts.train, parts.validation, parts.test!].map(groups);
    expect(sets.reduce((sum, set) => sum + set.size, 0)).toBe(12);
    expect(all(parts)).toEqual(upTo(120));
    expect(parts.how).toMatch(/; whole groups of "person"$/);
  });

  test("of a series follow each other in time, whatever the order of the rows", () => {
    const rows = typed(dayRows(100).toReversed());
    const parts = divided(rows, "visitors", "series", { time: "day", test: 10 });
    const days = (places: Uint32Array): number[] => Array.from(places, (row) => rows.column("day").values![row]!);
    expect(Math.max(...days(parts.train))).toBeLessThan(Math.min(...days(parts.validation)));
    expect(Math.max(...days(parts.validation))).toBeLessThan(Math.min(...days(parts.test!)));
    expect(parts.how).toBe('100 rows: 70 to train, 20 to validate, 10 to test; by "day", the last rows to test');
    expect(divided(rows, "visitors", "series", { time: "day" }).how).toMatch(/; by "day", the last rows to validate$/);
  });

  test("have no rows without a target", () => {
    const rows = linearRows(40).map((row, i) => ({ ...row, y: i % 4 === 0 ? null : row["y"]! }));
    const parts = divided(table(rows).infer(), "y", "regression", { test: 0.2 });
    expect(all(parts)).toEqual(upTo(40).filter((row) => row % 4 !== 0));
    expect(Array.from(parts.all)).toEqual(all(parts));
    expect(parts.left).toBe(10);
    expect(parts.how).toBe('30 rows: 18 to train, 6 to validate, 6 to test; at random; 10 rows without "y" left out');
    const words = rareRows(40, 0.5).map((row, i) => ({ ...row, class: i === 7 ? null : row["class"]! }));
    expect(divided(table(words).infer(), "class", "classification").how).toMatch(/; 1 row without "class" left out$/);
  });

  refuses([
    [
      () => divided(typed(linearRows(9)), "y", "regression"),
      RangeError,
      'f: 9 rows with a "y" are too few to learn from; at least 10 are needed',
    ],
    [
      () =>
        divided(
          table(linearRows(30).map((row, i) => ({ ...row, y: i === 0 ? 1.5 : i === 1 ? 2.5 : null }))).infer(),
          "y",
          "regression",
        ),
      RangeError,
      'f: 2 rows with a "y" are too few to learn from; at least 10 are needed',
    ],
    [
      () => divided(typed(linearRows(30)), "y", "regression", { validation: 20, test: 10 }),
      RangeError,
      "f: 30 rows are too few: 0 rows to train, 20 to validate, 10 to test; every part needs at least 1",
    ],
    [
      () => foldsOf("f", typed(dayRows(30)), 4, "visitors", "series", { ...OPTIONS, time: "day" }, "k"),
      RangeError,
      "f: with k: 4 a network is trained on 6 rows, which are too few to learn from; at least 10 are needed",
    ],
    [
      () => foldsOf("f", typed(linearRows(12)), 13, "y", "regression", OPTIONS, "kFold"),
      RangeError,
      "f: 12 rows can't be divided into 13 parts; at most 12 are there",
    ],
  ]);
});

describe("parts as numbers", () => {
  test("of rows: what is validated and tested changes no bit of what is trained on", () => {
    const rows = linearRows(80);
    const parts = divided(typed(rows), "y", "regression", { test: 0.2 });
    const others = new Set([...parts.validation, ...parts.test!]);
    const wild = rows.map((row, i) => (others.has(i) ? { a: -1e9, b: 1e9, c: 0, colour: "wild", y: 1e12 } : row));
    const [own, changed] = [rows, wild].map((each) => {
      const given = typed(each);
      const pipeline = given.take(parts.train).fit({ target: "y" });
      return { pipeline, given, of: transformParts("f", pipeline, given, parts, undefined) };
    });
    expect(changed!.of.train).toEqual(own!.of.train);
    expect(changed!.pipeline.toJSON()).toEqual(own!.pipeline.toJSON());
    expect(own!.of.train.x.length).toBe(48 * own!.pipeline.features.length);
    // rows are positions in the table
    for (const [name, places] of [
      ["train", parts.train],
      ["validation", parts.validation],
      ["test", parts.test!],
    ] as const) {
      expect(own!.of[name]!.rows).toEqual(places);
      const x = own!.pipeline.transform(own!.given.take(places)).x;
      expect(own!.of[name]!.x).toEqual(x);
    }
  });

  test("of a series have the rows before them as their history", () => {
    const given = typed(dayRows(100).toReversed());
    const parts = divided(given, "visitors", "series", { time: "day", test: 10 });
    const pipeline = given.take(parts.train).fit({ target: "visitors", task: "series" });
    const of = transformParts("f", pipeline, given, parts, undefined);
    const whole = pipeline.transform(given);
    const joined = [of.train, of.validation, of.test!];
    expect(joined.map(({ rows }) => rows.length)).toEqual([whole.rows.length - 30, 20, 10]);
    expect(Float32Array.from(joined.flatMap(({ x }) => [...x]))).toEqual(whole.x);
    expect(Float32Array.from(joined.flatMap(({ y }) => [...y!]))).toEqual(whole.y);
    expect(joined.flatMap(({ rows }) => [...rows])).toEqual([...whole.rows]);
    const { values } = given.column("day");
    const before = joined.flatMap((part) => [...(part.before ?? [])]);
    expect(before.length === 0 || before.length === whole.rows.length).toBe(true);
    expect(Math.max(...Array.from(of.train.rows, (row) => values![row]!))).toBe(Date.UTC(2020, 0, 70));
  });

  test("some of them", () => {
    const given = typed(linearRows(20));
    const pipeline = given.fit({ target: "y" });
    const whole = pipeline.transform(given);
    const some = subset(whole, Uint32Array.of(7, 3));
    const { x, y, rows } = pipeline.transform(given.take([7, 3]));
    expect(some.x).toEqual(x);
    expect(some.y).toEqual(y);
    expect(Array.from(some.rows)).toEqual([7, 3]);
    expect(rows.length).toBe(2);
  });

  const given = typed(linearRows(30));
  const parts = divided(given, "y", "regression");
  const pipeline = given.take(parts.train).fit({ target: "y" });
  refuses([
    [
      () =>
        transformParts(
          "f",
          pipeline,
          given,
          parts,
          linearRows(5).map(({ a, b, c, colour }) => ({ a, b, c, colour })),
        ),
      RangeError,
      "f: the rows of the test have no target to learn from or compare with",
    ],
    [
      () => transformParts("f", pipeline, given, parts, []),
      RangeError,
      "f: the rows of the test have no target to learn from or compare with",
    ],
  ]);
});
