import { relu } from "../nn/activations/index.ts";
import { checkFraction, checkKeys, checkPositive, checkWhole, valueText } from "../util/check.ts";
import { heNormal } from "../nn/initializers/normal.ts";
import type { Layer } from "../graph/layer.ts";
import { conv2d, dense, dropout, flatten, localResponseNorm, maxPool2d } from "../nn/layers/index.ts";
import type { Shape } from "../util/shape.ts";
import { type Network, checkShapeOf } from "./network.ts";

/** Sizes and variants of `alexnet`. */
export interface AlexnetOptions {
  /** Number of classes, which is that of the outputs; default 1000. */
  readonly classes?: number;
  /** Height, width and channels of an image; default [227, 227, 3]. */
  readonly input?: Shape;
  /** 2: the second, fourth and fifth convolution see half of the channels each, as on the paper's two GPUs; default 1. */
  readonly groups?: 1 | 2;
  /** What the numbers of filters and of units are multiplied by, for smaller networks; default 1. */
  readonly width?: number;
  /** Dropout rate of the two large dense layers; default 0.5. */
  readonly dropout?: number;
}

/**
 * AlexNet, which won the ImageNet competition of 2012: eight layers with weights, relu, overlapping pooling, and local response
 * normalisation. Ends in numbers for `softmaxCrossEntropy`.
 *
 *     conv 96 11x11/4, relu, norm, pool   55x55x96, 27x27x96      conv 384 3x3, relu          13x13x384
 *     conv 256 5x5, relu, norm, pool      27x27x256, 13x13x256    conv 256 3x3, relu, pool    13x13x256, 6x6x256
 *     conv 384 3x3, relu                  13x13x384               dense 4096, 4096, classes
 *
 * Shapes: x [227, 227, 3], y [classes]. 62,378,344 parameters, 60,965,224 with two groups. A step of 8 images takes 0.6 GB of
 * memory with `sgd()`, 1.1 GB with `adam()`.
 *
 * The paper starts weights at a deviation of 0.01 and some biases at 1; here they start as in `heNormal()`, and at 0.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012 (its images
 *   are 227 pixels wide, though the text says 224)
 * @example
 * const { input, layers } = alexnet({ input: [67, 67, 3], classes: 10, width: 1 / 16 }); // a small one
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * console.log(String(model.summary()));
 */
export function alexnet(options: AlexnetOptions = {}): Network {
  checkKeys("alexnet", options, ["classes", "input", "groups", "width", "dropout"]);
  const { classes = 1000, groups = 1, width = 1, dropout: rate = 0.5, input: shape = [227, 227, 3] } = options;
  checkWhole("alexnet", "classes", classes, 2);
  const input = checkShapeOf("alexnet", shape, 3);
  if (groups !== 1 && groups !== 2) throw new RangeError(`alexnet: groups must be 1 or 2, got ${valueText(groups)}`);
  checkPositive("alexnet", "width", width);
  checkFraction("alexnet", "dropout", rate);

  const kernelInitializer = heNormal();
  // even numbers, so that two groups have equally many
  const wide = (n: number): number => 2 * Math.ceil((n * width) / 2);
  checkWhole("alexnet", "units of a layer, 4096 times width,", wide(4096));
  const conv = (filters: number, kernelSize: number, inGroups = 1): Layer[] => [
    conv2d(wide(filters), { kernelSize, padding: "same", groups: inGroups, kernelInitializer }),
    relu(),
  ];
  // the paper doesn't divide alpha by the five channels
  const norm = (): Layer => localResponseNorm({ size: 5, alpha: 5 * 1e-4, beta: 0.75, bias: 2 });
  const pool = (): Layer => maxPool2d(3, { strides: 2 });
  const full = (): Layer[] => [dense(wide(4096), { kernelInitializer }), relu(), dropout(rate)];
  const layers = [
    conv2d(wide(96), { kernelSize: 11, strides: 4, kernelInitializer }),
    relu(),
    norm(),
    pool(),
    ...conv(256, 5, groups),
    norm(),
    pool(),
    ...conv(384, 3),
    ...conv(384, 3, groups),
    ...conv(256, 3, groups),
    pool(),
    flatten(),
    ...full(),
    ...full(),
    dense(classes),
  ];
  return { input, layers };
}
