import { mish } from "../../../../src/nn/activations/mish.ts";
import { elementWiseTests } from "../../../support/activations.ts";

const s = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

elementWiseTests("mish", {
  layer: mish(),
  value: (x) => x * Math.tanh(softplus(x)),
  slope: (x) => {
    const t = Math.tanh(softplus(x));
    return t + x * (1 - t * t) * s(x);
  },
  // about six roundings of 2^-24, e^x's 1 ulp among them; x times a subnormal number
  forward: { rtol: 5e-7, atol: 2e-43 },
  // near x = -1.2 the terms cancel, and 1 - t loses digits where t is near 1; times a dy of up to 4
  backward: { rtol: 6e-7, atol: 2e-6 },
});
