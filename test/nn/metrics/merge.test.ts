// Sums of metrics that were counted apart, put together: the figures are those of all rows.
import { expect, test } from "vitest";
import { mergeSums } from "../../../src/nn/metrics/merge.ts";
import * as w from "../../../src/index.ts";
import { members } from "../../support/ranks.ts";
import { normal } from "../../support/seeded.ts";

const ROWS = 301;

/** Two columns of targets, far from 0, the second one falling all the time, so that first targets are no means. */
const targets = Float32Array.from(normal(2 * ROWS, { seed: 2 }), (value, i) =>
  i % 2 === 0 ? 1e6 + value : -3e4 - i + value,
);

/** What a trainer's figures are by their definition, in float64. */
function reference(output: Float32Array): Record<string, number> {
  let [absolute, squared, r2] = [0, 0, 0];
  for (const column of [0, 1]) {
    const of = (all: Float32Array): number[] => Array.from({ length: ROWS }, (_, r) => all[2 * r + column]!);
    const [its, wanted] = [of(output), of(targets)];
    const mean = wanted.reduce((sum, value) => sum + value / ROWS, 0);
    const errors = its.map((value, r) => value - wanted[r]!);
    const squares = errors.reduce((sum, error) => sum + error * error, 0);
    absolute += errors.reduce((sum, error) => sum + Math.abs(error), 0) / (2 * ROWS);
    squared += squares / (2 * ROWS);
    r2 += (1 - squares / wanted.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)) / 2;
  }
  return { mae: absolute, mse: squared, rmse: Math.sqrt(squared), r2 };
}

test.each([1, 2, 3, 7, 50])("errors of batches of %d rows, of targets far from 0", async (batchSize) => {
  const x = normal(4 * ROWS, { seed: 1 });
  for (const size of [1, 5]) {
    await members(size, async (group) => {
      const model = await w.sequential({ input: 4, seed: 3 }, w.dense(2));
      model.parameters()[1]!.set([1e6, -3e4 - ROWS]);
      const metrics = [w.mae(), w.mse(), w.rmse(), w.r2()];
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd(), metrics });
      const { loss: _, ...figures } = await trainer.evaluate({ x, y: targets }, { batchSize, group });
      for (const [name, value] of Object.entries(reference(model.predict(x)))) {
        const difference = Math.abs(figures[name as keyof typeof figures] - value);
        expect(difference / Math.abs(value), name).toBeLessThan(1e-9);
      }
    });
  }
});

test("rows that count nothing, before others and after them", () => {
  const some = Float64Array.of(2, 3, 5, 100, 1, 1);
  const none = Float64Array.of(0, 0, 0, 0, 0, 0);
  const into = none.slice();
  mergeSums({ kernel: "regression" }, into, some);
  expect([...into]).toEqual([...some]);
  mergeSums({ kernel: "regression" }, into, none);
  expect([...into]).toEqual([...some]);
});

test("sums about another first target are taken to that of the first", () => {
  // targets 100 and 101; then 107 and 104
  const into = Float64Array.of(2, 3, 5, 100, 1, 1);
  mergeSums({ kernel: "regression" }, into, Float64Array.of(2, 4, 8, 107, -3, 9));
  expect([...into]).toEqual([4, 7, 13, 100, 1 + 7 + 4, 1 + 49 + 16]);
});

test("other sums are added", () => {
  const into = Float64Array.of(1, 2);
  mergeSums({ kernel: "classCounts" }, into, Float64Array.of(10, 20));
  expect([...into]).toEqual([11, 22]);
});
