// `mixup`: rows of a batch are mixed in pairs, and so are their targets.
import { checkKeys, checkKind, checkWhole } from "../util/check.ts";
import type { Random } from "./random.ts";
import { flattenRows, type Input, isSamples, writeScaled } from "./samples.ts";
import type { Batch } from "./sources.ts";
import { type Shape, sizeOf } from "../util/shape.ts";

/** Options of `mixup`: one of them. */
export interface MixupOptions {
  /** Targets are labels of so many classes, 2 or more: they become shares of the classes. */
  readonly classes?: number;
  /** Targets are numbers, so many in a row. */
  readonly outputs?: number;
}

/**
 * Mixes the rows of each batch in pairs, for `fit(data, { map })`: row i becomes m times itself and 1 - m times the row that it is paired with, by a
 * random order of the batch, and so do its target and what it counts. m is drawn for each row, uniformly from 0 to 1, the Beta
 * distribution with alpha 1. So a network learns to go straight from one row to another, and is less sure of itself.
 *
 * Labels become a row of shares, of which two at most aren't 0: losses that take distributions are trained on them, as `softmaxCrossEntropy` and
 * `klDivergence` are; `binaryCrossEntropyWithLogits` is on numbers from 0 to 1. Data to validate with keep their labels. Which rows are mixed
 * depends on the model's seed, the epoch and the batch alone, to the bit.
 *
 * @param options.classes targets are labels of so many classes, 2 or more
 * @param options.outputs targets are numbers, so many in a row
 * @returns a function for `map`: of x, y and weights of a batch as `fit` takes them it makes float32 ones
 * @throws {TypeError | RangeError} if neither or both are given, or one can't be used; from `fit`, if a batch isn't of such rows
 * @see Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", 2018
 * @example
 * const classifier = await sequential({ input: 4 }, dense(8), relu(), dense(3));
 * const trainer = new Trainer(classifier, { loss: softmaxCrossEntropy(), optimizer: adam() });
 * const data = { x: new Float32Array(6 * 4).fill(0.5), y: [0, 1, 2, 0, 1, 2] };
 * await trainer.fit(data, { map: mixup({ classes: 3 }), epochs: 2 });
 */
export function mixup(options: MixupOptions): (batch: Batch, random: Random) => Batch {
  checkKeys("mixup", options, ["classes", "outputs"]);
  const { classes, outputs } = options;
  if ((classes === undefined) === (outputs === undefined)) {
    throw new RangeError(
      `mixup: give one of classes (targets are labels) and outputs (targets are so many numbers in a row), got ` +
        `${classes === undefined ? "neither" : "both"}`,
    );
  }
  if (classes !== undefined) checkWhole("mixup", "classes", classes, 2);
  if (outputs !== undefined) checkWhole("mixup", "outputs", outputs);
  return ({ x, y, sampleWeights }, random) => {
    checkKind(y !== undefined, "mixup", "y", "given: targets are mixed, too", y);
    const targets = classes === undefined ? numbersOf(y!, "y", [outputs!]) : sharesOf(y!, classes);
    // integers by their bits are such small numbers
    const bits = classes === undefined ? targets.findIndex((value) => value !== 0 && Math.abs(value) < 2 ** -126) : -1;
    if (bits >= 0) {
      throw new RangeError(
        `mixup: y has labels that outputs' targets(...) joined, in row ${Math.floor(bits / outputs!)}, which can't be mixed; ` +
          "give that output labels: false, and rows with a 1 for its class",
      );
    }
    const rows = targets.length / (classes ?? outputs!);
    const shape = rowShape(x, rows);
    const inputs = numbersOf(x, "x", shape);
    const given = inputs.length / sizeOf(shape);
    if (given !== rows) throw new RangeError(`mixup: y has ${rows} rows, but x has ${given}`);
    const others = Array.from({ length: rows }, (_, row) => row);
    for (let i = rows - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [others[i], others[j]] = [others[j]!, others[i]!];
    }
    const shares = others.map(() => random.uniform());
    const mixed = (values: ArrayLike<number>): Float32Array => {
      const size = values.length / rows;
      const result = new Float32Array(values.length);
      for (let row = 0; row < rows; row++) {
        const m = shares[row]!;
        const other = others[row]! * size;
        for (let i = 0; i < size; i++) {
          result[row * size + i] = m * values[row * size + i]! + (1 - m) * values[other + i]!;
        }
      }
      return result;
    };
    if (sampleWeights && sampleWeights.length !== rows) {
      throw new RangeError(`mixup: y has ${rows} rows, but there are ${sampleWeights.length} sampleWeights`);
    }
    return {
      x: mixed(inputs),
      y: mixed(targets),
      ...(sampleWeights && { sampleWeights: mixed(sampleWeights) }),
    };
  };
}

/** The numbers as float32. */
function numbersOf(values: Input, name: string, shape: Shape): Float32Array {
  const flat = flattenRows(values, shape, "mixup", name);
  const numbers = new Float32Array(flat.data.length);
  writeScaled(flat, numbers);
  return numbers;
}

/** Shape of a row of x, as far as its value says it. */
function rowShape(x: Input, rows: number): Shape {
  if (isSamples(x)) return x.shape;
  const shape: number[] = [];
  for (let part: unknown = (x as readonly unknown[])[0]; Array.isArray(part) || ArrayBuffer.isView(part);) {
    const list = part as ArrayLike<unknown>;
    shape.push(list.length);
    [part] = [list[0]];
  }
  if (shape.length > 0 && sizeOf(shape) > 0) return shape;
  // one array of all numbers
  return [Math.max(1, Math.floor((x as ArrayLike<number>).length / rows))];
}

/** Labels as shares of the classes: 1 of one of them. */
function sharesOf(y: Input, classes: number): Float32Array {
  const labels = numbersOf(y, "y", [1]);
  const shares = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(
        `mixup: labels must be whole numbers from 0 to ${classes - 1} (classes is ${classes}), but y[${row}] is ${label}`,
      );
    }
    shares[row * classes + label] = 1;
  });
  return shares;
}
