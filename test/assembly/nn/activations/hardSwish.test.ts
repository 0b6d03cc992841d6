import { hardSwish } from "../../../../src/nn/activations/hardSwish.ts";
import { elementWiseTests } from "../../../support/activations.ts";

elementWiseTests("hardSwish", {
  layer: hardSwish(),
  value: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  // 1/6, a product, a sum of up to 1 and a product with x are rounded; below the sum's error the factor x of up to 3 stays
  forward: { rtol: 2.4e-7, atol: 4e-7 },
  // the same without the last product, another sum, and a dy of up to 4
  backward: { rtol: 2.4e-7, atol: 1.2e-6 },
});
