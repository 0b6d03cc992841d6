// What an optimizer is, and the options that all of them share.
import type { Loaded } from "../../runtime/kernels.ts";
import { checkBoolean, checkKeys, checkKind, checkNotNegative, checkPositive } from "../../util/check.ts";
import type { Shape } from "../../util/shape.ts";
import type { Options } from "../../graph/layer.ts";
import type { Core } from "../../runtime/core.ts";
import type { KernelArgs } from "../../runtime/record.ts";

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** Size of a step, above 0; each optimizer has its own default. */
  readonly learningRate?: number;
  /** Adds weightDecay times the parameter to its gradient (half the square as a penalty); default 0. */
  readonly weightDecay?: number;
  /** Adds l1 times the parameter's sign to its gradient; default 0. */
  readonly l1?: number;
  /** Cuts every gradient to [-clipValue, clipValue]; default off. */
  readonly clipValue?: number;
  /** Shortens each parameter's gradient to this Euclidean norm; default off. */
  readonly clipNorm?: number;
  /** Shortens all gradients together to this Euclidean norm; default off. */
  readonly clipGlobalNorm?: number;
  /**
   * What the learning rate is multiplied by, for each parameter by its name, such as `dense1.weight`: 0 or more; 0: it stays as it is.
   * Asked when the trainer is made. Default 1.
   */
  readonly learningRates?: ((name: string) => number) | undefined;
  /**
   * Which parameters weightDecay and l1 are for: "weights", those of two axes or more, which leaves out biases and the factors of norms;
   * or by their names, asked when the trainer is made. Default all.
   */
  readonly decay?: "weights" | ((name: string) => boolean) | undefined;
}

/** The rule by which parameters follow their gradients. */
export type Optimizer = OptimizerDescription & Updating;

/** The kernel: one of the library's, or of the user's functions. */
type Updating = Loaded<"kernel", "Update"> | { readonly kernel: "custom"; load(to: Core): void };

/**
 * Up to where an update can't write an infinite number; above it is refused. With a change of a weight of at most 2^102 that holds
 * for any weight: the distance between the two largest float32 numbers is 2^104, so that their difference is rounded.
 */
export interface UpdateLimits {
  /** Largest gradient whose square, or sum with earlier ones, the optimizer's state can hold. */
  readonly gradient: number;
  /** Largest learning rate, where a step doesn't grow with the gradient. */
  readonly rate: number;
  /** Largest product of learning rate and gradient, where it does. */
  readonly product: number;
}

/** The largest change of a weight. */
export const LARGEST_CHANGE = 2 ** 102;

/** The largest product that is divided by something later: half of what float32 can hold. */
export const LARGEST_PRODUCT = 2 ** 126;

/** Numbers that an optimizer keeps from update to update. */
interface State {
  readonly name: string;
  readonly initial: number;
  /**
   * Largest product of the learning rate and a number of the state, for one that holds steps of any size: a schedule may raise the
   * rate that the gradients of which it is a sum were checked with. Default: any.
   */
  readonly product?: number;
}

/** How a parameter is updated. */
export interface UpdateRule {
  /** What the learning rate is multiplied by. */
  readonly rate: number;
  /** Do weightDecay and l1 count? */
  readonly decays: boolean;
  /** The parameter, for a kernel that asks for it. */
  readonly parameter?: NamedParameter;
}

/** What tells parameters from each other. */
export interface NamedParameter {
  readonly name: string;
  readonly shape: Shape;
}

interface OptimizerDescription {
  /** The factory's name. */
  readonly type: string;
  /** What the factory was given, defaults filled in. */
  readonly options: Options;
  /** Size of a step, before a schedule changes it. */
  readonly learningRate: number;
  /** What times the parameter is added to its gradient. */
  readonly weightDecay: number;
  /** What times the parameter's sign is added to its gradient. */
  readonly l1: number;
  /** Largest absolute value of a gradient; Infinity: any. */
  readonly clipValue: number;
  /** Largest Euclidean norm of a parameter's gradient; Infinity: any. */
  readonly clipNorm: number;
  /** Largest Euclidean norm of all gradients together; Infinity: any. */
  readonly clipGlobalNorm: number;
  /** How a parameter is updated, where not all are updated alike. */
  readonly ruleOf?: ((parameter: NamedParameter) => UpdateRule) | undefined;
  /** Where a gradient is 0, neither the parameter nor a state changes. */
  readonly byRows?: boolean | undefined;
  /** State: one number for each number of a parameter, and its initial value. */
  readonly states: readonly State[];
  /** Larger updates are refused. */
  readonly limits: UpdateLimits;
  /** The arguments after those that all optimizers share; `state` gives the address of one that is listed. */
  args(state: (name: string) => number, rule: UpdateRule, core: Core): KernelArgs;
}

