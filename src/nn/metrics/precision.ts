import { type AverageOptions, precisionOf, fromClassCounts } from "./classCounts.ts";
import type { Metric } from "./metric.ts";

/**
 * Of what was called a class, the share that is: true positives / (true + false positives), 0 where nothing was called it.
 *
 * Of several labels a row may have at once, each a yes-or-no output, each is a class. Answers at every step or pixel count as rows do.
 *
 * @param options.average "binary": of class 1; "macro": the mean over the classes; "micro": of all decisions together.
 * Default "binary" with two classes, "macro" with more, and with several labels at once.
 * @throws {RangeError} if the average is another word
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [precision({ average: "macro" })] })
 */
export function precision(options: AverageOptions = {}): Metric<"precision"> {
  return fromClassCounts("precision", options, precisionOf);
}
