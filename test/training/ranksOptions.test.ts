// The options of `fit`, optimizers and schedules on the ranks of a group.
import { describe, expect, test } from "vitest";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import * as w from "../../src/index.ts";
import {
  classes,
  expectNear,
  expectSame,
  expectTogether,
  FIT,
  labels,
  members,
  numbers,
  PASSES,
  regression,
  ROWS,
  SIZES,
  small,
  trainAs,
  withAccuracy,
  x,
} from "../support/ranks.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

const held = { x: normal(20 * 4, { seed: 21 }), y: wholes(20, { seed: 22, below: 3 }) };
const sampleWeights = uniform(ROWS, { seed: 8, low: 0, high: 2 }).map((weight, row) => (row % 3 === 0 ? 0 : weight));

const batchesOf = (given: { x: Float32Array; y: Int32Array }, size: number): w.Batch[] =>
  Array.from({ length: Math.ceil(given.y.length / size) }, (_, i) => ({
    x: given.x.subarray(4 * size * i, 4 * size * (i + 1)),
    y: given.y.subarray(size * i, size * (i + 1)),
  }));
const rowsOf = (given: { x: Float32Array; y: Int32Array }): w.Row[] =>
  Array.from(given.y, (y, r) => ({ x: given.x.subarray(4 * r, 4 * r + 4), y }));

describe("options", () => {
  const CASES: Readonly<Record<string, w.FitOptions>> = {
    "shuffle: false": { shuffle: false },
    dropLast: { dropLast: true },
    validationSplit: { validationSplit: 0.3 },
    "validationData, arrays": { validationData: held },
    "validationData, a source": { validationData: w.batches(batchesOf(held, 6)) },
    "batchSize of all rows and more": { batchSize: 1000, epochs: 3 },
    "one epoch": { epochs: 1 },
    "yieldEvery: 1": { yieldEvery: 1 },
    map: {
      map: ({ x: given, y, ...rest }, random) => ({
        ...rest,
        x: (given as Float32Array).map((value) => value + random.uniform(-0.5, 0.5)),
        y,
      }),
    },
    "map, with rows to measure with": {
      validationSplit: 0.3,
      map: async ({ x: given, y }) => ({ x: (given as Float32Array).map((value) => 2 * value), y }),
    },
  };
  for (const [name, options] of Object.entries(CASES)) {
    test(name, async () => {
      const training = { trainer: withAccuracy, data: classes, options };
      const { history } = await expectTogether(training);
      const first = (its: w.History) => ({ loss: its.loss[0]! });
      expectNear(first(history), first((await trainAs(training)).history), 1e-5);
    });
  }

  test("weights of rows, many of which are 0", async () => {
    await expectTogether({ trainer: withAccuracy, data: { ...classes, sampleWeights } });
    // whole batches that count nothing
    const none = sampleWeights.map((weight, row) => (row < 20 ? 0 : weight));
    const options = { shuffle: false };
    await expectTogether({ trainer: withAccuracy, data: { ...classes, sampleWeights: none }, options });
  });

  test.each(Array.from({ length: PASSES }, (_, i) => i + 1))("a last update of %d passes", async (passes) => {
    const rows = 2 * (PASSES + passes);
    const data = { x: x.subarray(0, 4 * rows), y: labels.subarray(0, rows) };
    await expectTogether({ trainer: withAccuracy, data, options: { batchSize: 2 } });
  });

  test.each([9, 11, 16, 19])("%d passes an update", async (accumulate) => {
    const training = { trainer: withAccuracy, data: classes, options: { accumulate } };
    const wanted = await expectTogether(training, [...SIZES, Math.min(accumulate, 9)]);
    expectNear({ loss: wanted.history.loss[0]! }, { loss: (await trainAs(training)).history.loss[0]! }, 1e-5);
  });

  test("one pass an update, of a group of one: the bits of a trainer that is alone", async () => {
    const make = () => small({}, {}, () => [w.dense(6), w.tanh(), w.dropout(0.3), w.dense(3)]);
    const training = { trainer: make, data: classes, options: { accumulate: 1 } };
    expectSame(await expectTogether(training, [1]), await trainAs(training), "alone");
  });

  test("images of bytes", async () => {
    const bytes = Uint8Array.from(wholes(ROWS * 4, { seed: 4, below: 256 }));
    await expectTogether({ trainer: withAccuracy, data: { x: bytes, y: labels } });
  });

  test("threads within members", async () => {
    const options = { batchSize: 17, accumulate: 3, epochs: 2 };
    const make = (threads: number) => () =>
      small({}, { threads }, () => [w.dense(64), w.batchNorm(), w.relu(), w.dropout(0.3), w.dense(3)]);
    const one = await expectTogether({ trainer: make(1), data: classes, options }, [1, 2]);
    const two = await expectTogether({ trainer: make(2), data: classes, options }, [1, 2]);
    expectSame(two, one, "two threads");
  });
});

