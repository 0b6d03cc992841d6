// What pipelines refuse, by the whole text.
import { describe, expect, test } from "vitest";
import {
  dateParts,
  impute,
  lag,
  log1p,
  minMax,
  oneHot,
  ordinal,
  pipelineFromJSON,
  robustScale,
  standardize,
  table,
  window,
} from "../../../src/data.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const people = table({
  age: [20, 30, 40, null],
  income: [1.5, -2.5, 3, 4],
  city: ["Bern", "Ulm", "Bern", "Ulm"],
  day: ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-09"],
  ok: ["yes", "no", "yes", "no"],
  id: [7, 5, 9, 1],
  same: ["x", "x", "x", "x"],
}).infer();
const of = (columns: Record<string, unknown>) => (): unknown => people.fit({ columns } as never);

describe("steps that a column can't take", () => {
  refuses([
    [
      of({ age: standardize() }),
      RangeError,
      'fit: column "age" (number): 1 cell is missing; put impute() before standardize()',
    ],
    [
      of({ city: standardize() }),
      RangeError,
      'fit: column "city" (category): standardize() takes numbers, but it has words; for these there is oneHot() or ordinal()',
    ],
    [
      of({ income: [standardize(), oneHot()] }),
      RangeError,
      'fit: column "income" (number): oneHot() takes words, but it has numbers after standardize(); for these there is standardize(), robustScale(), minMax() or log1p()',
    ],
    [
      of({ day: log1p() }),
      RangeError,
      'fit: column "day" (date): log1p() takes numbers, but it has dates; for these there is dateParts()',
    ],
    [
      of({ income: log1p() }),
      RangeError,
      'fit: column "income" (number): log1p() takes values of 0 or more, but row 1 is -2.5; use standardize() or robustScale()',
    ],
    [
      of({ city: [oneHot(), standardize()] }),
      RangeError,
      'fit: column "city" (category): standardize() takes numbers, but it has the features of the step before it after oneHot(); leave it out, or put it before',
    ],
    [
      of({ city: impute() }),
      RangeError,
      'fit: column "city" (category): its steps must make numbers of its words; add oneHot() or ordinal() after them',
    ],
    [
      of({ city: [impute({ by: "mean" }), oneHot()] }),
      RangeError,
      'fit: column "city" (category): impute() by "mean" takes numbers; words have "frequent" and "constant"',
    ],
    [
      of({ day: impute() }),
      RangeError,
      'fit: column "day" (date): impute() takes numbers or words; dateParts() does missing dates itself',
    ],
    [
      of({ age: [minMax(), impute()] }),
      RangeError,
      'fit: column "age" (number): 1 cell is missing; put impute() before minMax()',
    ],
    [
      of({ income: [minMax(), impute()] }),
      RangeError,
      'fit: column "income" (number): impute() must be its first step; put it before the others',
    ],
    [
      of({ age: impute({ by: "constant", value: "none" }) }),
      RangeError,
      'fit: column "age" (number): impute() takes a number for it, got "none"',
    ],
    [
      of({ city: ordinal({ order: ["Bern", "Basel"] }) }),
      RangeError,
      'fit: column "city" (category): 2 cells are "Ulm", which isn\'t in ordinal\'s order; add it there',
    ],
    [
      of({ city: oneHot({ rare: 3 }) }),
      RangeError,
      'fit: column "city" (category): oneHot(): none of 2 words is in 3 rows or more; drop the column, or give a smaller rare',
    ],
    [
      of({ income: lag({ steps: [1] }) }),
      RangeError,
      'fit: column "income" (number): lag() takes rows in the order of time; fit with task: "series", and a target',
    ],
    [
      of({ income: window({ length: 2 }) }),
      RangeError,
      'fit: column "income" (number): window() takes rows in the order of time; fit with task: "series", and a target',
    ],
  ]);
});

