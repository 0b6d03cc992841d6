import { divide } from "../../../../src/nn/composites/divide.ts";
import { numberCases, pairTests } from "../../../support/pairs.ts";

pairTests(
  "divide",
  numberCases(
    divide,
    (a, b) => a / b,
    (a, b) => [1 / b, -a / (b * b)],
  ),
  { rtol: 1.8e-7, atol: 0 }, // three roundings
);
