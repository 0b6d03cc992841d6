import type { Layer } from "../../graph/layer.ts";
import { checkLayers } from "./composite.ts";

/**
 * A layer or composite whose parameters stay as they are: no gradients are computed for them, and no optimizer changes them.
 * Running statistics stay, too. Gradients still pass through, to layers before it.
 *
 * @throws {TypeError} if it isn't a layer
 * @see Yosinski, Clune, Bengio, Lipson, "How transferable are features in deep neural networks?", 2014
 * @example sequential({ input: 8 }, frozen(chain(dense(16), relu())), dense(2)) // random features, a trained head
 */
export function frozen(layer: Layer): Layer {
  checkLayers("frozen", "the argument", [layer]);
  return Object.freeze<Layer>({ ...layer, trainable: false });
}