describe("options of fit", () => {
  const fit = (options: unknown) => (): unknown => people.fit(options as never);
  refuses([
    [
      fit({ traget: "age" }),
      TypeError,
      'fit: unknown option "traget". Known: target, task, columns, log, time, horizon',
    ],
    [
      fit({ target: "agee" }),
      RangeError,
      'fit: target: unknown column "agee"; did you mean "age"? Known: age, income, city, day, ok, id, same',
    ],
    [
      fit({ columns: { citi: oneHot() } }),
      RangeError,
      'fit: columns: unknown column "citi"; did you mean "city"? Known: age, income, city, day, ok, id, same',
    ],
    [
      fit({ columns: { city: "oneHot" } }),
      TypeError,
      'fit: columns.city must be a step such as standardize(), or "drop" for the column, got the string "oneHot"',
    ],
    [
      fit({ columns: { city: { step: "oneHot" } } }),
      TypeError,
      'fit: columns.city must be a step such as standardize(), or "drop" for the column, got an object (Object)',
    ],
    [
      fit({ columns: { city: [] } }),
      TypeError,
      'fit: columns.city must be a step such as standardize(), several of them, or "drop", got an array of 0',
    ],
    [
      fit({ target: "age", columns: { age: standardize() } }),
      RangeError,
      "fit: columns.age is the target, which is no input; leave it out",
    ],
    [fit({ task: "regression" }), TypeError, 'fit: task "regression" needs a target; give the column to predict'],
    [
      fit({ target: "age", task: "guess" }),
      RangeError,
      'fit: task must be one of auto, regression, classification, series, got "guess"',
    ],
    [
      fit({ target: "age", horizon: 2 }),
      TypeError,
      'fit: horizon is for task: "series"; give it, or leave horizon out',
    ],
    [
      fit({ target: "city", task: "regression" }),
      RangeError,
      'fit: target "city" is a category, and task: "regression" predicts numbers; leave out task, or give "classification"',
    ],
    [
      fit({ target: "income", task: "classification" }),
      RangeError,
      'fit: target "income" has numbers with decimals, which are no classes; task: "regression" predicts them',
    ],
    [
      fit({ target: "id" }),
      RangeError,
      'fit: target "id" can\'t be predicted, it is an identifier (all 4 cells are numbers from 1 to 9, all different, and its name is one of identifiers; to learn from it, types: { id: "number" }); if it is one, say so where types are inferred: types: { "id": "number" }',
    ],
    [
      fit({ target: "same" }),
      RangeError,
      'fit: target "same" can\'t be predicted, it is a constant (all 4 cells are "x"); there is nothing to predict; take another column',
    ],
    [
      fit({ target: "day" }),
      RangeError,
      'fit: target "day" can\'t be predicted, it is a date (all 4 cells are dates (yyyy-mm-dd), 2026-01-05 to 2026-01-09); predict a number or a category; dates are features',
    ],
    [
      () => people.take([0, 2]).fit({ target: "city" }),
      RangeError,
      'fit: target "city" must have two classes or more in the training rows, but all are "Bern"; take other rows or another column',
    ],
    [() => people.take([]).fit(), RangeError, "fit: the table has no rows; there is nothing to fit to"],
    [
      () => people.select(["id", "same"]).fit(),
      RangeError,
      'fit: no column is left to learn from; these were left out:\n  id: identifier: all 4 cells are numbers from 1 to 9, all different, and its name is one of identifiers; to learn from it, types: { id: "number" }\n  same: constant: all 4 cells are "x"',
    ],
  ]);
});

describe("options of steps", () => {
  refuses([
    [() => standardize({ clip: 0 }), RangeError, "standardize: clip must be above 0, got 0"],
    [() => robustScale({ clip: "3" as never }), TypeError, 'robustScale: clip must be above 0, got "3"'],
    [() => minMax({ low: 1 }), RangeError, "minMax: high must be above low, got 1 and 1"],
    [() => oneHot({ most: 0 }), RangeError, "oneHot: most must be a whole number of 1 or more, got 0"],
    [() => ordinal({ order: ["a", "a"] }), RangeError, 'ordinal: order has "a" twice'],
    [
      () => impute({ by: "constant" }),
      TypeError,
      'impute: value is for by: "constant", which needs it; got undefined for "constant"',
    ],
    [
      () => impute({ strategy: "mean" } as never),
      TypeError,
      'impute: unknown option "strategy"; did you mean "by"? Known: by, value, flag',
    ],
    [
      () => dateParts({ parts: ["weekday" as never] }),
      RangeError,
      'dateParts: parts: unknown part "weekday"; did you mean "weekend"? Known: trend, dayOfWeek, weekend, month, dayOfYear, dayOfMonth, hour, monthDay, weekdayOfMonth',
    ],
    [() => lag({ steps: [1, 1] }), RangeError, "lag: steps has 1 twice"],
    [() => lag({ steps: [-1] }), RangeError, "lag: steps[0] must be a whole number of 0 or more, got -1"],
    [
      () => window({ length: 3, of: ["median" as never] }),
      RangeError,
      'window: of[0] must be one of mean, min, max, sd, got "median"',
    ],
  ]);
});

