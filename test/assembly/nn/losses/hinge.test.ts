import { hinge } from "../../../../src/nn/losses/hinge.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { wholes } from "../../../support/seeded.ts";

for (const margin of [1, 0.5]) {
  elementLossTests(`hinge, margin ${margin}`, {
    loss: hinge({ margin }),
    value: (x, t) => Math.max(0, margin - x * t),
    slope: (x, t) => (margin - x * t > 0 ? -t : 0),
    targets: (count, seed) => Float32Array.from(wholes(count, { seed, below: 2 }), (t) => 2 * t - 1),
    // margin - x t is rounded, 2^-24
    forward: { rtol: 6e-8, atol: 0 },
    backward: { rtol: 0, atol: 0 },
    special: [[0, 1], [0, -1], [margin, 1], [-margin, -1], [margin, -1], [1e30, 1], [1e30, -1], [-1e30, 1], [1e-8, 1]],
  }); // prettier-ignore
}
