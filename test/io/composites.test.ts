// Models that are more than a chain: composites, shared and frozen layers, several inputs and state, to files and back.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes, readSafetensors, writeSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

interface Entry {
  type?: string;
  name?: string;
  options?: Record<string, unknown>;
  inner?: Entry[];
  frozen?: boolean;
  shared?: number;
}

const architectureOf = (bytes: Uint8Array): { input: number[]; inputs?: unknown; layers: Entry[] } =>
  JSON.parse(readSafetensors(bytes).metadata["model"]!) as ReturnType<typeof architectureOf>;

/** There and back: all bits, names, shapes and what is trained; and training goes on with the same bits. */
async function expectSameModel(model: w.Model): Promise<w.Model> {
  const bytes = modelToBytes(model);
  const again = await modelFromBytes(bytes);
  expect(modelToBytes(again)).toEqual(bytes);
  expect(again.fingerprint()).toBe(model.fingerprint());
  const described = (one: w.Model): unknown =>
    one.parameters().map(({ name, shape, trained }) => ({ name, shape, trained }));
  expect(described(again)).toEqual(described(model));
  expect(String(again.summary())).toBe(String(model.summary()));
  const rows = 5;
  const x = normal(rows * sizeOf(model.inputShape), { seed: 1 });
  const y = normal(rows * sizeOf(model.outputShape), { seed: 2 });
  expectSameBits(again.predict(x), model.predict(x));
  for (const one of [model, again]) {
    const trainer = new w.Trainer(one, { loss: w.meanSquaredError(), optimizer: w.adam() });
    await trainer.fit({ x, y }, { epochs: 2, batchSize: 2, dropLast: true });
  }
  expect(again.fingerprint()).toBe(model.fingerprint());
  return again;
}

