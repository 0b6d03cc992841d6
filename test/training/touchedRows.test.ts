// Updates of tables by rows: rows that no batch looked up cost nothing, and every number is that of an update of the whole table.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { generator } from "../support/seeded.ts";

const WORDS = 37;
const ROWS = 50;
const next = generator(5);
const x = Float32Array.from({ length: ROWS * 3 }, () => Math.floor(next() * WORDS * 0.6)); // the last words never come
const y = Float32Array.from({ length: ROWS }, () => next());

const model = (width: number, threads = 1): Promise<w.Model> =>
  w.sequential({ input: 3, seed: 4, threads }, w.embedding(WORDS, width), w.globalAvgPool1d(), w.dense(1));

/** A trainer; `whole`: one whose updates aren't by rows. A clipping that never cuts anything is what does it. */
function trainerOf(made: w.Model, optimizer: (options: w.OptimizerOptions) => w.Optimizer, whole: boolean): w.Trainer {
  const given = optimizer(whole ? { clipValue: 1e30 } : {});
  return new w.Trainer(made, { loss: w.meanSquaredError(), optimizer: given });
}

const kernelsOf = (trainer: w.Trainer): string[] => {
  const spec = { mode: "train", capacity: 8, rows: ROWS, bytes: false, labels: false, weighted: false } as const;
  const { records } = trainer.trainerState.program({ ...spec, accumulate: false }, "test");
  return records.map(({ kernel }) => kernel);
};

const OPTIMIZERS: readonly [string, (options: w.OptimizerOptions) => w.Optimizer][] = [
  ["sgd", (options) => w.sgd({ learningRate: 0.5, ...options })],
  ["adagrad", (options) => w.adagrad({ learningRate: 0.1, ...options })],
];

describe.each(OPTIMIZERS)("%s", (_, optimizer) => {
  test.each([1, 2, 3, 4, 6, 20])("the same bits by rows and of the whole table, vectors of %i", async (width) => {
    const all: w.Trainer[] = [];
    for (const whole of [false, true]) {
      const trainer = trainerOf(await model(width), optimizer, whole);
      expect(kernelsOf(trainer).includes("gradientRows")).toBe(!whole);
      await trainer.fit({ x, y }, { epochs: 3, batchSize: 8 });
      await trainer.fit({ x, y }, { epochs: 2, batchSize: 8, accumulate: 3 });
      trainer.step(x, y);
      all.push(trainer);
    }
    const [byRows, whole] = all as [w.Trainer, w.Trainer];
    expect(byRows.model.fingerprint()).toBe(whole.model.fingerprint());
    byRows.model.parameters().forEach((p, i) => {
      expectSameBits(p.gradient(), whole.model.parameters()[i]!.gradient());
    });
    expect(Buffer.compare(byRows.state(), whole.state())).toBe(0);
  });

  test("whatever else writes gradients in between: the same bits", async () => {
    const prints: string[][] = [];
    for (const whole of [false, true]) {
      const made = await model(6);
      const trainer = trainerOf(made, optimizer, whole);
      const other = new w.Trainer(made, { loss: w.meanSquaredError(), optimizer: w.adam() });
      const print: string[] = [];
      const step = (): unknown =>
        print.push(String(trainer.step(x.slice(0, 9), y.slice(0, 3)).loss), made.fingerprint());
      const before = trainer.state();
      step();
      other.step(x.slice(60), y.slice(20));
      step();
      made.forward(x);
      made.backward(Float32Array.from({ length: ROWS }, () => 1));
      step();
      w.trace(trainer, x, y, { update: true });
      step();
      const later = trainer.state();
      step();
      trainer.restore(later);
      step();
      made.forward(x);
      made.zeroGradients();
      made.backward(Float32Array.from({ length: ROWS }, () => 0.1));
      trainer.update();
      step();
      trainer.restore(before);
      await trainer.fit({ x, y }, { batchSize: 7, epochs: 2 });
      print.push(made.fingerprint());
      prints.push(print);
    }
    expect(prints[0]).toEqual(prints[1]);
  });
});

test("a batch that is refused leaves the gradients right for the next one", async () => {
  const prints: string[] = [];
  for (const whole of [false, true]) {
    const made = await model(4);
    const trainer = trainerOf(made, OPTIMIZERS[0]![1], whole);
    expect(() => trainer.step([0, 1, 36], [3e38])).toThrow(w.NonFiniteError);
    trainer.step(x, y);
    prints.push(made.fingerprint());
  }
  expect(prints[0]).toBe(prints[1]);
});

test.each([
  ["momentum", w.sgd({ momentum: 0.9 })],
  ["decay", w.sgd({ weightDecay: 0.1 })],
  ["a penalty", w.adagrad({ l1: 0.1 })],
  ["clipping", w.adagrad({ clipNorm: 1 })],
  ["adam", w.adam()],
])("%s: the whole table is updated", async (_, optimizer) => {
  const trainer = new w.Trainer(await model(4), { loss: w.meanSquaredError(), optimizer });
  expect(kernelsOf(trainer)).not.toContain("gradientRows");
});

test("the summary says which layer's table is updated by rows: not one that is shared, tied or frozen", async () => {
  const flags = async (...layers: readonly w.Layer[]): Promise<unknown[]> =>
    (await w.sequential({ input: 3 }, ...layers)).summary().layers.map(({ byRows }) => byRows);
  expect(await flags(w.embedding(5, 2), w.globalAvgPool1d(), w.dense(1))).toEqual([true, undefined, undefined]);
  expect(await flags(w.embedding(5, 2, { trainable: false }), w.flatten(), w.dense(1))).toEqual(
    Array(3).fill(undefined),
  );
  const words = w.embedding(5, 2, { name: "words" });
  expect(await flags(words, w.tiedDense({ to: "words" }))).toEqual([undefined, undefined]);
});

test("nothing goes over rows that weren't looked up: a number that is written into their gradient stays", async () => {
  const made = await w.sequential({ input: 3 }, w.embedding(2000, 4), w.globalAvgPool1d(), w.dense(1));
  const trainer = trainerOf(made, OPTIMIZERS[0]![1], false);
  trainer.step([0, 1, 2], [1]);
  trainer.step([0, 1, 2], [1]);
  const { arena } = made.core;
  const { address } = made.run.parameters[0]!;
  const offset = made.gradientOffset(); // from here on any row may have one
  trainer.step([0, 1, 2], [1]);
  arena.f32[(address + offset) / 4 + 4 * 1000] = 7;
  const before = made.fingerprint();
  trainer.step([0, 1, 2], [1]);
  expect(made.fingerprint()).not.toBe(before);
  expect(arena.f32[(address + offset) / 4 + 4 * 1000]).toBe(7);
  expect(made.parameters()[0]!.gradient()[4000]).toBe(7);
  trainer.step([0, 1, 2], [1]);
  expect(made.parameters()[0]!.gradient()[4000]).toBe(0);
});
