import { loadLosses } from "../../../build/loadLosses.js";
import { checkKeys, checkNumber } from "../../util/check.ts";
import { shapeText } from "../../util/shape.ts";
import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * q d where d = target - output is positive, (q - 1) d else: the pinball loss, which is least where a share q of the targets is below
 * the output. So 0.5 gives the median, 0.1 and 0.9 an interval that four of five targets are in.
 * A list of k quantiles gives all of them at once: the output's last axis has k numbers, one for each quantile in the order of the
 * list, and y has one target for them. Shapes: output [rows, ..., k], targets [rows, ...].
 *
 * @param options.quantile q, above 0 and below 1, or a list; default 0.5
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Koenker, Bassett, "Regression quantiles", 1978
 * @example
 * const model = await sequential({ input: 2 }, dense(8), relu(), dense(3));
 * const trainer = new Trainer(model, { loss: quantile({ quantile: [0.1, 0.5, 0.9] }), optimizer: adam() });
 * await trainer.fit({ x: [[0, 1], [1, 0]], y: [0.3, 0.7] });
 */
export function quantile(options: { quantile?: number | readonly number[] } & LossOptions = {}): Loss {
  checkKeys("quantile", options, ["quantile", "reduction"]);
  const { quantile: given = 0.5, ...others } = options;
  const isList = Array.isArray(given);
  const quantiles = Object.freeze(isList ? [...(given as readonly number[])] : [given as number]);
  if (quantiles.length === 0) throw new RangeError("quantile: the list of quantiles is empty; at least one is needed");
  quantiles.forEach((q, i) => {
    // as float32: neither 0 nor 1
    const holds = typeof q === "number" && Math.fround(q) > 0 && Math.fround(q) < 1;
    checkNumber(holds, "quantile", isList ? `quantile[${i}]` : "quantile", "above 0 and below 1", q);
  });
  const loss = elementwiseLoss({ type: "quantile", load: loadLosses }, others);
  return Object.freeze({
    ...loss,
    options: { quantile: isList ? quantiles : quantiles[0]!, ...loss.options },
    ...(isList && {
      targetShape: (output: readonly number[]) => (output.length > 1 ? output.slice(0, -1) : [1]),
      check(output: readonly number[], where: string) {
        if (output.at(-1) === quantiles.length) return;
        throw new RangeError(
          `${where}: quantile needs as many numbers in the output's last axis as quantiles, ${quantiles.length}, got ${shapeText(output)}`,
        );
      },
    }),
    args: ({ constants }) => ({ count: quantiles.length, quantiles: constants(quantiles) }),
  });
}
