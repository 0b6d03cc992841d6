import { describe, expect, test } from "vitest";
import { binaryCrossEntropyWithLogits } from "../../../../src/nn/losses/binaryCrossEntropyWithLogits.ts";
import { EXTREME } from "../../../support/activations.ts";
import { elementLossTests, runLoss } from "../../../support/losses.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

for (const positiveWeight of [1, 2.5, 0.3]) {
  const w = Math.fround(positiveWeight);
  elementLossTests(`binaryCrossEntropyWithLogits, positive weight ${positiveWeight}`, {
    loss: binaryCrossEntropyWithLogits({ positiveWeight }),
    value: (x, t) => w * t * softplus(-x) + (1 - t) * softplus(x),
    slope: (x, t) => (1 - t) * sigmoid(x) - w * t * sigmoid(-x),
    // yes, no, and in between
    targets: (count, seed) => uniform(count, { seed, low: 0, high: 1 }).map((t, i) => (i % 3 === 0 ? Math.round(t) : t)),
    // softplus: about 3 ulp; weights, products and the sum: four roundings more
    forward: { rtol: 6e-7, atol: 1e-44 },
    // e^x, the quotient and the products: about six roundings; the two terms may cancel
    backward: { rtol: 4e-7, atol: 4e-7 * Math.max(1, w) },
    special: [
      [0, 0], [0, 1], [-0, 0.5], [20, 1], [20, 0], [-20, 1], [-20, 0], [88, 0], [88, 1], [-88, 1], [100, 0], [-100, 1], [1e4, 0],
      [1e4, 1], [-1e4, 0], [-1e4, 1], [1e-8, 1], [-1e-8, 0],
    ],
  }); // prettier-ignore
}

describe("extreme logits", async () => {
  const bench = await Workbench.create();

  test.each([0, 0.5, 1])("target %s: losses and gradients are finite", (t) => {
    const n = EXTREME.length;
    const target = new Float32Array(n).fill(t);
    const { each, dx } = runLoss(bench, binaryCrossEntropyWithLogits(), {
      x: EXTREME,
      target,
      n,
      rows: 1,
      reduction: "sum",
    });
    EXTREME.forEach((x, i) => {
      expect(Number.isFinite(each[i]!), `loss at ${x}`).toBe(true);
      expect(Math.abs(dx[i]!), `gradient at ${x}`).toBeLessThanOrEqual(1);
    });
  });
});
