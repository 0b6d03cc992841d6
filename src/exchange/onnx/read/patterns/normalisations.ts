// LayerNormalization and RMSNormalization that are written as means, squares and roots.
import { sizeOf } from "../../../../util/shape.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { type Multiple, multipleOf, nearly, type Polynomial, polynomialOf } from "./polynomials.ts";
import {
  addBefore,
  axesOf,
  downstream,
  type Instead,
  isOperator,
  makeBy,
  makeMultiple,
  nodesOf,
  otherInput,
  outputOf,
} from "./rewriting.ts";

/** (x - mean) / sqrt(scale * variance + epsilon), or x / sqrt(scale * mean of x^2 + epsilon). */
interface Normalisation {
  readonly x: string;
  /** x - mean, or x itself. */
  readonly difference: string;
  readonly centred: boolean;
  /** Below 0: the first of the axes, which are the last ones of x, counted from the end. Above: the only one, which isn't the last. */
  readonly axis: number;
  readonly epsilon: number;
  readonly scale: number;
}

/** Means, squares and roots along the last axes become one operator, with factors and a bias where they follow. */
export function normalisations(graph: WorkGraph): void {
  for (const mean of nodesOf(graph, "ReduceMean", "ReduceSum")) {
    for (const variance of [outputOf(mean), ...downstream(graph, outputOf(mean)).slice(1)]) {
      for (const root of rootsOf(graph, variance)) rewrite(graph, mean, variance, root);
    }
  }
  graph.removeUnused();
}

/** The nodes that take a value's root, or divide by it. */
const rootsOf = (graph: WorkGraph, value: string): readonly WorkNode[] =>
  graph
    .consumers(value)
    .filter((node) => isOperator(node, "Sqrt") || (isOperator(node, "Pow") && node.inputs[0] === value));

function rewrite(graph: WorkGraph, mean: WorkNode, variance: string, root: WorkNode): void {
  const normalisation = normalisationOf(graph, mean, variance);
  if (!normalisation) return;
  const { difference } = normalisation;
  const pattern: Polynomial = [
    {
      scale: 1,
      powers: new Map([
        [difference, 1],
        [variance, -0.5],
      ]),
    },
  ];
  const focus = new Set([difference, variance]);
  for (const start of startsOf(graph, root)) {
    let best: { value: string; multiple: Multiple } | undefined;
    for (const value of start) {
      const multiple = multipleOf(polynomialOf(graph, value, focus), pattern);
      // factors that aren't constants stay outside
      if (!multiple || ![...multiple.rest].every(([other, power]) => power === 1 && graph.constants.has(other)))
        continue;
      if (multiple.rest.size > 1 || best) break;
      best = { value, multiple };
    }
    if (!best) continue;
    const { value, multiple } = best;
    if (multiple.rest.size === 0 && graph.consumers(value).length > 1) {
      // several norms of the same value, each with factors of its own
      for (const use of graph.consumers(value)) {
        const factor = otherInput(use, value);
        const isFactor = isOperator(use, "Mul") && fits(graph, factor, graph.shape(value), normalisation.axis);
        if (isFactor) make(graph, normalisation, outputOf(use), { ...multiple, rest: new Map([[factor, 1]]) });
      }
    }
    if (graph.consumers(value).length > 0 || graph.isOutput(value)) make(graph, normalisation, value, multiple);
  }
}

/** What follows a root: each of its uses with what comes behind. */
function startsOf(graph: WorkGraph, root: WorkNode): readonly (readonly string[])[] {
  const value = outputOf(root);
  const next = graph.consumers(value);
  if (next.length === 1 && isOperator(next[0], "Reciprocal", "Div") && next[0].inputs[0] !== undefined) {
    const [only] = next as readonly [WorkNode];
    const inverse = isOperator(only, "Reciprocal") || graph.constants.has(only.inputs[0] ?? "");
    // 1 / root may be taken by several
    if (inverse) return graph.consumers(outputOf(only)).map((node) => downstream(graph, outputOf(node)));
  }
  return next.map((node) => downstream(graph, outputOf(node)));
}

function normalisationOf(graph: WorkGraph, mean: WorkNode, variance: string): Normalisation | undefined {
  const squares = mean.inputs[0] ?? "";
  const node = graph.producer(squares);
  if (!node || mean.attributes.int("keepdims", 1) !== 1) return undefined;
  const twice = isOperator(node, "Mul") && node.inputs[0] === node.inputs[1];
  if (!twice && !(isOperator(node, "Pow") && graph.scalar(node.inputs[1] ?? "") === 2)) return undefined;
  const difference = node.inputs[0] ?? "";
  if (graph.constants.has(difference)) return undefined;
  const axes = lastAxes(graph, mean, difference);
  if (!axes) return undefined;
  const terms = polynomialOf(graph, variance, new Set([outputOf(mean)]));
  let epsilon = 0;
  let scale = 0;
  for (const term of terms) {
    if (term.powers.size === 0) epsilon = term.scale;
    else if (term.powers.size === 1 && term.powers.get(outputOf(mean)) === 1) scale = term.scale;
    else return undefined;
  }
  if (!(scale > 0)) return undefined;
  if (isOperator(mean, "ReduceSum")) {
    const shape = graph.shape(difference);
    if (!shape) return undefined;
    scale *= axes > 0 ? shape[axes]! : sizeOf(shape.slice(axes));
  }
  // the layers of norms have an epsilon
  if (!(Math.fround(epsilon / scale) > 0)) return undefined;
  const x = centredOf(graph, difference, axes);
  const common = { difference, axis: axes, epsilon: epsilon / scale, scale };
  return x === undefined ? { x: difference, centred: false, ...common } : { x, centred: true, ...common };
}

