// Softmax, its logarithm, and other activations that are written as exponentials.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { coefficientsOf, plainNumber, polynomialOf, sameCoefficients } from "./polynomials.ts";
import { addBefore, axesOf, encloses, isOperator, makeBy, nodesOf, outputOf } from "./rewriting.ts";

/** exp(z) / sum(exp(z)), its logarithm, 1 / (1 + exp(-z)), log(1 + exp(z)). */
export function exponentials(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "Div", "Reciprocal")) softmax(graph, node);
  for (const node of nodesOf(graph, "Div", "Reciprocal")) sigmoid(graph, node);
  for (const node of nodesOf(graph, "Log")) logarithm(graph, node);
  for (const node of nodesOf(graph, "Sub", "Add")) logSoftmax(graph, node);
  graph.removeUnused();
}

/** The one axis of a reduction that keeps it, from 0 or from the end. Before opset 13, Softmax is of all axes from one on. */
function axisOf(graph: WorkGraph, node: WorkNode): number | undefined {
  const axes = axesOf(graph, node);
  if (axes?.length !== 1 || node.attributes.int("keepdims", 1) !== 1) return undefined;
  const [axis] = axes as readonly [number];
  const isLast = axis === -1 || axis + 1 === graph.shape(node.inputs[0] ?? "")?.length;
  return graph.opset() >= 13 || isLast ? axis : undefined;
}

/** z, where a value is z - max(z), or itself. */
function unshifted(graph: WorkGraph, value: string, axis: number): string {
  const node = graph.producer(value);
  if (!isOperator(node, "Sub")) return value;
  const [z = "", other = ""] = node.inputs;
  const most = graph.producer(other);
  return isOperator(most, "ReduceMax") && most.inputs[0] === z && axisOf(graph, most) === axis ? z : value;
}

function softmax(graph: WorkGraph, node: WorkNode): void {
  const [top = "", bottom = ""] = node.inputs;
  const [exponential, total] = [graph.producer(top), graph.producer(bottom)];
  if (!isOperator(exponential, "Exp") || !isOperator(total, "ReduceSum") || total.inputs[0] !== top) return;
  const axis = axisOf(graph, total);
  if (axis === undefined) return;
  const z = unshifted(graph, exponential.inputs[0] ?? "", axis);
  if (!encloses(graph, outputOf(node), new Set([z]))) return;
  makeBy(graph, outputOf(node), softmaxOf("Softmax", z, axis));
}

const softmaxOf = (operator: string, z: string, axis: number) =>
  ({ operator, inputs: [z], attributes: [{ name: "axis", type: "int", value: axis }] }) as const;

/** The x of 1 + exp(x), where a value is that. */
function exponentOf(graph: WorkGraph, value: string): string | undefined {
  const node = graph.producer(value);
  if (!isOperator(node, "Add")) return undefined;
  for (const input of node.inputs) {
    const exponential = graph.producer(input);
    if (!isOperator(exponential, "Exp")) continue;
    const terms = polynomialOf(graph, value, new Set([input]));
    if (sameCoefficients(coefficientsOf(terms, input, 1), [1, 1])) return exponential.inputs[0];
  }
  return undefined;
}

function sigmoid(graph: WorkGraph, node: WorkNode): void {
  const reciprocal = isOperator(node, "Reciprocal");
  if (!reciprocal && plainNumber(graph, node.inputs[0] ?? "") !== 1) return;
  const exponent = exponentOf(graph, node.inputs[reciprocal ? 0 : 1] ?? "");
  if (exponent === undefined || !encloses(graph, outputOf(node), new Set([exponent]))) return;
  const turned = graph.producer(exponent);
  const value = outputOf(node);
  const z = isOperator(turned, "Neg")
    ? turned.inputs[0]!
    : addBefore(graph, value, { operator: "Neg", inputs: [exponent] });
  makeBy(graph, value, { operator: "Sigmoid", inputs: [z] });
}

function logarithm(graph: WorkGraph, node: WorkNode): void {
  const value = outputOf(node);
  const [input = ""] = node.inputs;
  const before = graph.producer(input);
  if (isOperator(before, "Softmax") && graph.onlyConsumer(input)) {
    const own = before.attributes.int("axis");
    const attributes = own === undefined ? [] : [{ name: "axis", type: "int", value: own } as const];
    return makeBy(graph, value, { operator: "LogSoftmax", inputs: [before.inputs[0]!], attributes });
  }
  if (isOperator(before, "Sigmoid") && graph.onlyConsumer(input)) {
    const turned = addBefore(graph, value, { operator: "Neg", inputs: [before.inputs[0]!] });
    const soft = addBefore(graph, value, { operator: "Softplus", inputs: [turned] });
    return makeBy(graph, value, { operator: "Neg", inputs: [soft] });
  }
  const exponent = exponentOf(graph, input);
  if (exponent === undefined || !encloses(graph, value, new Set([exponent]))) return;
  makeBy(graph, value, { operator: "Softplus", inputs: [exponent] });
}

/** z - log(sum(exp(z))), in which z may be shifted by its largest number. */
function logSoftmax(graph: WorkGraph, node: WorkNode): void {
  const value = outputOf(node);
  if (!isOperator(node, "Sub")) return;
  const [z = "", other = ""] = node.inputs;
  const log = graph.producer(other);
  let axis: number | undefined;
  if (isOperator(log, "ReduceLogSumExp") && log.inputs[0] === z) axis = axisOf(graph, log);
  else if (isOperator(log, "Log")) {
    const total = graph.producer(log.inputs[0] ?? "");
    const exponential = isOperator(total, "ReduceSum") ? graph.producer(total.inputs[0] ?? "") : undefined;
    if (isOperator(exponential, "Exp") && exponential.inputs[0] === z) axis = axisOf(graph, total!);
  }
  if (axis === undefined) return;
  const from = unshifted(graph, z, axis);
  if (encloses(graph, value, new Set([from]))) makeBy(graph, value, softmaxOf("LogSoftmax", from, axis));
}
