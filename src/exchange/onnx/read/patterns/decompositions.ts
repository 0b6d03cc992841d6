// Operators that others put together say as well.
import { sizeOf } from "../../../../util/shape.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { nearly, plainNumber } from "./polynomials.ts";
import { addBefore, axesOf, makeBy, nodesOf, outputOf } from "./rewriting.ts";

/** Lengths, logarithms of sums of exponentials, and repeated places, in simpler operators. */
export function decompositions(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "LpNormalization")) overLength(graph, node);
  for (const node of nodesOf(graph, "Gather")) table(graph, node);
  for (const node of nodesOf(graph, "ReduceL2")) length(graph, node);
  for (const node of nodesOf(graph, "ReduceLogSumExp")) logSumExp(graph, node);
  for (const node of nodesOf(graph, "Tile")) tile(graph, node);
}

/** x over its length along an axis. */
function overLength(graph: WorkGraph, node: WorkNode): void {
  const [x = ""] = node.inputs;
  const value = outputOf(node);
  const [axis, p] = [node.attributes.int("axis", -1), node.attributes.int("p", 2)];
  if (p !== 1 && p !== 2) return;
  const attributes = [
    { name: "axes", type: "ints", value: [axis] },
    { name: "keepdims", type: "int", value: 1 },
  ] as const;
  const shape = graph.shape(x);
  const own = shape?.with(axis, 1);
  const along = addBefore(graph, value, { operator: `ReduceL${p}`, inputs: [x], attributes }, own);
  makeBy(graph, value, { operator: "Div", inputs: [x, along] });
}

/** Places that are chosen by a table are a list of them, put into the table's shape. */
function table(graph: WorkGraph, node: WorkNode): void {
  const [x = "", chosen = ""] = node.inputs;
  const [shape, indices] = [graph.shape(x), graph.constants.get(chosen)];
  if (!shape || !indices || indices.shape.length < 2 || graph.constants.has(x)) return;
  const given = node.attributes.int("axis", 0);
  const axis = given < 0 ? given + shape.length : given;
  if (!(axis > 0 && axis < shape.length)) return;
  const value = outputOf(node);
  const count = indices.data.length;
  const list = graph.addConstant({ ...indices, shape: [count] });
  const attributes = [{ name: "axis", type: "int", value: axis }] as const;
  const line = addBefore(graph, value, { operator: "Gather", inputs: [x, list], attributes }, shape.with(axis, count));
  // 0: as it is, such as the rows
  const sizes = [...shape.slice(0, axis).map(() => 0), ...indices.shape, ...shape.slice(axis + 1)];
  const target = graph.addConstant({ type: "int64", shape: [sizes.length], data: Float64Array.from(sizes) });
  makeBy(graph, value, { operator: "Reshape", inputs: [line, target] });
}

/** The root of the sum of squares. */
function length(graph: WorkGraph, node: WorkNode): void {
  const [x = "", ...axes] = node.inputs;
  const value = outputOf(node);
  const squares = addBefore(graph, value, { operator: "Mul", inputs: [x, x] }, graph.shape(x));
  const sum = { operator: "ReduceSum", inputs: [squares, ...axes], attributes: node.attributes.all };
  makeBy(graph, value, { operator: "Sqrt", inputs: [addBefore(graph, value, sum)] });
}

/** z less its LogSoftmax is that in every place. */
function logSumExp(graph: WorkGraph, node: WorkNode): void {
  const [z = ""] = node.inputs;
  const value = outputOf(node);
  const axes = axesOf(graph, node);
  const shape = graph.shape(z);
  if (axes?.length !== 1 || !shape) return;
  const axis = axes[0]! < 0 ? axes[0]! + shape.length : axes[0]!;
  if (graph.opset() < 13 && axis !== shape.length - 1) return;
  const softmax = {
    operator: "LogSoftmax",
    inputs: [z],
    attributes: [{ name: "axis", type: "int", value: axis }],
  } as const;
  const difference = { operator: "Sub", inputs: [z, addBefore(graph, value, softmax, shape)] };
  makeBy(graph, value, {
    operator: "ReduceMean",
    inputs: [addBefore(graph, value, difference, shape)],
    attributes: [
      { name: "axes", type: "ints", value: [axis] },
      { name: "keepdims", type: "int", value: node.attributes.int("keepdims", 1) },
    ],
  });
}

