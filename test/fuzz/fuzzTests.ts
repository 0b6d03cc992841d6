// Tests of fuzzers: the same inputs in every run, so that all of them together take a minute.
import { expect, test } from "vitest";
import { type Failure, type Fuzzer, run } from "./engine.ts";

export function fuzzTests(fuzzers: readonly Fuzzer[]): void {
  for (const fuzzer of fuzzers) {
    test(`${fuzzer.name}: ${fuzzer.what}`, async () => {
      const failures: Failure[] = [];
      const { inputs, refused } = await run(fuzzer, {
        seed: 1,
        count: fuzzer.inTests,
        failed: (failure) => failures.push(failure),
      });
      expect(failures).toEqual([]);
      // neither all nor none: valid inputs are changed
      expect(refused / inputs).toBeGreaterThan(0.1);
      expect(refused / inputs).toBeLessThan(0.99);
    }, 300_000);
  }
}
