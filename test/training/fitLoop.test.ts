// The training loop: epochs, batches, the order of rows, and the metrics of every epoch.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectClose } from "../support/golden.ts";
import { mean } from "../support/plain.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

/** A rate so small that no float32 weight is changed by it: losses then tell which rows are in a batch. */
const STANDSTILL = w.sgd({ learningRate: 1e-30 });

/** A trainer that stands still on a model that gives its input back, so that the loss of row y = 0 is its x squared. */
async function standing(seed = 0, metrics: readonly w.Metric[] = []): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed }, w.dense(1, { kernelInitializer: w.ones(), useBias: false }));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: STANDSTILL, metrics });
}

/** Rows 1 to n; their losses are 1, 4, 9, ... */
const numbered = (n: number): w.TrainingData => ({
  x: Array.from({ length: n }, (_, r) => r + 1),
  y: new Float32Array(n),
});

/** The losses of an epoch's batches, epoch by epoch. */
async function batchLosses(trainer: w.Trainer, data: w.TrainingData, options: w.FitOptions): Promise<number[][]> {
  const losses: number[][] = [];
  const callback: w.Callback = {
    onEpochBegin: () => void losses.push([]),
    onBatchEnd: (_batch, logs) => void losses.at(-1)!.push(logs["loss"]!),
  };
  await trainer.fit(data, { ...options, callbacks: [callback] });
  return losses;
}

/** The order in which rows come, epoch by epoch. */
async function orders(trainer: w.Trainer, n: number, options: w.FitOptions): Promise<number[][]> {
  const losses = await batchLosses(trainer, numbered(n), { ...options, batchSize: 1 });
  return losses.map((epoch) => epoch.map(Math.sqrt));
}

const inOrder = (n: number): number[] => Array.from({ length: n }, (_, r) => r + 1);
const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

describe("the order of rows", () => {
  test("is new in every epoch, and holds every row once", async () => {
    const epochs = await orders(await standing(), 20, { epochs: 4 });
    for (const order of epochs) expect(sorted(order)).toEqual(inOrder(20));
    expect(new Set([inOrder(20), ...epochs].map(String)).size).toBe(5);
  });

  test("is decided by the model's seed", async () => {
    const [a, b, c] = [
      await orders(await standing(7), 20, { epochs: 2 }),
      await orders(await standing(7), 20, { epochs: 2 }),
      await orders(await standing(8), 20, { epochs: 2 }),
    ];
    expect(b).toEqual(a);
    expect(c[0]).not.toEqual(a[0]);
    expect(c[1]).not.toEqual(a[1]);
  });

  test("goes on in a second fit", async () => {
    const apart = await standing();
    const first = await orders(apart, 12, { epochs: 2 });
    const second = await orders(apart, 12, { epochs: 3 });
    expect([...first, ...second]).toEqual(await orders(await standing(), 12, { epochs: 5 }));
  });

  test("without shuffle is that of the data", async () => {
    expect(await orders(await standing(), 9, { epochs: 2, shuffle: false })).toEqual([inOrder(9), inOrder(9)]);
  });

  test("every place is equally likely for a row", async () => {
    // 2000 permutations of 6 rows: row 1 is 333 times in each place; the deviation is 16.7, five of them are allowed
    const epochs = await orders(await standing(3), 6, { epochs: 2000 });
    const places = Array.from({ length: 6 }, (_, place) => epochs.filter((order) => order[place] === 1).length);
    for (const count of places) expect(Math.abs(count - 2000 / 6)).toBeLessThan(84);
    expect(places.reduce((a, b) => a + b)).toBe(2000);
  });
});

