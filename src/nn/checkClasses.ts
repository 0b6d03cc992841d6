import { type Shape, shapeText } from "../util/shape.ts";

/** Refuses what isn't a row of outputs, one for each of two or more classes. `advice`: what to do instead. */
export function checkClasses(output: Shape, type: string, where: string, advice = ""): void {
  if (output.length === 1 && output[0]! >= 2) return;
  throw new RangeError(`${where}: ${type} needs one output a class, 2 or more, got ${shapeText(output)}${advice}`);
}

/** What to do about an output that a loss of classes can't take: it has several axes, or else what is given here. */
export const lossAdvice = (output: Shape, single = ""): string =>
  output.length === 1
    ? single
    : "; flatten() before the last dense layer makes one axis of several, sequenceCrossEntropy is for classes at every step";
