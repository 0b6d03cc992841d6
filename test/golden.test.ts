// Every case of the golden set, one test each, at the case's own tolerance.
import { describe, expect, test } from "vitest";
import * as wasmgrad from "../src/index.ts";
import { goldenCases } from "./support/golden.ts";
import { runners } from "./support/golden-runners.ts";

/** Operators and cases of the golden set that aren't built yet. */
const NOT_BUILT: readonly string[] = [];

const cases = goldenCases();

describe("golden", () => {
  for (const entry of cases) {
    if (NOT_BUILT.includes(entry.op) || NOT_BUILT.includes(entry.name)) continue;
    test(`${entry.kind} ${entry.name}`, async () => {
      const run = runners[entry.kind];
      expect(run, `a runner for ${entry.kind}`).toBeDefined();
      await run(entry);
    });
  }

  test("the operators that aren't built yet are really missing", () => {
    const built = Object.keys(wasmgrad).map((name) => name.toLowerCase());
    const missing = NOT_BUILT.filter((op) => built.includes(op.replaceAll("_", "")));
    expect(missing, "built, but still in the list").toEqual([]);
  });
});
