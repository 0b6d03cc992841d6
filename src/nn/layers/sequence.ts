// What layers on sequences share: rows of the shape [steps, channels].
import { type Shape, shapeText } from "../../util/shape.ts";

/** Steps and channels of a sequence. The rest is for the message: what is no sequence, and how its axes are called. */
export function sequenceOf(
  input: Shape,
  where: string,
  axes = "[steps, channels]",
  what = "the input",
): readonly [number, number] {
  if (input.length === 2) return input as readonly [number, number];
  throw new RangeError(`${where}: ${what} must be a sequence, ${axes}, got ${shapeText(input)}`);
}
