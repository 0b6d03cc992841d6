// The shapes of what operators give, so that shape arithmetic can be computed. The operators' own rules are checked where layers are made.
import { sizeOf } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import { broadcastShape } from "./numbers.ts";
import { axesOf, intsOf, type Known, sliceOf, splitSizes, unsqueezed } from "./parameters.ts";
import { windowSides } from "./windows.ts";

type Dims = readonly number[];

/** Shapes of a node's outputs from those of its inputs; undefined where they can't be told. */
export type ShapeRule = (
  shapes: readonly Dims[],
  node: WorkNode,
  known: Known,
  opset: number,
) => readonly (Dims | undefined)[] | undefined;

/** The shape that Reshape gives; undefined if the numbers don't fit. */
export function reshapeTarget(shape: Dims, target: ArrayLike<number>, { attributes }: WorkNode): Dims | undefined {
  const zeros = attributes.int("allowzero", 0) === 1;
  const sizes = Array.from(target, (n, axis) => (n === 0 && !zeros ? (shape[axis] ?? 0) : n));
  const open = sizes.indexOf(-1);
  if (open < 0) return sizes;
  const rest = sizes.reduce((product, n, axis) => (axis === open ? product : product * n), 1);
  return rest > 0 ? sizes.with(open, sizeOf(shape) / rest) : undefined;
}

const same: ShapeRule = ([x]) => [x];
const broadcast: ShapeRule = (shapes) => [broadcastShape(...shapes)];

const reduced: ShapeRule = ([x], node, known) => {
  const axes = axesOf(node, known, 1, x!.length);
  if (!axes && known.length > 1 && node.inputs[1] && !known[1]) return undefined;
  if (!axes && node.attributes.int("noop_with_empty_axes", 0) === 1) return [x];
  const keep = node.attributes.int("keepdims", 1) === 1;
  return [x!.flatMap((n, axis) => (axes && !axes.includes(axis) ? [n] : keep ? [1] : []))];
};

const windowed =
  (kernel: (shapes: readonly Dims[], node: WorkNode) => Dims | undefined, channels?: (w: Dims) => number): ShapeRule =>
  (shapes, node) => {
    const [x, w] = shapes;
    const size = kernel(shapes, node);
    if (!size || x!.length !== size.length + 2) return undefined;
    const { sides } = windowSides(node, x!.slice(2), size);
    return [[x![0]!, channels ? channels(w!) : x![1]!, ...sides]];
  };

const pooled = windowed((_, { attributes }) => attributes.ints("kernel_shape"));

const recurrent: ShapeRule = ([x], { attributes }) => {
  const units = attributes.int("hidden_size");
  if (units === undefined || x!.length !== 3) return undefined;
  const ways = attributes.string("direction", "forward") === "bidirectional" ? 2 : 1;
  if (attributes.int("layout", 0) === 1) {
    const states = [x![0]!, ways, units];
    return [[x![0]!, x![1]!, ways, units], states, states];
  }
  const states = [ways, x![1]!, units];
  return [[x![0]!, ways, x![1]!, units], states, states];
};

function matmul(a: Dims, b: Dims): Dims | undefined {
  const [left, right] = [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
  const front = broadcastShape(left.slice(0, -2), right.slice(0, -2));
  if (!front) return undefined;
  return [...front, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])];
}

/** Of several values, number by number. */
const OF_TWO =
  "Add Sub Mul Div Pow Mod Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor Where Min Max Sum Mean".split(" ");

/** Whose result has the shape of the first input. */
const OF_ONE = (
  "Relu LeakyRelu PRelu Elu Celu Selu Sigmoid Tanh Softplus Softsign HardSigmoid HardSwish Gelu Mish Swish " +
  "Clip ThresholdedRelu Shrink Softmax LogSoftmax Hardmax Erf Exp Log Sqrt Abs Neg Reciprocal Floor Ceil Round " +
  "Sign Sin Cos Not Identity Cast CastLike Dropout LRN BatchNormalization InstanceNormalization " +
  "GroupNormalization LayerNormalization RMSNormalization SimplifiedLayerNormalization LpNormalization " +
  "MeanVarianceNormalization Trilu CumSum IsNaN IsInf"
).split(" ");

const REDUCTIONS =
  "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp".split(" ");

/** Operators whose result has the axes that its inputs have, some with other sizes. */
export const KEEPS_AXES: ReadonlySet<string> = new Set([
  ...OF_TWO,
  ...OF_ONE,
  ..."Concat Pad Slice Split Expand Resize Upsample".split(" "),
]);

const rules = (operators: readonly string[], rule: ShapeRule): Readonly<Record<string, ShapeRule>> =>
  Object.fromEntries(operators.map((operator) => [operator, rule]));

