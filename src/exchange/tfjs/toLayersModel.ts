// Writes models as TensorFlow.js' layers models.
import { type LayersWeight, SHARD_BYTES } from "../../formats/layersWeights.ts";
import { utf8Bytes } from "../../formats/utf8.ts";
import { INPUT, type Layer, type ModelNode, type Value } from "../../graph/layer.ts";
import { checkModel, type Model } from "../../model/model.ts";
import { checkKeys } from "../../util/check.ts";
import { type OnMapped, onMappedOf, tellTensors } from "../mapped.ts";
import { Context } from "./write/context.ts";
import { MERGE } from "./write/merge.ts";
import { PLAIN, type Write } from "./write/plain.ts";
import { isBidirectional, isRecurrent, partOf, writeBidirectional, writeRecurrent } from "./write/recurrent.ts";
import { POOLING } from "./write/pooling.ts";
import { isByStep, writeByStep } from "./write/timeDistributed.ts";
import { WINDOWS } from "./write/windows.ts";
import { type Ref, topologyOf, Writer } from "./write/writer.ts";

/** A layers model of TensorFlow.js: its files, and the same in memory, as `tf.io.fromMemory` takes it. */
export interface LayersModel {
  /** The files by name: model.json, and the weights in pieces of 4 MB. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** The layers. */
  readonly modelTopology: object;
  /** Names, shapes and types of the weights. */
  readonly weightSpecs: readonly Pick<LayersWeight, "name" | "shape" | "dtype">[];
  /** Their numbers, one after another. */
  readonly weightData: ArrayBuffer;
  /** "layers-model" */
  readonly format: string;
  /** What wrote it. */
  readonly generatedBy: string;
  /** Null: nothing has converted it. */
  readonly convertedBy: string | null;
}

/** Layers that do something in training alone, or to what training makes small. */
const LEFT_OUT: ReadonlySet<string> = new Set(["activityPenalty", "augment2d", "identity"]);

/** What would work in place of layers that TensorFlow.js doesn't have. */
const INSTEAD: Readonly<Record<string, string>> = {
  attention: "toOnnx writes it",
  celu: "elu would work",
  customLayer: "layers of the library would work",
  divide: "multiply would work",
  groupNorm: "batchNorm or layerNorm would work",
  instanceNorm: "batchNorm or layerNorm would work",
  lambda: "layers of the library would work",
  localResponseNorm: "batchNorm would work",
  positionalEmbedding: "toOnnx writes it",
  rmsNorm: "layerNorm would work",
  selfAttention: "toOnnx writes it",
  shrink: "thresholdedRelu would work",
  sinusoidalEmbedding: "toOnnx writes it",
  tiedDense: "a dense layer with weights of its own would work",
};

/**
 * Writes a model as a layers model of TensorFlow.js: `model.json` and its weights, which `tf.loadLayersModel` reads (checked with 4.22).
 * It predicts the same there, within float32's rounding. What happens in training alone is kept where TensorFlow.js has it (dropout, noise,
 * penalties, constraints), and left out otherwise.
 *
 * A layer may become several: padding of its own is a layer before a convolution, groups are zeros in its kernel. Several outputs are
 * outputs of the model, in their order.
 *
 * @throws {TypeError} if it isn't a model
 * @throws {RangeError} if TensorFlow.js has nothing like a layer or an option: the message names both, and what would work
 * @example
 * const model = await sequential({ input: [28, 28, 1] }, conv2d(8, { kernelSize: 3 }), relu(), flatten(), dense(10));
 * const written = toLayersModel(model);
 * // in Node: for (const [name, bytes] of Object.entries(written.files)) await writeFile(`digits/${name}`, bytes);
 * // in a page, in memory: await tf.loadLayersModel(tf.io.fromMemory(written));
 * console.log(Object.keys(written.files)); // model.json, group1-shard1of1.bin
 */
export function toLayersModel(model: Model): LayersModel;
/** @internal */
export function toLayersModel(model: Model, options: object): LayersModel;
export function toLayersModel(model: Model, options: object = {}): LayersModel {
  checkModel("toLayersModel", "the argument", model);
  checkKeys("toLayersModel", options, []);
  const { writer, outputs } = writeGraph(model, onMappedOf(options));
  const modelTopology = topologyOf(writer, outputs);
  const weightSpecs = writer.weights.map(({ name, shape }) => ({ name, shape: [...shape], dtype: "float32" as const }));
  const size = writer.weights.reduce((sum, { data }) => sum + data.byteLength, 0);
  const numbers = new Float32Array(size / 4);
  let at = 0;
  for (const { data } of writer.weights) {
    numbers.set(data, at);
    at += data.length;
  }
  const weightData = numbers.buffer;
  const count = Math.ceil(size / SHARD_BYTES);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const format = "layers-model";
  const generatedBy = "wasmgrad";
  const json = {
    format,
    generatedBy,
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths, weights: weightSpecs }],
  };
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    "model.json": Uint8Array.from(utf8Bytes(JSON.stringify(json))),
  };
  paths.forEach((path, i) => {
    files[path] = new Uint8Array(weightData, i * SHARD_BYTES, Math.min(SHARD_BYTES, size - i * SHARD_BYTES));
  });
  return { files, modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy: null };
}

