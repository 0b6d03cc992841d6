// Checkpoints of a training on the ranks of a group: rank 0 writes them, and any number of ranks goes on.
import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../src/io/checkpointFile.ts";
import * as w from "../../src/index.ts";
import {
  classes,
  expectSame,
  FIT,
  labels,
  members,
  type Outcome,
  PASSES,
  ROWS,
  small,
  thrown,
  trainAs,
  x,
} from "../support/ranks.ts";
import { MemoryStore, sampled } from "../support/resuming.ts";
import { wholes } from "../support/seeded.ts";

/** What keeps more between two batches than numbers of a fixed count. */
const order = () =>
  w.customMetric({
    name: "firsts",
    start: () => [] as number[],
    add: (firsts, { output }) => [...firsts, output[0]!],
    merge: (a, b) => [...a, ...b],
    result: (firsts) => firsts.reduce((sum, value, i) => sum + value / (1 + i), 0),
  });

const CASES: Readonly<
  Record<string, { trainer: () => Promise<w.Trainer>; data: () => w.TrainingData | w.Source; options?: w.FitOptions }>
> = {
  arrays: {
    trainer: () =>
      small({ metrics: [w.accuracy(), w.logLoss(), order()], schedule: w.reduceOnPlateau({ patience: 1 }) }),
    data: () => classes,
    options: { validationSplit: 0.3 },
  },
  "two classes": {
    trainer: () =>
      small({ loss: w.binaryCrossEntropyWithLogits(), metrics: [w.rocAuc(), w.mse()] }, {}, () => [
        w.dense(5),
        w.batchNorm(),
        w.dropout(0.2),
        w.dense(1),
      ]),
    data: () => ({ x, y: Float32Array.from(wholes(ROWS, { seed: 4, below: 2 })) }),
  },
  outputs: {
    trainer() {
      const ends = w.outputs({
        a: { shape: 2, loss: w.meanSquaredError({ reduction: "sum" }), metrics: w.mae() },
        b: { shape: 1, loss: w.meanSquaredError() },
      });
      const last = ends.layer({ a: w.dense(2), b: [w.dense(3), w.batchNorm(), w.dense(1)] });
      return small({ loss: ends.loss }, {}, () => [w.dense(4), last]);
    },
    data: () => ({ x, y: Float32Array.from({ length: 3 * ROWS }, (_, i) => (i % 7) / 7) }),
  },
  "a source": {
    trainer: () => small({ metrics: [w.accuracy()] }),
    data: () =>
      w.rows(
        Array.from(labels, (y, r) => ({ x: x.subarray(4 * r, 4 * r + 4), y })),
        { shuffleBuffer: 12 },
      ),
  },
};

describe("a training that goes on with another number of ranks is the one that was never ended", () => {
  for (const [name, { trainer, data, options = {} }] of Object.entries(CASES)) {
    test(name, async () => {
      /** A training of so many ranks, of which rank 0 has the store. */
      const run = async (size: number, store: MemoryStore | undefined, resumed: boolean): Promise<Outcome[]> =>
        members(size, (group) => {
          const mine = group.rank === 0 ? store : new MemoryStore(Uint8Array.of(1, 2, 3)); // others' stores aren't read
          const more: w.FitOptions = {
            ...options,
            epochs: 3,
            ...(store && { callbacks: [w.checkpoint(mine!, { everySteps: 1 })] }),
            ...(resumed && { resumeFrom: mine }),
          };
          return trainAs({ trainer, data, options: more }, group);
        });
      const [wanted] = await run(3, undefined, false);
      const store = new MemoryStore();
      for (const outcome of await run(5, store, false)) expectSame(outcome, wanted!, "with checkpoints");
      const { kept } = store;
      expect(kept.length).toBeGreaterThanOrEqual(3 * 2);
      const some = sampled(kept);
      expect(some.some((i) => readCheckpoint(kept[i]!.bytes).batch > 0)).toBe(true);
      for (const i of some) {
        for (const size of [1, 2, 3]) {
          const from = new MemoryStore(kept[i]!.bytes);
          const where = `checkpoint ${i}, ${size} ranks`;
          for (const outcome of await run(size, from, true)) expectSame(outcome, wanted!, where);
          expect(
            from.kept.map(({ info }) => info),
            where,
          ).toEqual(kept.slice(i + 1).map(({ info }) => info));
        }
      }
    });
  }
});

