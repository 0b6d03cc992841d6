import { subtract } from "../../../../src/nn/composites/subtract.ts";
import { numberCases, pairTests } from "../../../support/pairs.ts";

pairTests(
  "subtract",
  numberCases(
    subtract,
    (a, b) => a - b,
    () => [1, -1],
  ),
  { rtol: 6e-8, atol: 0 }, // one rounding
);
