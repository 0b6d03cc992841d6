// The workers: how they begin, end and die. Every death here is a real one.
import { readdirSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { POOL_BUSY, POOL_TURN, POOL_UPDATING } from "../../../build/abi.js";
import * as w from "../../../src/index.ts";
import { limits, type ThreadPool } from "../../../src/runtime/threads/threadPool.ts";
import { normal } from "../../support/seeded.ts";

const usual = { ...limits };
beforeEach(() => void (limits.least = 0));
afterEach(() => void Object.assign(limits, usual));

const worker = (): Worker => new Worker(new URL("../../../build/wasmgrad.worker.js", import.meta.url));
const script = (code: string): Worker => new Worker(code, { eval: true });
const poolOf = (model: w.Model): ThreadPool => model.core.executor as ThreadPool;

/** So many parameters that passes and updates take milliseconds. */
const WIDTH = 1200;
const ROWS = 8;
const BATCH = 2;
const x = normal(ROWS * WIDTH, { seed: 1 });
const y = normal(ROWS * 4, { seed: 2 });

const make = (threads: number, createWorker?: () => Worker): Promise<w.Model> =>
  w.sequential(
    { input: WIDTH, seed: 3, threads, ...(createWorker && { createWorker }) },
    w.dense(WIDTH),
    w.relu(),
    w.dense(4),
  );
const trainerOf = (model: w.Model): w.Trainer =>
  new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 1e-4 }) });

/** What one thread has after so many updates. */
async function afterSteps(steps: number): Promise<w.Trainer> {
  const trainer = trainerOf(await make(1));
  const stopAt = { onBatchEnd: (_batch: number, _logs: unknown, state: w.TrainingState) => {
    if (trainer.updates === steps) state.stop();
  } }; // prettier-ignore
  if (steps > 0) await trainer.fit({ x, y }, { batchSize: BATCH, epochs: 1000, callbacks: [stopAt] });
  return trainer;
}

/** Trains until the workers of these numbers have been killed in this phase. Returns the error. */
async function killed(number: number, updating: boolean): Promise<{ error: Error; trainer: w.Trainer }> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const workers: Worker[] = [];
    const model = await make(3, () => (workers.push(worker()), workers.at(-1)!));
    const trainer = trainerOf(model);
    const { words } = poolOf(model);
    const kill = setInterval(() => {
      const busy = Atomics.load(words, POOL_BUSY / 4) === 1 && trainer.updates > 2;
      if (!busy || (Atomics.load(words, POOL_UPDATING / 4) === 1) !== updating) return;
      clearInterval(kill);
      void workers[number]!.terminate();
    }, 1);
    const error = await trainer.fit({ x, y }, { batchSize: BATCH, epochs: 1e5 }).then(
      () => new Error("the training ended by itself"),
      (reason: Error) => reason,
    );
    clearInterval(kill);
    if (/while it changed/.test(error.message) === updating) return { error, trainer };
  }
  throw new Error("the worker never died in that phase");
}

describe("a worker that is killed", () => {
  for (const [who, number] of [
    ["a helper", 1],
    ["the leader", 0],
  ] as const) {
    // prettier-ignore
    test(`${who}, while a pass runs: the weights are those of the last whole step`, async () => {
      const { error, trainer } = await killed(number, false);
      const { updates, model } = trainer;
      expect(error.message).toBe(
        `Trainer: worker ${number + 1} of 3 stopped (it ended with code 1); the weights are those of step ${updates}. ` +
          "The model goes on with one thread",
      );
      expect(updates).toBeGreaterThan(0);
      expect(model.fingerprint()).toBe((await afterSteps(updates)).model.fingerprint());
      const reason = `worker ${number + 1} of 3 stopped (it ended with code 1)`;
      expect(w.backend(model)).toEqual({ binary: "threads", threads: 1, worker: false, reason });
    });

    test(`${who}, while an update runs: everything is as it was at the epoch's start`, async () => {
      const { error, trainer } = await killed(number, true);
      const { updates, epochs, model } = trainer;
      expect(error.message).toBe(
        `Trainer: worker ${number + 1} of 3 stopped (it ended with code 1) while it changed the weights; they and the ` +
          `optimizer's state are again those of step ${updates}, in epoch ${epochs + 1}. The model goes on with one thread`,
      );
      const other = await afterSteps(updates);
      expect(model.fingerprint()).toBe(other.model.fingerprint());
      // the optimizer's state, too, and the model goes on
      trainer.step(x, y);
      other.step(x, y);
      expect(model.fingerprint()).toBe(other.model.fingerprint());
    });
  }

  test("while nobody needs it: another one begins with the next fit", async () => {
    const workers: Worker[] = [];
    const model = await make(2, () => (workers.push(worker()), workers.at(-1)!));
    const trainer = trainerOf(model);
    await trainer.fit({ x, y }, { batchSize: BATCH });
    await workers[1]!.terminate();
    await trainer.fit({ x, y }, { batchSize: BATCH });
    expect(workers).toHaveLength(4);
    expect(w.backend(model).threads).toBe(2);
    expect(model.fingerprint()).toBe((await afterSteps(8)).model.fingerprint());
  });

  test("before a synchronous call that waits for it: an error, when it gives no sign", async () => {
    limits.silence = 300;
    const workers: Worker[] = [];
    const model = await make(2, () => (workers.push(worker()), workers.at(-1)!));
    void workers[1]!.terminate();
    // its end is an event that this thread has no time to see
    const until = performance.now() + 1500;
    while (performance.now() < until);
    expect(() => trainerOf(model).step(x, y)).toThrow(
      "a worker gave no sign for 0.3 s. The model goes on with one thread",
    );
    expect(model.predict(x)).toEqual((await make(1)).predict(x));
  });
});

