// Metrics on the ranks of a group: in the history, of validation data, and of evaluate.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import {
  classes,
  expectNear,
  expectTogether,
  FIT,
  labels,
  members,
  numbers,
  regression,
  ROWS,
  SIZES,
  small,
  trainAs,
  type Together,
  x,
} from "../support/ranks.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

/** A metric of the user's, whose state isn't a number, and depends on the order of rows. */
const largest = () =>
  w.customMetric({
    name: "largest",
    start: () => ({ most: 0, sums: [] as number[] }),
    add({ most, sums }, { output, rows, weights }) {
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += weights[r]! * output[(r * output.length) / rows]!;
      return { most: output.reduce((a, b) => Math.max(a, b), most), sums: [...sums, sum] };
    },
    merge: (a, b) => ({ most: Math.max(a.most, b.most), sums: [...a.sums, ...b.sums] }),
    result: ({ most, sums }) => most + sums.reduce((a, b, i) => a + b / (1 + i), 0),
  });

const sampleWeights = uniform(ROWS, { seed: 8, low: 0, high: 2 }).map((weight, row) => (row % 5 === 0 ? 0 : weight));
const yes = wholes(ROWS, { seed: 4, below: 2 });
const OF_CLASSES = () => [
  w.accuracy(),
  w.topKAccuracy({ k: 2 }),
  w.precision(),
  w.recall(),
  w.f1(),
  w.iou(),
  w.logLoss(),
  largest(),
];
const OF_NUMBERS = () => [w.mae(), w.mse(), w.rmse(), w.r2(), largest()];
const OF_TWO = () => [w.accuracy(), w.rocAuc(), w.prAuc(), w.precision(), w.recall(), w.f1(), w.logLoss(), largest()];

const two = () =>
  small({ loss: w.binaryCrossEntropyWithLogits(), metrics: OF_TWO() }, {}, () => [
    w.dense(5, { useBias: false }),
    w.batchNorm(),
    w.dense(1),
  ]);
const held = { x: normal(31 * 4, { seed: 11 }), yes: wholes(31, { seed: 12, below: 2 }) };

const CASES: Readonly<Record<string, Together>> = {
  "of classes": { trainer: () => small({ metrics: OF_CLASSES() }), data: classes, options: { validationSplit: 0.3 } },
  "of classes, with weights of rows": {
    trainer: () => small({ metrics: OF_CLASSES() }),
    data: { ...classes, sampleWeights },
    options: { validationData: { ...classes, sampleWeights } },
  },
  "of classes, with weights of classes": {
    trainer: () => small({ loss: w.softmaxCrossEntropy({ classWeights: [1, 0.2, 3] }), metrics: OF_CLASSES() }),
    data: classes,
    options: { validationSplit: 0.3 },
  },
  "of numbers": {
    trainer: () => regression({ metrics: OF_NUMBERS() }),
    data: numbers,
    options: { validationSplit: 0.3 },
  },
  "of numbers, with weights of rows": {
    trainer: () => regression({ metrics: OF_NUMBERS() }),
    data: { ...numbers, sampleWeights },
    options: { validationSplit: 0.3 },
  },
  "of numbers, of a loss that is a sum": {
    trainer: () => regression({ loss: w.meanSquaredError({ reduction: "sum" }), metrics: OF_NUMBERS() }),
    data: numbers,
    options: { validationSplit: 0.3 },
  },
  "of two classes": {
    trainer: two,
    data: { x, y: Float32Array.from(yes) },
    options: { validationData: { x: held.x, y: Float32Array.from(held.yes) } },
  },
  "of two classes, with weights of rows": {
    trainer: two,
    data: { x, y: Float32Array.from(yes), sampleWeights },
    options: { validationSplit: 0.4 },
  },
};