describe("batches", () => {
  test("a last one that isn't full counts by its rows", async () => {
    const trainer = await standing(0, [w.mae()]);
    const options = { batchSize: 4, shuffle: false };
    expect(await batchLosses(trainer, numbered(10), options)).toEqual([
      [mean([1, 4, 9, 16]), mean([25, 36, 49, 64]), mean([81, 100])],
    ]);
    const history = await trainer.fit(numbered(10), options);
    expect(history).toEqual({ loss: [mean(inOrder(10).map((n) => n * n))], mae: [mean(inOrder(10))] });
  });

  test("dropLast leaves it out", async () => {
    const trainer = await standing(0, [w.mae()]);
    const data = numbered(10);
    const options = { batchSize: 4, shuffle: false, dropLast: true };
    expect(await batchLosses(trainer, data, options)).toEqual([[mean([1, 4, 9, 16]), mean([25, 36, 49, 64])]]);
    const before = trainer.updates;
    const history = await trainer.fit(data, { ...options, epochs: 3 });
    expect(trainer.updates - before).toBe(6);
    const first8 = inOrder(8).map((n) => n * n);
    expect(history).toEqual({ loss: [1, 2, 3].map(() => mean(first8)), mae: [1, 2, 3].map(() => mean(inOrder(8))) });
  });

  test("dropLast with shuffle leaves out other rows in every epoch", async () => {
    const epochs = await batchLosses(await standing(), numbered(5), { batchSize: 2, dropLast: true, epochs: 30 });
    const all = 1 + 4 + 9 + 16 + 25;
    const left = epochs.map((losses) => Math.sqrt(all - losses.reduce((sum, loss) => sum + 2 * loss, 0)));
    expect(sorted([...new Set(left)])).toEqual([1, 2, 3, 4, 5]);
  });

  test("dropLast drops nothing where all are full", async () => {
    const losses = await batchLosses(await standing(), numbered(6), { batchSize: 3, dropLast: true, shuffle: false });
    expect(losses[0]!.length).toBe(2);
  });

  test("batchSize above the number of rows is one batch of all", async () => {
    const losses = await batchLosses(await standing(), numbered(5), { batchSize: 100, epochs: 2 });
    expect(losses).toEqual([[11], [11]]);
    // no memory is taken for rows that there aren't
    const { loss } = await (await standing()).fit(numbered(5), { batchSize: 2 ** 40 });
    expect(loss).toEqual([11]);
  });

  test("have 32 rows where nothing is said", async () => {
    expect((await batchLosses(await standing(), numbered(70), {}))[0]!.length).toBe(3);
  });
});

describe("the history", () => {
  test("has loss alone, a number an epoch", async () => {
    const history = await (await standing()).fit(numbered(4), { epochs: 3 });
    expect(history).toEqual({ loss: [7.5, 7.5, 7.5] });
  });

  test("has metrics and validation figures under their names", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(7));
    const metrics = [w.accuracy(), w.topKAccuracy({ k: 3 }), w.f1()];
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd(), metrics });
    const data = { x: normal(40, { seed: 1 }), y: wholes(20, { seed: 2, below: 7 }) };
    const history = await trainer.fit(data, { epochs: 2, validationSplit: 0.25 });
    expect(Object.keys(history)).toEqual([
      "loss",
      "accuracy",
      "top3Accuracy",
      "f1",
      "validationLoss",
      "validationAccuracy",
      "validationTop3Accuracy",
      "validationF1",
    ]);
    for (const figures of Object.values(history)) expect(figures.length).toBe(2);
  });

  test("is the same with and without a callback, and so are the weights", async () => {
    const run = async (callbacks: readonly w.Callback[]): Promise<[w.History, string]> => {
      const model = await w.sequential({ input: 3, seed: 2 }, w.dense(6), w.relu(), w.dropout(0.3), w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
      const data = { x: normal(150, { seed: 1 }), y: normal(50, { seed: 2 }) };
      return [await trainer.fit(data, { epochs: 7, batchSize: 8, callbacks }), model.fingerprint()];
    };
    const alone = await run([]);
    expect(await run([{ onEpochEnd: () => {} }])).toEqual(alone);
    expect(await run([{ onBatchEnd: async () => {} }])).toEqual(alone);
    expect(await run([{}, { onTrainBegin: () => {}, onEpochBegin: () => {}, onBatchBegin: () => {} }])).toEqual(alone);
  });

  test("metrics in fit are those of evaluate, and those of plain code", async () => {
    const model = await w.sequential({ input: 4, seed: 3 }, w.dense(3));
    const metrics = [w.accuracy(), w.logLoss()];
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: STANDSTILL, metrics });
    const data = { x: normal(29 * 4, { seed: 4 }), y: wholes(29, { seed: 5, below: 3 }) };
    const history = await trainer.fit(data, { batchSize: 8, epochs: 2 });
    const evaluated = await trainer.evaluate(data, { batchSize: 8 });
    const right = [...model.classify(data.x)].filter((label, r) => label === data.y[r]).length;
    expect(history["accuracy"]).toEqual([right / 29, right / 29]);
    expect(evaluated["accuracy"]).toBe(right / 29);
    // the rows are summed in another order
    for (const name of ["loss", "logLoss"]) {
      expectClose(name, history[name]!, [evaluated[name]!, evaluated[name]!], { rtol: 1e-7, atol: 0 });
    }
  });
});

