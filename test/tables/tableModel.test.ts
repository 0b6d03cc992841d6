// Models of tables and their files: the same bits after a round trip, and hostile files refused.
import { beforeAll, describe, expect, test } from "vitest";
import { table } from "../../src/data/table.ts";
import { readSafetensors, withChecksum, writeSafetensors } from "../../src/formats/safetensors.ts";
import { modelFromBytes, modelToBytes } from "../../src/io/modelFile.ts";
import { sequential } from "../../src/model/model.ts";
import { dense } from "../../src/nn/layers/dense.ts";
import { type TableModel, tableModelFromBytes, tableModelOf, tableModelToBytes } from "../../src/tables/tableModel.ts";
import { trainTable } from "../../src/tables/trainTable.ts";
import { dayRows, groupRows, linearRows, rareRows, type Row, typed } from "../support/generatedTables.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";

const SMALL = { layers: [4], epochs: 2, learningRate: 0.01 } as const;
const rows = { regression: linearRows(60), rare: rareRows(200, 0.1), several: groupRows(60), series: dayRows(90) };

const withoutTarget = rows.regression.map(({ a, b, c, colour }) => ({ a, b, c, colour }));

/** The rows as they are in a file. */
const texts = (given: readonly Row[]): Record<string, string>[] =>
  given.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)])));

const models = {} as Record<keyof typeof rows, TableModel>;
const bytes = {} as Record<keyof typeof rows, Uint8Array>;
beforeAll(async () => {
  const targets = { regression: "y", rare: "class", several: "kind", series: "visitors" };
  for (const kind of Object.keys(rows) as (keyof typeof rows)[]) {
    const more = kind === "series" ? { task: "series" as const } : {};
    const { tableModel } = await trainTable(typed(rows[kind]), { target: targets[kind], ...SMALL, ...more });
    models[kind] = tableModel;
    bytes[kind] = tableModelToBytes(tableModel, { made: "by a test" });
  }
});

describe.each(["regression", "rare", "several", "series"] as const)("a model of %s", (kind) => {
  test("is the same to the bit after a round trip", async () => {
    const copy = await tableModelFromBytes(bytes[kind]);
    expect(copy.about).toEqual({ made: "by a test" });
    expect(copy.model.fingerprint()).toBe(models[kind].model.fingerprint());
    expect(copy.decisions).toEqual(models[kind].decisions);
    expect(copy.pipeline.toJSON()).toEqual(models[kind].pipeline.toJSON());
    expect(copy.predict(rows[kind])).toEqual(models[kind].predict(rows[kind]));
    expect(copy.evaluate(rows[kind])).toEqual(models[kind].evaluate(rows[kind]));
    expect(tableModelToBytes(copy)).toEqual(bytes[kind]);
    expect(tableModelToBytes(copy, { made: "again", seed: 1 }).length).toBeGreaterThan(bytes[kind].length);
  });

  test("predicts rows of texts and rows with types as the same", () => {
    const given = models[kind].predict(typed(rows[kind]));
    expect(models[kind].predict(texts(rows[kind]))).toEqual(given);
    expect(models[kind].predict(table(texts(rows[kind])))).toEqual(given);
  });

  test("is read as a bare network, too", async () => {
    const bare = await modelFromBytes(bytes[kind]);
    expect(bare.fingerprint()).toBe(models[kind].model.fingerprint());
    const { x } = models[kind].pipeline.transform(rows[kind]);
    expect(bare.predict(x)).toEqual(models[kind].model.predict(x));
  });
});

