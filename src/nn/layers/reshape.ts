import { checkKeys, checkShape, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * Gives each row other axes, keeping its numbers in their order in memory: such as [784] to [28, 28]. Nothing is copied.
 *
 * @param shape the new sizes of a row's axes, or the size of a single one; their product must be the old one
 * @throws {TypeError | RangeError} if it isn't made of integers of 1 or more
 * @throws {RangeError} when the model is built, if the products differ
 * @example sequential({ input: 784 }, reshape([28, 28]), dense(16))
 */
export function reshape(shape: Shape | number | ({ shape: Shape | number } & Named), options: Named = {}): Layer {
  const settings = withFirst<{ shape: Shape | number } & Named>("reshape", "shape", shape, options);
  checkKeys("reshape", settings, ["shape", "name"]);
  const output = checkShape("reshape", "shape", settings.shape);
  return Object.freeze<LibraryLayer>({
    type: "reshape",
    name: settings.name,
    options: { shape: output },
    outputShape(input, where) {
      if (sizeOf(input) !== sizeOf(output)) {
        throw new RangeError(
          `${where}: a row of ${shapeText(input)} has ${sizeOf(input)} numbers, but ${shapeText(output)} takes ${sizeOf(output)}`,
        );
      }
      return output;
    },
  });
}