const trainer = () => small({ metrics: [w.accuracy()] });

test("callbacks with states go on, too", async () => {
  const run = async (size: number, from?: MemoryStore, store = new MemoryStore()) => {
    const all = await members(size, async (group) => {
      const averages = w.emaWeights({ decay: 0.5 });
      const callbacks = [
        averages,
        w.earlyStopping({ patience: 2, minimumChange: 10 }),
        w.checkpoint(store, { everySteps: 1 }),
      ];
      const options = { epochs: 9, callbacks, ...(from && { resumeFrom: from }) };
      const outcome = await trainAs({ trainer, data: classes, options }, group);
      averages.swap(outcome.trainer.model);
      return { ...outcome, averages: outcome.trainer.model.fingerprint() };
    });
    for (const outcome of all) expectSame(outcome, all[0]!, `${size} ranks`);
    expect(new Set(all.map(({ averages }) => averages)).size).toBe(1);
    return { ...all[0]!, kept: store.kept };
  };
  const wanted = await run(3);
  expect(wanted.history.loss).toHaveLength(3);
  for (const i of sampled(wanted.kept)) {
    const got = await run(2, new MemoryStore(wanted.kept[i]!.bytes));
    expectSame(got, wanted, `checkpoint ${i}`);
    expect(got.averages).toBe(wanted.averages);
  }
});

test.each([
  ["a signal", 1],
  ["a signal of rank 0", 0],
])("%s ends it, and leaves a checkpoint from which others go on", async (_name, who) => {
  const [wanted] = await members(2, (group) => trainAs({ trainer, data: classes }, group));
  const store = new MemoryStore();
  const errors = await thrown(3, async (group) => {
    const controller = new AbortController();
    const abort = (batch: number): void => {
      if (batch === 9 && group.rank === who) controller.abort(new Error("enough"));
    };
    const callbacks = [{ onBatchEnd: abort }, w.checkpoint(store)];
    await (await trainer()).fit(classes, { ...FIT, group, signal: controller.signal, callbacks });
  });
  expect(errors[who]!.message).toBe("enough");
  expect(store.kept.map(({ info: { step } }) => step)).toEqual([2]);
  const all = await members(5, (group) => trainAs({ trainer, data: classes, options: { resumeFrom: store } }, group));
  for (const outcome of all) expectSame(outcome, wanted!, "resumed");
});

test("rank 0 alone writes, and others' stores aren't even opened", async () => {
  const stores = [new MemoryStore(), new MemoryStore()];
  const opened: number[] = [];
  await members(2, async (group) => {
    const its = stores[group.rank]!;
    const store: w.CheckpointStore = {
      open: async () => {
        opened.push(group.rank);
        return () => {};
      },
      write: (bytes, info) => its.write(bytes, info),
      latest: () => its.latest(),
    };
    await (await trainer()).fit(classes, { ...FIT, group, callbacks: [w.checkpoint(store)] });
  });
  expect(stores[0]!.kept.length).toBe(2);
  expect(stores[1]!.kept.length).toBe(0);
  expect(opened).toEqual([0]);
});

test("what has ended gives the same without training", async () => {
  const store = new MemoryStore();
  const options = { callbacks: [w.checkpoint(store)] };
  const [wanted] = await members(2, (group) => trainAs({ trainer, data: classes, options }, group));
  const all = await members(3, (group) =>
    trainAs({ trainer, data: classes, options: { resumeFrom: new MemoryStore(store.kept.at(-1)!.bytes) } }, group),
  );
  for (const outcome of all) expectSame(outcome, wanted!, "ended");
});

