// Callbacks, ends and pauses of a training on the ranks of a group, and what trainers do before and after it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as files from "../../src/files.ts";
import * as w from "../../src/index.ts";
import {
  classes,
  expectSame,
  expectTogether,
  FIT,
  inTime,
  members,
  type Outcome,
  ROWS,
  SIZES,
  thrown,
  trainAs,
  withAccuracy,
} from "../support/ranks.ts";

/** Groups of all sizes, of whose members each has callbacks by its rank; returns the first one's outcome. */
async function expectAlike(
  callbacksOf: (rank: number, trainer: w.Trainer) => readonly w.Callback[],
  options: w.FitOptions = {},
  sizes = SIZES,
): Promise<Outcome & { readonly trainer: w.Trainer }> {
  let wanted: (Outcome & { readonly trainer: w.Trainer }) | undefined;
  for (const size of sizes) {
    const all = await members(size, async (group) => {
      const trainer = await withAccuracy();
      const callbacks = callbacksOf(group.rank, trainer);
      return trainAs({ trainer: () => trainer, data: classes, options: { ...options, callbacks } }, group);
    });
    wanted ??= all[0]!;
    for (const [rank, outcome] of all.entries()) expectSame(outcome, wanted, `rank ${rank} of ${size}`);
  }
  return wanted!;
}

