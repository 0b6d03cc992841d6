import { softsign } from "../../../../src/nn/activations/softsign.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("softsign", {
  layer: softsign(),
  value: (x) => x / (1 + Math.abs(x)),
  slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
  // a sum and a quotient are rounded, 2^-24 each
  forward: { rtol: 1.2e-7, atol: 0 },
  // 1 - |y| from a rounded y: 2^-24 stay where y is near 1, and the square doubles them; times a dy of up to 4
  backward: { rtol: 6e-7, atol: 5e-7 },
});
