// Describes zeroPad2d and crop2d, which add a border to an image or cut one off. Kernels: assembly/nn/layers/pad.ts.
import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkKind, checkWhole, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { imageOf } from "./image.ts";
import type { Named } from "../named.ts";
import { padArgs } from "./pad.ts";

/** Cells at the four sides. */
export type Border = number | readonly [top: number, bottom: number, left: number, right: number];

/** The options of zeroPad2d and crop2d. */
export interface BorderOptions extends Named {
  /** Cells at the four sides; default 1. */
  readonly border?: Border;
}

/** Checks the options that a user gave and describes the layer. */
export function borderLayer(type: "zeroPad2d" | "crop2d", borderOrOptions: Border | BorderOptions, more: Named): Layer {
  const options = withFirst<BorderOptions>(type, "border", borderOrOptions, more);
  checkKeys(type, options, ["border", "name"]);
  const { border = 1, name } = options;
  const sides = checkBorder(type, border);
  const [top, bottom, left, right] = sides;
  const sign = type === "zeroPad2d" ? 1 : -1;
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { border: sides },
    kernel: "pad",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      const output = [height + sign * (top + bottom), width + sign * (left + right), channels] as const;
      if (output[0] > 0 && output[1] > 0) return output;
      throw new RangeError(
        `${where}: something must be left of the image, but ${height}x${width} loses ${top + bottom} rows and ${left + right} columns`,
      );
    },
    args: (_context, input, output) => padArgs([sign * top, sign * left], input, output, 0, 0),
  });
}

function checkBorder(where: string, value: Border): readonly [number, number, number, number] {
  const holds = typeof value === "number" || (Array.isArray(value) && value.length === 4);
  checkKind(holds, where, "border", "a number or [top, bottom, left, right]", value);
  const sides = typeof value === "number" ? [value, value, value, value] : [...value];
  sides.forEach((n, i) => checkWhole(where, typeof value === "number" ? "border" : `border[${i}]`, n, 0));
  return sides as [number, number, number, number];
}
