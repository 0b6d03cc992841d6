// `trainer.state()` and `restore`: what is undone is undone to the bit, and what is continued elsewhere goes on with the same bits.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import { limits } from "../../src/runtime/threads/threadPool.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const ROWS = 22;
const x = normal(ROWS * 3, { seed: 1 });
const y = wholes(ROWS, { seed: 2, below: 2 });

/** Dropout masks, running statistics and a frozen layer: the counters, and all kinds of parameters, matter. */
const layers = (): w.Layer[] => [
  w.dense(6),
  w.batchNorm(),
  w.tanh(),
  w.dropout(0.3),
  w.frozen(w.dense(5)),
  w.relu(),
  w.dense(2),
];

interface Parts extends Partial<w.TrainerOptions> {
  readonly model?: Omit<w.ModelOptions, "input">;
  readonly layers?: () => w.Layer[];
}

async function trainerOf({ model: options, layers: make = layers, ...parts }: Parts = {}): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed: 7, ...options }, ...make());
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }), ...parts });
}

const all = ({ model, updates, epochs, learningRate }: w.Trainer) => ({
  fingerprint: model.fingerprint(),
  passes: model.passes,
  gradients: model.parameters().map((p) => [...p.gradient()]),
  updates,
  epochs,
  learningRate,
});

/** Trains on, in each way, and gives all that came of it. */
async function goOn(trainer: w.Trainer, options: w.FitOptions = {}): Promise<unknown> {
  const { loss } = trainer.step(x, y);
  const history = await trainer.fit({ x, y }, { epochs: 3, batchSize: 5, validationSplit: 0.2, ...options });
  trainer.model.zeroGradients();
  trainer.model.backward(trainer.model.forward(x));
  trainer.update();
  return { loss, history, ...all(trainer) };
}

describe("an update is undone to the bit", () => {
  const { adam, adamw, rmsprop, sgd, adagrad, adadelta } = optimizers;
  const cases: readonly (readonly [string, () => w.Optimizer])[] = [
    ["sgd", () => sgd()],
    ["sgd, momentum", () => sgd({ momentum: 0.9, nesterov: true, clipNorm: 1 })],
    ["adam", () => adam()],
    ["adam, amsgrad", () => adam({ amsgrad: true, clipGlobalNorm: 1 })],
    ["adamw", () => adamw()],
    ["rmsprop", () => rmsprop()],
    ["rmsprop, momentum and centered", () => rmsprop({ momentum: 0.9, centered: true })],
    ["adagrad", () => adagrad()],
    ["adadelta", () => adadelta({ l1: 0.01 })],
  ];
  test("every optimizer is among the cases", () => {
    const made = new Set(cases.map(([, make]) => make().type));
    const known = Object.entries(optimizers).filter(([name]) => cases.some(([label]) => label.startsWith(name)));
    expect(known.map(([name]) => name).toSorted()).toEqual([...made].toSorted());
    const factories = Object.entries(optimizers).filter(([, value]) => "args" in Object((value as () => unknown)()));
    expect(factories.map(([name]) => name).toSorted()).toEqual([...made].toSorted());
  });

  test.each(cases)("%s", async (_name, optimizer) => {
    const trainer = await trainerOf({ optimizer: optimizer() });
    await trainer.fit({ x, y }, { epochs: 2, batchSize: 4 });
    const state = trainer.state();
    const before = all(trainer);
    const first = await goOn(trainer);
    expect(all(trainer).fingerprint).not.toBe(before.fingerprint);
    trainer.restore(state);
    expect(all(trainer)).toEqual(before);
    expect(trainer.state()).toEqual(state);
    expect(await goOn(trainer)).toEqual(first);
    // as often as one likes, and in another trainer
    trainer.restore(state);
    expect(await goOn(trainer)).toEqual(first);
    const other = await trainerOf({ optimizer: optimizer() });
    other.restore(state);
    expect(other.state()).toEqual(state);
    expect(await goOn(other)).toEqual(first);
  });

  test("a trainer that has made no update", async () => {
    const trainer = await trainerOf({ optimizer: optimizers.adagrad() });
    const state = trainer.state();
    const first = await goOn(trainer);
    trainer.restore(state);
    expect(trainer.updates).toBe(0);
    expect(await goOn(trainer)).toEqual(first);
    expect(await goOn(await trainerOf({ optimizer: optimizers.adagrad() }))).toEqual(first);
  });

  test("gradients that were added up for an update by hand", async () => {
    const trainer = await trainerOf();
    const { model } = trainer;
    const pass = (): void => void model.backward(model.forward(x));
    model.zeroGradients();
    pass();
    const state = trainer.state();
    const finish = (): string => {
      pass();
      trainer.update();
      return model.fingerprint();
    };
    const first = finish();
    pass();
    expect(finish()).not.toBe(first);
    trainer.restore(state);
    expect(finish()).toBe(first);
  });
});

