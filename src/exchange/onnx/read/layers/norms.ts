// Normalisations: of channels, groups, last axes, and neighbouring channels.
import type { Layer } from "../../../../graph/layer.ts";
import * as layers from "../../../../nn/layers/index.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize } from "./atoms.ts";
import { type Builder, layerOf, type NewStep, placesOf, rowsInOrder } from "./builder.ts";
import { layTrailing } from "./layouts.ts";
import type { Family } from "./family.ts";
import { use } from "./steps.ts";
import type { Step, View } from "./types.ts";

/** A layer on the channels, axis 1, at the end of a row. */
function onChannels(
  builder: Builder,
  node: WorkNode,
  x: View,
  make: Step["make"],
  { weight, inOrder = false, frozen = false }: Pick<NewStep, "weight" | "frozen"> & { readonly inOrder?: boolean },
): View {
  builder.checkRows(node, x);
  const { lead, lying } = layTrailing(x, [1], inOrder);
  const ref = builder.add({ node, uses: [use(x, [...lead.map((each) => [each]), lying])], make, weight, frozen });
  return { ...x, ref, stored: [...lead, ...lying] };
}

/** Weights of the channels in the order in which they lie. */
function channelWeights(builder: Builder, node: WorkNode, x: View, from: number, names: readonly string[]) {
  if (x.axes.length < 2)
    throw builder.error(node, `its input must have channels, axis 1, got [${builder.shapeText(x)}]`);
  const channels = axisSize(x.axes[1]!);
  const all = names.map((_, i) => {
    const values = builder.weights(node, from + i, [channels]);
    if (!values) throw builder.error(node, `input ${from + i + 1} is left out, but it is needed`);
    return values;
  });
  const { lying, flat } = layTrailing(x, [1]);
  const order = placesOf(flat, lying);
  return Object.fromEntries(names.map((name, i) => [name, rowsInOrder(all[i]!, 1, order)]));
}

function batchNormalization(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  const x = builder.input(node, 0);
  if (attributes.int("spatial", 1) !== 1)
    throw builder.error(node, "only 1 has a layer: statistics of each channel", "spatial");
  attributes.int("is_test");
  attributes.ints("consumed_inputs");
  attributes.int("training_mode"); // a model is told when it trains
  const epsilon = attributes.float("epsilon", 1e-5);
  const momentum = Math.max(0, 1 - attributes.float("momentum", 0.9));
  const weights = channelWeights(builder, node, x, 1, ["gamma", "beta", "runningMean", "runningVariance"]);
  if (builder.graph.opset() >= 7) builder.checkOutputs(node, 1);
  // 1 - 0.9 in float64 is no 0.1
  const rounded = Math.round(momentum * 1e7) / 1e7;
  const make = layerOf((name) => layers.batchNorm({ epsilon, momentum: rounded, name }), weights);
  builder.set(node, onChannels(builder, node, x, make, { weight: node.inputs[1] }));
}

function instanceNormalization(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const epsilon = node.attributes.float("epsilon", 1e-5);
  node.attributes.ints("consumed_inputs");
  const weights = channelWeights(builder, node, x, 1, ["gamma", "beta"]);
  const make = layerOf((name) => layers.instanceNorm({ epsilon, name }), weights);
  builder.set(node, onChannels(builder, node, x, make, { weight: node.inputs[1] }));
}

/** Scales are of groups in opset 18 to 20, and of channels since. */
function groupNormalization(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const { attributes } = node;
  const groups = attributes.int("num_groups");
  if (groups === undefined) throw builder.error(node, "it is missing", "num_groups");
  attributes.int("stash_type");
  const channels = x.axes[1] ? axisSize(x.axes[1]) : 0;
  const parameter = (at: number): Float32Array | undefined => {
    const values = builder.weights(node, at);
    if (!values || values.length === channels) return values;
    if (values.length !== groups) {
      throw builder.error(
        node,
        `input ${at + 1} must have a number for each channel, or each group, got ${values.length}`,
      );
    }
    return Float32Array.from({ length: channels }, (_, i) => values[Math.floor((i * groups) / channels)]!);
  };
  const epsilon = attributes.float("epsilon", 1e-5);
  const weights = { gamma: parameter(1), beta: parameter(2) };
  const make = layerOf((name) => layers.groupNorm(groups, { epsilon, name }), {
    gamma: weights.gamma ?? new Float32Array(channels).fill(1),
    beta: weights.beta ?? new Float32Array(channels),
  });
  const frozen = !weights.gamma && !weights.beta;
  builder.set(node, onChannels(builder, node, x, make, { weight: node.inputs[1], inOrder: true, frozen }));
}

