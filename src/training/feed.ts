// Feeds programs with batches that are made while training: each is validated when it comes, and written to the memory of one batch before
// its pass. Fetched when `fit` or `evaluate` first gets a source, or `map`.
import type { TrainingData } from "../data/dataset.ts";
import { type Batch, isSource, type Source } from "../data/sources.ts";
import { Workspace } from "../runtime/arena.ts";
import { beginBatch } from "../runtime/program.ts";
import { seedWords } from "../runtime/record.ts";
import { nextTask } from "../runtime/timers.ts";
import { STREAM_ORDER } from "../../build/abi.js";
import type { Signal } from "../util/platform.ts";
import { unlessAborted } from "../util/unlessAborted.ts";
import { flattenData, placeData, type Prepared, prepareData, rangesOf, trainedRows } from "./preparedData.ts";
import { batchesOfArrays, type MapBatch, Pull, type PullOptions } from "./pull.ts";
import { type DataPart, type Feed, type TrainerState, UNKNOWN } from "./trainerState.ts";
import { bindData, metricContext, type TrainingProgram } from "./trainingProgram.ts";

/** What `fit` was given. */
interface Settings {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly accumulate: number;
  readonly validationData?: TrainingData | Source | undefined;
  readonly validationSplit: number;
  readonly map?: MapBatch | undefined;
  readonly signal?: Signal | undefined;
}

type Releases = (() => unknown)[];

/** Where batches go on, in a training that is resumed. */
export interface FeedPosition {
  readonly most: number;
  /** Begins the epoch there. */
  skip(pull: Pull, epoch: number): Promise<void>;
  /** Refuses a source that has no more batches there. */
  refuseEnd(pull: Pull): never;
  /**
   * Sets what is known of the epoch. Refuses a source whose batch before the `next` one was another than the training had.
   *
   * @param write writes a batch to memory
   */
  place(feed: BatchFeed, next: Batch, write: (batch: Batch) => void): Promise<void>;
}

/** What makes checkpoints, and goes on from one. */
export interface FeedKeeper extends Pick<PullOptions, "stateOf"> {
  readonly feed: FeedPosition | undefined;
  readonly validation: FeedPosition | undefined;
  /** Is the epoch over, as far as its source says so soon? A checkpoint at the end of a training has to know. */
  isOver(next: Promise<unknown>): Promise<boolean>;
  /** Notes what the arrays are, of which `map` makes batches. */
  note(name: "data", data: Prepared): Promise<void>;
}

/**
 * Opens what `fit` makes its batches of. Returns its settings, with what takes the place of arrays.
 *
 * @param asked the options as they were given, without defaults
 */
export async function openFit<S extends Settings>(
  state: TrainerState,
  data: TrainingData | Source,
  settings: S,
  asked: Partial<Settings>,
  releases: Releases,
  keeper?: FeedKeeper,
): Promise<S & { training?: Prepared; validation?: DataPart | undefined; feed?: Feed }> {
  const { map, validationData, dropLast, accumulate, signal } = settings;
  let validation: DataPart | undefined;
  if (isSource(validationData)) {
    const measuring = { where: "fit: validationData", batchSize: settings.batchSize, signal, keeper };
    validation = await openMeasure(state, validationData, { ...measuring, epoch: state.epochs + 1 }, releases);
  }
  const rest = { ...settings, validationData: isSource(validationData) ? undefined : validationData };
  if (!isSource(data) && !map) return { ...rest, validation };
  if (isSource(data)) refuseSourceOptions(data, state.model.kept !== undefined, asked);
  let source: Source;
  let { batchSize } = settings;
  if (isSource(data)) source = data;
  else {
    const all = prepareData(data, state.dataSpec, "fit");
    releases.push(all.release);
    await keeper?.note("data", all);
    const trained = trainedRows(all.rows, settings);
    if (trained < all.rows) validation = { data: all, from: trained, rows: all.rows - trained };
    else all.release();
    batchSize = Math.min(batchSize, trained);
    source = batchesOfArrays(
      data,
      { all: all.rows, trained },
      { batchSize, dropLast },
      orders(state, trained, settings.shuffle, releases),
    );
  }
  const pulling = { seed: state.model.seed, measures: false, batchSize, dropLast, map, where: "fit" };
  const pull = new Pull(source, { ...pulling, stateOf: keeper?.stateOf });
  releases.push(() => endPull(pull));
  const least = isSource(data) && data.batches ? (asked.batchSize ?? 0) : 0;
  const feed = new BatchFeed(state, pull, { where: "fit", least, accumulate, signal, trains: true, keeper });
  const training = await feed.open(state.epochs, releases, keeper?.feed);
  return {
    ...rest,
    batchSize: feed.most,
    shuffle: false,
    dropLast: false,
    validationSplit: 0,
    training,
    validation,
    feed,
  };
}

