// Parts of a table: how many rows, which, and what stays together.
import { describe, expect, test } from "vitest";
import type { Table } from "../../src/data/tableTypes.ts";
import { type FoldOptions, kFold, split, type SplitOptions } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import { refuses } from "../support/refusals.ts";

const rowsOf = (some: Table | undefined): number[] => (some ? Array.from(some.column("row").values!) : []);
const make = <T>(count: number, cell: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => cell(i));

const COUNT = 997;
const loans = table({
  row: make(COUNT, (i) => 3 * i),
  repaid: make(COUNT, (i) => (i % 7 === 0 ? "no" : i % 11 === 3 ? "late" : i % 100 === 1 ? "" : "yes")),
  who: make(COUNT, (i) => `p${(i * i) % 37}`),
  when: make(COUNT, (i) => new Date(Date.UTC(2020, 0, 1 + ((i * 389) % 250)))),
  three: make(COUNT, (i) => i % 3),
}).infer();
const ALL = rowsOf(loans);

/** The rows of all parts are those of the table, each once, and each part is in their order. */
function isWhole(parts: readonly (Table | undefined)[]): void {
  const rows = parts.map(rowsOf);
  expect(rows.flat().toSorted((a, b) => a - b)).toEqual(ALL);
  for (const each of rows) expect(each).toEqual(each.toSorted((a, b) => a - b));
}

function shares(part: Table, column: string): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const row of part) counts.set(row[column], (counts.get(row[column]) ?? 0) + 1);
  return counts;
}

test("random: exact counts, the same for a seed, others for another", () => {
  const parts = split(loans, { test: 0.25, validation: 100 });
  expect([parts.train.rows, parts.validation!.rows, parts.test!.rows]).toEqual([648, 100, 249]);
  expect(parts.reason).toBe("997 rows: 648 to train, 100 to validate, 249 to test; 25 % is 249.25");
  isWhole([parts.train, parts.validation, parts.test]);
  expect(rowsOf(split(loans, { test: 0.25, validation: 100, seed: 1 }).test)).toEqual(rowsOf(parts.test));
  expect(rowsOf(split(loans, { test: 0.25, validation: 100, seed: 2 }).test)).not.toEqual(rowsOf(parts.test));
  expect(split(loans).test!.rows).toBe(199);
  expect(split(loans, { validation: 7 })).not.toHaveProperty("test");
  // each row is as likely as any other
  const often = new Map<number, number>();
  for (let seed = 0; seed < 200; seed++) {
    for (const row of rowsOf(split(loans, { seed, test: 0.5 }).test)) often.set(row, (often.get(row) ?? 0) + 1);
  }
  expect(Math.min(...often.values())).toBeGreaterThan(65);
  expect(Math.max(...often.values())).toBeLessThan(135);
});

test("stratified: each class has its share of each part within one row", () => {
  for (const target of ["repaid", "three"]) {
    const all = shares(loans, target);
    for (const options of [{ test: 0.3 }, { test: 0.3, validation: 0.15 }, { test: 1 }, { test: 5, validation: 700 }]) {
      const parts = split(loans, { by: "stratified", target, ...options });
      isWhole([parts.train, parts.validation, parts.test]);
      expect(parts.test!.rows).toBe(options.test < 1 ? Math.round(options.test * COUNT) : options.test);
      for (const part of [parts.train, parts.validation, parts.test]) {
        if (!part) continue;
        const own = shares(part, target);
        for (const [word, count] of all)
          expect(Math.abs((own.get(word) ?? 0) - (count * part.rows) / COUNT)).toBeLessThan(1);
      }
    }
  }
});

test("stratified, many small classes: both the parts' sizes and the classes' shares are kept", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const words = make(211, (i) => `c${(i * i * seed + i) % (3 + (seed % 14))}`);
    const some = table({ row: make(211, (i) => 2 * i), word: words }).infer({ types: { word: "category" } });
    const {
      train,
      validation,
      test: last,
    } = split(some, { by: "stratified", target: "word", test: 0.17, validation: 0.23 });
    expect([train.rows, validation!.rows, last!.rows]).toEqual([126, 49, 36]);
    const all = shares(some, "word");
    for (const part of [train, validation!, last!]) {
      const own = shares(part, "word");
      for (const [word, count] of all)
        expect(Math.abs((own.get(word) ?? 0) - (count * part.rows) / 211)).toBeLessThan(1);
    }
  }
});

test("group: no group is in two parts, and the sizes come near", () => {
  const parts = split(loans, { by: "group", group: "who", test: 0.2, validation: 0.2 });
  isWhole([parts.train, parts.validation, parts.test]);
  const groups = [parts.train, parts.validation!, parts.test!].map((part) => [...shares(part, "who").keys()]);
  expect(new Set(groups.flat()).size).toBe(groups.flat().length);
  for (const part of [parts.validation!, parts.test!]) expect(Math.abs(part.rows - 199)).toBeLessThan(60);
  expect(rowsOf(split(loans, { by: "group", group: "who", seed: 9 }).test)).not.toEqual(
    rowsOf(split(loans, { by: "group", group: "who" }).test),
  );
});

