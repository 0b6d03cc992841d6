// Data that is made while training: batches or rows of a source, in place of arrays of all rows.
import { checkKeys, checkKind, checkWhole, isObject } from "../util/check.ts";
import type { Target } from "./dataset.ts";
import type { Random } from "./random.ts";
import type { Input } from "./samples.ts";

/** The rows of one step. */
export interface Batch {
  /** The inputs: arrays, a typed array, or samples. */
  readonly x: Input;
  /** The targets, as many rows. */
  readonly y?: Target | undefined;
  /** What each row counts, 0 or more; default all 1. */
  readonly sampleWeights?: ArrayLike<number> | undefined;
}

/** One row. */
export interface Row {
  /** The input: numbers of the model's input shape, or a number if it takes one. */
  readonly x: Input | number;
  /** The target: a label, or numbers of the model's output shape. */
  readonly y?: Target | number | undefined;
  /** What the row counts, 0 or more; default 1. */
  readonly sampleWeight?: number | undefined;
}

/** What batches or rows are taken from; a function is called for each epoch. `epoch` is the trainer's count of epochs. */
export type SourceOf<T> =
  Iterable<T> | AsyncIterable<T> | ((epoch: number, random: Random) => Iterable<T> | AsyncIterable<T>);

/** Data that is made while training, for `fit` and `evaluate`. Made by `batches` and `rows`. */
export interface Source {
  /** By it `fit` knows a source. */
  readonly isSource: true;
  /** @internal */
  readonly batches: SourceOf<Batch> | undefined;
  /** @internal */
  readonly rows: SourceOf<Row> | undefined;
  /** Batches of an epoch; undefined: as many as there are. */
  readonly stepsPerEpoch: number | undefined;
  /** @internal Rows that are mixed. */
  readonly shuffleBuffer: number;
}

/** Is it made by `batches` or `rows`? */
export const isSource = (data: unknown): data is Source => isObject(data) && "isSource" in data;

/**
 * Batches that are made while training: loaded, generated, changed in every epoch, or more than memory holds. `fit` and `evaluate` take them
 * in place of arrays, and hold one in memory. The next batch is asked for before the current one is computed, so that waiting for it costs
 * nothing. Each is validated when it comes. The first one, or `batchSize`, says how many rows a batch has at most.
 *
 * An iterable is gone through once an epoch: an array of batches as often as you like, a generator once. With `stepsPerEpoch` it goes on
 * from one epoch to the next, and begins again where it ends, if it can. A function is called for each epoch. An iterator's `return` is called
 * once no more of it is needed.
 *
 * @param source { x, y, sampleWeights } one after another: an iterable, an async iterable, or a function that gives one; it gets the
 *   trainer's count of epochs, and random numbers of that epoch
 * @param options.stepsPerEpoch batches of an epoch; default as many as the source has
 * @throws {TypeError | RangeError} if the source is neither, or an option can't be used
 * @example
 * const source = batches(function* (_epoch, random) {
 *   for (let i = 0; i < 10; i++) {
 *     const x = Float32Array.from({ length: 32 * 2 }, () => random.uniform(-1, 1));
 *     yield { x, y: Float32Array.from({ length: 32 }, (_, row) => x[2 * row]! * x[2 * row + 1]!) };
 *   }
 * });
 * const model = await sequential({ input: 2 }, dense(16), tanh(), dense(1));
 * const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam() });
 * await trainer.fit(source, { epochs: 3 });
 */
export function batches(source: SourceOf<Batch>, options: { stepsPerEpoch?: number } = {}): Source {
  checkSource("batches", source, options, ["stepsPerEpoch"]);
  const { stepsPerEpoch } = options;
  return Object.freeze<Source>({ isSource: true, batches: source, rows: undefined, stepsPerEpoch, shuffleBuffer: 0 });
}

/**
 * Rows that are made while training, `batchSize` of which make a batch: as `batches`, for sources that give one row at a time. Rows are
 * copied when they come, so that a source may use its arrays again.
 *
 * @param source { x, y, sampleWeight } one after another: an iterable, an async iterable, or a function that gives one
 * @param options.shuffleBuffer so many rows are held, and the next one is any of them; default 0: the source's order
 * @param options.stepsPerEpoch batches of an epoch; default as many as the source has
 * @throws {TypeError | RangeError} if the source is neither, or an option can't be used
 * @example
 * async function* lines() {
 *   for (const line of ["0 0 0", "0 1 1", "1 0 1", "1 1 0"]) {
 *     const [a = 0, b = 0, y = 0] = line.split(" ").map(Number);
 *     yield { x: [a, b], y };
 *   }
 * }
 * const model = await sequential({ input: 2 }, dense(4), tanh(), dense(1));
 * const trainer = new Trainer(model, { loss: binaryCrossEntropyWithLogits(), optimizer: adam() });
 * await trainer.fit(rows(lines, { shuffleBuffer: 4 }), { epochs: 3, batchSize: 2 });
 */
export function rows(source: SourceOf<Row>, options: { shuffleBuffer?: number; stepsPerEpoch?: number } = {}): Source {
  checkSource("rows", source, options, ["shuffleBuffer", "stepsPerEpoch"]);
  const { shuffleBuffer = 0, stepsPerEpoch } = options;
  checkWhole("rows", "shuffleBuffer", shuffleBuffer, 0);
  return Object.freeze<Source>({ isSource: true, batches: undefined, rows: source, stepsPerEpoch, shuffleBuffer });
}

function checkSource(
  where: string,
  source: unknown,
  options: { stepsPerEpoch?: number },
  known: readonly string[],
): void {
  const holds =
    typeof source === "function" || (isObject(source) && (Symbol.asyncIterator in source || Symbol.iterator in source));
  const advice = isObject(source) && "x" in source ? "; fit and evaluate take arrays as they are: fit({ x, y })" : "";
  const kind = "an iterable, an async iterable, or a function of the epoch that gives one";
  checkKind(holds, where, "the source", kind, source, advice);
  checkKeys(where, options, known);
  if (options.stepsPerEpoch !== undefined) checkWhole(where, "stepsPerEpoch", options.stepsPerEpoch);
}
