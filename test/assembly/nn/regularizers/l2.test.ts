import { penaltyTests } from "../../../support/penalties.ts";

penaltyTests(
  "l2",
  (p) => p * p,
  (p) => 2 * p,
);
