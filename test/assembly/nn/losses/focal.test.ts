import { focal } from "../../../../src/nn/losses/focal.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { uniform, wholes } from "../../../support/seeded.ts";

/** Yes, no, and now and then something between. */
const targets = (count: number, seed: number): Float32Array => {
  const shares = uniform(count, { seed, low: 0, high: 1 });
  return Float32Array.from(wholes(count, { seed, below: 3 }), (kind, i) => (kind === 2 ? shares[i]! : kind));
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

for (const [gamma, alpha] of [
  [2, undefined],
  [2, 0.25],
  [0.5, 0.75],
  [0, undefined],
] as const) {
  const parts = (x: number, t: number) => {
    const missed = sigmoid(x) * (1 - t) + sigmoid(-x) * t;
    const weight = alpha === undefined ? 1 : alpha * t + (1 - alpha) * (1 - t);
    return { missed, factor: weight * missed ** gamma, entropy: t * softplus(-x) + (1 - t) * softplus(x) };
  };
  elementLossTests(`focal, gamma ${gamma}, alpha ${alpha}`, {
    loss: focal({ gamma, ...(alpha !== undefined && { alpha }) }),
    value(x, t) {
      const { factor, entropy } = parts(x, t);
      return factor * entropy;
    },
    slope(x, t) {
      const { missed, factor, entropy } = parts(x, t);
      const bend = (gamma * entropy * (1 - 2 * t) * sigmoid(x) * sigmoid(-x)) / missed;
      return factor * (sigmoid(x) * (1 - t) - sigmoid(-x) * t + bend);
    },
    targets,
    // the power is e to gamma ln(missed), of which each unit is as many as that number is large: up to 20
    forward: { rtol: 3e-6, atol: 1e-30 },
    // targets between 0 and 1 have terms of both signs, each below 3
    backward: { rtol: 3e-6, atol: 1e-6 },
    special: [[0, 0], [0, 1], [0, 0.5], [30, 1], [-30, 0], [30, 0], [-30, 1], [85, 1], [-85, 1], [85, 0], [-85, 0], [1000, 0], [-1000, 1]],
  }); // prettier-ignore
}
