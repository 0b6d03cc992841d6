// Data in the core: every form of the same numbers trains to the same bits.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectClose } from "../support/golden.ts";
import { normal, wholes } from "../support/seeded.ts";

/** float32 arithmetic on sums of some ten numbers of size 1. */
const FLOAT32 = { rtol: 3e-6, atol: 3e-7 };

describe("the same data in any form", () => {
  test("trains to the same bits", async () => {
    const rows = 20;
    const bytes = Uint8Array.from({ length: rows * 6 }, (_, i) => (i * 89) % 256);
    const values = Float32Array.from(bytes, (b) => b / 256);
    const labels = wholes(rows, { seed: 1, below: 3 });
    const nested = Array.from({ length: rows }, (_, r) =>
      [0, 1].map((a) => Array.from(values.subarray(6 * r + 3 * a, 6 * r + 3 * a + 3))),
    );
    const forms: Record<string, w.TrainingData> = {
      nested: { x: nested, y: [...labels] },
      flat: { x: [...values], y: [...labels].map((label) => [label]) },
      Float32Array: { x: values, y: labels },
      Float64Array: { x: Float64Array.from(values), y: Float32Array.from(labels) },
      "samples of float32": { x: w.samples(values, [2, 3]), y: Uint8Array.from(labels) },
      "samples of bytes": { x: w.samples(bytes, [2, 3], { scale: 1 / 256 }), y: labels },
      "samples of 16 bits": { x: w.samples(Int16Array.from(bytes), 6, { scale: 1 / 256 }), y: labels },
      dataset: w.dataset({ x: values, y: labels }),
      "dataset of bytes": w.dataset({ x: w.samples(bytes, [2, 3], { scale: 1 / 256 }), y: Uint8Array.from(labels) }),
      "weights of 1": { x: values, y: labels, sampleWeights: new Float32Array(rows).fill(1) },
    };
    const run = async (data: w.TrainingData): Promise<unknown> => {
      const model = await w.sequential({ input: [2, 3], seed: 4 }, w.dense(4), w.flatten(), w.relu(), w.dense(3));
      const trainer = new w.Trainer(model, {
        loss: w.softmaxCrossEntropy(),
        optimizer: w.adam({ learningRate: 0.01 }),
      });
      const history = await trainer.fit(data, { epochs: 4, batchSize: 6 });
      return { history, print: model.fingerprint(), evaluated: await trainer.evaluate(data) };
    };
    const expected = await run(forms["Float32Array"]!);
    for (const [name, data] of Object.entries(forms)) expect(await run(data), name).toEqual(expected);
  });

  test("targets of one-hot rows are labels", async () => {
    const labels = wholes(15, { seed: 1, below: 4 });
    const oneHot = Array.from(labels, (label) => [0, 1, 2, 3].map((c) => (c === label ? 1 : 0)));
    const x = normal(45, { seed: 2 });
    const run = async (y: w.Target): Promise<number[]> => {
      const model = await w.sequential({ input: 3, seed: 4 }, w.dense(4));
      const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
      return (await trainer.fit({ x, y }, { epochs: 3, batchSize: 4 })).loss;
    };
    const expected = await run(labels);
    // the same sums, with products by 0 and 1 in them
    for (const y of [oneHot, oneHot.flat(), Float32Array.from(oneHot.flat())]) {
      expectClose("losses", await run(y), expected, FLOAT32);
    }
  });
});

