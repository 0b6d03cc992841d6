// Training on data that is made meanwhile: the same bits as on arrays of the same batches, here and in a worker, and what is refused.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal, expectRefusalWithoutTrace } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const ROWS = 70;
const SIZE = 5;
const BATCH = 16;
const data = {
  x: normal(ROWS * SIZE, { seed: 1 }),
  y: wholes(ROWS, { seed: 2, below: 3 }),
  sampleWeights: Float32Array.from({ length: ROWS }, (_, i) => 1 + (i % 3)),
};

function* inBatches(size = BATCH): Generator<w.Batch> {
  for (let from = 0; from < ROWS; from += size) {
    const to = Math.min(from + size, ROWS);
    const sampleWeights = data.sampleWeights.subarray(from, to);
    yield { x: data.x.subarray(from * SIZE, to * SIZE), y: data.y.subarray(from, to), sampleWeights };
  }
}

/** The same, one batch in memory that is written over, later or sooner. */
async function* late(): AsyncGenerator<w.Batch> {
  const x = new Float32Array(BATCH * SIZE);
  let i = 0;
  for (const batch of inBatches()) {
    await sleep(i++ % 3);
    const { length } = batch.x as Float32Array;
    x.fill(NaN).set(batch.x as Float32Array);
    yield { ...batch, x: x.subarray(0, length) };
  }
}

function* inRows(): Generator<w.Row> {
  for (let i = 0; i < ROWS; i++) {
    yield { x: data.x.subarray(i * SIZE, (i + 1) * SIZE), y: data.y[i]!, sampleWeight: data.sampleWeights[i]! };
  }
}

