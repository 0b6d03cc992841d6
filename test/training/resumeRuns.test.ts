// Trainings that go on from a checkpoint: on threads and in workers, ended in every way, and what stores are asked for.
import { once } from "node:events";
import type * as threads from "node:worker_threads";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readCheckpoint } from "../../src/io/checkpointFile.ts";
import * as w from "../../src/index.ts";
import { limits } from "../../src/runtime/threads/threadPool.ts";
import { expectRefusal } from "../support/refusals.ts";
import {
  always,
  everyBatch,
  expectResumes,
  expectSameCheckpoints,
  expectSameOutcome,
  FIT,
  inside,
  MemoryStore,
  small,
  train,
  type Training,
  x,
  y,
} from "../support/resuming.ts";
import { generator } from "../support/seeded.ts";

const plain: Training = { trainer: () => small(), data: () => ({ x, y }), options: () => FIT };

/** Batches that take their time. */
const slow = (): w.Source =>
  w.batches(async function* (epoch) {
    for (let i = 0; i < 4; i++) {
      await sleep(0);
      const random = generator(10 * epoch + i);
      yield { x: Float32Array.from({ length: 12 }, random), y: [0, 1, 1, 0] };
    }
  });

describe("elsewhere", () => {
  const { least } = limits;
  /** The workers that were made: one that is let go may be used again. */
  const made: threads.Worker[] = [];
  const builtin = process.getBuiltinModule("node:worker_threads");
  const { Worker } = builtin;
  class Noted extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      made.push(this);
    }
  }
  beforeAll(() => {
    limits.least = 0; // threads share every record, however small
    builtin.Worker = Noted;
  });
  afterAll(() => {
    limits.least = least;
    builtin.Worker = Worker;
  });

  const on = (threads: number): Promise<w.Trainer> => small({ metrics: [w.accuracy()] }, { threads });

  test.each([
    [1, 2],
    [2, 1],
    [2, 2],
  ])("from %d threads to %d", async (first, second) => {
    const training: Training = { ...plain, trainer: (resumed) => on(resumed ? second : first) };
    const { kept } = await expectResumes(training);
    const one = new MemoryStore();
    await train({ ...plain, trainer: () => on(1) }, false, { callbacks: always(one) });
    expectSameCheckpoints(kept, one.kept, `${first} threads`);
  });

  test("from one thread to two and back", async () => {
    const store = new MemoryStore();
    const whole = await train({ ...plain, trainer: () => on(1) }, false, { callbacks: always(store) });
    const end = new AbortController();
    const ends: w.Callback = {
      onBatchEnd: (_batch, _logs, { updates }) => void (updates === 5 && end.abort("enough")),
    };
    const second = new MemoryStore(store.kept[3]!.bytes);
    const two = await on(2);
    const given = { ...FIT, progress: false, resumeFrom: second, signal: end.signal };
    await expect(two.fit({ x, y }, { ...given, callbacks: [ends, w.checkpoint(second)] })).rejects.toBe("enough");
    second.from = undefined;
    const last = await train({ ...plain, trainer: () => on(1) }, true, { resumeFrom: second });
    expectSameOutcome(last, whole, "after two threads");
  });

  test.each([
    [false, true],
    [true, false],
    [true, true],
  ])("worker: %s to %s", async (first, second) => {
    const workers: boolean[] = [];
    const training: Training = {
      trainer: () => small({ metrics: [w.accuracy()] }, {}),
      data: () => ({ x, y }),
      options: (resumed) => ({
        ...FIT,
        epochs: 2,
        worker: resumed ? second : first,
        callbacks: [{ onEpochEnd: (_epoch, _logs, { model }) => void workers.push(w.backend(model).worker) }],
      }),
    };
    const { kept } = await expectResumes(training);
    expect(new Set(workers)).toEqual(new Set([first, second]));
    const here = new MemoryStore();
    await train({ ...plain, trainer: training.trainer }, false, { epochs: 2, callbacks: always(here) });
    expectSameCheckpoints(kept, here.kept, `worker: ${first}`);
  });

  test("in a worker, with batches that are made here", async () => {
    const options = (resumed: boolean): w.FitOptions => ({ epochs: 2, accumulate: 3, worker: resumed });
    await expectResumes({ ...plain, data: slow, options });
  });

  test("after the worker has ended", async () => {
    const outcome = await train(plain, false);
    for (const last of [1, 4, 9]) {
      const store = new MemoryStore();
      const kill: w.Callback = {
        async onBatchEnd(_batch, _logs, { updates }) {
          if (updates === last) await Promise.all(made.map((worker) => worker.terminate()));
        },
      };
      await expect(train(plain, false, { worker: true, callbacks: [kill, ...always(store)] })).rejects.toThrow(
        "Trainer: the worker that trains stopped",
      );
      // none that is of two moments
      for (const { bytes } of [...store.kept.slice(0, 1), ...store.kept.slice(-1)]) {
        const again = await train(plain, true, { resumeFrom: new MemoryStore(bytes) });
        expectSameOutcome(again, outcome, `before update ${last}`);
      }
    }
  });

  test("whatever the time slice, and without a function for every batch", async () => {
    for (const yieldEvery of [1e-6, 1000]) await expectResumes({ ...plain, options: () => ({ ...FIT, yieldEvery }) });
    const store = new MemoryStore();
    const every = new MemoryStore();
    await train(plain, false, { callbacks: always(every) });
    const whole = await train(plain, false, { callbacks: [w.checkpoint(store, { everySteps: 2, keepBest: false })] });
    expect(store.kept.map(({ info }) => info.step)).toEqual([2, 4, 6, 8, 9]);
    for (const { bytes } of store.kept) {
      const from = new MemoryStore(bytes);
      expectSameOutcome(await train(plain, true, { resumeFrom: from }), whole, "from one of them");
    }
    // the same places are the same bytes, however they were come to
    const places = ({ bytes }: { bytes: Uint8Array }): string => {
      const { epoch, batch } = readCheckpoint(bytes);
      return `${epoch} ${batch}`;
    };
    for (const kept of store.kept) {
      const same = every.kept.find((other) => places(other) === places(kept))!;
      const [a, b] = [kept, same].map(({ bytes }) => readCheckpoint(bytes));
      expect({ ...a, bests: 0 }).toEqual({ ...b, bests: 0 });
    }
  });
});

