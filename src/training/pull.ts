// Takes batches from a source, epoch by epoch: iterables and functions, rows that are mixed and put together, arrays in the epoch's order.
import type { TrainingData } from "../data/dataset.ts";
import { type Random, randomAt } from "../data/random.ts";
import { type Input, isSamples, type NumberArray, type Samples, samples } from "../data/samples.ts";
import { type Batch, batches, type Row, type Source, type SourceOf } from "../data/sources.ts";
import { checkKeys, checkKind, describe, isNumbers, isObject, isTyped } from "../util/check.ts";

/** Changes a batch before it is used. */
export type MapBatch = (batch: Batch, random: Random) => Batch | Promise<Batch>;

/**
 * The streams of random numbers, apart from those of models and of points: for functions of an epoch, for `map`, for rows that are mixed.
 * Data to measure with has the next ones.
 */
const STREAM_EPOCH = 0x70000;
const STREAM_MAP = 0x80000;
const STREAM_MIX = 0x90000;

/** What batches are made of. */
export interface PullOptions {
  readonly seed: number;
  /** Data to measure with: it shares no random numbers with training. */
  readonly measures: boolean;
  /** Rows of a batch, where single ones are put together. */
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly map?: MapBatch | undefined;
  readonly where: string;
  /** The state of a source, asked for after each batch where checkpoints are made. */
  readonly stateOf?: ((opened: object, source: Source) => unknown) | undefined;
}

/** Things of a source, one after another. */
class Items<T> {
  readonly #source: SourceOf<T>;
  /** It goes on from one epoch to the next, and begins again where it ends. */
  readonly #goesOn: boolean;
  readonly #where: string;
  #iterator: Iterator<T> | AsyncIterator<T> | undefined;
  /** What gave the iterator. */
  opened: object = [];
  #fresh = true;
  /** It was taken to where it had been, which may be its end: it then begins again. */
  #again = false;

  constructor(source: SourceOf<T>, goesOn: boolean, where: string) {
    this.#source = source;
    this.#goesOn = goesOn;
    this.#where = where;
  }

