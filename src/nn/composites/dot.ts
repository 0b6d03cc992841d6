import { checkBoolean, checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import { withoutAxis } from "../layers/axis.ts";
import { broadcast } from "./broadcast.ts";
import { branchesOf, composite } from "./composite.ts";
import { type Branches, checkTwo, loadOperators, outputsOf } from "./operator.ts";

/** Options of `dot`. */
export interface DotOptions extends Named {
  /** Divide by the vectors' lengths, which gives the cosine of their angle, -1 to 1; default false. */
  readonly normalize?: boolean;
}

/**
 * Gives the same input to two branches, and takes the dot products of their outputs along the last axis: of two vectors [n] one number,
 * [1]; of [steps, n] twice [steps]. Sums are float64.
 *
 * With `normalize` it is the cosine, x·z / (|x| |z|), with lengths of 1e-8 at least, so that zeros give 0. The last axis has the same
 * size in both. The axes before it have, too, or differ as NumPy allows: counted from the last, and where one has a single place, or
 * none, its numbers are repeated.
 *
 * @param branches two; a layer, or an array of consecutive layers; `[]` passes the input on
 * @param options.normalize divide by the vectors' lengths; default false
 * @throws {TypeError} if one isn't a layer, or an option can't be used
 * @throws {RangeError} if there are other than two or, when a model is made, their shapes don't fit
 * @see Bromley and others, "Signature verification using a Siamese time delay neural network", 1993
 * @example
 * const pair = inputs({ one: 6, other: 6 });
 * const tower = shared(chain(dense(8), tanh(), dense(4)));
 * sequential({ input: pair }, dot([from("one", tower), from("other", tower)], { normalize: true }))
 */
export function dot(branches: Branches, options: DotOptions = {}): Layer {
  const inner = branchesOf("dot", branches);
  checkKeys("dot", options, ["normalize", "name"]);
  const { normalize = false, name } = options;
  checkBoolean("dot", "normalize", normalize);
  checkTwo("dot", inner);
  return composite("dot", inner, { normalize, name }, (graph, x, layers) => {
    const [a, other] = broadcast(graph, "dot", outputsOf(graph, x, layers), 1);
    return graph.add(products(normalize, name), a!, { other: other! });
  });
}

const products = (normalize: boolean, name: string | undefined): Layer =>
  Object.freeze<LibraryLayer>({
    type: "dot",
    name,
    options: {},
    kernel: normalize ? "dotCosine" : "dot",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "input",
    load: loadOperators,
    outputShape(input, where, others) {
      const other = others!["other"]!;
      if (other.at(-1) !== input.at(-1)) {
        throw new RangeError(
          `${where}: the last axis must have the same size in both branches, but branch 1 gives ${shapeText(input)} and ` +
            `branch 2 ${shapeText(other)}`,
        );
      }
      return withoutAxis(input, input.length - 1);
    },
    args(context, input) {
      const n = input.at(-1)!;
      const [other, dOther] = [context.input("other"), context.inputGradient("other")];
      return { other, dOther, blocks: sizeOf(input) / n, n };
    },
    flops: (input) => (normalize ? 6 : 2) * sizeOf(input),
  });
