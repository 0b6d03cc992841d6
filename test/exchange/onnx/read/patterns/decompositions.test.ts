import { expect, test } from "vitest";
import { decompositions, lastResorts } from "../../../../../src/exchange/onnx/read/patterns/decompositions.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const left = (make: Make): readonly string[] =>
  nodesLeft(
    workGraph(
      onnxModel({ x: [2, 3, 4], z: [2, 1, 4], v: [5] }, (parts) => make(parts, "x")),
      decompositions,
      lastResorts,
    ),
  );

const ROOT = "size=1, alpha=1, beta=0.25, bias=1e-30";

test.each<readonly [string, Make, readonly string[]]>([
  [
    "a length",
    (g, x) => g.op("ReduceL2", [x], { axes: [1], keepdims: 0 }),
    ["Mul(x, x)", "ReduceSum(Mul, axes=1, keepdims=0)", `LRN(ReduceSum, ${ROOT})`],
  ],
  [
    "a logarithm of a sum",
    (g, x) => g.op("ReduceLogSumExp", [x], { axes: [-1], keepdims: 1 }),
    ["LogSoftmax(x, axis=2)", "Sub(x, LogSoftmax)", "ReduceMean(Sub, axes=2, keepdims=1)"],
  ],
  ["copies of one place", (g) => g.op("Tile", ["z", g.ints(1, 3, 1)]), ["Expand(z, [3])"]],
  ["copies of several", (g, x) => g.op("Tile", [x, g.ints(1, 1, 2)]), ["Concat(x, x, axis=2)"]],
  ["an exponential", (g, x) => g.op("Exp", [x]), ["Neg(x)", "Sigmoid(x)", "Sigmoid(Neg)", "Div(Sigmoid, Sigmoid)"]],
  ["a root", (g, x) => g.op("Sqrt", [x]), [`LRN(x, ${ROOT})`]],
  [
    "a root of a column",
    (g) => g.op("Sqrt", ["v"]),
    ["Unsqueeze(v, axes=1)", `LRN(Unsqueeze, ${ROOT})`, "Squeeze(LRN, axes=1)"],
  ],
  ["a power", (g, x) => g.op("Pow", [x, -0.5]), ["LRN(x, size=1, alpha=1, beta=0.75, bias=1e-30)"]],
])("%s", (_, make, wanted) => {
  expect(left(make)).toEqual(wanted);
});

test.each<readonly [string, Make, string]>([
  ["a logarithm of a sum over two axes", (g, x) => g.op("ReduceLogSumExp", [x], { axes: [1, 2] }), "ReduceLogSumExp"],
  ["copies along two axes", (g, x) => g.op("Tile", [x, g.ints(1, 2, 2)]), "Tile"],
  ["thousands of copies", (g, x) => g.op("Tile", [x, g.ints(1, 1, 4096)]), "Tile"],
  ["squares", (g, x) => g.op("Pow", [x, 2]), "Pow"],
  ["a power above 1", (g, x) => g.op("Pow", [x, 1.5]), "Pow"],
  ["a power that isn't known", (g, x) => g.op("Pow", [x, "z"]), "Pow"],
])("not %s", (_, make, kept) => {
  expect(left(make).some((node) => node.startsWith(kept))).toBe(true);
});
