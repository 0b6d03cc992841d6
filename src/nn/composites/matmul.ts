import { checkBoolean, checkKeys } from "../../util/check.ts";
import { gemmScratchBytes } from "../../runtime/coreFunctions.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import { broadcast } from "./broadcast.ts";
import { branchesOf, composite } from "./composite.ts";
import { type Branches, checkTwo, loadOperators, outputsOf } from "./operator.ts";

/** Options of `matmul`. */
export interface MatmulOptions extends Named {
  /** The first branch gives [.., k, m], and its last two axes change places; default false. */
  readonly transposeA?: boolean;
  /** The second branch gives [.., n, k], and its last two axes change places; default false. */
  readonly transposeB?: boolean;
}

/**
 * Gives the same input to two branches, and multiplies their outputs as matrices, row by row: [.., m, k] and [.., k, n] to [.., m, n].
 * Both depend on the input; for a matrix that is learned, take `dense`.
 *
 * The axes before the last two have the same sizes, or differ as NumPy allows: counted from the last, and where one has a single place,
 * or none, its matrices are repeated.
 *
 * @param branches two; a layer, or an array of consecutive layers; `[]` passes the input on
 * @param options.transposeA take the first one's matrices transposed, [.., k, m]; default false
 * @param options.transposeB take the second one's matrices transposed, [.., n, k]; default false
 * @throws {TypeError} if one isn't a layer, or an option can't be used
 * @throws {RangeError} if there are other than two or, when a model is made, their shapes don't fit
 * @example
 * // scores of each step with each other one, and what they weigh: attention, without its scale
 * const scores = chain(matmul([dense(4), dense(4)], { transposeB: true }), softmax());
 * sequential({ input: [5, 3] }, matmul([scores, dense(6)]), dense(2))
 */
export function matmul(branches: Branches, options: MatmulOptions = {}): Layer {
  const inner = branchesOf("matmul", branches);
  checkKeys("matmul", options, ["transposeA", "transposeB", "name"]);
  const { transposeA = false, transposeB = false, name } = options;
  checkBoolean("matmul", "transposeA", transposeA);
  checkBoolean("matmul", "transposeB", transposeB);
  checkTwo("matmul", inner);
  return composite("matmul", inner, { transposeA, transposeB, name }, (graph, x, layers) => {
    const values = outputsOf(graph, x, layers);
    const matrices = values.every((value) => graph.shape(value).length >= 2); // refused below, if not
    const [a, other] = matrices ? broadcast(graph, "matmul", values, 2) : values;
    return graph.add(products(transposeA, transposeB, name), a!, { other: other! });
  });
}

function products(transposeA: boolean, transposeB: boolean, name: string | undefined): Layer {
  /** The last two axes, first and second, or the other way round. */
  const matrix = (shape: Shape, transposed: boolean): readonly [number, number] => {
    const [first, second] = shape.slice(-2) as [number, number];
    return transposed ? [second, first] : [first, second];
  };
  return Object.freeze<LibraryLayer>({
    type: "matmul",
    name,
    options: { transposeA, transposeB },
    kernel: "matmul",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "input",
    load: loadOperators,
    outputShape(input, where, others) {
      const other = others!["other"]!;
      const [m, k] = matrix(input, transposeA);
      const [kOther, n] = matrix(other, transposeB);
      if (input.length < 2 || other.length < 2 || k !== kOther) {
        const [a, b] = [transposeA ? "[.., k, m]" : "[.., m, k]", transposeB ? "[.., n, k]" : "[.., k, n]"];
        throw new RangeError(
          `${where}: the branches must give matrices that fit, ${a} and ${b}, but branch 1 gives ${shapeText(input)} and ` +
            `branch 2 ${shapeText(other)}`,
        );
      }
      return [...input.slice(0, -2), m, n];
    },
    args(context, input, output) {
      const [m, k] = matrix(input, transposeA);
      const n = output.at(-1)!;
      const most = Math.max(m, n, k);
      return {
        other: context.input("other"),
        dOther: context.inputGradient("other"),
        blocks: sizeOf(output) / (m * n),
        m,
        n,
        k,
        transposeA: Number(transposeA),
        transposeB: Number(transposeB),
        zero: context.zeros(most),
        // of the product, and of the two of its gradients
        scratch: context.scratch(gemmScratchBytes(context.core, [m, n, k], [m, k, n], [k, m, n], [k, n, m], [n, k, m])),
      };
    },
    flops: (input, output) => 2 * sizeOf(input) * output.at(-1)!,
  });
}
