// What goes wrong on one rank while a group trains: all end, in words, and nothing is left half done.
import { describe, expect, test } from "vitest";
import { localGroups } from "../../src/distributed/localGroups.ts";
import * as w from "../../src/index.ts";
import {
  classes,
  FIT,
  inTime,
  leftOf,
  members,
  numbers,
  PASSES,
  regression,
  ROWS,
  SIZES,
  small,
  thrown,
  trainAs,
  withAccuracy,
  x,
} from "../support/ranks.ts";

const SIZE = 3;

describe("a callback that throws on one rank", () => {
  const HOOKS = ["onTrainBegin", "onEpochBegin", "onBatchBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const;
  test.each(HOOKS)("%s", async (hook) => {
    for (const who of [0, 1]) {
      const trainers: w.Trainer[] = [];
      const errors = await thrown(SIZE, async (group) => {
        const trainer = (trainers[group.rank] = await withAccuracy());
        let calls = 0;
        const fail = (): void => {
          if (group.rank === who && ++calls === (hook.startsWith("onBatch") ? 10 : 1)) throw new RangeError("oh no");
        };
        await trainer.fit(classes, { ...FIT, group, callbacks: [{ [hook]: fail }] });
      });
      errors.forEach((error, rank) => {
        expect(error?.message).toBe(rank === who ? "oh no" : `fit: rank ${who} of the group failed: oh no`);
        if (rank === who) expect(error!.constructor).toBe(RangeError);
      });
      const [first, ...others] = trainers.map(leftOf);
      for (const left of others) expect(left).toEqual(first);
      expect(first!.updates).toBe(
        { onBatchBegin: 1, onBatchEnd: 2, onEpochEnd: 3, onTrainEnd: 6 }[hook as string] ?? 0,
      );
      // all can go on, together
      const groups = localGroups(SIZE);
      await inTime(Promise.all(trainers.map((its, rank) => its.fit(classes, { ...FIT, group: groups[rank] }))), hook);
      expect(new Set(trainers.map(({ model }) => model.fingerprint())).size).toBe(1);
    }
  });

  test("on one rank alone that has a callback", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const fail = { onBatchEnd: () => Promise.reject(new Error("oh no")) };
      await (await withAccuracy()).fit(classes, { ...FIT, group, callbacks: group.rank === 2 ? [fail] : [] });
    });
    expect(errors[0]!.message).toBe("fit: rank 2 of the group failed: oh no");
  });

  test("which throws what isn't an error", async () => {
    const ends = await inTime(
      Promise.allSettled(
        localGroups(2).map(async (group) => {
          const fail = { onEpochEnd: () => Promise.reject("a word") };
          await (await withAccuracy()).fit(classes, { ...FIT, group, callbacks: group.rank === 1 ? [fail] : [] });
        }),
      ),
      "a word",
    );
    expect(ends.map((end) => String((end as PromiseRejectedResult).reason))).toEqual([
      "Error: fit: rank 1 of the group failed: a word",
      "a word",
    ]);
  });
});

describe("a layer of the user's that throws on one rank, in one pass", () => {
  const fragile = (fails: () => boolean) =>
    w.customLayer({
      type: "fragile",
      forward({ x: given, y, training }) {
        if (training && fails()) throw new Error("too hot");
        y.set(given);
      },
      backward: ({ dy, dx }) => dx?.set(dy),
    });
  test.each([1, 3, 5, 8])("%d ranks", async (size) => {
    const trainers: w.Trainer[] = [];
    const before: ReturnType<typeof leftOf>[] = [];
    const who = size - 1;
    const errors = await thrown(size, async (group) => {
      let fails = false;
      const make = () => [w.dense(6), w.batchNorm(), fragile(() => fails), w.dropout(0.2), w.dense(3)];
      const trainer = (trainers[group.rank] = await small({ metrics: [w.accuracy()] }, {}, make));
      const note = (): void => {
        if (trainer.updates < 1) return;
        before[group.rank] ??= leftOf(trainer);
        fails = group.rank === who;
      };
      await trainer.fit(classes, { ...FIT, group, callbacks: [{ onBatchEnd: note }] });
    });
    errors.forEach((error, rank) => {
      expect(error?.message).toBe(
        `${rank === who ? "" : `fit: rank ${who} of the group failed: `}fragile (layer 3): forward threw Error: too hot`,
      );
    });
    // weights, running statistics and counts of the update before
    trainers.forEach((trainer, rank) => expect(leftOf(trainer)).toEqual(before[0] && before[rank]));
    expect(before.map((its) => its.updates)).toEqual(Array.from({ length: size }, () => 1));
  });
});

