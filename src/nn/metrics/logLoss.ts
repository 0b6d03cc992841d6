import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys } from "../../util/check.ts";
import { checkClassification, classArgs, type Metric, refuseMultiLabel } from "./metric.ts";

/**
 * The mean of -ln(probability given to the target's class), from the probabilities that the loss makes of the outputs. Each
 * probability is kept 1e-15 away from 0 and 1.
 *
 * @throws {TypeError} if an option is given: it has none
 * @throws {RangeError} from the trainer, if the model's output doesn't fit
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [logLoss()] })
 */
export function logLoss(options: Record<string, never> = {}): Metric<"logLoss"> {
  checkKeys("logLoss", options, []);
  return Object.freeze<Metric<"logLoss">>({
    name: "logLoss",
    type: "logLoss",
    options: {},
    kernel: "logLoss",
    load: loadExtra,
    input: "probabilities",
    check(context, where) {
      checkClassification(context, "logLoss", where);
      refuseMultiLabel(context, "logLoss", where);
      if (context.loss.outputActivation !== "sign") return;
      throw new RangeError(
        `${where}: logLoss needs probabilities, but ${context.loss.type}'s outputs are none; use accuracy, f1 or rocAuc`,
      );
    },
    stateSize: () => 2,
    args: classArgs,
    result: (state) => state[0]! / state[1]!,
  });
}
