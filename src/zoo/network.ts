// What the functions of the zoo return: a network as a value.
import { checkShape } from "../util/check.ts";
import type { Inputs } from "../nn/composites/inputs.ts";
import type { Layer } from "../graph/layer.ts";
import { type Shape, shapeText } from "../util/shape.ts";

/**
 * A network as a value: what it takes, and its layers. `sequential({ input, seed }, ...layers)` makes a model of it;
 * `layers` can be taken apart and put into other models.
 */
export interface Network<Input extends Shape | Inputs = Shape> {
  /** Shape of a row of the input, or several `inputs`. */
  readonly input: Input;
  /** The layers, in their order. */
  readonly layers: readonly Layer[];
}

/**
 * What `Network` is called now.
 *
 * @deprecated Use `Network`.
 */
export type Architecture<Input extends Shape | Inputs = Shape> = Network<Input>;

/** Refuses an input shape that doesn't have so many axes. */
export function checkShapeOf(where: string, input: Shape | number, axes: 1 | 3): Shape {
  const shape = checkShape(where, "input", input);
  if (shape.length === axes) return shape;
  const wanted = axes === 1 ? "one number" : "an image, [height, width, channels]";
  throw new RangeError(`${where}: input must be ${wanted}, got ${shapeText(shape)}`);
}
