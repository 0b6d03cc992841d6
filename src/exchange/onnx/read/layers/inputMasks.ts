// Masks that inputs of the model say, around the softmax of an attention: scores are left out where a condition doesn't hold, and weights
// are 0 there, so that a query that attends to nothing gets zeros. Layers of attention have that as options; nothing else has.
import { gathered } from "../fold/numbers.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { axisSize } from "./atoms.ts";
import type { Builder } from "./builder.ts";
import { asItLies, use } from "./steps.ts";
import type { Atom, Conditions, Use, View } from "./types.ts";

/** What a condition is made of. */
function conditionsOf({ graph, views }: Builder, name: string): Conditions | undefined {
  const found = { constants: [] as string[], views: [] as View[] };
  const open = [name];
  for (const own of open) {
    const node = graph.producer(own);
    if (node?.operator === "And" && node.domain === "") open.push(...node.inputs);
    else if (graph.constants.has(own)) found.constants.push(own);
    else if (views.has(own)) found.views.push(views.get(own)!);
    else return undefined;
  }
  return found;
}

/** The choice behind the softmax of a choice: the same, with 0 for what isn't taken. */
function zerosBehind(graph: WorkGraph, node: WorkNode): WorkNode | undefined {
  const softmax = graph.onlyConsumer(node.outputs[0]!);
  const next = softmax?.operator === "Softmax" ? graph.onlyConsumer(softmax.outputs[0]!) : undefined;
  if (next?.operator !== "Where" || next.inputs[0] !== node.inputs[0]) return undefined;
  return next.inputs[1] === softmax!.outputs[0] && graph.scalar(next.inputs[2]!) === 0 ? next : undefined;
}

/** Is it a choice between weights and 0 that goes with one between scores and numbers far below? */
const isBehind = (graph: WorkGraph, node: WorkNode): boolean => {
  const softmax = graph.producer(node.inputs[1] ?? "");
  const before = softmax && graph.producer(softmax.inputs[0] ?? "");
  return before?.operator === "Where" && zerosBehind(graph, before) === node;
};

/** Is it one of two choices that an attention may take away? */
export const isAroundSoftmax = (graph: WorkGraph, node: WorkNode): boolean =>
  isBehind(graph, node) || zerosBehind(graph, node) !== undefined;

/** Either of the two choices, which an attention takes away; undefined: it is another. `nothing`: what counts for nothing. */
export function inputMask(builder: Builder, node: WorkNode, nothing: number): View | undefined {
  const { graph } = builder;
  const [condition, yes, no] = node.inputs as [string, string, string];
  const x = builder.views.get(yes);
  if (!x) return undefined;
  const behind = isBehind(graph, node);
  const value = graph.scalar(no);
  if (!behind && (!zerosBehind(graph, node) || value === undefined || value > nothing)) return undefined;
  const conditions = conditionsOf(builder, condition);
  if (!conditions) return undefined;
  const ref = builder.add({
    node,
    kind: behind ? "zeros" : "choice",
    uses: [asItLies(x)],
    shape: x.ref.shape,
    make() {
      throw builder.error(
        node,
        "masks that depend on the input have a layer in an attention alone: a softmax of scaled products of queries and keys, times values, all four of dense layers, with one mask for each key and one for each query and key",
      );
    },
  });
  if (!behind) ref.step!.conditions = conditions;
  return { ...x, ref };
}

/** The masks of an attention: what constants leave out, as numbers that are added, and inputs by the option that takes them. */
export interface OptionMasks {
  readonly added: readonly Float32Array[];
  readonly options: Readonly<Partial<Record<"keyMask" | "mask", Use>>>;
}

/** `sizes`: heads, queries, keys. Undefined: there is no option for one. */
export function optionMasks(
  { graph }: Builder,
  { constants, views }: Conditions,
  sizes: readonly [number, number, number],
  masked: number,
): OptionMasks | undefined {
  const added = constants.map((name) => {
    const { shape, data } = graph.constants.get(name)!;
    const own = shape.slice(-3);
    if (shape.length > 4 || (shape.length === 4 && shape[0] !== 1)) return undefined;
    const padded = [...Array<number>(3 - own.length).fill(1), ...own];
    if (graph.rowDependent.has(name) || padded.some((n, axis) => n !== 1 && n !== sizes[axis])) return undefined;
    const steps = padded.map((n, axis) => (n === 1 ? 0 : padded.slice(axis + 1).reduce((a, b) => a * b, 1)));
    const all = gathered({ type: "float", shape, data }, sizes, steps).data;
    return Float32Array.from(all, (holds) => (holds === 0 ? masked : 0));
  });
  const options: Partial<Record<"keyMask" | "mask", Use>> = {};
  for (const view of views) {
    const found = headed(view, sizes);
    if (!found) return undefined;
    const [heads, queries, keys] = found;
    const option = heads.length === 0 && queries.length === 0 ? "keyMask" : "mask";
    const fits = option === "keyMask" || axisSize(queries) === sizes[1];
    if (options[option] || !fits || axisSize(keys) !== sizes[2]) return undefined;
    const wanted =
      option === "keyMask" ? [keys] : [...(sizes[0] > 1 && heads.length > 0 ? [heads] : []), queries, keys];
    options[option] = use(view, wanted);
  }
  return added.every((each) => each !== undefined) ? { added, options } : undefined;
}

/** The axes of heads, queries and keys of a value [rows, heads, queries, keys]; undefined if it isn't one. */
export function headed({ axes }: View, sizes: readonly number[]): readonly (readonly Atom[])[] | undefined {
  const [rows, ...own] = axes;
  if (axes.length !== 4 || rows!.length !== 1 || !rows![0]!.rows) return undefined;
  return own.every((axis, at) => axis.length === 0 || axisSize(axis) === sizes[at]) ? own : undefined;
}
