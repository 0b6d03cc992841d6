// Control flow that isn't any: If with a condition that is known, and the Loop that EmbeddingBag is exported as.
import type { OnnxGraph, OnnxNode } from "../../../../formats/onnxTypes.ts";
import { Attributes } from "../attributes.ts";
import { capturesOf } from "../subgraphs.ts";
import { constantOf, type WorkGraph, type WorkNode } from "../workGraph.ts";
import { isOperator, makeBy, nodesOf, outputOf } from "./rewriting.ts";

/** Puts the branch that is taken in the place of an If whose condition is known. */
export function branches(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "If")) {
    const condition = graph.scalar(node.inputs[0] ?? "");
    if (condition === undefined || graph.rowDependent.has(node.inputs[0]!)) continue;
    const branch = node.attributes.graph(condition ? "then_branch" : "else_branch");
    if (branch && branch.outputs.length === node.outputs.length) inline(graph, node, branch);
  }
  graph.removeUnused();
}

function inline(graph: WorkGraph, node: WorkNode, branch: OnnxGraph): void {
  const names = outerNames(node);
  const hint = outputOf(node);
  const renamed = (name: string): string => (name === "" ? "" : (names.get(name) ?? name));
  for (const tensor of branch.initializers) names.set(tensor.name, graph.addConstant(constantOf(tensor)));
  for (const own of branch.nodes) for (const output of own.outputs) if (output) names.set(output, graph.fresh(hint));
  for (const { name, operator, domain, inputs, outputs, attributes } of branch.nodes) {
    const all = [...inputs, ...capturesOf(attributes)].map(renamed);
    graph.addNode({ name, operator, domain, inputs: all, outputs: outputs.map(renamed), attributes });
  }
  graph.removeNode(node);
  branch.outputs.forEach(({ name }, at) => graph.replace(node.outputs[at]!, renamed(name)));
}

/** What values that a node's graphs take are called now, by the names that they have within. */
function outerNames(node: WorkNode): Map<string, string> {
  const captures = capturesOf(node.attributes.all);
  const from = node.inputs.length - captures.length;
  return new Map(captures.map((name, at) => [name, node.inputs[from + at]!]));
}

const REDUCTIONS = ["ReduceMean", "ReduceSum", "ReduceMax"];

/** EmbeddingBag with bags of the same size: Gather and a reduction over each row. */
export function embeddingBags(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "Loop")) {
    const bag = bagOf(graph, node);
    if (!bag) continue;
    const value = outputOf(node);
    const rows = graph.fresh(value);
    graph.addNode({ operator: "Gather", inputs: [bag.weight, bag.ids], outputs: [rows], name: node.name });
    makeBy(graph, value, {
      operator: bag.reduction,
      inputs: [rows],
      attributes: [
        { name: "axes", type: "ints", value: [1] },
        { name: "keepdims", type: "int", value: 0 },
      ],
    });
  }
  graph.removeUnused();
}

interface Bag {
  readonly weight: string;
  /** The indices: [rows, size of a bag]. */
  readonly ids: string;
  readonly reduction: string;
}

function bagOf(graph: WorkGraph, node: WorkNode): Bag | undefined {
  const body = node.attributes.graph("body");
  if (!body || node.outputs.length !== 1 || body.inputs.length !== 2 || body.outputs.length !== 2) return undefined;
  const names = outerNames(node);
  const made = new Map<string, OnnxNode>(body.nodes.flatMap((own) => own.outputs.map((output) => [output, own])));
  const step = (name: string | undefined, operator: string): OnnxNode | undefined => {
    const own = made.get(name ?? "");
    return own?.operator === operator && own.domain === "" ? own : undefined;
  };
  const number = (name: string | undefined): number | undefined => {
    const constant = graph.constants.get(names.get(name ?? "") ?? "");
    const value = made.get(name ?? "")?.attributes.find((attribute) => attribute.name === "value");
    const own = body.initializers.find((tensor) => tensor.name === name) ?? (value?.type === "tensor" && value.value);
    const data = constant?.data ?? (own ? own.data : undefined);
    return data?.length === 1 ? Number(data[0]) : undefined;
  };
  // what each round goes over: from the offset of its number to the next
  const counter = body.inputs[0]!;
  const bound = (name: string | undefined): ArrayLike<number> | undefined => {
    const gather = step(step(name, "Unsqueeze")?.inputs[0], "Gather");
    if (gather?.inputs[1] !== counter.name) return undefined;
    return graph.constants.get(names.get(gather.inputs[0]!) ?? "")?.data;
  };
  const reduced = made.get(body.outputs[1]!.name);
  if (!reduced || !REDUCTIONS.includes(reduced.operator)) return undefined;
  const given = attributesOf(reduced);
  const axes = given.ints("axes") ?? [number(reduced.inputs[1])];
  const gather = step(reduced.inputs[0], "Gather");
  const slice = step(gather?.inputs[1], "Slice");
  if (axes.length !== 1 || axes[0] !== 0 || given.int("keepdims", 1) !== 0 || !gather || !slice) return undefined;
  if (attributesOf(gather).int("axis", 0) !== 0 || (slice.inputs[3] && number(slice.inputs[3]) !== 0)) return undefined;
  const weight = names.get(gather.inputs[0] ?? "");
  const flat = graph.producer(names.get(slice.inputs[0] ?? "") ?? "");
  const [starts, ends] = [bound(slice.inputs[1]), bound(slice.inputs[2])];
  if (!weight || !isOperator(flat, "Reshape", "Flatten") || !starts || !ends) return undefined;
  const [ids = ""] = flat.inputs;
  const shape = graph.shape(ids);
  const rounds = graph.scalar(node.inputs[0] ?? "");
  if (shape?.length !== 2 || graph.shape(outputOf(flat))?.length !== 1 || rounds !== shape[0]) return undefined;
  const size = shape[1]!;
  for (let row = 0; row < rounds; row++)
    if (starts[row] !== row * size || ends[row] !== (row + 1) * size) return undefined;
  return { weight, ids, reduction: reduced.operator };
}

const attributesOf = ({ attributes }: OnnxNode): Attributes =>
  new Attributes(attributes, (name, reason) => new TypeError(`${name}: ${reason}`));