test("no checkpoint yet: all begin", async () => {
  const [wanted] = await members(2, (group) => trainAs({ trainer, data: classes }, group));
  const all = await members(3, (group) =>
    trainAs({ trainer, data: classes, options: { resumeFrom: new MemoryStore() } }, group),
  );
  for (const outcome of all) expectSame(outcome, wanted!, "begun");
});

describe("refused", () => {
  const CHECKPOINTS = async (group: boolean): Promise<Uint8Array> => {
    const store = new MemoryStore();
    const options = { callbacks: [w.checkpoint(store, { everySteps: 1 })] };
    if (group) await members(2, (its) => trainAs({ trainer, data: classes, options }, its));
    else await trainAs({ trainer, data: classes, options });
    return store.kept[1]!.bytes;
  };

  test("a checkpoint of a training without a group, whose bits are others, and the other way round", async () => {
    const another = /the checkpoint is of another training: it has .*, where this one has /;
    const alone = await CHECKPOINTS(false);
    const errors = await thrown(2, async (group) =>
      (await trainer()).fit(classes, { ...FIT, group, resumeFrom: new MemoryStore(alone) }),
    );
    for (const error of errors) expect(error!.message).toMatch(another);
    const together = await CHECKPOINTS(true);
    // a pass of theirs is an update of its own for what keeps them
    for (const accumulate of [PASSES, 1]) {
      const resumeFrom = new MemoryStore(together);
      await expect((await trainer()).fit(classes, { ...FIT, accumulate, resumeFrom })).rejects.toThrow(another);
    }
  });

  test("a store that rank 0 can't read", async () => {
    const errors = await thrown(3, async (group) => {
      const store: w.CheckpointStore = {
        write: async () => {},
        latest: async () => Promise.reject(new Error("no disc")),
      };
      await (await trainer()).fit(classes, { ...FIT, group, resumeFrom: store });
    });
    expect(errors[0]!.message).toBe("fit: resumeFrom: the store can't be read: no disc");
    for (const error of errors.slice(1)) {
      expect(error!.message).toMatch(/rank 0 of the group failed: .*no disc/);
    }
  });

  test("a damaged checkpoint", async () => {
    const errors = await thrown(3, async (group) =>
      (await trainer()).fit(classes, { ...FIT, group, resumeFrom: new MemoryStore(Uint8Array.of(1, 2, 3)) }),
    );
    for (const error of errors) expect(error!.message).toBe(errors[0]!.message);
    expect(errors[0]!.message).toMatch(/^fit: resumeFrom: /);
  });

  test("resumeFrom on some ranks alone", async () => {
    const bytes = await CHECKPOINTS(true);
    for (const who of [0, 1]) {
      const errors = await thrown(2, async (group) => {
        const resumed = group.rank === who && { resumeFrom: new MemoryStore(bytes) };
        await (await trainer()).fit(classes, { ...FIT, group, ...resumed });
      });
      const does = ["begins fit", "looks for a checkpoint in fit"];
      for (const error of errors) {
        expect(error?.message).toBe(
          `fit: rank 1 ${does[who]}, while rank 0 ${does[1 - who]}; all must call fit and evaluate with the group in the same order, with the same options`,
        );
      }
    }
  });

  test("a checkpoint that can't be written ends the training of all", async () => {
    const errors = await thrown(3, async (group) => {
      const store: w.CheckpointStore = {
        write: async () => Promise.reject(new Error("disc full")),
        latest: async () => undefined,
      };
      await (
        await trainer()
      ).fit(classes, { ...FIT, epochs: 5, group, callbacks: [w.checkpoint(store, { onError: "stop" })] });
    });
    expect(errors[0]!.message).toMatch(/^checkpoint: that of step 3 couldn't be written: disc full/);
    for (const error of errors.slice(1))
      expect(error!.message).toMatch(/^fit: rank 0 of the group failed: checkpoint: that of step 3/);
  });
});
