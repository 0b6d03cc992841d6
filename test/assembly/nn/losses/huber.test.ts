import { huber } from "../../../../src/nn/losses/huber.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { normal } from "../../../support/seeded.ts";

for (const delta of [1, 2.5, 0.1]) {
  elementLossTests(`huber, delta ${delta}`, {
    loss: huber({ delta }),
    value: (x, t) => {
      const d = Math.abs(x - t);
      return d <= delta ? d ** 2 / 2 : delta * (d - delta / 2);
    },
    slope: (x, t) => Math.max(-delta, Math.min(delta, x - t)),
    targets: (count, seed) => normal(count, { seed }),
    // the difference, delta, the square or the product: about four roundings of 2^-24
    forward: { rtol: 2.4e-7, atol: 1e-30 },
    backward: { rtol: 6e-8, atol: 0 },
    special: [
      [1, 1], [0, 0], [1, 0], [-1, 0], [2.5, 0], [0, 2.5], [1 + 2 ** -20, 0], [1 - 2 ** -20, 0], [1e30, 0], [-1e30, 0], [1e-15, 0],
    ],
  }); // prettier-ignore
}
