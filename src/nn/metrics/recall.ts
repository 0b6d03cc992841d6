import { type AverageOptions, recallOf, fromClassCounts } from "./classCounts.ts";
import type { Metric } from "./metric.ts";

/**
 * Of what is a class, the share that was called it: true positives / (true positives + false negatives), 0 where there is
 * nothing.
 *
 * Of several labels a row may have at once, each a yes-or-no output, each is a class. Answers at every step or pixel count as rows do.
 *
 * @param options.average "binary": of class 1; "macro": the mean over the classes; "micro": of all decisions together.
 * Default "binary" with two classes, "macro" with more, and with several labels at once.
 * @throws {RangeError} if the average is another word
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [recall({ average: "macro" })] })
 */
export function recall(options: AverageOptions = {}): Metric<"recall"> {
  return fromClassCounts("recall", options, recallOf);
}
