// Pipelines as plain values: the same bits after JSON, and whatever is wrong in a file is named.
import { describe, expect, test } from "vitest";
import { lag, ordinal, pipelineFromJSON, table, window } from "../../../src/data.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const count = 60;
const when = Array.from({ length: count }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)));
const cells = {
  when,
  age: when.map((_, i) => (i % 9 === 0 ? null : ((i * 37) % 23) / 7)),
  city: when.map((_, i) => ["Bern", "Ulm", "Köln"][i % 3]!),
  ok: when.map((_, i) => i % 4 === 0),
  y: when.map((_, i) => Math.round(100 / ((i % 10) + 1))),
};
const rows = table(cells).infer({ types: { y: "number" } });
const regression = rows.fit({ target: "y", columns: { city: ordinal() } });
const classification = rows.fit({ target: "city" });
const series = rows.fit({
  target: "y",
  task: "series",
  columns: { age: "drop", ok: window({ length: 3, of: ["mean"] }), city: [ordinal(), lag({ steps: [2] })] },
});

/** A file with some of its parts changed: paths such as "columns.0.steps.0.mean". */
function changed(of: { toJSON(): object }, changes: Readonly<Record<string, unknown>>): unknown {
  const file = JSON.parse(JSON.stringify(of)) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const holder = keys
      .slice(0, -1)
      .reduce<Record<string, unknown>>((part, key) => part[key] as Record<string, unknown>, file);
    holder[keys.at(-1)!] = value;
  }
  return file;
}

test("every kind of pipeline transforms to the same bits", () => {
  for (const pipeline of [regression, classification, series, rows.fit()]) {
    const again = pipelineFromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(again.transform(rows)).toEqual(pipeline.transform(rows));
    expect(JSON.stringify(again)).toBe(JSON.stringify(pipeline));
    expect([again.task, again.target, again.series, again.features, again.columns, again.dropped, again.notes]).toEqual(
      [
        pipeline.task,
        pipeline.target,
        pipeline.series,
        pipeline.features,
        pipeline.columns,
        pipeline.dropped,
        pipeline.notes,
      ],
    );
  }
  expect(regression.decode([0.5])).toEqual(pipelineFromJSON(JSON.parse(JSON.stringify(regression))).decode([0.5]));
});

test("what toJSON gives is no way to change a pipeline", () => {
  const before = JSON.stringify(regression);
  (regression.toJSON() as unknown as { columns: unknown[] }).columns.length = 0;
  expect(JSON.stringify(regression)).toBe(before);
});