describe("a loss that is a sum", () => {
  const squares = inOrder(10).map((n) => n * n);
  const total = squares.reduce((a, b) => a + b);

  /** The same model and rate as `standing`, but with totals; with a penalty, if one is given. */
  async function summing(regularizer?: w.Regularizer): Promise<w.Trainer> {
    const penalty = regularizer ? { kernelRegularizer: regularizer } : {};
    const layer = w.dense(1, { kernelInitializer: w.constant(1), useBias: false, ...penalty });
    const model = await w.sequential({ input: 1 }, layer);
    return new w.Trainer(model, { loss: w.meanSquaredError({ reduction: "sum" }), optimizer: STANDSTILL });
  }

  for (const batchSize of [1, 3, 4, 10, 32]) {
    test(`is the total of all rows in fit and evaluate, with batches of ${batchSize}`, async () => {
      const trainer = await summing();
      const data = numbered(10);
      const history = await trainer.fit(data, { batchSize, epochs: 2, validationData: data });
      expect(history).toEqual({ loss: [total, total], validationLoss: [total, total] });
      expect(await trainer.evaluate(data, { batchSize })).toEqual({ loss: total });
      // without anything that is called between epochs, the core runs on across them
      expect(await trainer.fit(data, { batchSize, epochs: 3 })).toEqual({ loss: [total, total, total] });
    });
  }

  test("is a batch's own total in step and onBatchEnd", async () => {
    const trainer = await summing();
    expect(trainer.step([1, 2, 3], [0, 0, 0])).toEqual({ loss: 14 });
    expect(trainer.step([4], [0])).toEqual({ loss: 16 });
    expect(await batchLosses(trainer, numbered(5), { batchSize: 2, shuffle: false })).toEqual([[5, 25, 25]]);
  });

  test("counts rows by their weights, and leaves out what dropLast does", async () => {
    const trainer = await summing();
    const sampleWeights = [1, 0, 2, 0.5];
    const data = { ...numbered(4), sampleWeights };
    expect((await trainer.fit(data, { batchSize: 3 })).loss).toEqual([1 + 0 + 18 + 8]);
    expect(await trainer.evaluate(data, { batchSize: 3 })).toEqual({ loss: 27 });
    const { loss } = await trainer.fit(numbered(5), { batchSize: 2, dropLast: true, shuffle: false });
    expect(loss).toEqual([1 + 4 + 9 + 16]);
  });

  test("has its penalty once, whatever the number of batches", async () => {
    const trainer = await summing(w.l2(0.5));
    const data = numbered(10);
    for (const batchSize of [1, 4, 10]) {
      expect((await trainer.fit(data, { batchSize, epochs: 2 })).loss).toEqual([total + 0.5, total + 0.5]);
      expect(await trainer.evaluate(data, { batchSize })).toEqual({ loss: total + 0.5 });
    }
    expect(trainer.step([1, 2], [0, 0])).toEqual({ loss: 5.5 });
  });

  test("of one loss a row, with classes that count differently", async () => {
    const model = await w.sequential({ input: 4, seed: 3 }, w.dense(3));
    const make = (reduction: "mean" | "sum"): w.Trainer => {
      const loss = w.softmaxCrossEntropy({ reduction, classWeights: [0.5, 2, 1] });
      return new w.Trainer(model, { loss, optimizer: STANDSTILL });
    };
    const y = wholes(29, { seed: 5, below: 3 });
    const data = { x: normal(29 * 4, { seed: 4 }), y };
    const weight = [...y].reduce((sum, label) => sum + [0.5, 2, 1][label]!, 0);
    const whole = weight * (await make("mean").evaluate(data))["loss"]!;
    const sum = make("sum");
    for (const batchSize of [1, 8, 29]) {
      const { loss } = await sum.fit(data, { batchSize });
      const evaluated = await sum.evaluate(data, { batchSize });
      // the same float32 losses, summed in another order
      expectClose("loss", [loss[0]!, evaluated["loss"]!], [whole, whole], { rtol: 1e-6, atol: 0 });
    }
  });
});

