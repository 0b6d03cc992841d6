// What a training refuses to go on from: another training's checkpoint, what isn't one, sources that give something else. Nothing is changed then.
import { describe, expect, test } from "vitest";
import { withChecksum } from "../../src/formats/safetensors.ts";
import { modelToBytes, readSafetensors, writeSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";
import { always, layers, MemoryStore, small, train, type Training, x, y } from "../support/resuming.ts";
import { generator } from "../support/seeded.ts";

const FIT: w.FitOptions = { epochs: 3, batchSize: 5, accumulate: 2 };
const plain: Training = { trainer: () => small(), data: () => ({ x, y }), options: () => FIT };
type Kind = new (...rest: never[]) => Error;

/** The checkpoints of a training, one after every batch. */
async function keptOf(training: Training): Promise<MemoryStore> {
  const store = new MemoryStore();
  await train(training, false, { callbacks: always(store) });
  return store;
}

/** A training refuses to go on, before anything is computed: the trainer, which isn't new, is as it was. */
async function expectRefused(training: Training, store: unknown, kind: Kind, message: string | RegExp): Promise<void> {
  const trainer = await training.trainer(true);
  trainer.model.zeroGradients();
  const before = trainer.state();
  const called: string[] = [];
  const notes: w.Callback = {
    onEpochBegin: () => void called.push("an epoch"),
    onBatchEnd: () => void called.push("a batch"),
    onTrainEnd: () => void called.push("the end"),
  };
  const { callbacks = [], ...rest } = training.options?.(true) ?? {};
  const options = { ...rest, progress: false, resumeFrom: store as w.CheckpointStore };
  await expectRefusal(
    () => trainer.fit(training.data(true), { ...options, callbacks: [notes, ...callbacks] }),
    kind,
    message,
  );
  expect(Buffer.compare(trainer.state(), before), "the state").toBe(0);
  expect(called).toEqual([]);
}

const ADVICE =
  "; go on with what it was made with, or take another store. (await readCheckpoint(bytes)).state is what trainer.restore takes, for a new training";
const differs = (theirs: string, ours: string): string =>
  `fit: resumeFrom: the checkpoint is of another training: it has ${theirs}, where this one has ${ours}${ADVICE}`;

/** The text, with a hash for each #. */
const matches = (theirs: string, ours: string): RegExp =>
  new RegExp(
    `^${differs(theirs, ours)
      .replace(/[.()[\]{}]/g, "\\$&")
      .replaceAll("#", "[0-9a-f]{16}")}$`,
  );

const changed = (make: (layer: w.Layer, i: number) => w.Layer): Partial<Training> => ({
  trainer: () => small({}, {}, () => layers().map(make)),
});
const withParts = (parts: Partial<w.TrainerOptions>): Partial<Training> => ({ trainer: () => small(parts) });
const withOptions = (options: w.FitOptions): Partial<Training> => ({ options: () => ({ ...FIT, ...options }) });
const withData = (data: () => w.TrainingData | w.Source): Partial<Training> => ({ data });

describe("another training", () => {
  const CASES: Readonly<Record<string, readonly [given: Partial<Training>, theirs: string, ours: string]>> = {
    "one more layer": [
      { trainer: () => small({}, {}, () => [...layers(), w.identity()]) },
      "model of 5 layers",
      "model of 6 layers",
    ],
    "one layer less": [
      { trainer: () => small({}, {}, () => layers().filter((_, i) => i !== 3)) },
      "model of 5 layers",
      "model of 4 layers",
    ],
    "another dropout rate": [
      changed((layer, i) => (i === 3 ? w.dropout(0.4) : layer)),
      "layer 3 dropout: options.rate 0.3",
      "layer 3 dropout: options.rate 0.4",
    ],
    "another number of units": [
      changed((layer, i) => (i === 0 ? w.dense(6) : layer)),
      "layer 0 dense: options.units 5",
      "layer 0 dense: options.units 6",
    ],
    "a frozen layer": [
      changed((layer, i) => (i === 0 ? w.frozen(layer) : layer)),
      'layer 0 dense: name "dense1"',
      "layer 0 dense: frozen true",
    ],
    "another seed": [{ trainer: () => small({}, { seed: 8 }) }, "model: seed 7", "model: seed 8"],
    "another loss": [withParts({ loss: w.focal() }), 'model: link "softmax"', 'model: link "sigmoid"'],
    "another option of the loss": [
      withParts({ loss: w.softmaxCrossEntropy({ labelSmoothing: 0.1 }) }),
      "loss softmaxCrossEntropy: labelSmoothing 0",
      "loss softmaxCrossEntropy: labelSmoothing 0.1",
    ],
    "another reduction": [
      withParts({ loss: w.softmaxCrossEntropy({ reduction: "sum" }) }),
      'loss softmaxCrossEntropy: reduction "mean"',
      'loss softmaxCrossEntropy: reduction "sum"',
    ],
    "another learning rate": [
      withParts({ optimizer: w.adam({ learningRate: 0.02 }) }),
      "optimizer adam: learningRate 0.01",
      "optimizer adam: learningRate 0.02",
    ],
    "another option of the optimizer": [
      withParts({ optimizer: w.adam({ beta2: 0.99, learningRate: 0.01 }) }),
      "optimizer adam: options.beta2 0.999",
      "optimizer adam: options.beta2 0.99",
    ],
    "gradients that are cut": [
      withParts({ optimizer: w.adam({ learningRate: 0.01, clipValue: 1 }) }),
      "optimizer adam: clipValue null",
      "optimizer adam: clipValue 1",
    ],
    "decay of weights": [
      withParts({ optimizer: w.adam({ weightDecay: 0.1, learningRate: 0.01 }) }),
      "optimizer adam: options.weightDecay 0",
      "optimizer adam: options.weightDecay 0.1",
    ],
    "a schedule": [withParts({ schedule: w.stepDecay({ stepSize: 3 }) }), "schedule none", "schedule stepDecay"],
    metrics: [
      withParts({ metrics: [w.accuracy(), w.topKAccuracy({ k: 1 })] }),
      "metrics none",
      "metrics accuracy, top1Accuracy",
    ],
    "another batchSize": [withOptions({ batchSize: 4 }), "batchSize 5", "batchSize 4"],
    "no shuffle": [withOptions({ shuffle: false }), "shuffle true", "shuffle false"],
    "another accumulate": [withOptions({ accumulate: 3 }), "accumulate 2", "accumulate 3"],
    dropLast: [withOptions({ dropLast: true }), "dropLast false", "dropLast true"],
    validationSplit: [withOptions({ validationSplit: 0.2 }), "validationSplit 0", "validationSplit 0.2"],
    validationData: [withOptions({ validationData: { x, y } }), "validation none", "validation arrays"],
    "validationData, a source": [
      withOptions({ validationData: w.rows([], { shuffleBuffer: 2, stepsPerEpoch: 4 }) }),
      "validation none",
      "validation a source of rows",
    ],
    map: [withOptions({ map: (batch) => batch }), "map none", "map a function"],
    "a callback with a state": [
      withOptions({ callbacks: [w.earlyStopping(), { onEpochEnd() {}, state: () => 1, restore() {} }] }),
      "callbacks with a state: none",
      "callbacks with a state: earlyStopping {}, callback",
    ],
    "a number that is another": [
      withData(() => ({ x: x.map((v, i) => (i === 40 ? v + 1e-6 : v)), y })),
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    "a target that is another": [
      withData(() => ({ x, y: y.map((v, i) => (i === 4 ? 1 - v : v)) })),
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    "rows in another order": [
      withData(() => ({ x: x.toReversed(), y: y.toReversed() })),
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    "one row more": [
      withData(() => ({ x: [...x, 1, 2, 3], y: [...y, 1] })),
      "data of 22 rows, hash #",
      "data of 23 rows, hash #",
    ],
    weights: [
      withData(() => ({ x, y, sampleWeights: Array.from(y, () => 1) })),
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    "a source": [
      { data: () => w.batches([{ x, y }]), options: () => ({ ...FIT }) },
      "data arrays",
      "data a source of batches",
    ],
  };
  const kept = keptOf(plain);
  for (const [name, [given, theirs, ours]] of Object.entries(CASES)) {
    test(name, async () => {
      // in the middle, and where there is nothing left to do
      for (const i of [6, 14]) {
        const store = new MemoryStore((await kept).kept[i]!.bytes);
        await expectRefused({ ...plain, ...given }, store, RangeError, matches(theirs, ours));
      }
    });
  }

  const sampleWeights = Float32Array.from(y, (_, i) => i / 8);
  const bytes = Uint8Array.from(x, (v) => 100 * Math.abs(v));
  const samples = (scale: number): w.TrainingData => ({ x: w.samples(bytes, [3], { scale }), y });
  const own = (name: string): w.Callback => ({ name, onEpochEnd() {}, state: () => 1, restore() {} });
  const validated = (data: w.TrainingData | w.Source): Partial<Training> => withOptions({ validationData: data });
  test.each<readonly [string, Partial<Training>, Partial<Training>, theirs: string, ours: string]>([
    [
      "weights",
      withData(() => ({ x, y, sampleWeights })),
      withData(() => ({ x, y, sampleWeights: sampleWeights.map((v) => 2 * v) })),
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    [
      "scale",
      withData(() => samples(1 / 256)),
      withData(() => samples(1 / 128)),
      "data of 22 rows, hash #, scale 0.00390625",
      "data of 22 rows, hash #, scale 0.0078125",
    ],
    [
      "data to measure with",
      validated({ x, y }),
      validated({ x, y: y.map((v) => 1 - v) }),
      "validation of 22 rows, hash #",
      "validation of 22 rows, hash #",
    ],
    [
      "array for map",
      withOptions({ map: (batch) => batch }),
      { ...withOptions({ map: (batch) => batch }), ...withData(() => ({ x: x.map((v) => v / 2), y })) },
      "data of 22 rows, hash #",
      "data of 22 rows, hash #",
    ],
    [
      "name of a callback",
      withOptions({ callbacks: [own("first"), own("second")] }),
      withOptions({ callbacks: [own("second"), own("first")] }),
      "callbacks with a state: first, second",
      "callbacks with a state: second, first",
    ],
    [
      "metric",
      withParts({ metrics: [w.topKAccuracy({ k: 1 })] }),
      withParts({ metrics: [w.topKAccuracy({ k: 2 })] }),
      "metrics top1Accuracy",
      "metrics top2Accuracy",
    ],
    [
      "option of a schedule",
      withParts({ schedule: w.scheduleSequence([w.linearWarmup({ length: 2 }), 2], w.stepDecay({ stepSize: 3 })) }),
      withParts({ schedule: w.scheduleSequence([w.linearWarmup({ length: 2 }), 3], w.stepDecay({ stepSize: 3 })) }),
      "schedule scheduleSequence: spans.1.begins 2",
      "schedule scheduleSequence: spans.1.begins 3",
    ],
    [
      "number of steps",
      { ...withData(() => w.batches([{ x, y }], { stepsPerEpoch: 2 })), options: () => ({ epochs: 3 }) },
      { ...withData(() => w.batches([{ x, y }], { stepsPerEpoch: 3 })), options: () => ({ epochs: 3 }) },
      "data a source of batches: stepsPerEpoch 2",
      "data a source of batches: stepsPerEpoch 3",
    ],
  ])("another %s", async (_name, first, second, theirs, ours) => {
    const { kept: all } = await keptOf({ ...plain, ...first });
    for (const i of [1, all.length - 1]) {
      const store = new MemoryStore(all[i]!.bytes);
      await expectRefused({ ...plain, ...second }, store, RangeError, matches(theirs, ours));
    }
  });

  test("but not options in another order, or what changes no number", async () => {
    const { kept: all } = await keptOf(plain);
    const same = {
      ...plain,
      ...withParts({ optimizer: w.adam({ epsilon: 1e-8, learningRate: 0.01 }) }),
      ...withOptions({ yieldEvery: 2, progress: false, warnings: false, callbacks: [{ onBatchEnd() {} }] }),
    };
    const { state } = await train(plain, false);
    const again = await train(same, true, { resumeFrom: new MemoryStore(all[3]!.bytes) });
    expect(Buffer.compare(again.state, state)).toBe(0);
  });
});

describe("what isn't a checkpoint", () => {
  const kept = keptOf(plain).then((store) => store.kept[7]!.bytes);
  const refused = (given: unknown, kind: Kind, message: string | RegExp): Promise<void> =>
    expectRefused(plain, { write: async () => {}, latest: async () => given }, kind, message);

  test("a text, and other values", async () => {
    const must = "fit: resumeFrom: what latest() of the store gives must be a Uint8Array, got ";
    await refused("a checkpoint", TypeError, `${must}the string "a checkpoint"`);
    await refused(3, TypeError, `${must}number 3`);
    await refused((await kept).buffer, TypeError, `${must}an object (ArrayBuffer); new Uint8Array(buffer) makes one`);
  });

  test("random bytes, none, a model, a state", async () => {
    const random = generator(3);
    const bytes = Uint8Array.from({ length: 5000 }, () => 256 * random());
    await refused(bytes, Error, /^fit: resumeFrom: not a safetensors file; its header would have \d+ bytes$/);
    await refused(
      new Uint8Array(0),
      Error,
      "fit: resumeFrom: not a safetensors file; it has 0 bytes, and the header's length alone takes 8",
    );
    const { model } = await small();
    await refused(
      modelToBytes(model),
      Error,
      "fit: resumeFrom: not a checkpoint; it is a model: loadModel and modelFromBytes read it",
    );
    await refused(writeSafetensors([]), Error, "fit: resumeFrom: not a checkpoint");
    await refused((await small()).state(), Error, /^fit: resumeFrom: not a safetensors file; /);
  });

  test("a file that was cut short, or is longer", async () => {
    const bytes = await kept;
    for (let part = 1; part < 20; part++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 20));
      await refused(cut, Error, /^fit: resumeFrom: (?:cut short; |.*bytes)/);
    }
    await refused(bytes.subarray(0, -1), Error, /^fit: resumeFrom: /);
    await refused(new Uint8Array([...bytes, 0]), Error, /^fit: resumeFrom: /);
  });

  test("a file with one byte that is another", async () => {
    const bytes = await kept;
    const outcome = await train(plain, false);
    const random = generator(4);
    let goesOn = 0;
    for (let i = 0; i < 100; i++) {
      const damaged = bytes.slice();
      damaged[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(8 * random());
      const store = new MemoryStore(damaged);
      const error: unknown = await train(plain, true, { resumeFrom: store }).then(
        // what is said of the checksum may be what was changed
        ({ state }) => void (goesOn += Buffer.compare(state, outcome.state) === 0 ? 1 : 100),
        (e: unknown) => e,
      );
      if (error !== undefined) expect((error as Error).message).toMatch(/^fit: resumeFrom: /);
    }
    expect(goesOn).toBeLessThan(5);
    const last = bytes.slice();
    last[last.length - 9]! ^= 16;
    await refused(
      last,
      Error,
      "fit: resumeFrom: the file is damaged: its checksum is not that of what it holds; take another copy of it. " +
        'If it was changed on purpose, take "checksum" out of its metadata',
    );
  });

  test("but a view of a larger buffer, at an odd address, and of shared memory", async () => {
    const bytes = await kept;
    const { state } = await train(plain, false);
    for (const buffer of [new ArrayBuffer(bytes.length + 99), new SharedArrayBuffer(bytes.length + 99)]) {
      const view = new Uint8Array(buffer, 13, bytes.length);
      view.set(bytes);
      const again = await train(plain, true, { resumeFrom: new MemoryStore(view) });
      expect(Buffer.compare(again.state, state)).toBe(0);
    }
  });

  /** A checkpoint in which something else is written, with a right checksum. */
  const rewritten = async (change: (texts: Record<string, string>) => void): Promise<Uint8Array> => {
    const { tensors, metadata } = readSafetensors(await kept);
    const texts = { ...metadata };
    change(texts);
    return writeSafetensors([...tensors], withChecksum([...tensors], texts));
  };
  const edited = (from: string | RegExp, to: string): Promise<Uint8Array> =>
    rewritten((texts) => {
      const { training } = texts;
      expect(training).toMatch(from);
      texts["training"] = training!.replace(from, to);
    });

  test("one of a newer format, or that was written by somebody else", async () => {
    await refused(
      await rewritten((texts) => (texts["checkpoint"] = "2")),
      Error,
      "fit: resumeFrom: a checkpoint of format 2; this version reads 1: take the one that wrote it",
    );
    await refused(
      await rewritten((texts) => (texts["training"] = "{")),
      Error,
      "fit: resumeFrom: the checkpoint is damaged: what it says of the training can't be read",
    );
    await refused(
      await rewritten((texts) => (texts["training"] = "{}")),
      Error,
      "fit: resumeFrom: the checkpoint is damaged: it doesn't say all of the training",
    );
    await refused(
      await edited("numerics 1", "numerics 2"),
      RangeError,
      "fit: resumeFrom: the checkpoint is written by a version of the library that computes other bits: it has numerics 2, where this one has " +
        "numerics 1; go on with that version, or take another store. (await readCheckpoint(bytes)).state is what trainer.restore takes, for a new " +
        "training",
    );
    const damaged = "fit: resumeFrom: the checkpoint is damaged: it doesn't say where the training was";
    for (const [from, to] of [
      ['"stopped":false', '"stopped":0'],
      [/"position":\{[^}]*\}[^}]*\}/, '"position":{}'],
      ['"accumulated":1', '"accumulated":2'],
      ['"accumulated":1', '"accumulated":0'],
      [/"row":\d+/, '"row":22'],
      [/"row":\d+/, '"row":-1'],
      ['"sums":[]', '"sums":[1]'],
      ['"callbacks":[]', '"callbacks":0'],
    ] as const) {
      await refused(await edited(from, to), Error, damaged);
    }
  });

  test("a store that can't say what it has", async () => {
    const fails = async (): Promise<Uint8Array> => Promise.reject(new Error("no such disk"));
    await expectRefused(
      plain,
      { write: async () => {}, latest: fails },
      Error,
      "fit: resumeFrom: the store can't be read: no such disk",
    );
    const must = "must be a store such as checkpoints(directory) of wasmgrad/files, got ";
    const given = { write: async () => {} };
    await expectRefused(plain, given, TypeError, `fit: resumeFrom ${must}an object (Object)`);
    await expectRefused(plain, "run", TypeError, `fit: resumeFrom ${must}the string "run"`);
    expect(() => w.checkpoint(given as unknown as w.CheckpointStore)).toThrow(
      `checkpoint: the first argument ${must}an object (Object)`,
    );
  });
});

describe("sources that give something else", () => {
  const random = generator(1);
  const made = Array.from({ length: 4 }, () => ({ x: Float32Array.from({ length: 12 }, random), y: [0, 1, 1, 0] }));
  const of = (data: () => w.Source, more: w.FitOptions = {}): Training => ({
    ...plain,
    data,
    options: () => ({ epochs: 2, accumulate: 3, ...more }),
  });
  const first = of(() => w.batches(() => made));
  const AGAIN = "; it must give the same ones each time";
  const DIFFERS =
    "fit: resumeFrom: the batch before the next one differs from the one that was computed before the checkpoint; a source must give the " +
    "same ones each time: draw random numbers from what its function is given, or offer state and restore";

  test("fewer batches", async () => {
    const { kept } = await keptOf(first);
    const fewer = (count: number): Training => of(() => w.batches(() => made.slice(0, count)));
    const [third, later] = [2, 6].map((i) => new MemoryStore(kept[i]!.bytes));
    await expectRefused(
      fewer(1),
      third,
      RangeError,
      `fit: resumeFrom: the source gave 1 batches in epoch 0, but the checkpoint was made after 3${AGAIN}`,
    );
    await expectRefused(
      fewer(2),
      later,
      RangeError,
      `fit: resumeFrom: the source gave 2 batches in epoch 1, but the checkpoint was made after 3${AGAIN}`,
    );
    await expectRefused(
      fewer(3),
      later,
      RangeError,
      `fit: resumeFrom: the source gave 3 batches in epoch 1, but had more of them when the checkpoint was made${AGAIN}`,
    );
    const none =
      "fit: the source gave 0 batches in epoch 1; a generator can be gone through once: give a function of the epoch that makes a new one";
    await expectRefused(fewer(0), later, RangeError, none);
  });

  test("other batches", async () => {
    const own = (): Training =>
      of(() => w.batches(() => made.map((batch) => ({ ...batch, x: batch.x.map((v) => v + Math.random()) }))));
    const { kept } = await keptOf(own());
    for (const i of [0, 2, 5]) await expectRefused(own(), new MemoryStore(kept[i]!.bytes), RangeError, DIFFERS);
    const mapped = of(() => w.batches(() => made), {
      map: (batch) => ({ ...batch, x: made[0]!.x.map(() => Math.random()) }),
    });
    const { kept: all } = await keptOf(mapped);
    await expectRefused(mapped, new MemoryStore(all[1]!.bytes), RangeError, DIFFERS);
  });

  test("another scale", async () => {
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => 9 * i);
    const scaled = (scale: number): Training =>
      of(() => w.batches([0, 1, 2].map(() => ({ x: w.samples(bytes, [3], { scale }), y: [0, 1, 1, 0] }))));
    const { kept } = await keptOf(scaled(1 / 255));
    await expectRefused(scaled(1 / 256), new MemoryStore(kept[1]!.bytes), RangeError, DIFFERS);
  });

  test("other batches to measure with, where they go on from epoch to epoch", async () => {
    const measured = (data: readonly w.Batch[]): Training => ({
      ...plain,
      options: () => ({ ...FIT, validationData: w.batches(data, { stepsPerEpoch: 3 }) }),
    });
    const { kept } = await keptOf(measured(made));
    const other = measured(made.map((batch) => ({ ...batch, y: [1, 1, 1, 0] })));
    const message = DIFFERS.replace("fit:", "fit: validationData:");
    await expectRefused(other, new MemoryStore(kept[6]!.bytes), RangeError, message);
  });
});

describe("callbacks", () => {
  const own = (more: Partial<w.Callback>): w.Callback => ({ onEpochEnd() {}, state: () => 1, restore() {}, ...more });
  const store = keptOf({ ...plain, ...withOptions({ callbacks: [own({})] }) });

  test("that can't take back what was kept", async () => {
    const from = new MemoryStore((await store).kept[6]!.bytes);
    const throws = own({
      restore() {
        throw new Error("not mine");
      },
    });
    await expectRefused({ ...plain, ...withOptions({ callbacks: [throws] }) }, from, Error, "not mine");
    const begins = own({
      onTrainBegin() {
        throw new Error("not now");
      },
    });
    await expectRefused({ ...plain, ...withOptions({ callbacks: [begins] }) }, from, Error, "not now");
  });

  test.each<readonly [string, object, string]>([
    [
      "a state alone",
      { onEpochEnd() {}, state: () => 1 },
      "callbacks[1] has state, but no restore; a checkpoint needs both",
    ],
    [
      "restore alone",
      { onEpochEnd() {}, restore() {} },
      "callbacks[1] has restore, but no state; a checkpoint needs both",
    ],
    ["a state that is no function", own({ state: 3 as never }), "callbacks[1]: state must be a function, got number 3"],
  ])("that have %s", async (_name, callback, text) => {
    const training = { ...plain, ...withOptions({ callbacks: [callback as w.Callback] }) };
    await expectRefused(training, new MemoryStore(), TypeError, `fit: ${text}`);
  });

  test("whose state can't be written", async () => {
    class Own {
      at = 1;
    }
    for (const [state, what] of [
      [() => ({ own: [new Own()] }), "own[0] is an object (Own)"],
      [() => new Map([["f", () => 1]]), ".value 0 is a function"],
      [() => new WeakMap(), "it is an object (WeakMap)"],
    ] as const) {
      const kept = new MemoryStore();
      const training = { ...plain, ...withOptions({ callbacks: [own({ state })] }) };
      await expectRefusal(
        () => train(training, false, { callbacks: [w.checkpoint(kept)] }),
        TypeError,
        `checkpoint: the state of callbacks[1]: ${what}, which can't be written; make it of numbers, strings, arrays, plain objects, maps, sets and typed arrays`,
      );
      expect(kept.kept).toEqual([]);
    }
  });
});