/** Copies as Concat takes: more than a file's author writes down. */
const MOST_COPIES = 256;

/** Expand where there is one place, Concat where there are several. */
function tile(graph: WorkGraph, node: WorkNode): void {
  const [x = "", count = ""] = node.inputs;
  const shape = graph.shape(x);
  const repeats = graph.constants.get(count)?.data;
  const value = outputOf(node);
  if (!shape || repeats?.length !== shape.length || graph.constants.has(x)) return;
  if (repeats.some((copies) => !(Number.isInteger(copies) && copies >= 1))) return;
  const target = shape.map((n, axis) => n * repeats[axis]!);
  const copied = shape.flatMap((n, axis) => (n > 1 && repeats[axis] !== 1 ? [axis] : []));
  if (copied.some((axis) => repeats[axis]! > MOST_COPIES) || copied.length > 1) return;
  const [axis] = copied;
  const own = axis === undefined ? target : target.with(axis, shape[axis]!);
  const data = Float64Array.from(own, (n, at) => (repeats[at] === 1 ? 1 : n));
  const expand = { operator: "Expand", inputs: [x, graph.addConstant({ type: "int64", shape: [data.length], data })] };
  if (axis === undefined) return makeBy(graph, value, expand);
  const expanded = sizeOf(own) === sizeOf(shape) ? x : addBefore(graph, value, expand, own);
  makeBy(graph, value, {
    operator: "Concat",
    inputs: Array<string>(repeats[axis]!).fill(expanded),
    attributes: [{ name: "axis", type: "int", value: axis }],
  });
}

/** So that what is near 0 has a root. */
const LEAST_SQUARE = 1e-30;

/**
 * What no pattern took, by means of other operators: exponentials as quotients of logistic functions, and powers of what is above 0 as
 * x / (x^2)^beta, which LRN of a single channel is.
 */
export function lastResorts(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "Exp")) exponential(graph, node);
  for (const node of nodesOf(graph, "Sqrt")) power(graph, node, 0.5);
  for (const node of nodesOf(graph, "Pow")) {
    const exponent = plainNumber(graph, node.inputs[1] ?? "");
    if (exponent !== undefined && !Number.isInteger(exponent)) power(graph, node, exponent);
  }
}

/** exp(x) = sigmoid(x) / sigmoid(-x) */
function exponential(graph: WorkGraph, node: WorkNode): void {
  const [x = ""] = node.inputs;
  const value = outputOf(node);
  const turned = addBefore(graph, value, { operator: "Neg", inputs: [x] });
  const [top, bottom] = [x, turned].map((z) => addBefore(graph, value, { operator: "Sigmoid", inputs: [z] }));
  makeBy(graph, value, { operator: "Div", inputs: [top!, bottom!] });
}

function power(graph: WorkGraph, node: WorkNode, exponent: number): void {
  const [x = ""] = node.inputs;
  const shape = graph.shape(x);
  const value = outputOf(node);
  // roots are of sums of squares, variances, and the like: below 0 there is none
  if (graph.constants.has(x) || !shape?.length || !(exponent < 1) || nearly(exponent, -1)) return;
  const attributes = [
    { name: "size", type: "int", value: 1 },
    { name: "alpha", type: "float", value: 1 },
    { name: "beta", type: "float", value: (1 - exponent) / 2 },
    { name: "bias", type: "float", value: LEAST_SQUARE },
  ] as const;
  if (shape.length > 1) return makeBy(graph, value, { operator: "LRN", inputs: [x], attributes });
  const axes = [{ name: "axes", type: "ints", value: [1] }] as const;
  const column = addBefore(graph, value, { operator: "Unsqueeze", inputs: [x], attributes: axes }, [...shape, 1]);
  const root = addBefore(graph, value, { operator: "LRN", inputs: [column], attributes }, [...shape, 1]);
  makeBy(graph, value, { operator: "Squeeze", inputs: [root], attributes: axes });
}
