import { adagrad } from "../../../../src/nn/optimizers/adagrad.ts";
import { optimizerTests } from "../../../support/optimizers.ts";

for (const [initialAccumulator, epsilon] of [
  [0, 1e-10],
  [0.5, 0.01],
] as const) {
  // prettier-ignore
  optimizerTests(`adagrad, sums from ${initialAccumulator}, epsilon ${epsilon}`, {
    make: (options) => adagrad({ learningRate: 0.1, initialAccumulator, epsilon, ...options }),
    rule: () => {
      let q = initialAccumulator;
      return (p, g, _t, rate) => {
        q += g * g;
        return p - (rate * g) / (Math.sqrt(q) + epsilon);
      };
    },
    // a step is up to 0.1, computed with six roundings of 6e-8; p up to 4 is rounded once per step
    tolerance: { rtol: 2e-7, atol: 2e-7 },
    decaying: [], // the sums only grow
  });
}