/** The axes of a reduction, as `Normalisation` has them. */
function lastAxes(graph: WorkGraph, node: WorkNode, x: string): number | undefined {
  const rank = graph.shape(x)?.length;
  const axes = axesOf(graph, node)?.map((axis) => (axis < 0 || rank === undefined ? axis : axis - rank));
  const first = axes && Math.min(...axes);
  if (axes?.length === 1 && rank !== undefined && first! < -1 && first! > -rank) return first! + rank;
  if (!axes || !first || axes.length !== -first || new Set(axes).size !== axes.length) return undefined;
  return axes.every((axis) => axis < 0) ? first : undefined;
}

/** The x of x - mean(x) along the same axes; the mean may be added with its sign turned. */
function centredOf(graph: WorkGraph, difference: string, axis: number): string | undefined {
  const node = graph.producer(difference);
  if (!isOperator(node, "Sub", "Add")) return undefined;
  const [a = "", b = ""] = node.inputs;
  for (const [x, other] of isOperator(node, "Sub")
    ? [[a, b] as const]
    : ([
        [a, b],
        [b, a],
      ] as const)) {
    const turned = graph.producer(other);
    const negative = isOperator(turned, "Neg");
    if (negative === isOperator(node, "Sub")) continue;
    const mean = graph.producer(negative ? (turned.inputs[0] ?? "") : other);
    if (!isOperator(mean, "ReduceMean") || mean.inputs[0] !== x) continue;
    if (mean.attributes.int("keepdims", 1) === 1 && lastAxes(graph, mean, x) === axis) return x;
  }
  return undefined;
}

function make(graph: WorkGraph, own: Normalisation, value: string, { scale, rest }: Multiple): void {
  const { x, centred, axis, epsilon } = own;
  const shape = graph.shape(x);
  const total = scale / Math.sqrt(own.scale);
  const goesWith = (name: string | undefined): name is string => name !== undefined && fits(graph, name, shape, axis);
  const before: string | undefined = [...rest.keys()][0];
  let end = value;
  let factor: string | undefined = before;
  let bias: string | undefined;
  if (before === undefined) {
    const [next, other] = step(graph, end, "Mul");
    if (goesWith(other)) {
      end = next;
      factor = other;
    }
  }
  const foreign = before !== undefined && !goesWith(before);
  if (centred && !foreign) {
    const [next, other] = step(graph, end, "Add");
    if (goesWith(other)) {
      end = next;
      bias = other;
    }
  }
  const gain = factor === undefined || foreign ? ones(graph, total) : scaled(graph, factor, total);
  const order = shape && axis > 0 ? [...shape.keys()].filter((at) => at !== axis).concat(axis) : undefined;
  const transposed = (from: string, perm: readonly number[]): Instead => {
    return { operator: "Transpose", inputs: [from], attributes: [{ name: "perm", type: "ints", value: perm }] };
  };
  const places = order?.map((at) => shape![at]!);
  const normal: Instead = {
    operator: centred ? "LayerNormalization" : "RMSNormalization",
    inputs: [
      order ? addBefore(graph, value, transposed(x, order), places) : x,
      gain,
      ...(bias === undefined ? [] : [bias]),
    ],
    attributes: [
      { name: "axis", type: "int", value: axis > 0 ? -1 : axis },
      { name: "epsilon", type: "float", value: epsilon },
    ],
  };
  const back = order?.map((_, at) => order.indexOf(at));
  const instead = back ? transposed(addBefore(graph, value, normal, places), back) : normal;
  if (foreign) makeMultiple(graph, value, instead, { scale: 1, rest });
  else makeBy(graph, end, instead);
}

/** What an operator makes of a value and another one, and that. */
function step(graph: WorkGraph, value: string, operator: string): readonly [result: string, other: string | undefined] {
  const node = graph.onlyConsumer(value);
  return isOperator(node, operator) ? [outputOf(node), otherInput(node, value)] : [value, undefined];
}

const ones = (graph: WorkGraph, number: number): string =>
  graph.addConstant({ type: "float", shape: [1], data: Float32Array.of(number) });

/** A constant times a number. */
function scaled(graph: WorkGraph, name: string, by: number): string {
  if (nearly(by, 1)) return name;
  const { type, shape, data } = graph.constants.get(name)!;
  return graph.addConstant({ type, shape, data: data.map((n) => n * by) as Float32Array });
}

/** Is it a constant with one number for each place of the last axes? Leading axes of one place don't matter. */
function fits(graph: WorkGraph, name: string, shape: readonly number[] | undefined, axis: number): boolean {
  const constant = graph.constants.get(name);
  if (!constant || constant.data.length === 1) return false;
  if (axis > 0) {
    const end = shape!.length - axis;
    return constant.shape.at(-end) === shape![axis] && constant.data.length === shape![axis];
  }
  const own = constant.shape.slice(constant.shape.findIndex((n) => n !== 1));
  const wanted = shape?.slice(axis);
  if (!wanted) return axis === -1 && own.length === 1;
  const places = [...Array<number>(Math.max(wanted.length - own.length, 0)).fill(1), ...own];
  return places.length === wanted.length && places.every((n, at) => n === wanted[at]);
}
