// The contract of layers: how messages name one, and the options that all parameters have.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { checkParameterOptions, whereText } from "../../src/graph/layer.ts";
import { refuses } from "../support/refusals.ts";

test("messages name a layer by its type, its position from 1, and its name if it has one", () => {
  expect(whereText(w.dense(3), 0)).toBe("dense (layer 1)");
  expect(whereText(w.relu({ name: "head" }), 2)).toBe('relu (layer 3, "head")');
});

describe("the options of parameters", () => {
  test("are found by the ends of their names; undefined is a default", () => {
    checkParameterOptions("f", {
      kernelInitializer: w.zeros(),
      initializer: w.ones(),
      biasRegularizer: w.l2(0.1),
      stateConstraint: w.nonNeg(),
      trainable: false,
      recurrentRegularizer: undefined,
      units: "not its business",
    });
  });

  refuses([
    [
      () => checkParameterOptions("f", { kernelInitializer: w.l2(0.1) }),
      TypeError,
      "f: kernelInitializer must be an initializer such as heNormal(), got an object (Object)",
    ],
    [
      () => checkParameterOptions("f", { initializer: 0 }),
      TypeError,
      "f: initializer must be an initializer such as heNormal(), got number 0",
    ],
    [
      () => checkParameterOptions("f", { biasRegularizer: w.l2 }),
      TypeError,
      "f: biasRegularizer must be a regularizer such as l2(0.01), got the function l2; call it: l2()",
    ],
    [() => checkParameterOptions("f", { trainable: null }), TypeError, "f: trainable must be true or false, got null"],
  ]);
});
