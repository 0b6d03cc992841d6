import { relu } from "../nn/activations/index.ts";
import { checkFraction, checkKeys, checkKind, checkShape, checkWhole } from "../util/check.ts";
import { dense, dropout, flatten } from "../nn/layers/index.ts";
import type { Shape } from "../util/shape.ts";
import type { Network } from "./network.ts";

/** Sizes and variants of `mlp`. */
export interface MlpOptions {
  /** Numbers of the output; default 10. */
  readonly classes?: number;
  /** Numbers per row, or the sizes of a row's axes; default 784. */
  readonly input?: number | Shape;
  /** Units of the hidden layers, from the first; default [128]. */
  readonly hidden?: readonly number[];
  /** Dropout rate of each hidden layer; default 0. */
  readonly dropout?: number;
}

/**
 * A multilayer perceptron: dense layers with relu between them. Ends in numbers for `softmaxCrossEntropy`, or, with
 * `classes: 1`, for `binaryCrossEntropyWithLogits` or `meanSquaredError`.
 * Shapes: x [input], y [classes]. A layer has (what goes in + 1) times its units parameters: 101,770 by default.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", 1986
 * @example
 * const { input, layers } = mlp({ input: 4, hidden: [16, 8], classes: 3 });
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * await new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() }).fit({ x, y }, { epochs: 2 });
 */
export function mlp(options: MlpOptions = {}): Network {
  checkKeys("mlp", options, ["classes", "input", "hidden", "dropout"]);
  const { classes = 10, hidden = [128], dropout: rate = 0, input: shape = 784 } = options;
  const input = checkShape("mlp", "input", shape);
  checkWhole("mlp", "classes", classes);
  checkKind(Array.isArray(hidden), "mlp", "hidden", "an array such as [128]", hidden);
  Array.from(hidden).forEach((units, i) => checkWhole("mlp", `hidden[${i}]`, units));
  checkFraction("mlp", "dropout", rate);
  const layers = [
    ...(input.length > 1 ? [flatten()] : []),
    ...hidden.flatMap((units) => [dense(units), relu(), ...(rate > 0 ? [dropout(rate)] : [])]),
    dense(classes),
  ];
  return { input, layers };
}
