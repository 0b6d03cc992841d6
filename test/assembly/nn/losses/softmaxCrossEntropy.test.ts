import { describe, expect, test } from "vitest";
import { softmaxCrossEntropy } from "../../../../src/nn/losses/softmaxCrossEntropy.ts";
import { classLossTests, labels, runLoss } from "../../../support/losses.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

interface Options {
  readonly classWeights?: readonly number[];
  readonly labelSmoothing?: number;
}

/** One row in float64: -sum of w t' ln softmax(x), t' = t (1 - s) + s / n. */
function rowOf({ classWeights, labelSmoothing: s = 0 }: Options) {
  return (x: readonly number[], target: number | readonly number[]) => {
    const n = x.length;
    const top = Math.max(...x);
    const sum = x.reduce((total, at) => total + Math.exp(at - top), 0);
    const masses = x.map((_, j) => {
      const t = typeof target === "number" ? Number(target === j) : target[j]!;
      return (t * (1 - s) + s / n) * (classWeights?.[j] ?? 1);
    });
    const mass = masses.reduce((a, b) => a + b, 0);
    return {
      loss: masses.reduce((total, w, j) => total + w * (Math.log(sum) - (x[j]! - top)), 0),
      gradient: masses.map((w, j) => (Math.exp(x[j]! - top) / sum) * mass - w),
      // a mean divides by the label's weight; given probabilities, by the rows
      mass: typeof target === "number" ? (classWeights?.[target] ?? 1) : 1,
    };
  };
}

/** Rows that sum to 1, one of them with all on one class. */
function probabilities(rows: number, n: number, seed: number): Float32Array {
  const values = uniform(rows * n, { seed, low: 0.01, high: 1 });
  for (let r = 0; r < rows; r++) {
    const row = values.subarray(r * n, (r + 1) * n);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((value, j) => (row[j] = r === 1 ? Number(j === 1) : value / sum));
  }
  return values;
}

for (const n of [2, 3, 5, 8, 17]) {
  const weights = [...uniform(n, { seed: n, low: 0.1, high: 2 })];
  const cases: readonly (readonly [string, Options])[] = [
    ["", {}],
    [", smoothed", { labelSmoothing: 0.1 }],
    [", weighted classes", { classWeights: weights }],
    [", smoothed, weighted classes", { labelSmoothing: 0.3, classWeights: weights }],
  ];
  for (const [name, options] of cases) {
    for (const targets of [labels, probabilities]) {
      classLossTests(`softmaxCrossEntropy, ${targets.name}${name}`, n, {
        loss: softmaxCrossEntropy(options),
        row: rowOf(options),
        targets,
        // x - max is rounded by 2^-24 of up to 20, as is the sum over up to 17 classes with weights of up to 2
        forward: { rtol: 1e-6, atol: 2e-6 },
        // shares have 2e-6 of their size, as softmax; times weights of up to 2, minus the target
        backward: { rtol: 2e-6, atol: 1e-6 },
      });
    }
  }
}

describe("softmaxCrossEntropy", async () => {
  const bench = await Workbench.create();
  const extreme = [
    [1e4, -1e4, 0],
    [88, 100, -88],
    [-1e4, -1e4, -1e4],
    [20, -20, 1e-8],
    [1e38, -1e38, 1e38],
    [-1e-8, 1e-8, 0],
  ];

  test.each([{}, { labelSmoothing: 0.1 }, { classWeights: [0.5, 1, 2] }])("extreme logits, options %o", (options) => {
    for (const x of extreme) {
      for (const label of [0, 1, 2]) {
        const batch = { x: Float32Array.from(x), n: 3, rows: 1, reduction: "sum" } as const;
        const onehot = new Float32Array(3).with(label, 1);
        for (const target of [Int32Array.of(label), onehot]) {
          const { total, dx } = runLoss(bench, softmaxCrossEntropy(options), { ...batch, target });
          const expected = rowOf(options)(x.map(Math.fround), label);
          // logits of up to 1e38 have 7 digits
          expect(Math.abs(total - expected.loss), `loss of ${x.join()}`).toBeLessThanOrEqual(
            1e-6 * Math.abs(expected.loss) + 1e-6,
          );
          expected.gradient.forEach((d, j) =>
            expect(Math.abs(dx[j]! - d), `gradient of ${x.join()}`).toBeLessThan(1e-6),
          );
        }
      }
    }
  });

  test("labels give what their one-hot rows give", () => {
    const x = uniform(20, { seed: 1, low: -3, high: 3 });
    const target = Int32Array.of(3, 0, 4, 2);
    const onehot = Float32Array.from({ length: 20 }, (_, i) => Number(target[Math.floor(i / 5)] === i % 5));
    for (const options of [{ labelSmoothing: 0.2 }, {}]) {
      const byLabel = runLoss(bench, softmaxCrossEntropy(options), { x, target, n: 5, rows: 4 });
      const byRow = runLoss(bench, softmaxCrossEntropy(options), { x, target: onehot, n: 5, rows: 4 });
      expect(Math.abs(byLabel.total - byRow.total)).toBeLessThan(1e-6); // other roundings: 4 rows of 2e-7
      byRow.dx.forEach((d, i) => expect(Math.abs(byLabel.dx[i]! - d)).toBeLessThan(1e-7));
    }
  });

  test("a NaN anywhere in a row makes the total NaN", () => {
    for (let place = 0; place < 10; place++) {
      const x = uniform(10, { seed: 2 }).with(place, NaN);
      for (const target of [Int32Array.of(1, 3), new Float32Array(10).fill(0.2)])
        expect(runLoss(bench, softmaxCrossEntropy(), { x, target, n: 5, rows: 2 }).total, `NaN at ${place}`).toBeNaN();
    }
  });
});
