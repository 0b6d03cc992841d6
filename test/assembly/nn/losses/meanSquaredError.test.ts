import { meanSquaredError } from "../../../../src/nn/losses/meanSquaredError.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { normal } from "../../../support/seeded.ts";

elementLossTests("meanSquaredError", {
  loss: meanSquaredError(),
  value: (x, t) => (x - t) ** 2,
  slope: (x, t) => 2 * (x - t),
  targets: (count, seed) => normal(count, { seed }),
  // the difference (twice, in the square) and the square are rounded, 2^-24 each; the doubled difference is exact
  forward: { rtol: 1.8e-7, atol: 0 },
  backward: { rtol: 6e-8, atol: 0 },
  special: [[1, 1], [0, 0], [-0, 0], [2, -2], [1e15, -1e15], [1e-15, 0], [1e4, 1e4 + 1]],
}); // prettier-ignore
