import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkWhole, withSecond } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { f32 } from "../../runtime/record.ts";
import { divisorsOf, shapeText, sizeOf } from "../../util/shape.ts";
import { scratchOf, tileOf } from "./channels.ts";
import { checkNorm, NORM_KEYS, normArgs, type NormOptions, normParameters } from "./normalisation.ts";

/** Options of `groupNorm`. */
export interface GroupNormOptions extends NormOptions {
  /** How many groups of consecutive channels there are, a divisor of their number. */
  readonly groups: number;
}

/**
 * Gives the numbers of each row and group of channels mean 0 and variance 1, over all axes of the row, and then every
 * channel a factor and an offset, which are learned: y = gamma (x - mean) / sqrt(variance + epsilon) + beta; the variance
 * divides by n. Any shape, the channels last: [height, width, channels] has groups of height width channels / groups numbers.
 *
 * @param groups how many; 1 normalises all numbers of a row together, as many as channels each channel by itself
 * @param options.epsilon above 0; default 1e-5
 * @throws {TypeError | RangeError} if an option can't be used, or the groups don't divide the channels
 * @see Wu, He, "Group normalization", 2018
 * @example sequential({ input: [8, 8, 3] }, dense(12), groupNorm(4), relu(), flatten(), dense(1))
 */
export function groupNorm(groups: number | GroupNormOptions, options: Omit<GroupNormOptions, "groups"> = {}): Layer {
  const settings = withSecond<GroupNormOptions>("groupNorm", "groups", "epsilon", groups, options);
  checkKeys("groupNorm", settings, ["groups", ...NORM_KEYS], { numgroups: "groups" });
  checkWhole("groupNorm", "groups", settings.groups);
  return normalisation("groupNorm", settings, settings.groups);
}

/**
 * Gives every channel of every row mean 0 and variance 1, over the other axes of the row, and then a factor and an offset,
 * which are learned:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta; the variance divides by n. Any shape of two axes or more, the
 * channels last; it is `groupNorm` with a group for each channel. Keeps no running statistics.
 *
 * @param options.epsilon above 0; default 1e-5
 * @throws {TypeError | RangeError} if an option can't be used, or a channel has one number per row
 * @see Ulyanov, Vedaldi, Lempitsky, "Instance normalization: the missing ingredient for fast stylization", 2016
 * @example sequential({ input: [8, 8, 3] }, dense(12), instanceNorm(), relu(), flatten(), dense(1))
 */
export function instanceNorm(options: NormOptions = {}): Layer {
  checkKeys("instanceNorm", options, NORM_KEYS);
  return normalisation("instanceNorm", options, undefined);
}

/**
 * Describes groupNorm and instanceNorm.
 *
 * @param groups undefined: one for each channel
 */
function normalisation(type: string, options: NormOptions, groups: number | undefined): Layer {
  const settings = checkNorm(type, options);
  const { epsilon, trainable } = settings;
  return Object.freeze<LibraryLayer>({
    type,
    name: options.name,
    options: groups === undefined ? settings : { groups, ...settings },
    kernel: "groupNorm",
    parallel: { forward: "rows" },
    backwardReads: "input",
    trainable,
    load: loadSequence,
    outputShape(input, where) {
      const n = input.at(-1) ?? 1;
      if (groups !== undefined && n % groups !== 0) {
        throw new RangeError(
          `${where}: groups must divide the channels, got ${groups} groups of ${n} channels; ` +
            `${divisorsOf(n).join(", ")} would fit`,
        );
      }
      if (sizeOf(input) === (groups ?? n)) {
        throw new RangeError(
          `${where}: more than one number must be normalised together, got one a group with input ${shapeText(input)}; ` +
            (groups === undefined ? "layerNorm() takes such rows" : "take fewer groups"),
        );
      }
      return input;
    },
    parameters: (input) => normParameters(input, settings),
    args(context, input) {
      const n = input.at(-1)!;
      const tile = tileOf(input);
      return {
        ...normArgs(context),
        n,
        groups: groups ?? n,
        tile,
        epsilon: f32(epsilon),
        statistics: context.saved("statistics", 8 * (groups ?? n)),
        scratch: context.scratch(scratchOf(tile)),
      };
    },
    flops: (input) => 8 * sizeOf(input),
  });
}
