import { checkKeys } from "../util/check.ts";
import { dense } from "../nn/layers/index.ts";
import { type Network, checkShapeOf } from "./network.ts";

/** Sizes and variants of `perceptron`. */
export interface PerceptronOptions {
  /** Numbers per row; default 2. */
  readonly input?: number;
}

/**
 * One neuron, a sum with weights that decides between yes and no: z = w x + b, yes where z > 0. For `hinge` or
 * `binaryCrossEntropyWithLogits`.
 * Shapes: x [input], y [1]. input + 1 parameters, 3 by default.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain", 1958
 * @example
 * const { input, layers } = perceptron();
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * const trainer = new Trainer(model, { loss: binaryCrossEntropyWithLogits(), optimizer: sgd({ learningRate: 1 }) });
 * await trainer.fit({ x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 0, 0, 1] }, { epochs: 100, progress: false });
 */
export function perceptron(options: PerceptronOptions = {}): Network {
  checkKeys("perceptron", options, ["input"]);
  const { input = 2 } = options;
  return { input: checkShapeOf("perceptron", input, 1), layers: [dense(1)] };
}