describe("what has ended", () => {
  /** What is called in a training that has nothing left to do. */
  async function expectOver(training: Training, bytes: Uint8Array, outcome: Awaited<ReturnType<typeof train>>) {
    const called: string[] = [];
    const notes: w.Callback = {
      onTrainBegin: () => void called.push("onTrainBegin"),
      onEpochBegin: () => void called.push("onEpochBegin"),
      onBatchBegin: () => void called.push("onBatchBegin"),
      onBatchEnd: () => void called.push("onBatchEnd"),
      onEpochEnd: () => void called.push("onEpochEnd"),
      onTrainEnd: () => void called.push("onTrainEnd"),
    };
    const from = new MemoryStore(bytes);
    const { trainer, ...again } = await train(training, true, {
      resumeFrom: from,
      callbacks: [notes, w.checkpoint(from, { everySeconds: 1e-9 })],
    });
    expectSameOutcome(again, outcome, "over");
    expect(trainer.updates).toBe(outcome.trainer.updates);
    expect(trainer.model.fingerprint()).toBe(outcome.trainer.model.fingerprint());
    expect(called).toEqual(["onTrainBegin", "onTrainEnd"]);
    expect(from.kept).toEqual([]);
  }

  test("by its epochs", async () => {
    const store = new MemoryStore();
    const outcome = await train(plain, false, { callbacks: [w.checkpoint(store)] });
    expect(readCheckpoint(store.kept.at(-1)!.bytes)).toMatchObject({ ended: true, epoch: 3, batch: 0 });
    await expectOver(plain, store.kept.at(-1)!.bytes, outcome);
    // without any callback, too
    const from = new MemoryStore(store.kept.at(-1)!.bytes);
    expectSameOutcome(await train(plain, true, { resumeFrom: from }), outcome, "without callbacks");
  });

  test("by earlyStopping", async () => {
    const options = (): w.FitOptions => ({
      ...FIT,
      epochs: 40,
      validationSplit: 0.2,
      callbacks: [w.earlyStopping({ patience: 2, minimumChange: 0.01 })],
    });
    const training = { ...plain, options };
    const store = new MemoryStore();
    const outcome = await train(training, false, { callbacks: [w.checkpoint(store)] });
    expect(outcome.history.loss.length).toBeLessThan(40);
    await expectOver(training, store.kept.at(-1)!.bytes, outcome);
    // more epochs don't change that
    const more = { ...training, options: () => ({ ...options(), epochs: 80 }) };
    await expectOver(more, store.kept.at(-1)!.bytes, outcome);
  });

  // in an update that is then never made, and after one; of what a pass changes the running statistics are undone
  test.each([
    [1, 0],
    [1, 2],
    [0, 3],
    [2, 4],
  ])("by a callback's stop() in epoch %d, after batch %d", async (epoch, batch) => {
    const stops = (): w.Callback => {
      let at = 0;
      return {
        onEpochBegin: (its) => void (at = its),
        onBatchEnd(its, _logs, { stop }) {
          if (at === epoch && its === batch) stop();
        },
      };
    };
    for (const worker of [false, true]) {
      const training = { ...plain, options: () => ({ ...FIT, worker, callbacks: [stops()] }) };
      const store = new MemoryStore();
      const outcome = await train(training, false);
      expectSameOutcome(await train(training, false, { callbacks: [w.checkpoint(store)] }), outcome, "kept");
      expect(readCheckpoint(store.kept.at(-1)!.bytes).ended).toBe(true);
      await expectOver(training, store.kept.at(-1)!.bytes, outcome);
      const every = new MemoryStore();
      await train(training, false, { callbacks: always(every) });
      await expectOver(training, every.kept.at(-1)!.bytes, outcome);
      expectSameOutcome(
        await train(training, true, { resumeFrom: new MemoryStore(every.kept[0]!.bytes) }),
        outcome,
        "from the first",
      );
    }
  });

  test("doesn't open its sources any more", async () => {
    let opened = 0;
    const source = (): w.Source =>
      w.batches(function* () {
        opened++;
        yield { x, y };
      });
    const options = (): w.FitOptions => ({ epochs: 2, validationData: source(), map: (batch) => batch });
    const training: Training = { ...plain, data: source, options };
    const store = new MemoryStore();
    const outcome = await train(training, false, { callbacks: [w.checkpoint(store)] });
    expect(opened).toBeGreaterThan(0);
    opened = 0;
    await expectOver(training, store.kept.at(-1)!.bytes, outcome);
    expect(opened).toBe(0);
  });

  test("goes on with more epochs as a longer training would have", async () => {
    const callbacks = (): w.Callback[] => [w.earlyStopping({ patience: 9 }), w.emaWeights({ decay: 0.9 })];
    const training = (epochs: number, data: () => w.TrainingData | w.Source): Training => ({
      ...plain,
      data,
      options: () => ({ accumulate: 2, epochs, callbacks: callbacks() }),
    });
    const sources = [
      () => ({ x, y }),
      slow,
      () =>
        w.batches(
          [
            { x, y },
            { x, y },
          ],
          { stepsPerEpoch: 3 },
        ),
    ];
    for (const source of sources) {
      const long = new MemoryStore();
      const outcome = await train(training(5, source), false, { callbacks: always(long) });
      const store = new MemoryStore();
      await train(training(2, source), false, { callbacks: [w.checkpoint(store)] });
      const from = new MemoryStore(store.kept.at(-1)!.bytes);
      const longer = await train(training(5, source), true, { resumeFrom: from, callbacks: always(from) });
      expectSameOutcome(longer, outcome, "longer");
      const since = long.kept.filter(
        ({ info: { epoch }, bytes }) => epoch > 2 || (epoch === 2 && readCheckpoint(bytes).batch > 0),
      );
      expectSameCheckpoints(from.kept, since, "longer");
    }
  });

  test("has more epochs than are asked for", async () => {
    const store = new MemoryStore();
    await train(plain, false, { callbacks: [w.checkpoint(store)] });
    const trainer = await small();
    const before = trainer.state();
    await expectRefusal(
      () => trainer.fit({ x, y }, { ...FIT, epochs: 2, resumeFrom: store }),
      RangeError,
      "fit: resumeFrom: the checkpoint has 3 epochs, but epochs is 2; ask for as many or more, or take another store",
    );
    expect(trainer.state()).toEqual(before);
  });

  test("hasn't begun: there is no checkpoint", async () => {
    const outcome = await train(plain, false);
    const store = new MemoryStore();
    expectSameOutcome(await train(plain, false, { resumeFrom: store }), outcome, "nothing there");
    expectSameOutcome(
      await train(plain, false, { resumeFrom: store, callbacks: [w.checkpoint(store)] }),
      outcome,
      "and kept",
    );
    expect(store.kept.length).toBe(3);
  });

  test("as restore takes it: the state alone, for a new training", async () => {
    const store = new MemoryStore();
    const { trainer, state } = await train(plain, false, { callbacks: [w.checkpoint(store)] });
    const other = await small();
    other.restore(readCheckpoint(store.kept.at(-1)!.bytes).state);
    expect(Buffer.compare(other.state(), state)).toBe(0);
    const rest = { ...FIT, progress: false };
    expect(await other.fit({ x, y }, rest)).toEqual(await trainer.fit({ x, y }, rest));
    expect(Buffer.compare(other.state(), trainer.state())).toBe(0);
  });

  test("a second fit of the same trainer, with the same store", async () => {
    const store = new MemoryStore();
    const { trainer, ...outcome } = await train(plain, false, { callbacks: always(store) });
    const options = { ...FIT, progress: false, warnings: false };
    // over: nothing is done
    const resumed = { ...options, resumeFrom: store };
    expect(await trainer.fit({ x, y }, resumed)).toEqual(outcome.history);
    expect(trainer.state()).toEqual(outcome.state);
    // goes back, and on again
    store.from = store.kept[4]!.bytes;
    expect(await trainer.fit({ x, y }, resumed)).toEqual(outcome.history);
    expect(trainer.state()).toEqual(outcome.state);
    store.from = undefined;
    // a new training from there on
    const count = store.kept.length;
    const second = await trainer.fit({ x, y }, { ...options, callbacks: always(store) });
    const state = trainer.state();
    const other = await small();
    for (const i of [count, count + 6]) {
      store.from = store.kept[i]!.bytes;
      expect(await other.fit({ x, y }, resumed)).toEqual(second);
      expect(other.state()).toEqual(state);
    }
  });
});

