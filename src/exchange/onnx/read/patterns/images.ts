// Norms of images that are written as reshapes around simpler operators.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { coefficientsOf, polynomialOf } from "./polynomials.ts";
import { encloses, isOperator, makeBy, nodesOf, outputOf } from "./rewriting.ts";

const sameShape = (a: readonly number[] | undefined, b: readonly number[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((n, axis) => n === b[axis]);

/** GroupNorm: the groups as channels of InstanceNormalization, which are told apart again behind it. */
export function groupNorms(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "InstanceNormalization")) {
    const [joined = "", ones = "", zeros = ""] = node.inputs;
    const before = graph.producer(joined);
    const after = graph.onlyConsumer(outputOf(node));
    if (!isOperator(before, "Reshape") || !isOperator(after, "Reshape") || after.inputs[0] !== outputOf(node)) continue;
    const [x = ""] = before.inputs;
    const shape = graph.shape(x);
    const groups = graph.shape(joined)?.[1];
    const channels = shape?.[1];
    if (!groups || !channels || channels % groups !== 0 || !sameShape(shape, graph.shape(outputOf(after)))) continue;
    if (graph.shape(joined)![0] !== shape[0] || !all(graph, ones, 1) || !all(graph, zeros, 0)) continue;
    if (!encloses(graph, outputOf(after), new Set([x]))) continue;
    const [scaled, scale] = parameter(graph, outputOf(after), "Mul", shape);
    const [end, bias] = parameter(graph, scaled, "Add", shape);
    const inputs = [x, scale ?? filled(graph, channels, 1), bias ?? filled(graph, channels, 0)];
    makeBy(graph, end, {
      operator: "GroupNormalization",
      inputs,
      attributes: [
        { name: "num_groups", type: "int", value: groups },
        { name: "epsilon", type: "float", value: node.attributes.float("epsilon", 1e-5) },
      ],
    });
  }
  graph.removeUnused();
}

/** The same number for each channel. */
const filled = (graph: WorkGraph, channels: number, number: number): string =>
  graph.addConstant({ type: "float", shape: [channels], data: new Float32Array(channels).fill(number) });

const all = (graph: WorkGraph, name: string, number: number): boolean =>
  graph.constants.get(name)?.data.every((n) => n === number) ?? false;

/** A number for each channel that is multiplied with or added to a value: what comes out, and the numbers as a vector. */
function parameter(
  graph: WorkGraph,
  value: string,
  operator: string,
  shape: readonly number[],
): readonly [value: string, numbers: string | undefined] {
  const node = graph.onlyConsumer(value);
  if (!isOperator(node, operator)) return [value, undefined];
  const constant = graph.constants.get(node.inputs.find((input) => input !== value) ?? "");
  const rank = shape.length;
  const full = constant && [...Array<number>(Math.max(rank - constant.shape.length, 0)).fill(1), ...constant.shape];
  const fits = full?.length === rank && full.every((n, axis) => n === (axis === 1 ? shape[1] : 1));
  if (!constant || !fits) return [value, undefined];
  const { type, data } = constant;
  return [outputOf(node), graph.addConstant({ type, shape: [data.length], data })];
}

const SHAPES = ["Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten"];

/** The value before all that changes the shape alone. */
function unshaped(graph: WorkGraph, value: string): string {
  const node = graph.producer(value);
  return isOperator(node, ...SHAPES) ? unshaped(graph, node.inputs[0] ?? "") : value;
}

/** LocalResponseNorm: x / (bias + alpha * mean of x^2 over neighbouring channels)^beta. */
export function localResponses(graph: WorkGraph): void {
  for (const pool of nodesOf(graph, "AveragePool")) {
    const shaped = shapedFrom(graph, outputOf(pool));
    const x = squareOf(graph, unshaped(graph, pool.inputs[0] ?? ""));
    const size = x === undefined ? undefined : neighbours(graph, pool, x);
    if (x === undefined || size === undefined || !sameShape(graph.shape(x), graph.shape(shaped))) continue;
    for (const power of powersOf(graph, shaped)) {
      const terms = coefficientsOf(polynomialOf(graph, power.inputs[0] ?? "", new Set([shaped])), shaped, 1);
      const beta = graph.scalar(power.inputs[1] ?? "");
      const quotient = graph.onlyConsumer(outputOf(power));
      if (!terms || beta === undefined || !isOperator(quotient, "Div") || quotient.inputs[0] !== x) continue;
      if (!encloses(graph, outputOf(quotient), new Set([x]))) continue;
      const [bias, alpha] = terms as [number, number];
      makeBy(graph, outputOf(quotient), {
        operator: "LRN",
        inputs: [x],
        attributes: [
          { name: "size", type: "int", value: size },
          { name: "alpha", type: "float", value: alpha },
          { name: "beta", type: "float", value: beta },
          { name: "bias", type: "float", value: bias },
          // where the odd one of an even number is, ONNX doesn't say
          ...(size % 2 === 0 ? [{ name: "before", type: "int", value: size / 2 } as const] : []),
        ],
      });
      break;
    }
  }
  graph.removeUnused();
}

/** The last value that is the same numbers in another shape. */
function shapedFrom(graph: WorkGraph, value: string): string {
  const node = graph.onlyConsumer(value);
  return isOperator(node, ...SHAPES) && node.inputs[0] === value ? shapedFrom(graph, outputOf(node)) : value;
}

/** The x of x^2. */
function squareOf(graph: WorkGraph, value: string): string | undefined {
  const node = graph.producer(value);
  const [x = "", other = ""] = node?.inputs ?? [];
  if (isOperator(node, "Mul") && x === other) return x;
  return isOperator(node, "Pow") && graph.scalar(other) === 2 ? x : undefined;
}

/** How many channels a pool goes over that leaves everything else; they are its first axis. */
function neighbours(graph: WorkGraph, { inputs, attributes }: WorkNode, x: string): number | undefined {
  const [from, own] = [graph.shape(inputs[0] ?? ""), graph.shape(x)];
  const kernel = attributes.ints("kernel_shape");
  const given = attributes.ints("pads");
  if (!from || !own || !kernel || !given || from[0] !== own[0] || from[1] !== 1 || from[2] !== own[1]) return undefined;
  const [size = 0, ...others] = kernel;
  const rest = given.filter((_, at) => at % kernel.length !== 0);
  const once = (attributes.ints("strides") ?? []).every((n) => n === 1);
  if (!once || others.some((n) => n !== 1) || rest.some((n) => n !== 0)) return undefined;
  const fits = given[0] === Math.floor(size / 2) && given[kernel.length] === Math.floor((size - 1) / 2);
  return fits && attributes.int("count_include_pad", 0) === 1 ? size : undefined;
}

/** The powers of a value that is multiplied and added to. */
function powersOf(graph: WorkGraph, value: string): readonly WorkNode[] {
  const result: WorkNode[] = [];
  for (let own = value; result.length === 0;) {
    const node = graph.onlyConsumer(own);
    if (isOperator(node, "Pow")) result.push(node);
    else if (isOperator(node, "Mul", "Add", "Div")) own = outputOf(node);
    else break;
  }
  return result;
}
