import { elu } from "../../../../src/nn/activations/elu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const alpha of [1, 0.5, 2.5, 0, -0.7, -2]) {
  elementWiseTests(`elu, alpha ${alpha}`, {
    layer: elu({ alpha }),
    value: (x) => (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : alpha * Math.exp(x)), // alpha at 0
    // e^x - 1 has 1 ulp (1.2e-7), and alpha and the product are rounded
    forward: { rtol: 2.4e-7, atol: 1e-45 },
    // y + alpha: y's error, up to 1.5 * 2^-23 alpha, stays where the sum is near 0; times a dy of up to 4
    backward: { rtol: 3e-7, atol: 2e-6 },
  });
}