describe("schedules", () => {
  const plateau = (): w.Schedule => w.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 0.5, cooldown: 1 });

  test("what reduceOnPlateau has seen is part of the state", async () => {
    const make = (): Promise<w.Trainer> => trainerOf({ schedule: plateau() });
    const trainer = await make();
    await trainer.fit({ x, y }, { epochs: 3 });
    const state = trainer.state();
    const { learningRate } = trainer;
    expect(learningRate).toBeLessThan(0.01);
    const first = await goOn(trainer);
    expect(trainer.learningRate).toBeLessThan(learningRate);
    trainer.restore(state);
    expect(trainer.learningRate).toBe(learningRate);
    expect(await goOn(trainer)).toEqual(first);
    const other = await make();
    other.restore(state);
    expect(await goOn(other)).toEqual(first);
  });

  test.each([
    ["stepDecay", () => w.stepDecay({ stepSize: 3 })],
    ["cosineDecay by epochs", () => w.cosineDecay({ period: 5, per: "epoch" as const })],
    ["linearWarmup", () => w.linearWarmup({ length: 9 })],
  ])("%s follows the counters", async (_name, schedule) => {
    const trainer = await trainerOf({ schedule: schedule() });
    await trainer.fit({ x, y }, { epochs: 2 });
    const state = trainer.state();
    const first = await goOn(trainer);
    trainer.restore(state);
    expect(await goOn(trainer)).toEqual(first);
  });

  /** A schedule of one's own: the rate falls with each epoch that it observes. */
  const falling = (kept: boolean): w.Schedule => ({
    type: "falling",
    per: "update",
    start(base) {
      let seen = 0;
      const running = { rate: () => base / (1 + seen), observe: () => void seen++ };
      if (!kept) return running;
      return { ...running, state: () => [seen], restore: ([count]) => void (seen = count!) };
    },
  });

  test("one's own are asked for their numbers, and refused where they have none to give", async () => {
    const trainer = await trainerOf({ schedule: falling(true) });
    await trainer.fit({ x, y }, { epochs: 2 });
    const state = trainer.state();
    const first = await goOn(trainer);
    trainer.restore(state);
    expect(trainer.learningRate).toBe(0.01 / 3);
    expect(await goOn(trainer)).toEqual(first);
    await expectRefusal(
      () => falling(false) && trainerOf({ schedule: falling(false) }).then((other) => other.state()),
      Error,
      "state: a schedule that has observe must have state and restore, too",
    );
  });

  /** A schedule whose running part also has this. */
  const own = (more: object): w.Schedule => ({
    type: "own",
    per: "epoch",
    start: () => ({ rate: () => 0.1, observe: () => {}, ...more }),
  });

  test("what one's own give is validated, in both directions", async () => {
    const state = (await trainerOf({ schedule: own({ state: () => [1], restore: () => {} }) })).state();
    const both = "a schedule that has observe must have state and restore, too";
    for (const [more, rule] of [
      [{}, both],
      [{ state: () => [1] }, both],
      [{ restore: () => {} }, both],
      [
        { state: () => undefined, restore: () => {} },
        "what the state of own gives must be an array of numbers, got undefined",
      ],
      [
        { state: () => ["a"], restore: () => {} },
        'what the state of own gives[0] must be a number, got the string "a"',
      ],
    ] as const) {
      const trainer = await trainerOf({ schedule: own(more) });
      expect(() => trainer.state()).toThrow(`state: ${rule}`);
      expect(() => trainer.restore(state)).toThrow(`restore: ${rule}`);
    }
  });

  test("one's own may make memory grow while they take their numbers back", async () => {
    let model: w.Model | undefined;
    const grow = (): void => void model?.predict(new Float32Array(2_000_000 * model.inputShape[0]!));
    const trainer = await trainerOf({ schedule: own({ state: () => [1], restore: grow }) });
    ({ model } = trainer);
    const state = trainer.state();
    await trainer.fit({ x, y }, { epochs: 1 });
    const { buffer } = model.core.arena.u8;
    trainer.restore(state);
    expect(model.core.arena.u8.buffer).not.toBe(buffer);
    expect(trainer.state()).toEqual(state);
  });
});

