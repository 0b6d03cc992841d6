import { type AverageOptions, f1Of, fromClassCounts } from "./classCounts.ts";
import type { Metric } from "./metric.ts";

/**
 * 2 precision recall / (precision + recall), 0 where both are 0.
 *
 * Of several labels a row may have at once, each a yes-or-no output, each is a class. Answers at every step or pixel count as rows do.
 *
 * @param options.average "binary": of class 1; "macro": the mean over the classes; "micro": of all decisions together.
 * Default "binary" with two classes, "macro" with more, and with several labels at once.
 * @throws {RangeError} if the average is another word
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [f1({ average: "macro" })] })
 */
export function f1(options: AverageOptions = {}): Metric<"f1"> {
  return fromClassCounts("f1", options, f1Of);
}
