import { meanAbsoluteError } from "../../../../src/nn/losses/meanAbsoluteError.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { normal } from "../../../support/seeded.ts";

elementLossTests("meanAbsoluteError", {
  loss: meanAbsoluteError(),
  value: (x, t) => Math.abs(x - t),
  slope: (x, t) => Math.sign(x - t), // 0 at 0
  targets: (count, seed) => normal(count, { seed }),
  // the difference is rounded, 2^-24; its sign is exact
  forward: { rtol: 6e-8, atol: 0 },
  backward: { rtol: 0, atol: 0 },
  special: [[1, 1], [0, 0], [-0, 0], [0, -0], [2, -2], [-2, 2], [1e38, -1e38], [1e-45, 0], [1e4, 1e4 + 1]],
}); // prettier-ignore
