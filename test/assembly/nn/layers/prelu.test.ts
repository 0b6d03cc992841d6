import { prelu } from "../../../../src/nn/layers/prelu.ts";
import { normTests } from "../../../support/norms.ts";

normTests("prelu", prelu(), ["slope"], (x, dy, { slope }) => ({
  y: x.map((v, j) => (v > 0 ? v : v * slope![j]!)),
  dx: dy.map((v, j) => (x[j]! > 0 ? v : v * slope![j]!)),
  gradients: { slope: dy.map((v, j) => (x[j]! > 0 ? 0 : v * x[j]!)) },
}));
