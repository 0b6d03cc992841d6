// Initializers of normal numbers, from the core's generator, as the uniform ones.
import type { Initializer, InitialTarget } from "../../graph/parameter.ts";
import { STREAM_INITIAL } from "../../../build/abi.js";
import { checkFinite, checkKeys, checkPositive } from "../../util/check.ts";
import { extraFunction } from "../../runtime/extraFunction.ts";
import { seedWords } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";
import { scaled, type Spread } from "./scaled.ts";

/** Normal numbers of a mean and a standard deviation. */
export function fillNormal(target: InitialTarget, mean: number, deviation: number): void {
  const { core, address, shape, seed, index } = target;
  const scratch = core.arena.allocate(64, "initializer", "the scratch memory");
  extraFunction(core, "randomNormal")(
    address,
    sizeOf(shape),
    mean,
    deviation,
    ...seedWords(seed),
    STREAM_INITIAL + index,
    scratch.address,
  );
  core.arena.free(scratch);
}

/**
 * Normal; default mean 0, standard deviation 0.05.
 *
 * @param options.mean default 0
 * @param options.deviation standard deviation, above 0; default 0.05
 * @throws {TypeError | RangeError} if an option can't be used
 * @example dense(10, { kernelInitializer: normal({ deviation: 0.01 }) })
 */
export function normal(options: { mean?: number; deviation?: number } = {}): Initializer {
  checkKeys("normal", options, ["mean", "deviation"]);
  const { mean = 0, deviation = 0.05 } = options;
  checkFinite("normal", "mean", mean);
  checkPositive("normal", "deviation", deviation);
  if (
    Math.fround(mean + deviation) === Math.fround(mean) ||
    !Number.isFinite(Math.fround(Math.abs(mean) + 7 * deviation))
  ) {
    throw new RangeError(
      `normal: values of this mean and deviation must differ and stay finite as float32, got mean ${mean} and deviation ${deviation}`,
    );
  }
  return { initializer: "normal", options: { mean, deviation }, fill: (target) => fillNormal(target, mean, deviation) };
}

const normally: Spread = (target, deviation) => fillNormal(target, 0, deviation);

/**
 * Normal with variance 2 / (fanIn + fanOut), not truncated.
 *
 * @see Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * @example dense(10, { kernelInitializer: glorotNormal() })
 */
export function glorotNormal(): Initializer {
  return scaled("glorotNormal", 1, "average", normally);
}

/**
 * Normal with variance 2 / fanIn, for relu; not truncated.
 *
 * @see He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015
 * @example dense(10, { kernelInitializer: heNormal() })
 */
export function heNormal(): Initializer {
  return scaled("heNormal", 2, "in", normally);
}

/**
 * Normal with variance 1 / fanIn, for selu; not truncated.
 *
 * @see LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998
 * @example dense(10, { kernelInitializer: lecunNormal() })
 */
export function lecunNormal(): Initializer {
  return scaled("lecunNormal", 1, "in", normally);
}
