import { loadExtra } from "../../../build/loadExtra.js";
import { checkNotNegative, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkOptimizerKeys, LARGEST_CHANGE, type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.ts";

/** Options of `adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** Keeps the division finite; default 1e-10. */
  readonly epsilon?: number;
  /** Where the sum of squares starts; default 0. */
  readonly initialAccumulator?: number;
}

/**
 * Steps that shrink where gradients were large: q += g^2; p -= learningRate g / (sqrt(q) + epsilon).
 *
 * @param options.learningRate default 0.01
 * @throws {RangeError} if an option is out of range
 * @see Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adagrad({ learningRate: 0.1 }) })
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  checkOptimizerKeys("adagrad", options, ["epsilon", "initialAccumulator"]);
  const { epsilon = 1e-10, initialAccumulator = 0 } = options;
  checkPositive("adagrad", "epsilon", epsilon);
  checkNotNegative("adagrad", "initialAccumulator", initialAccumulator);
  return optimizer("adagrad", options, {
    kernel: "adagrad",
    load: loadExtra,
    learningRate: 0.01,
    options: { epsilon, initialAccumulator },
    byRows: true,
    // a sum of squares, by which a gradient is divided, or by epsilon where its square is 0 in float32: below 2^-74
    limits: { gradient: 2 ** 50, rate: LARGEST_CHANGE * Math.min(0.5, 2 ** 74 * epsilon), product: Infinity },
    states: [{ name: "q", initial: initialAccumulator }],
    args: (state) => ({ q: state("q"), epsilon: f32(epsilon) }),
  });
}
