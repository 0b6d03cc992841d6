// Each operator with the attributes that its layer has: the model of a file gives what ONNX Runtime gives.
import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../../../src/formats/onnxWriter.ts";
import { fromOnnx } from "../../../../src/onnx.ts";
import { type AttributeValue, float, type GraphParts, onnxModel } from "../../../support/onnxGraphs.ts";
import { check, type Shapes, weight } from "../checkGraph.ts";

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Operators on one input, and on weights of some shapes. */
type Row = readonly [
  operator: string,
  shape: readonly number[],
  weights?: readonly (readonly number[])[],
  attributes?: Attributes,
  opset?: number,
];

const IMAGE = [2, 3, 5, 6];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  activations: [
    ["LeakyRelu", [3, 4], [], { alpha: 0.3 }],
    ["Elu", [3, 4], [], { alpha: 0.7 }],
    ["Celu", [3, 4], [], { alpha: float(2) }],
    ["Selu", [3, 4], [], { alpha: 1.5, gamma: 0.9 }],
    ["HardSigmoid", [3, 4], [], { alpha: 0.4, beta: 0.3 }],
    ["HardSigmoid", [3, 4]],
    ["HardSwish", [3, 4], [], {}, 14],
    ["ThresholdedRelu", [3, 4], [], { alpha: 0.2 }],
    ["Shrink", [3, 4], [], { lambd: 0.3, bias: 0.1 }],
    ["Gelu", [3, 4], [], {}, 20],
    ["Gelu", [3, 4], [], { approximate: "tanh" }, 20],
    ["Mish", [3, 4], [], {}, 18],
    ["Softsign", [3, 4]],
    ["Softplus", [3, 4]],
    ["Exp", [3, 4]],
    ["Softmax", [3, 4, 5], [], { axis: 1 }],
    ["Softmax", [3, 4, 5], [], { axis: 1 }, 11],
    ["LogSoftmax", [3, 4, 5], [], { axis: -1 }],
    ["PRelu", [3, 4], [[4]]],
    ["PRelu", IMAGE, [[3, 1, 1]]],
    ["PRelu", IMAGE, [[1]]],
  ],
  products: [
    ["Gemm", [3, 4], [[4, 2], [2]], { alpha: 0.5, beta: float(2) }],
    [
      "Gemm",
      [3, 4],
      [
        [2, 4],
        [1, 2],
      ],
      { transB: 1 },
    ],
    ["Gemm", [3, 4], [[4, 2], [1]]],
    ["Gemm", [3, 4], [[4, 2]]],
    ["MatMul", [3, 4], [[4, 2]]],
    ["MatMul", [3, 5, 4], [[4, 2]]],
    ["MatMul", [3, 5, 4], [[4]]],
    ["MatMul", [2, 3, 5, 4], [[3, 4, 2]]],
  ],
  convolutions: [
    ["Conv", IMAGE, [[4, 3, 3, 2], [4]], { pads: [1, 0, 0, 2], strides: [2, 1] }],
    ["Conv", IMAGE, [[4, 3, 2, 2]], { auto_pad: "SAME_LOWER", strides: [2, 2] }],
    ["Conv", IMAGE, [[4, 3, 2, 2]], { auto_pad: "SAME_UPPER" }],
    ["Conv", IMAGE, [[4, 3, 2, 2]], { auto_pad: "VALID", dilations: [2, 3] }],
    ["Conv", [2, 4, 5, 5], [[6, 2, 3, 3], [6]], { group: 2 }],
    ["Conv", [2, 4, 5, 5], [[8, 1, 3, 3], [8]], { group: 4 }],
    ["Conv", [2, 4, 7], [[6, 2, 3]], { group: 2, pads: [2, 1], dilations: [2] }],
    ["ConvTranspose", IMAGE, [[3, 4, 3, 3], [4]], { strides: [2, 2], pads: [1, 1, 1, 0], output_padding: [1, 0] }],
    ["ConvTranspose", [2, 4, 4, 4], [[4, 3, 3, 3]], { group: 2, dilations: [2, 1] }],
    ["ConvTranspose", IMAGE, [[3, 4, 3, 3]], { strides: [2, 2], output_shape: [10, 12] }],
    ["ConvTranspose", IMAGE, [[3, 4, 3, 3]], { strides: [2, 2], auto_pad: "SAME_UPPER" }],
    ["ConvTranspose", [2, 3, 6], [[3, 4, 3]], { strides: [3], pads: [1, 0] }],
  ],
  pools: [
    ["MaxPool", IMAGE, [], { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] }],
    ["MaxPool", IMAGE, [], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }],
    ["MaxPool", IMAGE, [], { kernel_shape: [2, 2], dilations: [2, 3] }],
    ["MaxPool", [2, 3, 9], [], { kernel_shape: [3], strides: [2], pads: [1, 1] }],
    ["AveragePool", IMAGE, [], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
    ["AveragePool", IMAGE, [], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 }],
    ["AveragePool", IMAGE, [], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }],
    ["AveragePool", [2, 3, 9], [], { kernel_shape: [3], auto_pad: "SAME_UPPER" }],
    ["GlobalAveragePool", IMAGE],
    ["GlobalMaxPool", [2, 3, 9]],
  ],
  norms: [
    ["InstanceNormalization", IMAGE, [[3], [3]], { epsilon: 0.01 }],
    ["LayerNormalization", [2, 3, 4], [[4], [4]], {}, 17],
    ["LayerNormalization", [2, 3, 4], [[3, 4]], { axis: 1, epsilon: 0.1 }, 17],
    [
      "LayerNormalization",
      IMAGE,
      [
        [3, 5, 6],
        [3, 5, 6],
      ],
      { axis: 1 },
      17,
    ],
    ["GroupNormalization", [2, 4, 3, 3], [[4], [4]], { num_groups: 2 }, 21],
    ["GroupNormalization", [2, 4, 3, 3], [[2], [2]], { num_groups: 2 }, 18],
    ["LRN", [2, 6, 3, 3], [], { size: 3, alpha: 0.2, beta: 0.5, bias: float(2) }],
  ],
  axes: [
    ["ReduceMean", [2, 3, 4], [], { axes: [1], keepdims: 0 }],
    ["ReduceMean", IMAGE, [], { axes: [2, 3] }],
    ["ReduceMax", IMAGE, [], { axes: [1, 3], keepdims: 0 }],
    ["ReduceMin", [2, 3, 4], [], { axes: [-1] }],
    ["ReduceL1", [2, 3, 4], [], { axes: [2] }],
    ["ReduceSumSquare", [2, 3, 4], [], { axes: [1] }],
    ["Flatten", IMAGE, [], { axis: 1 }],
    ["Transpose", IMAGE, [], { perm: [0, 2, 3, 1] }],
    ["DepthToSpace", [2, 8, 2, 3], [], { blocksize: 2 }],
    ["DepthToSpace", [2, 8, 2, 3], [], { blocksize: 2, mode: "CRD" }],
    ["SpaceToDepth", [2, 2, 4, 6], [], { blocksize: 2 }],
  ],
  arithmetic: [
    ["Add", [2, 3, 4], [[4]]],
    ["Add", [2, 3, 4], [[3, 1]]],
    ["Add", [2, 3, 4], [[1, 3, 4]]],
    ["Mul", [2, 3, 4], [[3, 1]]],
    ["Mul", IMAGE, [[3, 1, 1]]],
    ["Mul", [2, 3, 4], [[1]]],
    ["Sub", [2, 3, 4], [[3, 4]]],
    ["Add", [2, 1, 4], [[3, 1]]],
    ["Neg", [2, 3]],
    ["Abs", [2, 3]],
    ["Reciprocal", [2, 3]],
  ],
};