describe("there and back", () => {
  test("composites in composites", async () => {
    const model = await w.sequential(
      { input: 4, seed: 1 },
      w.residual(w.residual(w.dense(4), w.tanh()), w.add([w.dense(4), [], [w.relu(), w.dropout(0.3)]])),
      w.concat([[w.dense(2), w.relu()], [], w.chain(w.dense(1))]),
      w.chain(w.chain(w.dense(3, { name: "head" }))),
    );
    await expectSameModel(model);
    const { layers } = architectureOf(modelToBytes(model));
    expect(layers.map(({ type }) => type)).toEqual(["residual", "concat", "chain"]);
    expect(layers[0]!.inner!.map(({ type, name }) => [type, name])).toEqual([
      ["residual", undefined],
      ["add", undefined],
    ]);
    expect(layers[1]!.inner!.map(({ type, inner }) => [type, inner!.map(({ name }) => name)])).toEqual([
      ["chain", ["dense3", "relu2"]],
      ["chain", []],
      ["chain", ["dense4"]],
    ]);
  });

  test("an axis of concat, and a name of from", async () => {
    const model = await w.sequential(
      { input: [2, 3], seed: 1 },
      w.dense(3, { name: "first" }),
      w.tanh(),
      w.concat([[], w.from("first")], { axis: 0 }),
      w.flatten(),
    );
    expect((await expectSameModel(model)).outputShape).toEqual([12]);
  });

  test("shared layers are the same one again", async () => {
    const step = w.shared(w.dense(4, { kernelRegularizer: w.l2(0.01) }));
    const block = w.shared(w.chain(w.dense(4), w.residual(step, w.tanh()), w.dense(4, { useBias: false })));
    const model = await w.sequential({ input: 4, seed: 1 }, step, block, w.tanh(), block, step, w.dense(1));
    expect(model.parameters().map((p) => p.name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "dense2.weight",
      "dense2.bias",
      "dense4.weight",
      "dense9.weight",
      "dense9.bias",
    ]);
    const again = await expectSameModel(model);
    expect(again.layers[0]).toBe(again.layers[4]);
    expect(again.layers[1]).toBe(again.layers[3]);
    const { layers } = architectureOf(modelToBytes(model));
    expect(layers.slice(3, 5)).toEqual([{ shared: 1 }, { shared: 0 }]);
  });

  test("a value used twice without being shared is two layers", async () => {
    const block = w.chain(w.dense(4), w.tanh());
    const model = await w.sequential({ input: 4, seed: 1 }, block, block);
    const again = await expectSameModel(model);
    expect(again.parameters().length).toBe(4);
    expect(again.layers[0]).not.toBe(again.layers[1]);
  });

  test("frozen layers and composites", async () => {
    const model = await w.sequential(
      { input: 4, seed: 1 },
      w.frozen(w.residual(w.dense(4), w.relu())),
      w.dense(4, { trainable: false }),
      w.frozen(w.dense(4)),
      w.dense(1),
    );
    const again = await expectSameModel(model);
    expect(again.parameters().flatMap(({ name, trained }) => (trained ? [name] : []))).toEqual([
      "dense4.weight",
      "dense4.bias",
    ]);
  });

  test("running statistics", async () => {
    const model = await w.sequential({ input: 4, seed: 1 }, w.dense(3), w.batchNorm(), w.tanh());
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    trainer.step(normal(24, { seed: 5 }), normal(18, { seed: 6 }));
    const again = await expectSameModel(model);
    const mean = again.parameters().find((p) => p.name === "batchNorm1.runningMean")!;
    expect(mean.get().every((v) => v !== 0)).toBe(true);
  });

  test("several inputs, with their names and shapes", async () => {
    const given = w.inputs({ image: [3, 2], price: 1, other: 2 });
    const model = await w.sequential(
      { input: given, seed: 1 },
      w.flatten(),
      w.concat([[w.dense(3), w.relu()], w.from("price"), w.from("other", w.dense(2))]),
      w.dense(1),
    );
    const again = await expectSameModel(model);
    expect(again.inputs!.shapes).toEqual({ image: [3, 2], price: [1], other: [2] });
    const rows = { image: normal(12, { seed: 1 }), price: [2, 3], other: [1, 2, 3, 4] };
    expect(again.inputs!.join(rows)).toEqual(given.join(rows));
    expect(again.inputs!.split(given.join(rows)).image).toEqual(rows.image);
  });

  test("recurrent layers in both directions", async () => {
    for (const layer of [
      w.bidirectional(w.lstm(3, { name: "both" })),
      w.bidirectional(w.gru(2), w.simpleRnn(3)),
      w.bidirectional(w.lstm(2)),
    ]) {
      const model = await w.sequential({ input: [4, 2], seed: 1 }, layer, w.dense(1));
      await expectSameModel(model);
    }
  });

  test("layers at every step", async () => {
    const model = await w.sequential(
      { input: [3, 4], seed: 1 },
      w.timeDistributed(w.dense(4), w.tanh(), w.dense(2), w.layerNorm({ name: "even" })),
      w.flatten(),
      w.dense(1),
    );
    await expectSameModel(model);
    const part = await w.sequential(
      { input: [3, 4] },
      w.cut(model, "even"),
      w.flatten(),
      w.dense(1, { name: "dense3" }),
    );
    w.copyWeights(model, part);
    const x = normal(24, { seed: 3 });
    expectSameBits(part.predict(x), model.predict(x));
  });

  test("several outputs", async () => {
    const ends = w.outputs({
      a: { shape: 2, loss: w.meanSquaredError() },
      b: { shape: [2, 2], loss: w.meanSquaredError() },
      c: { shape: 4, loss: w.huber() },
    });
    const layers = ends.layer({ a: w.dense(2), b: [w.dense(4), w.reshape([2, 2])], c: [] });
    const again = await expectSameModel(await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.tanh(), layers));
    expect(ends.split(again.predict([[1, 2, 3]])).b.length).toBe(4);
    expect(again.layers.at(-1)!.options).toEqual({ names: ["a", "b", "c"] });
  });

  test("a model of one input has none by name", async () => {
    const model = await w.sequential({ input: 4 }, w.dense(3));
    expect(model.inputs).toBeUndefined();
    expect((await modelFromBytes(modelToBytes(model))).inputs).toBeUndefined();
  });
});

