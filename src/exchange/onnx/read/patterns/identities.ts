// Nodes that change nothing, and several numbers where one would do.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { coefficientsOf, plainNumber, polynomialOf } from "./polynomials.ts";
import { addBefore, isOperator, makeBy, nodesOf, numberConstant, outputOf } from "./rewriting.ts";

/** Takes away what changes nothing. */
export function identities(graph: WorkGraph): void {
  for (const node of graph.nodes) {
    const x = node.domain === "" ? unchanged(graph, node) : undefined;
    if (x !== undefined && !graph.constants.has(x)) graph.replace(outputOf(node), x);
  }
  graph.removeUnused();
}

/** The input that a node passes on as it is. */
function unchanged(graph: WorkGraph, node: WorkNode): string | undefined {
  const { operator, inputs, outputs, attributes } = node;
  const [x = "", other = ""] = inputs;
  const value = outputOf(node);
  if (operator === "Identity") return x;
  if (operator === "Dropout") return outputs[1] || (inputs[2] && graph.scalar(inputs[2]) !== 0) ? undefined : x;
  const numbers: Readonly<Record<string, number>> = { Mul: 1, Div: 1, Pow: 1, Add: 0, Sub: 0 };
  if (Object.hasOwn(numbers, operator)) {
    const number = numbers[operator];
    if (graph.scalar(other) === number && sameShape(graph, x, value)) return x;
    const commutes = operator === "Mul" || operator === "Add";
    return commutes && graph.scalar(x) === number && sameShape(graph, other, value) ? other : undefined;
  }
  if (operator === "Where") {
    // a mask of one step hides nothing
    const condition = graph.constants.get(x)?.data;
    const chosen = condition?.every(Boolean)
      ? other
      : condition?.every((n: number) => n === 0)
        ? (inputs[2] ?? "")
        : "";
    return chosen && sameShape(graph, chosen, value) ? chosen : undefined;
  }
  if (operator === "Transpose") {
    const order = attributes.ints("perm");
    return order?.every((axis, at) => axis === at) ? x : undefined;
  }
  if (operator === "Reshape" || operator === "Squeeze" || operator === "Unsqueeze")
    return sameShape(graph, x, value) ? x : undefined;
  if (operator === "Slice") {
    const steps = inputs[4] ? graph.constants.get(inputs[4])?.data : [];
    return steps?.every((step: number) => step === 1) && sameShape(graph, x, value) ? x : undefined;
  }
  return operator === "Expand" && (sameShape(graph, x, value) || isBroadcast(graph, x, value)) ? x : undefined;
}

function sameShape(graph: WorkGraph, x: string, value: string): boolean {
  const [from, to] = [graph.shape(x), graph.shape(value)];
  return from !== undefined && from.length === to?.length && from.every((n, axis) => n === to[axis]);
}

/** Do all that take an expanded value broadcast it anyway? */
function isBroadcast(graph: WorkGraph, x: string, value: string): boolean {
  const wanted = graph.shape(value);
  if (!wanted || !graph.shape(x) || graph.isOutput(value)) return false;
  return graph.consumers(value).every((node) => {
    if (!isOperator(node, "Add", "Sub", "Mul", "Div") || node.inputs[0] === node.inputs[1]) return false;
    const other = graph.shape(node.inputs.find((input) => input !== value) ?? "");
    return other?.length === wanted.length && other.every((n, axis) => n === wanted[axis]);
  });
}

const LINES = "Add Sub Mul Div Neg".split(" ");

/** Several numbers that a value is multiplied with and moved by become one factor and one offset. */
export function scales(graph: WorkGraph): void {
  for (const last of nodesOf(graph, ...LINES)) {
    const chain = chainTo(graph, last);
    const [first] = chain;
    if (!first || chain.length < 2) continue;
    const x = first.inputs.find((input) => plainNumber(graph, input) === undefined)!;
    const value = outputOf(last);
    const line = coefficientsOf(polynomialOf(graph, value, new Set([x])), x, 1);
    if (!line) continue;
    const [offset, factor] = line as [number, number];
    const steps = (factor === 1 ? 0 : 1) + (offset === 0 ? 0 : 1);
    if (factor === 0 || steps === 0 || steps >= chain.length) continue;
    if (offset === 0) makeBy(graph, value, { operator: "Mul", inputs: [x, numberConstant(graph, factor)] });
    else {
      const times = { operator: "Mul", inputs: [x, factor === 1 ? "" : numberConstant(graph, factor)] };
      const scaled = factor === 1 ? x : addBefore(graph, value, times, graph.shape(x));
      makeBy(graph, value, { operator: "Add", inputs: [scaled, numberConstant(graph, offset)] });
    }
  }
  graph.removeUnused();
}

/** The nodes that end with one, each of which takes one before and a number. Empty: another follows it. */
function chainTo(graph: WorkGraph, last: WorkNode): readonly WorkNode[] {
  const next = graph.onlyConsumer(outputOf(last));
  if (next && isLine(graph, next)) return [];
  const result: WorkNode[] = [];
  for (let node: WorkNode | undefined = last; node && isLine(graph, node);) {
    result.unshift(node);
    const x: string = node.inputs.find((input) => plainNumber(graph, input) === undefined)!;
    node = graph.onlyConsumer(x) ? graph.producer(x) : undefined;
  }
  return result;
}

/** Does a node take one value and a number? 1 / x is no line. */
function isLine(graph: WorkGraph, node: WorkNode): boolean {
  if (!isOperator(node, ...LINES)) return false;
  const numbers = node.inputs.map((input) => plainNumber(graph, input));
  if (node.operator === "Neg") return numbers[0] === undefined;
  if (node.operator === "Div" && (numbers[1] === undefined || numbers[1] === 0)) return false;
  return (
    numbers.filter((number) => number === undefined).length === 1 &&
    !node.inputs.some((x) => graph.constants.has(x) && plainNumber(graph, x) === undefined)
  );
}
