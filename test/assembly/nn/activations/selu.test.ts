import { selu } from "../../../../src/nn/activations/selu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

// see: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017
const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

elementWiseTests("selu", {
  layer: selu(),
  value: (x) => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x)),
  slope: (x) => SCALE * (x > 0 ? 1 : ALPHA * Math.exp(x)), // scale alpha at 0
  // e^x - 1 has 1 ulp (1.2e-7), and the constant and the product are rounded
  forward: { rtol: 2.4e-7, atol: 2e-45 },
  // y + scale alpha: y's error, up to 1.5 * 2^-23 * 1.8, stays where the sum is near 0; times a dy of up to 4
  backward: { rtol: 3e-7, atol: 1.3e-6 },
});