describe("a loss that isn't finite", () => {
  test.each([0, 1, 3, 7, 8, 12, 17])(
    "in pass %d: the same error for any number of ranks, and all as before its update",
    async (pass) => {
      const bad = { ...numbers, x: x.slice() };
      bad.x[4 * 3 * pass + 1] = 3e38;
      let wanted: { message: string; left: ReturnType<typeof leftOf> } | undefined;
      for (const size of SIZES) {
        const trainers: w.Trainer[] = [];
        const before: ReturnType<typeof leftOf>[] = [];
        const errors = await thrown(size, async (group) => {
          const trainer = (trainers[group.rank] = await regression({ metrics: [w.mae()] }));
          const note = (): void => void (before[group.rank] = leftOf(trainer));
          const hooks = { onTrainBegin: note, onBatchEnd: note };
          await trainer.fit(bad, { ...FIT, shuffle: false, group, callbacks: [hooks] });
        });
        errors.forEach((error, rank) => {
          expect(error).toBeInstanceOf(w.NonFiniteError);
          const { message, step, layer, tensor } = error as w.NonFiniteError;
          wanted ??= { message: [message, step, layer, tensor].join("|"), left: before[0]! };
          expect([message, step, layer, tensor].join("|"), `rank ${rank} of ${size}`).toBe(wanted.message);
          expect(leftOf(trainers[rank]!), `rank ${rank} of ${size}`).toEqual(wanted.left);
        });
      }
      expect(wanted!.left.updates).toBe(Math.floor(pass / PASSES));
    },
  );

  test("in two passes of several ranks: all tell the first", async () => {
    const bad = { ...numbers, x: x.slice() };
    for (const pass of [2, 5, 6]) bad.x[4 * 3 * pass + 1] = 3e38;
    const messages = new Set<string>();
    for (const size of SIZES) {
      const errors = await thrown(size, async (group) =>
        (await regression()).fit(bad, { ...FIT, shuffle: false, group }),
      );
      for (const error of errors) messages.add(error!.message);
    }
    expect(messages.size).toBe(1);
    expect([...messages][0]).toMatch(/^fit: /);
  });

  test("while the ranks' own history goes on afterwards", async () => {
    const bad = { ...numbers, x: x.slice() };
    bad.x[4 * 3 * 12] = 3e38;
    const make = () => regression({ metrics: [w.mae()] });
    const prints = new Set<string>();
    for (const size of [1, 2, 5]) {
      await members(size, async (group) => {
        const trainer = await make();
        await trainer.fit(bad, { ...FIT, shuffle: false, group }).catch(() => {});
        await trainer.fit(numbers, { ...FIT, group });
        prints.add(trainer.model.fingerprint());
      });
    }
    expect(prints.size).toBe(1);
  });
});