describe("predictions", () => {
  test("need no target, which may be there", () => {
    const { values } = models.regression.predict(withoutTarget);
    expect(models.regression.predict(rows.regression).values).toEqual(values);
    const empty = rows.regression.map((row) => ({ ...row, y: null }));
    expect(models.regression.predict(empty).values).toEqual(values);
    expect(models.regression.predict([]).values).toEqual(new Float64Array(0));
    expect(models.several.predict([])).toMatchObject({ labels: new Int32Array(0), probabilities: new Float32Array(0) });
  });

  test("say what was done with words that aren't known", () => {
    const odd = rows.regression.slice(0, 3).map((row) => ({ ...row, colour: "mauve" }));
    expect(models.regression.predict(odd).notes).toEqual([
      'colour: 3 cells have words that no training row has ("mauve"); all its features are 0',
    ]);
  });

  test("of large tables are made in pieces, and the same as at once", () => {
    const features = models.regression.pipeline.features.length;
    const count = Math.ceil((2 ** 24 / features) * 1.2);
    const many = table({
      a: Float64Array.from({ length: count }, (_, i) => i % 7),
      b: Float64Array.from({ length: count }, (_, i) => (i * 0.37) % 1),
      c: new Float64Array(count),
      colour: Array.from({ length: count }, (_, i) => (i === count - 1 ? "mauve" : ["red", "blue"][i % 2]!)),
      y: Float64Array.from({ length: count }, (_, i) => (i < count / 2 ? NaN : 1)),
    }).infer({ types: { c: "number", y: "number", a: "number" } });
    const { values, rows: places, notes } = models.regression.predict(many);
    expect(places.length).toBe(count);
    expect(places[count - 1]).toBe(count - 1);
    const some = [0, 1, 1000, Math.floor(2 ** 24 / features) - 1, Math.floor(2 ** 24 / features), count - 1];
    const own = models.regression.predict(many.take(some)).values!;
    expect(some.map((row) => values![row])).toEqual(Array.from(own));
    const size = Math.floor(2 ** 24 / features);
    expect(notes).toEqual([
      `rows ${size} to ${count - 1}: colour: 1 cell has a word that no training row has ("mauve"); all its features are 0`,
    ]);
  }, 300_000);

  test("are refused where a column is missing, by its name", async () => {
    await expectRefusal(
      () => models.regression.predict([{ a: 1, B: 2, c: 3, colour: "red" }]),
      RangeError,
      'transform: column "b" is missing; is it "B"? The pipeline needs a, b, c, colour; the rows have a, B, c, colour',
    );
    await expectRefusal(
      () => models.regression.predict([{ a: "many", b: 2, c: 3, colour: "red" }]),
      RangeError,
      /^transform: column "a", row 0 is "many", which is /,
    );
    await expectRefusal(
      () => models.regression.evaluate(withoutTarget),
      RangeError,
      'evaluate: no row that can be predicted has a "y" to compare with; predict needs none',
    );
    await expectRefusal(
      () => models.regression.evaluate(rows.regression, { costs: { falsePositive: 2 } }),
      RangeError,
      "evaluate: costs must be of two classes, but numbers are predicted; leave them out",
    );
    await expectRefusal(
      () => models.several.evaluate(rows.several, { costs: { falsePositive: 2 } }),
      RangeError,
      "evaluate: costs must be of two classes, but there are 3; leave them out",
    );
    await expectRefusal(
      () => models.rare.evaluate(rows.rare, { costs: { falsePositive: -2 } }),
      RangeError,
      "evaluate: costs.falsePositive must be from 0 to 1e100, got -2",
    );
  });

  test("of a series go on after the rows that it was trained on", () => {
    const next = dayRows(95)
      .slice(90)
      .map((row) => ({ ...row, visitors: "" }));
    const { rows: places, values } = models.series.predict(next.slice(0, 1));
    expect(Array.from(places)).toEqual([0]);
    expect(values![0]).toBeGreaterThan(0);
  });
});

/** A file with other texts, or another network. */
function changed(
  kind: keyof typeof rows,
  change: (value: Record<string, unknown>) => void,
  others: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes[kind]);
  const value = JSON.parse(metadata["table"]!) as Record<string, unknown>;
  change(value);
  const all = { ...metadata, table: JSON.stringify(value), ...others };
  return writeSafetensors(tensors, withChecksum(tensors, all));
}

