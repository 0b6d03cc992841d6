import { expect, test } from "vitest";
import { thresholds } from "../../../../../src/exchange/onnx/read/patterns/thresholds.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const left = (make: Make, opset = 13): readonly string[] =>
  nodesLeft(
    workGraph(
      onnxModel({ x: [2, 3], z: [2, 3] }, (parts) => make(parts, "x"), opset),
      thresholds,
    ),
  );

const shrunk = (g: GraphParts, x: string, high: number, low: number): string => {
  const above = g.op("Where", [g.op("Greater", [x, high]), g.op("Sub", [x, high]), 0]);
  return g.op("Add", [above, g.op("Where", [g.op("Less", [x, -low]), g.op("Add", [x, low]), 0])]);
};

const RIGHT: readonly (readonly [string, Make, readonly string[], number?])[] = [
  ["ReLU", (g, x) => g.op("Max", [0, x]), ["Relu(x)"]],
  ["a lower bound", (g, x) => g.op("Max", [x, -0.5]), ["Clip(x, -0.5)"]],
  ["an upper bound", (g, x) => g.op("Min", [2, x]), ["Clip(x, , 2)"]],
  ["an upper bound of an early opset", (g, x) => g.op("Min", [2, x]), ["Clip(x, max=2)"], 10],
  ["both bounds", (g, x) => g.op("Min", [g.op("Max", [x, -1]), 2]), ["Clip(x, -1, 2)"]],
  ["ReLU6", (g, x) => g.op("Min", [g.op("Relu", [x]), 6]), ["Clip(x, 0, 6)"]],
  ["bounds of bounds", (g, x) => g.op("Clip", [g.op("Clip", [x, -1, 3]), 0, 4]), ["Clip(x, 0, 3)"]],
  [
    "HardSigmoid",
    (g, x) => g.op("Div", [g.op("Clip", [g.op("Add", [3, x]), 0, 6]), 6]),
    ["HardSigmoid(x, alpha=0.166667, beta=0.5)"],
  ],
  [
    "another HardSigmoid",
    (g, x) => g.op("Clip", [g.op("Add", [g.op("Mul", [x, 0.2]), 0.5]), 0, 1]),
    ["HardSigmoid(x, alpha=0.2, beta=0.5)"],
  ],
  ["Softsign", (g, x) => g.op("Div", [x, g.op("Add", [1, g.op("Abs", [x])])]), ["Softsign(x)"]],
  ["ReLU by a choice", (g, x) => g.op("Where", [g.op("Greater", [x, 0]), x, 0]), ["Relu(x)"]],
  [
    "a choice the other way round",
    (g, x) => g.op("Where", [g.op("LessOrEqual", [x, 0.5]), 0, x]),
    ["ThresholdedRelu(x, alpha=0.5)"],
  ],
  ["a leak", (g, x) => g.op("Where", [g.op("Less", [0, x]), x, g.op("Mul", [0.1, x])]), ["LeakyRelu(x, alpha=0.1)"]],
  [
    "a hard shrink",
    (g, x) => {
      const outside = g.op("Or", [g.op("Less", [x, -0.4]), g.op("Greater", [x, 0.4])]);
      return g.op("Where", [outside, x, 0]);
    },
    ["Shrink(x, lambd=0.4, bias=0)"],
  ],
  ["a soft shrink", (g, x) => shrunk(g, x, 0.3, 0.3), ["Shrink(x, lambd=0.3, bias=0.3)"]],
];

for (const [name, make, wanted, opset = 13] of RIGHT) {
  test(name, () => {
    expect(left(make, opset)).toEqual(wanted);
  });
}

test.each<readonly [string, Make, string]>([
  ["a maximum of two values", (g, x) => g.op("Max", [x, "z"]), "Max"],
  ["bounds that leave nothing", (g, x) => g.op("Clip", [g.op("Clip", [x, 3, 5]), 0, 1]), "Clip(Clip"],
  [
    "bounds of what is taken elsewhere",
    (g, x) => {
      const first = g.op("Clip", [x, -1, 3]);
      return [g.op("Clip", [first, 0, 4]), g.op("Tanh", [first])];
    },
    "Clip(Clip",
  ],
  ["a quotient by another sum", (g, x) => g.op("Div", [x, g.op("Add", [2, g.op("Abs", [x])])]), "Abs"],
  ["a quotient of something else", (g, x) => g.op("Div", ["z", g.op("Add", [1, g.op("Abs", [x])])]), "Abs"],
  ["a choice of something else", (g, x) => g.op("Where", [g.op("Greater", ["z", 0]), x, 0]), "Where"],
  [
    "a leak with an offset",
    (g, x) => {
      const low = g.op("Add", [1, g.op("Mul", [0.1, x])]);
      return g.op("Where", [g.op("Greater", [x, 0]), x, low]);
    },
    "Where",
  ],
  ["a shrink with two bounds", (g, x) => shrunk(g, x, 0.3, 0.4), "Where"],
])("not %s", (_, make, kept) => {
  expect(left(make).some((node) => node.startsWith(kept))).toBe(true);
});
