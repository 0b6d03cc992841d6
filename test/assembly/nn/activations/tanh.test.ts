import { tanh } from "../../../../src/nn/activations/tanh.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("tanh", {
  layer: tanh(),
  value: Math.tanh,
  slope: (x) => 1 - Math.tanh(x) ** 2,
  forward: { rtol: 1.8e-7, atol: 0 }, // 1.5 ulp
  // (1 - y)(1 + y) from a rounded y: 1.5 ulp of 1, twice, stay where y is near 1; times a dy of up to 4
  backward: { rtol: 4e-7, atol: 1e-6 },
});
