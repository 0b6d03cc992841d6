import type { Layer } from "../../graph/layer.ts";
import { chainOf, checkLayers } from "./composite.ts";

/**
 * Consecutive layers as one value: to be kept in a variable, given to `shared`, or used within other composites.
 *
 * @throws {TypeError} if one isn't a layer
 * @example
 * const block = (units: number) => chain(dense(units), relu());
 * sequential({ input: 784 }, block(64), block(32), dense(10))
 */
export function chain(...layers: readonly Layer[]): Layer {
  checkLayers("chain", "the layers", layers);
  return chainOf("chain", layers);
}
