import { checkKeys, checkWhole } from "../check.ts";
import type { Layer } from "../layer.ts";
import { type Shape, shapeText, sizeOf } from "../shape.ts";

/**
 * Gives each row other axes, keeping its numbers in the order in which they lie. Nothing is copied.
 *
 * @param shape the new sizes of a row's axes; their product must be the old one
 * @throws RangeError, when the model is built, if the products differ
 * @example sequential({ input: 784 }, reshape([28, 28]), dense(16))
 */
export function reshape(shapeOrOptions: Shape | { shape: Shape; name?: string }, more: { name?: string } = {}): Layer {
  const { shape, ...options } = "shape" in shapeOrOptions ? shapeOrOptions : { shape: shapeOrOptions, ...more };
  checkKeys("reshape", options, ["name"]);
  shape.forEach((n, i) => checkWhole("reshape", `shape[${i}]`, n));
  return Object.freeze<Layer>({
    type: "reshape",
    name: options.name,
    options: { shape: [...shape] },
    outputShape(input, where) {
      if (sizeOf(input) !== sizeOf(shape)) {
        throw new RangeError(
          `${where}: a row of ${shapeText(input)} has ${sizeOf(input)} numbers, but ${shapeText(shape)} takes ${sizeOf(shape)}`,
        );
      }
      return shape;
    },
  });
}
