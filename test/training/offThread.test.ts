// Training in a worker: the same bits as on the calling thread, whatever is trained, and what can be done meanwhile.
import { getEventListeners } from "node:events";
import type * as threads from "node:worker_threads";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import * as metrics from "../../src/nn/metrics/index.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import * as schedules from "../../src/nn/optimizers/schedules.ts";
import { limits } from "../../src/runtime/threads/trainingWorker.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const usual = { ...limits };

/** The workers that were made, all real ones. */
const made: threads.Worker[] = [];
const builtin = process.getBuiltinModule("node:worker_threads");
const { Worker } = builtin;
class Counted extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    made.push(this);
  }
}
const alive = (): number => made.filter(({ threadId }) => threadId >= 0).length;
beforeEach(() => void (builtin.Worker = Counted));
afterEach(() => {
  builtin.Worker = Worker;
  Object.assign(limits, usual);
});

const ROWS = 70;

interface Case {
  readonly options?: Omit<w.ModelOptions, "input"> & { readonly input?: w.ModelOptions["input"] };
  layers?(): w.Layer[];
  readonly training?: Partial<w.TrainerOptions>;
  readonly data?: w.TrainingData;
  readonly fit?: w.FitOptions;
}

const images = { x: normal(ROWS * 64, { seed: 1 }), y: wholes(ROWS, { seed: 2, below: 3 }) };
const words = { x: wholes(ROWS * 6, { seed: 3, below: 20 }), y: wholes(ROWS, { seed: 4, below: 3 }) };
const rows = { x: normal(ROWS * 5, { seed: 5 }), y: wholes(ROWS, { seed: 6, below: 3 }) };
const numbers = { x: rows.x, y: normal(ROWS * 3, { seed: 7 }) };
const yesNo = { x: rows.x, y: wholes(ROWS, { seed: 8, below: 2 }) };

async function start({ options, layers, training }: Case): Promise<w.Trainer> {
  const model = await w.sequential(
    { input: 5, seed: 11, ...options },
    ...(layers?.() ?? [w.dense(7), w.tanh(), w.dense(3)]),
  );
  return new w.Trainer(model, {
    loss: w.softmaxCrossEntropy(),
    optimizer: w.adam({ learningRate: 0.01 }),
    ...training,
  });
}

/** All that a training leaves: twice, since the second begins with what the first has left. */
async function outcome(one: Case, worker: boolean): Promise<unknown> {
  const trainer = await start(one);
  const { model } = trainer;
  const fit = { epochs: 2, batchSize: 16, ...one.fit, worker };
  const histories = [await trainer.fit(one.data ?? rows, fit)];
  expect(w.backend(model).worker, w.backend(model).reason).toBe(worker);
  histories.push(await trainer.fit(one.data ?? rows, fit));
  return {
    histories,
    fingerprint: model.fingerprint(),
    gradients: model.parameters().map((p) => p.gradient()),
    passes: model.passes,
    counters: [trainer.updates, trainer.epochs, trainer.learningRate],
  };
}

