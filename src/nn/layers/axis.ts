// What layers that work along one axis of a row share.
import { checkKind } from "../../util/check.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";

/** Refuses what can't be an axis of any row. */
export function checkAxis(where: string, axis: number): void {
  checkKind(Number.isInteger(axis), where, "axis", "a whole number", axis);
}

/** The place of an axis, from 0. Throws if the input doesn't have it; negative ones count from the end. */
export function axisOf(axis: number, input: Shape, where: string): number {
  const place = axis < 0 ? input.length + axis : axis;
  if (place >= 0 && place < input.length) return place;
  const most = input.length - 1;
  throw new RangeError(
    `${where}: axis must be one of the input's, from ${-input.length} to ${most}, got ${axis} for ${shapeText(input)}`,
  );
}

/** A row as blocks [n, inner], where n is the size of an axis. */
export function blocksOf(axis: number, input: Shape): { blocks: number; n: number; inner: number } {
  const place = axisOf(axis, input, "axis");
  return {
    blocks: sizeOf(input.slice(0, place)),
    n: input[place]!,
    inner: sizeOf(input.slice(place + 1)),
  };
}

/** The shape without an axis; that of a single number if it is the only one. */
export function withoutAxis(input: Shape, place: number): Shape {
  return input.length === 1 ? [1] : input.toSpliced(place, 1);
}