describe("ended by a signal", () => {
  /** Ends a training at a place, and goes on from the checkpoint that it leaves. */
  async function expectGoesOn(
    training: Training,
    at: string,
    outcome: Awaited<ReturnType<typeof train>>,
  ): Promise<number> {
    const end = new AbortController();
    let epoch = 0;
    const note = (where: string): void => {
      if (where === at) end.abort(new Error(`at ${where}`));
    };
    const ends: w.Callback = {
      onEpochBegin: (its) => note(`begin ${(epoch = its)}`),
      onBatchBegin: (batch) => note(`begin ${epoch} ${batch}`),
      onBatchEnd: (batch) => note(`end ${epoch} ${batch}`),
      onEpochEnd: () => note(`end ${epoch}`),
    };
    const store = new MemoryStore();
    // nothing but the signal makes it write
    const callbacks = [ends, w.checkpoint(store, { everySteps: 999, keepBest: false })];
    await expect(train(training, false, { callbacks, signal: end.signal })).rejects.toThrow(`at ${at}`);
    expect(store.kept.length, at).toBe(1);
    const last = store.kept[0]!.bytes;
    const again = await train(training, true, { resumeFrom: new MemoryStore(last) });
    expectSameOutcome(again, outcome, at);
    return inside(last).position.accumulated;
  }

  const places = (batches: number): string[] =>
    [0, 1].flatMap((epoch) => [
      `begin ${epoch}`,
      ...Array.from({ length: batches }, (_, batch) => [`begin ${epoch} ${batch}`, `end ${epoch} ${batch}`]).flat(),
      `end ${epoch}`,
    ]);

  test.each<readonly [string, number, () => w.TrainingData | w.Source, w.FitOptions]>([
    ["arrays", 5, () => ({ x, y }), { batchSize: 5, validationSplit: 0 }],
    ["arrays and map", 5, () => ({ x, y }), { batchSize: 5, map: async (batch) => (await sleep(0), batch) }],
    ["batches", 4, slow, {}],
    [
      "batches with steps",
      3,
      () =>
        w.batches(
          [
            { x, y },
            { x, y },
          ],
          { stepsPerEpoch: 3 },
        ),
      {},
    ],
    [
      "rows that are mixed",
      3,
      () =>
        w.rows(
          Array.from({ length: 11 }, (_, i) => ({ x: [...x.subarray(3 * i, 3 * i + 3)], y: y[i]! })),
          { shuffleBuffer: 3 },
        ),
      { batchSize: 4 },
    ],
    ["a worker", 4, slow, { worker: true }],
  ])("at every place of a training on %s", async (name, batches, data, options) => {
    const training: Training = { ...plain, data, options: () => ({ epochs: 2, accumulate: 2, ...options }) };
    const outcome = await train(training, false, { callbacks: [everyBatch()] });
    const micro: number[] = [];
    const all = places(batches);
    // the last place is the end of the training; of a worker some are enough
    for (const at of all.slice(0, -1)) {
      if (name === "a worker" && !["begin 0 1", "end 0 2", "end 0 3", "begin 1"].includes(at)) continue;
      micro.push(await expectGoesOn(training, at, outcome));
    }
    expect(new Set(micro)).toEqual(new Set([0, 1]));
  });

  test("while its source hangs", async () => {
    const end = new AbortController();
    const never = new Promise<void>(() => {});
    const source = (hangs: boolean): w.Source =>
      w.batches(async function* () {
        yield { x, y };
        yield { x, y };
        if (hangs) {
          setTimeout(() => end.abort("enough"));
          await never;
        }
        yield { x, y };
      });
    const training: Training = { ...plain, data: () => source(false), options: () => ({ epochs: 1 }) };
    const outcome = await train(training, false);
    const store = new MemoryStore();
    const hanging = { ...training, data: () => source(true) };
    await expect(train(hanging, false, { callbacks: always(store), signal: end.signal })).rejects.toBe("enough");
    expectSameOutcome(await train(training, true, { resumeFrom: store }), outcome, "after it hung");
  });

  test("at once: nothing was done, and nothing is changed", async () => {
    const store = new MemoryStore();
    const first = await train(plain, false, { callbacks: always(store) });
    const from = new MemoryStore(store.kept[3]!.bytes);
    const trainer = await small();
    const before = trainer.state();
    const aborted = AbortSignal.abort("no");
    const options = { ...FIT, progress: false, resumeFrom: from, signal: aborted, callbacks: always(from) };
    await expect(trainer.fit({ x, y }, options)).rejects.toBe("no");
    expect(trainer.state()).toEqual(before);
    expect(from.kept).toEqual([]);
    const { signal, ...rest } = options;
    expect(signal.aborted).toBe(true);
    expect(await trainer.fit({ x, y }, rest)).toEqual(first.history);
  });
});