describe("a worker that can't begin", () => {
  const other = "const { parentPort } = require('worker_threads');";
  const cases: readonly [string, () => Worker, string][] = [
    ["can't be made", () => { throw new Error("no workers here"); }, "createWorker (Error: no workers here)"],
    ["isn't one", () => undefined as never, "createWorker (TypeError: it made no worker, got undefined)"],
    ["is only promised", () => Promise.resolve(worker()) as never, "createWorker (TypeError: it made no worker, got a promise; did you forget await?)"],
    ["throws", () => script("throw new Error('broken')"), "createWorker (Error: broken)"],
    ["ends", () => script("process.exit(3)"), "createWorker (it ended with code 3)"],
    ["never answers", () => script("setInterval(() => {}, 1000)"), "no answer in 0.5 s"],
    ["is another program", () => script(`${other} parentPort.postMessage('hello'); setInterval(() => {}, 1000)`), "createWorker (another program answered)"],
    ["fails with its first message", () => script(`${other} parentPort.on('message', () => parentPort.postMessage({ error: 'no' }))`), "createWorker (no)"],
  ]; // prettier-ignore
  for (const [name, createWorker, reason] of cases) {
    test(`${name}: there is one thread, and why`, async () => {
      if (name === "never answers") limits.start = 500;
      const model = await make(2, createWorker);
      expect(w.backend(model)).toEqual({
        binary: "strict",
        threads: 1,
        worker: false,
        reason: `no worker could be started: ${reason}`,
      });
      await trainerOf(model).fit({ x, y }, { batchSize: BATCH });
      expect(model.fingerprint()).toBe((await afterSteps(4)).model.fingerprint());
    });
  }

  test("later, when the first ones have ended: the run goes on with one thread, and the reason is said", async () => {
    let made = 0;
    const workers: Worker[] = [];
    const createWorker = (): Worker => {
      if (made++ >= 2) throw new Error("no more workers");
      workers.push(worker());
      return workers.at(-1)!;
    };
    const model = await make(2, createWorker);
    const trainer = trainerOf(model);
    await trainer.fit({ x, y }, { batchSize: BATCH });
    expect(w.backend(model).threads).toBe(2);
    await poolOf(model).stop();
    await trainer.fit({ x, y }, { batchSize: BATCH });
    const reason = "no worker could be started: createWorker (Error: no more workers)";
    expect(w.backend(model)).toEqual({ binary: "threads", threads: 1, worker: false, reason });
    expect(model.fingerprint()).toBe((await afterSteps(8)).model.fingerprint());
  });

  test("those that could are ended with it", async () => {
    const workers: Worker[] = [];
    const ends: Promise<unknown>[] = [];
    const createWorker = (): Worker => {
      if (workers.length === 2) throw new Error("two are enough");
      workers.push(worker());
      ends.push(new Promise((resolve) => workers.at(-1)!.once("exit", resolve)));
      return workers.at(-1)!;
    };
    expect(w.backend(await make(3, createWorker)).threads).toBe(1);
    await Promise.all(ends);
    expect(workers).toHaveLength(2);
  });
});

test("the workers end when nobody needs them, and begin again", async () => {
  limits.idle = 50;
  const workers: Worker[] = [];
  const ends: Promise<unknown>[] = [];
  const model = await make(2, () => {
    workers.push(worker());
    ends.push(new Promise((resolve) => workers.at(-1)!.once("exit", resolve)));
    return workers.at(-1)!;
  });
  await Promise.all(ends);
  const trainer = trainerOf(model);
  trainer.step(x, y); // one thread
  await trainer.fit({ x, y }, { batchSize: BATCH, shuffle: false });
  expect(workers).toHaveLength(4);
  const alone = trainerOf(await make(1));
  alone.step(x, y);
  await alone.fit({ x, y }, { batchSize: BATCH, shuffle: false });
  expect(model.fingerprint()).toBe(alone.model.fingerprint());
});

test("workers that begin while those before them still go: none takes the other's work for its own", async () => {
  const model = await make(3);
  const pool = poolOf(model);
  const trainer = trainerOf(model);
  const alone = trainerOf(await make(1));
  for (let i = 0; i < 30; i++) {
    void pool.stop();
    await pool.start();
    trainer.step(x, y);
    alone.step(x, y);
    expect(model.fingerprint()).toBe(alone.model.fingerprint());
  }
});

