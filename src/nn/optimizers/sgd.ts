import { checkBoolean, checkFraction } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkOptimizerKeys, LARGEST_CHANGE, type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.ts";

/** Options of `sgd`. */
export interface SgdOptions extends OptimizerOptions {
  /** Part of the last step that is kept, from 0 up to but not including 1; default 0. */
  readonly momentum?: number;
  /** Nesterov's look ahead; default false. */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent: v = momentum v + g; p -= learningRate v; with Nesterov's look ahead p -= learningRate (g + momentum v).
 * With the entire data set as one batch it is the gradient descent of textbooks.
 *
 * @param options.learningRate default 0.01
 * @throws {RangeError} if an option is out of range
 * @see Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", 2013
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptimizerKeys("sgd", options, ["momentum", "nesterov"]);
  const { momentum = 0, nesterov = false } = options;
  checkFraction("sgd", "momentum", momentum);
  checkBoolean("sgd", "nesterov", nesterov);
  if (nesterov && momentum === 0) throw new RangeError("sgd: nesterov needs a momentum above 0, got 0");
  return optimizer("sgd", options, {
    kernel: "sgd",
    learningRate: 0.01,
    options: { momentum, nesterov },
    byRows: momentum === 0,
    limits: { gradient: 2 ** 127 * (1 - momentum), rate: Infinity, product: LARGEST_CHANGE * (1 - momentum) },
    states: momentum > 0 ? [{ name: "velocity", initial: 0, product: LARGEST_CHANGE }] : [],
    args: (state) => ({ velocity: momentum && state("velocity"), momentum: f32(momentum), nesterov: nesterov ? 1 : 0 }),
  });
}
