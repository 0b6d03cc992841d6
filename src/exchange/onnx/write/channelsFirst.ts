// Which inputs and outputs of a model have their channels first already: such as those of a model that was read from a file of PyTorch's,
// which turns its images itself.
import type { ModelNode, Value } from "../../../graph/layer.ts";
import type { Shape } from "../../../util/shape.ts";

const NORMS = new Set(["batchNorm", "groupNorm", "instanceNorm", "localResponseNorm"]);

/** Does a layer take a row's axes as height, width and channels? */
const readsImages = ({ layer, input }: ModelNode): boolean =>
  input.length === 3 && (/2d(?:Transpose)?$/.test(layer.type) || NORMS.has(layer.type));

/** Does a node move an axis, 0 or 2, to the other end? A reshape does where that leaves the numbers in their order. */
function movesAxis({ layer, input, output }: ModelNode, axis: 0 | 2): boolean {
  if (input.length !== 3) return false;
  const order = axis === 0 ? [1, 2, 0] : [2, 0, 1];
  if (layer.type === "permute") return (layer.options["order"] as readonly number[]).join() === order.join();
  const channels = input[axis]!;
  return (
    layer.type === "reshape" &&
    output.join() === order.map((from) => input[from]!).join() &&
    (channels === 1 || input.every((size, i) => i === axis || size === 1))
  );
}

/** What is behind all nodes. */
const END = -2;

type Next = (value: Value) => readonly ModelNode[];

/** All nodes that are met from a value on, but for what comes after those that `ends` holds for. */
function metFrom(start: Value, next: Next, ends: (node: ModelNode) => boolean = () => false): ReadonlySet<ModelNode> {
  const met = new Set<ModelNode>();
  const waiting = [start];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const node of next(value)) {
      if (met.has(node)) continue;
      met.add(node);
      if (!ends(node)) waiting.push(node.index);
    }
  }
  return met;
}

/** Are there nodes that `moves` holds for, what reads images behind these, and nothing that does before? */
function movedFirst(start: Value, next: Next, moves: (node: ModelNode) => boolean): boolean {
  const met = [...metFrom(start, next, moves)];
  return !met.some(readsImages) && met.filter(moves).some(({ index }) => [...metFrom(index, next)].some(readsImages));
}

/** Is an input an image with its channels first? All that reads it as an image has them moved to the end before. */
export function isInputFirst(nodes: readonly ModelNode[], value: Value, shape: Shape): boolean {
  const readers = new Map<Value, ModelNode[]>();
  for (const node of nodes) {
    for (const from of new Set([node.from, ...Object.values(node.others)])) {
      readers.set(from, [...(readers.get(from) ?? []), node]);
    }
  }
  const moves = (node: ModelNode): boolean => movesAxis(node, 0) && node.input[0] === shape[0];
  return movedFirst(value, (from) => readers.get(from) ?? [], moves);
}

/** Is an output an image with its channels first? All that gives it as an image has them moved to the front after. */
export function isOutputFirst(nodes: readonly ModelNode[], value: Value, shape: Shape): boolean {
  const makers = (index: Value): ModelNode[] => (nodes[index] ? [nodes[index]] : []); // none of an only input
  const sources = (index: Value): ModelNode[] =>
    index === END
      ? makers(value)
      : makers(index).flatMap(({ from, others }) => [from, ...Object.values(others)].flatMap(makers));
  return movedFirst(END, sources, (node) => movesAxis(node, 2) && node.output[0] === shape[0]);
}
