// A penalty on a value's numbers, which is added to the loss.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const model = (units: number, options: w.ActivityPenaltyOptions, seed = 1): Promise<w.Model> =>
  w.sequential(
    { input: 3, seed },
    w.dense(units, { name: "code" }),
    w.activityPenalty({ name: "penalized", ...options }),
    w.dense(2),
  );
const trainerOf = (of: w.Model, optimizer = w.sgd({ learningRate: 0.05 })): w.Trainer =>
  new w.Trainer(of, { loss: w.meanSquaredError(), optimizer });

/** The penalty of rows in float64. */
const penaltyOf = (values: Float32Array, rows: number, l1: number, l2: number): number =>
  values.reduce((sum, v) => sum + l1 * Math.abs(v) + l2 * v * v, 0) / rows;

describe.each([
  [1, 1],
  [3, 5],
  [4, 2],
  [7, 3],
  [8, 16],
])("%i numbers of %i rows", (units, rows) => {
  const x = normal(rows * 3, { seed: 2 });
  const y = normal(rows * 2, { seed: 3 });

  test.each([
    [0.3, 0],
    [0, 0.2],
    [0.1, 0.05],
  ])("l1 %d, l2 %d: the loss has it, and nothing else changes", async (l1, l2) => {
    const [with_, without] = [await model(units, { l1, l2 }), await model(units, {})];
    expectSameBits(with_.predict(x), without.predict(x));
    const code = w.activations(with_, x, ["code"])["code"]!;
    const penalty = penaltyOf(code, rows, Math.fround(l1), Math.fround(l2));
    const [figures, plain] = [
      await trainerOf(with_).evaluate({ x, y }, { batchSize: rows }),
      await trainerOf(without).evaluate({ x, y }, { batchSize: rows }),
    ];
    expect(figures["loss"]! - plain["loss"]!).toBeCloseTo(penalty, 12);
    expect(trainerOf(with_).step(x, y).loss).toBeCloseTo(figures["loss"]!, 12);
  });

  test("its gradient", async () => {
    const of = await model(units, { l1: 0.3, l2: 0.2 });
    expect(w.gradCheck(trainerOf(of), x, y, { values: ["dx", "dZ1", "dpenalized"] }).ok).toBe(true);
    // exactly: dx = dy + (l1 sign(x) + 2 l2 x) / rows
    const traced = w.trace(trainerOf(of), x, y);
    const [z, dy, dz] = ["Z1", "dpenalized", "dZ1"].map((name) => traced.tensors.find((t) => t.name === name)?.values);
    dz!.forEach((value, i) => {
      const slope = (0.3 * Math.sign(z![i]!) + 0.4 * z![i]!) / rows;
      expect(value).toBeCloseTo(dy![i]! + slope, 5);
    });
  });
});

test("fit, evaluate and accumulated passes", async () => {
  const x = normal(12 * 3, { seed: 2 });
  const y = normal(12 * 2, { seed: 3 });
  const of = await model(5, { l2: 0.1 });
  const before = penaltyOf(w.activations(of, x, ["code"])["code"]!, 12, 0, 1);
  const history = await trainerOf(of).fit({ x, y }, { epochs: 30, batchSize: 4, validationData: { x, y } });
  expect(history["validationLoss"]!.at(-1)!).toBeLessThan(history["validationLoss"]![0]!);
  expect(penaltyOf(w.activations(of, x, ["code"])["code"]!, 12, 0, 1)).toBeLessThan(before);
  // two passes of equal batches make the update of both at once
  const [one, two] = [await model(5, { l1: 0.2, l2: 0.1 }), await model(5, { l1: 0.2, l2: 0.1 })];
  await trainerOf(one).fit({ x, y }, { epochs: 1, batchSize: 12, shuffle: false });
  await trainerOf(two).fit({ x, y }, { epochs: 1, batchSize: 6, accumulate: 2, shuffle: false });
  const [a, b] = [one, two].map((each) => each.parameters().flatMap((p) => [...p.get()]));
  a!.forEach((value, i) => expect(b![i]).toBeCloseTo(value, 5));
});

