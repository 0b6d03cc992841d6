import { loadRest } from "../../../build/binaries.js";
import { checkBoolean, checkFraction, checkPositive } from "../../util/check.ts";
import { f32, f64 } from "../../runtime/record.ts";
import {
  checkOptimizerKeys,
  LARGEST_PRODUCT,
  ratioLimits,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
} from "./optimizer.ts";

/** Options of `adam` and `adamw`. */
export interface AdamOptions extends OptimizerOptions {
  /** Memory of the mean gradient; default 0.9. */
  readonly beta1?: number;
  /** Memory of the mean squared gradient; default 0.999. */
  readonly beta2?: number;
  /** Keeps the division finite; default 1e-8. */
  readonly epsilon?: number;
  /** Divide by the largest mean squared gradient so far; default false. */
  readonly amsgrad?: boolean;
}

function make(type: string, options: AdamOptions, defaultDecay: number, decoupled: boolean): Optimizer {
  checkOptimizerKeys(type, options, ["beta1", "beta2", "epsilon", "amsgrad"]);
  const { weightDecay = defaultDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  checkFraction(type, "beta1", beta1);
  checkFraction(type, "beta2", beta2);
  checkPositive(type, "epsilon", epsilon);
  checkBoolean(type, "amsgrad", amsgrad);
  const limits = ratioLimits(beta1, beta2, epsilon);
  return optimizer(
    type,
    { ...options, weightDecay },
    {
      kernel: "adam",
      load: loadRest,
      learningRate: 0.001,
      options: { beta1, beta2, epsilon, amsgrad },
      // the mean is multiplied by the rate before it is divided
      limits: { ...limits, rate: Math.min(limits.rate, LARGEST_PRODUCT / limits.gradient) },
      states: [
        { name: "m", initial: 0, product: (limits.product * (1 - beta1)) / 2 },
        { name: "v", initial: 0 },
        ...(amsgrad ? [{ name: "vMax", initial: 0 }] : []),
      ],
      decoupled,
      args: (state, { decays }) => ({
        m: state("m"),
        v: state("v"),
        vMax: amsgrad ? state("vMax") : 0,
        beta1: f64(beta1),
        beta2: f64(beta2),
        epsilon: f32(epsilon),
        decoupledDecay: f32(decoupled && decays ? weightDecay : 0),
      }),
    },
  );
}

/**
 * Steps of a size of their own for each parameter: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= learningRate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
 *
 * @param options.learningRate default 0.001
 * @throws {RangeError} if an option is out of range
 * @see Kingma, Ba, "Adam: a method for stochastic optimization", 2015
 * @see Reddi, Kale, Kumar, "On the convergence of Adam and beyond", 2018, for amsgrad
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate: 1e-3 }) })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return make("adam", options, 0, false);
}

/**
 * Adam with a decay that doesn't go through the gradient: first p *= 1 - learningRate weightDecay.
 *
 * @param options.weightDecay default 0.01
 * @param options.learningRate default 0.001
 * @throws {RangeError} if an option is out of range
 * @see Loshchilov, Hutter, "Decoupled weight decay regularization", 2019
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adamw({ weightDecay: 0.05 }) })
 */
export function adamw(options: AdamOptions = {}): Optimizer {
  return make("adamw", options, 0.01, true);
}
