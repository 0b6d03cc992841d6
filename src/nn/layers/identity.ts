import { checkKeys } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";

/**
 * Passes its input on: a branch of `concat` that changes nothing, or a name for a value. Any shape.
 *
 * @throws TypeError for options other than a name
 * @example sequential({ input: 3 }, identity({ name: "given" }), dense(4), tanh(), dense(1))
 */
export function identity(options: { name?: string } = {}): Layer {
  checkKeys("identity", options, ["name"]);
  const { name } = options;
  return Object.freeze<Layer>({ type: "identity", name, options: {}, outputShape: (input) => input });
}
