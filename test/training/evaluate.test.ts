// Evaluation: loss and metrics on data, one call after another, and nothing else changes.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectClose } from "../support/golden.ts";
import { mean, sigmoid } from "../support/plain.ts";
import { expectRefusal, stateOf } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

/** float32 arithmetic on sums of some ten numbers of size 1. */
const FLOAT32 = { rtol: 3e-6, atol: 3e-7 };

describe("evaluate", () => {
  test("changes nothing", async () => {
    const model = await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.dropout(0.5), w.relu(), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae()] });
    const data = { x: normal(90, { seed: 1 }), y: normal(30, { seed: 2 }) };
    trainer.step(data.x, data.y);
    await trainer.evaluate(data); // takes its memory
    const before = stateOf(trainer);
    const first = await trainer.evaluate(data);
    expect(stateOf(trainer)).toEqual(before);
    expect(await trainer.evaluate(data)).toEqual(first);
    const other = await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.dropout(0.5), w.relu(), w.dense(1));
    const undisturbed = new w.Trainer(other, { loss: w.meanSquaredError(), optimizer: w.adam() });
    for (let i = 0; i < 3; i++) undisturbed.step(data.x, data.y);
    for (let i = 0; i < 2; i++) trainer.step(data.x, data.y);
    expect(model.fingerprint()).toBe(other.fingerprint());
  });

  test("is the loss and the metrics on predict's outputs, for any batchSize", async () => {
    const rows = 23;
    const model = await w.sequential({ input: 3, seed: 1 }, w.dense(4), w.dropout(0.5), w.sigmoid(), w.dense(1));
    const loss = w.binaryCrossEntropyWithLogits();
    const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [w.accuracy(), w.logLoss()] });
    const x = normal(rows * 3, { seed: 1 });
    const y = wholes(rows, { seed: 2, below: 2 });
    const p = Array.from(model.predict(x), sigmoid);
    const logLoss = mean(p.map((v, i) => -Math.log(y[i] === 1 ? v : 1 - v)));
    const accuracy = mean(p.map((v, i) => (v > 0.5 === (y[i] === 1) ? 1 : 0)));
    for (const batchSize of [1, 4, 22, 23, 256]) {
      const figures = await trainer.evaluate({ x, y }, { batchSize });
      expect(Object.keys(figures)).toEqual(["loss", "accuracy", "logLoss"]);
      expectClose("loss", [figures["loss"]!, figures["logLoss"]!], [logLoss, logLoss], FLOAT32);
      expect(figures["accuracy"]).toBe(accuracy);
    }
  });
});

test("a batchSize above the number of rows takes memory for the rows alone", async () => {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  expect(await trainer.evaluate(DATA, { batchSize: 2 ** 31 })).toEqual(await trainer.evaluate(DATA, { batchSize: 5 }));
});

describe("evaluate that isn't waited for", () => {
  /** So many rows that one at a time they take several calls of the core. */
  const ROWS = 5000;
  const many: w.TrainingData = { x: normal(ROWS, { seed: 1 }), y: normal(ROWS, { seed: 2 }) };
  const make = async (): Promise<w.Trainer> => {
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dropout(0.5), w.dense(1));
    const metrics = [w.mae(), w.r2()];
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }), metrics });
  };

  test("gives the figures of one that is; they come one after the other", async () => {
    const trainer = await make();
    const bytes = w.samples(Uint8Array.of(1, 2, 3), 1, { scale: 1 / 255 });
    const parts: readonly (readonly [w.TrainingData, { batchSize?: number }])[] = [
      [many, { batchSize: 1 }],
      [DATA, {}],
      [{ x: bytes, y: [1, 2, 3], sampleWeights: [1, 0, 2] }, { batchSize: 2 }],
      [many, { batchSize: 7 }],
      [w.dataset(many), { batchSize: 1 }],
    ];
    const alone: w.Logs[] = [];
    for (const [data, options] of parts) alone.push(await trainer.evaluate(data, options));
    const { used } = trainer.model.core.arena;
    const order: number[] = [];
    const together = await Promise.all(
      parts.map(async ([data, options], i) => {
        const figures = await trainer.evaluate(data, options);
        order.push(i);
        return figures;
      }),
    );
    expect(together).toEqual(alone);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    // the plain data is gone again
    expect(trainer.model.core.arena.used).toBe(used);
  });

  test("is not stopped by another one that is refused", async () => {
    const trainer = await make();
    const expected = await trainer.evaluate(DATA);
    const calls = [trainer.evaluate(DATA), trainer.evaluate({ x: [NaN], y: [1] }), trainer.evaluate(DATA)];
    await expectRefusal(() => calls[1], RangeError, "evaluate: x must hold finite numbers, but row 0, column 0 is NaN");
    expect([await calls[0], await calls[2]]).toEqual([expected, expected]);
  });

  for (const place of ["onBatchEnd", "onEpochBegin", "onEpochEnd"] as const) {
    test(`in ${place} leaves the history of fit as it is`, async () => {
      const [trainer, calm] = [await make(), await make()];
      const options = { epochs: 3, batchSize: 2, validationData: many };
      const asked: Promise<w.Logs>[] = [];
      const ask = (): void => void asked.push(trainer.evaluate(DATA), trainer.evaluate(many, { batchSize: 1 }));
      const history = await trainer.fit(DATA, { ...options, callbacks: [{ [place]: ask }] });
      const figures = await Promise.all(asked);
      expect(figures.length).toBe(2 * 3 * (place === "onBatchEnd" ? 3 : 1));
      expect(figures.flatMap((f) => Object.values(f)).every(Number.isFinite)).toBe(true);
      expect(history).toEqual(await calm.fit(DATA, options));
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect(await trainer.evaluate(many)).toEqual(await calm.evaluate(many));
    });
  }
});
