import { checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { type Metric, refuseStepwise } from "./metric.ts";

/**
 * The share of right answers, from 0 to 1: rows whose largest output is the target's class; for single yes-or-no outputs, those
 * on the target's side of the threshold (1/2 for probabilities, 0 for the outputs of losses that contain the sigmoid).
 *
 * @throws {TypeError} if an option is given: it has none
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] })
 */
export function accuracy(options: Record<string, never> = {}): Metric {
  checkKeys("accuracy", options, []);
  return Object.freeze<Metric>({
    name: "accuracy",
    type: "accuracy",
    options: {},
    kernel: "accuracy",
    input: "output",
    check: (context, where) => refuseStepwise(context, "accuracy", where),
    stateSize: () => 2,
    args: ({ labels, separate, threshold }) => ({
      labels: labels ? 1 : 0,
      each: separate && !labels ? 1 : 0,
      threshold: f32(threshold),
    }),
    result: (state) => state[0]! / state[1]!,
  });
}
