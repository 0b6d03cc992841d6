// Every case of the golden set, one test each, at the case's own tolerance. GOLDEN_DIR names another folder of that format.
import { describe, expect, test } from "vitest";
import { goldenCases } from "./support/golden.ts";
import { runners } from "./support/golden/runners.ts";

describe("golden", () => {
  for (const entry of goldenCases()) {
    test(`${entry.kind} ${entry.name}`, async () => {
      const run = runners[entry.kind];
      expect(run, `a runner for the kind "${entry.kind}"`).toBeDefined();
      await run!(entry);
    });
  }
});
