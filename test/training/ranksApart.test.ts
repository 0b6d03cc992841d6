// Ranks of a group that go different ways, or can't reach each other: all end, in words.
import { describe, expect, test } from "vitest";
import type { Group } from "../../src/distributed/group.ts";
import * as w from "../../src/index.ts";
import { classes, FIT, inTime, labels, leftOf, ROWS, thrown, withAccuracy, x } from "../support/ranks.ts";

const SIZE = 3;

describe("ranks that go apart", () => {
  test("parameters that a callback sets on one rank alone, at the end of the epoch", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      const change = (batch: number): void => {
        const [first] = trainer.model.parameters();
        if (batch === 9 && group.rank === 1) first!.set(first!.get().map((value) => value * 1.001));
      };
      await trainer.fit(classes, { ...FIT, group, callbacks: [{ onBatchEnd: change }] });
    });
    expect(new Set(errors.map((error) => error?.message))).toEqual(
      new Set([
        "fit: rank 1 has other weights than rank 0 after 3 updates; something has set parameters on one rank alone: callbacks and functions of your own must " +
          "do the same on all",
      ]),
    );
  });

  test("a learning rate that a callback sets on one rank alone", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      const change = (): void => void (group.rank === 2 && (trainer.learningRate = 0.5));
      await trainer.fit(classes, { ...FIT, group, callbacks: [{ onEpochEnd: change }] });
    });
    expect(new Set(errors.map((error) => error?.message))).toEqual(
      new Set([
        "fit: rank 2 has the learning rate 0.5 for update 4, where rank 0 has 0.01; all ranks need the same data, and callbacks and schedules that do the same",
      ]),
    );
  });

  test.each([
    ["fewer", 3 * 11],
    ["of one update", 3 * 8],
    ["none", 0],
  ])("a source of other batches on one rank: %s", async (_name, rows) => {
    for (const who of [0, 1]) {
      const trainers: w.Trainer[] = [];
      const errors = await thrown(SIZE, async (group) => {
        const count = group.rank === who ? rows : ROWS;
        const its = Array.from(labels.subarray(0, count), (y, r) => ({ x: x.subarray(4 * r, 4 * r + 4), y }));
        await (trainers[group.rank] = await withAccuracy()).fit(w.rows(its), { ...FIT, group });
      });
      for (const error of errors) expect(error?.message).toMatch(/^fit: /);
      if (rows > 0)
        expect(errors[0]!.message).toMatch(
          /rank 1 has \d+ batches of \d+ rows( \(the last of the epoch\))? for update \d, where rank 0 has /,
        );
      const [first, ...others] = trainers.map(leftOf);
      for (const left of others) expect(left).toEqual(first);
    }
  });

  test("a source that throws on one rank", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const source = w.rows(function* () {
        for (let r = 0; r < ROWS; r++) {
          if (group.rank === 1 && r === 40) throw new Error("no such file");
          yield { x: x.subarray(4 * r, 4 * r + 4), y: labels[r]! };
        }
      });
      await (await withAccuracy()).fit(source, { ...FIT, group });
    });
    expect(errors[1]!.message).toMatch(/no such file/);
    for (const rank of [0, 2])
      expect(errors[rank]!.message).toMatch(/^fit: rank 1 of the group failed: .*no such file/);
  });

  test("data that one rank can't use", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const data = group.rank === 1 ? { x, y: labels.map((label) => label + 9) } : classes;
      await (await withAccuracy()).fit(data, { ...FIT, group });
    });
    expect(errors[1]!.message).toMatch(/^fit: /);
    for (const rank of [0, 2])
      expect(errors[rank]!.message).toBe(`fit: rank 1 of the group failed: ${errors[1]!.message.replace("fit: ", "")}`);
    const measured = await thrown(SIZE, async (group) => {
      const data = group.rank === 1 ? { x, y: labels.map((label) => label + 9) } : classes;
      await (await withAccuracy()).evaluate(data, { group });
    });
    for (const rank of [0, 2]) {
      expect(measured[rank]!.message).toBe(
        `evaluate: rank 1 of the group failed: ${measured[1]!.message.replace("evaluate: ", "")}`,
      );
    }
  });
});

