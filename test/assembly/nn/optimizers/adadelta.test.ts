import { adadelta } from "../../../../src/nn/optimizers/adadelta.ts";
import { optimizerTests } from "../../../support/optimizers.ts";

for (const [rho, epsilon] of [
  [0.9, 1e-6],
  [0.5, 1e-3],
] as const) {
  // prettier-ignore
  optimizerTests(`adadelta, rho ${rho}, epsilon ${epsilon}`, {
    make: (options) => adadelta({ rho, epsilon, ...options }),
    rule: () => {
      let [q, u] = [0, 0];
      return (p, g, _t, rate) => {
        q = rho * q + (1 - rho) * g * g;
        const d = (Math.sqrt(u + epsilon) / Math.sqrt(q + epsilon)) * g;
        u = rho * u + (1 - rho) * d * d;
        return p - rate * d;
      };
    },
    // a step is up to 0.1, computed with ten roundings of 6e-8; p up to 4 is rounded once per step
    tolerance: { rtol: 2e-7, atol: 2e-7 },
    decaying: ["q", "u"],
  });
}
