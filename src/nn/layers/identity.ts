import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";

/**
 * Passes its input on: a branch of `concat` that changes nothing, or a name for a value. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 3 }, identity({ name: "given" }), dense(4), tanh(), dense(1))
 */
export function identity(options: Named = {}): Layer {
  checkKeys("identity", options, ["name"]);
  const { name } = options;
  return Object.freeze<LibraryLayer>({ type: "identity", name, options: {}, outputShape: (input) => input });
}
