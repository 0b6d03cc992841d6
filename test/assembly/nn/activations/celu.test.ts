import { celu } from "../../../../src/nn/activations/celu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const alpha of [1, 0.5, 2.5]) {
  elementWiseTests(`celu, alpha ${alpha}`, {
    layer: celu({ alpha }),
    value: (x) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
    slope: (x) => (x > 0 ? 1 : Math.exp(x / alpha)), // 1 at 0
    // e^x - 1 has 1 ulp (1.2e-7), 1 / alpha and three products are rounded; a rounded exponent counts as often as it is large
    forward: { rtol: 5e-7, atol: 2e-45 },
    // y + alpha: y's error, up to 2^-22 alpha, stays where the sum is near 0; times 1 / alpha and a dy of up to 4
    backward: { rtol: 4e-7, atol: 2e-6 },
  });
}
