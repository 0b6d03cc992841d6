// Casts of inputs that are floats: to whole numbers where these are only looked up or counted, which layers do with floats, too; and to
// truths where these only mask.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import type { Builder } from "./builder.ts";
import { isAroundSoftmax } from "./inputMasks.ts";
import type { Ref, View } from "./types.ts";

/** What a value is a part of: an input of the model; undefined: it is computed. */
function inputOf({ ref }: View): Ref | undefined {
  let own: Ref = ref;
  while (own.step) {
    if (!["Layout", "slice", "pick"].includes(own.step.kind)) return undefined;
    own = own.step.uses[0]!.ref;
  }
  return own;
}

/** Operators that only give a value other axes, or another type. */
const MOVES = ["Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"];

/** Operators that take numbers of places, and as which input. */
const COUNTED: Readonly<Record<string, number>> = { Gather: 1, GatherND: 1, LSTM: 4, GRU: 4, RNN: 4 };

/** Does everything that takes a value fit, whatever axes it gets before? */
function onlyTaken(graph: WorkGraph, value: string, fits: (node: WorkNode, at: number) => boolean): boolean {
  const open = [value];
  for (const own of open) {
    if (graph.isOutput(own)) return false;
    for (const node of graph.consumers(own)) {
      const at = node.inputs.indexOf(own);
      if (node.domain === "" && MOVES.includes(node.operator) && at === 0) open.push(node.outputs[0]!);
      else if (node.domain !== "" || !fits(node, at)) return false;
    }
  }
  return true;
}

/** Is what a node gives only looked up, or a number of steps? A layer refuses inputs that aren't whole then. */
export function isOnlyCounted(builder: Builder, node: WorkNode, x: View): boolean {
  const { graph } = builder;
  const isCounted = (next: WorkNode, at: number): boolean => {
    if (next.operator === "Sub" && at === 0 && graph.scalar(next.inputs[1] ?? "") === 1)
      return graph.consumers(next.outputs[0]!).every(({ operator }) => operator === "GatherND");
    return Object.hasOwn(COUNTED, next.operator) && COUNTED[next.operator] === at;
  };
  return inputOf(x) !== undefined && onlyTaken(graph, node.outputs[0]!, isCounted);
}

/** Does what a node gives only choose, alone or with others, what an attention attends to? */
export function isOnlyMask(builder: Builder, node: WorkNode, x: View): boolean {
  const { graph } = builder;
  const chooses = (next: WorkNode, at: number): boolean =>
    next.operator === "And"
      ? !graph.isOutput(next.outputs[0]!) && onlyTaken(graph, next.outputs[0]!, chooses)
      : next.operator === "Where" && at === 0 && isAroundSoftmax(graph, next);
  return inputOf(x) !== undefined && onlyTaken(graph, node.outputs[0]!, chooses);
}
