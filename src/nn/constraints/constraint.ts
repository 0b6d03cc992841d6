// Describes constraints by their kernels and the axes that they work along.
import { loadSequence } from "../../../build/binaries.js";
import type { Constraint } from "../../graph/parameter.ts";
import { checkKind, checkWhole } from "../../util/check.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import type { ConstraintStem } from "../../runtime/kernels.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";

/** One axis, or several consecutive ones that count as one. */
export type Axis = number | readonly number[];

/** A constraint by the stem of its kernel; `kernelArgs`: slots after those of all constraints. */
export function constraint(
  stem: ConstraintStem,
  axis: Axis | undefined,
  options: Constraint["options"],
  kernelArgs: KernelArgs,
): Constraint {
  const isAxis = axis === undefined || typeof axis === "number" || Array.isArray(axis);
  checkKind(isAxis, stem, "axis", "an axis or an array of neighbouring ones", axis);
  const axes = axis === undefined ? undefined : typeof axis === "number" ? [axis] : Array.from(axis);
  axes?.forEach((value, i) => checkWhole(stem, typeof axis === "number" ? "axis" : `axis[${i}]`, value, 0));
  if (axes && (axes.length === 0 || axes.some((value, i) => value !== axes[0]! + i))) {
    throw new RangeError(
      `${stem}: axis must be one axis or neighbouring ones in their order, got [${axes.join(", ")}]`,
    );
  }
  return Object.freeze<Constraint>({
    constraint: stem,
    options: axis === undefined ? options : { ...options, axis: typeof axis === "number" ? axis : axes! },
    load: loadSequence,
    args(shape, where) {
      // the weights that go into a unit: all axes but the last; of a bias, its only axis
      const [first, last] = axes ? [axes[0]!, axes.at(-1)!] : [0, Math.max(0, shape.length - 2)];
      if (last >= shape.length)
        throw new RangeError(`${stem}: ${where} is ${shapeText(shape)} and has no axis ${last}`);
      return {
        outer: sizeOf(shape.slice(0, first)),
        n: sizeOf(shape.slice(first, last + 1)),
        inner: sizeOf(shape.slice(last + 1)),
        ...kernelArgs,
      };
    },
  });
}