const SHARED = ["learningRate", "weightDecay", "l1", "clipValue", "clipNorm", "clipGlobalNorm"];

/** Has it all that an update is made of? */
export const isOptimizer = (value: Optimizer): boolean =>
  typeof value?.args === "function" &&
  Array.isArray(value.states) &&
  SHARED.every((name) => (value as unknown as Record<string, number>)[name]! >= 0);

/** The options of an optimizer, without a key that it doesn't know. */
export function checkOptimizerKeys(type: string, options: OptimizerOptions, ownKeys: readonly string[]): void {
  checkKeys(type, options, [...SHARED, "learningRates", "decay", ...ownKeys]);
}

/**
 * The limits of optimizers that divide a mean of the gradients, bias corrected, by the root of the mean of their squares. By Cauchy
 * and Schwarz' inequality that is at most 1 / sqrt((1 - beta2) (1 - beta1^2 / beta2)), where the squares are not so small, 2^-110, that
 * the core sets their mean to 0; there, and for other betas, epsilon divides.
 *
 * @param divisor what the quotient is divided by, besides the learning rate
 */
export function ratioLimits(beta1: number, beta2: number, epsilon: number, divisor = 1): UpdateLimits {
  const gradient = 2 ** 63; // a decaying mean can hold its square
  if (!(beta1 * beta1 < beta2)) {
    return { gradient, rate: Infinity, product: Math.min(LARGEST_PRODUCT, LARGEST_CHANGE * epsilon * divisor) };
  }
  const root = Math.sqrt(1 - beta2);
  const settled = 2 ** 55 * root * (1 - beta1 / Math.sqrt(beta2)) * epsilon;
  const smallest = Math.min(root * Math.sqrt(1 - (beta1 * beta1) / beta2), settled) / 2;
  return { gradient, rate: LARGEST_CHANGE * smallest * divisor, product: Infinity };
}

/** Checks the shared options and puts the description together. */
export function optimizer(
  type: string,
  options: OptimizerOptions,
  description: Updating & {
    learningRate: number;
    options: Options;
    states: Optimizer["states"];
    limits: UpdateLimits;
    args: Optimizer["args"];
    byRows?: boolean;
    /** Decay does not go through the gradient. */
    decoupled?: boolean;
  },
): Optimizer {
  const { learningRate: defaultRate, options: ownOptions, limits, decoupled, byRows, ...others } = description;
  const { learningRate = defaultRate, weightDecay = 0, l1 = 0 } = options;
  const { learningRates, decay } = options;
  const { clipValue = Infinity, clipNorm = Infinity, clipGlobalNorm = Infinity } = options;
  checkPositive(type, "learningRate", learningRate);
  checkNotNegative(type, "weightDecay", weightDecay);
  checkNotNegative(type, "l1", l1);
  for (const [name, value] of Object.entries({ clipValue, clipNorm, clipGlobalNorm })) {
    if (value !== Infinity) checkPositive(type, name, value);
  }
  for (const [name, value] of Object.entries({ learningRates, decay })) {
    const known =
      value === undefined || typeof value === "function" || (value === "weights" && name !== "learningRates");
    checkKind(known, type, name, "a function of names", value);
  }
  if (clipNorm < Infinity && clipGlobalNorm < Infinity) {
    throw new RangeError(
      `${type}: clipNorm and clipGlobalNorm can't both be used, got ${clipNorm} and ${clipGlobalNorm}`,
    );
  }
  return Object.freeze<Optimizer>({
    type,
    options: { ...(options as Options), learningRate, weightDecay, l1, ...ownOptions },
    ...others,
    // a decay by more than the weight itself would let it grow
    limits: decoupled && weightDecay > 0 ? { ...limits, rate: Math.min(limits.rate, 1 / weightDecay) } : limits,
    learningRate,
    weightDecay: decoupled ? 0 : weightDecay,
    byRows: byRows && !weightDecay && !l1 && Math.min(clipValue, clipNorm, clipGlobalNorm) === Infinity,
    ruleOf:
      (learningRates || decay) &&
      (({ name, shape }) => {
        const rate = learningRates ? learningRates(name) : 1;
        const decays = typeof decay === "function" ? decay(name) : shape.length > 1 || !decay;
        checkNotNegative(type, `learningRates of ${name}`, rate);
        checkBoolean(type, `decay of ${name}`, decays);
        return { rate, decays };
      }),
    l1,
    clipValue,
    clipNorm,
    clipGlobalNorm,
  });
}