describe("refused", () => {
  const of =
    (changes: Readonly<Record<string, unknown>>, pipeline: { toJSON(): object } = regression) =>
    (): unknown =>
      pipelineFromJSON(changed(pipeline, changes));
  const many = Array.from({ length: 10 }, (_, i) => ({
    name: `c${i}`,
    type: "number",
    reading: { as: "number", signs: false, missing: [] },
    steps: [],
  }));
  const wide = many.map((column) => ({
    ...column,
    steps: [{ step: "window", length: 10000, horizon: 1, of: "values" }],
  }));
  const refused: Refusal[] = [
    [
      () => pipelineFromJSON(JSON.stringify(regression)),
      TypeError,
      /^pipelineFromJSON: the value must be what a pipeline's toJSON gave, got the string .*; give what JSON.parse makes of it$/,
    ],
    [
      () => pipelineFromJSON(null),
      TypeError,
      "pipelineFromJSON: the value must be what a pipeline's toJSON gave, got null",
    ],
    [
      () => pipelineFromJSON({ format: "other" }),
      TypeError,
      'pipelineFromJSON: the value must have format "wasmgrad pipeline", got "other"; it is no pipeline\'s',
    ],
    [of({ version: 2 }), RangeError, "pipelineFromJSON: version must be 1, got 2; a newer wasmgrad wrote it, use that"],
    [of({ version: "1" }), RangeError, 'pipelineFromJSON: version must be 1, got "1"'],
    [
      of({ task: "guess" }),
      TypeError,
      'pipelineFromJSON: task must be one of regression, classification, series, got the string "guess"',
    ],
    [
      of({ task: undefined }),
      TypeError,
      "pipelineFromJSON: task must be there with target, and only with it, got undefined",
    ],
    [
      of({ task: "series" }),
      TypeError,
      "pipelineFromJSON: series must be there for a series, and only for one, got undefined",
    ],
    [
      of({ task: "classification" }),
      TypeError,
      "pipelineFromJSON: target.classes must be there for a classification, and only for one, got undefined",
    ],
    [of({ columns: {} }), TypeError, "pipelineFromJSON: columns must be an array, got an object (Object)"],
    [of({ columns: [] }), RangeError, "pipelineFromJSON: columns make no feature; one is needed at least"],
    [of({ "columns.0": null }), TypeError, "pipelineFromJSON: columns[0] must be an object, got null"],
    [of({ "columns.1.name": "" }), TypeError, 'pipelineFromJSON: columns[1].name must be a name, got the string ""'],
    [of({ "columns.1.name": "when" }), RangeError, 'pipelineFromJSON: columns[1].name is there twice: "when"'],
    [of({ "columns.1.name": "y" }), RangeError, 'pipelineFromJSON: columns[1].name is there twice: "y"'],
    [
      of({ "columns.1.steps.0.value": null }),
      TypeError,
      "pipelineFromJSON: columns[1].steps[0].value must be a finite number, got null",
    ],
    [
      of({ "columns.1.steps.0.value": 1e99 }),
      RangeError,
      "pipelineFromJSON: columns[1].steps[0].value must be finite as float32, got 1e+99",
    ],
    [
      of({ "columns.1.steps.1.deviation": 0 }),
      RangeError,
      "pipelineFromJSON: columns[1].steps[1].deviation must be above 0, got 0",
    ],
    [
      of({ "columns.1.steps.1.mean": "3" }),
      TypeError,
      'pipelineFromJSON: columns[1].steps[1].mean must be a finite number, got the string "3"',
    ],
    [
      of({ "columns.1.steps.1.step": "lag", "columns.1.steps.1.steps": [1] }),
      TypeError,
      'pipelineFromJSON: columns[1].steps[1].step must be one that takes rows without an order, got the string "lag"',
    ],
    [
      of({ "columns.1.steps.1.step": "oneHot" }),
      TypeError,
      'pipelineFromJSON: columns[1].steps[1].step must be one that fits numbers, got the string "oneHot"',
    ],
    [
      of({ "columns.1.reading.as": "words" }),
      TypeError,
      "pipelineFromJSON: columns[1].words must be an array, got undefined",
    ],
    [
      of({ "columns.0.reading.formats": ["dd/dd"] }),
      TypeError,
      'pipelineFromJSON: columns[0].reading.formats[0] must be a date\'s format such as dd/mm/yyyy, got the string "dd/dd"',
    ],
    [of({ "columns.2.words": ["a", "a"] }), RangeError, 'pipelineFromJSON: columns[2].words has "a" twice'],
    [
      of({ "target.scale.deviation": -1 }),
      RangeError,
      "pipelineFromJSON: target.scale.deviation must be 0 or more, got -1".replace("0 or more", "above 0"),
    ],
    [
      of({ "target.classes": ["a"] }, classification),
      RangeError,
      "pipelineFromJSON: target.classes must have 2 to 1000 values, got 1",
    ],
    [
      of({ "series.lags": [0] }, series),
      RangeError,
      "pipelineFromJSON: series.lags[0] must be a whole number from 1 to 100000, got 0",
    ],
    [
      of({ "series.before": 1e9 }, series),
      RangeError,
      "pipelineFromJSON: series.before must be a whole number from 0 to 100000, got 1000000000",
    ],
    [
      of(
        {
          columns: Array.from({ length: 11 }, (_, i) =>
            wide.map((column) => ({ ...column, name: `${column.name} ${i}` })),
          ).flat(),
        },
        series,
      ),
      RangeError,
      "pipelineFromJSON: columns[104] makes more than 1048576 features of a row",
    ],
    [
      of({ "columns.0.steps.0.parts.0.last": 1e300 }),
      RangeError,
      "pipelineFromJSON: columns[0].steps[0].parts[0].last must be finite as float32, got 1e+300",
    ],
  ];
  refuses(refused);
});