test("what is read or asked for while workers train sees whole steps", async () => {
  const model = await make(2);
  const trainer = trainerOf(model);
  const seen: string[] = [];
  const look = setInterval(() => seen.push(model.fingerprint()), 5);
  // until it was looked at so often, however fast it is
  const onEpochEnd = (_epoch: number, _logs: unknown, state: w.TrainingState): void => {
    if (seen.length >= 10) state.stop();
  };
  await trainer.fit({ x, y }, { batchSize: BATCH, epochs: 1e6, callbacks: [{ onEpochEnd }] });
  clearInterval(look);
  const whole = new Set([(await make(1)).fingerprint()]);
  const alone = trainerOf(await make(1));
  const onBatchEnd = (_batch: number, _logs: unknown, state: w.TrainingState): void => {
    whole.add(alone.model.fingerprint());
    if (alone.updates === trainer.updates) state.stop();
  };
  await alone.fit({ x, y }, { batchSize: BATCH, epochs: 1e6, callbacks: [{ onBatchEnd }] });
  for (const fingerprint of seen) expect(whole).toContain(fingerprint);
});

const TIMES = process.env["LONG"] ? 1000 : 50;

test(`${TIMES} times begun and ended: neither threads nor memory are left behind`, async () => {
  const model = await make(2);
  const pool = poolOf(model);
  const threads = (): number => readdirSync("/proc/self/task").length;
  const cycle = async (): Promise<void> => {
    await pool.start();
    await pool.stop();
  };
  for (let i = 0; i < 50; i++) await cycle();
  const before = { threads: threads(), memory: process.memoryUsage().rss };
  for (let i = 50; i < TIMES; i++) await cycle();
  expect(threads()).toBeLessThanOrEqual(before.threads + 2);
  expect(process.memoryUsage().rss).toBeLessThan(before.memory + 100e6);
  await trainerOf(model).fit({ x, y }, { batchSize: BATCH });
  expect(model.fingerprint()).toBe((await afterSteps(4)).model.fingerprint());
}, 600_000);

describe("options", () => {
  const refused = (options: object, text: string): Promise<void> =>
    expect(w.sequential({ input: 2, ...options } as w.ModelOptions, w.dense(1))).rejects.toThrow(text);

  test("threads is a whole number from 1 to 32, or auto", async () => {
    for (const [value, got] of [
      [0, "number 0"],
      [33, "number 33"],
      [1.5, "number 1.5"],
      ["many", 'the string "many"'],
    ] as const) {
      // prettier-ignore
      // prettier-ignore
      await refused({ threads: value }, `sequential: threads must be "auto" or a whole number from 1 to 32, got ${got}`);
    }
  });

  test("createWorker is a function", () =>
    refused(
      { threads: 2, createWorker: "worker.js" },
      "sequential: createWorker must be a function that makes a worker",
    ));

  test("a given core has its threads already", async () => {
    const { core } = await w.sequential({ input: 2 }, w.dense(1));
    await refused(
      { threads: 2, core },
      "sequential: threads is for a core of its own; leave it out where core is given",
    );
  });

  test("auto takes the processors that there are", async () => {
    const model = await w.sequential({ input: 2, threads: "auto" }, w.dense(1));
    expect(w.backend(model).threads).toBeGreaterThanOrEqual(1);
  });

  test("a model whose layers call JavaScript is led by the thread that made it", async () => {
    const twice = w.customLayer({
      type: "twice",
      forward: ({ x: from, y: to }) => from.forEach((v, i) => (to[i] = 2 * v)),
      backward: ({ dy, dx }) => dx && dy.forEach((v, i) => (dx[i] = 2 * v)),
    });
    const [one, two] = await Promise.all(
      [1, 2].map(async (threads) => {
        const model = await w.sequential({ input: WIDTH, threads, seed: 1 }, w.dense(8), twice, w.dense(4));
        await trainerOf(model).fit({ x, y }, { batchSize: BATCH, epochs: 3 });
        return model.fingerprint();
      }),
    );
    expect(two).toBe(one);
  });
});

describe("what is shared", () => {
  const turnsOf = (model: w.Model): number => Atomics.load(poolOf(model).words, POOL_TURN / 4);
  const train = async (width: number): Promise<w.Model> => {
    const model = await w.sequential({ input: width, threads: 2 }, w.dense(width), w.relu(), w.dense(4));
    const [rows, batchSize] = [256, 128];
    await trainerOf(model).fit(
      { x: normal(rows * width, { seed: 1 }), y: normal(rows * 4, { seed: 2 }) },
      { batchSize, epochs: 3, warnings: false }, // what looks for warnings makes passes of its own
    );
    return model;
  };
  beforeEach(() => void Object.assign(limits, usual));

  test("records that are worth it", async () => {
    // 6 steps: the first layer and relu, forward and backward, the second one's backward pass, check and update of the
    // parameters; the rest is small
    expect(turnsOf(await train(256))).toBe(6 * 7);
  });

  test("nothing of a small network", async () => expect(turnsOf(await train(16))).toBe(0));
});
