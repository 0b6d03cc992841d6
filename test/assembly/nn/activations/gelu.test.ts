import { gelu } from "../../../../src/nn/activations/gelu.ts";
import { elementWiseTests } from "../../../support/activations.ts";
import { normalCdf, normalDensity } from "../../../support/erf.ts";

elementWiseTests("gelu", {
  layer: gelu(),
  value: (x) => x * normalCdf(x),
  slope: (x) => normalCdf(x) + x * normalDensity(x),
  // the probability has 7 ulp (8.4e-7), the product is rounded; x times subnormal probabilities
  forward: { rtol: 9.5e-7, atol: 1e-43 },
  // near x = -0.75 the two terms cancel: 7 ulp of 0.23 stay, times a dy of up to 4
  backward: { rtol: 9.5e-7, atol: 8e-7 },
});

const ROOT = Math.sqrt(2 / Math.PI);
const inner = (x: number): number => ROOT * (x + 0.044715 * x ** 3);

elementWiseTests("gelu, tanh form", {
  layer: gelu({ approximate: "tanh" }),
  value: (x) => (x / 2) * (1 + Math.tanh(inner(x))),
  slope: (x) => {
    const t = Math.tanh(inner(x));
    const curved = Math.abs(x) > 100 ? 0 : (x / 2) * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * x * x);
    return (1 + t) / 2 + curved;
  },
  // 1 + t loses t's last digits (1.5 ulp of 1) where t is near -1; x/2 up to 3 times that
  forward: { rtol: 5e-7, atol: 5e-7 },
  // 1 - t likewise; times x inner' (up to 8 where it counts) and a dy of up to 4
  backward: { rtol: 5e-7, atol: 4e-6 },
});
