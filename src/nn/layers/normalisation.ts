// What the layers share that normalise and then apply a learned factor (gamma) and offset (beta): options and parameters.
import { checkPositive } from "../../util/check.ts";
import { ones, zeros } from "../initializers/constant.ts";
import type { Initializer, ParameterSpec } from "../../graph/parameter.ts";
import { checkParameterOptions, type KernelContext } from "../../graph/layer.ts";
import type { Shape } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Options of all normalisations with a factor and an offset. */
export interface NormOptions extends Named {
  /** Keeps the division finite; default 1e-5. */
  readonly epsilon?: number;
  /** Where the factors start; default 1. */
  readonly gammaInitializer?: Initializer;
  /** Where the offsets start; default 0. */
  readonly betaInitializer?: Initializer;
  /** False: factors and offsets stay as they are; default true. */
  readonly trainable?: boolean;
}

/** The names of these options. */
export const NORM_KEYS = ["epsilon", "gammaInitializer", "betaInitializer", "trainable", "name"];

/** The options but for the name, checked, the defaults filled in. */
export function checkNorm(type: string, options: NormOptions) {
  const { epsilon = 1e-5, gammaInitializer = ones(), betaInitializer = zeros(), trainable = true } = options;
  checkPositive(type, "epsilon", epsilon);
  checkParameterOptions(type, options);
  return { epsilon, gammaInitializer, betaInitializer, trainable };
}

/** A factor and an offset for each number of the last axis. */
export function normParameters(
  input: Shape,
  { gammaInitializer, betaInitializer }: ReturnType<typeof checkNorm>,
): ParameterSpec[] {
  const shape = [input.at(-1)!];
  return [
    { name: "gamma", shape, fans: { fanIn: 1, fanOut: 1 }, initializer: gammaInitializer },
    { name: "beta", shape, initializer: betaInitializer },
  ];
}

/** Their slots, the first after those of all layers. */
export const normArgs = (context: KernelContext) => ({
  gamma: context.parameter("gamma"),
  dGamma: context.gradient("gamma"),
  beta: context.parameter("beta"),
  dBeta: context.gradient("beta"),
});
