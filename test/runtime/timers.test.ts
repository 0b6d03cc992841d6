// The engine's clock and timers, taken when the library is loaded.
import { afterEach, describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { performance as clock, nextTask } from "../../src/runtime/timers.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function trainerOf(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
}

/** Everything that a test runner can put a fake in the place of. */
const FAKES = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "queueMicrotask",
  "Date",
  "performance",
] as const;

describe("with fake timers", () => {
  test("time goes on for the library", async () => {
    vi.useFakeTimers({ toFake: [...FAKES] });
    const start = clock.now();
    const faked = performance.now();
    for (let i = 0; i < 1000 && clock.now() === start; i++) await nextTask();
    expect(clock.now()).toBeGreaterThan(start);
    expect(performance.now()).toBe(faked);
  });

  test("fit and evaluate end, with the same bits, and let others have their turn", async () => {
    const [trainer, calm] = [await trainerOf(), await trainerOf()];
    const options = { epochs: 40_000, batchSize: 1, validationSplit: 0.2 };
    const expected = await calm.fit(DATA, options);
    const before = setImmediate;
    let turns = 0;
    before(function turn() {
      turns++;
      if (trainer.epochs < 40_000) before(turn);
    });
    vi.useFakeTimers({ toFake: [...FAKES] });
    expect(setImmediate).not.toBe(before);
    expect(await trainer.fit(DATA, options)).toEqual(expected);
    expect(turns).toBeGreaterThan(2);
    expect(await trainer.evaluate(DATA)).toEqual(await calm.evaluate(DATA));
    expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that are moved, nothing of the library's is", async () => {
    const trainer = await trainerOf();
    // what the first one fetches comes by the test runner, whose import() waits for timers
    await (await trainerOf()).fit(DATA, { callbacks: [{}] });
    vi.useFakeTimers({ toFake: [...FAKES] });
    const onEpochEnd = (): void => void vi.advanceTimersByTime(1e7);
    const history = await trainer.fit(DATA, { epochs: 3, callbacks: [{ onEpochEnd }] });
    expect(history.loss.length).toBe(3);
  });
});

describe("where the environment leaves some out", () => {
  for (const missing of [["setImmediate"], ["MessageChannel"], ["setImmediate", "MessageChannel"]]) {
    test(`without ${missing.join(" and ")}: a task of its own`, async () => {
      for (const name of missing) vi.stubGlobal(name, undefined);
      vi.resetModules();
      const fresh = await import("../../src/runtime/timers.ts");
      expect(fresh.nextTask).not.toBe(nextTask);
      let turns = 0;
      setTimeout(() => turns++, 0);
      // other timers have their turn
      for (let i = 0; turns === 0 && i < 1e5; i++) await fresh.nextTask();
      expect(turns).toBe(1);
      // and it isn't a microtask: those that are waiting come first
      const order: string[] = [];
      const next = fresh.nextTask().then(() => order.push("task"));
      await Promise.resolve().then(() => order.push("microtask"));
      await next;
      expect(order).toEqual(["microtask", "task"]);
    });

    test(`without ${missing.join(" and ")}: fit`, async () => {
      for (const name of missing) vi.stubGlobal(name, undefined);
      vi.resetModules();
      const { Trainer, dense, meanSquaredError, sequential, sgd } = await import("../../src/index.ts");
      const trainer = new Trainer(await sequential({ input: 1 }, dense(1)), {
        loss: meanSquaredError(),
        optimizer: sgd({ learningRate: 0.01 }),
      });
      let turns = 0;
      setTimeout(() => turns++, 0);
      while (turns === 0) await trainer.fit(DATA, { epochs: 1000, batchSize: 1 });
      expect(turns).toBe(1);
    });
  }

  test("without any, as a bare context of node:vm: fit", async () => {
    for (const name of ["performance", "setTimeout", "setImmediate", "MessageChannel"]) vi.stubGlobal(name, undefined);
    vi.resetModules();
    const { Trainer, dense, meanSquaredError, sequential, sgd } = await import("../../src/index.ts");
    const trainer = new Trainer(await sequential({ input: 1 }, dense(1)), {
      loss: meanSquaredError(),
      optimizer: sgd({ learningRate: 0.01 }),
    });
    const { loss } = await trainer.fit(DATA, { epochs: 40_000, batchSize: 1 });
    expect(loss.length).toBe(40_000);
  });
});
