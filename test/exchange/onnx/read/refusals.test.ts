// What no layer computes is refused before anything is made: with the node, its operator, and what would work.
import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../../../src/formats/onnxWriter.ts";
import type { OnnxModel } from "../../../../src/formats/onnxTypes.ts";
import { fromOnnx, type OnnxGraphError } from "../../../../src/onnx.ts";
import { float, type GraphParts, onnxModel } from "../../../support/onnxGraphs.ts";

async function refusal(model: OnnxModel): Promise<OnnxGraphError> {
  const error = (await fromOnnx(writeOnnx(model), { name: "a.onnx" }).then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  )) as OnnxGraphError;
  expect(error.name).toBe("OnnxGraphError");
  expect(error.message.startsWith("a.onnx: ")).toBe(true);
  return error;
}

type Make = (g: GraphParts) => string | readonly string[];

const REFUSED: Readonly<Record<string, readonly [make: Make, message: RegExp]>> = {
  "an operator that isn't known": [(g) => g.op("Sinh", ["x"]), /"sinh0" \(Sinh, opset 13\): unknown operator "Sinh"/],
  "an operator that isn't known, with a few that are called nearly so": [
    (g) => g.op("Sigmoidal", ["x"]),
    /unknown operator "Sigmoidal"; known ones that are called nearly so: (?:HardSigmoid|Sigmoid)(?:, \w+){3}$/,
  ],
  "copies less than one": [(g) => g.op("Tile", ["x", g.ints(1, -3)]), /\(Tile, .*along one axis/],
  "copies of nothing": [(g) => g.op("Tile", ["", g.ints(1, 3)]), /\(Tile, .*can't be computed/],
  "numbers of no shape": [(g) => g.op("ConstantOfShape", [""]), /\(ConstantOfShape, .*can't be computed/],
  "an operator without a layer": [(g) => g.op("ArgMax", ["x"], { axis: 1 }), /ArgMax.*model\.classify/],
  "an attribute that isn't known": [(g) => g.op("Relu", ["x"], { slope: 1 }), /attribute slope, node "relu0" \(Relu/],
  "an attribute of another type": [
    (g) => g.op("Elu", ["x"], { alpha: 2 }),
    /attribute alpha.*must be of type float, got int/,
  ],
  "weights that aren't finite": [
    (g) => g.op("MatMul", ["x", g.weight([4, 2], [1, 2, 3, NaN, 5, 6, 7, 8])]),
    /weights must be finite numbers, but number 3 of "w0" is NaN/,
  ],
  "weights that don't fit": [
    (g) => g.op("MatMul", ["x", g.weight([3, 2])]),
    /"w0" take 3 numbers along axis 1.*\[N, 4\]/,
  ],
  "a value that nothing makes": [(g) => g.op("Add", ["x", "nowhere"]), /nothing in the file makes its input "nowhere"/],
  "an output that nothing makes": [
    (g) => [g.op("Relu", ["x"]), "nowhere"],
    /output "nowhere" doesn't depend on any input/,
  ],
  "a graph without a use of its input": [
    (g) => g.op("Relu", [g.weight([2])]),
    /output "relu0" doesn't depend on any input/,
  ],
  "a state that the operator hasn't": [
    (g) => {
      const steps = g.op("Unsqueeze", ["x", g.ints(0)]);
      const [w, r] = [g.weight([1, 9, 4]), g.weight([1, 9, 3])];
      const state = g.op("Slice", [steps, g.ints(0), g.ints(3), g.ints(2)]);
      return g.op("GRU", [steps, w, r, "", "", state, state], { hidden_size: 3 });
    },
    /\(GRU, .*no input 7/,
  ],
  "every row with every other": [
    (g) => g.op("MatMul", [g.op("Unsqueeze", ["x", g.ints(1)]), g.op("Unsqueeze", ["x", g.ints(1, -1)])]),
    /\(MatMul, .*both have the rows as the same one/,
  ],
  "axes of the rows": [(g) => g.op("Softmax", ["x"], { axis: 0 }), /axis 0 is that of the rows/],
  "rows in another place": [(g) => g.op("Transpose", ["x"]), /must have the rows as its first axis/],
  "an axis that isn't there": [(g) => g.op("Softmax", ["x"], { axis: 5 }), /must be from -2 to 1, got 5/],
  "a reshape across rows": [
    (g) => g.op("Reshape", [g.op("MatMul", ["x", g.weight([4, 6])]), g.ints(3, 4)]),
    /can't become \[3, 4\] without mixing rows/,
  ],
  "a Gather that the input decides": [(g) => g.op("Gather", ["x", g.op("Relu", ["x"])]), /indices must be a constant/],
  "a power that is computed": [(g) => g.op("Pow", ["x", "x"]), /only whole exponents/],
  "other activations of a recurrent layer": [
    (g) => {
      const steps = g.op("Reshape", ["x", g.ints(1, 2, 4)]);
      return g.op("RNN", [steps, g.weight([1, 3, 4]), g.weight([1, 3, 3])], { hidden_size: 3, clip: float(2) });
    },
    /attribute clip/,
  ],
  "a table of tensors that is out of proportion": [
    (g) => g.op("Add", ["x", g.op("ConstantOfShape", [g.ints(100_000, 100_000)])]),
    /10000000000 numbers, too many for what the file has/,
  ],
  "tables of tensors that are out of proportion together": [
    (g) => {
      const table = g.op("ConstantOfShape", [g.ints(3_000, 3_000)]);
      return Array.from({ length: 9 }).reduce<string>((y) => g.op("Add", [y, g.op("ReduceMax", [table])]), "x");
    },
    /ReduceMax.*needs 18000001 numbers, too many/,
  ],
  "sizes below 0": [
    (g) => g.op("Add", ["x", g.op("ConstantOfShape", [g.ints(-5)])]),
    /"constantofshape0" \(ConstantOfShape, opset 13\): it can't be computed of tensors of the shapes \[1\]/,
  ],
  "axes that constants haven't": [
    (g) => g.op("Add", ["x", g.op("Concat", [g.weight([2]), g.weight([2])], { axis: 5 })]),
    /Concat, opset 13\): it can't be computed of tensors of the shapes \[2\], \[2\]/,
  ],
  "an Expand that is out of proportion": [
    (g) => g.op("Expand", [g.op("Unsqueeze", ["x", g.ints(2)]), g.ints(1, 4, 300_000_000)]),
    /Expand, opset 13\): it needs 300000000 numbers, too many/,
  ],
  "a Slice that goes nowhere": [
    (g) => g.op("Slice", ["x", g.ints(0), g.ints(4), g.ints(1), g.ints(0)]),
    /its steps not 0/,
  ],
  "more parts than outputs": [
    (g) => g.op("Split", ["x"], { axis: 1, num_outputs: 100_000_000 }),
    /attribute num_outputs.*must be its number of outputs, 1/,
  ],
  "inputs of a sum of constants that are left out": [
    (g) => g.op("Mul", ["x", g.op("Add", ["", ""])]),
    /node "add0" \(Add, opset 13\)/,
  ],
  "weights for each row": [
    (g) => {
      const joined = g.op("Reshape", ["x", g.ints(1, 8, 1)]);
      const [a, b, c, d] = Array.from({ length: 4 }, () => g.weight([8])) as [string, string, string, string];
      return g.op("Reshape", [g.op("BatchNormalization", [joined, a, b, c, d]), g.ints(2, 4)]);
    },
    /must have the shape \[4 N\], got \[8\]; export the model with the rows as an axis/,
  ],
  "products across rows": [
    (g) => {
      const heads = g.op("Transpose", [g.op("Reshape", ["x", g.ints(2, 2, 2)])], { perm: [1, 0, 2] });
      return g.op("MatMul", [heads, g.op("Transpose", [heads], { perm: [0, 2, 1] })]);
    },
    /across rows: \[2, N, 2\] and \[2, 2, N\]; export the model with the rows first \(batch_first=True\)/,
  ],
  "weights across rows": [
    (g) => g.op("MatMul", [g.weight([3, 2]), "x"]),
    /"w0" take 2 numbers along axis 0 .*rows first \(batch_first=True\)/,
  ],
  "more numbers of a row than memory holds": [
    (g) => Array.from({ length: 40 }).reduce<string>((y) => g.op("Concat", [y, y], { axis: 1 }), "x"),
    /node "concat\d+" \(Concat, opset 13\): it gives \d+ numbers for each row/,
  ],
  "windows of another number of axes": [
    (g) => g.op("MaxPool", [g.op("Reshape", ["x", g.ints(2, 1, 2, 2)])], { kernel_shape: [2, 2], strides: [2] }),
    /attribute strides, node "maxpool1".*must have 2 numbers, got \[2\]/,
  ],
};

describe("fromOnnx refuses", () => {
  test.each(Object.entries(REFUSED))("%s", async (_name, [make, message]) => {
    const error = await refusal(onnxModel({ x: [2, 4] }, make));
    expect(error.message).toMatch(message);
  });

  test("with the node, the operator, the opset and the attribute as properties", async () => {
    const error = await refusal(onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"], { slope: 1 }), 14));
    expect(error).toMatchObject({ node: "relu0", operator: "Relu", opset: 14, attribute: "slope" });
  });

  test("a graph with a cycle", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => {
      g.op("Add", ["x", "relu1"]);
      return g.op("Relu", ["add0"]);
    });
    expect((await refusal(model)).message).toMatch(/the graph has a cycle/);
  });

  test("two values of one name", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]));
    const [node] = model.graph.nodes;
    const error = await refusal({ ...model, graph: { ...model.graph, nodes: [node!, node!] } });
    expect(error.message).toMatch(/two values have the name "relu0"/);
  });

  test("an opset from the future", async () => {
    const error = await refusal(onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]), 99));
    expect(error.message).toMatch(/opset 99, but \d+ is the newest that is known/);
  });

  test.each([0, -5])("opset %i", async (version) => {
    const error = await refusal(onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]), version));
    expect(error.message).toMatch(`its opset must be from 1 to 25, got ${version}`);
  });

  test("a file that doesn't say which of ONNX's own opsets it has", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]));
    const foreign = await refusal({ ...model, opsets: [{ domain: "org.example", version: 1 }] });
    expect(foreign.message).toMatch(/doesn't say which opset.*only those of "org.example"/);
    expect((await refusal({ ...model, opsets: [] })).message).toMatch(/doesn't say which opset of ONNX's own.*has;/);
  });

  test.each(["Q".repeat(1e6), "\u0001".repeat(1e6), "a b ".repeat(1e5)])("long names in short words", async (name) => {
    const own = onnxModel({ x: [2, 4] }, (g) => g.op(name, ["x", g.op("Relu", [name])]));
    const other = onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"], { [name]: 1 }));
    for (const model of [own, other]) expect((await refusal(model)).message.length).toBeLessThanOrEqual(3000);
  });

  test("another domain", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]));
    const nodes = model.graph.nodes.map((node) => ({ ...node, domain: "org.example" }));
    const opsets = [...model.opsets, { domain: "org.example", version: 3 }];
    const error = await refusal({ ...model, opsets, graph: { ...model.graph, nodes } });
    expect(error).toMatchObject({ operator: "org.example.Relu", opset: 3 });
    expect(error.message).toMatch(/operators of the domain "org.example" aren't known/);
  });

  test("what ONNX Runtime calls as ONNX does, and means otherwise", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => g.op("Attention", ["x", "x", "x"]), 23);
    const nodes = model.graph.nodes.map((node) => ({ ...node, domain: "com.microsoft" }));
    const error = await refusal({ ...model, graph: { ...model.graph, nodes } });
    expect(error.message).toMatch(/"com.microsoft" aren't known; take the file before ONNX Runtime optimised it/);
  });

  test("sizes that aren't known but for the rows", async () => {
    const model = onnxModel({ x: [2, 4] }, (g) => g.op("Relu", ["x"]));
    const type = { kind: "tensor", element: "float", shape: ["rows", "steps"] } as const;
    const inputs = [{ name: "x", doc: "", type }];
    const error = await refusal({ ...model, graph: { ...model.graph, inputs } });
    expect(error.message).toMatch(/input "x" has an axis 1 of any size \("steps"\)/);
    const unnamed = { ...type, shape: ["rows", undefined] };
    const other = await refusal({ ...model, graph: { ...model.graph, inputs: [{ ...inputs[0]!, type: unnamed }] } });
    expect(other.message).toMatch(/input "x" has an axis 1 of any size, but/);
  });

  test("a file that is cut short", async () => {
    const bytes = writeOnnx(onnxModel({ x: [2, 4] }, (g) => g.op("MatMul", ["x", g.weight([4, 2])])));
    await expect(fromOnnx(bytes.subarray(0, bytes.length - 3))).rejects.toThrow(/can't be read at byte/);
  });

  test("other things than bytes, and options that it doesn't have", async () => {
    await expect(fromOnnx("a.onnx" as never)).rejects.toThrow(TypeError);
    await expect(fromOnnx(new Uint8Array(3), { layout: "nchw" as never })).rejects.toThrow(/layout must be one of/);
    await expect(fromOnnx(new Uint8Array(3), { trainable: 1 as never })).rejects.toThrow(/trainable/);
  });
});

