// Computes what is known of a graph: shapes, and everything that depends on constants and shapes alone.
import { sizeOf } from "../../../../util/shape.ts";
import { OnnxGraphError } from "../../onnxError.ts";
import { atNode } from "../nodeErrors.ts";
import type { Constant, WorkGraph, WorkNode } from "../workGraph.ts";
import { ACTIVATION_FOLDS } from "./activations.ts";
import { FOLDS, shapeOf } from "./operators.ts";
import { PRODUCT_FOLDS, productWork } from "./products.ts";
import { inferShapes } from "./shapes.ts";

const ALL_FOLDS = { ...FOLDS, ...ACTIVATION_FOLDS, ...PRODUCT_FOLDS };

/** Operators whose result doesn't follow from what they take. */
const VALUE_FREE = ["Shape", "Size"];

/**
 * Replaces nodes by what they give, where that follows from constants and shapes, and sets the shapes of values.
 *
 * @throws {OnnxGraphError} if that takes memory out of proportion to the file
 */
export function foldGraph(graph: WorkGraph): void {
  for (const node of graph.ordered()) atNode(graph, node, () => foldNode(graph, node));
  graph.removeUnused();
}

function foldNode(graph: WorkGraph, node: WorkNode): void {
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
  const fold = Object.hasOwn(ALL_FOLDS, operator) ? ALL_FOLDS[operator] : undefined;
  if (fold && inputs.length > 0 && inputs.every((name, at) => name === "" || known[at])) {
    const made = computed(graph, node, () => {
      const work = workOf(node, known, inferred);
      if (!(work >= 0)) throw new RangeError(`${work} numbers`);
      graph.spend(node, work);
      return fold(known as readonly Constant[], node, opset);
    });
    if (made) {
      settle(graph, node, Array.isArray(made) ? (made as readonly Constant[]) : [made as Constant]);
      return;
    }
  }
  outputs.forEach((name, i) => name !== "" && inferred[i] && graph.setShape(name, inferred[i]));
}

/** How many numbers computing a node makes or goes through. */
function workOf(
  { operator }: WorkNode,
  known: readonly (Constant | undefined)[],
  inferred: readonly (readonly number[] | undefined)[],
): number {
  const [x, second] = known;
  if (operator === "Range") {
    const [start, limit, delta] = known.map((each) => each?.data[0] ?? 0) as [number, number, number];
    return Math.max((limit - start) / delta, 0);
  }
  if (operator === "ConstantOfShape") return sizeOf([...x!.data]);
  if (operator === "Tile") return sizeOf([...second!.data]) * x!.data.length;
  const made = inferred.reduce((sum, shape) => sum + (shape ? sizeOf(shape) : 0), 0);
  if (operator === "MatMul" || operator === "Gemm") {
    const columns = inferred[0]?.at(-1) ?? 1;
    return made + productWork(x!, operator === "MatMul" && second!.shape.length === 1 ? 1 : columns);
  }
  if (["Sum", "Min", "Max"].includes(operator)) return made * known.length;
  return operator.startsWith("Reduce") || operator === "NonZero" ? made + x!.data.length * x!.shape.length : made;
}

/** Computes a node. Sizes that make no tensor, such as those below 0, are the file's fault. */
function computed<T>(graph: WorkGraph, node: WorkNode, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if ((error as Error).name === "OnnxGraphError") throw error;
    const shapes = node.inputs.map((name) => `[${graph.shape(name)?.join(", ") ?? ""}]`).join(", ");
    throw graph.error(
      node,
      `it can't be computed of tensors of the shapes ${shapes}: its axes or sizes don't fit them; ask the file's exporter to check it`,
    );
  }
}

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
