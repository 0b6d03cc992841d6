// Rows of labels for `ctc`, and back from outputs.
import { checkKeys, checkKind, checkNumber, checkNumbers, checkShape, checkWhole } from "../../util/check.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";

/**
 * Makes the targets of `ctc` of lists of labels: each row its labels, then -1; before them the number of its steps that count, where `lengths`
 * are given.
 *
 * @param labels for each row a list of labels, which may be empty
 * @param options.maxLabels how many a row has room for, as for `ctc`; default as many as the longest list has, at least 1
 * @param options.lengths for each row how many steps of its output count; for `ctc({ lengths: true })`
 * @throws {TypeError | RangeError} if the labels aren't lists of numbers, one is too long, or there aren't as many lengths as rows
 * @example console.log(ctcTargets([[1, 2], [3]], { maxLabels: 3 })); // 1, 2, -1, 3, -1, -1
 */
export function ctcTargets(
  labels: readonly ArrayLike<number>[],
  options: { maxLabels?: number; lengths?: ArrayLike<number> } = {},
): Float32Array {
  checkKind(Array.isArray(labels), "ctcTargets", "labels", "an array with a list of labels for each row", labels);
  checkKeys("ctcTargets", options, ["maxLabels", "lengths"]);
  labels.forEach((row, r) => {
    checkNumbers("ctcTargets", `labels[${r}]`, row);
    for (let i = 0; i < row.length; i++) checkWhole("ctcTargets", `labels[${r}][${i}]`, row[i]!, 0);
  });
  const { maxLabels = labels.reduce((most, row) => Math.max(most, row.length), 1), lengths } = options;
  checkWhole("ctcTargets", "maxLabels", maxLabels);
  if (lengths !== undefined) checkLengths("ctcTargets", lengths, labels.length);
  const before = lengths === undefined ? 0 : 1;
  const width = before + maxLabels;
  const targets = new Float32Array(labels.length * width).fill(-1);
  labels.forEach((row, r) => {
    if (row.length > maxLabels) {
      throw new RangeError(`ctcTargets: labels[${r}] has ${row.length} labels, more than maxLabels, ${maxLabels}`);
    }
    if (lengths !== undefined) targets[r * width] = lengths[r]!;
    targets.set(row, r * width + before);
  });
  return targets;
}

/**
 * Reads each row's labels off the output of a model that was trained with `ctc`: the largest class of every step, runs of one class made
 * one, blanks left out. That is the most probable path, though not always the most probable labels.
 *
 * @param output logits or probabilities, such as `predict` gives: rows of [steps, classes]
 * @param options.shape [steps, classes], the model's `outputShape`
 * @param options.blank the class of the blank, as for `ctc`; default 0
 * @param options.lengths for each row how many of its steps count; default all
 * @returns for each row its labels
 * @throws {TypeError | RangeError} if the output isn't rows of that shape, holds what is no number, or an option can't be used
 * @example
 * const output = [0, 5, 0, 0, 5, 0, 5, 0, 0, 0, 0, 5]; // classes 1, 1, 0 (the blank), 2
 * console.log(ctcDecode(output, { shape: [4, 3] })); // [[1, 2]]
 */
export function ctcDecode(
  output: ArrayLike<number>,
  options: { shape: Shape; blank?: number; lengths?: ArrayLike<number> },
): number[][] {
  checkKeys("ctcDecode", options, ["shape", "blank", "lengths"]);
  const { blank = 0, lengths } = options;
  checkNumbers("ctcDecode", "output", output);
  const shape = checkShape("ctcDecode", "shape", options.shape);
  const [steps, classes] = shape as [number, number];
  if (shape.length !== 2 || classes < 2) {
    throw new RangeError(
      `ctcDecode: shape must be [steps, classes], with 2 classes or more, got [${shape.join(", ")}]`,
    );
  }
  checkWhole("ctcDecode", "blank", blank, 0, classes - 1);
  const rows = output.length / sizeOf(shape);
  if (!Number.isInteger(rows)) {
    throw new RangeError(
      `ctcDecode: output has ${output.length} numbers, which is no whole number of rows of ${steps}x${classes}`,
    );
  }
  if (lengths !== undefined) checkLengths("ctcDecode", lengths, rows, steps);
  return Array.from({ length: rows }, (_, r) => {
    const labels: number[] = [];
    let before = blank;
    for (let t = 0; t < (lengths?.[r] ?? steps); t++) {
      const at = (r * steps + t) * classes;
      let best = 0;
      for (let c = 0; c < classes; c++) {
        const value = output[at + c]!;
        if (Number.isNaN(value))
          throw new RangeError(`ctcDecode: output[${at + c}] is NaN; the model's numbers are not finite`);
        if (value > output[at + best]!) best = c;
      }
      if (best !== before && best !== blank) labels.push(best);
      before = best;
    }
    return labels;
  });
}

/** One number of steps for each row. */
function checkLengths(where: string, lengths: ArrayLike<number>, rows: number, most?: number): void {
  checkNumbers(where, "lengths", lengths);
  checkNumber(
    lengths.length === rows,
    where,
    "the number of lengths",
    `one for each of the ${rows} rows`,
    lengths.length,
  );
  for (let r = 0; r < rows; r++) checkWhole(where, `lengths[${r}]`, lengths[r]!, 1, most);
}
