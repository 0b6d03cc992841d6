// Gemm and MatMul: dense layers where one side is a constant, products of matrices where neither is.
import { matmul } from "../../../../nn/composites/matmul.ts";
import { dense } from "../../../../nn/layers/dense.ts";
import { transposed } from "../fold/numbers.ts";
import type { Constant, WorkNode } from "../workGraph.ts";
import { axisSize, ownAtoms, sameAtoms, sizesOf, transposeView } from "./atoms.ts";
import { atom, type Builder, placesOf, rowsInOrder } from "./builder.ts";
import { besides, learned, numbersAlong, scaled, withConstant } from "./constants.ts";
import { layTrailing } from "./layouts.ts";
import type { Family } from "./family.ts";
import { attentionOf, closeAttention } from "./attention.ts";
import { align, product } from "./pairs.ts";
import { rowShape, use } from "./steps.ts";
import type { Atom, Dense, Step, View } from "./types.ts";

/** What a dense layer's step is. */
interface Linear {
  readonly node: WorkNode;
  readonly x: View;
  /** The axis whose numbers are summed. */
  readonly axis: number;
  /** [inputs, outputs], in the order of the axis. */
  readonly weight: Float32Array;
  readonly outputs: number;
  readonly bias?: Float32Array | undefined;
  /** The weight's name. */
  readonly name: string;
  readonly frozen?: boolean;
}

/** Sums weighted numbers along an axis, which gets another size. */
export function linear(builder: Builder, { node, x, axis, weight, outputs, bias, name, frozen = false }: Linear): View {
  const { lead, lying, flat } = layTrailing(x, [axis]);
  const inputs = axisSize(flat);
  const own: Dense = {
    inputs,
    outputs,
    weight: rowsInOrder(weight, outputs, placesOf(flat, lying)),
    ...(bias && { bias }),
  };
  const closed = closeAttention(x, axis, own, builder.hint(name) || builder.hint(node.inputs[2] ?? ""));
  if (closed) return closed;
  const made = builder.add({
    node,
    kind: "dense",
    uses: [use(x, [...lead.map((each) => [each]), lying])],
    shape: [...sizesOf(lead), outputs],
    make: (making) => {
      making.set(`${making.name}.weight`, own.weight);
      if (own.bias) making.set(`${making.name}.bias`, own.bias);
      return [dense(outputs, { useBias: own.bias !== undefined, name: making.name })];
    },
    weight: name,
    frozen,
  });
  const step = made.step!;
  step.dense = own;
  const ref = { ...made, columns: { step, places: Array.from({ length: outputs }, (_, i) => i) } };
  step.outputs[0] = ref;
  const last = atom(outputs);
  return { ref, axes: x.axes.with(axis, last), stored: [...lead, ...last] };
}

/** A bias that is added behind a dense layer alone becomes its own; false: it can't. */
export function foldBias(builder: Builder, node: WorkNode, value: string, constant: string): View | undefined {
  const { graph } = builder;
  const view = builder.views.get(value)!;
  const { step } = view.ref;
  const own = step?.dense;
  if (!own || own.bias || step.outputs[0] !== view.ref || !isAlone(builder, step, value)) return undefined;
  const steps = besides(builder, node, view, constant);
  if (!steps) return undefined;
  if (own.outputs === 1) {
    if (graph.constants.get(constant)!.data.length !== 1) return undefined;
    own.bias = builder.numbers(node, constant);
    step.hint ||= builder.hint(constant);
    return view;
  }
  const last = view.axes.findLastIndex((axis) => axis.some((each) => each === view.stored.at(-1)));
  const atoms = view.axes[last] ?? [];
  if (axisSize(atoms) !== own.outputs || !sameAtoms(view.stored.slice(view.stored.length - atoms.length), atoms))
    return undefined;
  if (view.stored.some((each) => !atoms.includes(each) && steps.get(each)! > 0)) return undefined;
  if (graph.constants.get(constant)!.data.length === 1) return undefined;
  own.bias = numbersAlong(builder, node, constant, atoms, steps);
  step.hint ||= builder.hint(constant);
  return view;
}

/** Does one node alone take what a step gives, behind nodes that only give it other axes? */
function isAlone({ graph }: Builder, { node }: Step, value: string): boolean {
  let at = value;
  while (graph.onlyConsumer(at)) {
    const producer = graph.producer(at);
    if (!producer || producer === node) return producer === node;
    at = producer.inputs.find((input) => !graph.constants.has(input)) ?? "";
  }
  return false;
}