describe("files", () => {
  const none = (): void => {};
  const read = (make: () => Uint8Array) => () => tableModelFromBytes(make(), { name: "a.safetensors" });
  const where = "a.safetensors: the table in the metadata";
  type Json = Record<string, unknown>;

  refuses([
    [read(() => new Uint8Array(3)), Error, /^a\.safetensors: /],
    [() => tableModelFromBytes("a.csv" as never), TypeError, /^tableModelFromBytes: bytes must be a Uint8Array/],
    [read(() => changed("regression", none, { table: "{" })), Error, `${where} is not JSON`],
    [read(() => changed("regression", none, { table: "[]" })), Error, `${where} must be an object`],
    [read(() => changed("regression", none, { table: "null" })), Error, `${where} must be an object`],
    [
      read(() => changed("regression", (value) => (value["version"] = 2))),
      Error,
      `${where} is of version 2; this wasmgrad reads version 1`,
    ],
    [
      read(() => changed("regression", (value) => delete value["version"])),
      Error,
      `${where} is of version undefined; this wasmgrad reads version 1`,
    ],
    [
      read(() => changed("regression", (value) => (value["about"] = [1]))),
      Error,
      `${where} must have an object as about`,
    ],
    [
      read(() => changed("regression", (value) => (value["about"] = "text"))),
      Error,
      `${where} must have an object as about`,
    ],
    [
      read(() => changed("regression", (value) => (value["pipeline"] = "none"))),
      Error,
      `${where} can't be used: pipelineFromJSON: the value must be what a pipeline's toJSON gave, got the string "none"; give what JSON.parse makes of it`,
    ],
    [
      read(() =>
        changed("regression", (value) => ((value["pipeline"] as { columns: Json[] }).columns[0]!["steps"] = 1)),
      ),
      Error,
      `${where} can't be used: pipelineFromJSON: columns[0].steps must be an array, got 1`,
    ],
    [
      read(() => changed("regression", (value) => (value["pipeline"] as { columns: Json[] }).columns.pop())),
      Error,
      `${where} makes 3 numbers of a row, but the network takes 6`,
    ],
    [
      read(() =>
        changed("regression", (value) => {
          const { pipeline } = value as { pipeline: Json };
          delete pipeline["target"];
          delete pipeline["task"];
        }),
      ),
      Error,
      `${where} has a pipeline without a target`,
    ],
    [
      read(() =>
        changed("several", (value) => (value["pipeline"] as { target: { classes: string[] } }).target.classes.pop()),
      ),
      Error,
      `${where} needs a network with 1 output, but it has 3`,
    ],
    [
      read(() =>
        changed("several", (value) =>
          (value["pipeline"] as { target: { classes: string[] } }).target.classes.push("x"),
        ),
      ),
      Error,
      `${where} needs a network with 4 outputs, but it has 3`,
    ],
    [
      read(() => changed("rare", (value) => (value["decisions"] = 3))),
      Error,
      `${where} must have an object as decisions`,
    ],
    ...[[1], [1, 2, 3], [1, 0], [1, -1], [1, null], [1, "2"], "both", {}].flatMap((list) =>
      ["weights", "factors"].map(
        (key) =>
          [
            read(() => changed("rare", (value) => (value["decisions"] = { [key]: list }))),
            Error,
            `${where} must have as decisions.${key} a number above 0 for each of 2 classes`,
          ] as const,
      ),
    ),
    [
      read(() => changed("regression", (value) => (value["decisions"] = { weights: [1] }))),
      Error,
      `${where} has decisions.weights, but predicts numbers`,
    ],
    [
      read(() => {
        const { tensors, metadata } = readSafetensors(bytes.regression);
        const others = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== "table"));
        return writeSafetensors(tensors, withChecksum(tensors, others));
      }),
      Error,
      "a.safetensors: a model without a pipeline, which takes arrays of numbers alone: loadModel reads it; trainTable makes models of tables",
    ],
    [
      read(() => {
        const { tensors, metadata } = readSafetensors(bytes.rare);
        const model = metadata["model"]!.replace(/"sigmoid"/, '"exp"');
        expect(model).not.toBe(metadata["model"]);
        return writeSafetensors(tensors, withChecksum(tensors, { ...metadata, model }));
      }),
      Error,
      `${where} needs a network whose outputs are read by sigmoid, but these are by exp`,
    ],
    [
      read(() => {
        const damaged = Uint8Array.from(bytes.rare);
        damaged[Buffer.from(damaged).indexOf("classification") + 2]!++;
        return damaged;
      }),
      Error,
      /^a\.safetensors: the file is damaged: its checksum is not that of what it holds/,
    ],
  ]);

  test("decisions that aren't known aren't kept", async () => {
    const own = await tableModelFromBytes(
      changed("rare", (value) => (value["decisions"] = { weights: [1, 2], more: 1 })),
    );
    expect(own.decisions).toEqual({ weights: [1, 2] });
    const without = await tableModelFromBytes(changed("rare", (value) => delete value["decisions"]));
    expect(without.decisions).toEqual({});
  });

  test("deep and wide JSON is refused in time that grows with the file", async () => {
    const deep = `{"version":1,"pipeline":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    await expectRefusal(
      read(() => changed("rare", none, { table: deep })),
      Error,
      /^a\.safetensors: the table in the metadata /,
    );
    const wide = `{"version":1,"about":{},"pipeline":{"format":"wasmgrad pipeline","version":1,"columns":[${"1,".repeat(300_000)}1]}}`;
    await expectRefusal(
      read(() => changed("rare", none, { table: wide })),
      Error,
      `${where} can't be used: pipelineFromJSON: columns must have 0 to 100000 values, got 300001`,
    );
  });

  const circle: Record<string, unknown> = {};
  circle["own"] = circle;
  refuses([
    [
      () => tableModelToBytes({} as never),
      TypeError,
      "tableModelToBytes: the argument must be a model of tables, as trainTable gives it, got an object (Object)",
    ],
    [
      () => tableModelToBytes(models.rare, 3 as never),
      TypeError,
      "tableModelToBytes: about must be an object of plain values, got number 3",
    ],
    [
      () => tableModelToBytes(models.rare, circle),
      TypeError,
      /^tableModelToBytes: about must be plain values, as JSON has them: /,
    ],
    [
      () => tableModelToBytes(models.rare, { n: 1n }),
      TypeError,
      /^tableModelToBytes: about must be plain values, as JSON has them: /,
    ],
    [
      () => tableModelFromBytes(bytes.rare, { nme: 1 } as never),
      TypeError,
      /^tableModelFromBytes: unknown option "nme"/,
    ],
  ]);

  test("a network of one's own can be put in", async () => {
    const { pipeline, decisions } = models.regression;
    const model = await sequential({ input: pipeline.features.length, seed: 3 }, dense(1));
    expect(() => tableModelToBytes(tableModelOf(model, pipeline, decisions, {}))).not.toThrow();
    await expectRefusal(
      () => tableModelFromBytes(modelToBytes(model), { name: "bare" }),
      Error,
      "bare: a model without a pipeline, which takes arrays of numbers alone: loadModel reads it; trainTable makes models of tables",
    );
  });
});
