// The trainer: does it learn, and is every number what plain float64 code computes.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectClose } from "../support/golden.ts";
import { mean } from "../support/plain.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

/** float32 arithmetic on sums of some ten numbers of size 1. */
const FLOAT32 = { rtol: 3e-6, atol: 3e-7 };

const XOR = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [0, 1, 1, 0],
};

describe("learning", () => {
  test("exclusive or, with one hidden layer", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(8), w.tanh(), w.dense(1));
    const optimizer = w.adam({ learningRate: 0.1 });
    const trainer = new w.Trainer(model, {
      loss: w.binaryCrossEntropyWithLogits(),
      optimizer,
      metrics: [w.accuracy()],
    });
    const history = await trainer.fit(XOR, { epochs: 300 });
    expect(history.loss.at(-1)).toBeLessThan(0.01);
    expect(history["accuracy"]!.at(-1)).toBe(1);
    expect([...model.classify(XOR.x)]).toEqual(XOR.y);
    expect(model.probabilities(XOR.x)[1]).toBeGreaterThan(0.98);
  });

  test("exclusive or as the chapter does it: sigmoids, binary cross-entropy, gradient descent", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.sigmoid(), w.dense(1), w.sigmoid());
    const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropy(), optimizer: w.sgd({ learningRate: 2 }) });
    const history = await trainer.fit(XOR, { epochs: 5000, batchSize: 4, shuffle: false });
    expect(history.loss.at(-1)).toBeLessThan(0.01);
    expect([...model.classify(XOR.x)]).toEqual(XOR.y);
  });

  test("a line's coefficients", async () => {
    const x = uniform(200, { seed: 2 });
    const y = Array.from({ length: 100 }, (_, r) => 3 * x[2 * r]! - 0.5 * x[2 * r + 1]! + 0.25);
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.3 }) });
    await trainer.fit({ x, y }, { epochs: 200, batchSize: 10 });
    const [weight, bias] = model.parameters().map((p) => p.get());
    // the data have no noise, so only float32 rounding keeps it from the exact coefficients
    expectClose("weight", weight!, [3, -0.5], { rtol: 0, atol: 1e-6 });
    expectClose("bias", bias!, [0.25], { rtol: 0, atol: 1e-6 });
  });

  test("three classes", async () => {
    const centres = [
      [2, 0],
      [-1, 2],
      [-1, -2],
    ];
    const labels = wholes(150, { seed: 3, below: 3 });
    const noise = normal(300, { seed: 4, deviation: 0.4 });
    const x = noise.map((v, i) => v + centres[labels[i >> 1]!]![i & 1]!);
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(8), w.relu(), w.dense(3));
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.02 }) });
    const history = await trainer.fit({ x, y: labels }, { epochs: 60 });
    expect(history.loss[0]).toBeGreaterThan(0.5);
    expect(history.loss.at(-1)).toBeLessThan(0.03);
    expect([...model.classify(x)]).toEqual([...labels]);
  });
});

describe("step", () => {
  test("gives the loss and the metrics before the update, and makes one", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
    const [weight] = model.parameters();
    weight!.set([2]);
    const optimizer = w.sgd({ learningRate: 0.25 });
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer, metrics: [w.mae()] });
    // outputs 2 and 4, targets 1 and 0: errors 1 and 4; dw = (2 1 1 + 2 4 2) / 2 = 9
    expect(trainer.step([1, 2], [1, 0])).toEqual({ loss: (1 + 16) / 2, mae: (1 + 4) / 2 });
    expect([...weight!.gradient()]).toEqual([9]);
    expect([...weight!.get()]).toEqual([2 - 0.25 * 9]);
    expect(trainer.updates).toBe(1);
    expect(trainer.epochs).toBe(0);
  });

  test("is what fit does with one batch", async () => {
    const make = async (): Promise<w.Trainer> => {
      const model = await w.sequential({ input: 3, seed: 7 }, w.dense(5), w.relu(), w.dropout(0.5), w.dense(2));
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
    };
    const [a, b] = [await make(), await make()];
    const [x, y] = [normal(30, { seed: 1 }), normal(20, { seed: 2 })];
    const losses = Array.from({ length: 5 }, () => a.step(x, y)["loss"]!);
    const { loss } = await b.fit({ x, y }, { epochs: 5, shuffle: false });
    expect(loss).toEqual(losses);
    expect(b.model.fingerprint()).toBe(a.model.fingerprint());
    expect(b.updates).toBe(5);
  });

  test("of batches of different size", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    for (const rows of [1, 7, 3, 30, 2]) {
      const [x, y] = [normal(rows * 2, { seed: rows }), normal(rows, { seed: rows + 1 })];
      const expected = mean(Array.from(model.predict(x), (p, i) => (p - y[i]!) ** 2));
      expectClose(`${rows} rows`, [trainer.step(x, y)["loss"]!], [expected], FLOAT32);
    }
    expect(trainer.updates).toBe(5);
  });
});

