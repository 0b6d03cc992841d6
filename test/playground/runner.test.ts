// The Play page's training against `fit`'s: same order of batches, same bits, wherever it is stopped.
import { expect, test } from "vitest";
import { orderOf, Runner } from "../../playground/src/play/runner.ts";
import { DEFAULT, type Setup } from "../../playground/src/play/setup.ts";
import { makeTraining } from "../../playground/src/play/training.ts";

const SETUPS: Readonly<Record<string, Partial<Setup>>> = {
  spirals: { layers: [{ units: 4, activation: "tanh" }], rows: 100 },
  "a schedule and dropout": { schedule: { name: "cosine", length: 50 }, dropout: 0.2, rows: 70 },
  "one batch an epoch": { data: "xor", batch: 0, optimizer: "momentum", rate: 0.5 },
  "row by row": { data: "moons", rows: 30, batch: 1, optimizer: "sgd", l2: 0.001 },
  classes: { data: "gaussians", classes: 3, layers: [{ units: 5, activation: "relu" }], optimizer: "rmsprop" },
  numbers: { data: "hill", rows: 90, normalise: true },
};

/** A program of anyone's: fit, stopped after an update. */
async function byFit(setup: Setup, updates: number): Promise<string> {
  const { trainer, model, train, fit } = await makeTraining(setup);
  await trainer.fit(train!, {
    ...fit,
    epochs: updates,
    callbacks: [
      {
        onBatchEnd: (_batch, _logs, state) => {
          if (trainer.updates === updates) state.stop();
        },
      },
    ],
  });
  expect(trainer.updates).toBe(updates);
  return model.fingerprint();
}

test.each(Object.entries(SETUPS))("%s: the fingerprint of fit at every stop", async (_name, changes) => {
  const setup = { ...DEFAULT, ...changes };
  const runner = new Runner(await makeTraining(setup));
  for (const at of [1, 2, 3, 50, 51, 137]) {
    while (runner.updates < at) await runner.advance(3, at);
    expect(runner.training.model.fingerprint(), `after ${at}`).toBe(await byFit(setup, at));
  }
  await runner.advance(20);
  const { updates } = runner;
  expect(updates).toBeGreaterThan(137);
  expect(runner.training.model.fingerprint()).toBe(await byFit(setup, updates));
  await runner.end();
});

test("an epoch that takes longer than a slice is left within it", async () => {
  const setup: Setup = { ...DEFAULT, rows: 5000, batch: 1 };
  const runner = new Runner(await makeTraining(setup));
  await runner.advance(5);
  await runner.advance(5);
  expect(runner.updates).toBeGreaterThan(0);
  expect(runner.updates).toBeLessThan(5000);
  await runner.end();
});

test("the rows of the next batch are those that fit takes", async () => {
  const setup: Setup = { ...DEFAULT, rows: 50, batch: 8, layers: [{ units: 3, activation: "tanh" }] };
  const runner = new Runner(await makeTraining(setup));
  while (runner.updates < 17) await runner.advance(3, 17);
  const order = await runner.nextBatch();
  expect(order).toHaveLength(8);
  // one step of these rows gives what fit's next update gives
  const { trainer, model, train } = await makeTraining(setup);
  const other = new Runner({ ...runner.training, trainer, model });
  while (other.updates < 17) await other.advance(3, 17);
  const x = train!.x as Float32Array;
  const y = train!.y as Float32Array;
  await other.end();
  trainer.step(
    Float32Array.from({ length: 16 }, (_, i) => x[2 * order[i >> 1]! + (i % 2)]!),
    Float32Array.from(order, (row) => y[row]!),
  );
  while (runner.updates < 18) await runner.advance(3, 18);
  expect(model.fingerprint()).toBe(runner.training.model.fingerprint());
  await runner.end();
});

test("every epoch has an order of its own", async () => {
  const [first, second] = [await orderOf(3, 40, 0), await orderOf(3, 40, 1)];
  expect(first.toSorted()).toEqual(Int32Array.from({ length: 40 }, (_, i) => i));
  expect(second).not.toEqual(first);
});
