// Products of constants are computed once, as ONNX Runtime does.
import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../../../../src/formats/onnxWriter.ts";
import type { OnnxModel } from "../../../../../src/formats/onnxTypes.ts";
import { fromOnnx } from "../../../../../src/onnx.ts";
import { type GraphParts, onnxModel } from "../../../../support/onnxGraphs.ts";
import { check, weight } from "../../checkGraph.ts";

type Make = (g: GraphParts) => string;

const GRAPHS: Readonly<Record<string, Make>> = {
  "a weight over its largest singular value": (g) => {
    const [w, u, v] = [weight(g, 4, 3), weight(g, 4), weight(g, 3)];
    const sigma = g.op("MatMul", [u, g.op("MatMul", [w, v])]);
    return g.op("MatMul", ["x", g.op("Div", [w, sigma])]);
  },
  "a weight of two factors": (g) => g.op("MatMul", ["x", g.op("MatMul", [weight(g, 4, 2), weight(g, 2, 5)])]),
  "several matrices at once": (g) =>
    g.op("Add", [
      "x",
      g.op("ReduceSum", [g.op("MatMul", [weight(g, 3, 2, 5), weight(g, 5, 4)]), g.ints(0, 1)], { keepdims: 0 }),
    ]),
  "a Gemm of constants": (g) => {
    const made = g.op("Gemm", [weight(g, 2, 4), weight(g, 3, 2), weight(g, 3)], {
      transA: 1,
      transB: 1,
      alpha: 0.5,
      beta: 1.5,
    });
    return g.op("MatMul", ["x", made]);
  },
};

describe("of constants", () => {
  test.each(Object.entries(GRAPHS))("%s", async (_name, make) => check({ x: [3, 4] }, make, 13));
});

/** A file for any number of rows. */
function ofAnyRows(model: OnnxModel, features: number): OnnxModel {
  const type = { kind: "tensor", element: "float", shape: ["rows", features] } as const;
  return { ...model, graph: { ...model.graph, inputs: [{ name: "x", doc: "", type }] } };
}

test("a state of zeros, as many as there are rows, goes through a cell", async () => {
  const model = onnxModel({ x: [1, 4] }, (g) => {
    const rows = g.op("Gather", [g.op("Shape", ["x"]), g.ints(0)]);
    const zeros = g.op("ConstantOfShape", [g.op("Concat", [rows, g.ints(3)], { axis: 0 })]);
    const state = g.op("Gemm", [zeros, g.weight([3, 3]), g.weight([3], [0.5, -1, 2])]);
    const gate = g.op("Sigmoid", [g.op("Add", [g.op("Gemm", ["x", g.weight([4, 3])]), state])]);
    return g.op("Add", [g.op("Mul", [gate, zeros]), gate]);
  });
  const read = await fromOnnx(writeOnnx(ofAnyRows(model, 4)));
  const y = read.predict(Float32Array.of(1, 0, 0, 0, 0, -1, 0, 0.5));
  const kernel = Array.from({ length: 12 }, (_, i) => 1 + i / 2);
  const wanted = [
    [1, 0, 0, 0],
    [0, -1, 0, 0.5],
  ].flatMap((x) =>
    [0.5, -1, 2].map(
      (bias, j) => 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * kernel[3 * i + j]!, bias))),
    ),
  );
  wanted.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
});

test("a product that is out of proportion is refused", async () => {
  const model = onnxModel({ x: [1, 2] }, (g) => {
    const ones = g.op("Add", [g.op("ConstantOfShape", [g.ints(2000, 2000)]), 1]);
    return g.op("Add", ["x", g.op("ReduceMax", [g.op("MatMul", [ones, ones])])]);
  });
  await expect(fromOnnx(writeOnnx(model))).rejects.toThrow(/needs \d+ numbers, too many/);
});
