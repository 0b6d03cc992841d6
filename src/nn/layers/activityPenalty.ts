import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkNotNegative } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { sizeOf } from "../../util/shape.ts";

/** Options of `activityPenalty`. */
export interface ActivityPenaltyOptions extends Named {
  /** What the sum of |x| is multiplied by: many numbers become small or 0; default 0. */
  readonly l1?: number;
  /** What the sum of x^2 is multiplied by: large numbers cost most; default 0. */
  readonly l2?: number;
}

/**
 * Passes its input on, and adds a penalty on its numbers to the loss: (l1 sum |x| + l2 sum x^2) / rows, the sums over all numbers of all
 * rows of the batch, whatever they weigh. So a code is kept sparse or small. The loss in the history, of `step` and of `evaluate` has it, as a mean
 * over the batches; so have the gradients of `backward`. `predict` gives what it would without. Within `timeDistributed` each step is a
 * row. Any shape.
 *
 * @param options.l1 0 or more; default 0
 * @param options.l2 0 or more; default 0
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Ng, "Sparse autoencoder", 2011
 * @example sequential({ input: 8 }, dense(4), relu(), activityPenalty({ l1: 1e-3 }), dense(8)) // a sparse code
 */
export function activityPenalty(options: ActivityPenaltyOptions = {}): Layer {
  checkKeys("activityPenalty", options, ["l1", "l2", "name"]);
  const { l1 = 0, l2 = 0, name } = options;
  checkNotNegative("activityPenalty", "l1", l1);
  checkNotNegative("activityPenalty", "l2", l2);
  return Object.freeze<LibraryLayer>({
    type: "activityPenalty",
    name,
    options: { l1, l2 },
    kernel: "activityPenalty",
    backwardReads: "output",
    inPlace: true,
    load: loadSequence,
    outputShape: (input) => input,
    args: (context) => ({ l1: f32(l1), l2: f32(l2), program: context.program }),
    flops: (input) => 4 * sizeOf(input),
  });
}
