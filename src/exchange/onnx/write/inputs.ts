// Which inputs of a model are integers, and which aren't images.
import { INPUT, type ModelNode, type Value } from "../../../graph/layer.ts";

/** Slots that are numbers of steps. */
const COUNTS = "lengths";

/** The input that a value has the numbers of, if layers in between only give it other axes. */
function sourceOf(nodes: readonly ModelNode[], value: Value): Value | undefined {
  let at = value;
  while (at !== INPUT) {
    const { layer, from } = nodes[at]!;
    if (layer.type === "input") return at;
    if (layer.kernel !== undefined) return undefined;
    at = from;
  }
  return INPUT;
}

/** The inputs that are looked up in a table, or say how many steps count. */
export function wholeValues(nodes: readonly ModelNode[]): ReadonlySet<Value> {
  const found = nodes.flatMap(({ layer, from, others }) => [
    ...((layer.original ?? layer).type === "embedding" ? [from] : []),
    ...(others[COUNTS] === undefined ? [] : [others[COUNTS]]),
  ]);
  return new Set(found.flatMap((value) => sourceOf(nodes, value) ?? []));
}

/** Does attention read the value as a mask, or as numbers for its scores? */
export const isMask = (nodes: readonly ModelNode[], value: Value): boolean =>
  nodes.some(({ others }) => others["mask"] === value || others["scoreBias"] === value);