describe("stores", () => {
  test("are written to one at a time, while the training goes on, and fit ends after the last write", async () => {
    const log: string[] = [];
    let writing = 0;
    let batchesMeanwhile = 0;
    const kept: Uint8Array[] = [];
    const store: w.CheckpointStore = {
      async write(bytes, { step }) {
        expect(++writing).toBe(1);
        log.push(`begin ${step}`);
        await sleep(20);
        kept.push(bytes);
        log.push(`end ${step}`);
        writing--;
      },
      latest: async () => kept.at(-1),
      async open() {
        log.push("open");
        return () => void log.push("close");
      },
    };
    const counts: w.Callback = { onBatchEnd: () => void (batchesMeanwhile += writing) };
    // two of one store, and one given twice
    const twice = w.checkpoint(store, { everySteps: 2 });
    const callbacks = [counts, w.checkpoint(store), twice, twice];
    const outcome = await train(plain, false, { callbacks });
    expect(log[0]).toBe("open");
    expect(log.filter((line) => line === "open")).toHaveLength(1);
    expect(writing).toBe(0);
    await sleep(5);
    expect(log.at(-1)).toBe("close");
    expect(log.at(-2)).toBe("end 9");
    expect(batchesMeanwhile).toBeGreaterThan(0);
    // each place is written once
    expect(new Set(log).size).toBe(log.length);
    expectSameOutcome(await train(plain, true, { resumeFrom: store }), outcome, "from a slow store");
  });

  test("are closed after an error, too, once they have written", async () => {
    const log: string[] = [];
    const store: w.CheckpointStore = {
      async write() {
        await sleep(20);
        log.push("written");
      },
      latest: async () => undefined,
      open: async () => async () => void log.push("closed"),
    };
    const breaks: w.Callback = {
      onEpochBegin(epoch) {
        if (epoch === 1) throw new Error("broken");
      },
    };
    await expect(train(plain, false, { callbacks: [w.checkpoint(store), breaks] })).rejects.toThrow("broken");
    await expect.poll(() => log).toEqual(["written", "closed"]);
  });

  test("that refuse to open let nothing be trained", async () => {
    const opened: string[] = [];
    const good: w.CheckpointStore = {
      write: async () => {},
      latest: async () => undefined,
      open: async () => () => void opened.push("closed"),
    };
    const bad: w.CheckpointStore = { ...good, open: async () => Promise.reject(new Error("in use")) };
    const trainer = await small();
    const before = trainer.state();
    let begun = 0;
    const callbacks = [w.checkpoint(good), w.checkpoint(bad), { onTrainBegin: () => void begun++ }];
    await expectRefusal(() => trainer.fit({ x, y }, { callbacks }), Error, "in use");
    await sleep(1);
    expect(opened).toEqual(["closed"]);
    expect(begun).toBe(0);
    expect(trainer.state()).toEqual(before);
  });

  const failing = (after = 0): w.CheckpointStore => {
    let writes = 0;
    return {
      async write() {
        if (writes++ >= after) throw new Error("the disk is full");
      },
      latest: async () => undefined,
    };
  };

  test("that can't write end the training with the error", async () => {
    for (const after of [0, 2]) {
      const error: unknown = await train(plain, false, { callbacks: [w.checkpoint(failing(after))] }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toBe(
        `checkpoint: that of step ${3 * (after + 1)} couldn't be written: the disk is full`,
      );
      expect((error as Error).cause).toEqual(new Error("the disk is full"));
    }
    const throws: w.CheckpointStore = {
      write() {
        throw "what isn't an error";
      },
      latest: async () => undefined,
    };
    await expectRefusal(
      () => train(plain, false, { callbacks: [w.checkpoint(throws)] }),
      Error,
      "checkpoint: that of step 3 couldn't be written: the string \"what isn't an error\"",
    );
  });

  test("that can't write are passed over with a warning", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    try {
      const outcome = await train(plain, false);
      const callbacks = [w.checkpoint(failing(1), { onError: "warn" })];
      expectSameOutcome(await train(plain, false, { callbacks }), outcome, "with warnings");
      expect(warn.mock.calls.map(([text]) => text as string)).toEqual(
        [6, 9].map(
          (step) =>
            `checkpoint: that of step ${step} couldn't be written: the disk is full; the training goes on (onError: "warn")`,
        ),
      );
    } finally {
      warn.mockRestore();
    }
  });

  test("get bytes of their own, and are told what they are", async () => {
    const infos: w.CheckpointInfo[] = [];
    const store = new MemoryStore();
    const spoiling: w.CheckpointStore = {
      async write(bytes, info) {
        infos.push(info);
        bytes.fill(0);
      },
      latest: async () => undefined,
    };
    const outcome = await train(plain, false);
    const callbacks = [w.checkpoint(spoiling), w.checkpoint(store)];
    expectSameOutcome(await train(plain, false, { callbacks }), outcome, "with bytes that were changed");
    expect(infos).toEqual(store.kept.map(({ info }) => info));
    expectSameOutcome(
      await train(plain, true, {
        resumeFrom: new MemoryStore(store.kept[1]!.bytes),
        callbacks: [w.checkpoint(new MemoryStore())],
      }),
      outcome,
      "the other's",
    );
  });

  test("of a training that is killed by a signal of the process write before it ends", async () => {
    const end = new AbortController();
    const store = new MemoryStore();
    const finish = once(end.signal, "abort");
    let batches = 0;
    // from outside, once it trains
    const kills: w.Callback = { onBatchEnd: () => void (++batches === 20 && setTimeout(() => end.abort("killed"))) };
    const running = train(plain, false, {
      epochs: 10_000,
      signal: end.signal,
      callbacks: [w.checkpoint(store, { everySeconds: 999 }), kills],
    });
    await finish;
    await expect(running).rejects.toBe("killed");
    expect(store.kept.length).toBeGreaterThan(0);
    const { epoch, batch } = readCheckpoint(store.kept.at(-1)!.bytes);
    const epochs = epoch + 2;
    const outcome = await train(plain, false, { epochs });
    expectSameOutcome(await train(plain, true, { epochs, resumeFrom: store }), outcome, `from ${epoch}, ${batch}`);
  });
});