describe.each(Object.entries(ROWS))("%s", (_kind, rows) => {
  for (const [operator, shape, weights = [], attributes = {}, opset = 13] of rows) {
    test(`${operator} of ${shape.join("x")}, opset ${opset}: ${JSON.stringify({ weights, ...attributes })}`, async () => {
      const make = (parts: GraphParts): string =>
        parts.op(operator, ["x", ...weights.map((each) => weight(parts, ...each))], attributes);
      await check({ x: shape }, make, opset);
    });
  }
});

/** Graphs of several nodes, or with inputs that aren't floats. */
const GRAPHS: Readonly<
  Record<string, readonly [inputs: Shapes, make: (parts: GraphParts) => string | readonly string[], opset?: number]>
> = {
  "Clip with bounds": [{ x: [2, 3] }, (g) => g.op("Clip", ["x", g.weight([], [-0.5]), g.weight([], [0.25])])],
  "Clip with one bound": [{ x: [2, 3] }, (g) => g.op("Clip", ["x", "", g.weight([], [0.25])])],
  "Clip before opset 11": [{ x: [2, 3] }, (g) => g.op("Clip", ["x"], { min: -0.5, max: 0.5 }), 10],
  "BatchNormalization behind Gemm": [
    { x: [3, 4] },
    (g) => {
      const y = g.op("Gemm", ["x", weight(g, 4, 3), weight(g, 3)]);
      const positive = g.weight([3], [0.5, 1, 2]);
      return g.op("BatchNormalization", [y, weight(g, 3), weight(g, 3), weight(g, 3), positive], { epsilon: 0.01 });
    },
  ],
  "Slice forwards, backwards and with steps": [
    { x: [2, 7, 5] },
    (g) => {
      const part = g.op("Slice", ["x", g.ints(1), g.ints(-1), g.ints(1), g.ints(2)]);
      const turned = g.op("Slice", ["x", g.ints(-1), g.ints(-99), g.ints(2), g.ints(-1)]);
      return [part, turned];
    },
  ],
  "Gather of places, in any order": [
    { x: [2, 5, 3] },
    (g) => [g.op("Gather", ["x", g.ints(4, 0, 0)], { axis: 1 }), g.op("Gather", ["x", g.ints(-2)], { axis: 2 })],
  ],
  "parts in another order": [
    { x: [2, 6, 4] },
    (g) => {
      const first = g.op("Slice", ["x", g.ints(0), g.ints(2), g.ints(1)]);
      const rest = g.op("Slice", ["x", g.ints(2), g.ints(6), g.ints(1)]);
      return g.op("Concat", [rest, first], { axis: 1 });
    },
  ],
  "Concat with images and a constant": [
    { x: [1, 3, 4, 4] },
    (g) =>
      g.op("Concat", [g.op("Conv", ["x", weight(g, 2, 3, 3, 3)], { pads: [1, 1, 1, 1] }), weight(g, 1, 1, 4, 4)], {
        axis: 1,
      }),
  ],
  "Pad: constant, edge, reflect": [
    { x: [2, 3, 4] },
    (g) => [
      g.op("Pad", ["x", g.ints(0, 1, 0, 0, 0, 2), g.weight([], [0.5])]),
      g.op("Pad", ["x", g.ints(0, 1, 2, 0, 0, 1)], { mode: "edge" }),
      g.op("Pad", ["x", g.ints(0, 0, 2, 0, 0, 1)], { mode: "reflect" }),
    ],
  ],
  "Resize: nearest and linear": [
    { x: [2, 3, 4, 5] },
    (g) => [
      g.op("Resize", ["x", "", g.weight([4], [1, 1, 2, 3])], {
        mode: "nearest",
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      }),
      g.op("Resize", ["x", "", g.weight([4], [1, 1, 2, 2])], { mode: "linear" }),
      g.op("Resize", ["x", "", "", g.ints(2, 3, 7, 9)], {
        mode: "linear",
        coordinate_transformation_mode: "align_corners",
      }),
    ],
  ],
  "flattened images before a Gemm": [
    { x: [2, 3, 4, 4] },
    (g) => {
      const y = g.op("Conv", ["x", weight(g, 5, 3, 3, 3), weight(g, 5)]);
      return g.op("Gemm", [g.op("Flatten", [y]), weight(g, 20, 6), weight(g, 6)]);
    },
  ],
  "sums and products of two values that broadcast": [
    { x: [2, 3, 4], z: [2, 1, 4] },
    (g) => ["Add", "Mul", "Sub", "Div"].map((operator) => g.op(operator, ["x", "z"])),
  ],
  "powers, extremes and means": [
    { x: [2, 3], z: [2, 3] },
    (g) => [
      g.op("Pow", ["x", 3]),
      g.op("Max", ["x", "z", 0.1]),
      g.op("Min", ["x", "z"]),
      g.op("Mean", ["x", "z", weight(g, 3)]),
    ],
  ],
  "products of matrices that both depend on x": [
    { x: [2, 3, 4], z: [2, 5, 4] },
    (g) => g.op("MatMul", ["x", g.op("Transpose", ["z"], { perm: [0, 2, 1] })]),
  ],
  "Where with a constant": [
    { x: [2, 3], z: [2, 3] },
    (g) => {
      g.initializers.push({ name: "holds", type: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) });
      return [g.op("Where", ["holds", "x", "z"]), g.op("Where", ["holds", "x", 2.5])];
    },
  ],
  "LSTM: both ways, all that it gives": [
    { x: [2, 5, 3] },
    (g) => {
      const steps = g.op("Transpose", ["x"], { perm: [1, 0, 2] });
      const inputs = [steps, weight(g, 2, 16, 3), weight(g, 2, 16, 4), weight(g, 2, 32)];
      g.nodes.push({
        name: "",
        operator: "LSTM",
        domain: "",
        inputs,
        outputs: ["y", "h", "c"],
        attributes: [
          { name: "hidden_size", type: "int", value: 4 },
          { name: "direction", type: "string", value: "bidirectional" },
        ],
      });
      return [
        g.op("Transpose", ["y"], { perm: [2, 0, 1, 3] }),
        ...["h", "c"].map((state) => g.op("Transpose", [state], { perm: [1, 0, 2] })),
      ];
    },
  ],
  "a bias behind a product that others take as it is": [
    { x: [2, 4] },
    (g) => {
      const y = g.op("MatMul", ["x", weight(g, 4, 6)]);
      const parts = g.op("Reshape", [y, g.ints(2, 3, 2)]);
      return [g.op("Add", [parts, weight(g, 2)]), g.op("Relu", [y])];
    },
  ],
  "Squeeze of the row's own axis": [
    { x: [1, 3, 1, 4] },
    (g) => {
      const y = g.op("Squeeze", ["x"]);
      const one = g.op("Squeeze", ["x", g.ints(0, 2)]);
      return [g.op("Softmax", [y], { axis: 1 }), g.op("Softmax", [one], { axis: 0 })];
    },
  ],
  "a product with what Squeeze leaves": [
    { x: [1, 3, 1, 1] },
    (g) => g.op("MatMul", [g.op("Squeeze", ["x"]), weight(g, 3, 2)]),
  ],
  "sums, means and extremes of constants": [
    { x: [2, 3] },
    (g) => {
      const table = weight(g, 4, 3);
      const rows = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"].map((operator) =>
        g.op(operator, [table, ...(operator === "ReduceSum" ? [g.ints(0)] : [])], {
          keepdims: 0,
          ...(operator !== "ReduceSum" && { axes: [0] }),
        }),
      );
      return rows.map((row) => g.op("Add", ["x", row]));
    },
  ],
  "LpNormalization, along whichever axis": [
    { x: [2, 3, 4] },
    (g) => [
      g.op("LpNormalization", ["x"]),
      g.op("LpNormalization", ["x"], { axis: 1, p: 1 }),
      g.op("LpNormalization", ["x"], { axis: 1, p: 2 }),
    ],
    18,
  ],
  "Gather of a table of places": [
    { x: [2, 5, 3] },
    (g) => {
      g.initializers.push({
        name: "places",
        type: "int64",
        shape: [2, 3],
        data: BigInt64Array.of(0n, 1n, 2n, 4n, 3n, -1n),
      });
      return g.op("Gather", ["x", "places"], { axis: 1 });
    },
  ],
  "rows over their lengths": [
    { x: [3, 4] },
    (g) => g.op("Div", ["x", g.op("ReduceL2", ["x"], { axes: [1], keepdims: 1 })]),
  ],
  "rows over their roots of mean squares": [
    { x: [3, 4] },
    (g) =>
      g.op("Div", ["x", g.op("Sqrt", [g.op("ReduceMean", [g.op("Mul", ["x", "x"])], { axes: [1], keepdims: 1 })])]),
  ],
  "GRU: reset before the product, and after": [
    { x: [2, 5, 3] },
    (g) => {
      const steps = g.op("Transpose", ["x"], { perm: [1, 0, 2] });
      return [0, 1].map((after) => {
        const all = g.op("GRU", [steps, weight(g, 1, 12, 3), weight(g, 1, 12, 4), weight(g, 1, 24)], {
          hidden_size: 4,
          linear_before_reset: after,
        });
        return g.op("Transpose", [all], { perm: [2, 0, 1, 3] });
      });
    },
  ],
  "RNN backwards, from states that are a constant": [
    { x: [1, 5, 3] },
    (g) => {
      const steps = g.op("Transpose", ["x"], { perm: [1, 0, 2] });
      const inputs = [steps, weight(g, 1, 4, 3), weight(g, 1, 4, 4), weight(g, 1, 8), "", weight(g, 1, 1, 4)];
      return g.op("Transpose", [g.op("RNN", inputs, { hidden_size: 4, direction: "reverse" })], { perm: [2, 0, 1, 3] });
    },
  ],
};

describe("graphs", () => {
  test.each(Object.entries(GRAPHS))("%s", async (_, [inputs, make, opset = 13]) => check(inputs, make, opset));
});

test("a cast of whole numbers to bool is 1 for all but 0, and back", async () => {
  const model = onnxModel({ x: [1, 4] }, (g) => {
    const holds = g.op("Cast", ["x"], { to: 9 });
    return [g.op("Cast", [holds], { to: 1 }), g.op("Cast", [g.op("Cast", [holds], { to: 7 })], { to: 1 })];
  });
  const inputs = model.graph.inputs.map((input) => ({
    ...input,
    type: { kind: "tensor", element: "int64", shape: [1, 4] } as const,
  }));
  const read = await fromOnnx(writeOnnx({ ...model, graph: { ...model.graph, inputs } }));
  expect([...read.predict(Float32Array.of(0, 1, 5, -3))]).toEqual([0, 1, 1, 1, 0, 1, 1, 1]);
});
