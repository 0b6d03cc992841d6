// Computes what is known of a graph: shapes, and everything that depends on constants and shapes alone.
import { sizeOf } from "../../../../util/shape.ts";
import { OnnxGraphError } from "../../onnxError.ts";
import type { Constant, WorkGraph, WorkNode } from "../workGraph.ts";
import { type Fold, FOLDS, shapeOf } from "./operators.ts";
import { inferShapes } from "./shapes.ts";

/** Numbers that folding may make beyond as many as the file has itself: masks of shape arithmetic are larger than their nodes. */
const NUMBERS_OF_ANY = 1 << 25;

/** Operators whose result doesn't follow from what they take. */
const VALUE_FREE = ["Shape", "Size"];

/**
 * Replaces nodes by what they give, where that follows from constants and shapes, and sets the shapes of values.
 *
 * @throws {OnnxGraphError} if that takes memory out of proportion to the file
 */
export function foldGraph(graph: WorkGraph): void {
  let own = 0;
  for (const { data } of graph.constants.values()) own += data.length;
  const budget = { left: NUMBERS_OF_ANY + 8 * own };
  for (const node of graph.ordered()) foldNode(graph, node, budget);
  graph.removeUnused();
}

function foldNode(graph: WorkGraph, node: WorkNode, budget: { left: number }): void {
  const { operator, domain, inputs, outputs } = node;
  const opset = graph.opset();
  if (domain !== "") return;
  const result = operator === "Constant" ? constantNode(node) : undefined;
  if (result) {
    settle(graph, node, [result]);
    return;
  }
  const shapes = inputs.map((name) => graph.shape(name));
  const known = inputs.map((name) => graph.constants.get(name));
  if (VALUE_FREE.includes(operator)) {
    const [shape] = shapes;
    if (!shape) return;
    const value: Constant =
      operator === "Shape" ? shapeOf(shape, node) : { type: "int64", shape: [], data: Float64Array.of(sizeOf(shape)) };
    settle(graph, node, [value]);
    return;
  }
  const inferred = inferShapes(node, shapes, known, opset);
  const fold = Object.hasOwn(FOLDS, operator) ? FOLDS[operator] : undefined;
  if (fold && inputs.length > 0 && inputs.every((name, at) => name === "" || known[at])) {
    const target =
      operator === "ConstantOfShape"
        ? sizeOf([...(known[0]?.data ?? [])])
        : operator === "Range"
          ? rangeSize(known)
          : 0;
    const size = Math.max(target, ...inferred.map((shape) => (shape ? sizeOf(shape) : 0)));
    const tiles = operator === "Tile" ? sizeOf([...(known[1]?.data ?? [])]) * (known[0]?.data.length ?? 0) : 0;
    budget.left -= Math.max(size, tiles);
    if (!(budget.left >= 0)) {
      throw graph.error(
        node,
        `it makes a tensor of ${Math.max(size, tiles)} numbers, too many for what the file has; export it with smaller sizes`,
      );
    }
    const made = folded(fold, known as readonly Constant[], node, opset);
    if (made) {
      settle(graph, node, Array.isArray(made) ? (made as readonly Constant[]) : [made as Constant]);
      return;
    }
  }
  outputs.forEach((name, i) => name !== "" && inferred[i] && graph.setShape(name, inferred[i]));
}

/** What a node gives; undefined if its inputs aren't those of its operator, which is said where its layer is made. */
function folded(fold: Fold, known: readonly Constant[], node: WorkNode, opset: number): ReturnType<Fold> {
  try {
    return fold(known, node, opset);
  } catch (error) {
    if ((error as Error).name === "OnnxGraphError") throw error;
    return undefined;
  }
}

const rangeSize = (known: readonly (Constant | undefined)[]): number => {
  const [start, limit, delta] = known.map((each) => each?.data[0] ?? 0) as [number, number, number];
  return Math.max((limit - start) / delta, 0);
};

/** Puts constants in a node's place. */
function settle(graph: WorkGraph, node: WorkNode, values: readonly Constant[]): void {
  const { outputs } = node;
  const broken = values.some(({ shape, data }) => sizeOf(shape) !== data.length);
  if (broken || outputs.some((name, i) => name !== "" && !values[i])) return;
  graph.removeNode(node);
  outputs.forEach((name, i) => name !== "" && graph.addConstant(values[i]!, name));
}

/** The value of a Constant node. */
function constantNode({ attributes }: WorkNode): Constant | undefined {
  const tensor = attributes.tensor("value");
  if (tensor) {
    const { type, shape, data } = tensor;
    const isFloat = ["float", "float16", "bfloat16", "double"].includes(type);
    return { type, shape, data: isFloat ? (data as Float32Array) : Float64Array.from(data as Float32Array, Number) };
  }
  const single = attributes.float("value_float");
  if (single !== undefined) return { type: "float", shape: [], data: Float32Array.of(single) };
  const whole = attributes.int("value_int");
  if (whole !== undefined) return { type: "int64", shape: [], data: Float64Array.of(whole) };
  const floats = attributes.floats("value_floats");
  if (floats) return { type: "float", shape: [floats.length], data: Float32Array.from(floats) };
  const ints = attributes.ints("value_ints");
  return ints && { type: "int64", shape: [ints.length], data: Float64Array.from(ints) };
}

/** Marks constants that differ between two graphs of one file, made for another number of rows each. */
export function markRows(graph: WorkGraph, other: WorkGraph): void {
  for (const [name, constant] of graph.constants) {
    const twin = other.constants.get(name);
    if (!twin)
      throw new OnnxGraphError(
        graph.file,
        `the value "${name}" depends on the number of rows in a way that can't be followed`,
      );
    const same =
      twin.shape.length === constant.shape.length &&
      twin.shape.every((n, axis) => n === constant.shape[axis]) &&
      twin.data.length === constant.data.length &&
      twin.data.every((n, i) => Object.is(n, constant.data[i]));
    if (!same) graph.rowDependent.add(name);
  }
}