describe("metrics", () => {
  for (const [name, training] of Object.entries(CASES)) {
    test(name, async () => {
      const { history, measured } = await expectTogether(training);
      const alone = await trainAs(training);
      // the first epoch's, since weights go apart by rounding; decisions may then be others
      const first = (its: w.History): object =>
        Object.fromEntries(Object.entries(its).map(([key, figures]) => [key, figures[0]]));
      expectNear(first(history), first(alone.history), 1e-3);
      expect(Object.keys(measured!)).toEqual(Object.keys(alone.measured!));
      expect(Object.keys(history).filter((key) => key.startsWith("validation"))).toHaveLength(
        Object.keys(history).length / 2,
      );
    });
  }
});

describe("evaluate", () => {
  for (const [name, { trainer, data }] of Object.entries(CASES)) {
    test(`${name}: the figures of a trainer that is alone`, async () => {
      const alone = await trainer(0);
      const its = data as w.TrainingData;
      const before = alone.state();
      for (const batchSize of [5, 64]) {
        const wanted = await alone.evaluate(its, { batchSize });
        let first: object | undefined;
        for (const size of SIZES) {
          const all = await members(size, async (group) => {
            const member = await trainer(group.rank);
            const measured = await member.evaluate(its, { batchSize, group });
            expect(Buffer.compare(member.state(), before), "nothing is changed").toBe(0);
            return measured;
          });
          first ??= all[0]!;
          for (const measured of all) expect(measured, `a group of ${size}`).toEqual(first);
        }
        expectNear(first!, wanted, 1e-12, `batches of ${batchSize}`);
      }
    });
  }

  test("more ranks than batches", async () => {
    const { trainer, data } = CASES["of two classes"]!;
    const wanted = await (await trainer(0)).evaluate(data as w.TrainingData, { batchSize: 50 });
    const all = await members(6, async (group) =>
      (await trainer(0)).evaluate(data as w.TrainingData, { batchSize: 50, group }),
    );
    for (const measured of all) expectNear(measured, wanted, 1e-12);
  });

  test("a source, which each rank measures", async () => {
    const { trainer } = CASES["of numbers"]!;
    const source = () =>
      w.rows(
        Array.from({ length: ROWS }, (_, r) => ({
          x: x.subarray(4 * r, 4 * r + 4),
          y: numbers.y.subarray(2 * r, 2 * r + 2),
        })),
      );
    const wanted = await (await trainer(0)).evaluate(source(), { batchSize: 7 });
    const all = await members(3, async (group) => (await trainer(0)).evaluate(source(), { batchSize: 7, group }));
    for (const measured of all) expect(measured).toEqual(wanted);
  });

  test("twice, and after a training in a group", async () => {
    const { trainer, data } = CASES["of classes"]!;
    const its = data as w.TrainingData;
    const all = await members(3, async (group) => {
      const member = await trainer(0);
      await member.fit(its, { ...FIT, group });
      const together = await member.evaluate(its, { group });
      expect(await member.evaluate(its, { group })).toEqual(together);
      expectNear(await member.evaluate(its), together, 1e-12);
      return together;
    });
    expect(new Set(all.map((measured) => JSON.stringify(measured))).size).toBe(1);
  });
});

test("labels at steps", async () => {
  expect(labels).toHaveLength(ROWS);
  const y = wholes(ROWS * 2, { seed: 9, below: 3 }).map((label, i) => (i % 7 === 0 ? -1 : label));
  const make = () => [w.reshape([2, 2]), w.gru(5, { returnSequences: true }), w.dense(3)];
  const metrics = () => [w.accuracy(), w.topKAccuracy({ k: 2 }), w.iou(), w.logLoss(), w.f1()];
  const training: Together = {
    trainer: () => small({ loss: w.sequenceCrossEntropy(), metrics: metrics() }, {}, make),
    data: { x, y },
    options: { validationSplit: 0.3 },
  };
  const { history } = await expectTogether(training);
  expectNear({ loss: history.loss[0]! }, { loss: (await trainAs(training)).history.loss[0]! }, 1e-4);
});
