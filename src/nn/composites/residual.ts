import type { Layer } from "../../graph/layer.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import { sumOf } from "./add.ts";
import { checkLayers, composite } from "./composite.ts";

/**
 * Adds what goes in to what the layers make of it: y = x + f(x). The layers must leave the shape as it is. Any shape.
 *
 * @param layers f, one layer or more; composites may be among them
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} when a model is made, if they change the shape
 * @see He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2016
 * @example sequential({ input: 16 }, residual(dense(16), relu(), dense(16)), relu(), dense(2))
 */
export function residual(...layers: readonly Layer[]): Layer {
  return residualOf(layers);
}

/** `residual` of a list: a file's layers can be more than a call can have arguments. */
export function residualOf(layers: readonly Layer[]): Layer {
  checkLayers("residual", "the layers", layers);
  return composite("residual", layers, {}, (graph, x, inner) =>
    graph.add(sumOf(problem), graph.chain(inner, x), { other: x }),
  );
}

const problem = (output: Shape, x: Shape): string =>
  `residual adds what goes in to what its layers make of it, so they must keep the shape, ` +
  `but they make ${shapeText(output)} of ${shapeText(x)}; end with a layer that gives ${shapeText(x)}`;
