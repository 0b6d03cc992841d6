import { loadRest } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkClassification, classArgs, type Metric } from "./metric.ts";

/**
 * The share of right answers, from 0 to 1: rows whose largest output is the target's class; for single yes-or-no outputs, those
 * on the target's side of the threshold (1/2 for probabilities, 0 for the outputs of losses that contain the sigmoid). Where there is
 * an answer at every step or pixel, [..., classes], all of them count but those whose label is -1.
 *
 * @throws {TypeError} if an option is given: it has none
 * @throws {RangeError} from the trainer, if the model's output or the loss doesn't fit
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] })
 */
export function accuracy(options: Record<string, never> = {}): Metric<"accuracy"> {
  checkKeys("accuracy", options, []);
  return Object.freeze<Metric<"accuracy">>({
    name: "accuracy",
    type: "accuracy",
    options: {},
    kernel: "accuracy",
    load: loadRest,
    input: "output",
    check: (context, where) => checkClassification(context, "accuracy", where),
    stateSize: () => 2,
    args: (context) => ({
      ...classArgs(context),
      each: context.separate && !context.labels ? 1 : 0,
      threshold: f32(context.threshold),
    }),
    result: (state) => state[0]! / state[1]!,
  });
}
