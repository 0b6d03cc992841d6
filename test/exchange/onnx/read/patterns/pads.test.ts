import { expect, test } from "vitest";
import { pads } from "../../../../../src/exchange/onnx/read/patterns/pads.ts";
import {
  type AttributeValue,
  type GraphParts,
  nodesLeft,
  onnxModel,
  workGraph,
} from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const left = (make: Make, opset = 13): readonly string[] =>
  nodesLeft(
    workGraph(
      onnxModel({ x: [2, 3, 6, 7] }, (parts) => make(parts, "x"), opset),
      pads,
    ),
  );

const around = (g: GraphParts, x: string, ...sizes: number[]): string =>
  g.op("Pad", [x, g.ints(...sizes)], { mode: "constant" });
const pool = (g: GraphParts, x: string, more: Readonly<Record<string, AttributeValue>> = {}): string =>
  g.op("AveragePool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], ...more });

test("pads of nothing vanish, in front of anything", () => {
  expect(left((g, x) => g.op("Relu", [around(g, x, 0, 0, 0, 0, 0, 0, 0, 0)]))).toEqual(["Relu(x)"]);
  expect(left((g, x) => g.op("Relu", [g.op("Pad", [x], { pads: [0, 0, 0, 0, 0, 0, 0, 0] })]), 10)).toEqual(["Relu(x)"]);
});

test("pads in front of an average count as zeros", () => {
  expect(left((g, x) => pool(g, around(g, x, 0, 0, 1, 2, 0, 0, 1, 0)))).toEqual([
    "AveragePool(x, kernel_shape=3,3, strides=2,2, pads=1,2,1,0, count_include_pad=1)",
  ]);
});

test("pads in front of a convolution are added to its own", () => {
  const make: Make = (g, x) =>
    g.op("Conv", [around(g, x, 0, 0, 1, 0, 0, 0, 0, 3), g.weight([4, 3, 3, 3])], { pads: [1, 1, 1, 1] });
  expect(left(make)).toEqual(["Conv(x, [4,3,3,3], pads=2,1,1,4)"]);
});

test.each<readonly [string, Make]>([
  [
    "a maximum, which zeros could be",
    (g, x) => g.op("MaxPool", [around(g, x, 0, 0, 1, 1, 0, 0, 1, 1)], { kernel_shape: [3, 3] }),
  ],
  ["of channels", (g, x) => pool(g, around(g, x, 0, 1, 1, 1, 0, 0, 1, 1))],
  ["that cut off", (g, x) => pool(g, around(g, x, 0, 0, -1, 1, 0, 0, 1, 1))],
  ["of another number", (g, x) => pool(g, g.op("Pad", [x, g.ints(0, 0, 1, 1, 0, 0, 1, 1), 1]))],
  ["of reflections", (g, x) => pool(g, g.op("Pad", [x, g.ints(0, 0, 1, 1, 0, 0, 1, 1)], { mode: "reflect" }))],
  [
    "that something else takes",
    (g, x) => {
      const padded = around(g, x, 0, 0, 1, 1, 0, 0, 1, 1);
      return [pool(g, padded), g.op("Relu", [padded])];
    },
  ],
  ["beside pads that don't count", (g, x) => pool(g, around(g, x, 0, 0, 1, 1, 0, 0, 1, 1), { pads: [1, 1, 1, 1] })],
  ["with windows over the edge", (g, x) => pool(g, around(g, x, 0, 0, 1, 1, 0, 0, 1, 1), { ceil_mode: 1 })],
])("not %s", (_, make) => {
  expect(left(make).some((node) => node.startsWith("Pad"))).toBe(true);
});