describe("series", () => {
  const count = 40;
  const when = Array.from({ length: count }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)));
  const v = when.map((_, i) => (i * 7) % 11);
  const series =
    (columns: Record<string, readonly unknown[]>, options: object = {}) =>
    (): unknown =>
      table({ when, v, ...columns })
        .infer()
        .fit({ target: "v", task: "series", ...options } as never);
  const later = when.map((day) => new Date(day.getTime() + 1e9));
  refuses([
    [
      series({ when: when.map((_, i) => i % 9) }),
      RangeError,
      'fit: task "series" needs a column of dates, but there is none; say how they are written where types are inferred: types: { when: { type: "date", format: "dd/mm/yyyy" } }',
    ],
    [
      series({ until: later }),
      RangeError,
      'fit: task "series" needs the column of dates that its rows follow, and there are several; give time: one of when, until',
    ],
    [
      series({}, { time: "v" }),
      RangeError,
      'fit: time must be a column of dates or whole numbers, but "v" is the target; there is when',
    ],
    [
      series({ when: when.map((day, i) => (i === 7 ? when[3] : day)) }),
      RangeError,
      'fit: column "when", rows 3 and 7 are both 2026-01-04, but a series has one row for each time; add them up, or take one series at a time',
    ],
    [
      series({ when: when.map((day, i) => (i === 7 ? null : day)) }),
      RangeError,
      'fit: column "when", row 7 is empty, but a series needs the time of each row; fill it in, or leave the row out',
    ],
    [
      series({}, { horizon: 35 }),
      RangeError,
      "fit: a series of 40 rows is too short for a horizon of 35; 45 are needed at least",
    ],
    [
      series({ x: v.map((value) => value * 1.5) }, { columns: { x: lag({ steps: [50] }) } }),
      RangeError,
      'fit: column "x" (number): lag() takes 50 rows before, but there are 40 in all; take fewer',
    ],
    [
      series({ x: v.map((value) => value * 1.5) }, { columns: { x: lag({ steps: [35] }) } }),
      RangeError,
      "fit: 40 rows with a target are too few, as 35 before each are features; 45 are needed at least",
    ],
  ]);
});