async function start(more: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> {
  const model = await w.sequential(
    { input: SIZE, seed: 11 },
    w.dense(7),
    w.batchNorm(),
    w.tanh(),
    w.dropout(0.3),
    w.dense(3),
  );
  const loss = w.softmaxCrossEntropy();
  return new w.Trainer(model, { loss, optimizer: w.adam({ learningRate: 0.01 }), metrics: [w.accuracy()], ...more });
}

/** All that a training leaves: twice, since the second goes on from what the first has left. */
async function outcome(given: w.TrainingData | w.Source, options: w.FitOptions = {}, more?: Partial<w.TrainerOptions>) {
  const trainer = await start(more);
  const histories = [];
  for (let i = 0; i < 2; i++)
    histories.push(await trainer.fit(given, { epochs: 2, batchSize: BATCH, progress: false, ...options }));
  const { model, updates, epochs } = trainer;
  return { histories, fingerprint: model.fingerprint(), passes: model.passes, updates, epochs };
}

const schedule = w.linearWarmup({ length: 20 });
describe.each([
  ["plain", {}, undefined],
  ["two passes an update, a schedule by updates", { accumulate: 2 }, { schedule }],
  ["a schedule that observes epochs", {}, { schedule: w.reduceOnPlateau({ patience: 1 }) }],
  ["in a worker", { worker: true, accumulate: 3 }, undefined],
] as const)("%s: the bits of arrays", (_name, options, more) => {
  test("from batches, late ones, and rows", async () => {
    const expected = await outcome(data, { ...options, shuffle: false }, more);
    expect(expected.updates).toBeGreaterThan(7);
    for (const source of [w.batches(() => inBatches()), w.batches(late), w.rows(inRows)])
      expect(await outcome(source, options, more)).toEqual(expected);
  });
});

test("with several threads they are the same bits, too", async () => {
  const trained = async (given: w.TrainingData | w.Source, threads: number) => {
    const model = await w.sequential({ input: SIZE, seed: 3, threads }, w.dense(40), w.tanh(), w.dense(3));
    const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
    await trainer.fit(given, { epochs: 2, batchSize: BATCH, shuffle: false });
    return model.fingerprint();
  };
  expect(await trained(w.batches(late), 2)).toBe(await trained(data, 1));
});

test("bytes with a scale, values as targets, and joint losses", async () => {
  const bytes = Uint8Array.from(data.x, (v) => 128 + 20 * v);
  const out = w.outputs({ kind: { shape: 3, loss: w.softmaxCrossEntropy() }, size: { shape: 1, loss: w.huber() } });
  const all = out.targets({ kind: data.y, size: data.x.subarray(0, ROWS) });
  const run = async (given: w.TrainingData | w.Source) => {
    const model = await w.sequential(
      { input: SIZE, seed: 3 },
      w.dense(4),
      w.tanh(),
      w.concat([w.dense(3), w.dense(1)]),
    );
    const trainer = new w.Trainer(model, { loss: out.loss, optimizer: w.sgd() });
    const history = await trainer.fit(given, { epochs: 3, batchSize: 20, shuffle: false });
    return [history, model.fingerprint()];
  };
  const expected = await run({ x: w.samples(bytes, SIZE, { scale: 1 / 255 }), y: all });
  const parts = w.batches(function* () {
    for (let from = 0; from < ROWS; from += 20) {
      const x = w.samples(bytes.slice(from * SIZE, (from + 20) * SIZE), SIZE, { scale: 1 / 255 });
      yield { x, y: all.subarray(from * 4, (from + 20) * 4) };
    }
  });
  expect(await run(parts)).toEqual(expected);
});

test("map sees the batches of arrays in their order; as they are, they give the same bits", async () => {
  const expected = await outcome(data, { validationSplit: 0.2 });
  expect(await outcome(data, { validationSplit: 0.2, map: (batch) => batch })).toEqual(expected);
  const dropped = { dropLast: true, epochs: 3 };
  expect(await outcome(data, { ...dropped, map: async (batch) => batch })).toEqual(await outcome(data, dropped));
  const noise: w.FitOptions["map"] = ({ x, ...rest }, random) => ({
    ...rest,
    x: (x as Float32Array).map((value) => value + random.normal(0, 0.1)),
  });
  const noisy = await outcome(data, { map: noise });
  expect(noisy.fingerprint).not.toBe((await outcome(data)).fingerprint);
  expect(await outcome(data, { map: noise, worker: true })).toEqual(noisy);
});

describe("measuring", () => {
  test("gives what arrays give", async () => {
    const trainer = await start({ metrics: [w.accuracy(), w.logLoss()] });
    const expected = await trainer.evaluate(data, { batchSize: BATCH });
    expect(await trainer.evaluate(w.batches(late))).toEqual(expected);
    expect(await trainer.evaluate(w.rows(inRows), { batchSize: BATCH })).toEqual(expected);
  });

  test.each([false, true])("validates after each epoch (worker: %s)", async (worker) => {
    const common = { worker, epochs: 2, callbacks: [w.earlyStopping({ patience: 1 })] };
    const expected = await outcome(data, { ...common, shuffle: false, validationData: data });
    const source = w.batches(() => inBatches());
    expect(await outcome(source, { ...common, validationData: source })).toEqual(expected);
    expect(await outcome(data, { ...common, shuffle: false, validationData: w.rows(inRows) })).toEqual(expected);
    expect(await outcome(source, { ...common, validationData: data })).toEqual(expected);
  });

  test("rocAuc, which keeps a number for each row, needs stepsPerEpoch", async () => {
    const model = await w.sequential({ input: SIZE, seed: 1 }, w.dense(1));
    const loss = w.binaryCrossEntropyWithLogits();
    const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [w.rocAuc()] });
    const yes = { x: data.x, y: data.y.map((label) => Number(label > 0)) };
    const parts = function* () {
      for (const { x } of inBatches()) yield { x, y: yes.y.subarray(0, (x as Float32Array).length / SIZE) };
    };
    const again = { x: data.x, y: Int32Array.from(yes.y, (_, i) => yes.y[i % BATCH]!) };
    const steps = w.batches(parts, { stepsPerEpoch: 5 });
    expect(await trainer.evaluate(steps)).toEqual(await trainer.evaluate(again, { batchSize: BATCH }));
    await expectRefusal(
      () => trainer.evaluate(w.batches(parts)),
      RangeError,
      "evaluate: rocAuc keeps a number for each row; give the source stepsPerEpoch, so that it has memory for them",
    );
  });
});

