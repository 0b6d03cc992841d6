import { layerNorm } from "../../../../src/nn/layers/layerNorm.ts";
import { meanOf, normTests } from "../../../support/norms.ts";

const EPSILON = Math.fround(1e-3);

normTests("layerNorm", layerNorm({ epsilon: 1e-3 }), ["gamma", "beta"], (x, dy, { gamma, beta }) => {
  const mean = meanOf(x);
  const deviation = Math.sqrt(meanOf(x.map((v) => (v - mean) ** 2)) + EPSILON);
  const z = x.map((v) => (v - mean) / deviation);
  const g = dy.map((v, j) => v * gamma![j]!);
  const along = meanOf(g.map((v, j) => v * z[j]!));
  return {
    y: z.map((v, j) => v * gamma![j]! + beta![j]!),
    dx: g.map((v, j) => (v - meanOf(g) - z[j]! * along) / deviation),
    gradients: { gamma: dy.map((v, j) => v * z[j]!), beta: dy },
  };
});
