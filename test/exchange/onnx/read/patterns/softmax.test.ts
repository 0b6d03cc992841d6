import { expect, test } from "vitest";
import { exponentials } from "../../../../../src/exchange/onnx/read/patterns/softmax.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const left = (make: Make, opset = 13): readonly string[] =>
  nodesLeft(
    workGraph(
      onnxModel({ x: [2, 3, 4], z: [2, 3, 4] }, (parts) => make(parts, "x"), opset),
      exponentials,
    ),
  );

const sum = (g: GraphParts, x: string, axis: number): string => g.op("ReduceSum", [x, g.ints(axis)], { keepdims: 1 });
const shifted = (g: GraphParts, x: string, axis: number): string =>
  g.op("Sub", [x, g.op("ReduceMax", [x], { axes: [axis], keepdims: 1 })]);
const share = (g: GraphParts, x: string, axis: number, over = axis): string => {
  const e = g.op("Exp", [x]);
  return g.op("Div", [e, sum(g, e, over)]);
};

test.each<readonly [string, Make, readonly string[]]>([
  ["a softmax", (g, x) => share(g, x, -1), ["Softmax(x, axis=-1)"]],
  ["a softmax of what is shifted", (g, x) => share(g, shifted(g, x, 1), 1), ["Softmax(x, axis=1)"]],
  ["a logarithm of a softmax", (g, x) => g.op("Log", [g.op("Softmax", [x], { axis: 2 })]), ["LogSoftmax(x, axis=2)"]],
  ["a logarithm of shares", (g, x) => g.op("Log", [share(g, x, -1)]), ["LogSoftmax(x, axis=-1)"]],
  [
    "z less the logarithm of a sum",
    (g, x) => g.op("Sub", [x, g.op("Log", [sum(g, g.op("Exp", [x]), -1)])]),
    ["LogSoftmax(x, axis=-1)"],
  ],
  [
    "the same, shifted",
    (g, x) => {
      const z = shifted(g, x, -1);
      return g.op("Sub", [z, g.op("Log", [sum(g, g.op("Exp", [z]), -1)])]);
    },
    ["LogSoftmax(x, axis=-1)"],
  ],
  [
    "a logistic function",
    (g, x) => g.op("Div", [1, g.op("Add", [1, g.op("Exp", [g.op("Neg", [x])])])]),
    ["Sigmoid(x)"],
  ],
  [
    "a logistic function by its inverse",
    (g, x) => g.op("Reciprocal", [g.op("Add", [g.op("Exp", [g.op("Neg", [x])]), 1])]),
    ["Sigmoid(x)"],
  ],
  ["a softplus", (g, x) => g.op("Log", [g.op("Add", [g.op("Exp", [x]), 1])]), ["Softplus(x)"]],
  [
    "a logarithm of a logistic function",
    (g, x) => g.op("Log", [g.op("Sigmoid", [x])]),
    ["Neg(x)", "Softplus(Neg)", "Neg(Softplus)"],
  ],
])("%s", (_, make, wanted) => {
  expect(left(make)).toEqual(wanted);
});

const WRONG: readonly (readonly [string, Make, number?])[] = [
  ["a sum over another axis than the maximum", (g, x) => g.op("Relu", [share(g, shifted(g, x, 1), 1, 2)])],
  ["a softmax of another axis than the last before opset 13", (g, x) => share(g, x, 1), 12],
  ["a sum of something else", (g, x) => g.op("Div", [g.op("Exp", [x]), sum(g, g.op("Exp", ["z"]), -1)])],
  [
    "a sum that loses its axis",
    (g, x) => {
      const e = g.op("Exp", [x]);
      return g.op("Div", [e, g.op("Unsqueeze", [g.op("ReduceSum", [e, g.ints(2)], { keepdims: 0 }), g.ints(0)])]);
    },
  ],
  [
    "exponentials that are taken elsewhere",
    (g, x) => {
      const e = g.op("Exp", [x]);
      return [g.op("Div", [e, sum(g, e, -1)]), g.op("Relu", [e])];
    },
  ],
];

for (const [name, make, opset = 13] of WRONG) {
  test(`not ${name}`, () => {
    const nodes = left(make, opset);
    expect(nodes.some((node) => node.startsWith("Softmax(x"))).toBe(false);
    expect(nodes.some((node) => node.startsWith("Exp"))).toBe(!nodes.some((node) => node.startsWith("Softmax")));
  });
}

test.each<readonly [string, Make]>([
  ["2 / (1 + exp(-x))", (g, x) => g.op("Div", [2, g.op("Add", [1, g.op("Exp", [g.op("Neg", [x])])])])],
  ["1 / (2 + exp(-x))", (g, x) => g.op("Div", [1, g.op("Add", [2, g.op("Exp", [g.op("Neg", [x])])])])],
  ["log(2 + exp(x))", (g, x) => g.op("Log", [g.op("Add", [g.op("Exp", [x]), 2])])],
])("not %s", (_, make) => {
  expect(left(make).some((node) => node.startsWith("Exp"))).toBe(true);
});