const CASES: Readonly<Record<string, Case>> = {
  "a dense network": {},
  "a convolution with running statistics and dropout": {
    options: { input: [8, 8, 1] },
    layers: () => [
      w.conv2d(4, { kernelSize: 3 }),
      w.batchNorm(),
      w.relu(),
      w.spatialDropout2d(0.2),
      w.maxPool2d(2),
      w.flatten(),
      w.dropout(0.3),
      w.dense(3),
    ],
    data: images,
  },
  "a recurrent network": {
    options: { input: 6 },
    layers: () => [w.embedding(20, 8), w.lstm(6), w.dense(3)],
    data: words,
  },
  "a transformer": {
    options: { input: 6 },
    layers: () => [
      w.embedding(20, 8),
      w.positionalEmbedding(),
      w.residual(w.selfAttention({ heads: 2 }), w.dropout(0.1)),
      w.layerNorm(),
      w.globalAvgPool1d(),
      w.dense(3),
    ],
    data: words,
  },
  "a rare activation, penalties and constraints": {
    layers: () => [
      w.dense(7, { kernelRegularizer: w.l2(0.01), kernelConstraint: w.maxNorm(1) }),
      w.gelu(),
      w.dense(3, { kernelRegularizer: w.l1(0.01) }),
    ],
  },
  "a layer for every step": {
    options: { input: [5, 1] },
    layers: () => [w.timeDistributed(w.dense(4)), w.flatten(), w.dense(3)],
  },
  "several passes an update": { fit: { accumulate: 3 } },
  "the order of the data": { fit: { shuffle: false } },
  "full batches alone": { fit: { dropLast: true } },
  "weights of rows": { data: { ...rows, sampleWeights: normal(ROWS, { seed: 9 }).map(Math.abs) } },
  "a data set": { data: w.dataset(rows) },
  "rows kept for validation": { fit: { validationSplit: 0.3 }, training: { metrics: [w.accuracy()] } },
  "other rows for validation": { fit: { validationData: { x: rows.x.slice(0, 50), y: rows.y.slice(0, 10) } } },
  bytes: { options: { input: 4 }, data: { x: Uint8Array.from(wholes(ROWS * 4, { seed: 1, below: 256 })), y: rows.y } },
  "callbacks for every batch": { fit: { callbacks: [{ onBatchEnd: () => {} }] } },
  "the best weights": { fit: { epochs: 6, validationSplit: 0.3, callbacks: [w.earlyStopping({ patience: 2 })] } },
  "a callback that sets parameters": {
    fit: {
      epochs: 3,
      callbacks: [
        {
          onEpochEnd(epoch, _logs, { model }) {
            const [weight] = model.parameters();
            weight!.set(weight!.get().map((value) => value * (1 + epoch)));
          },
        },
      ],
    },
  },
  "a callback that measures other rows": {
    training: { metrics: [w.accuracy(), w.f1()] },
    fit: {
      epochs: 3,
      validationSplit: 0.2,
      callbacks: [
        {
          onEpochEnd(_epoch, _logs, { model }) {
            model.predict(normal(5 * 300, { seed: 3 }));
          },
        },
      ],
    },
  },
};

const OPTIMIZERS = Object.entries(optimizers).map(([name, make]): [string, Case] => [
  `${name}()`,
  { training: { optimizer: make() } },
]);

/** Every schedule, with what it needs. */
const SCHEDULES: Readonly<Record<string, () => w.Schedule>> = {
  cosineDecay: () => w.cosineDecay({ period: 20 }),
  cosineWarmRestarts: () => w.cosineWarmRestarts({ period: 5 }),
  exponentialDecay: () => w.exponentialDecay({ gamma: 0.9 }),
  linearWarmup: () => w.linearWarmup({ length: 8 }),
  oneCycle: () => w.oneCycle({ length: 40 }),
  reduceOnPlateau: () => w.reduceOnPlateau({ patience: 0, threshold: 1 }),
  stepDecay: () => w.stepDecay({ stepSize: 3 }),
};

const METRICS = Object.entries(metrics).flatMap(([name, make]): [string, Case][] => {
  if (
    typeof make !== "function" ||
    !/^(?:accuracy|f1|logLoss|mae|mse|precision|r2|recall|rmse|rocAuc|topKAccuracy)$/.test(name)
  )
    return [];
  const metric = (make as () => w.Metric)();
  const numeric = /^(?:mae|mse|r2|rmse)$/.test(name);
  const loss = numeric
    ? w.meanSquaredError()
    : name === "rocAuc"
      ? w.binaryCrossEntropyWithLogits()
      : w.softmaxCrossEntropy();
  const last = name === "rocAuc" ? 1 : 3;
  const training = { metrics: [metric], loss };
  const data = numeric ? numbers : name === "rocAuc" ? yesNo : rows;
  return [[name, { training, data, layers: () => [w.dense(last)], fit: { validationSplit: 0.2 } }]];
});