describe("sources", () => {
  const CASES: Readonly<Record<string, readonly [() => w.Source, w.FitOptions?]>> = {
    batches: [() => w.batches(batchesOf(classes, 3))],
    "batches of several sizes": [
      () => w.batches([...batchesOf(classes, 3), ...batchesOf(held, 2)]),
      { batchSize: undefined as never },
    ],
    "batches that wait": [
      () =>
        w.batches(async function* () {
          for (const batch of batchesOf(classes, 3)) {
            await new Promise((resolve) => setImmediate(resolve));
            yield batch;
          }
        }),
    ],
    rows: [() => w.rows(rowsOf(classes))],
    "rows, mixed": [() => w.rows(rowsOf(classes), { shuffleBuffer: 20 })],
    "rows that are drawn, of epochs of so many steps": [
      () =>
        w.rows(
          function* (_epoch, random) {
            for (;;)
              yield {
                x: Array.from({ length: 4 }, () => random.uniform(-1, 1)),
                y: random.uniform(0, 1) < 0.5 ? 0 : 2,
              };
          },
          { stepsPerEpoch: 11, shuffleBuffer: 7 },
        ),
    ],
    "rows, changed by map": [
      () => w.rows(rowsOf(classes)),
      { map: ({ x: given, y }, random) => ({ x: (given as Float32Array).map((v) => v + random.uniform(-1, 1)), y }) },
    ],
  };
  for (const [name, [source, options = {}]] of Object.entries(CASES)) {
    test(name, async () => {
      const training = { trainer: withAccuracy, data: source, options, measured: classes };
      const { history } = await expectTogether(training);
      expectNear({ loss: history.loss[0]! }, { loss: (await trainAs(training)).history.loss[0]! }, 1e-5);
    });
  }

  test("to train with and to measure with", async () => {
    await expectTogether({
      trainer: withAccuracy,
      data: () => w.rows(rowsOf(classes), { shuffleBuffer: 9 }),
      options: () => ({ validationData: w.rows(rowsOf(held)) }),
      measured: classes,
    });
  });
});

describe("optimizers", () => {
  const shared = { clipGlobalNorm: 0.3, weightDecay: 0.01 };
  const MORE: Readonly<Record<string, () => w.Optimizer>> = {
    "sgd, nesterov and clipValue": () => w.sgd({ momentum: 0.9, nesterov: true, clipValue: 0.01 }),
    "adam, clipNorm and l1": () => w.adam({ clipNorm: 0.1, l1: 0.01 }),
    "adam, decay": () => w.adam({ weightDecay: 0.5, decay: (name) => name.endsWith("weight") }),
  };
  const all = { ...MORE };
  for (const [name, make] of Object.entries(optimizers)) {
    if (typeof make === "function" && /^[a-z]/.test(name)) {
      all[name] = () => (make as (options: object) => w.Optimizer)(shared);
    }
  }
  for (const [name, optimizer] of Object.entries(all)) {
    test(name, async () => {
      const training = { trainer: () => regression({ optimizer: optimizer() }), data: numbers };
      await expectTogether(training);
    });
  }
});

describe("schedules", () => {
  const CASES: Readonly<Record<string, () => w.Schedule>> = {
    "cosineDecay, per update": () => w.cosineDecay({ period: 5 }),
    "exponentialDecay, per epoch": () => w.exponentialDecay({ gamma: 0.3, per: "epoch" }),
    linearWarmup: () => w.linearWarmup({ length: 4 }),
    oneCycle: () => w.oneCycle({ length: 9 }),
    reduceOnPlateau: () => w.reduceOnPlateau({ patience: 1, threshold: 0.5 }),
    scheduleSequence: () => w.scheduleSequence([w.linearWarmup({ length: 2 }), 2], w.cosineDecay({ period: 5 })),
    "one's own": () => ({
      type: "mine",
      per: "update",
      start: (base) => ({ rate: (t) => base / (1 + t * t) }),
    }),
    "one's own, which observes": () => ({
      type: "mine",
      per: "epoch",
      start(base) {
        let seen = 0;
        return {
          rate: (t) => base / (1 + t + seen),
          observe: (loss) => (seen += loss),
          state: () => [seen],
          restore: ([its]) => (seen = its!),
        };
      },
    }),
  };
  for (const [name, schedule] of Object.entries(CASES)) {
    test(name, async () => {
      const trainer = () => regression({ optimizer: w.sgd({ learningRate: 0.1 }), schedule: schedule() });
      const training = { trainer, data: numbers, options: { epochs: 4, validationSplit: 0.3 } };
      const { history } = await expectTogether(training);
      // the same rates as those of a trainer that is alone
      expectNear({ loss: history.loss }, { loss: (await trainAs(training)).history.loss }, 1e-4);
    });
  }
});

test("a group needn't be the same for all calls", async () => {
  const training = { trainer: withAccuracy, data: classes };
  const wanted = (await members(2, (group) => trainAs(training, group)))[0]!;
  expectSame((await members(7, (group) => trainAs(training, group)))[0]!, wanted, "seven");
  expect(FIT.accumulate).toBe(PASSES);
});
