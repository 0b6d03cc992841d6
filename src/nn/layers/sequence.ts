// What layers on sequences share, and the normalisation that goes with them: their binary.
import { type Shape, shapeText } from "../../util/shape.ts";

/** Steps and channels of an input. */
export function sequenceOf(input: Shape, where: string): readonly [number, number] {
  if (input.length !== 2)
    throw new RangeError(`${where}: the input must be a sequence, [steps, channels], got ${shapeText(input)}`);
  return input as readonly [number, number];
}
