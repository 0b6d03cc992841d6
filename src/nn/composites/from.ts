import { checkKind } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { checkLayers, composite } from "./composite.ts";

/**
 * Goes on from another value than the previous layer's: from one of the model's inputs or a layer further up, by its name.
 *
 * @param name of one of several `inputs`, or the `name` option of a layer
 * @param layers that work on it, in their order; none: the value itself
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} when a model is made, if nothing before it has the name
 * @example
 * sequential(
 *   { input: inputs({ image: [8, 8, 1], weight: 1 }) },
 *   concat([[flatten(), dense(8), relu()], from("weight", dense(2))]),
 *   dense(3),
 * )
 */
export function from(name: string, ...layers: readonly Layer[]): Layer {
  return fromOf(name, layers);
}

/** `from` with a list: a file's layers can be more than a call can have arguments. */
export function fromOf(name: string, layers: readonly Layer[]): Layer {
  checkKind(typeof name === "string", "from", "the first argument", "a name", name);
  checkLayers("from", "the layers", layers, 0);
  return composite("from", layers, { value: name }, (graph, _x, inner) => graph.chain(inner, graph.find(name, "from")));
}
