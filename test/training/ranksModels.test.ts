// Models on the ranks of a group: tables, several inputs and outputs, parameters of other models, and functions of the user's.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { classes, expectNear, expectTogether, FIT, numbers, ROWS, small, towards, trainAs } from "../support/ranks.ts";
import { normal, wholes } from "../support/seeded.ts";

const OPTIMIZERS: Readonly<Record<string, () => w.Optimizer>> = {
  "sgd of touched rows": () => w.sgd({ learningRate: 0.1 }),
  "adagrad of touched rows": () => w.adagrad({ learningRate: 0.1 }),
  "sgd with momentum": () => w.sgd({ learningRate: 0.1, momentum: 0.9 }),
  adam: () => w.adam({ learningRate: 0.01 }),
  "sgd with weight decay": () => w.sgd({ learningRate: 0.1, weightDecay: 0.01 }),
};

describe("a table of many words, of which each batch has few", () => {
  for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
    test(name, async () => {
      const make = () => w.sequential({ input: 3, seed: 4 }, w.embedding(200, 5), w.lstm(4), w.dense(2));
      const training = await towards(make, { below: 200, optimizer });
      const { history } = await expectTogether(training);
      // whose rows are those that an update without a group moves
      const { history: alone } = await trainAs(training);
      expectNear(history, alone, 1e-4);
    });
  }

  test("which is used at the end, too", async () => {
    const tied = () =>
      w.sequential(
        { input: 3, seed: 4 },
        w.embedding(30, 5, { name: "words" }),
        w.flatten(),
        w.dense(5),
        w.tiedDense({ to: "words" }),
      );
    await expectTogether(await towards(tied, { below: 30, optimizer: () => w.adagrad({ learningRate: 0.1 }) }));
  });
});

test("several inputs", async () => {
  const parts = w.inputs({ left: 3, right: 2 });
  const ends = () => w.concat([w.from("left", w.dense(3)), w.from("right", w.dense(2), w.batchNorm())]);
  await expectTogether(await towards(() => w.sequential({ input: parts, seed: 3 }, ends(), w.dense(2))));
});

describe("several outputs", () => {
  const missing = Float32Array.from(normal(ROWS, { seed: 9 }), (value, row) => (row % 4 === 0 ? Number.NaN : value));
  const endsOf = () =>
    w.outputs({
      kind: { shape: 3, loss: w.softmaxCrossEntropy(), metrics: [w.accuracy(), w.f1()] },
      size: { shape: 2, loss: w.meanSquaredError({ reduction: "sum" }), weight: 0.3, metrics: [w.mae(), w.r2()] },
      odd: { shape: 1, loss: w.meanSquaredError(), missing: true },
    });
  const y = endsOf().targets({ kind: classes.y, size: numbers.y, odd: missing });

  test("with losses of their own, one of them of rows that may be missing", async () => {
    const make = (): Promise<w.Trainer> => {
      const ends = endsOf();
      const last = ends.layer({ kind: w.dense(3), size: [w.dense(4), w.dropout(0.2), w.dense(2)], odd: w.dense(1) });
      return small({ loss: ends.loss }, {}, () => [w.dense(5, { useBias: false }), w.batchNorm(), last]);
    };
    const training = { trainer: make, data: { x: classes.x, y }, options: { validationSplit: 0.3 } };
    const { history, measured } = await expectTogether(training);
    expect(Object.keys(history)).toContain("validationKind.accuracy");
    const alone = await trainAs(training);
    expectNear(history, alone.history, 1e-4);
    expectNear(measured!, alone.measured!, 1e-3);
  });

  test("within outputs, of numbers alone", async () => {
    const make = (): Promise<w.Trainer> => {
      const inner = w.outputs({
        a: { shape: 2, loss: w.meanSquaredError(), metrics: w.rmse() },
        b: { shape: 1, loss: w.huber({ delta: 0.5 }), weight: 2 },
      });
      const outer = w.outputs({
        both: { shape: 3, loss: inner.loss, weight: 0.5, metrics: [w.mae()] },
        c: { shape: 1, loss: w.meanAbsoluteError() },
      });
      const last = outer.layer({ both: inner.layer({ a: w.dense(2), b: w.dense(1) }), c: w.dense(1) });
      return small({ loss: outer.loss, metrics: [w.mse()] }, {}, () => [w.dense(5), w.tanh(), last]);
    };
    const training = { trainer: make, data: { x: classes.x, y: normal(ROWS * 4, { seed: 6 }) } };
    const { history, measured } = await expectTogether(training);
    const alone = await trainAs(training);
    expectNear(history, alone.history, 1e-4);
    expectNear(measured!, alone.measured!, 1e-4);
    // an update of one pass, which is all of an epoch: most ranks have none
    const short = { ...training, options: { batchSize: ROWS } };
    expectNear((await expectTogether(short)).history, (await trainAs(short)).history, 1e-4);
  });
});

