// What passes have in common: the way from a value on, what lies between values, and putting something else in their place.
import type { OnnxAttribute } from "../../../../formats/onnxTypes.ts";
import { broadcastShape } from "../fold/numbers.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { ARITHMETIC, type Multiple } from "./polynomials.ts";

/** One of ONNX's own operators? */
export function isOperator(node: WorkNode, ...operators: readonly string[]): boolean;
export function isOperator(node: WorkNode | undefined, ...operators: readonly string[]): node is WorkNode;
export function isOperator(node: WorkNode | undefined, ...operators: readonly string[]): boolean {
  return node !== undefined && node.domain === "" && operators.includes(node.operator);
}

/** The nodes of some operators, as they are now. */
export const nodesOf = (graph: WorkGraph, ...operators: readonly string[]): readonly WorkNode[] =>
  [...graph.nodes].filter((node) => isOperator(node, ...operators));

/** The first output, which nearly all operators have alone. */
export const outputOf = (node: WorkNode): string => node.outputs[0] ?? "";

/** The other of two inputs. */
export const otherInput = (node: WorkNode, value: string): string =>
  node.inputs[0] === value ? (node.inputs[1] ?? "") : (node.inputs[0] ?? "");

/** A value, and those that arithmetic makes of it, each of the one before, which nothing else takes. */
export function downstream(graph: WorkGraph, value: string, most = 8): readonly string[] {
  const result = [value];
  for (let own = value; result.length <= most;) {
    const next = graph.onlyConsumer(own);
    if (!next || next.domain || !ARITHMETIC.has(next.operator)) break;
    own = outputOf(next);
    result.push(own);
  }
  return result;
}

/** A value, and those that it is made of by arithmetic, near ones first. */
export function upstream(graph: WorkGraph, value: string, most = 24): readonly string[] {
  const result = new Set([value]);
  for (const own of result) {
    const node = graph.producer(own);
    if (!node || node.domain || !ARITHMETIC.has(node.operator) || result.size >= most) continue;
    for (const input of node.inputs) if (input && !graph.constants.has(input)) result.add(input);
  }
  return [...result];
}

/** Nodes of a pattern: more than any spells. */
const MOST_INSIDE = 64;

/** Is all that lies between a value and others, which it is made of, for that value alone? */
export function encloses(graph: WorkGraph, value: string, leaves: ReadonlySet<string>): boolean {
  const root = graph.producer(value);
  const inside = new Set<WorkNode>();
  const open = root ? [root] : [];
  for (let node = open.pop(); node; node = open.pop()) {
    if (inside.has(node)) continue;
    if (inside.size === MOST_INSIDE) return false;
    inside.add(node);
    for (const input of node.inputs) {
      const producer = leaves.has(input) ? undefined : graph.producer(input);
      if (producer) open.push(producer);
    }
  }
  return [...inside].every(
    (node) =>
      node === root ||
      node.outputs.every(
        (output) => !graph.isOutput(output) && graph.consumers(output).every((consumer) => inside.has(consumer)),
      ),
  );
}

/** What a value is made by from now on. */
export interface Instead {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly attributes?: readonly OnnxAttribute[] | undefined;
}

/** Makes a value by another operator than so far. What went into it before isn't removed. */
export function makeBy(graph: WorkGraph, value: string, instead: Instead): void {
  const before = graph.producer(value);
  if (before) graph.removeNode(before);
  graph.addNode({ ...instead, outputs: [value], name: before?.name });
}

/** Adds a node in front of the one that makes a value, and gives its output. Its shape: that of the value, if no other is given. */
export function addBefore(graph: WorkGraph, value: string, instead: Instead, shape = graph.shape(value)): string {
  const output = graph.fresh(value);
  graph.addNode({ ...instead, outputs: [output], name: graph.producer(value)?.name });
  if (shape) graph.setShape(output, shape);
  return output;
}

/** The shape of several values that are computed with number by number. */
function broadcastOf(graph: WorkGraph, values: readonly string[]): readonly number[] | undefined {
  const shapes = values.map((value) => graph.shape(value));
  return shapes.every((shape) => shape !== undefined) ? broadcastShape(...shapes) : undefined;
}

/** A number as a constant. */
export const numberConstant = (graph: WorkGraph, number: number): string =>
  graph.addConstant({ type: "float", shape: [], data: Float32Array.of(number) });

/** Makes a value of an operator's result times a number and values with powers of 1, -1, 0.5 and -0.5. */
export function makeMultiple(graph: WorkGraph, value: string, instead: Instead, { scale, rest }: Multiple): void {
  const plain = Math.abs(scale - 1) < 1e-6;
  if (plain && rest.size === 0) return makeBy(graph, value, instead);
  let own = addBefore(graph, value, instead, graph.shape(instead.inputs[0] ?? ""));
  const steps: Instead[] = [];
  for (const [other, power] of rest) {
    const half = Math.abs(power) === 0.5;
    const factor = half ? addBefore(graph, value, { operator: "Sqrt", inputs: [other] }, graph.shape(other)) : other;
    steps.push({ operator: power < 0 ? "Div" : "Mul", inputs: [factor] });
  }
  if (!plain) steps.push({ operator: "Mul", inputs: [numberConstant(graph, scale)] });
  steps.forEach(({ operator, inputs }, at) => {
    const step = { operator, inputs: [own, ...inputs] };
    if (at === steps.length - 1) makeBy(graph, value, step);
    else own = addBefore(graph, value, step, broadcastOf(graph, step.inputs));
  });
}

/** Can a multiple be made of `makeMultiple`? */
export const isMakeable = ({ rest }: Multiple): boolean =>
  [...rest.values()].every((power) => [1, -1, 0.5, -0.5].includes(power));

/** The axes of a reduction, as they are written; undefined: all, or not known. */
export function axesOf(graph: WorkGraph, node: WorkNode): readonly number[] | undefined {
  const input = node.inputs[1] ? graph.constants.get(node.inputs[1]) : undefined;
  return input ? [...input.data] : node.attributes.ints("axes");
}
