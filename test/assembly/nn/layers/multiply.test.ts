import { multiply } from "../../../../src/nn/composites/multiply.ts";
import { numberCases, pairTests } from "../../../support/pairs.ts";

pairTests(
  "multiply",
  numberCases(
    multiply,
    (a, b) => a * b,
    (a, b) => [b, a],
  ),
  { rtol: 6e-8, atol: 0 }, // one rounding
);
