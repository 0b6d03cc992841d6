// The rules that many options share.
import { describe, test } from "vitest";
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
    [
      () => check.checkKeys("f", { BATCH_size: 1 }, ["epochs", "batchSize"]),
      TypeError,
      'f: unknown option "BATCH_size"; did you mean "batchSize"? Known: epochs, batchSize',
    ],
    [
      () => check.checkKeys("f", { epoch: 1 }, ["batchSize", "epochs"]),
      TypeError,
      'f: unknown option "epoch"; did you mean "epochs"? Known: batchSize, epochs',
    ],
    [
      () => check.checkKeys("f", { lr: 1 }, ["learningRate"]),
      TypeError,
      'f: unknown option "lr"; did you mean "learningRate"? Known: learningRate',
    ],
    [() => check.checkKeys("f", { lr: 1 }, ["rate"]), TypeError, 'f: unknown option "lr". Known: rate'],
    [
      () => check.checkKeys("f", { activation: "relu" }, ["units"]),
      TypeError,
      'f: unknown option "activation"; an activation is a layer of its own: dense(10), relu(). Known: units',
    ],
    [() => check.checkKeys("f", { "": 1 }, ["alpha"]), TypeError, 'f: unknown option "". Known: alpha'],
  ]);
});
