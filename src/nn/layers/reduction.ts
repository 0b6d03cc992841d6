// Describes the layers that make one number of those along an axis.
import { loadValues } from "../../../build/binaries.js";
import { checkBoolean, checkKeys } from "../../util/check.ts";
import { f32, type KernelArgs } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { sizeOf } from "../../util/shape.ts";
import { axisOf, blocksOf, checkAxis, withoutAxis } from "./axis.ts";

/** Options of `sum`, `mean` and `max`. */
export interface ReductionOptions extends Named {
  /** Axis of a row along which numbers become one; negative ones count from the end; default -1, the last. */
  readonly axis?: number;
  /** The axis stays, with one place; default false: it is left out. */
  readonly keepAxis?: boolean;
}

/** Checks the options that a user gave and describes the layer. */
export function reduction(type: "sum" | "mean" | "max", options: ReductionOptions): Layer {
  checkKeys(type, options, ["axis", "keepAxis", "name"]);
  const { axis = -1, keepAxis = false, name } = options;
  checkAxis(type, axis);
  checkBoolean(type, "keepAxis", keepAxis);
  const kernel = type === "max" ? "max" : "sum";
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { axis, keepAxis },
    kernel,
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: type === "max" ? "input" : "neither",
    load: loadValues,
    outputShape(input, where) {
      const place = axisOf(axis, input, where);
      return keepAxis ? input.with(place, 1) : withoutAxis(input, place);
    },
    args(_context, input): KernelArgs {
      const blocks = blocksOf(axis, input);
      return { ...blocks, ...(kernel === "sum" && { divisor: f32(type === "mean" ? blocks.n : 1) }) };
    },
    flops: sizeOf,
  });
}
