import { loadConvolution } from "../../../build/binaries.js";
import { checkFraction, checkKeys, checkNotNegative, checkNumber, checkOneOf } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";
import { imageOf } from "./image.ts";

const FLIPS = ["none", "horizontal", "vertical", "both"] as const;

/** Options of `augment2d`. All are 0 or "none" by default. */
export interface AugmentOptions extends Named {
  /** Mirrors half of the images: "horizontal" to the right and left, "vertical" up and down, "both" each by itself. */
  readonly flip?: (typeof FLIPS)[number];
  /** Moves them by up to this share of the height and of the width; below 1. */
  readonly shift?: number;
  /** Turns them by up to so many degrees in either direction; at most 180. */
  readonly rotate?: number;
  /** Makes them up to this share larger or smaller; below 1. */
  readonly zoom?: number;
  /** Adds the same number to all cells of an image: at most this, at least its negative. */
  readonly brightness?: number;
}

/**
 * Shows each image a little differently in every pass of training, so that a network learns what stays the same: mirrored, moved, turned, larger or
 * smaller, brighter or darker, [height, width, channels] to the same. During `predict` and `evaluate` it passes images
 * through.
 *
 * How far is drawn for each image, evenly from the negative of the option to the option itself; it depends on the model's seed, the
 * layer's index, the pass and the row in its batch, and on nothing else. With the matrix M = R(angle) / (1 + zoom), whose rows are
 * mirrored where the image is, the output's cell at p is at M (p - middle - shift) + middle of the input, and is blended of the four cells around
 * (bilinear); beyond the edge are the cells of the edge. For noise, add `gaussianNoise`; a random crop is a shift of an image with a border.
 *
 * @param options.flip "none", "horizontal", "vertical" or "both"; default "none"
 * @param options.shift share of the height and width, from 0 up to but not including 1; default 0
 * @param options.rotate degrees, from 0 to 180; default 0
 * @param options.zoom share, from 0 up to but not including 1; default 0
 * @param options.brightness in the units of the input, 0 or more; default 0
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no image
 * @see Simard, Steinkraus, Platt, "Best practices for convolutional neural networks applied to visual document analysis", 2003
 * @example sequential({ input: [8, 8, 1] }, augment2d({ shift: 0.1, rotate: 10 }), conv2d(4, { kernelSize: 3 }), flatten(), dense(2))
 */
export function augment2d(options: AugmentOptions = {}): Layer {
  checkKeys("augment2d", options, ["flip", "shift", "rotate", "zoom", "brightness", "name"]);
  const { flip = "none", shift = 0, rotate = 0, zoom = 0, brightness = 0, name } = options;
  checkOneOf("augment2d", "flip", flip, FLIPS);
  checkFraction("augment2d", "shift", shift);
  checkNotNegative("augment2d", "rotate", rotate);
  checkNumber(rotate <= 180, "augment2d", "rotate", "from 0 to 180", rotate);
  checkFraction("augment2d", "zoom", zoom);
  checkNotNegative("augment2d", "brightness", brightness);
  return Object.freeze<LibraryLayer>({
    type: "augment2d",
    name,
    options: { flip, shift, rotate, zoom, brightness },
    kernel: "augment2d",
    prepare: ["augment2dPlaces"],
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    trainingOnly: true,
    load: loadConvolution,
    outputShape(input, where) {
      imageOf(input, where);
      return input;
    },
    args(context, input) {
      const [height, width, channels] = input as [number, number, number];
      return {
        places: context.saved("places", 32),
        stream: context.index,
        program: context.program,
        scratch: context.scratch(64),
        height,
        width,
        channels,
        flip: FLIPS.indexOf(flip),
        shiftY: f32(shift * height),
        shiftX: f32(shift * width),
        rotate: f32((rotate * Math.PI) / 180),
        zoom: f32(zoom),
        brightness: f32(brightness),
      };
    },
    flops: (input) => 20 * sizeOf(input),
  });
}
