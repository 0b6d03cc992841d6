import { tripletMargin } from "../../../../src/nn/losses/tripletMargin.ts";
import { classLossTests } from "../../../support/losses.ts";

for (const size of [1, 3, 5]) {
  for (const [margin, p] of [
    [1, 2],
    [4, 2],
    [2, 1],
  ] as const) {
    classLossTests(`tripletMargin, margin ${margin}, p ${p}`, 3 * size, {
      loss: tripletMargin({ margin, p }),
      row(x) {
        const [a, near, far] = [0, 1, 2].map((k) => x.slice(k * size, (k + 1) * size)) as [
          number[],
          number[],
          number[],
        ];
        const between = (b: readonly number[]): { length: number; slope: number[] } => {
          const d = a.map((v, i) => v - b[i]! + 1e-6);
          const length =
            p === 2 ? Math.sqrt(d.reduce((sum, v) => sum + v * v, 0)) : d.reduce((sum, v) => sum + Math.abs(v), 0);
          return { length, slope: d.map((v) => (p === 2 ? v / length : Math.sign(v))) };
        };
        const [toNear, toFar] = [between(near), between(far)];
        const loss = Math.max(0, margin + toNear.length - toFar.length);
        const on = loss > 0 ? 1 : 0;
        const gradient = [
          ...a.map((_, i) => on * (toNear.slope[i]! - toFar.slope[i]!)),
          ...toNear.slope.map((v) => -on * v),
          ...toFar.slope.map((v) => on * v),
        ];
        return { loss, gradient, mass: 1 };
      },
      targets: (rows) => new Float32Array(rows),
      // computed in float64, rounded once
      forward: { rtol: 6e-8, atol: 1e-14 },
      backward: { rtol: 6e-8, atol: 1e-14 },
    });
  }
}