test("a gradient that isn't finite once it is summed", async () => {
  // each pass has a finite one, near to the largest float32
  const make = () =>
    small({ loss: w.meanSquaredError({ reduction: "sum" }), optimizer: w.sgd({ learningRate: 1e-30 }) }, {}, () => [
      w.dense(2, { kernelInitializer: w.zeros() }),
    ]);
  const huge = { x: new Float32Array(4 * ROWS).fill(1e19), y: new Float32Array(2 * ROWS).fill(5e18) };
  const messages = new Set<string>();
  for (const size of SIZES) {
    const trainers: w.Trainer[] = [];
    const errors = await thrown(size, async (group) => {
      const trainer = (trainers[group.rank] = await make());
      await trainer.fit(huge, { ...FIT, batchSize: 1, group });
    });
    for (const error of errors) {
      expect(error).toBeInstanceOf(w.NonFiniteError);
      messages.add(error!.message);
    }
    for (const { model, updates } of trainers) {
      expect(updates).toBe(0);
      expect(
        model
          .parameters()[0]!
          .get()
          .every((value) => value === 0),
      ).toBe(true);
      expect(model.passes).toBe(0);
    }
  }
  expect([...messages]).toEqual([expect.stringMatching(/^fit: .*gradient/)]);
});

test("a group of one fails as a trainer that is alone", async () => {
  const bad = { ...numbers, x: x.slice().fill(3e38, 40, 41) };
  const errors = await thrown(1, (group) => trainAs({ trainer: () => regression(), data: bad }, group));
  const alone = await trainAs({ trainer: () => regression(), data: bad }).catch((error: Error) => error);
  expect(errors[0]!.message).toBe((alone as Error).message);
});

describe("functions of the user's that throw on one rank", () => {
  const counting = (add: (n: number) => number, merge: (a: number, b: number) => number) =>
    w.customMetric({ name: "mine", start: () => 0, add, merge, result: (n) => n });
  const no = (): never => {
    throw new Error("no");
  };
  const CASES: Readonly<Record<string, readonly [(fails: boolean) => Promise<w.Trainer>, w.FitOptions[], string]>> = {
    "add of a metric": [
      (fails) => {
        let calls = 0;
        const add = (n: number): number => (fails && ++calls === 3 ? no() : n + 1);
        return small({ metrics: [counting(add, (a, b) => a + b)] });
      },
      [],
      "metric mine: add threw Error: no",
    ],
    "merge of a metric": [
      (fails) => {
        let calls = 0;
        const merge = (a: number, b: number): number => (fails && ++calls === 10 ? no() : a + b);
        return small({ metrics: [counting((n) => n + 1, merge)] });
      },
      [],
      "metric mine: merge threw Error: no",
    ],
    "a schedule": [
      (fails) =>
        small({
          schedule: { type: "mine", per: "update", start: () => ({ rate: (t) => (fails && t === 2 ? no() : 0.01) }) },
        }),
      [],
      "no",
    ],
    "a loss": [
      (fails) => {
        let calls = 0;
        const loss = w.customLoss({
          type: "mine",
          target: "labels",
          each: "rows",
          compute({ losses, gradient }) {
            if (fails && ++calls === 4) no();
            losses.fill(1);
            gradient.fill(0.1);
          },
        });
        return small({ loss });
      },
      [],
      "loss mine: compute threw Error: no",
    ],
    "a source to measure with": [
      () => small(),
      [false, true].map((fails) => ({
        validationData: w.batches(function* () {
          if (fails) no();
          yield { x: x.subarray(0, 24), y: classes.y.subarray(0, 6) };
        }),
      })),
      "no",
    ],
  };
  for (const [name, [make, options, message]] of Object.entries(CASES)) {
    test(name, async () => {
      const trainers: w.Trainer[] = [];
      const errors = await thrown(SIZE, async (group) => {
        const fails = group.rank === 1;
        const trainer = (trainers[group.rank] = await make(fails));
        await trainer.fit(classes, { ...FIT, ...options[Number(fails)], group });
      });
      errors.forEach((error, rank) => {
        expect(error?.message).toBe(rank === 1 ? message : `fit: rank 1 of the group failed: ${message}`);
      });
      // a merge is made of what all have: that rank's update is missing
      const [first, ...others] = trainers.filter((_, rank) => rank !== 1 || !name.startsWith("merge")).map(leftOf);
      for (const left of others) expect(left).toEqual(first);
    });
  }
});
