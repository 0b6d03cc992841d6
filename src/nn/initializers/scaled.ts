// Initializers whose variance follows from how many numbers meet in a unit.
import type { Fans, Initializer, InitialTarget } from "../../graph/parameter.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";

/**
 * Inputs and outputs of one unit of a layer that says nothing of them: the last two axes, times the axes before them (a kernel's
 * window).
 */
export function fans(shape: Shape): Fans {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * shape.at(-2)!, fanOut: window * shape.at(-1)! };
}

type Mode = "in" | "average";

/** Fills with numbers of mean 0 and a standard deviation. */
export type Spread = (target: InitialTarget, deviation: number) => void;

/** Describes an initializer of variance `scale` / fanIn, or over the mean of fanIn and fanOut. */
export function scaled(initializer: string, scale: number, mode: Mode, spread: Spread): Initializer {
  const deviation = (shape: Shape, { fanIn, fanOut } = fans(shape)): number =>
    Math.sqrt(scale / (mode === "in" ? fanIn : (fanIn + fanOut) / 2));
  return {
    initializer,
    options: {},
    deviation,
    fill: (target) => spread(target, deviation(target.shape, target.fans)),
  };
}
