import { silu } from "../../../../src/nn/activations/silu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

const s = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

elementWiseTests("silu", {
  layer: silu(),
  value: (x) => x * s(x),
  slope: (x) => s(x) * (1 + x * s(-x)),
  // the sigmoid has 2 ulp, the product is rounded; x times a subnormal number
  forward: { rtol: 3e-7, atol: 2e-43 },
  // 1 - s loses digits where s is near 1, and near x = -1.28 1 + x (1 - s) cancels; times a dy of up to 4
  backward: { rtol: 6e-7, atol: 1.5e-6 },
});
