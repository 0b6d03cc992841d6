import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys } from "../../util/check.ts";
import { shapeText } from "../../util/shape.ts";
import { type Metric, refuseNumbers, refuseStepwise } from "./metric.ts";

/**
 * The area under the receiver operating characteristic: the chance that a row of class 1 has a larger output than one of class
 * 0; equal outputs count 1/2. For models with one output. NaN if the rows are all of one class, or an output is NaN.
 *
 * @throws {TypeError} if an option is given: it has none
 * @throws {RangeError} from the trainer, if the model's output doesn't fit
 * @see Hanley, McNeil, "The meaning and use of the area under a ROC curve", 1982
 * @example
 * const yesOrNo = await sequential({ input: 4 }, dense(1));
 * new Trainer(yesOrNo, { loss: binaryCrossEntropyWithLogits(), optimizer: adam(), metrics: [rocAuc()] });
 */
export function rocAuc(options: Record<string, never> = {}): Metric<"rocAuc"> {
  checkKeys("rocAuc", options, []);
  return Object.freeze<Metric<"rocAuc">>({
    name: "rocAuc",
    type: "rocAuc",
    options: {},
    kernel: "rocAuc",
    load: loadExtra,
    input: "output",
    check(context, where) {
      const { output } = context;
      refuseStepwise(context, "rocAuc", where);
      if (output.length !== 1 || output[0] !== 1) {
        throw new RangeError(`${where}: rocAuc needs a single output, got ${shapeText(output)}`);
      }
      refuseNumbers(context, "rocAuc", where);
    },
    stateSize: ({ rows }) => 1 + rows,
    args: ({ labels }) => ({ labels: labels ? 1 : 0 }),
    result(state) {
      const rows = state[0]!;
      const scores = new Float32Array(state.buffer, state.byteOffset + 8, rows * 2);
      const classes = new Uint32Array(state.buffer, state.byteOffset + 8, rows * 2);
      // what can't be compared has no place in an order
      for (let i = 0; i < rows; i++) if (Number.isNaN(scores[2 * i])) return NaN;
      const order = Array.from({ length: rows }, (_, i) => i).toSorted((a, b) => scores[2 * a]! - scores[2 * b]!);
      let positives = 0;
      let wins = 0; // pairs in which class 1 has the larger output, ties counted half
      for (let i = 0; i < rows;) {
        let j = i;
        let tiedPositives = 0;
        for (; j < rows && scores[2 * order[j]!] === scores[2 * order[i]!]; j++)
          tiedPositives += classes[2 * order[j]! + 1]!;
        const tiedNegatives = j - i - tiedPositives;
        const negativesBelow = i - positives;
        wins += tiedPositives * (negativesBelow + tiedNegatives / 2);
        positives += tiedPositives;
        i = j;
      }
      return wins / (positives * (rows - positives));
    },
  });
}
