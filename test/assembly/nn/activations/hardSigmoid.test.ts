import { hardSigmoid } from "../../../../src/nn/activations/hardSigmoid.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const [slope, offset] of [
  [1 / 6, undefined],
  [0.2, undefined],
  [0.5, 0.6],
  [1, -0.25],
] as const) {
  elementWiseTests(`hardSigmoid, slope ${slope.toFixed(3)}, offset ${offset ?? "1/2"}`, {
    layer: hardSigmoid({ slope, ...(offset !== undefined && { offset }) }),
    value: (x) => Math.min(Math.max(slope * x + (offset ?? 0.5), 0), 1),
    slope: (x) => (slope * x + (offset ?? 0.5) > 0 && slope * x + (offset ?? 0.5) < 1 ? slope : 0),
    // the slope, the offset, a product of up to 1.25 and a sum of up to 1 are rounded, 2^-24 each
    forward: { rtol: 0, atol: offset === undefined ? 1.2e-7 : 2.4e-7 },
    // the slope and a product are rounded
    backward: { rtol: 1.2e-7, atol: 0 },
  });
}
