// Fuzzes `fromOnnx`: files of models of every layer, whose nodes, attributes, weights, sizes and bytes are changed. What is read must predict.
import { readOnnx } from "../../src/formats/onnxFile.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../src/formats/onnxWriter.ts";
import { type Core, dense, type Model, sequential } from "../../src/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { EVERY_LAYER } from "../exchange/everyLayer.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften } from "./mutate.ts";

/** Files of every model that can be written. */
async function allFiles(): Promise<OnnxModel[]> {
  const all: OnnxModel[] = [];
  for (const { make } of EVERY_LAYER) {
    const model = await make();
    try {
      all.push(readOnnx(toOnnx(model), "a model"));
    } catch {
      // it can't be said
    }
  }
  return all;
}

let files: Promise<OnnxModel[]> | undefined;

const OPERATORS =
  "Add Sub Mul Div Pow MatMul Gemm Conv ConvTranspose MaxPool AveragePool GlobalMaxPool Relu Clip Softmax LSTM GRU RNN Gather Slice Split Concat Pad Resize Reshape Flatten Transpose Squeeze Unsqueeze Expand ReduceMean ReduceMax LayerNormalization BatchNormalization PRelu LRN Attention Where Cast Shape ConstantOfShape Range Tile DepthToSpace If Loop Exp Erf Dropout Identity Trilu".split(
    " ",
  );

const NUMBERS = [0, 1, 2, 3, -1, 5, 7, 1000, 2 ** 31, -(2 ** 31)];

function changedAttribute(draw: Draw, attribute: OnnxAttribute): OnnxAttribute {
  const { name } = attribute;
  return draw.call<OnnxAttribute>([
    () => ({ name, type: "int", value: draw.pick(NUMBERS) }),
    () => ({ name, type: "float", value: draw.pick([0, 1, -1, 0.5, 1e30, NaN]) }),
    () => ({ name, type: "ints", value: draw.list(draw.int(5), () => draw.pick(NUMBERS)) }),
    () => ({ name, type: "string", value: draw.pick(["SAME_UPPER", "linear", "reverse", "reflect", ""]) }),
    () => ({ ...attribute, name: draw.pick(["axis", "axes", "group", "pads", "perm", "alpha", "mode"]) }),
  ]);
}

function changedNode(draw: Draw, node: OnnxNode, names: readonly string[]): OnnxNode {
  const { inputs, attributes } = node;
  return draw.call<OnnxNode>([
    () => ({ ...node, operator: draw.pick(OPERATORS) }),
    () => ({ ...node, inputs: inputs.map((name) => (draw.chance(0.5) ? draw.pick(names) : name)) }),
    () => ({ ...node, inputs: draw.chance(0.5) ? inputs.slice(0, -1) : [...inputs, draw.pick(names)] }),
    () => ({ ...node, attributes: attributes.filter(() => draw.chance(0.5)) }),
    () => ({ ...node, attributes: attributes.map((each) => (draw.chance(0.5) ? changedAttribute(draw, each) : each)) }),
    () => ({ ...node, domain: draw.pick(["", "ai.onnx.ml", "com.microsoft"]) }),
  ]);
}

function changedTensor(draw: Draw, tensor: OnnxTensor): OnnxTensor {
  const { shape, data } = tensor;
  return draw.call<OnnxTensor>([
    () => ({ ...tensor, shape: shape.toReversed() }),
    () => ({ ...tensor, shape: [...shape, 1] }),
    () => ({ ...tensor, shape: [data.length] }),
    () => ({ ...tensor, type: "float", data: new Float32Array(data.length).fill(draw.pick([0, 1, -1, NaN, 1e30])) }),
    () => ({
      ...tensor,
      type: "int64",
      data: BigInt64Array.from({ length: data.length }, () => BigInt(draw.pick(NUMBERS))),
    }),
  ]);
}

function changedGraph(draw: Draw, graph: OnnxGraph): OnnxGraph {
  const { nodes, initializers, inputs, outputs } = graph;
  const names = ["", ...inputs, ...initializers, ...outputs].map((each) =>
    typeof each === "string" ? each : each.name,
  );
  names.push(...nodes.flatMap((node) => node.outputs));
  const some = <T>(all: readonly T[], change: (value: T) => T): T[] => {
    const at = draw.int(Math.max(all.length, 1));
    return all.map((value, i) => (i === at || draw.chance(0.05) ? change(value) : value));
  };
  return draw.call<OnnxGraph>([
    () => ({ ...graph, nodes: some(nodes, (node) => changedNode(draw, node, names)) }),
    () => ({ ...graph, nodes: some(nodes, (node) => changedNode(draw, node, names)) }),
    () => ({ ...graph, initializers: some(initializers, (tensor) => changedTensor(draw, tensor)) }),
    () => ({ ...graph, nodes: nodes.filter(() => draw.chance(0.9)) }),
    () => ({ ...graph, outputs: some(outputs, (output) => ({ ...output, name: draw.pick(names) })) }),
    () => ({
      ...graph,
      inputs: some(inputs, (input) => ({
        ...input,
        type: {
          kind: "tensor",
          element: draw.pick(["float", "int64", "bool", "string"] as const),
          shape: draw.list(draw.int(5), () => draw.pick([1, 2, 3, 4, 8, "n", undefined, 2 ** 40, 0])),
        },
      })),
    }),
  ]);
}

function changed(draw: Draw, model: OnnxModel): Uint8Array {
  const given = { ...model, opsets: draw.chance(0.1) ? [{ domain: "", version: draw.int(30) }] : model.opsets };
  const bytes = writeOnnx(
    changedOften(draw, given, (own, each) => ({ ...each, graph: changedGraph(own, each.graph) })),
  );
  return draw.chance(0.1) ? changedOften(draw, bytes, changedBytes) : bytes;
}

/** What is wrong with a model that was read. */
async function faultIn(model: Model): Promise<string | undefined> {
  const size = sizeOf(model.inputShape);
  if (size > 5000 || model.nodes.some(({ output }) => sizeOf(output) > 1e5)) return undefined;
  return (await ended(["predict"], () => model.predict(new Float32Array(2 * size).fill(1)))).fault;
}

async function attempt(bytes: Uint8Array, core: Core): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const end = await endedReading(bytes.length, ["fromOnnx"], () => fromOnnx(bytes, { core }));
  if (end.error) {
    const { name } = end.error;
    const typed = ["OnnxGraphError", "FileError"].includes(name);
    return {
      fault: end.fault ?? (typed ? undefined : `not an error of the kind: ${name}\n${end.error.stack}`),
      refused: true,
      input,
    };
  }
  return { fault: end.fault ?? (await faultIn(end.value)), refused: false, input };
}

export const onnxModels: Fuzzer = {
  name: "onnxModels",
  what: "fromOnnx, of models of every layer with changed nodes, attributes, weights, sizes and bytes",
  inTests: 1000,
  each: 100,
  prepare: async () => {
    const all = await (files ??= allFiles());
    const { core } = await sequential({ input: 1 }, dense(1)); // memory is shared: an engine has room for few
    return (draw) => attempt(changed(draw, draw.pick(all)), core);
  },
};
