import { loadExtra } from "../../../build/loadExtra.js";
import { checkFraction, checkPositive } from "../../util/check.ts";
import { f32, f64 } from "../../runtime/record.ts";
import { checkOptimizerKeys, type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.ts";

/** Options of `adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Memory of both means; default 0.9. */
  readonly rho?: number;
  /** Keeps the division finite and starts the steps; default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Steps in the parameter's own unit: q = rho q + (1 - rho) g^2; d = sqrt(u + epsilon) / sqrt(q + epsilon) g;
 * u = rho u + (1 - rho) d^2; p -= learningRate d.
 *
 * @param options.learningRate default 1
 * @throws {RangeError} if an option is out of range
 * @see Zeiler, "ADADELTA: an adaptive learning rate method", 2012
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adadelta() })
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  checkOptimizerKeys("adadelta", options, ["rho", "epsilon"]);
  const { rho = 0.9, epsilon = 1e-6 } = options;
  checkFraction("adadelta", "rho", rho);
  checkPositive("adadelta", "epsilon", epsilon);
  return optimizer("adadelta", options, {
    kernel: "adadelta",
    load: loadExtra,
    learningRate: 1,
    options: { rho, epsilon },
    // u grows by a factor of 2 a step at most, and only while gradients grow as fast
    limits: { gradient: 2 ** 50, rate: 2 ** 36, product: Infinity },
    states: [
      { name: "q", initial: 0 },
      { name: "u", initial: 0 },
    ],
    args: (state) => ({ q: state("q"), u: state("u"), rho: f64(rho), epsilon: f32(epsilon) }),
  });
}
