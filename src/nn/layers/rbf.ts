import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys, checkKind, checkPositive, checkWhole } from "../../util/check.ts";
import { type NumberRows, numberRowsOf } from "../../data/numberRows.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { zeros } from "../initializers/constant.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Options of `rbf`. */
export interface RbfOptions extends Named {
  /** The rows that inputs are compared with: arrays, or a typed array of consecutive rows. */
  readonly centres?: readonly (readonly number[])[] | ArrayLike<number>;
  /** How fast the similarity falls with the distance, above 0: 1 / (2 deviation^2). */
  readonly gamma: number;
  /** Instead of `centres`: how many numbers they have in all. For model files, which store the centres as a tensor. */
  readonly numbers?: number;
}

/**
 * How similar the input is to each of some fixed rows, the centres: y_j = e^(-gamma |x - c_j|^2), the Gaussian kernel (radial
 * basis functions), over the last axis of the input. 1 at the centre, near 0 far from it. With the training rows as centres,
 * `dense(1)` after it, the loss `hinge` and the penalty `rbfNorm` it is the support vector machine.
 * Shapes: x [rows, ..., n], centres [count, n], y [rows, ..., count]. The centres are saved with the model, not trained.
 *
 * @param options.centres rows of n finite numbers
 * @param options.gamma above 0
 * @throws {TypeError | RangeError} if an option can't be used, or the centres are not rows of the input's width
 * @see Broomhead, Lowe, "Multivariable functional interpolation and adaptive networks", 1988
 * @example sequential({ input: 2 }, rbf({ centres: [[0, 0], [0, 1], [1, 0], [1, 1]], gamma: 2 }), dense(1))
 */
export function rbf(options: RbfOptions): Layer {
  checkKeys("rbf", options, ["centres", "gamma", "numbers", "name"]);
  const { centres, gamma, name } = options;
  checkPositive("rbf", "gamma", gamma);
  checkKind((centres === undefined) !== (options.numbers === undefined), "rbf", "centres", "rows of numbers", centres);
  if (options.numbers !== undefined) checkWhole("rbf", "numbers", options.numbers);
  const table: NumberRows | undefined = centres === undefined ? centres : numberRowsOf("rbf", "centres", centres);
  const numbers = table?.data.length ?? options.numbers!;
  return Object.freeze<LibraryLayer>({
    type: "rbf",
    name,
    // the centres themselves are a tensor of the file
    options: { gamma, numbers },
    kernel: "rbf",
    parallel: { forward: "rows" },
    load: async (core) => loadExtra(core),
    outputShape(input, where) {
      const n = input.at(-1);
      if (n === undefined || numbers % n !== 0 || (table?.columns ?? n) !== n) {
        const width = table?.columns === undefined ? `${numbers} numbers in all` : `rows of ${table.columns}`;
        throw new RangeError(
          `${where}: the centres must be as wide as the input, ${n ?? "which has no axis"}, but they have ${width}`,
        );
      }
      return [...input.slice(0, -1), numbers / n];
    },
    parameters: (input) => [
      {
        name: "centres",
        shape: [numbers / input.at(-1)!, input.at(-1)!],
        initializer: table ? valuesOf(table.data) : zeros(),
        trained: false,
        follows: 0,
      },
    ],
    args(context, input) {
      const n = input.at(-1)!;
      return {
        centres: context.parameter("centres"),
        n,
        count: numbers / n,
        gamma: f32(gamma),
        scratch: context.scratch((4 * numbers) / n + 16),
      };
    },
    flops: (input) => (sizeOf(input) * 3 * numbers) / input.at(-1)!,
  });
}

/** These values. Files don't name this initializer: they store the values themselves, as the parameter. */
const valuesOf = (values: Float32Array): Initializer => ({
  initializer: "given",
  options: {},
  fill: ({ core, address }) => void core.arena.write(address, values),
});
