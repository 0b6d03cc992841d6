// Options of trainings on tables that are refused, before anything is computed.
import { describe, expect, test } from "vitest";
import { table } from "../../src/data/table.ts";
import { crossValidate } from "../../src/tables/crossValidate.ts";
import { trainTable, type TrainTableOptions } from "../../src/tables/trainTable.ts";
import { dayRows, groupRows, linearRows, rareRows, typed } from "../support/generatedTables.ts";
import { expectRefusal } from "../support/refusals.ts";

const numbers = typed(linearRows(40));
const classes = typed(rareRows(60, 0.3));
const several = typed(groupRows(60));
const days = typed(dayRows(60));
const twoDates = typed(dayRows(60).map((row) => ({ ...row, until: row["day"]! })));

type Given = Readonly<Record<string, unknown>>;
const KNOWN =
  "target, task, columns, log, time, horizon, layers, epochs, patience, learningRate, batchSize, accumulate, ranks, classWeights, split, group, validation, seed, threads, signal";
const target = { target: "y" };

/** Refused by both functions: the table, options, and what is said after the function's name. */
const BOTH: readonly (readonly [
  given: unknown,
  options: unknown,
  kind: typeof RangeError | typeof TypeError,
  text: string,
])[] = [
  [numbers, undefined, TypeError, "options must be an object, got undefined"],
  [
    linearRows(40),
    target,
    TypeError,
    "table must be a table with types, made by table(...).infer(), got an array of 40",
  ],
  [
    table(linearRows(40)),
    target,
    TypeError,
    "table must be a table with types, made by table(...).infer(), got an object (Object); call infer()",
  ],
  [numbers, {}, TypeError, "target must be the name of a column, got undefined"],
  [numbers, { target: 3 }, TypeError, "target must be the name of a column, got number 3"],
  [
    numbers,
    { target: "color" },
    RangeError,
    'target: unknown column "color"; did you mean "colour"? Known: a, b, c, colour, y',
  ],
  [
    numbers,
    { ...target, task: "guess" },
    RangeError,
    'task must be one of auto, regression, classification, series, got "guess"',
  ],
  [numbers, { ...target, layers: 64 }, TypeError, "layers must be an array of units such as [64, 32], got number 64"],
  [numbers, { ...target, layers: [64, 0] }, RangeError, "layers[1] must be a whole number of 1 or more, got 0"],
  [numbers, { ...target, layers: [1e6] }, RangeError, "layers[0] must be a whole number of at most 65536, got 1000000"],
  [
    numbers,
    { ...target, layers: Array.from({ length: 101 }, () => 1) },
    RangeError,
    "layers may be at most 100, got 101",
  ],
  [numbers, { ...target, epochs: 0 }, RangeError, "epochs must be a whole number of 1 or more, got 0"],
  [numbers, { ...target, patience: 1.5 }, RangeError, "patience must be a whole number of 1 or more, got 1.5"],
  [numbers, { ...target, learningRate: 0 }, RangeError, "learningRate must be above 0, got 0"],
  [numbers, { ...target, batchSize: -1 }, RangeError, "batchSize must be a whole number of 1 or more, got -1"],
  [numbers, { ...target, classWeights: true }, TypeError, 'classWeights must be "auto" or false, got boolean true'],
  [
    numbers,
    { ...target, split: "thirds" },
    RangeError,
    'split must be one of random, stratified, group, time, got "thirds"',
  ],
  [numbers, { ...target, group: "c" }, TypeError, 'group is for split: "group"; add that, or leave group out'],
  [
    numbers,
    { ...target, split: "group" },
    TypeError,
    'group must be the name of a column, split: "group" needs it, got undefined',
  ],
  [
    numbers,
    { ...target, split: "group", group: "color" },
    RangeError,
    'group: unknown column "color"; did you mean "colour"? Known: a, b, c, colour, y',
  ],
  [
    numbers,
    { ...target, split: "stratified" },
    RangeError,
    'split: "stratified" divides classes, but "y" is predicted as a number; leave it out',
  ],
  [
    numbers,
    { ...target, validation: 0 },
    RangeError,
    "validation must be a share of the rows above 0 and below 1, or a number of rows, got 0",
  ],
  [
    numbers,
    { ...target, validation: 1.5 },
    RangeError,
    "validation must be a share of the rows above 0 and below 1, or a number of rows, got 1.5",
  ],
  [numbers, { ...target, seed: -1 }, RangeError, "seed must be a whole number of 0 or more, got -1"],
  [
    numbers,
    { ...target, seed: 2 ** 32 },
    RangeError,
    "seed must be a whole number of at most 4294967295, got 4294967296",
  ],
  [
    numbers,
    { ...target, threads: 0 },
    TypeError,
    'threads must be "auto" or a whole number from 1 to 32, got number 0',
  ],
  [numbers, { ...target, signal: 3 }, TypeError, "signal must be an AbortSignal, got number 3"],
  [
    numbers,
    { ...target, columns: 3 },
    TypeError,
    "columns must be an object such as { age: standardize() }, got number 3",
  ],
  [
    numbers,
    { ...target, columns: { d: "drop" } },
    RangeError,
    'columns: unknown column "d"; did you mean "a"? Known: a, b, c, colour, y',
  ],
  [
    numbers,
    { ...target, columns: { y: "drop" } },
    RangeError,
    "columns.y is the target, which is no input; leave it out",
  ],
  [
    numbers,
    { ...target, columns: { a: "keep" } },
    TypeError,
    'columns.a must be a step such as standardize(), or "drop" for the column, got the string "keep"',
  ],
  [classes, { target: "class", log: true }, TypeError, "log is for a regression, of a number; leave it out"],
  [numbers, { ...target, log: 1 }, TypeError, "log must be true or false, got number 1"],
  [
    days,
    { target: "visitors", time: "day" },
    TypeError,
    'time is for task: "series" or split: "time"; give one of them, or leave time out',
  ],
  [days, { target: "visitors", horizon: 2 }, TypeError, 'horizon is for task: "series"; give it, or leave horizon out'],
  [
    days,
    { target: "visitors", task: "series", horizon: 0 },
    RangeError,
    "horizon must be a whole number of 1 or more, got 0",
  ],
  [
    days,
    { target: "visitors", task: "series", split: "random" },
    RangeError,
    'a series is divided by time, but split is "random"; leave it out',
  ],
  [
    days,
    { target: "visitors", task: "series", time: "date" },
    RangeError,
    'time: unknown column "date". Known: day, visitors, weather',
  ],
  [
    days,
    { target: "visitors", task: "series", time: "weather" },
    RangeError,
    `time must be a column of dates or whole numbers, but "weather", row 0 is ${days.column("weather").values![0]}; there is day`,
  ],
  [
    twoDates,
    { target: "visitors", task: "series" },
    RangeError,
    'task "series" needs the column of dates that its rows follow, and there are several; give time: one of day, until',
  ],
  [
    twoDates,
    { target: "visitors", split: "time" },
    RangeError,
    'there are 2 columns of dates (day, until), so the order of the rows isn\'t known; say it: time: "column"',
  ],
  [
    numbers,
    { ...target, split: "time" },
    RangeError,
    'there is no column of dates, so the order of the rows isn\'t known; say it: time: "column"',
  ],
  [
    numbers,
    { ...target, split: "time", time: "when" },
    RangeError,
    'time: unknown column "when". Known: a, b, c, colour, y',
  ],
  [
    numbers,
    { ...target, split: "time", time: "colour" },
    RangeError,
    'time must be a column of dates or numbers, but "colour" is category: ',
  ],
  [days, { target: "day" }, RangeError, 'target "day" can\'t be predicted, it is a date ('],
];

