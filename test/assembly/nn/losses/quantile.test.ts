import { expect, test } from "vitest";
import { quantile } from "../../../../src/nn/losses/quantile.ts";
import { elementLossTests, runLoss } from "../../../support/losses.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

for (const q of [0.5, 0.1, 0.9]) {
  elementLossTests(`quantile ${q}`, {
    loss: quantile({ quantile: q }),
    value: (x, t) => Math.max(q * (t - x), (q - 1) * (t - x)),
    slope: (x, t) => (t > x ? -q : t < x ? 1 - q : 0),
    targets: (count, seed) => normal(count, { seed }),
    // the difference, q as float32, and the product
    forward: { rtol: 3e-7, atol: 0 },
    backward: { rtol: 3e-7, atol: 0 },
    special: [[0, 0], [1, 1], [1, 0], [0, 1], [-1e30, 1e30], [1 + 2 ** -20, 1]],
  }); // prettier-ignore
}

const bench = await Workbench.create();

test("several quantiles of one target: each the bits that it has alone", () => {
  const [rows, targets] = [5, 2];
  const quantiles = [0.1, 0.5, 0.75];
  const n = targets * quantiles.length;
  const x = normal(rows * n, { seed: 1 });
  const target = normal(rows * targets, { seed: 2 });
  const all = runLoss(bench, quantile({ quantile: quantiles }), { x, target, n, rows, reduction: "sum" });
  for (const [k, q] of quantiles.entries()) {
    const ofOne = <T>(values: ArrayLike<T>): T[] => Array.from(values).filter((_, i) => i % quantiles.length === k);
    const own = { x: Float32Array.from(ofOne(x)), target, n: targets, rows, reduction: "sum" } as const;
    const alone = runLoss(bench, quantile({ quantile: q }), own);
    expect(ofOne(all.each)).toEqual([...alone.each]);
    expect(ofOne(all.dx)).toEqual([...alone.dx]);
  }
});
