import { relu6 } from "../../../../src/nn/activations/relu6.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("relu6", {
  layer: relu6(),
  value: (x) => Math.min(Math.max(x, 0), 6),
  slope: (x) => (x > 0 && x < 6 ? 1 : 0),
  // exact: nothing is computed
  forward: { rtol: 0, atol: 0 },
  backward: { rtol: 0, atol: 0 },
});