describe("the same bits as on the calling thread", () => {
  test.each([
    ...Object.entries(CASES),
    ...OPTIMIZERS,
    ...Object.entries(SCHEDULES).map(([name, make]): [string, Case] => [name, { training: { schedule: make() } }]),
    [
      "a schedule of one's own",
      { training: { schedule: { type: "own", per: "update", start: () => ({ rate: (t) => 0.1 / (t + 1) }) } } },
    ],
    ...METRICS,
  ] satisfies [string, Case][])("%s", async (_name, one) => {
    expect(await outcome(one, true)).toEqual(await outcome(one, false));
  });

  test("every optimizer, schedule and metric is among them", () => {
    expect(OPTIMIZERS.length).toBeGreaterThan(4);
    const exported = Object.keys(schedules).filter((name) => name in w);
    expect(exported.filter((name) => !(name in SCHEDULES))).toEqual([]);
    expect(exported.length).toBeGreaterThan(5);
    expect(METRICS.length).toBeGreaterThan(9);
  });

  test("several inputs and outputs", async () => {
    const ends = w.outputs({
      class: { shape: 3, loss: w.softmaxCrossEntropy() },
      number: { shape: 1, loss: w.meanSquaredError(), weight: 0.5 },
    });
    const one: Case = {
      options: { input: w.inputs({ a: 2, b: 3 }) },
      layers: () => [
        w.concat([w.dense(6), w.from("b")]),
        w.relu(),
        ends.layer({ class: w.dense(3), number: [w.dense(2), w.dense(1)] }),
      ],
      training: { loss: ends.loss },
      data: { x: rows.x, y: ends.targets({ class: rows.y, number: normal(ROWS, { seed: 3 }) }) },
    };
    expect(await outcome(one, true)).toEqual(await outcome(one, false));
  });

  test("two models that share a memory, at the same time", async () => {
    const make = async (worker: boolean): Promise<string[]> => {
      const first = await start({});
      const second = await start({ options: { core: first.model.core, seed: 12 } });
      await Promise.all([first, second].map((trainer) => trainer.fit(rows, { epochs: 5, worker })));
      return [first.model.fingerprint(), second.model.fingerprint()];
    };
    expect(await make(true)).toEqual(await make(false));
  });

  test("where threads share the work, a worker leads them", async () => {
    const one: Case = { options: { threads: 2 } };
    expect(await outcome(one, true)).toEqual(await outcome({}, false));
  });

  test("a number that isn't finite ends it with the same error and the same weights", async () => {
    const fails = async (worker: boolean): Promise<unknown> => {
      const trainer = await start({
        training: { optimizer: w.sgd({ learningRate: 1e20 }), loss: w.meanSquaredError() },
      });
      const error = await trainer.fit(numbers, { epochs: 9, batchSize: 8, worker }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(w.NonFiniteError);
      return [(error as Error).message, trainer.model.fingerprint(), trainer.updates];
    };
    expect(await fails(true)).toEqual(await fails(false));
  });
});

test("a refused step leaves no trace in running statistics", async () => {
  const fails = async (worker: boolean): Promise<unknown> => {
    const trainer = await start({
      layers: () => [w.dense(7), w.batchNorm(), w.dense(3)],
      training: { optimizer: w.sgd({ learningRate: 1e20 }), loss: w.meanSquaredError() },
    });
    await expect(trainer.fit(numbers, { epochs: 9, batchSize: 8, worker })).rejects.toThrow(w.NonFiniteError);
    return trainer.model.parameters().map((p) => [p.name, p.get()]);
  };
  expect(await fails(true)).toEqual(await fails(false));
});

describe("what stays on the calling thread, with the reason", () => {
  const stays = async (one: Case, worker: true | "auto", reason: string | RegExp): Promise<void> => {
    const trainer = await start(one);
    await trainer.fit(one.data ?? rows, { worker, ...one.fit });
    const found = w.backend(trainer.model);
    expect(found.worker).toBe(false);
    expect(found.reason).toMatch(reason);
    const here = await start(one);
    await here.fit(one.data ?? rows, { ...one.fit });
    expect(trainer.model.fingerprint()).toBe(here.model.fingerprint());
  };
  const own = (): w.Layer =>
    w.customLayer({
      type: "double",
      outputShape: (shape) => shape,
      forward({ x, y }) {
        for (let i = 0; i < y.length; i++) y[i] = 2 * x[i]!;
      },
      backward({ dx, dy }) {
        for (let i = 0; i < dx!.length; i++) dx![i] = 2 * dy[i]!;
      },
    });

  test("layers of JavaScript", () =>
    stays({ layers: () => [own(), w.dense(3)] }, true, /^a layer, the loss, a metric or the optimizer is a function/));
  test("such a layer for every step", () =>
    stays(
      { options: { input: [5, 1] }, layers: () => [w.timeDistributed(own()), w.flatten(), w.dense(3)] },
      true,
      /^a layer, the loss, a metric or the optimizer is a function/,
    ));
  test("short trainings, if it is to decide", () =>
    stays({}, "auto", "the training is too short to gain from a worker"));
  test("not long ones", async () => {
    const trainer = await start({ layers: () => [w.dense(256), w.relu(), w.dense(256), w.relu(), w.dense(3)] });
    await trainer.fit(rows, { epochs: 40, worker: "auto" });
    expect(w.backend(trainer.model)).toEqual({
      binary: "strict",
      threads: 1,
      worker: true,
      reason: "one thread was asked for",
    });
    await trainer.fit(rows);
    expect(w.backend(trainer.model).worker).toBe(false); // the last one counts
  });

  test("an engine that starts no worker", async () => {
    limits.idle = 0;
    await (await start({})).fit(rows, { worker: true }); // none is left of another test
    await sleep(100);
    builtin.Worker = function refuse() {
      throw new Error("no workers here");
    } as never;
    await stays({}, true, /^training runs on the calling thread: no worker could be started: .*no workers here/);
  });

  test("wrong values are refused", async () => {
    const trainer = await start({});
    for (const [worker, text] of [
      ["yes", 'the string "yes"'],
      [0, "number 0"],
      [null, "null"],
      [1, "number 1"],
    ] as const) {
      await expectRefusal(
        () => trainer.fit(rows, { worker: worker as never }),
        TypeError,
        `fit: worker must be true, false or "auto", got ${text}`,
      );
    }
    expect(trainer.updates).toBe(0);
  });
});

/** Trains long enough to look at it. */
const LONG: Case = { layers: () => [w.dense(400), w.relu(), w.dense(400), w.relu(), w.dense(3)] };
const EPOCHS = 60;
/** So many that it can't come to its end before it is ended. */
const ENDLESS = 1e6;

describe("meanwhile", () => {
  test("callbacks see the model as it is then", async () => {
    const prints = async (worker: boolean): Promise<string[]> => {
      const seen: string[] = [];
      const trainer = await start({});
      const look = (_: number, _logs: unknown, { model }: w.TrainingState): void =>
        void seen.push(`${model.fingerprint()} ${String(model.parameters()[0]!.gradient())} ${trainer.updates}`);
      await trainer.fit(rows, { epochs: 2, worker, callbacks: [{ onBatchEnd: look, onEpochEnd: look }] });
      return seen;
    };
    const seen = await prints(true);
    expect(new Set(seen).size).toBe(6);
    expect(seen).toEqual(await prints(false));
  });

  /** A training in a worker that goes on until it is ended; gives what it leaves. */
  function endless(trainer: w.Trainer): () => Promise<void> {
    const controller = new AbortController();
    const training = trainer.fit(rows, { epochs: ENDLESS, worker: true, signal: controller.signal });
    const ended = expect(training).rejects.toThrow("enough");
    return () => {
      controller.abort(new Error("enough"));
      return ended;
    };
  }

  /** The fingerprints after each of so many updates here. */
  async function printsOf(updates: number): Promise<string[]> {
    const here = await start(LONG);
    const prints: string[] = [];
    const each: w.Callback = {
      onBatchEnd(_batch, _logs, state) {
        prints.push(here.model.fingerprint());
        if (here.updates === updates) state.stop();
      },
    };
    await here.fit(rows, { epochs: ENDLESS, callbacks: [each] });
    return prints;
  }

  test("weights can be looked at, and are those of some update", async () => {
    const trainer = await start(LONG);
    const { model } = trainer;
    const first = model.fingerprint();
    const end = endless(trainer);
    const seen = new Set<string>();
    while (seen.size < 5) {
      await trainer.refresh();
      seen.add(model.fingerprint());
      await sleep(2);
    }
    await end();
    const steps = await printsOf(trainer.updates);
    expect([...seen].filter((print) => print !== first && !steps.includes(print))).toEqual([]);
    expect(model.fingerprint()).toBe(steps.at(-1));
  });

  test("the calling thread is free", async () => {
    /** The share of the time in which the thread isn't at rest, on a machine of any speed. */
    const utilization = async (worker: boolean): Promise<number> => {
      const trainer = await start(LONG);
      const controller = new AbortController();
      const { signal } = controller;
      const training = trainer.fit(rows, { epochs: ENDLESS, worker, signal });
      const ended = expect(training).rejects.toThrow("enough");
      while (trainer.updates === 0) await sleep(5);
      const before = performance.eventLoopUtilization();
      for (const from = trainer.updates; trainer.updates < from + 3 * EPOCHS;) await sleep(10);
      const during = performance.eventLoopUtilization(before);
      controller.abort(new Error("enough"));
      await ended;
      return during.utilization;
    };
    const [there, here] = [await utilization(true), await utilization(false)];
    expect({ there, here, free: there < 0.5 * here }).toMatchObject({ free: true });
  });

  test("what would change the model is refused", async () => {
    const trainer = await start(LONG);
    const { model } = trainer;
    const [weight] = model.parameters();
    const end = endless(trainer);
    const values = weight!.get();
    while (alive() === 0 || trainer.updates === 0) await sleep(5);
    await expectRefusal(
      () => {
        weight!.set(values);
      },
      Error,
      "dense1.weight.set: a worker trains the model; set parameters in a callback, or while it is paused",
    );
    await expectRefusal(
      () => trainer.step(rows.x, rows.y),
      Error,
      "step: the model is being trained by fit; await that first",
    );
    expect(model.predict(rows.x).length).toBe(ROWS * 3);
    await end();
    expect(model.fingerprint()).toBe((await printsOf(trainer.updates)).at(-1));
    weight!.set(values); // over
  });

  describe.each([true, false])("in a worker: %s", (worker) => {
    test("it pauses, shows its weights, takes others, and goes on", async () => {
      const trainer = await start(LONG);
      const training = trainer.fit(rows, { epochs: EPOCHS, worker });
      while (trainer.updates === 0) await sleep(1);
      const both = [trainer.pause(), trainer.pause()];
      await Promise.all(both);
      const { updates } = trainer;
      const print = trainer.model.fingerprint();
      await sleep(30);
      expect([trainer.updates, trainer.model.fingerprint()]).toEqual([updates, print]);
      const here = await start(LONG);
      const stop: w.Callback = {
        onBatchEnd(_batch, _logs, state) {
          if (here.updates === updates) state.stop();
        },
      };
      await here.fit(rows, { epochs: EPOCHS, callbacks: [stop] });
      expect(print).toBe(here.model.fingerprint());
      const [weight] = trainer.model.parameters();
      weight!.set(weight!.get()); // allowed
      trainer.resume();
      trainer.resume();
      await training;
      const whole = await start(LONG);
      await whole.fit(rows, { epochs: EPOCHS });
      expect(trainer.model.fingerprint()).toBe(whole.model.fingerprint());
    });

    test("a signal ends it while it is paused, and in between", async () => {
      for (const pauses of [true, false]) {
        const trainer = await start(LONG);
        const controller = new AbortController();
        const training = trainer.fit(rows, { epochs: ENDLESS, worker, signal: controller.signal });
        while (trainer.updates === 0) await sleep(1);
        if (pauses) await trainer.pause();
        controller.abort(new Error("enough"));
        await expect(training).rejects.toThrow("enough");
        expect(trainer.updates).toBeLessThan(ENDLESS * 3);
        await trainer.fit(rows, { worker }); // nothing is left of the pause
      }
    });

    test("a callback may wait for a pause, which others end", async () => {
      const trainer = await start({});
      const seen: string[] = [];
      const callback: w.Callback = {
        async onEpochEnd() {
          await trainer.pause();
          seen.push(trainer.model.fingerprint());
          setTimeout(() => trainer.resume(), 10);
        },
      };
      await trainer.fit(rows, { epochs: 3, worker, callbacks: [callback] });
      expect(new Set(seen).size).toBe(3);
      expect(seen.at(-1)).toBe(trainer.model.fingerprint());
    });

    test("a pause while a callback is waited for, and one right after going on, hold it up", async () => {
      const trainer = await start({});
      const callback: w.Callback = { onBatchBegin: () => sleep(3) };
      const training = trainer.fit(rows, { epochs: 3, worker, callbacks: [callback] });
      for (let i = 0; i < 4; i++) {
        await sleep(5);
        await trainer.pause();
        const { updates } = trainer;
        const print = trainer.model.fingerprint();
        await sleep(15);
        expect([trainer.updates, trainer.model.fingerprint()]).toEqual([updates, print]);
        trainer.resume();
        await trainer.pause(); // at once
        expect([trainer.updates, trainer.model.fingerprint()]).toEqual([updates, print]);
        trainer.resume();
      }
      await training;
    });

    test("a signal belongs to its own fit, and none listens to it afterwards", async () => {
      const trainer = await start(LONG);
      const controller = new AbortController();
      const { signal } = controller;
      const first = trainer.fit(rows, { epochs: 3, worker, signal });
      await trainer.pause();
      trainer.resume();
      await first;
      const training = trainer.fit(rows, { epochs: EPOCHS, worker });
      while (trainer.epochs < 4) await sleep(1);
      await trainer.pause();
      const { updates } = trainer;
      controller.abort();
      await sleep(20);
      expect(trainer.updates).toBe(updates);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      trainer.resume();
      await training;
    });

    test("a pause that comes too late, or without a training, holds nothing up", async () => {
      const trainer = await start({});
      await trainer.pause();
      const training = trainer.fit(rows, { worker });
      const pause = trainer.pause();
      await Promise.race([training, pause]);
      trainer.resume();
      await Promise.all([training, pause]);
      await trainer.fit(rows, { worker });
      await trainer.refresh();
    });
  });
});

describe("workers", () => {
  test("one that ends is noticed, and the model is as it was copied last", async () => {
    const trainer = await start(LONG);
    const training = trainer.fit(rows, { epochs: ENDLESS, worker: true });
    const first = trainer.model.fingerprint();
    while (trainer.updates === 0) await sleep(5);
    await sleep(20);
    const told = expect(training).rejects.toThrow(
      /^Trainer: the worker that trains stopped \(it ended with code 1\); the weights and the optimizer's state are those of step \d+, in epoch \d+\. Call fit again to go on from there$/,
    );
    await Promise.all([told, ...made.map((worker) => worker.terminate())]);
    const { updates } = trainer;
    const here = await start(LONG);
    const stop: w.Callback = {
      onBatchEnd(_batch, _logs, state) {
        if (here.updates === updates) state.stop();
      },
    };
    if (updates > 0) await here.fit(rows, { epochs: ENDLESS, callbacks: [stop] });
    expect(trainer.model.fingerprint()).toBe(updates > 0 ? here.model.fingerprint() : first);
    await trainer.fit(rows, { worker: true });
  });

  test("one that ends after the last pass ends fit, too; all goes back together", async () => {
    const ends: Readonly<Record<string, (kill: () => Promise<unknown>) => w.Callback>> = {
      "in the last epoch's callback": (kill) => ({ onEpochEnd: (epoch) => (epoch === 2 ? void kill() : undefined) }),
      "in one that stops": (kill) => ({
        async onEpochEnd(_epoch, _logs, training) {
          await kill();
          training.stop();
        },
      }),
    };
    for (const make of Object.values(ends)) {
      const trainer = await start({});
      const first = trainer.model.fingerprint();
      const callback = make(() => Promise.all(made.map((worker) => worker.terminate())));
      await expect(trainer.fit(rows, { epochs: 3, worker: true, callbacks: [callback] })).rejects.toThrow(
        /^Trainer: the worker that trains stopped .* are those of step 0, in epoch 1\./,
      );
      expect([trainer.model.fingerprint(), trainer.updates, trainer.epochs]).toEqual([first, 0, 0]);
      const here = await start({});
      expect(await trainer.fit(rows, { epochs: 2 })).toEqual(await here.fit(rows, { epochs: 2 }));
    }
  });

  test("one that ends while rows are measured: weights and counters are of one step", async () => {
    const trainer = await start({});
    const kill = new Proxy(w.accuracy(), {}); // a metric is asked for its result at the end of an epoch
    let results = 0;
    const metric: w.Metric = {
      ...kill,
      result: (sums, context) => {
        if (++results === 3) void Promise.all(made.map((worker) => worker.terminate()));
        return kill.result(sums, context);
      },
    };
    const other = new w.Trainer(trainer.model, {
      loss: w.softmaxCrossEntropy(),
      optimizer: w.adam(),
      metrics: [metric],
    });
    const first = trainer.model.fingerprint();
    await expect(other.fit(rows, { epochs: 9, worker: true, validationSplit: 0.3 })).rejects.toThrow(/ of step 0, /);
    expect([trainer.model.fingerprint(), other.updates, other.epochs]).toEqual([first, 0, 0]);
  });

  test("what was asked for before the end doesn't come back after it", async () => {
    const make = async (refreshes: boolean): Promise<unknown> => {
      const trainer = await start({});
      let over = false;
      const ask = async (): Promise<void> => {
        while (!over) await Promise.all([trainer.refresh(), sleep(0)]);
      };
      const fit = { epochs: 12, validationSplit: 0.3, worker: true, callbacks: [w.earlyStopping({ patience: 3 })] };
      const asking = refreshes ? [ask(), ask()] : [];
      await trainer.fit(rows, fit);
      trainer.step(rows.x, rows.y);
      await sleep(20);
      over = true;
      await Promise.all(asking);
      return trainer.model.fingerprint();
    };
    expect(await make(true)).toBe(await make(false));
  });

  test("parameters that are set while one starts are those that are trained", async () => {
    const make = async (worker: boolean): Promise<unknown> => {
      const trainer = await start({});
      const training = trainer.fit(rows, { epochs: 2, worker, callbacks: [{ onEpochBegin: () => {} }] });
      const [weight] = trainer.model.parameters();
      weight!.set(weight!.get().fill(0.5));
      await training;
      return trainer.model.fingerprint();
    };
    expect(await make(true)).toBe(await make(false));
  });

  test("a memory that grows while one starts", async () => {
    const trainer = await start({});
    const training = trainer.fit(rows, { epochs: 2, worker: true });
    for (let i = 0; i < 20; i++) {
      await w.sequential({ input: 300, core: trainer.model.core }, w.dense(300));
      await sleep(1);
    }
    await training;
    expect(w.backend(trainer.model)).toMatchObject({ worker: true });
  });

  test("100 trainings leave none behind", async () => {
    const before = made.length;
    const trainer = await start({});
    for (let i = 0; i < 100; i++) await trainer.fit(rows, { worker: true });
    expect(made.length - before).toBeLessThanOrEqual(1); // it is used again
    limits.idle = 10;
    await trainer.fit(rows, { worker: true });
    await expect.poll(alive).toBe(0);
  });

  test("one that nothing is trained in doesn't keep the process alive", async () => {
    const program = `
      import { dense, meanSquaredError, sequential, sgd, Trainer } from "./build/index.js";
      const model = await sequential({ input: 1 }, dense(1));
      await new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).fit({ x: [1], y: [1] }, { worker: true });
      const end = performance.now();
      process.on("exit", () => console.log(performance.now() - end));`;
    const { execFileSync } = await import("node:child_process");
    const left = Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }));
    expect(left).toBeLessThan(4000); // it would be ended after 5 s
  });
});
