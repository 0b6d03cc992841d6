import { loadLosses } from "../../../build/loadLosses.js";
import { checkKeys, checkNumber, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * max(0, margin + |a - p| - |a - n|): an anchor a shall be nearer to the positive p than to the negative n, by a margin. A row of the output is the three
 * embeddings one after the other: [3 size] or [3, size]. Put three samples into a row of x, [3, ...], and let `timeDistributed` give the
 * same layers to each; or give three inputs to one shared layer and `concat` what it makes of them.
 * There is nothing to compare with, so y isn't read: any number for each row, such as 0.
 * Distances have 1e-6 added to each difference, as in PyTorch, so that equal embeddings have a slope.
 *
 * @param options.margin above 0; default 1
 * @param options.p 2: Euclidean distances (default); 1: sums of absolute differences
 * @param options.reduction "mean" over the rows (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Schroff and others, "FaceNet", 2015
 * @example
 * const model = await sequential({ input: [3, 4] }, timeDistributed(dense(2)));
 * const trainer = new Trainer(model, { loss: tripletMargin({ margin: 0.5 }), optimizer: adam() });
 * trainer.step([[[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0]]], [0]);
 */
export function tripletMargin(options: { margin?: number; p?: 1 | 2 } & LossOptions = {}): Loss {
  checkKeys("tripletMargin", options, ["margin", "p", "reduction"]);
  const { margin = 1, p = 2, ...others } = options;
  checkPositive("tripletMargin", "margin", margin);
  checkNumber(p === 1 || p === 2, "tripletMargin", "p", "1 or 2", p);
  const loss = elementwiseLoss({ type: "tripletMargin", load: loadLosses }, others);
  return Object.freeze({
    ...loss,
    options: { margin, p, ...loss.options },
    each: "rows",
    targetShape: () => [1],
    check(output, where) {
      if (sizeOf(output) % 3 === 0) return;
      throw new RangeError(
        `${where}: tripletMargin needs three embeddings of one size in a row of the output, [3 size] or [3, size], got ${shapeText(output)}`,
      );
    },
    args: () => ({ margin: f32(margin), p }),
  });
}
