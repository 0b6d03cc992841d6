import { selu } from "../../../../src/nn/activations/selu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

// see: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017
const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

for (const [alpha, scale] of [
  [ALPHA, SCALE],
  [2, 3],
  [0.3, 0.5],
  [0.3, 1 - 1e-9], // 1 as a float32
  [-1.5, 0.5],
  [0.5, -2],
  [-1, -1],
  [-1, 0],
] as const) {
  const own = alpha !== ALPHA;
  elementWiseTests(own ? `selu, alpha ${alpha}, scale ${scale}` : "selu", {
    layer: own ? selu({ alpha, scale }) : selu(),
    value: (x) => scale * (x > 0 ? x : alpha * Math.expm1(x)),
    slope: (x) => scale * (x > 0 ? 1 : alpha * Math.exp(x)), // scale alpha at 0
    // e^x - 1 has 1 ulp (1.2e-7), and the constant and the product are rounded
    forward: { rtol: 2.4e-7, atol: 2e-45 },
    // y + scale alpha: y's error, up to 1.5 * 2^-23 of the constant, stays where the sum is near 0; times a dy of up to 4
    backward: { rtol: 3e-7, atol: 7e-7 * Math.max(1.8, Math.abs(scale * alpha)) },
  });
}
