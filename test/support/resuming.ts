// The promise of checkpoints: a training that was ended anywhere and is resumed is the one that was never ended, to the bit.
import { expect } from "vitest";
import * as w from "../../src/index.ts";
import { readCheckpoint } from "../../src/io/checkpointFile.ts";
import { normal, wholes } from "./seeded.ts";

export interface Kept {
  readonly bytes: Uint8Array;
  readonly info: w.CheckpointInfo;
}

/** Keeps every checkpoint in memory. `from`: what it gives as the latest; default what was written last. */
export class MemoryStore implements w.CheckpointStore {
  readonly kept: Kept[] = [];
  from: Uint8Array | undefined;

  constructor(from?: Uint8Array) {
    this.from = from;
  }

  async write(bytes: Uint8Array, info: w.CheckpointInfo): Promise<void> {
    this.kept.push({ bytes, info });
  }

  async latest(): Promise<Uint8Array | undefined> {
    return this.from ?? this.kept.at(-1)?.bytes;
  }
}

/** With it every batch comes back to JavaScript, so that a checkpoint may be made. */
export const everyBatch = (): w.Callback => ({ onBatchEnd() {} });

/** A checkpoint after every batch. */
export const always = (store: w.CheckpointStore, options: w.CheckpointOptions = {}): w.Callback[] => [
  everyBatch(),
  w.checkpoint(store, { everySeconds: 1e-9, ...options }),
];

/** A training whose parts are made anew each time. `resumed`: for one that goes on from a checkpoint. */
export interface Training {
  trainer(resumed: boolean): Promise<w.Trainer>;
  data(resumed: boolean): w.TrainingData | w.Source;
  options?(resumed: boolean): w.FitOptions;
}

/** What came of a training. */
export interface Outcome {
  readonly history: w.History;
  readonly state: Uint8Array;
  readonly callbacks: readonly unknown[];
}

/** What a checkpoint says besides what can be looked at. */
interface Inside {
  readonly position: { readonly accumulated: number };
}
export const inside = (bytes: Uint8Array): Inside => readCheckpoint(bytes) as unknown as Inside;

/** Trains, with more options, and gives what came of it; callbacks' states are those before the first `onTrainEnd`. */
export async function train(
  { trainer: make, data, options }: Training,
  resumed: boolean,
  more: w.FitOptions = {},
): Promise<Outcome & { readonly trainer: w.Trainer }> {
  const { callbacks: own = [], ...rest } = options?.(resumed) ?? {};
  const callbacks: unknown[] = [];
  const note: w.Callback = {
    onTrainEnd(training) {
      for (const callback of own) if (callback.state) callbacks.push(structuredClone(callback.state(training)));
    },
  };
  const trainer = await make(resumed);
  const history = await trainer.fit(data(resumed), {
    progress: false,
    warnings: false,
    ...rest,
    ...more,
    callbacks: [note, ...own, ...(more.callbacks ?? [])],
  });
  return { history, state: trainer.state(), callbacks, trainer };
}

/** The same, with a readable difference where they aren't. */
export function expectSameOutcome(given: Outcome, wanted: Outcome, where: string): void {
  expect(given.history, `${where}: history`).toEqual(wanted.history);
  expect(given.callbacks, `${where}: callbacks`).toEqual(wanted.callbacks);
  expect(Buffer.compare(given.state, wanted.state), `${where}: state`).toBe(0);
}

/** The same bytes, told apart by what they say. */
export function expectSameCheckpoints(given: readonly Kept[], wanted: readonly Kept[], where: string): void {
  expect(
    given.map(({ info }) => info),
    `${where}: checkpoints`,
  ).toEqual(wanted.map(({ info }) => info));
  given.forEach(({ bytes }, i) => {
    const same = Buffer.compare(bytes, wanted[i]!.bytes) === 0;
    if (!same) expect(readCheckpoint(bytes), `${where}: checkpoint ${i}`).toEqual(readCheckpoint(wanted[i]!.bytes));
    expect(same, `${where}: the bytes of checkpoint ${i}`).toBe(true);
  });
}

/** Some of the checkpoints: the first, in an epoch, in an update, at the end of an epoch, the last. */
export function sampled(kept: readonly Kept[]): number[] {
  const read = kept.map(({ bytes }) => readCheckpoint(bytes));
  const inUpdate = kept.findLastIndex(({ bytes }) => inside(bytes).position.accumulated > 0);
  const inEpoch = read.findLastIndex(({ batch, epoch }) => batch > 0 && epoch > 0);
  const atEnd = read.findIndex(({ batch, ended }) => batch === 0 && !ended);
  const all = new Set([0, inUpdate, inEpoch, atEnd, kept.length - 1]);
  return [...all].filter((i) => i >= 0).toSorted((a, b) => a - b);
}

/**
 * Trains once without checkpoints, once with one after every batch, and goes on from some of them with a fresh trainer: history, state,
 * callbacks and later checkpoints are all the same. Returns what the first two gave.
 */
export async function expectResumes(
  training: Training,
  { least = 2, options = {} }: { readonly least?: number; readonly options?: w.CheckpointOptions } = {},
): Promise<{ readonly outcome: Outcome; readonly kept: readonly Kept[] }> {
  // one that is called after every batch, too: metrics of the user's and the like may count calls
  const outcome = await train(training, false);
  const store = new MemoryStore();
  expectSameOutcome(await train(training, false, { callbacks: always(store, options) }), outcome, "with checkpoints");
  const { kept } = store;
  expect(kept.length, "checkpoints").toBeGreaterThanOrEqual(least);
  for (const i of sampled(kept)) {
    const { epoch, batch } = readCheckpoint(kept[i]!.bytes);
    const where = `from epoch ${epoch}, batch ${batch}`;
    const from = new MemoryStore(kept[i]!.bytes);
    const callbacks = always(from, options);
    expectSameOutcome(await train(training, true, { resumeFrom: from, callbacks }), outcome, where);
    expectSameCheckpoints(from.kept, kept.slice(i + 1), where);
  }
  return { outcome, kept };
}

/** Rows of three numbers, with a label below 2. */
export const ROWS = 22;
export const x = normal(ROWS * 3, { seed: 1 });
export const y = wholes(ROWS, { seed: 2, below: 2 });

/** Dropout masks and running statistics: the counters, and all kinds of parameters, matter. */
export const layers = (): w.Layer[] => [w.dense(5), w.batchNorm(), w.tanh(), w.dropout(0.3), w.dense(2)];

/** A small trainer of these rows. */
export async function small(
  parts: Partial<w.TrainerOptions> = {},
  options: Omit<w.ModelOptions, "input"> = {},
  make: () => w.Layer[] = layers,
): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed: 7, ...options }, ...make());
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }), ...parts });
}

/** Three epochs of 5 batches, the last of which is short, in updates of two; the last one of an epoch is of one. */
export const FIT: w.FitOptions = { epochs: 3, batchSize: 5, accumulate: 2 };