/** A matrix that is a constant: its numbers [rows, columns]. */
function matrixOf(builder: Builder, node: WorkNode, at: number, turned: boolean) {
  const name = node.inputs[at]!;
  const { shape } = builder.graph.constants.get(name)!;
  if (shape.length < 2) throw builder.error(node, `"${name}" must be a matrix, got [${shape.join(", ")}]`);
  const plain: Constant = { type: "float", shape: shape.slice(-2), data: builder.numbers(node, name) };
  const matrix = turned ? transposed(plain, [1, 0]) : plain;
  return { rows: matrix.shape[0]!, columns: matrix.shape[1]!, data: matrix.data as Float32Array, name };
}

/** Does a constant have a single matrix? */
const isMatrix = ({ shape }: Constant): boolean => shape.length >= 2 && shape.slice(0, -2).every((n) => n === 1);

function checkInner(builder: Builder, node: WorkNode, x: View, axis: number, inputs: number, name: string): void {
  const size = axisSize(x.axes[axis] ?? []);
  const isRows = x.axes[axis]?.some((each) => each.rows) === true;
  if (size === inputs && !isRows) return;
  const advice = isRows ? ", whose rows are there; export the model with the rows first (batch_first=True)" : "";
  throw builder.error(
    node,
    `the weights "${name}" take ${inputs} numbers along axis ${axis} of its input, got [${builder.shapeText(x)}]${advice}`,
  );
}

function matMul(builder: Builder, node: WorkNode): void {
  const [a, b] = [builder.constant(node, 0), builder.constant(node, 1)];
  if (b && isMatrix(b)) {
    const x = builder.input(node, 0);
    const { rows, columns, data, name } = matrixOf(builder, node, 1, false);
    checkInner(builder, node, x, x.axes.length - 1, rows, name);
    const padded = b.shape.length > Math.max(x.axes.length, 2);
    if (padded)
      throw builder.error(node, `the weights "${name}" have more axes than its input [${builder.shapeText(x)}]`);
    builder.set(node, linear(builder, { node, x, axis: x.axes.length - 1, weight: data, outputs: columns, name }));
    return;
  }
  if (a && isMatrix(a)) {
    const x = builder.input(node, 1);
    const { rows, columns, data, name } = matrixOf(builder, node, 0, true);
    const axis = x.axes.length - 2;
    if (axis < 0) throw builder.error(node, "its second input must have two axes or more");
    checkInner(builder, node, x, axis, rows, name);
    builder.set(node, linear(builder, { node, x, axis, weight: data, outputs: columns, name }));
    return;
  }
  if (b?.shape.length === 1) {
    const x = builder.input(node, 0);
    const name = node.inputs[1]!;
    const weight = builder.numbers(node, name);
    checkInner(builder, node, x, x.axes.length - 1, weight.length, name);
    const y = linear(builder, { node, x, axis: x.axes.length - 1, weight, outputs: 1, name });
    builder.set(node, { ...y, axes: y.axes.slice(0, -1) });
    return;
  }
  const other = (at: number): View | undefined => builder.views.get(node.inputs[at] ?? "");
  const left = a ? learned(builder, node, node.inputs[0]!, other(1)) : builder.input(node, 0);
  const right = b ? learned(builder, node, node.inputs[1]!, other(0)) : builder.input(node, 1);
  builder.set(node, matrices(builder, node, left, right));
}