const RULES: Readonly<Record<string, ShapeRule>> = {
  ...rules(OF_TWO, broadcast),
  ...rules(OF_ONE, same),
  ...rules(REDUCTIONS, reduced),
  MaxPool: pooled,
  AveragePool: pooled,
  LpPool: pooled,
  Conv: windowed(
    ([, w]) => w!.slice(2),
    (w) => w[0]!,
  ),
  ConvTranspose: ([x, w], node) => {
    const { transposed } = windowSides(node, x!.slice(2), w!.slice(2));
    return [[x![0]!, w![1]! * node.attributes.int("group", 1), ...transposed]];
  },
  GlobalAveragePool: ([x]) => [x!.map((n, axis) => (axis < 2 ? n : 1))],
  GlobalMaxPool: ([x]) => [x!.map((n, axis) => (axis < 2 ? n : 1))],
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  MatMul: ([a, b]) => [matmul(a!, b!)],
  Gemm: ([a, b], { attributes }) => [[a![attributes.int("transA", 0)]!, b![1 - attributes.int("transB", 0)]!]],
  Reshape: ([x], node, known) => {
    const target = intsOf(node, known, 1, "shape");
    return target && [reshapeTarget(x!, target, node)];
  },
  Flatten: ([x], { attributes }) => {
    const axis = attributes.int("axis", 1);
    const at = axis < 0 ? axis + x!.length : axis;
    return [[sizeOf(x!.slice(0, at)), sizeOf(x!.slice(at))]];
  },
  Squeeze: ([x], node, known) => {
    const axes = axesOf(node, known, 1, x!.length);
    if (!axes && node.inputs[1]) return undefined;
    return [x!.filter((n, axis) => (axes ? !axes.includes(axis) : n !== 1))];
  },
  Unsqueeze: ([x], node, known) => [unsqueezed(x!, node, known)],
  Transpose: ([x], { attributes }) => {
    const order = attributes.ints("perm") ?? x!.map((_, axis) => x!.length - 1 - axis);
    return [order.map((axis) => x![axis]!)];
  },
  Expand: ([x], _node, known) => known[1] && [broadcastShape(x!, [...known[1].data])],
  Concat: (shapes, { attributes }) => {
    const axis = attributes.int("axis", 1);
    const at = axis < 0 ? axis + shapes[0]!.length : axis;
    return [
      shapes[0]!.with(
        at,
        shapes.reduce((n, shape) => n + shape[at]!, 0),
      ),
    ];
  },
  Slice: ([x], node, known) => {
    const parts = sliceOf(node, known, x!);
    return parts && [parts.map(({ count }) => count)];
  },
  Split: ([x], node, known) => {
    const axis = node.attributes.int("axis", 0);
    const at = axis < 0 ? axis + x!.length : axis;
    if (node.inputs[1] && !known[1]) return undefined;
    return splitSizes(x![at]!, node, known[1] && [...known[1].data])?.map((n) => x!.with(at, n));
  },
  Gather: ([x, indices], { attributes }) => {
    const axis = attributes.int("axis", 0);
    const at = axis < 0 ? axis + x!.length : axis;
    return [[...x!.slice(0, at), ...indices!, ...x!.slice(at + 1)]];
  },
  Pad: ([x], node, known) => {
    const pads = intsOf(node, known, 1, "pads");
    if (!pads || node.inputs[3]) return undefined;
    return [x!.map((n, axis) => n + pads[axis]! + pads[axis + x!.length]!)];
  },
  Resize: ([x], node, known) => resized(x!, known[node.inputs.length > 2 ? 2 : 1], known[3]),
  Upsample: ([x], { attributes }, known) => {
    const scales = attributes.floats("scales");
    return scales ? [x!.map((n, axis) => Math.floor(n * scales[axis]!))] : resized(x!, known[1], undefined);
  },
  DepthToSpace: ([x], { attributes }) => {
    const block = attributes.int("blocksize", 1);
    return [[x![0]!, x![1]! / (block * block), x![2]! * block, x![3]! * block]];
  },
  SpaceToDepth: ([x], { attributes }) => {
    const block = attributes.int("blocksize", 1);
    return [[x![0]!, x![1]! * block * block, x![2]! / block, x![3]! / block]];
  },
  ArgMax: reducedOne,
  ArgMin: reducedOne,
};

function reducedOne([x]: readonly Dims[], { attributes }: WorkNode): readonly Dims[] {
  const axis = attributes.int("axis", 0);
  const at = axis < 0 ? axis + x!.length : axis;
  return [x!.flatMap((n, i) => (i !== at ? [n] : attributes.int("keepdims", 1) === 1 ? [1] : []))];
}

function resized(x: Dims, scales: Known[number], sizes: Known[number]): readonly Dims[] | undefined {
  if (sizes && sizes.data.length === x.length) return [[...sizes.data]];
  if (!scales || scales.data.length !== x.length) return undefined;
  return [x.map((n, axis) => Math.floor(n * scales.data[axis]!))];
}

/** Shapes of a node's outputs; empty if they can't be told. */
export function inferShapes(
  node: WorkNode,
  shapes: readonly (Dims | undefined)[],
  known: Known,
  opset: number,
): readonly (Dims | undefined)[] {
  const rule = node.domain === "" && Object.hasOwn(RULES, node.operator) ? RULES[node.operator] : undefined;
  const needed = /^(?:LSTM|GRU|RNN|.*Normalization)$/.test(node.operator) ? shapes.slice(0, 1) : shapes;
  if (!rule || needed.some((shape, at) => !shape && node.inputs[at])) return [];
  try {
    return rule(shapes as readonly Dims[], node, known, opset) ?? [];
  } catch {
    return []; // what is wrong is said where the node's layer is made
  }
}
