import { type Shape, shapeText } from "../util/shape.ts";

/** Refuses what isn't a row of outputs, one for each of two or more classes. `advice`: what to do instead. */
export function checkClasses(output: Shape, type: string, where: string, advice = ""): void {
  if (output.length === 1 && output[0]! >= 2) return;
  throw new RangeError(`${where}: ${type} needs one output a class, 2 or more, got ${shapeText(output)}${advice}`);
}