/** Opens a source of data to measure with, at an epoch. */
export async function openMeasure(
  state: TrainerState,
  source: Source,
  {
    where,
    batchSize,
    signal,
    epoch,
    keeper,
  }: {
    readonly where: string;
    readonly batchSize: number;
    readonly signal?: Signal | undefined;
    readonly epoch: number;
    readonly keeper?: FeedKeeper | undefined;
  },
  releases: Releases,
): Promise<DataPart> {
  const pulling = { seed: state.model.seed, measures: true, batchSize, dropLast: false, where };
  const pull = new Pull(source, { ...pulling, stateOf: keeper?.stateOf });
  releases.push(() => endPull(pull));
  const feed = new BatchFeed(state, pull, { where, least: 0, accumulate: 1, signal, trains: false });
  const data = await feed.open(epoch, releases, keeper?.validation);
  return { data, from: 0, rows: data.rows, feed };
}

/** Refuses options of `fit` that need all rows at once. */
function refuseSourceOptions(
  { batches, shuffleBuffer }: Source,
  stateful: boolean,
  { validationSplit = 0, shuffle, dropLast }: Partial<Settings>,
): void {
  if (validationSplit > 0) {
    throw new RangeError(
      "fit: validationSplit takes the last rows, which a source doesn't know; give validationData, a source or arrays",
    );
  }
  if (shuffle) {
    throw new RangeError(
      "fit: shuffle needs all rows at once, which a source doesn't have; rows(source, { shuffleBuffer: 1000 }) mixes its rows",
    );
  }
  if (stateful && shuffleBuffer > 0) {
    throw new RangeError("fit: a layer is stateful, so the rows must keep their order; give rows no shuffleBuffer");
  }
  if (dropLast && batches) {
    throw new RangeError(
      "fit: dropLast is for rows, but this source gives whole batches; leave it out, or give rows(source)",
    );
  }
}

/** Lets a source go. What it throws then is passed over: the training is over, or has failed already. */
function endPull(pull: Pull): void {
  try {
    void Promise.resolve(pull.close()).catch(() => {});
  } catch {
    // as above
  }
}

/** The order of the rows in an epoch: as the core has it for arrays. */
function orders(
  { model: { core, seed } }: TrainerState,
  rows: number,
  shuffle: boolean,
  releases: Releases,
): (epoch: number) => ArrayLike<number> {
  if (!shuffle) {
    const stored = Uint32Array.from({ length: rows }, (_, i) => i);
    return () => stored;
  }
  const workspace = new Workspace(core.arena, "fit");
  releases.push(() => workspace.free());
  const address = workspace.allocate(Math.ceil(rows / 16) * 64 + 64, "the order of the rows");
  const [low, high] = seedWords(seed) as [number, number];
  return (epoch) => {
    core.exports.randomPermutation(address, rows, low, high, STREAM_ORDER, BigInt(epoch));
    return core.arena.u32.slice(address / 4, address / 4 + rows);
  };
}

interface FeedOptions {
  readonly where: string;
  /** Rows that there is room for at least. */
  readonly least: number;
  readonly accumulate: number;
  readonly signal: Signal | undefined;
  /** Batches are trained on, not only measured. */
  readonly trains: boolean;
  /** Makes checkpoints. */
  readonly keeper?: FeedKeeper | undefined;
}

class BatchFeed implements Feed {
  rows = Infinity;
  batches = Infinity;
  most = 0;
  readonly #state: TrainerState;
  readonly #pull: Pull;
  readonly #options: FeedOptions;
  data: Prepared | undefined;
  #allocate!: (bytes: number, what: string) => number;
  /** The batch that was asked for. */
  #next: Promise<Batch | undefined> | undefined;
  /** Rows of the batch that is written; 0: none is. */
  #written = 0;
  /** Rows of the current batch, its number, and the source's own state after it. */
  #current = 0;
  #batch = 0;
  #after: unknown;
  done = 0;
  after: unknown;
  hash: string | undefined;

  constructor(state: TrainerState, pull: Pull, options: FeedOptions) {
    this.#state = state;
    this.#pull = pull;
    this.#options = options;
  }

