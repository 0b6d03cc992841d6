import { loadBoth } from "./loadBoth.ts";
import { checkKeys } from "../../util/check.ts";
import { shapeText } from "../../util/shape.ts";
import { checkReduction, type Loss, type LossOptions } from "./loss.ts";

/**
 * -ln softmax(output)[label] at every step: the loss of models that name a class for each step of a sequence, such as the next
 * word. Takes the numbers before the softmax (logits). Shapes: output [rows, ..., classes], targets [rows, ...], one
 * integer label per step; a step whose label is -1 counts nothing, such as the padding after a short sequence.
 * A mean divides by the weights of the steps that count. For one label per row, `softmaxCrossEntropy` has more options.
 *
 * @param options.reduction "mean" over the steps (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @example
 * const model = await sequential({ input: 4 }, embedding(10, 8), lstm(16, { returnSequences: true }), dense(10));
 * const trainer = new Trainer(model, { loss: sequenceCrossEntropy(), optimizer: adam() });
 * trainer.step([[1, 2, 3, 4]], [[2, 3, 4, -1]]);
 */
export function sequenceCrossEntropy(options: LossOptions = {}): Loss {
  checkKeys("sequenceCrossEntropy", options, ["reduction"]);
  const { reduction = "mean" } = options;
  checkReduction("sequenceCrossEntropy", reduction);
  return Object.freeze<Loss>({
    type: "sequenceCrossEntropy",
    load: loadBoth,
    options: { reduction },
    reduction,
    target: "values",
    targetShape: (output) => (output.length > 1 ? output.slice(0, -1) : [1]),
    targetRule: {
      holds: (value, output) => Number.isInteger(value) && value >= -1 && value < output.at(-1)!,
      text: "labels: whole numbers below the number of classes, or -1 for steps that don't count",
    },
    outputActivation: "softmax",
    each: "elements",
    check(output, where) {
      if (output.at(-1)! > 1) return;
      throw new RangeError(
        `${where}: sequenceCrossEntropy needs one output a class, 2 or more, at every step, [..., classes], got ${shapeText(output)}`,
      );
    },
    args: ({ shape }) => ({ classes: shape.at(-1)! }),
  });
}
