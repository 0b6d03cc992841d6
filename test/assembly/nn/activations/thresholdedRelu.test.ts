import { thresholdedRelu } from "../../../../src/nn/activations/thresholdedRelu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

for (const threshold of [1, 0, -2.5]) {
  elementWiseTests(`thresholdedRelu, threshold ${threshold}`, {
    layer: thresholdedRelu({ threshold }),
    value: (x) => (x > threshold ? x : 0),
    slope: (x) => (x > threshold ? 1 : 0),
    // exact: nothing is computed
    forward: { rtol: 0, atol: 0 },
    backward: { rtol: 0, atol: 0 },
  });
}
