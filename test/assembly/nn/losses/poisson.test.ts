import { poisson } from "../../../../src/nn/losses/poisson.ts";
import { elementLossTests } from "../../../support/losses.ts";
import { normal, uniform, wholes } from "../../../support/seeded.ts";

const counts = (count: number, seed: number): Float32Array => Float32Array.from(wholes(count, { seed, below: 9 }));

elementLossTests("poisson of logarithms", {
  loss: poisson(),
  value: (x, t) => Math.exp(x) - t * x,
  slope: (x, t) => Math.exp(x) - t,
  inputs: (count, seed) => normal(count, { seed, deviation: 1.5 }),
  targets: counts,
  // the exponential, the product and the difference, of terms up to some 60
  forward: { rtol: 3e-7, atol: 1e-5 },
  backward: { rtol: 3e-7, atol: 1e-6 },
  special: [[0, 0], [0, 1], [-100, 0], [-100, 3], [2, 7], [80, 1]],
}); // prettier-ignore

elementLossTests("poisson of rates", {
  loss: poisson({ logInput: false }),
  value: (x, t) => x - t * Math.log(x + 1e-8),
  slope: (x, t) => 1 - t / (x + 1e-8),
  inputs: (count, seed) => uniform(count, { seed, low: 0.05, high: 9 }),
  targets: counts,
  forward: { rtol: 3e-7, atol: 3e-6 },
  // the quotient, up to 160, and the difference
  backward: { rtol: 3e-7, atol: 3e-5 },
  special: [[1, 1], [1e-8, 0], [3, 3], [1e6, 2]],
}); // prettier-ignore