describe("parameters of another model", () => {
  const base = () => w.sequential({ input: 4, seed: 8 }, w.dense(5, { name: "code" }), w.batchNorm(), w.dense(4));
  test.each<readonly [string, (model: w.Model) => w.Layer]>([
    ["modelLayer", (model) => w.modelLayer(model)],
    ["modelLayer, a copy", (model) => w.modelLayer(model, { share: false })],
    ["modelLayer, not trained", (model) => w.modelLayer(model, { trainable: false, name: "base" })],
    ["cut", (model) => w.cut(model, "code", { share: true })],
  ])("%s", async (_name, layer) => {
    const make = async (): Promise<w.Model> =>
      w.sequential({ input: 4, seed: 9 }, w.dense(4), w.tanh(), layer(await base()), w.dense(2));
    await expectTogether(await towards(make));
  });

  test("which has them, too, afterwards", async () => {
    const bases: w.Model[] = [];
    const make = async (): Promise<w.Model> => {
      const model = await base();
      bases.push(model);
      return w.sequential({ input: 4, seed: 9 }, w.modelLayer(model), w.dense(2));
    };
    await expectTogether(await towards(make), [2, 3]);
    const [, ...trained] = bases;
    expect(new Set(trained.map((model) => model.fingerprint())).size).toBe(1);
  });
});

describe("functions of the user's", () => {
  /** y = factor x; its state follows the largest number of a batch. */
  const scaled = (follows: number) =>
    w.customLayer({
      type: "scaled",
      parameters: {
        factor: { shape: (input) => input, initializer: w.ones() },
        largest: { shape: 1, initializer: w.zeros(), trained: false, follows },
      },
      forward({ x, y, parameters: { factor, largest }, training }) {
        for (let i = 0; i < x.length; i++) y[i] = (x[i]! / (1 + largest[0]!)) * factor[i % factor.length]!;
        if (training) largest[0] = largest[0]! + follows * (x.reduce((a, b) => Math.max(a, b)) - largest[0]!);
      },
      backward({ x, dy, dx, parameters: { factor, largest }, gradients }) {
        const n = factor.length;
        if (dx) for (let i = 0; i < dy.length; i++) dx[i] = (dy[i]! * factor[i % n]!) / (1 + largest[0]!);
        const d = gradients.factor;
        if (d) for (let i = 0; i < dy.length; i++) d[i % n]! += dy[i]! * x[i]!;
      },
    });
  const square = () =>
    w.lambda(
      (row) => row.map((v) => v * v),
      (dy, row) => row.map((v, i) => 2 * v * dy[i]!),
    );

  test.each([0, 0.1, 0.9])("a layer whose state moves by %d, and a lambda", async (follows) => {
    await expectTogether(
      await towards(() => w.sequential({ input: 4, seed: 9 }, w.dense(4), scaled(follows), square(), w.dense(2))),
    );
  });

  test("a loss", async () => {
    const pinball = () =>
      w.customLoss({
        type: "pinball",
        compute({ output, target, losses, gradient }) {
          for (let i = 0; i < output.length; i++) {
            const slope = output[i]! < target[i]! ? -0.9 : 0.1;
            losses[i] = slope * (output[i]! - target[i]!);
            gradient[i] = slope;
          }
        },
      });
    const make = () => w.sequential({ input: 4, seed: 9 }, w.dense(4), w.tanh(), w.dense(2));
    await expectTogether({
      trainer: async () => new w.Trainer(await make(), { loss: pinball(), optimizer: w.adam() }),
      data: numbers,
    });
  });

  test("an optimizer", async () => {
    const optimizer = () =>
      w.customOptimizer({
        type: "signs",
        slots: { mean: 0 },
        learningRate: 0.01,
        clipNorm: 1,
        update({ values, gradient, slots: { mean }, learningRate }) {
          for (let i = 0; i < values.length; i++) {
            values[i]! -= learningRate * Math.sign(0.9 * mean[i]! + 0.1 * gradient[i]!);
            mean[i] = 0.99 * mean[i]! + 0.01 * gradient[i]!;
          }
        },
      });
    const make = () => w.sequential({ input: 4, seed: 9 }, w.dense(4), w.batchNorm(), w.dense(2));
    await expectTogether(await towards(make, { optimizer }));
  });
});

test("labels of a table at every step", async () => {
  const y = wholes(ROWS * 3, { seed: 3, below: 4 });
  const data = { x: Float32Array.from(wholes(ROWS * 3, { seed: 1, below: 9 })), y };
  const make = () =>
    w.sequential({ input: 3, seed: 4 }, w.embedding(9, 4), w.gru(5, { returnSequences: true }), w.dense(4));
  await expectTogether({
    trainer: async () =>
      new w.Trainer(await make(), {
        loss: w.sequenceCrossEntropy(),
        optimizer: w.adam(),
        metrics: [w.accuracy(), w.topKAccuracy({ k: 2 }), w.iou(), w.logLoss()],
      }),
    data,
    options: FIT,
  });
});
