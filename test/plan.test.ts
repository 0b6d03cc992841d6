// Buffers that are used twice: whatever stands behind whatever, numbers are those of a plan where every tensor is kept apart.
import { describe, expect, test } from "vitest";
import * as activations from "../src/activations/index.ts";
import * as w from "../src/index.ts";
import { expectSameBits } from "./support/bits.ts";
import { normal } from "./support/seeded.ts";

const LAYERS: readonly w.Layer[] = [
  ...Object.values(activations).map((make) => make()),
  w.dropout(0.4),
  w.dense(6),
  w.reshape([2, 3]),
  w.flatten(),
];

/** Output and gradients of one pass, by step, by trace, and by forward and backward. */
async function expectEqualPlans(layers: readonly w.Layer[]): Promise<void> {
  const model = await w.sequential({ input: 5, seed: 2 }, ...layers);
  const rows = 3;
  const outputs = model.outputShape.reduce((a, b) => a * b, 1);
  const x = normal(rows * 5, { seed: 3 });
  const y = normal(rows * outputs, { seed: 4 });
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd() });
  const weights = model.parameters().map((p) => p.get());
  const gradients = (): Float32Array[] => model.parameters().map((p) => p.gradient());

  const traced = w.trace(trainer, x, y);
  const names = model.nodes.flatMap((node) => node.parameters.map((p) => `d${node.bookNames[p.local]}`));
  const apart = names.map((name) => traced.get(name).values);
  const output = traced.tensors[traced.names.indexOf("loss") - 1]!.values;

  trainer.step(x, y);
  const stepped = gradients();
  model.parameters().forEach((p, i) => p.set(weights[i]!));
  model.passes = 0;
  const forward = model.forward(x);
  model.zeroGradients();
  model.backward(forward.map((v, i) => 2 * Math.fround(v - y[i]!)));
  const byHand = gradients();
  model.passes = 0;
  // several passes an update: gradients are added to zeros instead of being written
  await trainer.fit({ x, y }, { shuffle: false, accumulate: 2, batchSize: rows });
  const accumulated = gradients();

  expectSameBits(forward, output, "output");
  names.forEach((name, i) => {
    expectSameBits(stepped[i]!, apart[i]!, `${name} by step`);
    // adding to 0 makes +0 of -0
    expect([...byHand[i]!], `${name} by backward`).toEqual([...apart[i]!].map((v) => v + 0));
    expect([...accumulated[i]!], `${name} accumulated`).toEqual([...apart[i]!].map((v) => v + 0));
  });
  expect(apart.every((values) => values.every(Number.isFinite))).toBe(true);
}

describe("a layer behind another gives the same bits in every plan", () => {
  for (const first of LAYERS) {
    test(first.type, async () => {
      for (const second of LAYERS) {
        await expectEqualPlans([w.dense(6), first, second, w.dense(2)]);
        await expectEqualPlans([w.dense(6), first, second]); // at the end
      }
      await expectEqualPlans([first, w.dense(4), w.sigmoid(), first, w.dense(1)].filter((l) => l.type !== "reshape"));
    });
  }
});

describe("predict", () => {
  test("with two buffers in turn gives what training's buffers hold", async () => {
    for (const layer of LAYERS) {
      if (layer.type === "dropout") continue;
      const layers = [w.dense(6), layer, w.flatten(), w.dense(7), layer, w.flatten(), w.dense(5)];
      const model = await w.sequential({ input: 6, seed: 2 }, ...layers.filter((l) => l.type !== "reshape"));
      const x = normal(6 * 6, { seed: 3 });
      expectSameBits(model.predict(x), model.forward(x), layer.type);
    }
  });

  test("leaves its input alone where the first layer could write over it", async () => {
    const model = await w.sequential({ input: 4 }, w.relu(), w.tanh());
    const x = Float32Array.of(1, -2, 3, -4);
    const given = x.slice();
    const first = model.predict(x);
    expectSameBits(x, given);
    expectSameBits(model.predict(x), first);
    expectSameBits(model.forward(x), first);
    const dx = model.backward([1, 1, 1, 1]);
    // x is kept for relu, whose output tanh may have written over
    expect([...dx].map((v) => v > 0)).toEqual([true, false, true, false]);
  });
});

describe("layers without parameters in front", () => {
  test("get no gradient in training, but backward gives dx", async () => {
    const model = await w.sequential({ input: 3, seed: 1 }, w.tanh(), w.dropout(0), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    expect(w.trace(trainer, [1, 2, 3], [0]).names.join(" ")).toBe("tanh1 dropout1 Z1 loss dZ1 dw1 db1");
    model.forward([1, 2, 3]);
    const weight = model.parameters()[0]!.get();
    const dx = model.backward([1]);
    // 1 - tanh^2 in float32
    [1, 2, 3].forEach((x, i) => expect(dx[i]).toBeCloseTo(weight[i]! * (1 - Math.tanh(x) ** 2), 6));
  });
});
