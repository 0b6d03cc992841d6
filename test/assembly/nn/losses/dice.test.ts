import { dice } from "../../../../src/nn/losses/dice.ts";
import { classLossTests } from "../../../support/losses.ts";
import { uniform, wholes } from "../../../support/seeded.ts";

for (const n of [1, 3, 8, 17]) {
  for (const smooth of [1, 0.125]) {
    classLossTests(`dice, smooth ${smooth}`, n, {
      loss: dice({ smooth }),
      row(p, t) {
        const targets = t as readonly number[];
        const divisor = p.reduce((sum, v, i) => sum + v + targets[i]!, smooth);
        const share = p.reduce((sum, v, i) => sum + 2 * v * targets[i]!, smooth) / divisor;
        return { loss: 1 - share, gradient: targets.map((v) => (share - 2 * v) / divisor), mass: 1 };
      },
      inputs: (rows, _n, seed) => uniform(rows * n, { seed, low: 0, high: 1 }),
      targets: (rows, _n, seed) => Float32Array.from(wholes(rows * n, { seed, below: 2 })),
      // summed in float64, rounded once
      forward: { rtol: 6e-8, atol: 1e-12 },
      backward: { rtol: 6e-8, atol: 1e-12 },
    });
  }
}
