// What a group's ranks are guarded against: memory that grows meanwhile, calls that nobody awaits, functions of the user's that throw on one rank alone.
import { expect, test } from "vitest";
import * as w from "../../build/index.js";
import { type Group, localGroups } from "../../build/mpi.js";

const x = Array.from({ length: 60 }, (_, i) => [(i % 7) / 7, (i % 5) / 5]);
const y = x.map(([a, b]) => [a! - 2 * b!]);
const options = { batchSize: 4, accumulate: 6, progress: false, warnings: false } as const;

const trainerOf = async (metrics: readonly w.Metric[] = []): Promise<w.Trainer> => {
  const model = await w.sequential({ input: 2, seed: 3 }, w.dense(5), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics });
};
/** What all members end with: a value, or an error's message. */
const outcomes = (size: number, run: (group: Group) => Promise<unknown>): Promise<unknown[]> =>
  Promise.all(localGroups(size).map((group) => run(group).catch((error: unknown) => (error as Error).message)));

test("a collective over a slow network may find a memory that has grown meanwhile", async () => {
  const run = (grows: boolean): Promise<unknown[]> =>
    outcomes(3, async (group) => {
      const trainer = await trainerOf();
      const many = Float32Array.from({ length: 600_000 }, (_, i) => (i % 11) / 11);
      let left = grows ? 2 : 0;
      const slowly = async (act: () => unknown): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await act();
      };
      /** Each takes its time, in which one member predicts on many rows. */
      const slow: Group = {
        rank: group.rank,
        size: group.size,
        gather: (...given) => slowly(() => group.gather(...given)),
        async exchange(...given) {
          if (group.rank === 1 && left-- > 0) trainer.model.predict(many);
          await slowly(() => group.exchange(...given));
        },
        async collect(...given) {
          if (group.rank === 2 && left-- > 0) trainer.model.predict(many);
          await slowly(() => group.collect(...given));
        },
      };
      await trainer.fit({ x, y }, { ...options, group: slow });
      return trainer.model.fingerprint();
    });
  const [without, grown] = [await run(false), await run(true)];
  expect(new Set(without).size).toBe(1);
  expect(grown).toEqual(without);
});

test("an evaluate in a callback that nobody awaits is refused, and the training goes on", async () => {
  const said: string[] = [];
  const seen = await outcomes(3, async (group) => {
    const trainer = await trainerOf();
    const onEpochEnd = (): void =>
      void trainer.evaluate({ x, y }, { group }).catch((error: unknown) => said.push((error as Error).message));
    await trainer.fit({ x, y }, { ...options, group, callbacks: [{ onEpochEnd }], epochs: 3 });
    return trainer.model.fingerprint();
  });
  expect(new Set(seen).size).toBe(1);
  expect(said.length).toBe(9);
  expect(new Set(said)).toEqual(
    new Set([
      "evaluate: a fit is using the group, and two at once would mix up what ranks tell each other; await one before the next, or call it in a callback of that fit",
    ]),
  );
});

test("a merge that throws on one rank leaves all where they were, and they can go on", async () => {
  const seen = await outcomes(3, async (group) => {
    let throws = group.rank === 1;
    const rows = w.customMetric({
      name: "rows",
      start: () => 0,
      add: (state, pass) => state + pass.rows,
      merge: (a, b) => {
        if (throws && a > 12) throw new Error("no merge here");
        return a + b;
      },
      result: (state) => state,
    });
    const trainer = await trainerOf([rows]);
    const before = trainer.model.fingerprint();
    const failed: unknown = await trainer.fit({ x, y }, { ...options, group }).catch((error: unknown) => error);
    expect((failed as Error).message).toContain("no merge here");
    expect([trainer.updates, trainer.epochs, trainer.model.fingerprint()]).toEqual([0, 0, before]);
    throws = false;
    const { rows: counted } = await trainer.fit({ x, y }, { ...options, group });
    return [trainer.model.fingerprint(), trainer.updates, counted];
  });
  expect(new Set(seen.map(String)).size).toBe(1);
  expect(String(seen[0])).toMatch(/,3,60$/);
});

