import { describe, expect, test } from "vitest";
import { negativeLogLikelihood } from "../../../../src/nn/losses/negativeLogLikelihood.ts";
import { classLossTests, labels, runLoss } from "../../../support/losses.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

for (const n of [2, 3, 4, 5, 8, 17]) {
  for (const weighted of [false, true]) {
    const classWeights = weighted ? [...uniform(n, { seed: n, low: 0.1, high: 2 })] : undefined;
    classLossTests(`negativeLogLikelihood${weighted ? ", weighted classes" : ""}`, n, {
      loss: negativeLogLikelihood(classWeights ? { classWeights } : {}),
      row: (x, label) => {
        const w = classWeights?.[label as number] ?? 1;
        return { loss: -w * x[label as number]!, gradient: x.map((_, j) => (j === label ? -w : 0)), mass: w };
      },
      targets: labels,
      inputs: (rows, _n, seed) => uniform(rows * n, { seed, low: -10, high: 0 }),
      // one product is rounded, 2^-24
      forward: { rtol: 6e-8, atol: 0 },
      backward: { rtol: 0, atol: 0 },
    });
  }
}

describe("negativeLogLikelihood", async () => {
  const bench = await Workbench.create();

  test("a NaN at the label makes the total NaN", () => {
    const x = Float32Array.of(-1, NaN, -2, -3);
    expect(runLoss(bench, negativeLogLikelihood(), { x, target: Int32Array.of(1, 0), n: 2, rows: 2 }).total).toBeNaN();
  });
});