describe("while fit is under way", () => {
  test("a state taken in a callback is that of this moment", async () => {
    const trainer = await trainerOf();
    const states: Uint8Array[] = [];
    const then: unknown[] = [];
    const note: w.Callback = {
      onEpochEnd: () => {
        states.push(trainer.state());
        then.push(all(trainer));
      },
    };
    await trainer.fit({ x, y }, { epochs: 4, batchSize: 6, callbacks: [note] });
    const end = all(trainer);
    for (const [i, state] of states.entries()) {
      const other = await trainerOf();
      other.restore(state);
      expect(all(other)).toEqual(then[i]);
      await other.fit({ x, y }, { epochs: 3 - i || 1, batchSize: 6 });
      if (i < 3) expect({ ...all(other), gradients: 0 }).toEqual({ ...end, gradients: 0 });
    }
  });

  test("restore is refused, in callbacks, too, and state while updates are made", async () => {
    const trainer = await trainerOf();
    const state = trainer.state();
    const busy = "restore: the model is being trained by fit; await that first";
    await expectRefusal(
      () => trainer.fit({ x, y }, { callbacks: [{ onEpochEnd: () => trainer.restore(state) }] }),
      Error,
      busy,
    );
    const other = new w.Trainer(trainer.model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd() });
    const running = trainer.fit({ x, y }, { epochs: 3, callbacks: [{ onBatchEnd() {} }] });
    await expectRefusal(() => trainer.restore(state), Error, busy);
    await expectRefusal(() => other.state(), Error, "state: the model is being trained by fit; await that first");
    await running;
    trainer.restore(state);
    expect(trainer.updates).toBe(0);
  });

  test("between pause and resume", async () => {
    const trainer = await trainerOf();
    const options = { epochs: 400, batchSize: 2, yieldEvery: 1 };
    const running = trainer.fit({ x, y }, options);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await trainer.pause();
    const state = trainer.state();
    const { fingerprint, updates } = all(trainer);
    trainer.resume();
    await running;
    trainer.restore(state);
    expect(all(trainer)).toMatchObject({ fingerprint, updates });
  });
});

