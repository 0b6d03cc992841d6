import { loadRest } from "../../../build/binaries.js";
import { elementwiseLossWith, PROBABILITY } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { noSoftmax } from "./refusedEnds.ts";

/**
 * -(w t ln s + (1 - t) ln(1 - s)), s = sigmoid(output), for yes-or-no targets t from 0 to 1: `binaryCrossEntropy` with the
 * sigmoid in it, exact for outputs of any size. Leave the last sigmoid out of the model.
 *
 * @param options.positiveWeight w, what a yes counts against a no, above 0; default 1
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @example new Trainer(model, { loss: binaryCrossEntropyWithLogits(), optimizer: adam() })
 */
export function binaryCrossEntropyWithLogits(options: { positiveWeight?: number } & LossOptions = {}): Loss {
  const type = "binaryCrossEntropyWithLogits";
  return elementwiseLossWith(
    "positiveWeight",
    { type, load: loadRest, targetRule: PROBABILITY, outputActivation: "sigmoid", refusedEnds: noSoftmax() },
    options,
  );
}
