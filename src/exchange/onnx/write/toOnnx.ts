// Writes a model as an ONNX file.
import { firstNonFinite } from "../../../runtime/coreFunctions.ts";
import { INPUT, type ModelNode, type Value as Numbered, whereText } from "../../../graph/layer.ts";
import { writeOnnx } from "../../../formats/onnxWriter.ts";
import { LIBRARY } from "../../../io/checkpointFile.ts";
import { checkModel, type Model } from "../../../model/model.ts";
import { checkKeys, checkOneOf, valueText } from "../../../util/check.ts";
import type { Shape } from "../../../util/shape.ts";
import { type OnMapped, onMappedOf } from "../../mapped.ts";
import { GraphWriter } from "./graphWriter.ts";
import { LAYER_WRITERS } from "./layers.ts";
import { Place } from "./place.ts";
import { type Form, sizesIn, Value } from "./value.ts";
import { outputsOf } from "./outputs.ts";
import { isInputFirst, isOutputFirst } from "./channelsFirst.ts";
import { isMask, wholeValues } from "./inputs.ts";

/** Versions of the operators that files are written with, and the version of the format that knows them. */
const VERSIONS: Readonly<Record<number, number>> = {
  13: 7,
  14: 7,
  15: 8,
  16: 8,
  17: 8,
  18: 8,
  19: 9,
  20: 9,
  21: 10,
  22: 10,
  23: 11,
};

/** Options of `toOnnx`. */
export interface ToOnnxOptions {
  /** The version of ONNX's operators, 13 to 23; default 17. */
  readonly opset?: number;
  /** The axes of images that go in and out; default "channelsLast". */
  readonly layout?: "channelsLast" | "channelsFirst";
}

/**
 * Writes a model as an ONNX file, for ONNX Runtime and whatever else reads the format: what `predict` computes. If the model ends with
 * numbers for a loss that has the softmax or sigmoid in it, the file gives these numbers, too; put `softmax()` or `sigmoid()` at the end
 * of a model whose file shall give probabilities.
 *
 * The first axis of all inputs and outputs is the batch, of any size. A model's `inputs` and `outputs` are there by their names; else they
 * are called "input" and "output". Integers that are looked up, or say how many steps count, are int64, everything else float32.
 * Layers that act in training alone are left out. Nodes are called as layers are, weights as in `model.parameters()`.
 *
 * @param options.opset the version of the operators, 13 to 23; default 17, which everything reads that is still kept up. mish is one
 *   operator from 18 on, gelu from 20 on
 * @param options.layout "channelsLast": an image is [N, height, width, channels], the same numbers in the same order as `predict` takes
 *   them; "channelsFirst": [N, channels, height, width], as PyTorch's. Default "channelsLast". Other inputs and outputs are the same in both,
 *   and so are images whose channels come first in the model, which moves them itself by a permute, as one that `fromOnnx` has read does
 * @throws {TypeError | RangeError} if an argument can't be used; if the file would have 2 GB or more
 * @throws {Error} if a parameter is NaN or infinite, or a layer can't be said in ONNX: one of your own, or a stateful one
 * @see https://onnx.ai/onnx/operators/
 * @example
 * const model = await sequential({ input: [8, 8, 1] }, conv2d(4, { kernelSize: 3 }), relu(), flatten(), dense(10));
 * const file = new Blob([toOnnx(model, { layout: "channelsFirst" })]); // to be downloaded as model.onnx
 */
export function toOnnx(model: Model, options: ToOnnxOptions = {}): Uint8Array<ArrayBuffer> {
  checkModel("toOnnx", "the first argument", model);
  checkKeys("toOnnx", options, ["opset", "layout"]);
  const { opset = 17, layout = "channelsLast" } = options;
  const irVersion = typeof opset === "number" ? VERSIONS[opset] : undefined;
  if (irVersion === undefined) {
    const known = Object.keys(VERSIONS).join(", ");
    const fault = typeof opset === "number" ? RangeError : TypeError;
    throw new fault(`toOnnx: opset must be one of ${known}, got ${valueText(opset)}; 17 is read almost everywhere`);
  }
  checkOneOf("toOnnx", "layout", layout, ["channelsLast", "channelsFirst"]);
  for (const node of model.nodes) checkLayer(node);
  checkParameters(model);
  const graph = new GraphWriter(opset);
  writeGraph(graph, model, layout === "channelsFirst", onMappedOf(options));
  return writeOnnx(
    {
      irVersion,
      producer: "wasmgrad",
      producerVersion: LIBRARY,
      domain: "",
      modelVersion: 0,
      doc: "",
      opsets: [{ domain: "", version: opset }],
      graph: graph.finish("model"),
      metadata: [],
    },
    "toOnnx",
  );
}