test("a chain is read in linear time", async () => {
  const chain = (length: number): Uint8Array => {
    const nodes = (g: GraphParts): string => {
      const w = g.weight([4]);
      return Array.from({ length }).reduce<string>(
        (y, _, i) => g.op(i % 2 ? "Relu" : "Add", i % 2 ? [y] : [y, w]),
        "x",
      );
    };
    return writeOnnx(onnxModel({ x: [2, 4] }, nodes));
  };
  const time = async (bytes: Uint8Array): Promise<number> => {
    const start = performance.now();
    await fromOnnx(bytes);
    return performance.now() - start;
  };
  await time(chain(500));
  const short = await time(chain(1000));
  // 8 times as many: 64 times as long if it were quadratic
  expect(await time(chain(8000))).toBeLessThan(40 * short);
});

test("trainable: false trains nothing", async () => {
  const bytes = writeOnnx(onnxModel({ x: [2, 4] }, (g) => g.op("Gemm", ["x", g.weight([4, 2]), g.weight([2])])));
  const [all, none] = [await fromOnnx(bytes), await fromOnnx(bytes, { trainable: false })];
  expect(all.parameters().map(({ trained }) => trained)).toEqual([true, true]);
  expect(none.parameters().map(({ trained }) => trained)).toEqual([false, false]);
});
