// Numbers as people type them.
import { expect, test } from "vitest";
import { readNumber } from "../../playground/src/look/numbers.ts";

test.each([
  ["0.5", 0.5],
  [" −1.5 ", -1.5],
  ["-,5", -0.5],
  ["2,25", 2.25],
  ["1e-3", 0.001],
  ["+7", 7],
])("%j is %d", (text, number) => expect(readNumber(text)).toBe(number));

test.each(["", " ", "-", "1.000,5", "1,000,000", "0x10", "Infinity", "1 2", "e5", "half"])("%j is none", (text) =>
  expect(readNumber(text)).toBeNaN(),
);