describe("a batch whose rows weigh nothing", () => {
  const rows = 6;
  const x = normal(rows * 2, { seed: 1 });
  const sampleWeights = [1, 2, 0, 0, 0.5, 1];
  const batches = { batchSize: 2, shuffle: false };

  const labels = wholes(rows, { seed: 2, below: 3 });
  const numbers = normal(rows * 3, { seed: 2 });
  const shares = uniform(rows * 3, { seed: 2, low: 0, high: 1 });
  for (const [loss, y] of [
    [w.meanSquaredError(), numbers],
    [w.meanSquaredError({ reduction: "sum" }), numbers],
    [w.klDivergence(), shares],
    [w.binaryCrossEntropyWithLogits(), shares],
    [w.softmaxCrossEntropy(), labels],
    [w.softmaxCrossEntropy({ classWeights: [1, 2, 3], labelSmoothing: 0.1 }), labels],
    [w.negativeLogLikelihood(), labels],
  ] as const) {
    test(`has loss and gradients 0: ${loss.type} ${JSON.stringify(loss.options)}`, async () => {
      const model = await w.sequential({ input: 2, seed: 4 }, w.dense(4), w.tanh(), w.dense(3), w.logSoftmax());
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd({ learningRate: 0.1 }) });
      const losses: number[] = [];
      const prints: string[] = [];
      const onBatchEnd = (batch: number, logs: w.Logs): void => {
        losses.push(logs["loss"]!);
        prints.push(model.fingerprint());
        const gradients = model.parameters().flatMap((p) => [...p.gradient()]);
        expect(gradients.every(Number.isFinite)).toBe(true);
        expect(gradients.every((g) => g === 0)).toBe(batch === 1);
      };
      const data = { x, y, sampleWeights };
      const history = await trainer.fit(data, { ...batches, epochs: 2, callbacks: [{ onBatchEnd }] });
      expect(history.loss.every(Number.isFinite)).toBe(true);
      expect([losses[1], losses[4]]).toEqual([0, 0]);
      expect([prints[1], prints[4]]).toEqual([prints[0], prints[3]]);
      expect(new Set(prints).size).toBe(4);
    });
  }

  test("counts nothing in the epoch's mean and in evaluate's", async () => {
    const data = { ...numbered(6), sampleWeights };
    const weighted = (1 * 1 + 2 * 4 + 0.5 * 25 + 1 * 36) / 4.5;
    const trainer = await standing();
    expect(await batchLosses(trainer, data, batches)).toEqual([[9 / 3, 0, (0.5 * 25 + 36) / 1.5]]);
    expectClose("loss", (await trainer.fit(data, batches)).loss, [weighted], { rtol: 1e-15, atol: 0 });
    for (const batchSize of [1, 2, 6]) {
      const { loss } = await trainer.evaluate(data, { batchSize });
      expectClose("evaluate", [loss!], [weighted], { rtol: 1e-15, atol: 0 });
    }
  });

  test("is moved by its penalty alone", async () => {
    const layer = w.dense(1, { useBias: false, kernelInitializer: w.ones(), kernelRegularizer: w.l2(0.25) });
    const model = await w.sequential({ input: 1 }, layer);
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.5 }) });
    const seen: number[][] = [];
    const onBatchEnd = (_batch: number, { loss }: w.Logs): void => {
      const [weight] = model.parameters();
      seen.push([loss!, weight!.gradient()[0]!, weight!.get()[0]!]);
    };
    // the first batch has nothing to learn: its output is its target
    const data = { x: [2, 3], y: [2, 100], sampleWeights: [1, 0] };
    await trainer.fit(data, { batchSize: 1, shuffle: false, callbacks: [{ onBatchEnd }] });
    expect(seen).toEqual([
      [0.25, 0.5, 0.75],
      [0.25 * 0.75 * 0.75, 0.375, 0.75 - 0.5 * 0.375],
    ]);
  });

  test("of classes that weigh nothing, without sampleWeights", async () => {
    const model = await w.sequential({ input: 2, seed: 4 }, w.dense(3));
    const loss = w.softmaxCrossEntropy({ classWeights: [0, 1, 1] });
    const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
    const before = model.fingerprint();
    expect(trainer.step([1, 2, 3, 4], [0, 0])).toEqual({ loss: 0 });
    expect(await trainer.evaluate({ x: [1, 2], y: [0] })).toEqual({ loss: 0 });
    expect(model.parameters().map((p) => p.gradient().every((g) => g === 0))).toEqual([true, true]);
    expect(model.fingerprint()).toBe(before);
    expect(w.trace(trainer, [1, 2], [0]).get("loss").values).toEqual(Float32Array.of(0));
  });
});

