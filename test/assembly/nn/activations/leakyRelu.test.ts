import { leakyRelu } from "../../../../src/nn/activations/leakyRelu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const slope of [0.01, 0.2, 0, -0.5]) {
  elementWiseTests(`leakyRelu, slope ${slope}`, {
    layer: leakyRelu({ slope }),
    value: (x) => (x > 0 ? x : slope * x),
    slope: (x) => (x > 0 ? 1 : slope), // the slope at 0
    // the slope and one product are rounded, 2^-24 each; subnormal products by up to 2^-150
    forward: { rtol: 1.2e-7, atol: 1e-45 },
    backward: { rtol: 1.2e-7, atol: 1e-45 },
  });
}