test("a sparse code", async () => {
  const x = normal(64 * 3, { seed: 2 });
  const code = async (l1: number): Promise<number> => {
    const of = await w.sequential(
      { input: 3, seed: 4 },
      w.dense(8),
      w.relu({ name: "code" }),
      w.activityPenalty({ l1 }),
      w.dense(3),
    );
    await trainerOf(of, w.adam({ learningRate: 0.01 })).fit({ x, y: x }, { epochs: 60 });
    return w.activations(of, x, ["code"])["code"]!.filter((v) => v > 1e-3).length;
  };
  expect(await code(0.2)).toBeLessThan(0.8 * (await code(0)));
});

test("through a file, with threads, and behind frozen layers", async () => {
  const x = normal(9 * 3, { seed: 2 });
  const y = normal(9 * 2, { seed: 3 });
  const of = await model(5, { l1: 0.1, l2: 0.1 });
  const again = await modelFromBytes(modelToBytes(of));
  expect(await trainerOf(again).evaluate({ x, y })).toEqual(await trainerOf(of).evaluate({ x, y }));
  const frozen = await w.sequential(
    { input: 3, seed: 1 },
    w.frozen(w.dense(5)),
    w.activityPenalty({ l2: 0.1 }),
    w.dense(2),
  );
  expect(w.gradCheck(trainerOf(frozen), x, y).ok).toBe(true);
});

test("explain says that its formula isn't written out", async () => {
  const of = await model(2, { l1: 0.1 });
  const steps = w.explain(w.trace(trainerOf(of), normal(6, { seed: 1 }), normal(4, { seed: 1 })));
  expect(steps.length).toBeGreaterThan(5);
});

describe("refuses", () => {
  refuses([
    [() => w.activityPenalty({ l1: -1 }), RangeError, "activityPenalty: l1 must be 0 or more, got -1"],
    [() => w.activityPenalty({ l2: "1" as never }), TypeError, /^activityPenalty: l2 must be 0 or more/],
    [
      () => w.activityPenalty({ lambda: 1 } as never),
      TypeError,
      'activityPenalty: unknown option "lambda". Known: l1, l2, name',
    ],
  ]);
});

describe("losses without targets", () => {
  /** KL divergence of N(mean, e^logVariance) from N(0, 1), by its own numbers alone, with a polynomial in place of e^x. */
  const kl = w.customLoss({
    type: "kl",
    target: "none",
    each: "rows",
    compute({ output, losses, gradient, rows, outputs }) {
      const n = outputs / 2;
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < n; i++) {
          const [mean, spread] = [output[r * outputs + i]!, output[r * outputs + n + i]!];
          losses[r]! += (mean * mean + spread * spread) / 2;
          gradient[r * outputs + i] = mean;
          gradient[r * outputs + n + i] = spread;
        }
      }
    },
  });

  test("a variational autoencoder's, without an array of its own, in fit, evaluate and history", async () => {
    const ends = w.outputs({
      picture: { shape: 6, loss: w.meanSquaredError() },
      code: { shape: 4, loss: kl, weight: 0.1 },
    });
    const of = await w.sequential(
      { input: 6, seed: 1 },
      w.dense(8),
      w.tanh(),
      ends.layer({ picture: [w.dense(4), w.dense(6)], code: w.dense(4, { name: "spread" }) }),
    );
    const trainer = new w.Trainer(of, { loss: ends.loss, optimizer: w.adam({ learningRate: 0.01 }) });
    const x = normal(20 * 6, { seed: 5 });
    const data = { x, y: ends.targets({ picture: x }) };
    const history = await trainer.fit(data, { epochs: 40, batchSize: 6, validationData: data });
    expect(history["code.loss"].at(-1)!).toBeLessThan(history["code.loss"][0]!);
    expect(history["picture.loss"].length).toBe(40);
    expect(history["validationCode.loss"]!.length).toBe(40);
    const figures = await trainer.evaluate(data, { batchSize: 7 });
    expect(figures["loss"]!).toBeCloseTo(figures["picture.loss"]! + 0.1 * figures["code.loss"]!, 6);
    const { code } = ends.split(of.predict(x));
    expect(figures["code.loss"]!).toBeCloseTo(code.reduce((sum, v) => sum + (v * v) / 2, 0) / 20, 5);
    expect(w.gradCheck(trainer, x, data.y).ok).toBe(true);
  });
});
