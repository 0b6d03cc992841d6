// Activations of pieces: ReLU and Clip as maxima and minima, HardSigmoid, Softsign, and those that choose by Where.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { type Bounds, boundsOf } from "./activations.ts";
import { coefficientsOf, nearly, plainNumber, polynomialOf } from "./polynomials.ts";
import {
  downstream,
  encloses,
  type Instead,
  isOperator,
  makeBy,
  nodesOf,
  numberConstant,
  outputOf,
  upstream,
} from "./rewriting.ts";

/** Pieces of straight lines. */
export function thresholds(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "Max", "Min")) extreme(graph, node);
  for (const node of nodesOf(graph, "Clip")) joinClips(graph, node);
  for (const node of nodesOf(graph, "Clip")) hardSigmoid(graph, node);
  for (const node of nodesOf(graph, "Abs")) softsign(graph, node);
  for (const node of nodesOf(graph, "Where")) chosen(graph, node);
  for (const node of nodesOf(graph, "Add")) softShrink(graph, node);
  graph.removeUnused();
}

/** Max and Min with a number. */
function extreme(graph: WorkGraph, node: WorkNode): void {
  if (node.inputs.length !== 2) return;
  const [a, b] = node.inputs as readonly [string, string];
  const [x, number] = plainNumber(graph, a) === undefined ? [a, plainNumber(graph, b)] : [b, plainNumber(graph, a)];
  if (number === undefined || graph.constants.has(x)) return;
  if (number === 0 && node.operator === "Max") makeBy(graph, outputOf(node), { operator: "Relu", inputs: [x] });
  else makeBy(graph, outputOf(node), clip(graph, x, node.operator === "Max" ? { min: number } : { max: number }));
}

/** Clip with bounds as the file's opset has them. */
function clip(graph: WorkGraph, x: string, { min, max }: Bounds): Instead {
  if (graph.opset() < 11) {
    const bounds = Object.entries({ min, max }).flatMap(([name, value]) => {
      return value === undefined ? [] : [{ name, type: "float", value } as const];
    });
    return { operator: "Clip", inputs: [x], attributes: bounds };
  }
  const low = min === undefined ? "" : numberConstant(graph, min);
  return { operator: "Clip", inputs: max === undefined ? [x, low] : [x, low, numberConstant(graph, max)] };
}

/** Clip behind Clip or ReLU: one with the bounds of both. */
function joinClips(graph: WorkGraph, node: WorkNode): void {
  const [value = ""] = node.inputs;
  const before = graph.producer(value);
  if (!isOperator(before, "Clip", "Relu") || !graph.onlyConsumer(value)) return;
  const first = isOperator(before, "Relu") ? { min: 0, max: undefined } : boundsOf(graph, before);
  const second = boundsOf(graph, node);
  const bounds = [first.min, first.max, second.min, second.max];
  if (bounds.some(Number.isNaN)) return;
  const min = Math.max(first.min ?? -Infinity, second.min ?? -Infinity);
  const max = Math.min(first.max ?? Infinity, second.max ?? Infinity);
  if (!(min < max)) return;
  const [low, high] = [min, max].map((bound) => (Number.isFinite(bound) ? bound : undefined));
  makeBy(graph, outputOf(node), clip(graph, before.inputs[0]!, { min: low, max: high }));
}

/** Clip(x + 3, 0, 6) / 6, and others between 0 and 1. */
function hardSigmoid(graph: WorkGraph, node: WorkNode): void {
  const { min, max } = boundsOf(graph, node);
  const [inner = ""] = node.inputs;
  const t = outputOf(node);
  if (min !== 0 || max === undefined || !(max > 0)) return;
  for (const value of downstream(graph, t)) {
    const outer = coefficientsOf(polynomialOf(graph, value, new Set([t])), t, 1);
    if (!outer || outer[0] !== 0 || !nearly(outer[1]! * max, 1)) continue;
    for (const x of upstream(graph, inner).toReversed()) {
      const line = coefficientsOf(polynomialOf(graph, inner, new Set([x])), x, 1);
      if (!line || !(line[1]! > 0) || line[0] === 0 || !encloses(graph, value, new Set([x]))) continue;
      return makeBy(graph, value, {
        operator: "HardSigmoid",
        inputs: [x],
        attributes: [
          { name: "alpha", type: "float", value: line[1]! / max },
          { name: "beta", type: "float", value: line[0]! / max },
        ],
      });
    }
  }
}

