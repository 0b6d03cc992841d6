// How messages of today are compared with those of 0.1.0.
import { describe, expect, test } from "vitest";
import { accepted, sameMessage } from "./changes.ts";

describe("a message is the same", () => {
  const unknown = 'dense: unknown option "unit"; did you mean "units"? Known: units, name';
  const words: readonly (readonly [string, string])[] = [["a whole number", "an integer"]];

  test.each([
    ["to the letter", unknown, unknown],
    ["where more can be chosen", unknown.replace("units, name", "units, mode, name"), unknown],
    ["where more is one of the choices", "x: must be one of a, c, b, got 3", "x: must be one of a, b, got 3"],
    [
      "with corrected words",
      "dense: units must be an integer, got 1.5",
      "dense: units must be a whole number, got 1.5",
    ],
    [
      "as a pattern with corrected words",
      "f: rows must be an integer, got 3",
      /^f: rows must be a whole number, got \d$/,
    ],
  ])("%s", (_, now, then) => expect(sameMessage(now, then, words)).toBe(true));

  test.each([
    ["where a choice is missing", unknown.replace("units, name", "units"), unknown],
    ["where another thing is proposed", unknown.replace('mean "units"', 'mean "name"'), unknown],
    ["where the value isn't told", "x: must be one of a, b", "x: must be one of a, b, got 3"],
    ["with words that nobody listed", "f: rows must be a natural number", "f: rows must be a whole number"],
    [
      "as a pattern that doesn't match",
      "f: rows must be an integer, got x",
      /^f: rows must be a whole number, got \d$/,
    ],
  ])("but not %s", (_, now, then) => expect(sameMessage(now, then, words)).toBe(false));
});

test("a call that was refused is accepted only where it is listed", () => {
  expect(accepted("fit: a message that nobody has listed")).toBe(false);
});
