import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys, checkNotNegative, checkPositive } from "../../util/check.ts";
import { numberRowsOf } from "../../data/numberRows.ts";
import { f32 } from "../../runtime/record.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import type { Regularizer } from "../../graph/parameter.ts";

/**
 * Adds lambda / 2 times alpha^T K alpha to the loss, K being the Gaussian kernel of the centres with one another, and alpha the
 * weights after `rbf` with the same centres and gamma: the penalty on the size of the function itself that makes
 * `rbf, dense(1)` with the loss `hinge` a support vector machine. One trained with a cost C on n rows has lambda = 1 / (C n).
 * Shapes: alpha [count, units]; units are penalised singly and added up.
 *
 * @param options.centres the rows that `rbf` was given
 * @param options.gamma what `rbf` was given, above 0
 * @param options.lambda 0 or more
 * @throws {TypeError | RangeError} if an option can't be used; if there aren't as many centres as weights per unit
 * @see Cortes, Vapnik, "Support-vector networks", 1995
 * @example
 * const centres = [[0, 0], [0, 1], [1, 0], [1, 1]];
 * const machine = [rbf({ centres, gamma: 2 }), dense(1, { kernelRegularizer: rbfNorm({ centres, gamma: 2, lambda: 0.025 }) })];
 */
export function rbfNorm(options: {
  centres: readonly (readonly number[])[] | ArrayLike<number>;
  gamma: number;
  lambda: number;
}): Regularizer {
  checkKeys("rbfNorm", options, ["centres", "gamma", "lambda"]);
  const { centres, gamma, lambda } = options;
  checkPositive("rbfNorm", "gamma", gamma);
  checkNotNegative("rbfNorm", "lambda", lambda);
  const { data } = numberRowsOf("rbfNorm", "centres", centres);
  return {
    regularizer: "rbfNorm",
    options: { lambda, gamma, centres: Array.from(data) },
    load: loadExtra,
    args(workspace, { name, shape }) {
      const count = shape[0]!;
      if (data.length % count !== 0) {
        throw new RangeError(
          `rbfNorm: ${name} is ${shapeText(shape)}: a weight for each of ${count} centres, but the centres have ${data.length} numbers`,
        );
      }
      const address = workspace.allocate(4 * data.length, "the centres");
      workspace.arena.write(address, data);
      return {
        centres: address,
        n: data.length / count,
        count,
        units: sizeOf(shape) / count,
        gamma: f32(gamma),
        scratch: workspace.allocate(4 * count + 16, "the scratch memory"),
      };
    },
  };
}
