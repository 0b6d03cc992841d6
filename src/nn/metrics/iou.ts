import { type Average, fromClassCounts, iouOf } from "./classCounts.ts";
import type { Metric } from "./metric.ts";

/**
 * The mean intersection over union: of the answers that are of a class or were called it, the share that is both; the mean over the
 * classes that occur. For masks, with an answer at every pixel, [height, width, classes], as for one answer a row.
 *
 * @param options.average "macro": the mean over the classes, but those that neither occur nor were called (default); "micro": of all
 * decisions together; "binary": of class 1 alone, as for a mask of one object
 * @throws {RangeError} if the average is another word
 * @see Everingham and others, "The Pascal visual object classes challenge", 2010
 * @example new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [iou()] })
 */
export function iou(options: { average?: Average } = {}): Metric<"iou"> {
  return fromClassCounts("iou", options, iouOf, "macro");
}