  /** Asks for the first batch, by which memory is allocated. Nothing is computed before it is found right. */
  async open(epoch: number, releases: Releases, from?: FeedPosition): Promise<Prepared> {
    const { where, least, signal } = this.#options;
    const { model, metrics, loss, dataSpec } = this.#state;
    const { steps } = this.#pull;
    if (from) await unlessAborted(from.skip(this.#pull, epoch), signal);
    else this.#pull.begin(epoch);
    const first = await unlessAborted(this.#pull.next(), signal);
    signal?.throwIfAborted();
    if (!first) from?.refuseEnd(this.#pull);
    const flatten = (batch: unknown) => flattenData(batch as TrainingData, dataSpec, this.#name());
    const flat = flatten(first);
    const { labels } = flat.y;
    if (least > 0 && flat.x.rows > least) {
      throw new RangeError(
        `${this.#name()} has ${flat.x.rows} rows, but batchSize is ${least}, which is how many a batch has at most`,
      );
    }
    this.most = Math.max(flat.x.rows, from?.most ?? least);
    this.batches = steps;
    this.rows = steps * this.most;
    for (const metric of metrics) {
      const size = (rows: number): number => metric.stateSize(metricContext(metric, model, { loss, labels }, rows));
      if (steps < Infinity || size(1) === size(2)) continue;
      throw new RangeError(
        `${where}: ${metric.name} keeps a number for each row; give the source stepsPerEpoch, so that it has memory for them`,
      );
    }
    const workspace = new Workspace(model.core.arena, where);
    const release = (): void => workspace.free();
    releases.push(release);
    const rows = steps < Infinity ? steps * this.most : this.most;
    this.#state.checkMetrics(labels, rows, where);
    // what is allocated for the first batch has room for the largest, and is written to again
    const addresses = new Map<string, number>();
    this.#allocate = (bytes, what) => {
      const address = addresses.get(what) ?? workspace.allocate((bytes / flat.x.rows) * this.most, what);
      addresses.set(what, address);
      return address;
    };
    this.#write(flat);
    await from?.place(this, first!, (batch) => {
      this.#write(flatten(batch));
      this.#current = this.#written;
    });
    return (this.data = { ...this.data!, rows, release });
  }

  #name(): string {
    return `${this.#options.where}: batch ${this.#pull.asked - 1} of epoch ${this.#pull.epoch}`;
  }

  /** Writes a batch that was found right, if there is room and it is of the first one's kind. */
  #write(flat: ReturnType<typeof flattenData>): void {
    const { x, y, weights } = flat;
    const data = this.data;
    const where = this.#name();
    const { dataSpec, model } = this.#state;
    if (x.rows > this.most) {
      throw new RangeError(
        `${where} has ${x.rows} rows, but there is room for ${this.most}, as many as the first batch had; give the largest ` +
          `number as batchSize`,
      );
    }
    if (model.kept && x.rows < this.most) {
      throw new RangeError(
        `${where} has ${x.rows} rows, but a layer is stateful, so that each batch needs ${this.most}, as many as the first one`,
      );
    }
    const kinds = (bytes: boolean, labels: boolean): string =>
      `${bytes ? "bytes" : "numbers"} with ${labels ? "labels" : "values"} as targets`;
    const bytes = x.data.BYTES_PER_ELEMENT === 1;
    if (data && (bytes !== data.x.bytes || y.labels !== data.y.labels)) {
      throw new TypeError(
        `${where} must be like the first one, ${kinds(data.x.bytes, data.y.labels)}, got ${kinds(bytes, y.labels)}`,
      );
    }
    if (weights && data?.weights === 0) {
      throw new TypeError(`${where} has sampleWeights, but the first one had none; give all of them weights`);
    }
    if (this.#options.trains) model.checkBatch(x.rows, where);
    const all = data?.weights && !weights ? new Float32Array(x.rows).fill(1) : weights;
    const placed = placeData({ ...flat, weights: all }, dataSpec, where, this.#allocate);
    this.data = { release() {}, ...data, ...placed, rows: data?.rows ?? x.rows };
    this.#written = x.rows;
  }

  get ranges(): Feed["ranges"] {
    return rangesOf(this.data!, this.#current);
  }

  async load(trainingProgram: TrainingProgram, batch: number): Promise<void> {
    const { signal, accumulate } = this.#options;
    const { program } = trainingProgram;
    const pull = this.#pull;
    if (batch === 0) {
      program.counters = this.#state.counters;
      this.done = 0;
      if (!this.#written) pull.begin(this.#state.epochs);
    }
    if (!this.#written) {
      const next = await unlessAborted((this.#next ??= pull.next()), signal);
      if (signal?.aborted) return this.#stop();
      this.#write(flattenData(next as TrainingData, this.#state.dataSpec, this.#name()));
    }
    this.#current = this.#written;
    this.#written = 0;
    this.#batch = batch;
    this.#after = pull.after;
    this.hash = UNKNOWN;
    let last = pull.asked === pull.steps;
    this.#ask();
    const micro = program.accumulated + 1;
    // the update of the epoch's last passes is made with the last one: it has to be known
    if (!last && micro % accumulate > 0) last = !(await unlessAborted(this.#next!, signal));
    bindData(trainingProgram, this.data!, -beginBatch(program, this.#current, last));
  }

  /** Nobody waits any more: `fit` ends its loop by itself, what measures is left here. */
  #stop(): void {
    if (!this.#options.trains) this.#options.signal?.throwIfAborted();
  }

  /** Asks for the next batch: where passes run elsewhere, once they do, as a source may take this thread's time. */
  #ask(): void {
    const { offThread, model } = this.#state;
    const { reason, binary } = model.core.executor;
    const elsewhere = offThread !== undefined || (binary === "threads" && reason === undefined);
    this.#next = elsewhere ? nextTask().then(() => this.#pull.next()) : this.#pull.next();
    this.#next.catch(() => {}); // whoever waits for it is told
  }

  async ended(): Promise<boolean> {
    const { signal } = this.#options;
    this.done += this.#current;
    this.after = this.#after;
    this.hash = undefined;
    const next = await unlessAborted(this.#next!, signal);
    if (signal?.aborted) this.#stop();
    if (next || (signal?.aborted && !(await this.#options.keeper?.isOver(this.#next!)))) return false;
    this.#next = undefined;
    this.rows = this.done;
    this.batches = this.#batch + 1;
    return true;
  }
}