test("time: the last are the test, and rows of the same time stay together", () => {
  const parts = split(loans, { by: "time", time: "when", test: 0.2, validation: 0.1 });
  isWhole([parts.train, parts.validation, parts.test]);
  const times = [parts.train, parts.validation!, parts.test!].map((part) => part.column("when").values!);
  expect(Math.max(...times[0]!)).toBeLessThan(Math.min(...times[1]!));
  expect(Math.max(...times[1]!)).toBeLessThan(Math.min(...times[2]!));
  expect(parts.reason).toBe("997 rows: 698 to train, 100 to validate, 199 to test; 20 % is 199.4; 10 % is 99.7");
  const tied = table({ t: [1, 1, 1, 2, 2, 3, 3, 3, 3, 9] }).infer();
  expect(split(tied, { by: "time", time: "t", test: 4 }).reason).toBe(
    "10 rows: 5 to train, 5 to test; rows of the same time stay together, which moved 1",
  );
});

describe("kFold", () => {
  test.each<FoldOptions>([{}, { by: "stratified", target: "repaid" }, { by: "group", group: "who" }])(
    "%o: each row is tested once",
    (options) => {
      const folds = kFold(loans, 5, options);
      isWhole(folds.map((fold) => fold.test));
      for (const { train, test: tested } of folds) isWhole([train, tested]);
      const sizes = folds.map((fold) => fold.test.rows);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(options.by === "group" ? 60 : 2);
      if (options.by === "stratified") {
        for (const [word, count] of shares(loans, "repaid")) {
          for (const fold of folds)
            expect(Math.abs((shares(fold.test, "repaid").get(word) ?? 0) - count / 5)).toBeLessThan(1);
        }
      }
      if (options.by === "group") {
        for (const { train, test: tested } of folds) {
          const own = shares(train, "who");
          expect([...shares(tested, "who").keys()].filter((word) => own.has(word))).toEqual([]);
        }
      }
    },
  );

  test("time: trained on what came before alone", () => {
    const folds = kFold(loans, 4, { by: "time", time: "when" });
    expect(folds.length).toBe(4);
    for (const { train, test: tested } of folds) {
      expect(Math.max(...train.column("when").values!)).toBeLessThan(Math.min(...tested.column("when").values!));
    }
    expect(folds[3]!.train.rows + folds[3]!.test.rows).toBe(COUNT);
  });
});

describe("what is refused", () => {
  const few = table({ word: ["a", "a", "b"], when: [1, "", 3], same: [1, 1, 1], x: [1, 2, 3.5] }).infer();
  const of = (options: SplitOptions) => () => split(few, options);
  refuses([
    [() => split({} as never), TypeError, "split: table must be a table with types, made by table(...).infer(), got an object (Object); call infer()"],
    [() => split(table({ a: [1] }) as never), TypeError, "split: table must be a table with types, made by table(...).infer(), got an object (Object); call infer()"],
    [of({ by: "strata" as never }), RangeError, 'split: by must be one of random, stratified, group, time, got "strata"'],
    [of({ by: "stratified" }), TypeError, 'split: target must be the name of a column, by: "stratified" needs it, got undefined'],
    [of({ by: "stratified", target: "words" }), RangeError, 'split: target: unknown column "words"; did you mean "word"? Known: word, when, same, x'],
    [of({ target: "word" }), TypeError, 'split: target is for by: "stratified", but by is "random"; leave one out'],
    [of({ test: 0 }), RangeError, "split: test must be a share of the rows above 0 and below 1, or a number of rows, got 0"],
    [of({ test: 1.5 }), RangeError, "split: test must be a share of the rows above 0 and below 1, or a number of rows, got 1.5"],
    [of({ test: 0.1 }), RangeError, "split: 3 rows are too few: 3 rows to train, 0 to validate, 0 to test; every part needs at least 1"],
    [of({ test: 2, validation: 1 }), RangeError, "split: 3 rows are too few: 0 rows to train, 1 to validate, 2 to test; every part needs at least 1"],
    [of({ test: 300, validation: 3 }), RangeError, "split: 3 rows are too few: 0 rows to train, 3 to validate, 300 to test; take smaller parts: every part needs at least 1"],
    [of({ by: "group", group: "word", test: 1, validation: 1 }), RangeError, 'split: "word" has 2 groups, fewer than the 3 parts; a group is in one part alone'],
    [of({ by: "time", time: "word" }), RangeError, 'split: time must be a column of dates or numbers, but "word" is category: all 3 cells are one of 2 words'],
    [of({ by: "time", time: "when", test: 1 }), RangeError, 'split: 1 cell of "when" is missing, and every row needs a time; leave these rows out by filterRows'],
    [of({ by: "time", time: "same", test: 1 }), RangeError, 'split: rows of the same time stay together, and "same" has too few different times for the parts'],
    [of({ seed: -1 }), RangeError, "split: seed must be a whole number of 0 or more, got -1"],
    [of({ testSize: 0.2 } as never), TypeError, 'split: unknown option "testSize"; did you mean "test"? Known: by, test, validation, target, group, time, seed'],
    [() => split(loans, { by: "stratified", target: "row" }), RangeError,
      'split: target must be a column of classes, but "row" (number) has 997 different values; by: "random" needs none'],
    [() => kFold(few, 1), RangeError, "kFold: k must be a whole number of 2 or more, got 1"],
    [() => kFold(few, 4), RangeError, "kFold: 3 rows can't be divided into 4 parts; at most 3 are there"],
    [() => kFold(few, 2, { by: "stratified", target: "word" }), RangeError,
      'kFold: class "b" of "word" has 1 row, fewer than the 2 parts; take a smaller k, or leave its rows out'],
    [() => kFold(few, 3, { by: "group", group: "word" }), RangeError, 'kFold: "word" has 2 groups, fewer than the 3 parts; a group is in one part alone'],
    [() => kFold(few, 2, { test: 0.2 } as never), TypeError, 'kFold: unknown option "test". Known: by, target, group, time, seed'],
  ]); // prettier-ignore
});
