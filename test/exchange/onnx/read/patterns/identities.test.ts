import { describe, expect, test } from "vitest";
import { duplicates } from "../../../../../src/exchange/onnx/read/patterns/duplicates.ts";
import { identities, scales } from "../../../../../src/exchange/onnx/read/patterns/identities.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const graphOf = (make: Make) => onnxModel({ x: [2, 3, 4], z: [2, 1, 4] }, (parts) => make(parts, "x"));
const left = (make: Make): readonly string[] =>
  nodesLeft(
    workGraph(
      graphOf((g, x) => g.op("Tanh", [String(make(g, x))])),
      identities,
    ),
  );

describe("what changes nothing", () => {
  test.each<readonly [string, Make]>([
    ["Identity", (g, x) => g.op("Identity", [x])],
    ["Dropout", (g, x) => g.op("Dropout", [x, 0.5])],
    ["times 1", (g, x) => g.op("Mul", [1, x])],
    ["over 1", (g, x) => g.op("Div", [x, 1])],
    ["plus 0", (g, x) => g.op("Add", [g.weight([1, 1, 1], [0]), x])],
    ["minus 0", (g, x) => g.op("Sub", [x, 0])],
    ["to the power of 1", (g, x) => g.op("Pow", [x, 1])],
    ["axes in their order", (g, x) => g.op("Transpose", [x], { perm: [0, 1, 2] })],
    ["its own shape", (g, x) => g.op("Reshape", [x, g.ints(0, -1, 4)])],
    ["a slice of all", (g, x) => g.op("Slice", [x, g.ints(0), g.ints(9), g.ints(2)])],
    ["a choice that is always the same", (g, x) => g.op("Where", [g.weight([1, 4], [0, 0, 0, 0]), -1, x])],
    ["its own shape by Expand", (g, x) => g.op("Expand", [x, g.ints(2, 3, 4)])],
  ])("%s", (_, make) => {
    expect(left(make)).toEqual(["Tanh(x)"]);
  });

  test("Expand where the next operator does the same", () => {
    expect(left((g, x) => g.op("Mul", [g.op("Expand", ["z", g.ints(2, 3, 4)]), x]))).toEqual([
      "Mul(z, x)",
      "Tanh(Mul)",
    ]);
  });

  test.each<readonly [string, Make]>([
    ["1 / x", (g, x) => g.op("Div", [1, x])],
    ["0 - x", (g, x) => g.op("Sub", [0, x])],
    ["1 that has more axes", (g, x) => g.op("Mul", [x, g.weight([1, 1, 1, 1], [1])])],
    ["axes in another order", (g, x) => g.op("Transpose", [x], { perm: [0, 2, 1] })],
    ["axes from the last to the first", (g, x) => g.op("Transpose", [x])],
    ["a choice that differs", (g, x) => g.op("Where", [g.weight([1, 4], [0, 0, 1, 0]), -1, x])],
    ["a choice with more places", (g, x) => g.op("Where", [g.weight([1, 3, 1], [1, 1, 1]), "z", x])],
    ["another shape", (g, x) => g.op("Reshape", [x, g.ints(0, 4, 3)])],
    ["a part", (g, x) => g.op("Slice", [x, g.ints(1), g.ints(9), g.ints(2)])],
    ["backwards", (g, x) => g.op("Slice", [x, g.ints(-1), g.ints(-9), g.ints(2), g.ints(-1)])],
    ["Expand that is needed", (g) => g.op("Expand", ["z", g.ints(2, 3, 4)])],
  ])("not %s", (_, make) => {
    expect(left(make)).toHaveLength(2);
  });
});

describe("numbers in a row", () => {
  const scaled = (make: Make): readonly string[] => nodesLeft(workGraph(graphOf(make), scales));

  test.each<readonly [string, Make, readonly string[]]>([
    [
      "a picture's",
      (g, x) => g.op("Sub", [g.op("Mul", [g.op("Div", [x, 255]), 2]), 1]),
      ["Mul(x, 0.00784314)", "Add(Mul, -1)"],
    ],
    ["1 - x * 3", (g, x) => g.op("Sub", [1, g.op("Mul", [g.op("Neg", [x]), 3])]), ["Mul(x, 3)", "Add(Mul, 1)"]],
    ["factors", (g, x) => g.op("Div", [g.op("Mul", [4, x]), 8]), ["Mul(x, 0.5)"]],
    ["offsets", (g, x) => g.op("Sub", [g.op("Add", [4, x]), 1]), ["Add(x, 3)"]],
  ])("%s", (_, make, wanted) => {
    expect(scaled(make)).toEqual(wanted);
  });

  test.each<readonly [string, Make]>([
    ["2 / (x + 1)", (g, x) => g.op("Div", [2, g.op("Add", [x, 1])])],
    [
      "what is taken elsewhere",
      (g, x) => {
        const first = g.op("Add", [x, 1]);
        return [g.op("Sub", [first, 3]), first];
      },
    ],
    ["one of each", (g, x) => g.op("Add", [g.op("Mul", [x, 2]), 3])],
    ["numbers for each place", (g, x) => g.op("Add", [g.op("Mul", [x, g.weight([4])]), g.weight([4])])],
  ])("not %s", (_, make) => {
    expect(scaled(make)).toHaveLength(2);
  });
});

describe("the same twice", () => {
  const once = (make: Make): readonly string[] => nodesLeft(workGraph(graphOf(make), duplicates));

  test("of values and numbers is computed once", () => {
    const make: Make = (g, x) => {
      const mean = (): string => g.op("ReduceMean", [x], { axes: [-1], keepdims: 1 });
      return g.op("Mul", [g.op("Sub", [x, mean()]), g.op("Add", [g.op("Sub", [x, mean()]), 1])]);
    };
    expect(once(make)).toEqual([
      "ReduceMean(x, axes=-1, keepdims=1)",
      "Sub(x, ReduceMean)",
      "Add(Sub, 1)",
      "Mul(Sub, Add)",
    ]);
  });

  test.each<readonly [string, Make]>([
    [
      "with other attributes",
      (g, x) => {
        const mean = (axis: number): string => g.op("ReduceMean", [x], { axes: [axis], keepdims: 1 });
        return g.op("Add", [mean(1), mean(2)]);
      },
    ],
    [
      "with weights that begin the same",
      (g, x) => {
        const [a, b] = [g.weight([4]), g.weight([4])];
        return g.op("Sub", [g.op("Mul", [x, a]), g.op("Mul", [x, b])]);
      },
    ],
    [
      "with one weight",
      (g, x) => {
        const a = g.weight([4]);
        return g.op("Sub", [g.op("Mul", [x, a]), g.op("Mul", [x, a])]);
      },
    ],
    [
      "of layers",
      (g, x) => {
        const w = g.weight([4, 4]);
        return g.op("Sub", [g.op("MatMul", [x, w]), g.op("MatMul", [x, w])]);
      },
    ],
  ])("not %s", (_, make) => {
    expect(once(make)).toHaveLength(3);
  });
});