/** The product of matrices that both depend on the input. */
export function matrices(builder: Builder, node: WorkNode, x: View, second: View): View {
  const z = ownAtoms(second);
  if (x.axes.length < 2 || z.axes.length < 2) {
    throw builder.error(
      node,
      `both inputs must be matrices, got [${builder.shapeText(x)}] and [${builder.shapeText(z)}]`,
    );
  }
  const [m, kA] = x.axes.slice(-2) as [readonly Atom[], readonly Atom[]];
  const [kB, n] = z.axes.slice(-2) as [readonly Atom[], readonly Atom[]];
  const inner = [m, kA, kB, n].some((axis) => axis.some((each) => each.rows));
  if (inner || axisSize(kA) !== axisSize(kB)) {
    throw builder.error(
      node,
      `it multiplies matrices ${inner ? "across rows" : "that don't fit"}: [${builder.shapeText(x)}] and [${builder.shapeText(z)}]${inner ? "; export the model with the rows first (batch_first=True)" : ""}`,
    );
  }
  const attention = attentionOf(builder, node, x, z);
  if (attention) return attention;
  const { a, b, twins } = align(
    builder,
    node,
    { ...x, axes: x.axes.slice(0, -2) },
    { ...z, axes: z.axes.slice(0, -2) },
  );
  const back = new Map([...twins].map(([left, right]) => [right, left]));
  const lying = ({ stored }: View, atoms: readonly Atom[]): Atom[] => stored.filter((each) => atoms.includes(each));
  const [mLies, nLies] = [lying(a, m), lying(b, n)];
  const leadA = a.stored.filter((each) => !m.includes(each) && !kA.includes(each));
  const extra = b.stored.filter((each) => !n.includes(each) && !kB.includes(each) && !back.has(each));
  const lead = [...extra, ...leadA];
  const groups = (has: (each: Atom) => Atom | undefined): Atom[][] =>
    lead.map((each) => {
      const own = has(each);
      return own ? [own] : [];
    });
  const frontA = groups((each) => (extra.includes(each) ? undefined : each));
  const frontB = groups((each) => (extra.includes(each) ? each : twins.get(each)));
  // without a change of order, if there is a way
  const transposeA =
    sameAtoms(a.stored, [...frontA.flat(), ...kA, ...mLies]) &&
    !sameAtoms(a.stored, [...frontA.flat(), ...mLies, ...kA]);
  const transposeB =
    sameAtoms(b.stored, [...frontB.flat(), ...nLies, ...kB]) &&
    !sameAtoms(b.stored, [...frontB.flat(), ...kB, ...nLies]);
  const shape = rowShape([...sizesOf(lead), axisSize(m), axisSize(n)]);
  const ref = builder.add({
    node,
    kind: "matmul",
    uses: [
      use(a, [...frontA, ...(transposeA ? [kA, mLies] : [mLies, kA])]),
      use(b, [...frontB, ...(transposeB ? [nLies, kB] : [kB, nLies])]),
    ],
    branches: 2,
    shape,
    make: (making) => [matmul([making.branch(0), making.branch(1)], { transposeA, transposeB })],
  });
  const axes = a.axes.map((axis, at) => (axis.length > 0 ? axis : b.axes[at]!));
  ref.step!.product = { a: { ...x, ...a, axes: [...a.axes, m, kA] }, b: { ...z, ...b, axes: [...b.axes, kB, n] } };
  return { ref, axes: [...axes, m, n], stored: [...lead, ...mLies, ...nLies] };
}

function gemm(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const [transA, transB] = [attributes.int("transA", 0) === 1, attributes.int("transB", 0) === 1];
  attributes.int("broadcast"); // of opset 6: it broadcasts in any case
  const turn = (x: View, turned: boolean): View => (turned ? transposeView(x, [1, 0]) : x);
  const b = builder.constant(node, 1);
  const a = builder.constant(node, 0);
  let y: View;
  if (b) {
    const given = builder.input(node, 0);
    builder.checkRank(node, given, [2], "it multiplies matrices");
    const x = turn(given, transA);
    const { rows, columns, data, name } = matrixOf(builder, node, 1, transB);
    checkInner(builder, node, x, 1, rows, name);
    const weight = alpha === 1 ? data : data.map((value) => value * alpha);
    y = linear(builder, { node, x, axis: 1, weight, outputs: columns, name });
  } else if (a) {
    const x = turn(builder.input(node, 1), transB);
    const { rows, columns, data, name } = matrixOf(builder, node, 0, !transA);
    checkInner(builder, node, x, 0, rows, name);
    const weight = alpha === 1 ? data : data.map((value) => value * alpha);
    y = linear(builder, { node, x, axis: 0, weight, outputs: columns, name });
  } else {
    const products = matrices(
      builder,
      node,
      turn(builder.input(node, 0), transA),
      turn(builder.input(node, 1), transB),
    );
    y = scaled(builder, node, products, alpha);
  }
  const c = node.inputs[2] ?? "";
  if (c === "" || beta === 0) {
    builder.set(node, y);
    return;
  }
  const other = builder.views.get(c);
  if (other) {
    builder.set(node, product(builder, node, "add", y, scaled(builder, node, other, beta)));
    return;
  }
  const own = y.ref.step?.dense;
  const steps = builder.constant(node, 2) && besides(builder, node, y, c);
  const isBias = own && steps && y.stored.every((each, i) => i === y.stored.length - 1 || steps.get(each) === 0);
  if (isBias && b) {
    const last = y.stored.at(-1);
    const bias = last ? numbersAlong(builder, node, c, [last], steps) : builder.numbers(node, c);
    own.bias = beta === 1 ? bias : bias.map((value) => value * beta);
    y.ref.step!.hint ||= builder.hint(c);
    builder.set(node, y);
    return;
  }
  const added = withConstantOrLearned(builder, node, y, c, beta);
  builder.set(node, added);
}

/** A value plus a constant times a number. */
function withConstantOrLearned(builder: Builder, node: WorkNode, y: View, name: string, beta: number): View {
  const sum = withConstant(builder, node, y, name, "add", (value) => value * beta);
  return sum ?? product(builder, node, "add", y, scaled(builder, node, learned(builder, node, name, y), beta));
}

/** By operator. */
export const LINEAR: Family = { Gemm: gemm, MatMul: matMul };