test("a file from before there were composites", async () => {
  const layers = [
    { type: "dense", name: "dense1", options: { units: 3, useBias: true } },
    { type: "relu", name: "relu1", options: {} },
    { type: "dense", name: "head", options: { units: 1, useBias: false } },
  ];
  const model = await modelFromBytes(
    writeSafetensors(
      [
        ["dense1.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, -4, 5, 6) }],
        ["dense1.bias", { shape: [3], data: Float32Array.of(0.5, 0, -20) }],
        ["head.weight", { shape: [3, 1], data: Float32Array.of(2, 3, 4) }],
      ],
      { format: "wasmgrad", version: "1", model: JSON.stringify({ input: [2], seed: 3, layers }) },
    ),
  );
  expect([...model.predict([[1, 1]])]).toEqual([21]);
  expect(model.parameters().map((p) => p.name)).toEqual(["dense1.weight", "dense1.bias", "head.weight"]);
});

describe("a layer of the user's own", () => {
  const twice: w.Layer = { ...w.tanh(), type: "twice" };

  test("can be written; reading says what to do, and that does it", async () => {
    const build = (seed: number): Promise<w.Model> =>
      w.sequential({ input: 3, seed }, w.residual(w.dense(3), twice), w.dense(2));
    const model = await build(1);
    const bytes = modelToBytes(model);
    await expectRefusal(
      () => modelFromBytes(bytes),
      Error,
      /^modelFromBytes: layer 1\.2: unknown layer "twice"; did you mean "slice"\? Known: .+ build the model in code, and copy the weights with copyWeights\(readSafetensors\(bytes\), model\)$/,
    );
    const again = await build(2);
    w.copyWeights(readSafetensors(bytes), again);
    expect(again.fingerprint()).toBe(model.fingerprint());
  });

  test("a composite, too", async () => {
    const block: w.Layer = { ...w.chain(w.dense(3)), type: "block" };
    const bytes = modelToBytes(await w.sequential({ input: 3 }, block));
    await expectRefusal(() => modelFromBytes(bytes), Error, /^modelFromBytes: layer 1: unknown layer "block"/);
  });
});

describe("architectures that can't be used", () => {
  const dense = { type: "dense", name: "a", options: { units: 2, useBias: false } };
  const load =
    (layers: unknown, more: object = {}) =>
    (): Promise<w.Model> => {
      const model = JSON.stringify({ input: [2], seed: 0, layers, ...more });
      const tensors = [["a.weight", { shape: [2, 2], data: new Float32Array(4) }]] as const;
      return modelFromBytes(writeSafetensors(tensors, { format: "wasmgrad", version: "1", model }), { name: "f" });
    };
  const residual = (...inner: unknown[]): unknown => ({ type: "residual", options: {}, inner });
  const incomplete = (place: string): string =>
    `f: layer ${place} of the architecture must have a type, a name and options`;

  test("one that can", async () => {
    expect((await load([residual(dense)])()).outputShape).toEqual([2]);
  });

  refuses([
    [load([residual(dense, { type: "relu", options: {} })]), Error, incomplete("1.2")],
    [load([residual(residual(null))]), Error, incomplete("1.1.1")],
    [load([{ type: "residual", options: {}, inner: {} }]), Error, incomplete("1")],
    [load([{ shared: 3 }]), Error, "f: layer 1: there is no shared layer 3 before it"],
    [load([residual()]), Error, "f: layer 1: residual: the layers must be at least 1, got 0"],
    [
      load([{ type: "concat", options: { axis: 0.5 }, inner: [dense, { ...dense, name: "b" }] }]),
      Error,
      "f: layer 1: concat: axis must be a whole number, got number 0.5",
    ],
    [
      load([residual({ ...dense, options: { units: "2" } })]),
      Error,
      'f: layer 1.1: dense: units must be a whole number of 1 or more, got "2"',
    ],
    [load([dense], { inputs: { a: 0 } }), Error, "f: inputs: a must be a whole number of 1 or more, got 0"],
    [load([dense], { inputs: [] }), Error, "f: inputs: at least one is needed, got none"],
    [load([{ ...dense, inner: [] }]), Error, "f: parameter dense1.weight is missing; the file has a.weight"],
    [load([{ ...dense, inner: [dense] }]), Error, "f: layer 1: dense has no layers inside, but the file gives it some"],
  ]);
});
