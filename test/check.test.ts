// The rules that many options share, and the name that was probably meant.
import { describe, expect, test } from "vitest";
import * as check from "../src/check.ts";
import { refuses } from "./support/refusals.ts";

describe("rules", () => {
  test("let through what they allow", () => {
    for (const value of [1, 2 ** 40]) check.checkWhole("f", "n", value);
    for (const value of [0, 5]) check.checkWhole("f", "n", value, 0);
    for (const value of [1e-300, 1, 1e300]) check.checkPositive("f", "n", value);
    for (const value of [0, 1e300]) check.checkNotNegative("f", "n", value);
    for (const value of [0, 0.5, 1 - 2 ** -53]) check.checkFraction("f", "n", value);
    check.checkOneOf("f", "n", "b", ["a", "b"]);
    check.checkKeys("f", { a: undefined, b: 1 }, ["a", "b", "c"]);
    check.checkKeys("f", {}, []);
  });

  refuses([
    [() => check.checkWhole("f", "n", 1, 2), RangeError, "f: n must be a whole number of 2 or more, got 1"],
    [() => check.checkWhole("f", "n", 0.5), RangeError, "f: n must be a whole number of 1 or more, got 0.5"],
    [() => check.checkPositive("f", "n", 0), RangeError, "f: n must be above 0, got 0"],
    [() => check.checkPositive("f", "n", Infinity), RangeError, "f: n must be above 0, got Infinity"],
    [() => check.checkNotNegative("f", "n", -1e-9), RangeError, "f: n must be 0 or more, got -1e-9"],
    [() => check.checkNotNegative("f", "n", Infinity), RangeError, "f: n must be 0 or more, got Infinity"],
    [() => check.checkFraction("f", "n", 1), RangeError, "f: n must be from 0 up to but not including 1, got 1"],
    [() => check.checkOneOf("f", "n", "c", ["a", "b"]), RangeError, 'f: n must be one of a, b, got "c"'],
    [() => check.checkKeys("f", { c: 1 }, ["alpha"]), TypeError, 'f: unknown option "c". Known: alpha'],
  ]);
});

describe("unknownText", () => {
  const known = ["learningRate", "momentum", "beta1", "beta2"];
  const text = (name: string, elsewhere = {}): string => check.unknownText("option", name, known, elsewhere);
  const rest = "Known: learningRate, momentum, beta1, beta2";

  test("suggests the name that takes the fewest changes", () => {
    expect(text("learning_rate")).toBe(`unknown option "learning_rate"; did you mean "learningRate"? ${rest}`);
    expect(text("LEARNINGRATE")).toBe(`unknown option "LEARNINGRATE"; did you mean "learningRate"? ${rest}`);
    expect(text("momentun")).toBe(`unknown option "momentun"; did you mean "momentum"? ${rest}`);
    expect(text("beta_2")).toBe(`unknown option "beta_2"; did you mean "beta2"? ${rest}`);
  });

  test("suggests a name that begins so", () => {
    expect(text("learn")).toBe(`unknown option "learn"; did you mean "learningRate"? ${rest}`);
  });

  test("suggests nothing where nothing is near", () => {
    expect(text("colour")).toBe(`unknown option "colour". ${rest}`);
    expect(text("x")).toBe(`unknown option "x". ${rest}`);
  });

  test("knows other libraries' names, in any spelling", () => {
    const elsewhere = { stepsize: "learningRate" };
    for (const name of ["stepsize", "step_size", "StepSize", "step size"]) {
      expect(text(name, elsewhere)).toBe(`unknown option "${name}"; did you mean "learningRate"? ${rest}`);
    }
  });

  test("shows names as they are written, quotes and line breaks included", () => {
    expect(text('a"b\n')).toBe(`unknown option "a\\"b\\n". ${rest}`);
  });
});
