// timeDistributed: a layer applied by step equals the layer itself on steps times as many rows.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";
import { sizeOf } from "../../../src/util/shape.ts";

const STEPS = 3;

const LAYERS: readonly (readonly [name: string, step: w.Shape, make: () => readonly w.Layer[]])[] = [
  ["dense", [5], () => [w.dense(4)]],
  ["relu", [5], () => [w.relu()]],
  ["softmax", [5], () => [w.softmax()]],
  ["layerNorm", [5], () => [w.layerNorm()]],
  ["batchNorm", [5], () => [w.batchNorm()]],
  ["prelu", [5], () => [w.prelu()]],
  ["rbf", [2], () => [w.rbf({ centres: [[1, 2], [0, 1], [2, 0]], gamma: 0.5 })]], // prettier-ignore
  ["conv2d", [5, 4, 2], () => [w.conv2d(3, { kernelSize: 3, padding: "same" })]],
  ["maxPool2d", [5, 4, 2], () => [w.maxPool2d()]],
  ["lstm", [4, 3], () => [w.lstm(5)]],
  ["flatten", [4, 3], () => [w.flatten()]],
  [
    "a small network for images",
    [6, 6, 1],
    () => [w.conv2d(3, { kernelSize: 3 }), w.relu(), w.maxPool2d(), w.flatten(), w.dense(2)],
  ],
];

describe("as the layers on rows * steps rows, to the bit", () => {
  for (const [name, step, make] of LAYERS) {
    test(name, async () => {
      const plain = await w.sequential({ input: step, seed: 3 }, ...make());
      const input = [STEPS, ...step];
      const model = await w.sequential({ input, seed: 3 }, w.timeDistributed(...make()));
      expect(model.outputShape).toEqual([STEPS, ...plain.outputShape]);
      const [parameters, own] = [plain, model].map((m) => m.parameters().map((p) => [p.name, p.shape]));
      expect(own).toEqual(parameters);
      expect(model.fingerprint()).toBe(plain.fingerprint());
      for (const rows of [1, 4, 2]) {
        const x = normal(rows * sizeOf(input), { seed: rows });
        const dy = normal(rows * sizeOf(model.outputShape), { seed: 9 });
        expectSameBits(model.predict(x), plain.predict(x), "predict");
        expectSameBits(model.forward(x), plain.forward(x), "forward");
        for (const m of [model, plain]) m.zeroGradients();
        expectSameBits(model.backward(dy), plain.backward(dy), "dx");
        model.parameters().forEach((p, i) => expectSameBits(p.gradient(), plain.parameters()[i]!.gradient(), p.name));
      }
    });
  }

  test("training, with gradients that are written instead of added", async () => {
    const make = (): w.Layer[] => [w.dense(4, { kernelRegularizer: w.l2(0.01) }), w.tanh(), w.dense(2)];
    const plain = await w.sequential({ input: 5, seed: 3 }, ...make());
    const model = await w.sequential({ input: [STEPS, 5], seed: 3 }, w.timeDistributed(...make()));
    const x = normal(8 * STEPS * 5, { seed: 1 });
    const y = normal(8 * STEPS * 2, { seed: 2 });
    const data = { x, y };
    const options = { epochs: 3, shuffle: false, progress: false } as const;
    const [a, b] = [plain, model].map((m) => new w.Trainer(m, { loss: w.meanSquaredError(), optimizer: w.adam() }));
    await a!.fit(data, { ...options, batchSize: 4 * STEPS });
    await b!.fit(data, { ...options, batchSize: 4 });
    expect(model.fingerprint()).toBe(plain.fingerprint());
  });
});

describe("in a model", () => {
  test("frames of a film to a label: gradients, learning, summary and trace", async () => {
    const frames = [w.conv2d(3, { kernelSize: 3 }), w.tanh(), w.avgPool2d(), w.flatten()];
    const model = await w.sequential(
      { input: [4, 6, 6, 1], seed: 1 },
      w.timeDistributed(...frames),
      w.gru(5),
      w.dense(1),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.02 }) });
    const x = normal(6 * 144, { seed: 1 });
    const y = normal(6, { seed: 2 });
    const result = w.gradCheck(trainer, x, y, { tolerance: 5e-3 });
    expect(result.ok, JSON.stringify(result.offenders[0])).toBe(true);
    const first = trainer.step(x, y)["loss"]!;
    for (let i = 0; i < 60; i++) trainer.step(x, y);
    expect(trainer.step(x, y)["loss"]).toBeLessThan(first / 10);
    expect(String(model.summary())).toContain("4x4x4x3");
    expect(w.trace(trainer, x, y).tensors.map((t) => t.name)).toContain("Z1");
  });

  test("a shared layer is the same by step wherever it is used", async () => {
    const layer = w.shared(w.dense(5));
    const model = await w.sequential(
      { input: [2, 5], seed: 1 },
      w.timeDistributed(layer),
      w.timeDistributed(w.tanh(), layer),
    );
    expect(model.parameters().map((p) => p.name)).toEqual(["dense1.weight", "dense1.bias"]);
  });

  test("frozen layers inside stay as they are", async () => {
    const frozen = { ...w.dense(3), trainable: false };
    const model = await w.sequential({ input: [2, 5], seed: 1 }, w.timeDistributed(frozen), w.dense(1));
    const before = model.parameters()[0]!.get();
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() }).step(
      normal(20, { seed: 1 }),
      normal(4, { seed: 2 }),
    );
    expectSameBits(model.parameters()[0]!.get(), before);
  });
});

describe("refusals", () => {
  const sure =
    (...layers: w.Layer[]) =>
    () =>
      w.timeDistributed(...layers);
  const by = "timeDistributed";
  refuses([
    [sure(), RangeError, `${by}: the layers must be at least 1, got 0`],
    [sure(3 as never), TypeError, `${by}: the layers must be layers such as dense(10), got number 3`],
    [
      sure(w.relu(), w.dropout(0.5)),
      RangeError,
      `${by}: dropout (layer 2) can't be applied by step: its random numbers are drawn for whole rows; put it behind timeDistributed`,
    ],
    [
      sure(w.residual(w.dense(3))),
      RangeError,
      `${by}: residual (layer 1) can't be applied by step: it is made of others; give timeDistributed those`,
    ],
    [
      sure(w.gru(3, { lengths: "lengths", name: "reader" })),
      RangeError,
      `${by}: gru (layer 1, "reader") can't be applied by step: it reads other inputs, which have no steps`,
    ],
    [
      () => w.sequential({ input: 5 }, w.timeDistributed(w.dense(3))),
      RangeError,
      "dense (layer 1): timeDistributed takes steps, [steps, ...], but the input is 5",
    ],
  ] satisfies Refusal[]);
});
