// Time slices: passes run in calls of about 8 ms, and others have their turn in between.
import { afterEach, describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { LOG_ROWS } from "../../src/runtime/program.ts";
import { YieldBudget } from "../../src/runtime/yieldBudget.ts";
import { expectRefusal } from "../support/refusals.ts";

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function trainerOf(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
}

test("a loop of fits that are shorter than a slice lets others have their turn, too", async () => {
  const trainer = await trainerOf();
  let turns = 0;
  setTimeout(() => turns++, 0);
  while (turns === 0) await trainer.fit(DATA, { progress: false });
});

describe("a budget", () => {
  /** A budget for passes that take so many milliseconds each, by a clock that only they move; its first slice begins now. */
  async function budgetFor(millis: () => number, slice = 8): Promise<YieldBudget> {
    let now = performance.now() + 1e6 * ++budgets;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const budget = new YieldBudget((passes) => {
      now += passes * millis();
      return passes;
    }, slice);
    await budget.yield();
    return budget;
  }
  let budgets = 0; // each begins later than the one before it ended
  afterEach(() => void vi.restoreAllMocks());

  test("runs one pass first, then as many as fit into what is left of 8 ms by the last call", async () => {
    let millis = 1;
    const budget = await budgetFor(() => millis);
    expect(budget.passes).toBe(1);
    expect(await budget.run(1)).toBe(1);
    expect(budget.passes).toBe(7);
    millis = 0.5;
    expect(await budget.run(7)).toBe(7);
    expect(budget.left).toBe(3.5);
    expect(budget.passes).toBe(7);
    millis = 1.5;
    await budget.run(2);
    expect(budget.left).toBe(0.5);
    expect(budget.passes).toBe(1);
    await budget.run(1);
    await budget.yield(); // it was time: a slice begins
    expect(budget.left).toBe(8);
    expect(budget.passes).toBe(5);
  });

  test("has slices as long as it is told", async () => {
    const budget = await budgetFor(() => 1, 30);
    await budget.run(1);
    expect(budget.passes).toBe(29);
    await budget.yield(29);
    expect(budget.left).toBe(30); // less was left than was needed
  });

  test("says that a pass is long once two took longer than a slice: one may have been made to wait", async () => {
    const long: unknown[] = [];
    let now = performance.now() + 1e9;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const budget: YieldBudget = new YieldBudget((passes, _look, pace) => {
      expect(pace).toBe(budget);
      long.push(pace!.long);
      now += 9;
      return passes;
    }, 8);
    for (let i = 0; i < 3; i++) await budget.run(1);
    expect(long).toEqual([false, false, true]);
  });

  test("runs one pass at least, and as many as the log has rows at most", async () => {
    const slow = await budgetFor(() => 100);
    await slow.run(1);
    expect(slow.passes).toBe(1);
    const fast = await budgetFor(() => 1e-6);
    await fast.run(1);
    expect(fast.passes).toBe(LOG_ROWS);
  });

  test("gives back how many passes were finished", async () => {
    expect(await new YieldBudget(() => 3, 8).run(8)).toBe(3);
    expect(await new YieldBudget(async () => 2, 8).run(8)).toBe(2);
  });

  test("lets others have their turn after 8 ms, not before", async () => {
    const budget = await budgetFor(() => 1);
    let turns = 0;
    const others = setImmediate(() => turns++);
    for (let i = 0; i < 7; i++) {
      await budget.run(1);
      await budget.yield();
    }
    expect(turns).toBe(0);
    await budget.run(1);
    await budget.yield();
    expect(turns).toBe(1);
    // the next slice begins now
    const next = setImmediate(() => turns++);
    await budget.run(7);
    await budget.yield();
    expect(turns).toBe(1);
    for (const immediate of [others, next]) clearImmediate(immediate);
  });
});

describe("the event loop", () => {
  test("has its turn during a long fit: a timer can end it", async () => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    const timer = setInterval(() => trainer.updates > 0 && controller.abort(), 1);
    const epochs = 3_000_000; // some seconds, if the timer never came
    await expectRefusal(
      () => trainer.fit(DATA, { epochs, signal: controller.signal }),
      DOMException,
      "This operation was aborted",
    );
    clearInterval(timer);
    expect(trainer.updates).toBeLessThan(epochs);
    expect(trainer.epochs).toBe(trainer.updates);
  });

  test("has many turns", async () => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    let turns = 0;
    const turn = (): void => {
      if (++turns === 5) controller.abort();
      else setImmediate(turn);
    };
    setImmediate(turn);
    const endless = trainer.fit(DATA, { epochs: 3_000_000, signal: controller.signal });
    await expectRefusal(() => endless, DOMException, "This operation was aborted");
    expect(turns).toBe(5);
  });

  test("has its turn during a long evaluate", async () => {
    const trainer = await trainerOf();
    let turns = 0;
    // one row at a time, so many of them that it takes longer than a slice on any machine
    for (let rows = 200_000; turns === 0 && rows < 1e8; rows *= 4) {
      const data = { x: new Float32Array(rows), y: new Float32Array(rows) };
      const next = setImmediate(() => turns++);
      const { loss } = await trainer.evaluate(data, { batchSize: 1 });
      clearImmediate(next);
      expect(loss).toBe((await trainer.evaluate({ x: [0], y: [0] }))["loss"]);
    }
    expect(turns).toBe(1);
  });
});
