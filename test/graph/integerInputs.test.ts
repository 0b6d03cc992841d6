// Inputs that must be integers: where in a row of the model's input a layer's numbers are, and what their rule refuses.
import { describe, expect, test } from "vitest";
import type { Rule } from "../../src/data/samples.ts";
import { buildGraph } from "../../src/graph/graph.ts";
import { requireIntegers } from "../../src/graph/integerInputs.ts";
import * as w from "../../src/index.ts";
import { type Shape, sizeOf } from "../../src/util/shape.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";

/** The rule for what the last of the layers reads: integers from 2 to 5. */
function ruleOf(inputShape: Shape, layers: readonly w.Layer[], slot = ""): Rule[] {
  const nodes = buildGraph(inputShape, layers);
  return requireIntegers(nodes, nodes.at(-1)!, slot, 2, 5);
}

/** Calls the only rule with rows of numbers. */
function call(inputShape: Shape, layers: readonly w.Layer[], data: readonly number[], scale = 1, slot = ""): void {
  const [rule, ...others] = ruleOf(inputShape, layers, slot);
  expect(others).toEqual([]);
  const size = sizeOf(inputShape);
  rule!({ data: Float32Array.from(data), rows: data.length / size, scale, original: data }, size, "predict");
}

const direct = [w.embedding(9, 1)];
const WHAT = "what is looked up of embedding";

describe("numbers of the model's input", () => {
  test("integers from the least to the most are allowed, and so are no rows", () => {
    call([2], direct, [2, 3, 4, 5]);
    call([2], direct, []);
  });

  refuses([
    [
      () => call([2], direct, [2, 3, 4, 1]),
      RangeError,
      `predict: ${WHAT} (layer 1) must be whole numbers from 2 to 5, but x at row 1, position 1 is 1`,
    ],
    [
      () => call([2], direct, [6, 3]),
      RangeError,
      `predict: ${WHAT} (layer 1) must be whole numbers from 2 to 5, but x at row 0, position 0 is 6`,
    ],
    [
      () => call([2], direct, [2, 2.5]),
      RangeError,
      `predict: ${WHAT} (layer 1) must be whole numbers from 2 to 5, but x at row 0, position 1 is 2.5`,
    ],
    [
      () => call([1], direct, [NaN]),
      RangeError,
      `predict: ${WHAT} (layer 1) must be whole numbers from 2 to 5, but x at row 0, position 0 is NaN`,
    ],
  ]);

  test("times the scale", async () => {
    call([1], direct, [1, 2], 2);
    await expectRefusal(() => call([1], direct, [1, 3], 2), RangeError, /row 1, position 0 is 6$/);
  });

  test("through layers that only give them another shape", async () => {
    const layers = [w.reshape([2, 1]), w.flatten(), w.embedding(9, 1)];
    call([2], layers, [2, 5]);
    await expectRefusal(() => call([2], layers, [2, 7]), RangeError, /\(layer 3\) .* row 0, position 1 is 7$/);
  });
});

describe("one of several inputs", () => {
  // rows of 3 free numbers, then 2 that are looked up
  const { shape, entry } = w.inputs({ free: 3, words: 2 });

  test("is looked for where it is stored in a row, and no other number is", async () => {
    const sum = w.add([w.dense(2), [w.from("words"), w.embedding(9, 1), w.flatten()]]);
    const nodes = buildGraph(shape, [entry, sum]);
    const node = nodes.find(({ layer }) => layer.type === "embedding")!;
    const [rule] = requireIntegers(nodes, node, "", 2, 5);
    const check = (...data: number[]): void =>
      rule!({ data: Float32Array.from(data), rows: data.length / 5, scale: 1, original: data }, 5, "fit");
    check(0.5, -1, 9, 2, 3, 7, 7, 7, 4, 5);
    await expectRefusal(
      () => check(0.5, -1, 9, 2, 3, 7, 7, 7, 4, 6),
      RangeError,
      /^fit: what is looked up of embedding \(layer \d\) .* x at row 1, position 1 is 6$/,
    );
  });

  test("in another slot: named in the message; none where the layer doesn't have it", async () => {
    const sequence = w.inputs({ x: [2, 1], steps: 1 });
    const gru = [sequence.entry, w.gru(1, { lengths: "steps" })];
    call(sequence.shape, gru, [0.5, 0.5, 5], 1, "lengths");
    await expectRefusal(
      () => call(sequence.shape, gru, [0.5, 0.5, 6], 1, "lengths"),
      RangeError,
      /^predict: the lengths of gru \(layer \d\) .* x at row 0, position 0 is 6$/,
    );
    expect(ruleOf([2, 1], [w.gru(1)], "lengths")).toEqual([]);
  });
});

describe("what a layer computes is refused", () => {
  refuses([
    [
      () => ruleOf([2], [w.dense(2), w.embedding(9, 1)]),
      RangeError,
      "embedding (layer 2): what it reads must be an input of the model, not what a layer computes",
    ],
    [
      () => ruleOf([2], [w.relu(), w.flatten(), w.embedding(9, 1)]),
      RangeError,
      "embedding (layer 3): what it reads must be an input of the model, not what a layer computes",
    ],
    [
      () =>
        ruleOf(
          [2, 1],
          [w.flatten(), w.dense(1, { name: "n" }), w.reshape([1, 1]), w.gru(1, { lengths: "n" })],
          "lengths",
        ),
      RangeError,
      "gru (layer 4): lengths must be an input of the model, not what a layer computes",
    ],
  ]);
});
