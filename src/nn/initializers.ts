// Initializers: rules for the initial values of parameters. Random numbers come from the core's generator, so that a seed gives
// the same values in every engine.
import { extraFunction } from "../runtime/core.ts";
import type { Fans, Initializer, InitialTarget } from "../graph/parameter.ts";
import { STREAM_INITIAL } from "../../build/abi.js";
import { checkFinite, checkKeys, checkPositive, withFirst } from "../util/check.ts";
import { seedWords } from "../runtime/record.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";

/**
 * Inputs and outputs of one unit of a layer that says nothing of them: the last two axes, times the axes before them (a kernel's
 * window).
 */
export function fans(shape: Shape): Fans {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: window * shape.at(-2)!, fanOut: window * shape.at(-1)! };
}

function fillUniform(target: InitialTarget, low: number, high: number): void {
  const { core, address, shape, seed, index } = target;
  core.exports.randomUniform(address, sizeOf(shape), low, high, ...seedWords(seed), STREAM_INITIAL + index);
}

function fillNormal(target: InitialTarget, mean: number, deviation: number): void {
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

/** Describes an initializer that gives all values the same number. */
const filled = (initializer: string, options: Initializer["options"], value: number): Initializer => ({
  initializer,
  options,
  fill: ({ core, address, shape }) => {
    core.arena.floats(address, sizeOf(shape)).fill(value);
  },
});

/**
 * All values equal.
 *
 * @param value a finite number
 * @throws {TypeError | RangeError} if the value is not a finite number
 * @example dense(10, { biasInitializer: constant(0.5) })
 */
export function constant(value: number | { value: number }): Initializer {
  const options = withFirst<{ value: number }>("constant", "value", value, {});
  checkKeys("constant", options, ["value"]);
  const { value: constantValue } = options;
  checkFinite("constant", "value", constantValue);
  return filled("constant", { value: constantValue }, constantValue);
}

/**
 * All 0: the default of biases.
 *
 * @example dense(10, { biasInitializer: zeros() })
 */
export function zeros(): Initializer {
  return filled("zeros", {}, 0);
}

/**
 * All 1: the default of factors, such as `layerNorm`'s.
 *
 * @example dense(10, { biasInitializer: ones() })
 */
export function ones(): Initializer {
  return filled("ones", {}, 1);
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

type Mode = "in" | "average";

/** Fills with numbers of mean 0 and a standard deviation. */
type Spread = (target: InitialTarget, deviation: number) => void;

const uniformly: Spread = (target, deviation) => {
  const limit = Math.sqrt(3) * deviation;
  fillUniform(target, -limit, limit);
};
const normally: Spread = (target, deviation) => fillNormal(target, 0, deviation);

function scaled(initializer: string, scale: number, mode: Mode, spread: Spread): Initializer {
  const deviation = (shape: Shape, { fanIn, fanOut } = fans(shape)): number =>
    Math.sqrt(scale / (mode === "in" ? fanIn : (fanIn + fanOut) / 2));
  return {
    initializer,
    options: {},
    deviation,
    fill: (target) => spread(target, deviation(target.shape, target.fans)),
  };
}

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
 * Normal with variance 2 / (fanIn + fanOut), not truncated.
 *
 * @see Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * @example dense(10, { kernelInitializer: glorotNormal() })
 */
export function glorotNormal(): Initializer {
  return scaled("glorotNormal", 1, "average", normally);
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
 * Normal with variance 2 / fanIn, for relu; not truncated.
 *
 * @see He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015
 * @example dense(10, { kernelInitializer: heNormal() })
 */
export function heNormal(): Initializer {
  return scaled("heNormal", 2, "in", normally);
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
/**
 * Normal with variance 1 / fanIn, for selu; not truncated.
 *
 * @see LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998
 * @example dense(10, { kernelInitializer: lecunNormal() })
 */
export function lecunNormal(): Initializer {
  return scaled("lecunNormal", 1, "in", normally);
}

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain` (default 1); more than two axes count as [all but the last,
 * last]. Made of normal numbers by Gram and Schmidt's method, in float64. It needs 8 bytes of scratch memory for each number.
 *
 * @param options.gain what the vectors are multiplied by; default 1
 * @throws {TypeError | RangeError} if the gain is not a finite number, or the parameter has one axis; if the scratch memory can't be
 * had
 * @see Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning", 2014
 * @example dense(10, { kernelInitializer: orthogonal() })
 */
export function orthogonal(options: { gain?: number } = {}): Initializer {
  checkKeys("orthogonal", options, ["gain"]);
  const { gain = 1 } = options;
  checkFinite("orthogonal", "gain", gain);
  return {
    initializer: "orthogonal",
    options: { gain },
    fill: (target) => {
      const { core, shape, address } = target;
      if (shape.length < 2)
        throw new RangeError(`orthogonal: the parameter must have two axes or more, got ${shapeText(shape)}`);
      const columns = shape.at(-1)!;
      const rows = sizeOf(shape) / columns;
      const tall = rows >= columns;
      const [count, length] = tall ? ([columns, rows] as const) : ([rows, columns] as const);
      const bytes = extraFunction(core, "randomOrthogonalScratch")(count, length);
      const scratch = core.arena.allocate(bytes, "orthogonal", `the scratch memory of ${count} vectors of ${length}`);
      fillNormal(target, 0, 1);
      extraFunction(core, "randomOrthogonal")(
        address,
        count,
        length,
        tall ? 1 : columns,
        tall ? columns : 1,
        gain,
        scratch.address,
      );
      core.arena.free(scratch);
    },
  };
}