describe("options that are refused", () => {
  for (const [given, options, kind, text] of BOTH) {
    test(text, async () => {
      for (const [name, call] of [
        ["trainTable", () => trainTable(given as never, options as never)],
        ["crossValidate", () => crossValidate(given as never, 2, options as never)],
      ] as const) {
        // what depends on how types were inferred is left out
        const whole = `${name}: ${text}`;
        const open = text.endsWith(": ") || text.endsWith("(");
        await expectRefusal(call, kind as never, open ? new RegExp(`^${escaped(whole)}`) : whole);
      }
    });
  }

  const OWN: readonly (readonly [options: Given, kind: typeof RangeError | typeof TypeError, text: string])[] = [
    [
      { ...target, label: "a" },
      TypeError,
      `unknown option "label"; did you mean "target"? Known: ${KNOWN}, test, kFold, costs, callbacks, resumeFrom, progress, onStage`,
    ],
    [
      { ...target, hidden: [3] },
      TypeError,
      `unknown option "hidden"; did you mean "layers"? Known: ${KNOWN}, test, kFold, costs, callbacks, resumeFrom, progress, onStage`,
    ],
    [
      { ...target, test: 0 },
      RangeError,
      "test must be a share of the rows above 0 and below 1, or a number of rows, got 0",
    ],
    [
      { ...target, test: "a.csv" },
      TypeError,
      'test must be a share or a number of rows, or a table of others, got the string "a.csv"',
    ],
    [
      { ...target, test: {} },
      TypeError,
      "test must be a share or a number of rows, or a table of others, got an object (Object)",
    ],
    [{ ...target, test: [[1, 2]] }, TypeError, "test[0] must be an object of cells, got an array of 2"],
    [{ ...target, kFold: 1 }, RangeError, "kFold must be a whole number of 2 or more, got 1"],
    [{ ...target, kFold: 41 }, RangeError, "40 rows can't be divided into 41 parts; at most 40 are there"],
    [
      { ...target, kFold: 2, validation: 25 },
      RangeError,
      "20 rows are too few: 0 rows to train, 25 to validate, 0 to test; take smaller parts: every part needs at least 1",
    ],
    [
      { ...target, validation: 30, test: 15 },
      RangeError,
      "40 rows are too few: 0 rows to train, 30 to validate, 15 to test; take smaller parts: every part needs at least 1",
    ],
    [
      { ...target, callbacks: {} },
      TypeError,
      "callbacks must be an array such as [checkpoint(store)], got an object (Object)",
    ],
    [
      { ...target, callbacks: [3] },
      TypeError,
      "callbacks[0] must be an object such as checkpoint(store), got number 3",
    ],
    [
      { ...target, resumeFrom: "runs" },
      TypeError,
      'resumeFrom must be a store such as checkpoints(directory) of wasmgrad/files, got the string "runs"',
    ],
    [{ ...target, progress: 1 }, TypeError, "progress must be true or false, got number 1"],
    [{ ...target, onStage: "print" }, TypeError, 'onStage must be a function, got the string "print"'],
    [{ ...target, costs: 3 }, TypeError, "costs must be an object: { falsePositive, falseNegative }, got number 3"],
    [{ ...target, costs: {} }, RangeError, "costs must be of two classes, but numbers are predicted; leave them out"],
  ];
  for (const [options, kind, text] of OWN) {
    test(text, () => expectRefusal(() => trainTable(numbers, options as never), kind as never, `trainTable: ${text}`));
  }

  test("costs of several classes, and of a wrong kind", async () => {
    const costs = { falsePositive: 2 };
    await expectRefusal(
      () => trainTable(several, { target: "kind", costs }),
      RangeError,
      "trainTable: costs must be of two classes, but there are 3; leave them out",
    );
    await expectRefusal(
      () => trainTable(classes, { target: "class", costs: { falsePositive: -1 } }),
      RangeError,
      "trainTable: costs.falsePositive must be from 0 to 1e100, got -1",
    );
    await expectRefusal(
      () => crossValidate(classes, 2, { target: "class", costs } as never),
      TypeError,
      `crossValidate: unknown option "costs". Known: ${KNOWN}`,
    );
  });

  test("nothing was begun", async () => {
    const stages: unknown[] = [];
    const onStage = (stage: unknown) => void stages.push(stage);
    const bad: TrainTableOptions[] = [
      { target: "y", kFold: 41 },
      { target: "y", costs: {} },
      { target: "y", test: linearRows(3).map(({ a, b, c, colour }) => ({ a, b, c, colour })) as never },
    ];
    for (const options of bad) await expect(trainTable(numbers, { ...options, onStage })).rejects.toThrow();
    expect(stages).toEqual([]);
  });
});

describe("options that work", () => {
  test("a signal that is aborted ends it, with its reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(trainTable(numbers, { ...target, signal })).rejects.toThrow("enough");
  });

  test("rows are divided by time though it is no series", async () => {
    const { report } = await trainTable(days, { target: "visitors", split: "time", layers: [], epochs: 1, test: 10 });
    expect(report.task).toBe("regression");
    expect(report.rows.how).toBe('60 rows: 38 to train, 12 to validate, 10 to test; by "day", the last rows to test');
    const named = await trainTable(days, {
      target: "visitors",
      split: "time",
      time: "day",
      layers: [],
      epochs: 1,
      test: 10,
    });
    expect(named.report).toEqual(report);
  });

  test("columns are done as they say", async () => {
    const { report } = await trainTable(numbers, {
      ...target,
      columns: { c: "drop", colour: "drop" },
      layers: [],
      epochs: 1,
    });
    expect(report.pipeline.columns.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(report.model.layers).toBe("linear");
    expect(report.model.parameters).toBe(3);
  });
});

/** Letters that mean something in patterns, written out. */
function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