describe("update", () => {
  test("with the gradients of step gives the bits of step", async () => {
    const make = async (): Promise<w.Trainer> => {
      const model = await w.sequential({ input: 3, seed: 7 }, w.dense(5), w.tanh(), w.dropout(0.5), w.dense(1));
      return new w.Trainer(model, {
        loss: w.meanSquaredError(),
        optimizer: w.adam({ weightDecay: 0.01, clipNorm: 1 }),
      });
    };
    const [byStep, byHand] = [await make(), await make()];
    const x = normal(8 * 3, { seed: 1 });
    const y = normal(8, { seed: 2 });
    for (let i = 0; i < 10; i++) {
      byStep.step(x, y);
      const { model } = byHand;
      const output = model.forward(x);
      model.zeroGradients();
      model.backward(output.map((value, r) => (2 * Math.fround(value - y[r]!)) / 8)); // halving and doubling are exact
      byHand.update();
      expect(byHand.updates).toBe(i + 1);
      expect(model.fingerprint()).toBe(byStep.model.fingerprint());
    }
  });

  test("leaves the gradients as they are", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.5 }) });
    const [weight] = model.parameters();
    weight!.set([0]);
    model.forward([3]);
    model.backward([1]);
    for (const expected of [-1.5, -3]) {
      trainer.update();
      expect([...weight!.gradient()]).toEqual([3]);
      expect([...weight!.get()]).toEqual([expected]);
    }
  });

  test("shares the optimizer's state with step and fit", async () => {
    const make = async (): Promise<w.Trainer> => {
      const model = await w.sequential({ input: 1, seed: 1 }, w.dense(1));
      const optimizer = w.sgd({ learningRate: 0.1, momentum: 0.5 });
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
    };
    const [mixed, stepped] = [await make(), await make()];
    const [x, y] = [
      [1, 2],
      [2, 1],
    ];
    for (let i = 0; i < 3; i++) stepped.step(x, y);
    mixed.step(x, y);
    const output = mixed.model.forward(x);
    mixed.model.zeroGradients();
    mixed.model.backward(output.map((value, r) => Math.fround(value - y[r]!)));
    mixed.update();
    await mixed.fit({ x, y }, { shuffle: false });
    expect(mixed.updates).toBe(3);
    expect(mixed.model.fingerprint()).toBe(stepped.model.fingerprint());
  });
});

describe("two trainers of one model", () => {
  test("have counters and optimizer states of their own", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
    const [weight] = model.parameters();
    weight!.set([0]);
    const optimizer = w.sgd({ learningRate: 1, momentum: 0.5 });
    const [a, b] = [1, 2].map(
      () => new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer }),
    );
    // with x 1/2 the gradient is d = w/2 - y
    const step = (trainer: w.Trainer, y: number): number => {
      trainer.step([0.5], [y]);
      return weight!.get()[0]!;
    };
    expect(step(a!, 1)).toBe(1); // velocity -1
    expect(step(b!, 0.5)).toBe(1); // nothing to do
    expect(step(a!, 0.5)).toBe(1.5); // half of the velocity
    expect(step(b!, 0.75)).toBe(1.5);
    expect([a!.updates, b!.updates]).toEqual([2, 2]);
  });

  test("the last one says what outputs mean", async () => {
    const model = await w.sequential({ input: 1 }, w.reshape([1]));
    const classAfter = (loss: w.Loss): number[] => {
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
      return [...trainer.model.classify([0.25])];
    };
    expect(classAfter(w.binaryCrossEntropyWithLogits())).toEqual([1]);
    expect(classAfter(w.meanSquaredError())).toEqual([0]);
  });
});

describe("the learning rate", () => {
  test("is the optimizer's, or the schedule's for the next update", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1));
    const optimizer = w.sgd({ learningRate: 0.5 });
    const loss = w.meanSquaredError();
    expect(new w.Trainer(model, { loss, optimizer }).learningRate).toBe(0.5);
    const trainer = new w.Trainer(model, { loss, optimizer, schedule: w.exponentialDecay({ gamma: 0.5 }) });
    for (const rate of [0.5, 0.25, 0.125]) {
      expect(trainer.learningRate).toBe(rate);
      trainer.step([1], [1]);
    }
  });

  test("that step uses is the one announced", async () => {
    const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false }));
    const [weight] = model.parameters();
    const trainer = new w.Trainer(model, {
      loss: w.meanAbsoluteError(), // a gradient of -1 as long as the output is too small
      optimizer: w.sgd({ learningRate: 1 }),
      schedule: w.linearWarmup({ length: 4, start: 0.25, end: 1 }),
    });
    weight!.set([0]);
    for (let i = 0; i < 6; i++) {
      const [before, rate] = [weight!.get()[0]!, trainer.learningRate];
      trainer.step([1], [100]);
      expect(weight!.get()[0]! - before).toBe(Math.fround(rate));
    }
    expectSameBits(weight!.get(), Float32Array.of(0.25 + 0.4375 + 0.625 + 0.8125 + 1 + 1));
  });
});

test("a schedule of one's own that makes a step itself doesn't change the batch of the step that asks", async () => {
  const [x, y] = [
    [1, 2, 3],
    [2, 4, 6],
  ];
  const other = [9, -9, 5, 7, 8];
  const make = async (schedule: w.Schedule): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), schedule });
  };
  const plain = await make({ type: "plain", per: "update", start: () => ({ rate: () => 0.01 }) });
  plain.step(other, other);
  const { loss } = plain.step(x, y);
  let inside = false;
  const nested = await make({
    type: "nested",
    per: "update",
    start: () => ({
      rate() {
        if (!inside) {
          inside = true;
          nested.step(other, other);
        }
        return 0.01;
      },
    }),
  });
  expect(nested.step(x, y).loss).toBe(loss);
  expect(nested.updates).toBe(2);
  expect(nested.model.fingerprint()).toBe(plain.model.fingerprint());
});
