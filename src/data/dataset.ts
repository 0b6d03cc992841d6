// Data to train on: what `fit` and `evaluate` take, and data sets that a memory keeps a copy of.
import { checkKeys, checkKind, isNumbers, isObject } from "../util/check.ts";
import type { Input } from "./samples.ts";

/** Targets: one label per row, or numbers of the model's output shape. */
export type Target = Input;

/** Rows to train on or to evaluate with. */
export interface TrainingData {
  /** The inputs: arrays, a typed array, or samples. */
  readonly x: Input;
  /** The targets, as many rows. */
  readonly y: Target;
  /** What each row counts, 0 or more; default all 1. */
  readonly sampleWeights?: ArrayLike<number> | undefined;
}

/** Refuses what isn't an object of x and y, or has an unknown key. The contents are validated when they are used. */
export function checkData(where: string, data: TrainingData): void {
  // fit(x, y), as other libraries have it
  const call = where === "evaluate" ? where : "fit";
  const made = typeof data === "function" || (isObject(data) && "next" in data); // a source, or a generator
  const kind = isNumbers(data)
    ? `{ x, y }, one object: ${call}({ x, y }, options)`
    : `{ x, y }${made ? ", batches(...) or rows(...)" : ""}`;
  checkKind(isObject(data) && "x" in data && "y" in data, where, "the data", kind, data);
  checkKeys(where, data, ["x", "y", "sampleWeights"]);
}

/** Data that doesn't change any more: a model's memory keeps its copy from one `fit` to the next. Made by `dataset`. */
export class Dataset<X extends Input = Input, Y extends Target = Target> implements TrainingData {
  /** The inputs. */
  readonly x: X;
  /** The targets. */
  readonly y: Y;
  /** What each row counts; undefined: all 1. */
  readonly sampleWeights: ArrayLike<number> | undefined;

  /** @internal */
  constructor(data: { x: X; y: Y; sampleWeights?: ArrayLike<number> | undefined }) {
    this.x = data.x;
    this.y = data.y;
    this.sampleWeights = data.sampleWeights;
    Object.freeze(this);
  }

  /** @internal By it a data set of another copy of the library is known, too. */
  get isDataset(): true {
    return true;
  }
}

/**
 * Data that is used more than once. `fit({ x, y })` validates the numbers and copies them into the core in each call; a data
 * set is validated and copied once per memory, so its arrays must not be changed after their first use.
 *
 * @param data.x rows: arrays, a typed array, or samples
 * @param data.y one label per row, or numbers of the model's output shape
 * @param data.sampleWeights what each row counts, 0 or more; default all 1
 * @example const train = dataset({ x: samples(pixels, [784], { scale: 1 / 255 }), y: labels });
 */
export function dataset<X extends Input, Y extends Target>(data: {
  x: X;
  y: Y;
  sampleWeights?: ArrayLike<number> | undefined;
}): Dataset<X, Y> {
  checkData("dataset", data);
  return new Dataset(data);
}
