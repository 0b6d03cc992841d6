// What layers on sequences share: rows of the shape [steps, channels].
import { type Shape, shapeText } from "../../util/shape.ts";

/** Steps and channels of a sequence. `axes` and `what` are for the message: the names of the axes, and what is no sequence. */
export function sequenceOf(
  input: Shape,
  where: string,
  axes = "[steps, channels]",
  what = "the input",
): readonly [number, number] {
  if (input.length === 2) return input as readonly [number, number];
  throw new RangeError(`${where}: ${what} must be a sequence, ${axes}, got ${shapeText(input)}`);
}
