import * as w from "../../../src/index.ts";
import type { Spec } from "./spec.ts";

const IMAGE: w.Shape = [7, 6, 3];

const on = (input: w.Shape, says: string | undefined, ...make: (() => w.Layer)[]): Spec => ({
  ...(says === undefined ? {} : { says }),
  input,
  layers: () => make.map((each) => each()),
});
const image = (says: string | undefined, ...make: (() => w.Layer)[]): Spec => on(IMAGE, says, ...make);

/** Layers on images, by the ways that windows, groups and borders may lie. */
export const IMAGES: Readonly<Record<string, readonly Spec[]>> = {
  augment2d: [image(undefined, () => w.augment2d({ flip: "both", shift: 0.2, rotate: 30 }))],
  avgPool2d: [
    image(undefined, () => w.avgPool2d()),
    image("same", () => w.avgPool2d([3, 2], { strides: [1, 2], padding: "same" })),
    image("padding, dilation, counted", () =>
      w.avgPool2d(2, { padding: [1, 0, 0, 1], dilation: [1, 2], countPadding: true }),
    ),
    image("ceilMode", () => w.avgPool2d(3, { strides: 2, padding: [1, 1, 1, 1], ceilMode: true })),
    image("ceilMode, counted", () =>
      w.avgPool2d(3, { strides: 2, padding: [1, 1, 1, 1], ceilMode: true, countPadding: true }),
    ),
    image("ceilMode, dilation", () => w.avgPool2d(2, { strides: [2, 3], dilation: 2, ceilMode: true })),
  ],
  conv2d: [
    image(undefined, () => w.conv2d(4, { kernelSize: 3 })),
    image("same, strides, no bias", () =>
      w.conv2d(4, { kernelSize: [3, 2], strides: [2, 1], padding: "same", useBias: false }),
    ),
    image("groups, dilation", () => w.conv2d(6, { kernelSize: 2, dilation: 2, padding: "same", groups: 3 })),
    image("padding", () => w.conv2d(2, { kernelSize: 3, strides: [2, 3], padding: [1, 0, 4, 2] })),
    image("even window, same", () => w.conv2d(2, { kernelSize: 4, padding: "same" })),
    image(
      "LeNet",
      () => w.conv2d(4, { kernelSize: 3, padding: "same" }),
      () => w.relu(),
      () => w.maxPool2d(2),
      () => w.conv2d(5, { kernelSize: 2 }),
      () => w.tanh(),
      () => w.flatten(),
      () => w.dense(6),
      () => w.relu(),
      () => w.dense(3),
    ),
  ],
  conv2dTranspose: [
    image(undefined, () => w.conv2dTranspose(2, { kernelSize: 3 })),
    image("same, strides, no bias", () =>
      w.conv2dTranspose(3, { kernelSize: [3, 2], strides: 2, padding: "same", useBias: false }),
    ),
    image("same, window below the strides", () => w.conv2dTranspose(2, { kernelSize: 1, strides: 3, padding: "same" })),
    image("groups, dilation, outputPadding", () =>
      w.conv2dTranspose(6, {
        kernelSize: 2,
        strides: [2, 1],
        dilation: [1, 2],
        padding: [1, 0, 0, 1],
        outputPadding: 1,
        groups: 3,
      }),
    ),
    image("padding, outputPadding", () =>
      w.conv2dTranspose(2, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1], outputPadding: [1, 0] }),
    ),
  ],
  crop2d: [image(undefined, () => w.crop2d()), image("sides", () => w.crop2d([1, 0, 0, 2]))],
  depthwiseConv2d: [
    image(undefined, () => w.depthwiseConv2d(2)),
    image("same, multiplier, no bias", () =>
      w.depthwiseConv2d([3, 2], { strides: 2, padding: "same", depthMultiplier: 2, useBias: false }),
    ),
    image("padding, dilation", () => w.depthwiseConv2d(2, { padding: [2, 0, 1, 3], dilation: 2 })),
  ],
  globalAvgPool2d: [
    image(undefined, () => w.globalAvgPool2d()),
    image(
      "behind a convolution",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.globalAvgPool2d(),
      () => w.dense(2),
    ),
  ],
  globalMaxPool2d: [image(undefined, () => w.globalMaxPool2d())],
  localResponseNorm: [
    on([2, 2, 3, 4], "four axes", () => w.localResponseNorm({ size: 3, alpha: 2 })),
    image(undefined, () => w.localResponseNorm()),
    image("other numbers", () => w.localResponseNorm({ size: 3, alpha: 3, beta: 0.5, bias: 1 })),
    image("even size", () => w.localResponseNorm({ size: 2, alpha: 3, beta: 0.6, bias: 1 })),
    on([5], "a vector", () => w.localResponseNorm({ size: 3, alpha: 2 })),
    on([4, 5], "steps", () => w.localResponseNorm({ size: 4, alpha: 2, bias: 0.5 })),
  ],
  maxPool2d: [
    image(undefined, () => w.maxPool2d()),
    image("same", () => w.maxPool2d([2, 3], { strides: 2, padding: "same" })),
    image("padding, dilation", () => w.maxPool2d(2, { strides: 1, padding: [1, 0, 1, 0], dilation: [2, 1] })),
    image("ceilMode", () => w.maxPool2d(2, { strides: [2, 4], ceilMode: true })),
    image("ceilMode, padding", () => w.maxPool2d(3, { strides: 2, padding: [1, 1, 1, 1], ceilMode: true })),
    image("window below the strides, same", () => w.maxPool2d(1, { strides: 3, padding: "same" })),
  ],
  separableConv2d: [
    image(undefined, () => w.separableConv2d(4, { kernelSize: 2 })),
    image("same, multiplier, no bias", () =>
      w.separableConv2d(3, { kernelSize: 3, strides: 2, padding: "same", depthMultiplier: 2, useBias: false }),
    ),
    image("dilation", () => w.separableConv2d(2, { kernelSize: 2, dilation: 2, padding: [1, 1, 0, 2] })),
  ],
  spatialDropout2d: [image(undefined, () => w.spatialDropout2d(0.4))],
  upsample2d: [
    image(undefined, () => w.upsample2d()),
    image("two factors", () => w.upsample2d([1, 3])),
    image("size", () => w.upsample2d({ size: [10, 9] })),
    image("smaller", () => w.upsample2d({ size: [3, 4] })),
    image("bilinear", () => w.upsample2d([1, 2], { interpolation: "bilinear" })),
    image("bilinear, half pixel, size", () => w.upsample2d({ size: [4, 11], interpolation: "bilinear" })),
    image("bilinear, corners", () =>
      w.upsample2d({ size: [4, 7], interpolation: "bilinear", coordinates: "alignCorners" }),
    ),
    image("bilinear, corners, one cell", () =>
      w.upsample2d({ size: [1, 7], interpolation: "bilinear", coordinates: "alignCorners" }),
    ),
    image("bilinear, asymmetric", () =>
      w.upsample2d({ size: [10, 8], interpolation: "bilinear", coordinates: "asymmetric" }),
    ),
  ],
  zeroPad2d: [image(undefined, () => w.zeroPad2d()), image("sides", () => w.zeroPad2d([0, 1, 2, 0]))],
};