test("a result that throws on one rank leaves all in the same epoch", async () => {
  const seen = await outcomes(2, async (group) => {
    let throws = group.rank === 1;
    const odd = w.customMetric({
      name: "odd",
      start: () => 0,
      add: (state) => state + 1,
      merge: (a, b) => a + b,
      result: (state) => {
        if (throws) throw new Error("no result here");
        return state;
      },
    });
    const trainer = await trainerOf([odd]);
    await expect(trainer.fit({ x, y }, { ...options, group })).rejects.toThrow("no result here");
    throws = false;
    await trainer.fit({ x, y }, { ...options, group });
    return [trainer.updates, trainer.epochs, trainer.model.fingerprint()];
  });
  expect(new Set(seen.map(String)).size).toBe(1);
});

test("sources that give other numbers on one rank are refused, of validation too", async () => {
  const source = (group: Group, at: number): w.Source =>
    w.batches(function* (epoch) {
      for (let i = 0; i < 60; i += 4) {
        const rows = x.slice(i, i + 4).map(([a, b]) => [a!, group.rank === 1 && epoch === at ? b! + 0.1 : b!]);
        yield { x: rows, y: y.slice(i, i + 4) };
      }
    });
  const trained = await outcomes(3, async (group) =>
    (await trainerOf()).fit(source(group, 1), { ...options, batchSize: 4, epochs: 2, group }),
  );
  expect(new Set(trained)).toEqual(
    new Set([
      "fit: rank 1 has other numbers in its batches for update 4, where rank 0 has others; all ranks need the same data, and callbacks and schedules that do the same",
    ]),
  );
  const measured = await outcomes(3, async (group) =>
    (await trainerOf()).fit({ x, y }, { ...options, validationData: source(group, 1), group }),
  );
  expect(String(measured[0])).toMatch(
    /^fit: rank 1 has the figures loss [\d.e-]+, where rank 0 has the figures loss [\d.e-]+; validationData: a source has to give the same batches on all ranks$/,
  );
  const evaluated = await outcomes(3, async (group) => (await trainerOf()).evaluate(source(group, 0), { group }));
  expect(String(evaluated[2])).toMatch(
    /^evaluate: rank 1 has the figures loss .*; a source has to give the same batches on all ranks$/,
  );
});

test("weights that one rank sets at the very end are noticed, and losses that differ", async () => {
  const ended = await outcomes(2, async (group) => {
    const trainer = await trainerOf();
    const onTrainEnd = (): void => trainer.model.parameters()[0]!.set(new Float32Array(10).fill(group.rank));
    return trainer.fit({ x, y }, { ...options, group, callbacks: [{ onTrainEnd }] });
  });
  expect(String(ended[0])).toMatch(
    /^fit: rank 1 has weights at the end, hash \w+, where rank 0 has weights at the end, hash \w+; callbacks/,
  );
  const measured = await outcomes(2, async (group) => {
    const { model } = await trainerOf();
    const loss = group.rank === 1 ? w.huber() : w.meanSquaredError();
    return new w.Trainer(model, { loss, optimizer: w.adam() }).evaluate({ x, y }, { group });
  });
  expect(String(measured[0])).toMatch(/^evaluate: rank 1 has loss huber .*, where rank 0 has loss meanSquaredError/);
});

test("an update of more batches than there will ever be takes no time to prepare", async () => {
  const seen = await outcomes(2, async (group) => {
    const trainer = await trainerOf();
    await trainer.fit({ x, y }, { ...options, accumulate: 1e9, group });
    return trainer.model.fingerprint();
  });
  expect(new Set(seen).size).toBe(1);
});

test("after an error the states of all ranks are the same bytes", async () => {
  const states = await outcomes(3, async (group) => {
    const trainer = await trainerOf();
    await trainer.fit({ x, y }, { ...options, group });
    trainer.learningRate = 1e30;
    await expect(trainer.fit({ x, y }, { ...options, epochs: 5, group })).rejects.toThrow(/fit: /);
    return trainer.state().join();
  });
  expect(new Set(states).size).toBe(1);
});
