import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkPositive, checkWhole } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** x to the power of a whole number, by squares: the same bits in every engine. */
function power(x: number, n: number): number {
  let result = 1;
  for (let left = n, square = x; left >= 1; left = Math.floor(left / 2), square *= square) {
    if (left % 2 === 1) result *= square;
  }
  return result;
}

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions extends Named {
  /** Channels of the window; default 5. */
  readonly size?: number;
  /** Weight of the mean of the squares; default 1e-4. */
  readonly alpha?: number;
  /** The power; default 0.75. */
  readonly beta?: number;
  /** What is added to the mean, k in the paper; default 2. */
  readonly bias?: number;
}

/**
 * Divides every number by a power of the mean square of its own and the neighbouring channels at the same position, as in
 * AlexNet:
 * y = x / (bias + alpha / size times the sum of x^2 over the window)^beta. The window's `size` channels have x in the
 * middle, an even size one more before it; channels beyond the ends count 0. Any shape, the channels last. Nothing is learned.
 *
 * alpha is divided by the size, as in PyTorch; in the paper and in TensorFlow it is not: their 1e-4 is 5e-4 here.
 *
 * @param options.size 1 or more; default 5
 * @param options.alpha above 0; default 1e-4; alpha / size and bias to the power of -beta must be normal float32, too
 * @param options.beta above 0; default 0.75
 * @param options.bias above 0; default 2 (the paper's; PyTorch 1)
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012
 * @example sequential({ input: [8, 8, 3] }, dense(12), relu(), localResponseNorm(), flatten(), dense(1))
 */
export function localResponseNorm(options: LocalResponseNormOptions = {}): Layer {
  checkKeys("localResponseNorm", options, ["size", "alpha", "beta", "bias", "name"]);
  const { size = 5, alpha = 1e-4, beta = 0.75, bias = 2, name } = options;
  checkWhole("localResponseNorm", "size", size);
  for (const [key, value] of Object.entries({ alpha, beta, bias })) checkPositive("localResponseNorm", key, value);
  checkPositive("localResponseNorm", "alpha / size", alpha / size);
  // what numbers are multiplied by where their neighbours are 0; beta is rounded up, so that a whole power is enough
  checkPositive("localResponseNorm", "bias to the power of -beta", 1 / power(bias, Math.ceil(beta)));
  const before = Math.floor(size / 2);
  const after = size - 1 - before;
  return Object.freeze<LibraryLayer>({
    type: "localResponseNorm",
    name,
    options: { size, alpha, beta, bias },
    kernel: "localResponseNorm",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "input",
    load: loadConvolution,
    outputShape: (input) => input,
    args(context, input) {
      const n = input.at(-1)!;
      return {
        n,
        before,
        after,
        share: f32(alpha / size),
        beta: f32(beta),
        bias: f32(bias),
        scratch: context.scratch(8 * (n + before + after + 12)),
      };
    },
    flops: (input) => (size + 40) * sizeOf(input),
  });
}
