// What is thrown while a node is read or its layers are made, as the error of that node.
import { Graph } from "../../../graph/graph.ts";
import { INPUT, type Layer } from "../../../graph/layer.ts";
import type { Inputs } from "../../../nn/composites/inputs.ts";
import { checkShape } from "../../../util/check.ts";
import type { Shape } from "../../../util/shape.ts";
import { OnnxGraphError } from "../onnxError.ts";
import type { WorkGraph, WorkNode } from "./workGraph.ts";

/** What no rule of a layer says. */
const NO_RULE = "its inputs, their axes or its attributes aren't those of the operator";

/** A rule of a layer says what is wrong; what no rule expects, such as inputs that are left out, doesn't. */
function reasonOf({ name, message }: Error): string {
  const isRule = name === "RangeError" && !/^(?:Invalid |Maximum call|offset is |Array buffer)/.test(message);
  return isRule ? message.replace(/^sequential: /, "") : NO_RULE;
}

const isOwn = ({ name }: Error): boolean => name === "OnnxGraphError" || name === "FileError";

/** What was thrown, as the error of a node. */
export function errorOfNode(graph: WorkGraph, node: WorkNode, thrown: unknown): Error {
  const error = thrown as Error;
  return isOwn(error) ? error : Object.assign(graph.error(node, reasonOf(error)), { cause: error });
}

/** What was thrown, as the error of a file where no node is known. */
export function errorOfFile(file: string, thrown: unknown): Error {
  const error = thrown as Error;
  if (isOwn(error)) return error;
  const reason =
    reasonOf(error) === NO_RULE
      ? "its nodes don't fit one another; ask the file's exporter to check it"
      : reasonOf(error);
  return Object.assign(new OnnxGraphError(file, reason), { cause: error });
}

/**
 * Does what `make` does with a node.
 *
 * @throws {OnnxGraphError} of that node, whatever `make` throws
 */
export function atNode<T>(graph: WorkGraph, node: WorkNode, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw errorOfNode(graph, node, error);
  }
}

/** The node whose layers make a model of them impossible; undefined: none of them does. `owners`: of each layer. */
export function oddNode(
  input: Shape | Inputs,
  layers: readonly Layer[],
  owners: readonly (WorkNode | undefined)[],
  message: string,
): WorkNode | undefined {
  const several = "entry" in input ? input : undefined;
  const graph = new Graph(several ? several.shape : checkShape("fromOnnx", "input", input as Shape));
  const ofNode: (WorkNode | undefined)[] = [];
  let value = several ? graph.add(several.entry, INPUT) : INPUT;
  for (const [at, layer] of layers.entries()) {
    while (ofNode.length < graph.nodes.length) ofNode.push(owners[at - 1]);
    try {
      value = graph.add(layer, value);
    } catch {
      return owners[at];
    }
  }
  while (ofNode.length < graph.nodes.length) ofNode.push(owners.at(-1));
  const place = /\(layer (\d+)/.exec(message);
  return place ? ofNode[Number(place[1]) - 1] : undefined;
}
