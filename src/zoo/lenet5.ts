import { relu, tanh } from "../nn/activations/index.ts";
import { checkKeys, checkOneOf, checkWhole } from "../util/check.ts";
import { avgPool2d, conv2d, dense, flatten, maxPool2d } from "../nn/layers/index.ts";
import type { Shape } from "../util/shape.ts";
import { type Network, checkShapeOf } from "./network.ts";

/** Sizes and variants of `lenet5`. */
export interface Lenet5Options {
  /** Number of classes, which is that of the outputs; default 10. */
  readonly classes?: number;
  /** Height, width and channels of an image; default [28, 28, 1]. */
  readonly input?: Shape;
  /** "tanh" as in the paper (default), or "relu", which learns faster. */
  readonly activation?: "tanh" | "relu";
  /** "average" as in the paper (default), or "max", which is right more often. */
  readonly pooling?: "average" | "max";
}

/**
 * LeNet-5, which read the digits on cheques: two convolutions, each with pooling, and three dense layers. Ends in numbers for
 * `softmaxCrossEntropy`.
 *
 *     conv 6 5x5, tanh, pool    28x28x6, 14x14x6     dense 120, tanh
 *     conv 16 5x5, tanh, pool   10x10x16, 5x5x16     dense 84, tanh, dense classes
 *
 * Shapes: x [28, 28, 1], y [classes]. 61,706 parameters. As it is built today: each filter of the second convolution sees all
 * channels, pooling has no weights, and the last layer is dense; the paper's differs in these. Its images of 32 x 32 have a
 * border of 2, which here the first convolution adds.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example
 * const { input, layers } = lenet5({ activation: "relu", pooling: "max" });
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * model.classify(pixels); // rows of 784 numbers will do, too: two images
 */
export function lenet5(options: Lenet5Options = {}): Network {
  checkKeys("lenet5", options, ["classes", "input", "activation", "pooling"]);
  const { classes = 10, activation = "tanh", pooling = "average", input: shape = [28, 28, 1] } = options;
  checkWhole("lenet5", "classes", classes, 2);
  const input = checkShapeOf("lenet5", shape, 3);
  checkOneOf("lenet5", "activation", activation, ["tanh", "relu"]);
  checkOneOf("lenet5", "pooling", pooling, ["average", "max"]);
  const active = activation === "tanh" ? tanh : relu;
  const pool = pooling === "average" ? avgPool2d : maxPool2d;
  const layers = [
    conv2d(6, { kernelSize: 5, padding: "same" }),
    active(),
    pool(2),
    conv2d(16, { kernelSize: 5 }),
    active(),
    pool(2),
    flatten(),
    dense(120),
    active(),
    dense(84),
    active(),
    dense(classes),
  ];
  return { input, layers };
}
