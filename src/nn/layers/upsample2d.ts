import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkOneOf, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { checkPair, imageOf, type Pair } from "./image.ts";
import type { Named } from "../named.ts";

/** Where cell i of n from m is in the input: (i step - shift) / unit. */
type Places = (m: number, n: number) => readonly [step: number, shift: number, unit: number];

/** By the place of cell i in the input. */
const COORDINATES: Readonly<Record<"halfPixel" | "alignCorners" | "asymmetric", Places>> = {
  halfPixel: (m, n) => [2 * m, n - m, 2 * n],
  alignCorners: (m, n) => (n === 1 ? [0, 0, 1] : [m - 1, 0, n - 1]),
  asymmetric: (m, n) => [m, 0, n],
};

const ELSEWHERE = {
  aligncorners: 'coordinates say so: { interpolation: "bilinear", coordinates: "alignCorners" }',
  mode: "interpolation",
  scale: "factor",
  scalefactor: "factor",
};

/** Options of `upsample2d`. */
export interface UpsampleOptions extends Named {
  /** How much larger the image becomes, or how much in each direction; default 2. */
  readonly factor?: Pair;
  /** Height and width of the output, instead of a factor; may be smaller than the input. */
  readonly size?: Pair;
  /** "nearest" repeats cells, "bilinear" blends the four around a place; default "nearest". */
  readonly interpolation?: "nearest" | "bilinear";
  /** For "bilinear": where a cell of the output is in the input; default "halfPixel". */
  readonly coordinates?: keyof typeof COORDINATES;
}

/**
 * Makes an image larger, `factor` times or to a given size: [height, width, channels] to [outHeight, outWidth, channels].
 *
 * "nearest" repeats cells: y[i, j] = x[floor(i height / outHeight), floor(j width / outWidth)].
 * "bilinear" takes a weighted mean of the four cells around a place, the nearer the more; beyond the edge are the cells of the edge. With
 * `coordinates: "halfPixel"` cell i is at (i + 1/2) height / outHeight - 1/2 (PyTorch, Keras), with "alignCorners" at
 * i (height - 1) / (outHeight - 1) (PyTorch's `align_corners`), with "asymmetric" at i height / outHeight. Nothing is smoothed where the
 * image becomes smaller.
 *
 * @param factor a whole number of 1 or more, or two for height and width; default 2
 * @param options.size whole numbers for height and width, or one for both; instead of a factor
 * @param options.interpolation "nearest" or "bilinear"; default "nearest"
 * @param options.coordinates "halfPixel", "alignCorners" or "asymmetric"; default "halfPixel"
 * @throws {TypeError | RangeError} if an option can't be used, or doesn't go with another one, or the input is no image
 * @example sequential({ input: [4, 4, 2] }, upsample2d([2, 3], { interpolation: "bilinear" }), flatten(), dense(1)) // 8 x 12
 */
export function upsample2d(
  factor?: Pair | UpsampleOptions,
  options: Named & Omit<UpsampleOptions, "factor"> = {},
): Layer {
  const settings = withFirst<UpsampleOptions>("upsample2d", "factor", factor, options);
  checkKeys("upsample2d", settings, ["factor", "size", "interpolation", "coordinates", "name"], ELSEWHERE);
  const { factor: times = 2, size, interpolation = "nearest", coordinates = "halfPixel", name } = settings;
  const [down, right] = checkPair("upsample2d", "factor", times);
  const exact = size === undefined ? undefined : checkPair("upsample2d", "size", size);
  if (exact && settings.factor !== undefined) {
    throw new RangeError("upsample2d: factor and size can't both be given; leave one out");
  }
  checkOneOf("upsample2d", "interpolation", interpolation, ["nearest", "bilinear"]);
  checkOneOf("upsample2d", "coordinates", coordinates, Object.keys(COORDINATES));
  const blends = interpolation === "bilinear";
  if (!blends && settings.coordinates !== undefined) {
    throw new RangeError(
      'upsample2d: coordinates belong to interpolation "bilinear", got interpolation "nearest"; leave one out',
    );
  }
  return Object.freeze<LibraryLayer>({
    type: "upsample2d",
    name,
    options: { ...(exact ? { size: exact } : { factor: times }), interpolation, ...(blends && { coordinates }) },
    kernel: "upsample2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      return [...(exact ?? [height * down, width * right]), channels];
    },
    args(_context, input, output) {
      const [height, width, channels] = input as [number, number, number];
      const [outHeight, outWidth] = output as [number, number, number];
      const places = COORDINATES[blends ? coordinates : "asymmetric"];
      const [stepY, shiftY, unitY] = places(height, outHeight);
      const [stepX, shiftX, unitX] = places(width, outWidth);
      return {
        between: Number(blends),
        channels,
        height,
        outHeight,
        stepY,
        shiftY: shiftY >>> 0,
        unitY,
        width,
        outWidth,
        stepX,
        shiftX: shiftX >>> 0,
        unitX,
      };
    },
  });
}