/** x / (1 + |x|) */
function softsign(graph: WorkGraph, node: WorkNode): void {
  const [x = ""] = node.inputs;
  const size = outputOf(node);
  const total = graph.onlyConsumer(size);
  if (!isOperator(total, "Add")) return;
  const quotient = graph.onlyConsumer(outputOf(total));
  if (!isOperator(quotient, "Div") || quotient.inputs[0] !== x) return;
  const line = coefficientsOf(polynomialOf(graph, outputOf(total), new Set([size])), size, 1);
  if (line?.[0] === 1 && line[1] === 1) makeBy(graph, outputOf(quotient), { operator: "Softsign", inputs: [x] });
}

/** The x of x > bound or x < bound, the bound, and whether x has to be above. */
function comparison(graph: WorkGraph, value: string): { x: string; bound: number; above: boolean } | undefined {
  const node = graph.producer(value);
  if (!node) return undefined;
  if (isOperator(node, "Cast")) return comparison(graph, node.inputs[0] ?? "");
  if (!isOperator(node, "Greater", "Less", "GreaterOrEqual", "LessOrEqual")) return undefined;
  const [a = "", b = ""] = node.inputs;
  const greater = isOperator(node, "Greater", "GreaterOrEqual");
  const right = plainNumber(graph, b);
  if (right !== undefined) return { x: a, bound: right, above: greater };
  const left = plainNumber(graph, a);
  return left === undefined ? undefined : { x: b, bound: left, above: !greater };
}

function chosen(graph: WorkGraph, node: WorkNode): void {
  const [condition = "", yes = "", no = ""] = node.inputs;
  const value = outputOf(node);
  const is = comparison(graph, condition);
  if (is) {
    const { x, bound, above } = is;
    if (!encloses(graph, value, new Set([x]))) return;
    const [high, low] = above ? [yes, no] : [no, yes];
    const lowNumber = plainNumber(graph, low);
    if (high === x && lowNumber === 0) {
      const attributes = [{ name: "alpha", type: "float", value: bound }] as const;
      if (bound === 0) return makeBy(graph, value, { operator: "Relu", inputs: [x] });
      if (bound > 0) return makeBy(graph, value, { operator: "ThresholdedRelu", inputs: [x], attributes });
    }
    const slope = coefficientsOf(polynomialOf(graph, low, new Set([x])), x, 1);
    if (high === x && bound === 0 && slope?.[0] === 0 && slope[1]! >= 0) {
      const attributes = [{ name: "alpha", type: "float", value: slope[1]! }] as const;
      makeBy(graph, value, { operator: "LeakyRelu", inputs: [x], attributes });
    }
    return;
  }
  // 0 between -bound and bound
  const either = graph.producer(uncast(graph, condition));
  if (!isOperator(either, "Or") || plainNumber(graph, no) !== 0) return;
  const [first, second] = [comparison(graph, either.inputs[0] ?? ""), comparison(graph, either.inputs[1] ?? "")];
  if (!first || !second || first.x !== yes || second.x !== yes || first.above === second.above) return;
  const [high, low] = first.above ? [first.bound, second.bound] : [second.bound, first.bound];
  if (!(high >= 0) || !nearly(high, -low) || !encloses(graph, value, new Set([yes]))) return;
  makeBy(graph, value, shrink(yes, high, 0));
}

const shrink = (x: string, lambd: number, bias: number) =>
  ({
    operator: "Shrink",
    inputs: [x],
    attributes: [
      { name: "lambd", type: "float", value: lambd },
      { name: "bias", type: "float", value: bias },
    ],
  }) as const;

function uncast(graph: WorkGraph, value: string): string {
  const node = graph.producer(value);
  return isOperator(node, "Cast") ? uncast(graph, node.inputs[0] ?? "") : value;
}

/** x - bound above it, x + bound below its negative, and 0 between: the sum of two choices. */
function softShrink(graph: WorkGraph, node: WorkNode): void {
  const parts = node.inputs.map((input) => side(graph, input));
  const [first, second] = parts;
  if (!first || !second || first.x !== second.x || first.above === second.above) return;
  const { bound, x } = first.above ? first : second;
  const other = first.above ? second : first;
  if (bound >= 0 && nearly(bound, -other.bound) && encloses(graph, outputOf(node), new Set([x])))
    makeBy(graph, outputOf(node), shrink(x, bound, bound));
}

/** x - bound on one side of a bound, 0 on the other. */
function side(graph: WorkGraph, value: string): { x: string; bound: number; above: boolean } | undefined {
  const node = graph.producer(value);
  if (!isOperator(node, "Where")) return undefined;
  const [condition = "", yes = "", no = ""] = node.inputs;
  const is = comparison(graph, condition);
  if (!is || plainNumber(graph, no) !== 0) return undefined;
  const line = coefficientsOf(polynomialOf(graph, yes, new Set([is.x])), is.x, 1);
  return line?.[1] === 1 && nearly(line[0]!, -is.bound) ? is : undefined;
}