/** Refuses what has no counterpart. */
function checkLayer({ layer, name, index }: ModelNode): void {
  const given = layer.original ?? layer;
  const where = `toOnnx: ${whereText({ ...given, name }, index)}`;
  if (given.keeps) {
    throw new Error(
      `${where} is stateful, but an ONNX file keeps nothing from one batch to the next; leave stateful out, and let the states be an ` +
        `input and an output: initialState and finalState name them`,
    );
  }
  const isOwn = given.kernel === "custom" || (!Object.hasOwn(LAYER_WRITERS, given.type) && given.type !== "input");
  if (isOwn) {
    throw new Error(
      `${where} is a layer of your own, for which ONNX has no operator; make it of layers of the library, such as multiply, clip and ` +
        `matmul, or write the part of the model in front of it, sequential({ input }, cut(model, name))`,
    );
  }
}

function checkParameters({ core, nodes }: Model): void {
  for (const { parameters } of nodes) {
    for (const { name, address, size } of parameters) {
      const bad = firstNonFinite(core, address, size);
      if (bad < 0) continue;
      const value = core.arena.f32[address / 4 + bad]!;
      throw new Error(`toOnnx: parameters must be finite numbers, but value ${bad} of ${name} is ${value}`);
    }
  }
}

/** The form of an image that goes in or out. */
const formOf = (shape: Shape, channelsFirst: boolean): Form => (channelsFirst && shape.length === 3 ? "first" : "last");

function writeGraph(graph: GraphWriter, model: Model, channelsFirst: boolean, onMapped?: OnMapped): void {
  const { nodes } = model;
  const whole = wholeValues(nodes);
  const ends = outputsOf(model);
  const values = new Map<Numbered, Value>();

  const addInput = (number: Numbered, name: string, shape: Shape): void => {
    const tensor = graph.reserve(name);
    if (whole.has(number)) {
      graph.input(tensor, "int64", shape);
      values.set(number, wholeInput(graph, tensor, shape));
      return;
    }
    const turned = channelsFirst && !isMask(nodes, number) && !isInputFirst(nodes, number, shape);
    const form = formOf(shape, turned);
    graph.input(tensor, "float", sizesIn(form, shape));
    values.set(number, new Value(graph, shape, { natural: form, ways: { [form]: () => tensor } }));
  };

  // their names before those of layers
  if (model.inputs) {
    for (const { layer, index, name, output } of nodes) if (layer.type === "input") addInput(index, name, output);
  } else addInput(INPUT, "input", model.inputShape);
  const names = ends.map(({ name }) => graph.reserve(name));

  for (const node of nodes) {
    if (node.layer.type === "input" || ends.some(({ leaves }) => leaves.has(node.index))) continue;
    graph.scope = node.name;
    const [nodesBefore, tensorsBefore] = [graph.size, graph.mapped.length];
    values.set(node.index, written(graph, model, node, values));
    onMapped?.({
      layer: node.name,
      type: (node.layer.original ?? node.layer).type,
      nodes: graph.operatorsFrom(nodesBefore),
    });
    for (const tensor of graph.mapped.slice(tensorsBefore)) onMapped?.(tensor);
  }
  ends.forEach(({ value }, i) => {
    const end = values.get(value)!;
    const form = formOf(end.shape, channelsFirst && !isOutputFirst(nodes, value, end.shape));
    graph.scope = names[i]!;
    graph.output(end.get(form), names[i]!, sizesIn(form, end.shape));
  });
}

/** An input of integers, of which floats are made where they are asked for. */
function wholeInput(graph: GraphWriter, tensor: string, shape: Shape): Value {
  return new Value(graph, shape, {
    natural: "last",
    ways: { last: () => graph.node("Cast", [tensor], { to: { type: "int", value: 1 } }) },
    whole: () => tensor,
  });
}

function written(graph: GraphWriter, { core }: Model, node: ModelNode, values: ReadonlyMap<Numbered, Value>): Value {
  const { layer, input, output } = node;
  const x = values.get(node.from)!;
  const others = Object.fromEntries(Object.entries(node.others).map(([slot, value]) => [slot, values.get(value)!]));
  const write = LAYER_WRITERS[(layer.original ?? layer).type]!;
  const byStep = layer.original && (layer.kernel === "timeDistributed" || layer.kernel === undefined);
  if (!byStep) return write(new Place(graph, core, node, { input, output }, { x, others }));
  const shapes = { input: input.slice(1), output: output.slice(1) };
  const inner = { ...node, layer: layer.original };
  const folded = write(new Place(graph, core, inner, shapes, { x: x.folded, others }));
  return folded === x.folded ? x : folded.unfolded(input[0]!);
}