describe("elsewhere", () => {
  const { least } = limits;
  beforeAll(() => void (limits.least = 0)); // threads share every record, however small
  afterAll(() => void (limits.least = least));

  test("two threads and one go on alike", async () => {
    const [one, two] = [await trainerOf(), await trainerOf({ model: { threads: 2 } })];
    expect(w.backend(two.model).threads).toBe(2);
    await two.fit({ x, y }, { epochs: 2 });
    const state = two.state();
    const first = await goOn(two);
    two.restore(state);
    expect(await goOn(two)).toEqual(first);
    one.restore(state);
    expect(await goOn(one)).toEqual(first);
  });

  test("state is refused while threads make updates", async () => {
    const trainer = await trainerOf({ model: { threads: 2 } });
    let over = false;
    const running = trainer.fit({ x, y }, { epochs: 300, batchSize: 2 }).finally(() => (over = true));
    const refused = "state: fit is making updates; await trainer.pause() before, and call trainer.resume() afterwards";
    while (!trainer.trainerState.passing && !over) await new Promise(setImmediate);
    await expectRefusal(() => trainer.state(), Error, refused);
    await running;
    expect(w.backend(trainer.model).threads).toBe(2);
  });

  test("a training in a worker goes on alike, and gives its state while it is paused", async () => {
    const trainer = await trainerOf();
    const states: Uint8Array[] = [];
    const updates: Float32Array[] = [];
    const refused = "state: fit is making updates; await trainer.pause() before, and call trainer.resume() afterwards";
    const start = trainer.state();
    const take: w.Callback = {
      onTrainBegin: () => expect(trainer.state()).toEqual(start),
      async onEpochEnd() {
        await expectRefusal(() => trainer.state(), Error, refused);
        // an update would be made of an optimizer's state that is old here
        const update = (): w.Trace => w.trace(trainer, x, y, { update: true });
        await expectRefusal(update, Error, refused.replace("state", "trace with { update: true }"));
        await trainer.pause();
        states.push(trainer.state());
        updates.push(update().get("w1'").values);
        trainer.resume();
      },
    };
    await trainer.fit({ x, y }, { worker: true, epochs: 2, batchSize: 6, callbacks: [take] });
    expect(w.backend(trainer.model).worker).toBe(true);
    const here = await trainerOf();
    const same: Uint8Array[] = [];
    const note = { onEpochEnd: () => void same.push(here.state()) };
    await here.fit({ x, y }, { epochs: 2, batchSize: 6, callbacks: [note] });
    expect(states).toEqual(same);
    expect(trainer.state()).toEqual(here.state());
    here.restore(states[0]!);
    expect(updates[0]).toEqual(w.trace(here, x, y, { update: true }).get("w1'").values);
    trainer.restore(states[0]!);
    expect(await goOn(trainer, { worker: true })).toEqual(await goOn(here));
  });

  test("another process goes on with the same bits", async () => {
    const make = (): Promise<w.Trainer> => trainerOf({ layers: () => [w.dense(8), w.dropout(0.5), w.dense(2)] });
    const trainer = await make();
    await trainer.fit({ x, y }, { epochs: 2, batchSize: 4 });
    const folder = mkdtempSync(join(tmpdir(), "state-"));
    try {
      const file = join(folder, "state");
      writeFileSync(file, trainer.state());
      const program = `
        import { readFileSync } from "node:fs";
        import * as w from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, "../../build/index.js")).href)};
        const model = await w.sequential({ input: 3, seed: 7 }, w.dense(8), w.dropout(0.5), w.dense(2));
        const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }) });
        trainer.restore(readFileSync(${JSON.stringify(file)}));
        const x = Float32Array.from(${JSON.stringify([...x])});
        await trainer.fit({ x, y: ${JSON.stringify([...y])} }, { epochs: 3, batchSize: 4 });
        process.stdout.write(model.fingerprint() + " " + trainer.updates);`;
      const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
      await trainer.fit({ x, y }, { epochs: 3, batchSize: 4 });
      expect(printed).toBe(`${trainer.model.fingerprint()} ${trainer.updates}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("views of larger buffers are read, at odd addresses and of shared memory", async () => {
    const trainer = await trainerOf();
    const state = trainer.state();
    const first = await goOn(trainer);
    for (const buffer of [new ArrayBuffer(state.length + 99), new SharedArrayBuffer(state.length + 99)]) {
      const view = new Uint8Array(buffer, 13, state.length);
      view.set(state);
      trainer.restore(view);
      expect(await goOn(trainer)).toEqual(first);
    }
    trainer.restore(Buffer.concat([Buffer.alloc(3), state]).subarray(3));
    expect(await goOn(trainer)).toEqual(first);
  });

  test("the bytes of NaN are taken as they are", async () => {
    const trainer = await trainerOf();
    const state = trainer.state();
    new DataView(state.buffer).setUint32(state.length - 16, 0x7fc12345, true); // in the last gradient
    trainer.restore(state);
    expect(trainer.state()).toEqual(state);
  });
});

describe("refusals change nothing", () => {
  const ADVICE = "; use the version, model, optimizer and schedule that it was taken with";
  const has = (theirs: string, ours: string): string =>
    `restore: the state has ${theirs}, where this trainer has ${ours}${ADVICE}`;

  async function expectUnchanged(trainer: w.Trainer, given: unknown, kind: ErrorConstructor, message: string) {
    await trainer.fit({ x, y });
    const before = trainer.state();
    await expectRefusal(() => trainer.restore(given as Uint8Array), kind, message);
    expect(trainer.state()).toEqual(before);
  }

  test("of another model, optimizer, seed or schedule", async () => {
    const small = (parts: Parts = {}): Promise<w.Trainer> =>
      trainerOf({ layers: () => [w.dense(4), w.relu(), w.dense(2)], ...parts });
    const state = (await small()).state();
    const refused = async (parts: Parts, theirs: string, ours: string): Promise<void> =>
      expectUnchanged(await small(parts), state, RangeError, has(theirs, ours));
    await refused(
      { layers: () => [w.dense(5), w.dense(2)], optimizer: w.sgd() },
      "26 parameters and adam, m, v",
      "32 parameters and sgd",
    );
    await refused(
      { optimizer: w.adam({ amsgrad: true }) },
      "26 parameters and adam, m, v",
      "26 parameters and adam, m, v, vMax",
    );
    await refused({ model: { seed: 8 } }, "seed 7", "seed 8");
    await refused({ schedule: w.reduceOnPlateau() }, "no schedule that observes", "reduceOnPlateau");
    await refused(
      { layers: () => [w.dense(4), w.dense({ units: 2, name: "last" })] },
      "dense2.weight 4x2",
      "last.weight 4x2",
    );
    await refused(
      { layers: () => [w.frozen(w.dense(4)), w.dense(2)] },
      "dense1.weight 3x4",
      "dense1.weight 3x4 not trained",
    );
  });

  test("of a newer version, or none at all", async () => {
    const trainer = await trainerOf();
    const state = trainer.state();
    const newer = state.slice();
    newer[2 * "format wasmgrad-".length] = "3".charCodeAt(0);
    await expectUnchanged(trainer, newer, RangeError, has("format wasmgrad-3", "format wasmgrad-2"));
    newer[2 * "format wasmgrad-".length] = 0x9b; // a control character
    await expectUnchanged(trainer, newer, RangeError, has("format wasmgrad-\\u009b", "format wasmgrad-2"));
    const png = Uint8Array.from({ length: 500 }, (_, i) => (i * 37 + 137) % 256);
    await expectUnchanged(trainer, png, RangeError, has("another format", "format wasmgrad-2"));
  });

  test("cut, or with bytes too many", async () => {
    const trainer = await trainerOf();
    const state = trainer.state();
    const { length } = state;
    for (const count of [0, 1, 30, 31, 200, length - 1, length - 16]) {
      const message = `restore: the state has ${count} bytes, but must have ${length}; was it cut?`;
      await expectUnchanged(trainer, state.slice(0, count), RangeError, message);
    }
    const more = `restore: the state has ${length + 8} bytes, but must have ${length}; was it cut?`;
    await expectUnchanged(trainer, new Uint8Array([...state, ...state.slice(0, 8)]), RangeError, more);
  });

  test("with counters that can't be", async () => {
    const trainer = await trainerOf({ layers: () => [w.dense(2)] });
    const state = trainer.state();
    const text = new TextDecoder("utf-16le").decode(state.slice(0, state.length - 4 * 32 - 32));
    expect(text.split("\n").slice(0, 4)).toEqual([
      "format wasmgrad-2",
      "8 parameters and adam, m, v",
      "seed 7",
      "no schedule that observes",
    ]);
    const at = state.length - 4 * 4 * 12 - 32; // before the parameters, two states and gradients: 8 + 4 numbers each, padded
    const counts = [NaN, -1, 0.5, 2 ** 60].map((count) => [at, count] as const);
    for (const [place, count] of [...counts, [at + 24, NaN], [at + 24, Infinity]] as const) {
      const damaged = state.slice();
      new DataView(damaged.buffer).setFloat64(place, count, true);
      const message = "restore: the state is damaged: its counters or its learning rate can't be";
      await expectUnchanged(trainer, damaged, RangeError, message);
    }
  });

  test("not bytes", async () => {
    const trainer = await trainerOf();
    const { buffer } = trainer.state();
    const must = "restore: the state must be a Uint8Array, got";
    await expectUnchanged(trainer, undefined, TypeError, `${must} undefined`);
    await expectUnchanged(trainer, [1, 2], TypeError, `${must} an array of 2`);
    await expectUnchanged(trainer, new Float32Array(3), TypeError, `${must} a Float32Array of 3`);
    await expectUnchanged(
      trainer,
      buffer,
      TypeError,
      `${must} an object (ArrayBuffer); new Uint8Array(buffer) makes one`,
    );
  });
});