describe("ranks that make different calls", () => {
  const advice = "all must call fit and evaluate with the group in the same order, with the same options";
  /** Rank 1 alone measures in a callback. */
  const measuring = (fails: (trainer: w.Trainer, group: Group) => Promise<unknown>) =>
    thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      const onEpochEnd = async (): Promise<void> => void (await fails(trainer, group));
      await trainer.fit(classes, { ...FIT, group, callbacks: group.rank === 1 ? [{ onEpochEnd }] : [] });
    });
  const its = `rank 1 begins evaluate, while rank 0 ends an update or an epoch of fit; ${advice}`;

  test("one measures in a callback, where the others go on", async () => {
    const errors = await measuring((trainer, group) => trainer.evaluate(classes, { group }));
    expect(errors.map((error) => error?.message)).toEqual([`fit: ${its}`, `evaluate: ${its}`, `fit: ${its}`]);
  });

  test("which doesn't listen to what that throws", async () => {
    const errors = await measuring((trainer, group) => trainer.evaluate(classes, { group }).catch(() => {}));
    for (const rank of [0, 2]) expect(errors[rank]?.message).toBe(`fit: ${its}`);
    expect(errors[1]?.message).toMatch(/rank 1 begins evaluate, while rank 0 ends/);
  });

  test("one measures in a callback, where another fails", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      const onEpochEnd = async (): Promise<void> => {
        if (group.rank === 0) throw new Error("oh no");
        await trainer.evaluate(classes, { group }).catch(() => {});
      };
      await trainer.fit(classes, { ...FIT, group, callbacks: [{ onEpochEnd }] });
    });
    expect(errors[0]!.message).toBe("oh no");
    for (const rank of [1, 2]) expect(errors[rank]!.message).toMatch(/: rank 0 of the group failed: oh no$/);
  });

  test("what all fail to measure in a callback alike ends nothing else", async () => {
    const seen: string[] = [];
    const errors = await thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      const bad = { x, y: labels.map((label) => label + 7 * Number(group.rank === 1)) };
      const onEpochEnd = (): Promise<unknown> =>
        trainer.evaluate(bad, { group }).catch((error: Error) => seen.push(error.message));
      const onTrainEnd = (): void => {
        if (group.rank === 2) throw new Error("late");
      };
      await trainer.fit(classes, {
        ...FIT,
        group,
        callbacks: [{ onEpochEnd: async () => void (await onEpochEnd()), onTrainEnd }],
      });
    });
    expect(seen).toHaveLength(2 * SIZE);
    expect(errors.map((error) => error!.message)).toEqual([
      "fit: rank 2 of the group failed: late",
      "fit: rank 2 of the group failed: late",
      "late",
    ]);
  });

  test("one makes updates, where the others measure", async () => {
    const errors = await thrown(SIZE, async (group) => {
      const trainer = await withAccuracy();
      if (group.rank === 2) await trainer.fit(classes, { ...FIT, group });
      else await trainer.evaluate(classes, { group });
    });
    const both = `rank 2 begins fit, while rank 0 begins evaluate; ${advice}`;
    expect(errors.map((error) => error?.message)).toEqual([`evaluate: ${both}`, `evaluate: ${both}`, `fit: ${both}`]);
  });
});

describe("a group whose collectives fail", () => {
  const broken = (group: Group, name: "gather" | "exchange" | "collect", call: number): Group => {
    let calls = 0;
    const fail = (...given: never[]): void | Promise<void> => {
      if (++calls >= call) throw new Error("the network is unreachable");
      return (group[name] as (...all: never[]) => void | Promise<void>)(...given);
    };
    return { ...group, [name]: fail };
  };
  test.each([
    ["gather", 1],
    ["gather", 9],
    ["gather", 14],
    ["exchange", 1],
    ["exchange", 3],
    ["collect", 1],
    ["collect", 2],
  ] as const)("%s, call %d: all reject with its words", async (name, call) => {
    const trainers: w.Trainer[] = [];
    const errors = await thrown(SIZE, async (group) => {
      const trainer = (trainers[group.rank] = await withAccuracy());
      await trainer.fit(classes, { ...FIT, group: broken(group, name, call) });
    });
    for (const error of errors) expect(error?.message).toBe("the network is unreachable");
    expect(new Set(trainers.map(({ model }) => model.fingerprint())).size).toBe(1);
    // each can be used alone
    for (const trainer of trainers) {
      const print = trainer.model.fingerprint();
      await inTime(trainer.fit(classes, { ...FIT, epochs: 1 }), "alone");
      expect(trainer.model.fingerprint()).not.toBe(print);
    }
  });

  test("in evaluate", async () => {
    const errors = await thrown(SIZE, async (group) =>
      (await withAccuracy()).evaluate(classes, { group: broken(group, "gather", 3), batchSize: 4 }),
    );
    for (const error of errors) expect(error?.message).toBe("the network is unreachable");
  });
});