test("callbacks know the batches of the epoch before; the next batch is asked for before the current one is computed", async () => {
  const trainer = await start();
  const seen: unknown[] = [];
  const source = w.batches(function* () {
    for (const [i, batch] of [...inBatches(35)].entries()) {
      seen.push(`give ${i}`);
      yield batch;
    }
  });
  await trainer.fit(source, {
    epochs: 2,
    callbacks: [
      { onEpochBegin: (_, { batches }) => void seen.push(batches), onBatchEnd: (at) => void seen.push(`end ${at}`) },
    ],
  });
  const epoch = ["give 0", "give 1", "end 0", "end 1"];
  expect(seen).toEqual(["give 0", Infinity, ...epoch.slice(1), 2, ...epoch]);
});

describe("a generator is let go", () => {
  const watched = (): { returned: number; source: w.Source } => {
    const its = {
      returned: 0,
      source: w.batches(async function* () {
        try {
          for (;;) yield* inBatches();
        } finally {
          its.returned++;
        }
      }),
    };
    return its;
  };

  test("when a callback stops the training, by a signal, and after an error", async () => {
    const stopped = watched();
    const trainer = await start();
    const history = await trainer.fit(stopped.source, {
      callbacks: [{ onBatchEnd: (at, _, { stop }) => void (at > 6 && stop()) }],
    });
    await sleep(1); // what it does in the end isn't waited for
    expect([stopped.returned, trainer.updates, history.loss]).toEqual([1, 8, []]);

    const aborted = watched();
    const controller = new AbortController();
    const callbacks = [{ onBatchEnd: (at: number) => void (at === 3 && controller.abort(new Error("enough"))) }];
    const { signal } = controller;
    await expectRefusal(() => trainer.fit(aborted.source, { signal, callbacks }), Error, "enough");
    await sleep(1);
    expect([aborted.returned, trainer.updates]).toEqual([1, 12]);

    const failed = watched();
    const fails = [{ onBatchEnd: () => Promise.reject(new RangeError("no")) }];
    await expectRefusal(() => trainer.fit(failed.source, { callbacks: fails }), RangeError, "no");
    await sleep(1);
    expect(failed.returned).toBe(1);
    await trainer.fit(data);
  });

  test("by a signal also where a batch never comes", async () => {
    const trainer = await start();
    const controller = new AbortController();
    const source = w.batches(async function* () {
      yield* inBatches();
      controller.abort(new Error("enough"));
      await new Promise(() => {});
    });
    await expectRefusal(() => trainer.fit(source, { signal: controller.signal }), Error, "enough");
    expect(trainer.updates).toBe(5);
  });
});

describe("refused before anything is computed", () => {
  const [first] = inBatches();
  test.each<[string, w.Source | w.TrainingData, w.FitOptions, string]>([
    [
      "validationSplit",
      w.batches([first!]),
      { validationSplit: 0.2 },
      "fit: validationSplit takes the last rows, which a source doesn't know; give validationData, a source or arrays",
    ],
    [
      "batchSize",
      w.batches([first!]),
      { batchSize: 1 },
      `fit: batch 0 of epoch 0 has ${BATCH} rows, but batchSize is 1, which is how many a batch has at most`,
    ],
    [
      "shuffle",
      w.rows(inRows),
      { shuffle: true },
      "fit: shuffle needs all rows at once, which a source doesn't have; rows(source, { shuffleBuffer: 1000 }) mixes its rows",
    ],
    [
      "dropLast",
      w.batches([first!]),
      { dropLast: true },
      "fit: dropLast is for rows, but this source gives whole batches; leave it out, or give rows(source)",
    ],
    [
      "nothing",
      w.batches([]),
      {},
      "fit: the source gave 0 batches in epoch 0; a generator can be gone through once: give a function of the epoch that makes a new one",
    ],
    [
      "a wrong shape",
      w.batches([{ x: [[1, 2]], y: [1] }]),
      {},
      "fit: batch 0 of epoch 0: x[0] has 2 values, but 5 are needed (rows have shape 5)",
    ],
    [
      "no targets",
      w.batches([{ x: data.x }]),
      {},
      "fit: batch 0 of epoch 0: y must be an array, a typed array or samples, got undefined",
    ],
    [
      "no batch",
      w.batches([data.x as never]),
      {},
      "fit: batch 0 of epoch 0: it must be { x, y }, got a Float32Array of 350",
    ],
    [
      "no batch of map's",
      data,
      { map: () => undefined as never },
      "fit: batch 0 of epoch 0, of map: it must be { x, y }, got undefined",
    ],
    ["map", data, { map: 3 as never }, "fit: map must be a function, got number 3"],
    [
      "a function that gives a promise",
      w.batches((async () => [first!]) as never),
      {},
      "fit: what the source's function returns must be an iterable, such as what function* gives, got a promise; did you forget await?",
    ],
    [
      "validation data",
      data,
      { validationData: w.rows([{ x: [1], y: 0 }]) },
      "fit: validationData: batch 0 of epoch 1: x[0] has 1 values, but 5 are needed (rows have shape 5)",
    ],
  ])("%s", async (_name, given, options, message) => {
    const trainer = await start();
    const kind = /must be/.test(message) ? TypeError : RangeError;
    await expectRefusalWithoutTrace(trainer, () => trainer.fit(given, options), kind, message);
  });
});