describe("a scale that is no power of two", () => {
  const SCALE = 1 / 255;
  const rows = 9;
  const bytes = Uint8Array.from({ length: rows * 4 }, (_, i) => (i * 89) % 256);
  const values = Float32Array.from(bytes);
  /** What every number is, whoever multiplies: a product of float32 numbers, rounded to float32. */
  const scaled = values.map((v) => v * Math.fround(SCALE));
  const labels = wholes(rows, { seed: 1, below: 3 });

  const FORMS: Readonly<Record<string, w.Input>> = {
    bytes: w.samples(bytes, 4, { scale: SCALE }),
    "clamped bytes": w.samples(Uint8ClampedArray.from(bytes), 4, { scale: SCALE }),
    float32: w.samples(values, 4, { scale: SCALE }),
    float64: w.samples(Float64Array.from(bytes), 4, { scale: SCALE }),
    "16 bits": w.samples(Int16Array.from(bytes), 4, { scale: SCALE }),
  };
  const make = async (): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 4, seed: 4 }, w.dense(5), w.tanh(), w.dropout(0.2), w.dense(3));
    const optimizer = w.adam({ learningRate: 0.01 });
    return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer, metrics: [w.logLoss()] });
  };

  /** All that can be done with x, and what comes of it. */
  async function used(x: w.Input): Promise<unknown> {
    const trainer = await make();
    const { model } = trainer;
    const whole = { batchSize: rows, shuffle: false };
    return {
      predicted: model.predict(x),
      probabilities: model.probabilities(x),
      classes: model.classify(x),
      traced: w.trace(trainer, x, labels).tensors,
      stepped: trainer.step(x, labels),
      fitted: await trainer.fit({ x, y: labels }, { ...whole, validationData: w.dataset({ x, y: labels }) }),
      batches: await trainer.fit({ x, y: labels }, { batchSize: 2, epochs: 3 }),
      evaluated: await trainer.evaluate({ x, y: labels }),
      forward: model.forward(x),
      dx: model.backward(new Float32Array(rows * 3).fill(1)),
      gradients: model.parameters().map((p) => p.gradient()),
      print: model.fingerprint(),
    };
  }

  for (const [name, x] of Object.entries(FORMS)) {
    test(`of ${name} gives the bits of the product in float32, in every function`, async () => {
      expect(await used(x)).toEqual(await used(scaled));
    });
  }

  test("a step is one batch of fit", async () => {
    const x = FORMS["float32"]!;
    const [stepped, fitted] = [await make(), await make()];
    const { loss } = await fitted.fit({ x, y: labels }, { batchSize: rows, shuffle: false });
    expect(loss).toEqual([stepped.step(x, labels)["loss"]]);
    expect(fitted.model.fingerprint()).toBe(stepped.model.fingerprint());
  });

  test("is not the product in float64: the bits above would tell", () => {
    expect(Float32Array.from(bytes, (b) => b * SCALE)).not.toEqual(scaled);
  });
});

describe("targets with a scale", () => {
  const x = normal(8, { seed: 1 });

  test("are labels times the scale", async () => {
    const figures = [];
    for (const y of [
      [0, 1, 2, 1],
      w.samples(Uint8Array.of(0, 100, 200, 100), 1, { scale: 0.01 }),
      w.samples(Float32Array.of(0, 0.5, 1, 0.5), 1, { scale: 2 }),
      w.samples(Uint8Array.of(0, 1, 2, 1), 1),
    ]) {
      const model = await w.sequential({ input: 2, seed: 4 }, w.dense(3));
      const metrics = [w.accuracy()];
      const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd(), metrics });
      const step = trainer.step(x, y);
      const history = await trainer.fit({ x, y }, { epochs: 2, batchSize: 3 });
      figures.push([step, history, await trainer.evaluate({ x, y }), model.fingerprint()]);
    }
    for (const other of figures) expect(other).toEqual(figures[0]);
  });

  test("are values times the scale, in float32", async () => {
    const bytes = Uint8Array.of(0, 17, 130, 255);
    const figures = [];
    for (const y of [
      w.samples(bytes, 1, { scale: 1 / 255 }),
      Float32Array.from(bytes, (b) => Math.fround(b) * Math.fround(1 / 255)),
    ]) {
      const model = await w.sequential({ input: 2, seed: 4 }, w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), metrics: [w.mae()] });
      const step = trainer.step(x, y);
      const history = await trainer.fit({ x, y }, { epochs: 2, batchSize: 3 });
      figures.push([step, history, await trainer.evaluate({ x, y }), model.fingerprint()]);
    }
    expect(figures[1]).toEqual(figures[0]);
  });
});