describe("validation", () => {
  const make = async (): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.tanh(), w.dropout(0.5), w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae(), w.r2()] });
  };
  const x = normal(60, { seed: 1 });
  const y = normal(30, { seed: 2 });
  const part = (from: number, to: number): w.TrainingData => ({ x: x.slice(2 * from, 2 * to), y: y.slice(from, to) });
  const validationOf = (history: w.History): Record<string, number | undefined> => ({
    loss: history["validationLoss"]!.at(-1),
    mae: history["validationMae"]!.at(-1),
    r2: history["validationR2"]!.at(-1),
  });

  test("data is measured as evaluate does, after the epoch", async () => {
    const trainer = await make();
    const history = await trainer.fit(part(0, 20), { epochs: 3, batchSize: 7, validationData: part(20, 30) });
    expect(validationOf(history)).toEqual(await trainer.evaluate(part(20, 30), { batchSize: 7 }));
  });

  test("split takes the last rows and trains on the others", async () => {
    const split = await make();
    const history = await split.fit({ x, y }, { epochs: 3, batchSize: 7, validationSplit: 1 / 3 });
    const given = await make();
    const expected = await given.fit(part(0, 20), { epochs: 3, batchSize: 7, validationData: part(20, 30) });
    expect(history).toEqual(expected);
    expect(split.model.fingerprint()).toBe(given.model.fingerprint());
  });

  test("split of samples of bytes, with weights", async () => {
    const bytes = Uint8Array.from({ length: 60 }, (_, i) => (i * 97) % 256);
    const sampleWeights = uniform(30, { seed: 3, low: 0.5, high: 2 });
    const history = async (data: w.TrainingData, more: w.FitOptions): Promise<w.History> =>
      (await make()).fit(data, { epochs: 2, ...more });
    const pick = (from: number, to: number): w.TrainingData => ({
      x: w.samples(bytes.slice(2 * from, 2 * to), 2, { scale: 1 / 256 }),
      y: y.slice(from, to),
      sampleWeights: sampleWeights.slice(from, to),
    });
    expect(await history(pick(0, 30), { validationSplit: 0.2 })).toEqual(
      await history(pick(0, 24), { validationData: pick(24, 30) }),
    );
  });

  test("doesn't change the training", async () => {
    const [a, b] = [await make(), await make()];
    await a.fit(part(0, 20), { epochs: 5 });
    await b.fit(part(0, 20), { epochs: 5, validationData: part(20, 30) });
    expect(b.model.fingerprint()).toBe(a.model.fingerprint());
  });
});

