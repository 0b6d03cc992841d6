import { describe, expect, test } from "vitest";
import { cosineSimilarity } from "../../../../src/nn/losses/cosineSimilarity.ts";
import { classLossTests, runLoss } from "../../../support/losses.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

for (const n of [1, 3, 8, 17]) {
  classLossTests("cosineSimilarity", n, {
    loss: { ...cosineSimilarity(), each: "rows" }, // a row is one vector here
    row(x, t) {
      const y = t as readonly number[];
      const xx = x.reduce((sum, v) => sum + v * v, 1e-12);
      const root = Math.sqrt(xx * y.reduce((sum, v) => sum + v * v, 1e-12));
      const cos = x.reduce((sum, v, i) => sum + v * y[i]!, 0) / root;
      return { loss: 1 - cos, gradient: x.map((v, i) => (cos * v) / xx - y[i]! / root), mass: 1 };
    },
    targets: (rows, _n, seed) => normal(rows * n, { seed: seed + 50 }),
    // computed in float64, rounded once; the differences lose digits to what is subtracted
    forward: { rtol: 6e-8, atol: 1e-14 },
    backward: { rtol: 6e-8, atol: 1e-12 },
  });
}

describe("cosineSimilarity", async () => {
  const bench = await Workbench.create();

  test("zeros have loss 1 and a gradient without NaN, long vectors don't overflow", () => {
    const batch = { n: 2, rows: 1, x: Float32Array.of(0, 0), target: Float32Array.of(3, 4), reduction: "sum" } as const;
    const zero = runLoss(bench, cosineSimilarity(), batch);
    expect(zero.total).toBe(1);
    expect([...zero.dx]).toEqual([-0.6e6, -0.8e6].map(Math.fround));
    const zeros = runLoss(bench, cosineSimilarity(), { ...batch, target: Float32Array.of(0, 0) });
    expect([zeros.total, ...zeros.dx.map(Math.abs)]).toEqual([1, 0, 0]);
    expect(runLoss(bench, cosineSimilarity(), { ...batch, x: Float32Array.of(3e38, 3e38) }).total).toBeCloseTo(
      1 - 7 / (5 * Math.SQRT2),
      6,
    );
  });
});
