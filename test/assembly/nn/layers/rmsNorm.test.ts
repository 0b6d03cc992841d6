import { rmsNorm } from "../../../../src/nn/layers/rmsNorm.ts";
import { meanOf, normTests } from "../../../support/norms.ts";

const EPSILON = Math.fround(1e-3);

normTests("rmsNorm", rmsNorm({ epsilon: 1e-3 }), ["gamma"], (x, dy, { gamma }) => {
  const root = Math.sqrt(meanOf(x.map((v) => v * v)) + EPSILON);
  const z = x.map((v) => v / root);
  const g = dy.map((v, j) => v * gamma![j]!);
  const along = meanOf(g.map((v, j) => v * z[j]!));
  return {
    y: z.map((v, j) => v * gamma![j]!),
    dx: g.map((v, j) => (v - z[j]! * along) / root),
    gradients: { gamma: dy.map((v, j) => v * z[j]!) },
  };
});
