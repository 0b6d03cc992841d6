import { relu } from "../../../../src/nn/activations/relu.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("relu", {
  layer: relu(),
  value: (x) => Math.max(x, 0),
  slope: (x) => (x > 0 ? 1 : 0), // 0 at 0
  // exact: nothing is computed
  forward: { rtol: 0, atol: 0 },
  backward: { rtol: 0, atol: 0 },
});