describe("rows", () => {
  const pipeline = people.fit({ target: "ok", columns: { id: "drop" } });
  const row = { age: 1, income: 2, city: "Bern", day: "2026-01-05" };
  const change = (cells: object) => (): unknown => pipeline.transform([row, { ...row, ...cells }]);
  const without = (name: string): object => Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));
  const refused: Refusal[] = [
    [
      () => pipeline.transform([{ ...without("age"), agee: 3 }] as never),
      RangeError,
      'transform: column "age" is missing; is it "agee"? The pipeline needs age, income, city, day; the rows have income, city, day, agee',
    ],
    [
      () => pipeline.transform(people.select(["age", "city", "day"])),
      RangeError,
      'transform: column "income" is missing; the pipeline needs age, income, city, day; the rows have age, city, day',
    ],
    [
      change({ age: "many" }),
      RangeError,
      'transform: column "age", row 1 is "many", which is no number; mend it, or leave the cell empty where the number is missing',
    ],
    [
      change({ age: "1,5" }),
      RangeError,
      'transform: column "age", row 1 is "1,5", which is no number; mend it, or leave the cell empty where the number is missing',
    ],
    [
      change({ age: Infinity }),
      RangeError,
      'transform: column "age", row 1 is "Infinity", which is infinite or beyond float32 (3.4028235e38); mend it, or leave the cell empty',
    ],
    [
      change({ age: "1e40" }),
      RangeError,
      'transform: column "age", row 1 is "1e40", which is infinite or beyond float32 (3.4028235e38); mend it, or leave the cell empty',
    ],
    [
      change({ age: true }),
      RangeError,
      'transform: column "age", row 1 is "true", which is no number; mend it, or leave the cell empty where the number is missing',
    ],
    [
      change({ age: [3] }),
      TypeError,
      'transform: column "age", row 1, must be a number, a string, true or false, a Date or null, got an array of 1; join its parts to a text',
    ],
    [
      change({ day: "05.01.2026" }),
      RangeError,
      'transform: column "day", row 1 is "05.01.2026", which is no date as yyyy-mm-dd, as the pipeline\'s rows had; write it so, or leave the cell empty',
    ],
    [
      change({ day: 20260105 }),
      RangeError,
      'transform: column "day", row 1 is 20260105, which is no date as yyyy-mm-dd, as the pipeline\'s rows had; write it so, or leave the cell empty',
    ],
    [
      change({ ok: "maybe" }),
      RangeError,
      'transform: column "ok", row 1 is "maybe", which is neither yes nor no; write it as one, or leave the cell empty',
    ],
    [
      () => pipeline.transform([[1, 2]] as never),
      TypeError,
      "transform: row 0 must be an object of cells, got an array of 2; of arrays, table(rows, { columns: [...] }) makes rows with names",
    ],
    [
      () => pipeline.transform("rows" as never),
      TypeError,
      'transform: the rows must be a table, or an array of objects of cells, got the string "rows"',
    ],
    [
      () => pipeline.transform([row], { targets: false } as never),
      TypeError,
      'transform: unknown option "targets"; did you mean "target"? Known: target',
    ],
    [
      () =>
        pipeline.transform(
          table({
            ...Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, [cell, cell, cell]])),
            age: when3,
          }).infer(),
        ),
      TypeError,
      'transform: column "age" has dates, but the pipeline\'s rows had numbers; give it as it was, or the rows as they were read: table(...) without infer()',
    ],
    [
      () => pipeline.decode([1, 2]),
      TypeError,
      "decode: outputs are numbers of a regression or a series, but the pipeline predicts classes: pipeline.target.classes has their names",
    ],
    [
      () => people.fit().decode([1]),
      TypeError,
      "decode: outputs are numbers of a regression or a series, but the pipeline has no target",
    ],
    [() => pipeline.toString(10), RangeError, "toString: width must be a whole number of 40 or more, got 10"],
  ];
  refuses(refused);
});

const when3 = ["2026-01-05", "2026-01-06", "2026-01-07"];

describe("a decimal comma", () => {
  const prices = table({ price: ["1,5", "2.000,25", "3"] })
    .infer()
    .fit();
  const priced = (price: unknown) => (): unknown => prices.transform([{ price }]);
  test("is read as in training", () => {
    const read = prices.transform([{ price: "1,5" }, { price: "2.000" }, { price: 2000 }, { price: "3.000,5" }]).x;
    expect(read[1]).toBe(read[2]);
    expect(Array.from(read.subarray(0, 1))).toEqual(Array.from(prices.transform([{ price: 1.5 }]).x));
  });
  refuses([
    [
      priced("1.5"),
      RangeError,
      'transform: column "price", row 0 is 1.5, which has a decimal point, but the pipeline\'s rows had a decimal comma and points between thousands; write it so',
    ],
    [
      priced("x"),
      RangeError,
      'transform: column "price", row 0 is "x", which is no number with a decimal comma; mend it, or leave the cell empty where the number is missing',
    ],
  ]);
});

describe("points where the training rows had decimal commas and none", () => {
  const prices = table({ price: ["1,5", "2,25", "3,125"] })
    .infer()
    .fit();
  const point = (row: number, value: string): string =>
    `transform: column "price", row ${row} is ${value}, which has a point, but the pipeline's rows had decimal commas and none; write it with a comma, or without the point`;

  test("are refused: they may be thousands or decimals", () => {
    expect(() => prices.transform([{ price: "1,5" }, { price: "2.500" }])).toThrow(point(1, "2.5"));
    expect(() => prices.transform([{ price: "2.000" }])).toThrow(point(0, "2"));
    const again = pipelineFromJSON(JSON.parse(JSON.stringify(prices)));
    expect(() => again.transform([{ price: "2.500" }])).toThrow(point(0, "2.5"));
  });

  test("but what has a comma, too, is read", () => {
    const { x } = prices.transform([{ price: "2,5" }, { price: "1.234,5" }, { price: 2 }]);
    expect(x.length).toBe(3);
  });
});
