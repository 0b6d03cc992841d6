import { sigmoid } from "../../../../src/nn/activations/sigmoid.ts";
import { elementWiseTests } from "../../../support/activations.ts";

const s = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

elementWiseTests("sigmoid", {
  layer: sigmoid(),
  value: s,
  slope: (x) => s(x) * s(-x),
  forward: { rtol: 2.4e-7, atol: 2e-45 }, // 2 ulp
  // y (1 - y) from a rounded y: 2 ulp of 1 stay where y is near 1; times a dy of up to 4
  backward: { rtol: 6e-7, atol: 1e-6 },
});