/** Of all numbers of the axes from one on. */
function lastAxes(builder: Builder, node: WorkNode): void {
  const { attributes, operator } = node;
  const x = builder.input(node, 0);
  const first = builder.axis(node, x, attributes.int("axis", -1));
  const axes = Array.from({ length: x.axes.length - first }, (_, i) => first + i);
  axes.forEach((axis) => builder.axis(node, x, axis));
  attributes.int("stash_type");
  builder.checkOutputs(node, 1);
  const epsilon = attributes.float("epsilon", 1e-5);
  const { lead, lying, flat } = layTrailing(x, axes);
  const count = axisSize(flat);
  const order = placesOf(flat, lying);
  const parameter = (at: number): Float32Array | undefined => {
    const values = builder.weights(node, at);
    if (!values) return undefined;
    if (values.length === 1) return new Float32Array(count).fill(values[0]!);
    if (values.length === count) return rowsInOrder(values, 1, order);
    throw builder.error(
      node,
      `input ${at + 1} must have ${count} numbers, as many as are normalised, got ${values.length}`,
    );
  };
  const isRms = operator !== "LayerNormalization";
  const weights = { gamma: parameter(1), beta: isRms ? undefined : parameter(2) };
  const named = (name: string): Layer =>
    isRms ? layers.rmsNorm({ epsilon, name }) : layers.layerNorm({ epsilon, name });
  const frozen = !weights.gamma && !weights.beta;
  const parameters = {
    gamma: weights.gamma ?? new Float32Array(count).fill(1),
    ...(!isRms && { beta: weights.beta ?? new Float32Array(count) }),
  };
  const make = layerOf(named, parameters);
  const uses = [use(x, [...lead.map((each) => [each]), lying])];
  const ref = builder.add({ node, uses, make, weight: node.inputs[1], frozen });
  builder.set(node, { ...x, ref, stored: [...lead, ...lying] });
}

function localResponse(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  const x = builder.input(node, 0);
  const size = attributes.int("size");
  if (size === undefined) throw builder.error(node, "it is missing", "size");
  // of PyTorch's, that aren't ONNX's own: an even window begins a channel earlier, as ours
  const before = attributes.int("before");
  if (size % 2 === 0 && before !== size / 2)
    throw builder.error(node, `it must be odd, got ${size}: of even ones it isn't said alike where they lie`, "size");
  const [alpha, beta] = [attributes.float("alpha", 1e-4), attributes.float("beta", 0.75)];
  const options = { size, alpha, beta, bias: attributes.float("bias", 1) };
  const make = layerOf((name) => layers.localResponseNorm({ ...options, name }));
  builder.set(node, onChannels(builder, node, x, make, { inOrder: true }));
}

/** A slope for each channel, the same for all of an axis, or one. */
function prelu(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const name = node.inputs[1]!;
  const values = builder.weights(node, 1);
  if (!values) throw builder.error(node, "its slopes are left out, but they are needed");
  const slope = builder.graph.constants.get(name)!;
  const rank = x.axes.length;
  // before opset 7, one axis is that of the channels
  const shape =
    builder.graph.opset() < 7 && slope.shape.length === 1
      ? [...slope.shape, ...Array<number>(rank - 2).fill(1)]
      : slope.shape;
  const large = shape.flatMap((n, axis) => (n > 1 ? [axis + rank - shape.length] : []));
  if (large.some((axis) => axis < 0) || large.length > 1) {
    throw builder.error(
      node,
      `its slopes must be one number, or one for each place of an axis, got [${slope.shape.join(", ")}]`,
    );
  }
  const make = (own: Float32Array): Step["make"] => layerOf((called) => layers.prelu({ name: called }), { slope: own });
  if (values.length === 1) {
    // each number is a channel of its own
    const ref = builder.add({
      node,
      uses: [use(x, [...x.stored.map((each) => [each]), []])],
      make: make(values),
      weight: name,
    });
    builder.set(node, { ...x, ref });
    return;
  }
  const axis = builder.axis(node, x, large[0]!);
  const { lead, lying, flat } = layTrailing(x, [axis]);
  const count = axisSize(flat);
  if (values.length !== count) throw builder.error(node, `there must be ${count} slopes or one, got ${values.length}`);
  const ref = builder.add({
    node,
    uses: [use(x, [...lead.map((each) => [each]), lying])],
    make: make(rowsInOrder(values, 1, placesOf(flat, lying))),
    weight: name,
  });
  builder.set(node, { ...x, ref, stored: [...lead, ...lying] });
}

/** By operator. */
export const NORMS: Family = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: lastAxes,
  RMSNormalization: lastAxes,
  SimplifiedLayerNormalization: lastAxes,
  LRN: localResponse,
  PRelu: prelu,
};
