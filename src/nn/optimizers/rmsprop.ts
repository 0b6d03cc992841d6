import { loadExtra } from "../../../build/loadExtra.js";
import { checkBoolean, checkFraction, checkPositive } from "../../util/check.ts";
import { f32, f64 } from "../../runtime/record.ts";
import {
  checkOptimizerKeys,
  LARGEST_CHANGE,
  ratioLimits,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
} from "./optimizer.ts";

/** Options of `rmsprop`. */
export interface RmspropOptions extends OptimizerOptions {
  /** Memory of the mean squared gradient; default 0.99. */
  readonly rho?: number;
  /** Keeps the division finite; default 1e-8. */
  readonly epsilon?: number;
  /** Part of the last step that is kept; default 0. */
  readonly momentum?: number;
  /** Subtract the square of the mean gradient; default false. */
  readonly centered?: boolean;
}

/**
 * Steps divided by the gradient's recent size: q = rho q + (1 - rho) g^2; b = momentum b + g / (sqrt(q) + epsilon);
 * p -= learningRate b.
 *
 * @param options.learningRate default 0.01
 * @throws {RangeError} if an option is out of range
 * @see Tieleman, Hinton, "Lecture 6.5: RMSProp", 2012
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: rmsprop() })
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  checkOptimizerKeys("rmsprop", options, ["rho", "epsilon", "momentum", "centered"]);
  const { rho = 0.99, epsilon = 1e-8, momentum = 0, centered = false } = options;
  checkFraction("rmsprop", "rho", rho);
  checkFraction("rmsprop", "momentum", momentum);
  checkPositive("rmsprop", "epsilon", epsilon);
  checkBoolean("rmsprop", "centered", centered);
  const limits = ratioLimits(0, centered ? 0 : rho, epsilon, 1 - momentum);
  return optimizer("rmsprop", options, {
    kernel: "rmsprop",
    load: loadExtra,
    learningRate: 0.01,
    options: { rho, epsilon, momentum, centered },
    limits,
    states: [
      { name: "q", initial: 0 },
      ...(centered ? [{ name: "mean", initial: 0 }] : []),
      ...(momentum > 0
        ? [{ name: "velocity", initial: 0, product: limits.product < Infinity ? LARGEST_CHANGE : Infinity }]
        : []),
    ],
    args: (state) => ({
      q: state("q"),
      mean: centered ? state("mean") : 0,
      velocity: momentum && state("velocity"),
      rho: f64(rho),
      momentum: f32(momentum),
      epsilon: f32(epsilon),
    }),
  });
}
