import { klDivergence } from "../../../../src/nn/losses/klDivergence.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { uniform } from "../../../support/seeded.ts";

elementLossTests("klDivergence", {
  loss: klDivergence(),
  value: (x, t) => (t === 0 ? 0 : t * (Math.log(t) - x)),
  slope: (_x, t) => -t,
  inputs: (count, seed) => uniform(count, { seed, low: -10, high: 0 }),
  // probabilities; every fourth is 0
  targets: (count, seed) => uniform(count, { seed, low: 0, high: 1 }).map((t, i) => (i % 4 === 1 ? 0 : t)),
  // ln t has 1 ulp; where ln t and x cancel, 2^-24 of their sizes (up to 10) stay, times t
  forward: { rtol: 2e-7, atol: 7e-7 },
  backward: { rtol: 0, atol: 0 },
  special: [[0, 0], [-5, 0], [-1e30, 0], [0, 1], [-1, 1], [-100, 1e-30], [-0.5, 1e-45], [-1, Math.exp(-1)]],
}); // prettier-ignore