  /** Begins an epoch. `opens` is told what will give its iterator; `again`: it may be where it ends. */
  begin(epoch: number, random: () => Random, opens?: (source: object) => void, again = false): void {
    if (this.#iterator && this.#goesOn) return;
    const source = this.#source;
    const given: unknown = typeof source === "function" ? source(epoch, random()) : source;
    const open =
      isObject(given) &&
      ((given as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] ?? (given as Partial<Iterable<T>>)[Symbol.iterator]);
    const kind = "an iterable, such as what function* gives";
    checkKind(typeof open === "function", this.#where, "what the source's function returns", kind, given);
    this.opened = given as object;
    opens?.(this.opened);
    this.#iterator = (open as () => Iterator<T> | AsyncIterator<T>).call(given);
    this.#fresh = true;
    this.#again = again;
  }

  /** The next one, if there is one. */
  async next(): Promise<{ readonly value: T } | undefined> {
    for (;;) {
      const iterator = this.#iterator;
      if (!iterator) return undefined;
      let result: IteratorResult<T>;
      try {
        result = await iterator.next();
      } catch (error) {
        this.#iterator = undefined; // it has ended: nothing is to be returned
        throw error;
      }
      if (!result.done) {
        this.#fresh = false;
        return result;
      }
      if (this.#iterator === iterator) this.#iterator = undefined;
      if (!this.#again && (!this.#goesOn || this.#fresh)) return undefined;
      this.begin(0, () => randomAt(0, 0, 0)); // an iterable, which asks for neither
    }
  }

  /** No more is needed. */
  close(): unknown {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    return iterator?.return?.();
  }
}

/** Batches of a source, one after another. */
export class Pull {
  /** Batches of an epoch, Infinity where only the source knows. */
  readonly steps: number;
  /** Batches that were asked for in this epoch. */
  asked = 0;
  epoch = 0;
  /** The source's own state after the batch that it gave last, if it offers one. */
  after: unknown;
  readonly #items: Items<Batch> | Items<Row>;
  readonly #next: () => Promise<Batch | undefined>;
  readonly #close: boolean;
  readonly source: Source;
  readonly options: PullOptions;
  #mixing!: Random;

  constructor(source: Source, options: PullOptions) {
    const { stepsPerEpoch, shuffleBuffer } = source;
    const { where, batchSize, dropLast } = options;
    this.source = source;
    this.options = options;
    this.steps = stepsPerEpoch ?? Infinity;
    const from = source.batches ?? source.rows!;
    const goesOn = stepsPerEpoch !== undefined && typeof from !== "function";
    this.#close = !goesOn;
    if (source.batches) {
      const items = new Items(source.batches, goesOn, where);
      this.#items = items;
      this.#next = async () => (await items.next())?.value;
      return;
    }
    const items = new Items(source.rows!, goesOn, where);
    this.#items = items;
    const buffer: Row[] = [];
    const one = async (): Promise<Row | undefined> => {
      while (buffer.length <= shuffleBuffer) {
        const next = await items.next();
        if (!next) break;
        buffer.push(ownRow(next.value, where));
      }
      if (shuffleBuffer === 0 || buffer.length === 0) return buffer.pop();
      const at = this.#mixing.integer(buffer.length);
      const row = buffer[at];
      buffer[at] = buffer.at(-1)!;
      buffer.pop();
      return row;
    };
    this.#next = async () => {
      const group: Row[] = [];
      for (let row; group.length < batchSize && (row = await one());) group.push(row);
      if (group.length === 0 || (dropLast && group.length < batchSize)) return undefined;
      return batchOf(group, where);
    };
  }

  #random(stream: number, index = 0): Random {
    const { seed, measures } = this.options;
    return randomAt(seed, stream + Number(measures), this.epoch, index);
  }

  /** Begins an epoch. `opens` is told what will give its batches or rows; `again`: it may be where it ends. */
  begin(epoch: number, opens?: (source: object) => void, again?: boolean): void {
    this.epoch = epoch;
    this.asked = 0;
    this.#mixing = this.#random(STREAM_MIX);
    this.#items.begin(epoch, () => this.#random(STREAM_EPOCH), opens, again);
  }

  /** The next batch of the epoch, if there is one. `maps`: false for one that is left out. */
  async next(maps = true): Promise<Batch | undefined> {
    const { where, map, stateOf } = this.options;
    if (this.asked === this.steps) {
      if (this.#close) await this.close();
      return undefined;
    }
    const at = this.asked++;
    const batch = await this.#next();
    this.after = stateOf?.(this.#items.opened, this.source);
    const text = `${where}: batch ${at} of epoch ${this.epoch}`;
    if (batch === undefined) {
      if (at > 0 && this.steps === Infinity) return undefined;
      const steps = this.steps === Infinity ? "" : `, but stepsPerEpoch is ${this.steps}`;
      const advice =
        at > 0 ? "" : "; a generator can be gone through once: give a function of the epoch that makes a new one";
      throw new RangeError(`${where}: the source gave ${at} batches in epoch ${this.epoch}${steps}${advice}`);
    }
    checkBatch(text, batch);
    if (!map || !maps) return batch;
    const { sampleWeights } = batch;
    const mapped = await map(batch, this.#random(STREAM_MAP, at));
    checkBatch(`${text}, of map`, mapped);
    return sampleWeights && !mapped.sampleWeights ? { ...mapped, sampleWeights } : mapped;
  }

  /** No more batches are needed. */
  close(): unknown {
    return this.#items.close();
  }
}

function checkBatch(where: string, batch: unknown): void {
  checkKind(isObject(batch) && "x" in batch, where, "it", "{ x, y }", batch);
  checkKeys(where, batch as object, ["x", "y", "sampleWeights"]);
}

/** A row whose typed arrays are the caller's own: a source may use one array for all. */
function ownRow(row: Row, where: string): Row {
  checkKind(isObject(row) && "x" in row, where, "a row of the source", "{ x, y }", row);
  checkKeys(`${where}: a row of the source`, row, ["x", "y", "sampleWeight"]);
  const { x, y } = row;
  return { ...row, x: isObject(x) && isSamples(x) ? { ...x, data: copyOf(x.data) } : copyOf(x), y: copyOf(y) };
}

function batchOf(group: readonly Row[], where: string): Batch {
  const weighted = group.some(({ sampleWeight }) => sampleWeight !== undefined);
  return {
    x: joined(
      group.map(({ x }) => x),
      where,
    ),
    y: group.every(({ y }) => y === undefined)
      ? undefined
      : joined(
          group.map(({ y }) => y),
          where,
        ),
    ...(weighted && { sampleWeights: group.map(({ sampleWeight = 1 }) => sampleWeight) }),
  };
}

/** Rows as one value: typed arrays of one kind as one array, anything else as a list. */
function joined(values: readonly unknown[], where: string): Input {
  const [first] = values;
  if (isObject(first) && isSamples(first)) {
    const odd = values.find(
      (value) => !(isObject(value) && isSamples(value)) || value.scale !== first.scale || value.rows !== 1,
    );
    if (odd !== undefined) {
      const text = isObject(odd) && isSamples(odd) ? `${odd.rows} with scale ${odd.scale}` : describe(odd);
      throw new RangeError(
        `${where}: rows of the source must all be one sample with scale ${first.scale}, got ${text}`,
      );
    }
    return samples(join(values.map((value) => (value as Samples).data))!, first.shape, { scale: first.scale });
  }
  return join(values) ?? (values as Input);
}

function join(values: readonly unknown[]): NumberArray | undefined {
  const first = values[0] as NumberArray;
  if (!isTyped(first)) return undefined;
  const kind = first.constructor as new (length: number) => NumberArray;
  if (!values.every((value) => isTyped(value) && (value as NumberArray).length === first.length)) return undefined;
  if (!values.every((value) => (value as NumberArray).constructor === kind)) return undefined;
  const all = new kind(first.length * values.length);
  values.forEach((value, i) => all.set(value as NumberArray, i * first.length));
  return all;
}

/** Arrays as a source of batches, so that `map` may change them: the same rows in the same order as without. */
export function batchesOfArrays(
  { x, y, sampleWeights }: TrainingData,
  count: { readonly all: number; readonly trained: number },
  { batchSize, dropLast }: Pick<PullOptions, "batchSize" | "dropLast">,
  orderOf: (epoch: number) => ArrayLike<number>,
): Source {
  const { all, trained } = count;
  const end = dropLast ? trained - (trained % batchSize) : trained;
  return batches(function* (epoch) {
    const order = orderOf(epoch);
    for (let from = 0; from < end; from += batchSize) {
      const picked = Array.from({ length: Math.min(batchSize, end - from) }, (_, i) => order[from + i]!);
      yield {
        x: rowsOf(x, all, picked),
        y: rowsOf(y, all, picked),
        ...(sampleWeights && { sampleWeights: picked.map((row) => sampleWeights[row]!) }),
      };
    }
  });
}

/** Some of the rows, of the same kind as all: samples, a typed array, a list. */
function rowsOf(value: Input, all: number, picked: readonly number[]): Input {
  if (isSamples(value)) {
    const { data, shape, scale } = value;
    return samples(rowsOf(data, all, picked) as NumberArray, shape, { scale });
  }
  const size = (value as ArrayLike<unknown>).length / all;
  if (!isTyped(value)) {
    const list = value as readonly number[];
    return picked.flatMap((row) =>
      isNumbers(list[0]) ? [copyOf(list[row]!)] : list.slice(row * size, (row + 1) * size),
    );
  }
  const data = value as NumberArray;
  const some = new (data.constructor as new (length: number) => NumberArray)(picked.length * size);
  picked.forEach((row, i) => some.set(data.subarray(row * size, (row + 1) * size), i * size));
  return some;
}

/** A copy that `map` may write to. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  return isTyped(value) ? ((value as NumberArray).slice() as T) : value;
}
