// Where a model flattens: PyTorch's numbers are then by channel, row and column there, by row, column and channel here, and the layers behind
// must have their weights in that order; likewise in front of a reshape.
import type { ModelNode } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Orders } from "./layers.ts";

/** Layers of sequences whose modules have the channels first. */
const SEQUENCES = /^(?:conv1d|maxPool1d|avgPool1d)/;
/** Layers with a parameter for each number. */
const EACH = new Set(["batchNorm", "layerNorm", "rmsNorm", "prelu"]);

const isFlat = (shape: Shape): boolean => shape.length === 1;

/** Has its output the numbers of its input, each in its place? */
const keeps = ({ layer, others, input, output, parameters }: ModelNode): boolean =>
  isFlat(input) &&
  isFlat(output) &&
  input[0] === output[0] &&
  Object.keys(others).length === 0 &&
  (parameters.length === 0 ? layer.type !== "permute" : EACH.has(layer.type));

/** Does the order matter? */
const matters = (shape: Shape): boolean => shape.at(-1)! > 1 && sizeOf(shape) > shape.at(-1)!;

/** Has PyTorch the channels of this value first: pictures, and what convolutions of sequences give? */
function isChannelsFirst(nodes: readonly ModelNode[], from: number, shape: Shape): boolean {
  if (shape.length !== 2) return shape.length === 3;
  for (let at = from; at >= 0;) {
    const { layer, input, parameters, from: before } = nodes[at]!;
    if (SEQUENCES.test(layer.type)) return true;
    if (input.length !== 2 || (parameters.length > 0 && !EACH.has(layer.type))) return false;
    at = before;
  }
  return false;
}

/** The same of a value that a reshape gives: what reads it says. */
function isReadChannelsFirst(nodes: readonly ModelNode[], index: number, shape: Shape): boolean {
  if (shape.length !== 2) return shape.length === 3;
  for (let at = index; ;) {
    const next = nodes.findIndex(({ from }) => from === at);
    if (next < 0) return false;
    const { layer, output, parameters } = nodes[next]!;
    if (SEQUENCES.test(layer.type)) return true;
    if (output.length !== 2 || parameters.length > 0) return false;
    at = next;
  }
}

/**
 * The orders of the numbers of all layers that work on flattened values.
 *
 * @throws {RangeError} if a dense layer reads flattened values that were joined with others
 */
export function torchOrders(where: string, nodes: readonly ModelNode[]): ReadonlyMap<ModelNode, Orders> {
  const orders = new Map<ModelNode, Orders>();
  const note = (node: ModelNode, more: Orders): void => void orders.set(node, { ...orders.get(node), ...more });
  /** By node: what its output was before it was flattened. */
  const flattened: (Shape | "joined" | undefined)[] = [];
  nodes.forEach((node, i) => {
    const { layer, input, output, from, others } = node;
    const before = flattened[from];
    const joins = Object.values(others).some((other) => flattened[other] !== undefined);
    if (!isFlat(input) && isFlat(output) && (layer.type === "flatten" || layer.type === "reshape")) {
      if (isChannelsFirst(nodes, from, input) && matters(input)) flattened[i] = input;
    } else if (before !== undefined || joins) {
      if (layer.type === "dense") {
        if (before === "joined")
          throw new RangeError(`${where}: ${node.name} reads what was flattened and joined with other values`);
        note(node, { input: before });
      } else if (keeps(node) && before !== "joined") {
        flattened[i] = before;
        if (node.parameters.length > 0) note(node, { input: before, output: before });
      } else if (isFlat(output)) flattened[i] = "joined";
    }
    if (layer.type !== "reshape" || !isFlat(input) || isFlat(output)) return;
    if (!matters(output) || before !== undefined || !isReadChannelsFirst(nodes, i, output)) return;
    for (let at = from; at >= 0; at = nodes[at]!.from) {
      const given = nodes[at]!;
      if (given.layer.type === "dense") note(given, { output });
      if (!keeps(given)) break;
      if (given.parameters.length > 0) note(given, { input: output, output });
    }
  });
  return orders;
}