describe("accumulate", () => {
  const x = normal(12 * 3, { seed: 1 });
  const y = normal(12 * 2, { seed: 2 });
  /** After one epoch at rate 1 the weights have moved by the gradient. */
  async function movement(data: w.TrainingData, options: w.FitOptions): Promise<{ by: number[]; updates: number }> {
    const model = await w.sequential({ input: 3, seed: 3 }, w.dense(4), w.sigmoid(), w.dense(2));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1 }) });
    const before = model.parameters().map((p) => p.get());
    await trainer.fit(data, { shuffle: false, ...options });
    const by = model.parameters().flatMap((p, i) => Array.from(p.get(), (v, j) => v - before[i]![j]!));
    return { by, updates: trainer.updates };
  }

  for (const [batchSize, accumulate] of [
    [6, 2],
    [4, 3],
    [1, 12],
  ] as const) {
    test(`${accumulate} batches of ${batchSize} rows move the weights as one of 12 does`, async () => {
      const whole = await movement({ x, y }, { batchSize: 12 });
      const parts = await movement({ x, y }, { batchSize, accumulate });
      expect([whole.updates, parts.updates]).toEqual([1, 1]);
      // weights of size 1, so each has lost up to 6e-8 by rounding, before and after the sum
      expectClose("movement", parts.by, whole.by, { rtol: 0, atol: 3e-7 });
    });
  }

  test("the end of an epoch ends the sum: 5 batches by 2 are 3 updates", async () => {
    const data = { x: x.slice(0, 30), y: y.slice(0, 20) };
    expect((await movement(data, { batchSize: 2, accumulate: 2 })).updates).toBe(3);
    expect((await movement(data, { batchSize: 2, accumulate: 2, epochs: 4 })).updates).toBe(12);
    // the last update is the fifth batch's gradient alone, not half of it
    const fifth = { x: x.slice(24, 30), y: y.slice(16, 20) };
    const alone = await movement(fifth, { batchSize: 2, accumulate: 2 });
    const plain = await movement(fifth, { batchSize: 2 });
    expect(alone).toEqual(plain);
  });

  test("losses and figures are those of the batches", async () => {
    const losses = await batchLosses(await standing(), numbered(6), { batchSize: 2, accumulate: 3, shuffle: false });
    expect(losses).toEqual([[2.5, 12.5, 30.5]]);
  });

  test("can be turned off again", async () => {
    const make = async (): Promise<w.Trainer> =>
      new w.Trainer(await w.sequential({ input: 3, seed: 3 }, w.dense(2)), {
        loss: w.meanSquaredError(),
        optimizer: w.sgd(),
      });
    const [a, b] = [await make(), await make()];
    await a.fit({ x, y }, { batchSize: 12, accumulate: 2 }); // one batch, so nothing to add up
    await a.fit({ x, y }, { batchSize: 4 });
    await b.fit({ x, y }, { batchSize: 12 });
    await b.fit({ x, y }, { batchSize: 4 });
    expect(a.model.fingerprint()).toBe(b.model.fingerprint());
    expect([a.updates, b.updates]).toEqual([4, 4]);
  });
});

describe("two fits in a row", () => {
  for (const [name, optimizer, schedule] of [
    ["adam", w.adam(), undefined],
    ["momentum and a schedule by updates", w.sgd({ momentum: 0.9 }), w.cosineDecay({ period: 40 })],
    ["rmsprop and a schedule by epochs", w.rmsprop(), w.exponentialDecay({ gamma: 0.7, per: "epoch" })],
  ] as const) {
    test(`are one longer fit: ${name}`, async () => {
      const make = async (): Promise<w.Trainer> => {
        const model = await w.sequential({ input: 3, seed: 5 }, w.dense(6), w.relu(), w.dropout(0.2), w.dense(2));
        const options = { loss: w.softmaxCrossEntropy(), optimizer, metrics: [w.accuracy()] };
        return new w.Trainer(model, schedule ? { ...options, schedule } : options);
      };
      const data = { x: normal(90, { seed: 1 }), y: wholes(30, { seed: 2, below: 2 }) };
      const [once, twice] = [await make(), await make()];
      const whole = await once.fit(data, { epochs: 5, batchSize: 8 });
      const parts = [
        await twice.fit(data, { epochs: 2, batchSize: 8 }),
        await twice.fit(data, { epochs: 3, batchSize: 8 }),
      ];
      for (const key of ["loss", "accuracy"]) expect(parts.flatMap((h) => h[key]!)).toEqual(whole[key]);
      expect(twice.model.fingerprint()).toBe(once.model.fingerprint());
      expect([twice.updates, twice.epochs, twice.learningRate]).toEqual([20, 5, once.learningRate]);
    });
  }
});
