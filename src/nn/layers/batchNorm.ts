import { loadSequence } from "../../../build/binaries.js";
import { checkFraction, checkKeys } from "../../util/check.ts";
import { ones, zeros } from "../initializers/constant.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { f32 } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";
import { scratchOf, tileOf } from "./channels.ts";
import { checkNorm, NORM_KEYS, normArgs, type NormOptions, normParameters } from "./normalisation.ts";

/** Options of `batchNorm`. */
export interface BatchNormOptions extends NormOptions {
  /**
   * The batch's share of the running statistics, as in PyTorch: new = (1 - momentum) old + momentum batch; default 0.1.
   * Keras' momentum is 1 minus this one.
   */
  readonly momentum?: number;
  /**
   * False: factors and offsets stay, and the running statistics are used, and stay too, while training as well; default true.
   */
  readonly trainable?: boolean;
}

/**
 * Gives every channel (number of the last axis) mean 0 and variance 1 over the batch and all other axes, and then a factor
 * and an offset, which are learned: y = gamma (x - mean) / sqrt(variance + epsilon) + beta. Any shape.
 *
 * While training, mean and variance are those of the batch (the variance divides by n), and go into running ones, the
 * layer's state:
 * new = (1 - momentum) old + momentum batch, where the batch's variance divides by n - 1, as in PyTorch. Otherwise, and
 * with `trainable: false`, the running ones are used: `runningMean` starts at 0, `runningVariance` at 1.
 *
 * @param options.momentum the batch's share, from 0 up to but not including 1; default 0.1 (what Keras calls 0.9)
 * @param options.epsilon above 0; default 1e-5
 * @throws {TypeError | RangeError} if an option can't be used, or, when training, a batch has one number per channel
 * @see Ioffe, Szegedy, "Batch normalization", 2015
 * @example sequential({ input: 16 }, dense(32), batchNorm(), relu(), dense(1))
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  checkKeys("batchNorm", options, ["momentum", ...NORM_KEYS]);
  const { momentum = 0.1 } = options;
  checkFraction("batchNorm", "momentum", momentum);
  const settings = checkNorm("batchNorm", options);
  const { epsilon, trainable } = settings;
  return Object.freeze<LibraryLayer>({
    type: "batchNorm",
    name: options.name,
    options: { momentum, ...settings },
    kernel: "batchNorm",
    backwardReads: "input",
    trainable,
    load: loadSequence,
    outputShape: (input) => input,
    checkBatch(rows, input, where) {
      if (rows * sizeOf(input) > input.at(-1)!) return; // asked of trained layers alone
      throw new RangeError(
        `${where} needs two values or more of every channel in a training batch, but there is one in a batch of ${rows} row; ` +
          `take another batchSize, or dropLast if the last batch is too small`,
      );
    },
    parameters(input) {
      const shape = [input.at(-1)!];
      return [
        ...normParameters(input, settings),
        { name: "runningMean", shape, initializer: zeros(), trained: false, follows: momentum },
        { name: "runningVariance", shape, initializer: ones(), trained: false, follows: momentum },
      ];
    },
    args(context, input) {
      const n = input.at(-1)!;
      const tile = tileOf(input);
      return {
        ...normArgs(context),
        runningMean: context.parameter("runningMean"),
        runningVariance: context.parameter("runningVariance"),
        n,
        tile,
        epsilon: f32(epsilon),
        momentum: f32(momentum),
        // frozen, by itself or by what it is part of, it has the statistics that it was trained with
        batch: context.training && context.trained ? 1 : 0,
        statistics: context.saved("statistics", Math.ceil((8 * n) / context.capacity)),
        scratch: context.scratch(scratchOf(tile)),
        program: context.program,
      };
    },
    flops: (input) => 8 * sizeOf(input),
  });
}
