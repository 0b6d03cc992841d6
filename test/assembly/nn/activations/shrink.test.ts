import { shrink } from "../../../../src/nn/activations/shrink.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const [threshold, bias] of [
  [0.5, 0],
  [1.5, 1.5],
  [0, -0.25],
] as const) {
  elementWiseTests(`shrink, threshold ${threshold}, bias ${bias}`, {
    layer: shrink({ threshold, bias }),
    value: (x) => (x > threshold ? x - bias : x < -threshold ? x + bias : 0),
    slope: (x) => (x > threshold || x < -threshold ? 1 : 0),
    // a difference is rounded
    forward: { rtol: 6e-8, atol: 0 },
    backward: { rtol: 0, atol: 0 },
  });
}