describe("refused in the middle: the weights are those of the step before", () => {
  const [first] = inBatches();
  const plain = { x: first!.x, y: first!.y };
  test.each<[w.Batch, string]>([
    [
      { ...plain, x: (plain.x as Float32Array).map(() => Infinity) },
      ": x must hold finite numbers, but row 0, column 0 is Infinity",
    ],
    [
      { x: data.x, y: data.y },
      " has 70 rows, but there is room for 16, as many as the first batch had; give the largest number as batchSize",
    ],
    [{ ...first! }, " has sampleWeights, but the first one had none; give all of them weights"],
    [
      { x: data.x.subarray(0, SIZE), y: [7] },
      ": labels must be whole numbers from 0 to 2 (the model has 3 outputs), but y[0] is 7",
    ],
  ])("%#", async (bad, message) => {
    const trainer = await start();
    await expectRefusal(
      () => trainer.fit(w.batches([plain, plain, bad]), { accumulate: 1 }),
      bad === first || /Weights/.test(message) ? TypeError : RangeError,
      `fit: batch 2 of epoch 0${message}`,
    );
    const other = await start();
    for (let i = 0; i < 2; i++) other.step(plain.x, plain.y as Int32Array);
    expect([trainer.model.fingerprint(), trainer.updates]).toEqual([other.model.fingerprint(), 2]);
  });

  test("what the source throws is thrown; a larger batch fits with batchSize", async () => {
    const trainer = await start();
    const throws = function* () {
      yield first!;
      throw new SyntaxError("line 17");
    };
    await expectRefusal(() => trainer.fit(w.batches(throws)), SyntaxError, "line 17");
    expect(trainer.updates).toBe(1);
    const { loss } = await trainer.fit(w.batches([first!, data]), { batchSize: ROWS });
    expect([loss.length, trainer.updates]).toEqual([1, 3]);
  });
});

test("weights that map doesn't return stay", async () => {
  const make = async (): Promise<w.Trainer> =>
    new w.Trainer(await w.sequential({ input: 1, seed: 1 }, w.dense(1)), {
      loss: w.meanSquaredError(),
      optimizer: w.sgd({ learningRate: 0.1 }),
    });
  const two = { x: [[1], [2]], y: [[1], [0]], sampleWeights: [1, 3] };
  const [plain, mapped] = [await make(), await make()];
  await plain.fit(two, { progress: false, shuffle: false });
  await mapped.fit(two, { progress: false, shuffle: false, map: ({ x, y }) => ({ x, y }) });
  expect(mapped.model.fingerprint()).toBe(plain.model.fingerprint());
});

test("rows that are mixed can't go on from each other", async () => {
  const model = await w.sequential({ input: [1, 1], seed: 1 }, w.gru(2, { stateful: true }), w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const source = [{ x: [[1]], y: [1] }];
  await expect(trainer.fit(w.rows(source, { shuffleBuffer: 4 }), { batchSize: 1, progress: false })).rejects.toThrow(
    "fit: a layer is stateful, so the rows must keep their order; give rows no shuffleBuffer",
  );
});

test("a generator, or a function that makes one, isn't data by itself", async () => {
  const model = await w.sequential({ input: SIZE, seed: 1 }, w.dense(3));
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
  const message = /^fit: the data must be \{ x, y \}, batches\(\.\.\.\) or rows\(\.\.\.\), got /;
  for (const made of [inBatches(), late(), inBatches])
    await expect(trainer.fit(made as never)).rejects.toThrow(message);
});