/** The values that a model puts out, and the nodes that only join them. */
function endsOf({ layers, nodes }: Model): { readonly ends: readonly Value[]; readonly joins: ReadonlySet<Value> } {
  const last = nodes.at(-1)!;
  let composite: Layer | undefined = layers.at(-1);
  while (composite?.type === "chain" || composite?.type === "cut") composite = composite.inner!.at(-1);
  if (composite?.type !== "outputs" || composite.inner!.length < 2) return { ends: [last.index], joins: new Set() };
  const flat = [last.from, ...Object.values(last.others)];
  return { ends: flat.map((value) => nodes[value]!.from), joins: new Set([last.index, ...flat]) };
}

/** Writes all nodes. */
function writeGraph(model: Model, onMapped?: OnMapped): { readonly writer: Writer; readonly outputs: readonly Ref[] } {
  const { nodes, inputs, inputShape } = model;
  const writer = new Writer(new Set(nodes.map(({ name }) => name)));
  const values = new Map(model.parameters().map((parameter) => [parameter.name, parameter]));
  /** Parameters that were asked for since it was told last. */
  const read = new Map<string, Float32Array>();
  const get = (node: ModelNode, local: string): Float32Array => {
    const owner = node.specs.find(({ name }) => name === local)!.owner;
    const name = owner ? `${nodes[owner.node]!.name}.${owner.local}` : `${node.name}.${local}`;
    const numbers = values.get(name)!.get();
    read.set(name, numbers);
    return numbers;
  };
  const mains = new Map<number, string>();
  const refs = new Map<Value, Ref>();
  const states = new Map<Value, ReturnType<typeof writeRecurrent>>();
  const { ends, joins } = endsOf(model);
  const addInput = (value: Value, name: string, shape: readonly number[]): void => {
    const config = { batch_input_shape: [null, ...shape], dtype: "float32", sparse: false };
    writer.layers.push({ className: "InputLayer", name, config: { ...config, name }, shape, nodes: [[]] });
    refs.set(value, { layer: name, node: 0, tensor: 0, shape });
  };
  if (!inputs) addInput(INPUT, writer.fresh("input"), inputShape);
  const contextOf = (node: ModelNode, to = writer, x = refs.get(node.from)!): Context => {
    const others = Object.fromEntries(Object.entries(node.others).map(([slot, value]) => [slot, refs.get(value)!]));
    return new Context(node, to, x, others, get, mains);
  };
  const writeOf = (c: Context): Write => {
    const { type } = c.node.layer;
    const table = [PLAIN, WINDOWS, POOLING, MERGE].find((each) => Object.hasOwn(each, type));
    if (table) return table[type]!;
    const instead = Object.hasOwn(INSTEAD, type) ? INSTEAD[type]! : "toOnnx may write it";
    throw c.refuse("has no counterpart among the layers of TensorFlow.js", instead);
  };
  let told = writer.layers.length;
  let weightsTold = 0;
  let before: ModelNode | undefined;
  /** Tells what the node before this one became. */
  const tell = (next?: ModelNode): void => {
    const node = before;
    before = next && joins.has(next.index) ? undefined : next;
    if (!node) return;
    const { name, layer } = node;
    const added = writer.layers.slice(told);
    onMapped?.({ layer: name, type: layer.type, nodes: added.map((each) => each.className) });
    tellTensors(writer.weights.slice(weightsTold), read, onMapped);
    [told, weightsTold] = [writer.layers.length, writer.weights.length];
    read.clear();
  };
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    tell(node);
    const { layer, from } = node;
    if (joins.has(i)) continue;
    if (inputs && layer.type === "input" && from === INPUT) {
      addInput(i, node.name, node.output);
      continue;
    }
    const three = nodes.slice(i, i + 3);
    if (isBidirectional(three)) {
      const [, back, join] = three as [ModelNode, ModelNode, ModelNode];
      refs.set(join.index, writeBidirectional(contextOf(node), contextOf(back), join));
      i += 2;
      continue;
    }
    if (states.has(from) && (layer.type === "finalState" || layer.type === "states")) {
      refs.set(i, partOf(nodes[from]!, node, states.get(from)!));
      continue;
    }
    if (LEFT_OUT.has(layer.type)) {
      refs.set(i, refs.get(from)!);
      continue;
    }
    const c = contextOf(node);
    if (isByStep(node)) {
      const write = (own: ModelNode, to: Writer, x: Ref): Ref => {
        const inner = new Context(own, to, x, {}, (_, local) => get(node, local), new Map());
        return isRecurrent(own) ? writeRecurrent(inner).y : writeOf(inner)(inner);
      };
      refs.set(i, writeByStep(c, write));
    } else if (isRecurrent(node)) {
      const written = writeRecurrent(c);
      states.set(i, written);
      refs.set(i, written.y);
    } else refs.set(i, writeOf(c)(c));
  }
  tell();
  const outputs = ends.map((value) => refs.get(value)!);
  // a model needs a layer besides its inputs
  const plain = outputs.map((ref) => (ref.layer === "" || isInput(writer, ref) ? asLayer(writer, ref) : ref));
  return { writer, outputs: plain };
}

const isInput = ({ layers }: Writer, ref: Ref): boolean =>
  layers.some(({ name, className }) => name === ref.layer && className === "InputLayer");

const asLayer = (writer: Writer, ref: Ref): Ref =>
  writer.helper("Activation", "output", { activation: "linear" }, [ref], ref.shape);
