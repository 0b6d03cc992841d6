import { noSecond } from "./refusedEnds.ts";
import { checkBoolean, checkKeys, checkWhole } from "../../util/check.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import { checkReduction, type Loss, type LossOptions } from "./loss.ts";
import { loadWithRest } from "./loadWithRest.ts";

/**
 * Connectionist temporal classification: -ln of the probability that the output gives to a row's labels, where only their order is known, not their
 * times, as in speech and handwriting. A path names a class at every step; it gives the labels when runs of one class are made one, and then
 * blanks are left out. The loss sums over all such paths. Takes the numbers before the softmax (logits), [rows, steps, classes]: one class
 * is the blank, which no label is.
 * Targets: a row of labels, then -1 up to `maxLabels`; `ctcTargets` makes such rows of lists of labels. `ctcDecode` reads the labels off an output.
 * A mean is that over the rows (PyTorch's divides each row's loss by the number of its labels first).
 *
 * @param options.blank the class of the blank; default 0
 * @param options.maxLabels how many labels a row of y has room for; default as many as there are steps
 * @param options.lengths each row of y begins with the number of its output's steps that count, before its labels; the others have no
 *   gradient; default false, all count
 * @param options.zeroInfinity rows whose labels need more steps than there are, one each and one between equal neighbours, count nothing; default
 *   false, they are refused, as their loss would be infinite
 * @param options.reduction "mean" over the rows (default) or "sum"
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Graves and others, "Connectionist temporal classification", 2006
 * @example
 * const model = await sequential({ input: [6, 2] }, gru(8, { returnSequences: true }), dense(4));
 * const trainer = new Trainer(model, { loss: ctc({ maxLabels: 3 }), optimizer: adam() });
 * trainer.step(new Float32Array(2 * 6 * 2), ctcTargets([[1, 2, 2], [3]], { maxLabels: 3 }));
 */
export function ctc(
  options: { blank?: number; maxLabels?: number; lengths?: boolean; zeroInfinity?: boolean } & LossOptions = {},
): Loss {
  checkKeys("ctc", options, ["blank", "maxLabels", "lengths", "zeroInfinity", "reduction"]);
  const { blank = 0, maxLabels, lengths = false, zeroInfinity = false, reduction = "mean" } = options;
  checkWhole("ctc", "blank", blank, 0);
  if (maxLabels !== undefined) checkWhole("ctc", "maxLabels", maxLabels);
  checkBoolean("ctc", "lengths", lengths);
  checkBoolean("ctc", "zeroInfinity", zeroInfinity);
  checkReduction("ctc", reduction);
  const mostOf = (output: Shape): number => maxLabels ?? output[0]!;
  return Object.freeze<Loss>({
    type: "ctc",
    load: loadWithRest,
    options: { blank, maxLabels, lengths, zeroInfinity, reduction },
    reduction,
    target: "values",
    targetShape: (output) => [Number(lengths) + mostOf(output)],
    checkTargets(y, output, where) {
      const width = Number(lengths) + mostOf(output);
      for (let r = 0; r * width < y.length; r++) {
        checkRow(
          y.subarray(r * width, (r + 1) * width),
          { output, blank, lengths, zeroInfinity },
          `${where}: ctc: y[${r}]`,
        );
      }
    },
    outputActivation: "softmax",
    refusedEnds: noSecond("softmax"),
    each: "rows",
    check(output, where) {
      const [steps = 0, classes = 0] = output;
      if (output.length !== 2 || classes < 2) {
        throw new RangeError(
          `${where}: ctc needs one output a class, the blank among them, at every step, [steps, classes], got ${shapeText(output)}`,
        );
      }
      if (blank >= classes) {
        throw new RangeError(
          `${where}: ctc: blank must be one of the ${classes} classes, from 0 to ${classes - 1}, got ${blank}`,
        );
      }
      if (mostOf(output) <= steps) return;
      throw new RangeError(
        `${where}: ctc: maxLabels is ${maxLabels}, but the output has ${steps} steps, and each label takes one; give a smaller maxLabels, or the model more steps`,
      );
    },
    args: ({ shape, parts }) => {
      const [steps, classes] = shape as [number, number];
      const most = mostOf(shape);
      const numbers = steps + (steps + 1) * (2 * most + 1);
      return {
        classes,
        blank,
        maxLabels: most,
        lengths: Number(lengths),
        scratch: parts.workspace.allocate(numbers * 8, "the paths of ctc"),
      };
    },
  });
}

/** What a row of targets must keep to. */
interface RowRule {
  readonly output: Shape;
  readonly blank: number;
  readonly lengths: boolean;
  readonly zeroInfinity: boolean;
}

/** Refuses a row that is no labels with -1 after them, or whose labels don't fit the steps. */
function checkRow(row: Float32Array, { output, blank, lengths, zeroInfinity }: RowRule, where: string): void {
  const [all, classes] = output as [number, number];
  const steps = lengths ? row[0]! : all;
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= all)) {
    throw new RangeError(`${where} must begin with the number of steps that count, from 1 to ${all}, got ${steps}`);
  }
  const labels = row.subarray(Number(lengths));
  const end = labels.indexOf(-1);
  const count = end < 0 ? labels.length : end;
  const bad = labels.findIndex((label, i) =>
    i < count ? !Number.isInteger(label) || label < 0 || label >= classes || label === blank : label !== -1,
  );
  if (bad >= 0) {
    const rule = `labels must be whole numbers from 0 to ${classes - 1} but the blank, ${blank}, and after the last one only -1`;
    throw new RangeError(`${where}: ${rule}, but label ${bad} is ${labels[bad]}`);
  }
  let needed = count;
  for (let i = 1; i < count; i++) if (labels[i] === labels[i - 1]) needed++;
  if (needed <= steps || zeroInfinity) return;
  throw new RangeError(
    `${where} has ${count} labels, which take ${needed} steps (one each, and one between equal neighbours), but ${steps} count; ` +
      "give the model more steps, leave the row out, or let such rows count nothing: zeroInfinity: true",
  );
}
