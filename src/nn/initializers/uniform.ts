// Initializers of uniform numbers, from the core's generator: a seed gives the same values in every engine.
import type { Initializer, InitialTarget } from "../../graph/parameter.ts";
import { STREAM_INITIAL } from "../../../build/abi.js";
import { checkFinite, checkKeys, checkPositive } from "../../util/check.ts";
import { seedWords } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";
import { scaled, type Spread } from "./scaled.ts";

function fillUniform(target: InitialTarget, low: number, high: number): void {
  const { core, address, shape, seed, index } = target;
  core.exports.randomUniform(address, sizeOf(shape), low, high, ...seedWords(seed), STREAM_INITIAL + index);
}

/**
 * Uniform from low to high; default -0.05 to 0.05.
 *
 * @param options.low the smallest value; default -0.05
 * @param options.high above `low`, never reached; default 0.05
 * @throws {TypeError | RangeError} if one isn't a finite number, or low isn't below high
 * @example dense(10, { kernelInitializer: uniform({ low: -0.1, high: 0.1 }) })
 */
export function uniform(options: { low?: number; high?: number } = {}): Initializer {
  checkKeys("uniform", options, ["low", "high"]);
  const { low = -0.05, high = 0.05 } = options;
  checkFinite("uniform", "low", low);
  checkFinite("uniform", "high", high);
  if (!(low < high)) throw new RangeError(`uniform: low must be below high, got low ${low} and high ${high}`);
  const width = Math.fround(high) - Math.fround(low);
  checkPositive("uniform", "high - low, as float32,", width);
  return { initializer: "uniform", options: { low, high }, fill: (target) => fillUniform(target, low, high) };
}

const uniformly: Spread = (target, deviation) => {
  const limit = Math.sqrt(3) * deviation;
  fillUniform(target, -limit, limit);
};

/**
 * Uniform with variance 2 / (fanIn + fanOut): the default of weights.
 *
 * @see Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * @example dense(10, { kernelInitializer: glorotUniform() })
 */
export function glorotUniform(): Initializer {
  return scaled("glorotUniform", 1, "average", uniformly);
}

/**
 * Uniform with variance 2 / fanIn, for relu.
 *
 * @see He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015
 * @example dense(10, { kernelInitializer: heUniform() })
 */
export function heUniform(): Initializer {
  return scaled("heUniform", 2, "in", uniformly);
}

/**
 * Uniform with variance 1 / fanIn, for selu.
 *
 * @see LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998
 * @example dense(10, { kernelInitializer: lecunUniform() })
 */
export function lecunUniform(): Initializer {
  return scaled("lecunUniform", 1, "in", uniformly);
}
