import { softplus } from "../../../../src/nn/activations/softplus.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("softplus", {
  layer: softplus(),
  value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  slope: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  forward: { rtol: 3.6e-7, atol: 4e-45 }, // 3 ulp
  // the sigmoid has 2 ulp, the product is rounded; dy times a subnormal number
  backward: { rtol: 3e-7, atol: 1e-44 },
});
