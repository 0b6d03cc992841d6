// Cross-validation: every row is tested once, by a network that never saw it.
import { describe, expect, test } from "vitest";
import { kFold } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import { crossValidate } from "../../src/tables/crossValidate.ts";
import { foldsOf } from "../../src/tables/parts.ts";
import { trainTable } from "../../src/tables/trainTable.ts";
import { dayRows, linearRows, meanOf, rareRows, typed } from "../support/generatedTables.ts";
import { refuses } from "../support/refusals.ts";

const SMALL = { layers: [4], epochs: 3, learningRate: 0.01 } as const;

describe("cross-validation", () => {
  const rows = typed(linearRows(61));

  test("is k trainings, each tested on a k-th of the rows", async () => {
    const result = await crossValidate(rows, 3, { target: "y", ...SMALL });
    const folds = kFold(rows, 3);
    const each = [];
    for (const { train, test: tested } of folds) {
      const { report } = await trainTable(train, { target: "y", ...SMALL, test: tested });
      each.push(report.metrics.test);
    }
    expect(result.k).toBe(3);
    expect(result.each).toEqual(each);
    for (const name of ["r2", "rmse", "mae"]) {
      const values = result.each.map((metrics) => metrics[name]!);
      const mean = meanOf(values);
      expect(result.mean[name]).toBeCloseTo(mean, 12);
      const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / 2;
      expect(result.sd[name]).toBeCloseTo(Math.sqrt(variance), 12);
    }
    const { report } = await trainTable(rows, { target: "y", ...SMALL, kFold: 3 });
    expect(report.folds).toEqual(result);
  });

  test("tests every row once", () => {
    const options = { validation: 0.2, test: undefined, by: undefined, group: undefined, time: undefined, seed: 1 };
    const folds = foldsOf("f", rows, 4, "y", "regression", options, "k");
    const tested = folds.flatMap(({ test: part }) => [...part.column("a").values!]);
    expect(tested.toSorted()).toEqual([...rows.column("a").values!].toSorted());
    for (const { rows: own, test: part, parts } of folds) {
      expect(own.rows + part.rows).toBe(61);
      expect(parts.train.length + parts.validation.length).toBe(own.rows);
    }
  });

  test("depends on the seed alone", async () => {
    const options = { target: "y", ...SMALL, seed: 7 };
    const first = await crossValidate(rows, 2, options);
    expect(await crossValidate(rows, 2, options)).toEqual(first);
    expect((await crossValidate(rows, 2, { ...options, seed: 8 })).each).not.toEqual(first.each);
  });

  test("has of each class its share, and leaves out rows without a target", async () => {
    const some = rareRows(90, 0.2).map((row, i) => ({ ...row, class: i < 10 ? null : row["class"]! }));
    const { mean } = await crossValidate(table(some).infer(), 4, { target: "class", ...SMALL });
    expect(mean["rocAuc"]).toBeGreaterThan(0.5);
  });

  test("of a series never tests what is before the rows that were trained on", async () => {
    const days = typed(dayRows(160));
    const { each } = await crossValidate(days, 3, { target: "visitors", task: "series", ...SMALL });
    expect(each).toHaveLength(3);
    for (const metrics of each) expect(metrics["rmse"]).toBeGreaterThan(0);
  });

  const few = typed(rareRows(60, 0.05, 2));
  const count = Array.from(few.column("class").codes!).filter(
    (code) => few.column("class").words![code] === "yes",
  ).length;
  refuses([
    [
      () => crossValidate(rows, 1, { target: "y" }),
      RangeError,
      "crossValidate: k must be a whole number of 2 or more, got 1",
    ],
    [
      () => crossValidate(rows, 62, { target: "y" }),
      RangeError,
      "crossValidate: 61 rows can't be divided into 62 parts; at most 61 are there",
    ],
    [
      () => crossValidate(few, 9, { target: "class" }),
      RangeError,
      `crossValidate: class "yes" of "class" has ${count} rows, fewer than the 9 parts; take a smaller k, or leave its rows out`,
    ],
    [
      () => trainTable(few, { target: "class", kFold: 9 }),
      RangeError,
      `trainTable: class "yes" of "class" has ${count} rows, fewer than the 9 parts; take a smaller kFold, or leave its rows out`,
    ],
    [
      () => crossValidate(rows, 2, { target: "y", test: 0.2 } as never),
      TypeError,
      /^crossValidate: unknown option "test"/,
    ],
  ]);
});
