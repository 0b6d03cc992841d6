import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys, checkWhole } from "../../util/check.ts";
import { checkClasses } from "../checkClasses.ts";
import { checkAnswers, classArgs, type Metric, refuseMultiLabel } from "./metric.ts";

/**
 * The share of rows whose class is among the k largest outputs; among equal ones the lower class ranks first.
 *
 * @param options.k 1 or more; default 5
 * @throws {RangeError} if k is not an integer of 1 or more; from the trainer, if the model's output or the loss doesn't fit
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [topKAccuracy({ k: 3 })] })
 */
export function topKAccuracy<const K extends number = 5>(options: { k?: K } = {}): Metric<`top${K}Accuracy`> {
  checkKeys("topKAccuracy", options, ["k"]);
  const { k = 5 as K } = options;
  checkWhole("topKAccuracy", "k", k);
  return Object.freeze<Metric<`top${K}Accuracy`>>({
    name: `top${k}Accuracy`,
    type: "topKAccuracy",
    options: { k },
    kernel: "topKAccuracy",
    load: loadExtra,
    input: "output",
    check(context, where) {
      checkAnswers(context, "topKAccuracy", where);
      checkClasses([context.output.at(-1) ?? 1], "topKAccuracy", where);
      refuseMultiLabel(context, "topKAccuracy", where);
      // losses of numbers are taken, as they always were: of one-hot targets the largest is the class
    },
    stateSize: () => 2,
    args: (context) => ({ ...classArgs(context), k }),
    result: (state) => state[0]! / state[1]!,
  });
}
