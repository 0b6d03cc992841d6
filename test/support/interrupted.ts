// A training that has everything that a checkpoint must hold, for tests that end it anywhere: in Node, in pages, and in their workers.
import {
  accuracy,
  adam,
  batchNorm,
  checkpoint,
  type CheckpointOptions,
  type CheckpointStore,
  dense,
  dropout,
  earlyStopping,
  emaWeights,
  f1,
  type FitOptions,
  oneCycle,
  type Random,
  reduceOnPlateau,
  relu,
  type Row,
  rows,
  type Schedule,
  sequential,
  softmaxCrossEntropy,
  type Source,
  Trainer,
  type TrainingData,
} from "wasmgrad";

export const KINDS = ["arrays", "source"] as const;
/** Arrays, some of which are for validation and the others are changed by `map`; or rows that are made and mixed while it trains. */
export type Kind = (typeof KINDS)[number];

export interface Interrupted {
  readonly kind: Kind;
  /** Where it goes on from, and writes to. Default none: it runs from its beginning to its end. */
  readonly store?: CheckpointStore | undefined;
  readonly when?: CheckpointOptions;
  readonly threads?: number;
  readonly worker?: boolean;
  /** Is called after each batch with the updates so far, and is waited for. */
  readonly look?: (updates: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** What must be the same, however often it was ended. */
export interface Outcome {
  readonly fingerprint: string;
  /** That of the averages. */
  readonly averages: string;
  /** A hash of what `trainer.state()` gives. */
  readonly state: string;
  readonly updates: number;
  readonly history: Readonly<Record<string, readonly number[]>>;
}

const FEATURES = 8;
const CLASSES = 4;
const BATCH = 16;
/** At most: the validation stops it before. */
const EPOCHS = 80;

/** Rows of classes that lie in one another; `next` gives numbers from 0 to 1. */
function rowOf(next: () => number): Row {
  const y = Math.floor(CLASSES * next());
  return { x: Float32Array.from({ length: FEATURES }, (_, i) => 3 * (next() - 0.5) + Number(i % CLASSES === y)), y };
}

function arraysOf(count: number, seed: number): TrainingData {
  let state = seed;
  const next = (): number => (state = (48271 * state) % 0x7fffffff) / 0x7fffffff;
  const all = Array.from({ length: count }, () => rowOf(next));
  return {
    x: Float32Array.from(all.flatMap(({ x }) => Array.from(x as Float32Array))),
    y: all.map(({ y }) => y as number),
  };
}

/** Without an end: an epoch goes on where the one before ended. */
function* endless(_epoch: number, random: Random): Generator<Row> {
  for (;;) yield rowOf(() => random.uniform());
}

const PARTS: Readonly<
  Record<Kind, () => { data: TrainingData | Source; schedule: Schedule; patience: number; options: FitOptions }>
> = {
  arrays: () => ({
    data: arraysOf(720, 1),
    schedule: oneCycle({ length: EPOCHS * 18 }),
    patience: 20,
    options: {
      validationSplit: 0.2,
      map: ({ x, y }, random) => ({ x: (x as Float32Array).map((value) => value + random.uniform(-0.5, 0.5)), y }),
    },
  }),
  source: () => ({
    data: rows(endless, { shuffleBuffer: 50, stepsPerEpoch: 37 }),
    schedule: reduceOnPlateau({ patience: 1 }),
    patience: 12,
    options: { validationData: arraysOf(150, 2) },
  }),
};

/** FNV-1a over bytes. */
function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Trains, from the last checkpoint on if there is one. */
export async function train(given: Interrupted): Promise<Outcome> {
  const { kind, store, when = {}, threads = 1, worker = false, look, signal } = given;
  const { data, schedule, patience, options } = PARTS[kind]();
  const layers = [dense(24), batchNorm(), relu(), dropout(0.2), dense(24), relu(), dense(CLASSES)];
  const model = await sequential({ input: FEATURES, seed: 5, threads }, ...layers);
  const trainer = new Trainer(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 0.003 }),
    schedule,
    metrics: [accuracy(), f1()],
  });
  const averages = emaWeights({ decay: 0.98 });
  const history = await trainer.fit(data as TrainingData, {
    ...options,
    epochs: EPOCHS,
    batchSize: BATCH,
    accumulate: 2,
    worker,
    progress: false,
    warnings: false,
    resumeFrom: store,
    ...(signal && { signal }),
    callbacks: [
      averages,
      earlyStopping({ patience }),
      { onBatchEnd: (_batch, _logs, { updates }) => look?.(updates!) },
      ...(store ? [checkpoint(store, when)] : []),
    ],
  });
  const fingerprint = model.fingerprint();
  const state = hashOf(trainer.state());
  averages.swap(model);
  return { fingerprint, averages: model.fingerprint(), state, updates: trainer.updates, history };
}

/** A checkpoint, or what came of a training that has ended. */
export interface Passed {
  readonly bytes: string;
  readonly outcome: Outcome | undefined;
}

/** Goes on from a checkpoint, base64, and after so many updates more ends with another one. */
export async function passOn(given: Interrupted, bytes: string, updates: number): Promise<Passed> {
  let kept: Uint8Array | undefined = bytes === "" ? undefined : Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  const store: CheckpointStore = { write: async (written) => void (kept = written), latest: async () => kept };
  const away = new AbortController();
  let until: number | undefined;
  const look = (now: number): void => {
    until ??= now + updates;
    if (now >= until) away.abort();
  };
  const passed = (outcome: Outcome | undefined): Passed => ({
    bytes: btoa(Array.from(kept!, (byte) => String.fromCharCode(byte)).join("")),
    outcome,
  });
  try {
    return passed(await train({ ...given, store, look, signal: away.signal }));
  } catch (error) {
    if (!away.signal.aborted) throw error;
    return passed(undefined);
  }
}
