import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * Gives each row a single axis, keeping its numbers in their order in memory: [rows, a, b, ...] to [rows, a b ...]. Nothing
 * is copied.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: [28, 28] }, flatten(), dense(10))
 */
export function flatten(options: Named = {}): Layer {
  checkKeys("flatten", options, ["name"]);
  return Object.freeze<LibraryLayer>({
    type: "flatten",
    name: options.name,
    options: {},
    outputShape: (input) => [sizeOf(input)],
  });
}
