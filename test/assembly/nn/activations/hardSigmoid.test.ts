import { hardSigmoid } from "../../../../src/nn/activations/hardSigmoid.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const slope of [1 / 6, 0.2]) {
  elementWiseTests(`hardSigmoid, slope ${slope.toFixed(3)}`, {
    layer: hardSigmoid({ slope }),
    value: (x) => Math.min(Math.max(slope * x + 0.5, 0), 1),
    slope: (x) => (Math.abs(slope * x) < 0.5 ? slope : 0),
    // the slope, a product of up to 1/2 and a sum of up to 1 are rounded, 2^-24 each
    forward: { rtol: 0, atol: 1.2e-7 },
    // the slope and a product are rounded
    backward: { rtol: 1.2e-7, atol: 0 },
  });
}