test("hooks are called in their order, batch by batch, on all ranks", async () => {
  const called: string[][] = [];
  await members(3, async (group) => {
    const its: string[] = (called[group.rank] = []);
    const note: w.Callback = {
      onTrainBegin: ({ rank, batches }) => void its.push(`begin ${rank === group.rank} ${batches}`),
      onEpochBegin: (epoch) => void its.push(`epoch ${epoch}`),
      onBatchBegin: (batch, { updates }) => void its.push(`batch ${batch} ${updates}`),
      onBatchEnd: (batch, { loss }, { updates }) => void its.push(`end ${batch} ${updates} ${loss}`),
      onEpochEnd: (epoch, logs) => void its.push(`epoch ${epoch} ends ${JSON.stringify(logs)}`),
      onTrainEnd: ({ updates }) => void its.push(`over ${updates}`),
    };
    await (await withAccuracy()).fit(classes, { ...FIT, group, callbacks: [note] });
  });
  expect(called[1]).toEqual(called[0]);
  expect(called[2]).toEqual(called[0]);
  const plain = called[0]!.map((line) => line.replace(/( \d+\.\d+| \{.*)$/, ""));
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const epoch = (n: number) => [
    `epoch ${n}`,
    ...[
      [0, 8],
      [8, 16],
      [16, 18],
    ].flatMap(([from, to], i) => [
      ...numbers(from!, to!).map((batch) => `batch ${batch} ${3 * n + i}`),
      ...numbers(from!, to!).map((batch) => `end ${batch} ${3 * n + i + 1}`),
    ]),
    `epoch ${n} ends`,
  ];
  expect(plain).toEqual(["begin true 18", ...epoch(0), ...epoch(1), "over 6"]);
});

describe("callbacks", () => {
  test("earlyStopping", async () => {
    const { history } = await expectAlike(
      () => [w.earlyStopping({ patience: 1, minimumChange: 10, restoreBestWeights: true })],
      { epochs: 9, validationSplit: 0.3 },
    );
    expect(history.loss).toHaveLength(2);
  });

  test("the learning rate set in one", async () => {
    const { trainer: slower } = await expectAlike((_rank, its) => [
      { onEpochEnd: () => void (its.learningRate /= 10) },
    ]);
    expect(slower.learningRate).toBeCloseTo(0.0001);
    const { trainer: falling } = await expectAlike((_rank, its) => [
      { onBatchEnd: (batch) => void (batch % 4 === 1 && (its.learningRate *= 0.9)) },
    ]);
    expect(falling.learningRate).toBeLessThan(0.01);
  });

  test("parameters set in one, the same on all", async () => {
    await expectAlike(() => [
      {
        onEpochEnd(_epoch, _logs, { model }) {
          const [first] = model.parameters();
          first!.set(first!.get().map((value) => value / 2));
        },
      },
    ]);
  });

  test("of rank 0 alone", async () => {
    const wanted = await expectAlike(() => [], {}, [1, 3]);
    for (const hook of ["onBatchBegin", "onBatchEnd", "onEpochEnd"]) {
      let calls = 0;
      const got = await expectAlike((rank) => (rank === 0 ? [{ [hook]: () => void calls++ }] : []), {}, [1, 2, 3]);
      expectSame(got, wanted, hook);
      expect(calls).toBe(hook === "onEpochEnd" ? 3 * 2 : 3 * 36);
    }
  });

  test("emaWeights", async () => {
    const averages: string[] = [];
    for (const size of SIZES) {
      await members(size, async (group) => {
        const trainer = await withAccuracy();
        const its = w.emaWeights({ decay: 0.5 });
        await trainer.fit(classes, { ...FIT, group, callbacks: [its] });
        its.swap(trainer.model);
        averages.push(trainer.model.fingerprint());
      });
    }
    expect(new Set(averages).size).toBe(1);
  });

  test("csvLogger: rank 0 writes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ranks-"));
    try {
      await expectAlike((rank) => [files.csvLogger(join(folder, `${rank}.csv`))], {}, [3]);
      expect(readdirSync(folder)).toEqual(["0.csv"]);
      const lines = readFileSync(join(folder, "0.csv"), "utf8").trim().split("\n");
      expect(lines).toHaveLength(1 + 2);
      expect(lines[0]).toBe("epoch,loss,accuracy");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("evaluate and predict in one", async () => {
    const seen: unknown[] = [];
    const { history } = await expectAlike((_rank, its) => [
      {
        async onEpochEnd() {
          seen.push(await its.evaluate(classes, { batchSize: 7 }), its.model.predict(classes.x.subarray(0, 8)));
        },
        onBatchEnd: (batch, _logs, { model }) =>
          void (batch === 8 && seen.push(model.predict(classes.x.subarray(0, 4)))),
      },
    ]);
    const alone = await expectAlike(() => [], {}, [1]);
    expect(history).toEqual(alone.history);
    expect(seen.length).toBe(6 * SIZES.reduce((a, b) => a + b));
  });

  test("evaluate with the group in one", async () => {
    for (const size of [1, 3]) {
      const all = await members(size, async (group) => {
        const trainer = await withAccuracy();
        const seen: unknown[] = [];
        const callback: w.Callback = {
          onEpochEnd: async () => void seen.push(await trainer.evaluate(classes, { batchSize: 7, group })),
        };
        await trainer.fit(classes, { ...FIT, group, validationSplit: 0.3, callbacks: [callback] });
        return seen;
      });
      for (const seen of all) expect(seen).toEqual(all[0]);
    }
  });
});

describe("an end", () => {
  test("stop() on one rank ends all after the same update", async () => {
    let wanted: Outcome | undefined;
    for (const size of SIZES) {
      for (const who of new Set([0, size - 1])) {
        const all = await members(size, (group) => {
          const callbacks = [
            {
              onBatchEnd: (batch: number, _logs: unknown, { stop }: w.TrainingState) =>
                batch === 9 && group.rank === who && stop(),
            },
          ] as w.Callback[];
          return trainAs({ trainer: withAccuracy, data: classes, options: { callbacks } }, group);
        });
        wanted ??= all[0]!;
        for (const outcome of all) expectSame(outcome, wanted, `rank ${who} of ${size} stopped`);
        expect(all[0]!.trainer.updates).toBe(2);
      }
    }
  });

  test.each(["onTrainBegin", "onEpochBegin", "onBatchBegin", "onEpochEnd"] as const)(
    "stop() in %s on one rank",
    async (hook) => {
      const all = await members(3, (group) => {
        const stop = (...given: unknown[]): void =>
          group.rank === 1 ? (given.at(-1) as w.TrainingState).stop() : undefined;
        const options = { callbacks: [{ [hook]: stop }], epochs: 3 };
        return trainAs({ trainer: withAccuracy, data: classes, options }, group);
      });
      for (const outcome of all) expectSame(outcome, all[0]!, hook);
      expect(all[0]!.trainer.updates).toBe({ onTrainBegin: 0, onEpochBegin: 1, onBatchBegin: 1, onEpochEnd: 3 }[hook]);
    },
  );

  test("a signal on one rank: all reject, it with its reason, and their weights are the same", async () => {
    for (const hook of ["onBatchEnd", "onEpochEnd", "onTrainBegin"] as const) {
      const trainers: w.Trainer[] = [];
      const errors = await thrown(3, async (group) => {
        const trainer = (trainers[group.rank] = await withAccuracy());
        const { signal, abort } = aborter();
        const callbacks = [{ [hook]: () => void (group.rank === 1 && abort(new Error("enough"))) }];
        await trainer.fit(classes, { ...FIT, group, signal, callbacks });
      });
      expect(errors[1]!.message).toBe("enough");
      for (const rank of [0, 2]) {
        expect(errors[rank]!.message).toBe("fit: the signal of rank 1 has ended the training of all");
        expect(errors[rank]!.name).toBe("AbortError");
      }
      expect(new Set(trainers.map(({ model }) => model.fingerprint())).size).toBe(1);
      expect(new Set(trainers.map(({ updates }) => updates)).size).toBe(1);
    }
  });

  test("a signal that is aborted before", async () => {
    const errors = await thrown(2, async (group) => {
      const { signal, abort } = aborter();
      if (group.rank === 1) abort(new Error("never mind"));
      await (await withAccuracy()).fit(classes, { ...FIT, group, signal });
    });
    expect(errors.map((error) => error!.message)).toEqual([
      "fit: the signal of rank 1 has ended the training of all",
      "never mind",
    ]);
  });

  test("a pause of one member: the others wait for it", async () => {
    const wanted = await expectTogether({ trainer: withAccuracy, data: classes }, [3]);
    let seen = "";
    const all = await members(3, async (group) => {
      const trainer = await withAccuracy();
      let paused: Promise<void> | undefined;
      const pause = async (): Promise<void> => {
        await trainer.pause();
        seen = trainer.model.fingerprint();
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(trainer.model.fingerprint()).toBe(seen);
        expect(trainer.state()).toBeInstanceOf(Uint8Array);
        trainer.resume();
      };
      const callbacks: w.Callback[] = [
        { onBatchEnd: (batch) => void (batch === 1 && group.rank === 1 && (paused ??= pause())) },
      ];
      const outcome = await trainAs({ trainer: () => trainer, data: classes, options: { callbacks } }, group);
      await paused;
      return outcome;
    });
    expect(seen).not.toBe("");
    for (const outcome of all) expectSame(outcome, wanted, "after the pause");
  });
});

/** A controller's parts. */
function aborter(): { signal: AbortSignal; abort(reason: Error): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}

describe("before and afterwards", () => {
  test("fit again, with the group, without it, by hand, and with it", async () => {
    const wanted: string[] = [];
    for (const size of [1, 3, 5]) {
      const all = await members(size, async (group) => {
        const trainer = await withAccuracy();
        const seen: string[] = [];
        const look = (): number => seen.push(trainer.model.fingerprint(), `${trainer.updates} ${trainer.epochs}`);
        await trainer.fit(classes, { ...FIT, group });
        look();
        await trainer.fit(classes, { ...FIT, epochs: 1 });
        look();
        trainer.step(classes.x.subarray(0, 28), classes.y.subarray(0, 7));
        look();
        await trainer.fit(classes, { ...FIT, epochs: 1, accumulate: 1, shuffle: false });
        look();
        await trainer.fit(classes, { ...FIT, group, accumulate: 6, batchSize: 5 });
        look();
        return seen;
      });
      for (const seen of all)
        expect(seen, `a group of ${size}`).toEqual((wanted.length ? wanted : wanted.push(...all[0]!), wanted));
    }
    expect(wanted.filter((line) => line.includes(" "))).toEqual(["6 2", "9 3", "10 3", "28 4", "32 6"]);
  });

  test("step after a training in a group makes the update that it makes elsewhere", async () => {
    const [state] = await members(2, async (group) => {
      const trainer = await withAccuracy();
      await trainer.fit(classes, { ...FIT, group });
      const before = trainer.state();
      trainer.step(classes.x.subarray(0, 12), classes.y.subarray(0, 3));
      const after = trainer.state();
      const other = await withAccuracy();
      other.restore(before);
      other.step(classes.x.subarray(0, 12), classes.y.subarray(0, 3));
      expect(Buffer.compare(other.state(), after)).toBe(0);
      trainer.restore(before);
      await trainer.fit(classes, { ...FIT, accumulate: 2 });
      other.restore(before);
      await other.fit(classes, { ...FIT, accumulate: 2 });
      expect(Buffer.compare(other.state(), trainer.state())).toBe(0);
      return before;
    });
    expect(state!.length).toBeGreaterThan(0);
  });

  test("state and restore, for a group of another size", async () => {
    const [whole] = await members(3, (group) =>
      trainAs({ trainer: withAccuracy, data: classes, options: { epochs: 4 } }, group),
    );
    const [half] = await members(5, (group) => trainAs({ trainer: withAccuracy, data: classes }, group));
    const rest = await members(2, async (group) => {
      const trainer = await withAccuracy();
      trainer.restore(half!.state);
      await trainer.fit(classes, { ...FIT, group });
      return trainer.state();
    });
    for (const state of rest) expect(Buffer.compare(state, whole!.state)).toBe(0);
  });

  test("no group is left over: what is refused while it trains isn't any more", async () => {
    await members(2, async (group) => {
      const trainer = await withAccuracy();
      const during: unknown[] = [];
      const callbacks: w.Callback[] = [
        { onEpochEnd: async () => void during.push(await trainer.fit(classes).catch((error: Error) => error.message)) },
      ];
      await trainer.fit(classes, { ...FIT, group, callbacks });
      expect(during).toEqual(Array.from({ length: 2 }, () => expect.stringMatching(/^fit: .*train/)));
      await inTime(trainer.fit(classes, { progress: false, batchSize: 8 }), "alone");
      expect(trainer.updates).toBe(6 + Math.ceil(ROWS / 8));
    });
  });
});
