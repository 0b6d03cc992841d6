// Every function of the library answers every wrong argument: it works where test/support/legal.ts says so, or is refused in the
// library's words, and then has changed nothing. The functions are found here, so that a new one is tested without being listed.
import { rm } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { faultOf, rightCalls, tryWrong, WRONG, wrongPlaces } from "../support/arguments.ts";
import { isLegal, unmet } from "../support/legal.ts";

const { calls, state, written } = await rightCalls();

afterAll(async () => {
  for (const file of written) await rm(file, { recursive: true, force: true });
});

for (const [key, right] of calls) {
  test(key, async () => {
    // who adds a function adds a right call of it to test/support/arguments.ts
    await right.call(...right.args);
    const faults: string[] = [];
    for (const place of await wrongPlaces(right)) {
      for (const [kind, make] of Object.entries(WRONG)) {
        const before = state();
        const fault = await tryWrong(right, place, make);
        const what = `${place.join(".")}: ${kind}`;
        if (fault === "works") {
          if (!isLegal(key, place.join("."), kind)) faults.push(`${what} works`);
        } else {
          if (fault !== undefined) faults.push(`${what} ${fault}`);
          if (state() !== before) faults.push(`${what} was refused, but changed the model`);
        }
      }
    }
    expect(faults).toEqual([]);
  });
}

test("what is listed as legal works", () => expect(unmet()).toEqual([]));

describe("an answer", () => {
  const names = ["dense"];
  test.each([
    "Cannot read properties of undefined (reading 'length')",
    "dense: x is not iterable",
    "dense: Invalid array length",
    "dense: memory access out of bounds",
    "internal: there is no kernel",
    "Maximum call stack size exceeded",
    "units must be a number",
    "dense: got [object Object]",
  ])("isn't %s", (message) => expect(faultOf(new TypeError(message), names)).toBeTypeOf("string"));

  test("is no value that isn't an error", () => expect(faultOf("dense: no", names)).toBeTypeOf("string"));
  test("names the function", () => {
    expect(faultOf(new TypeError("dense: units must be a number, got null"), names)).toBeUndefined();
    expect(faultOf(new TypeError("densest: units must be a number, got null"), names)).toBeTypeOf("string");
  });
});
