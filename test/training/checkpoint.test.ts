// What `checkpoint` and `resumeFrom` do besides going on to the same bits, which is in resume.test.ts.
import { describe, expect, test, vi } from "vitest";
import * as w from "../../src/index.ts";
import { readFileSync } from "node:fs";
import { LIBRARY, readCheckpoint, writeCheckpoint } from "../../src/io/checkpointFile.ts";
import { modelFromBytes } from "../../src/files.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal, wholes } from "../support/seeded.ts";

const ROWS = 24;
const data = { x: normal(ROWS * 3, { seed: 1 }), y: wholes(ROWS, { seed: 2, below: 2 }) };

async function trainerOf(seed = 7): Promise<w.Trainer> {
  const model = await w.sequential({ input: 3, seed }, w.dense(4), w.tanh(), w.dropout(0.2), w.dense(2));
  const optimizer = w.adam({ learningRate: 0.01 });
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer, metrics: [w.accuracy()] });
}

/** A store in memory. */
class Memory implements w.CheckpointStore {
  kept: Uint8Array[] = [];
  write = async (bytes: Uint8Array): Promise<void> => void this.kept.push(bytes);
  latest = async (): Promise<Uint8Array | undefined> => this.kept.at(-1);
}

const options = { epochs: 3, batchSize: 8 };

describe("a store that has a training already", () => {
  const taken =
    "checkpoint: the store has a training already, which this one would replace: give fit resumeFrom, too, to go on with it, or take " +
    "another store";

  test("is refused to another, before any number is computed", async () => {
    const store = new Memory();
    await (await trainerOf()).fit(data, { ...options, callbacks: [w.checkpoint(store)] });
    const before = [...store.kept];
    const other = await trainerOf(8);
    const fingerprint = other.model.fingerprint();
    await expectRefusal(() => other.fit(data, { ...options, callbacks: [w.checkpoint(store)] }), Error, taken);
    const empty = { ...options, resumeFrom: new Memory(), callbacks: [w.checkpoint(store)] };
    await expectRefusal(() => other.fit(data, empty), Error, taken);
    expect(other.model.fingerprint()).toBe(fingerprint);
    expect(store.kept).toEqual(before);
  });

  test("takes what the trainer goes on with, and what is resumed from another value for it", async () => {
    const store = new Memory();
    const trainer = await trainerOf();
    await trainer.fit(data, { ...options, callbacks: [w.checkpoint(store)] });
    await trainer.fit(data, { ...options, callbacks: [w.checkpoint(store)] });
    expect(store.kept.length).toBe(6);
    const same = { write: store.write, latest: store.latest };
    const longer = { ...options, epochs: 5, resumeFrom: same, callbacks: [w.checkpoint(store)] };
    await (await trainerOf()).fit(data, longer);
    expect(readCheckpoint(store.kept.at(-1)!).epoch).toBe(5);
  });
});

test("without checkpoints the data are copied before anything is waited for", async () => {
  const wanted = await trainerOf();
  await wanted.fit(data, options);
  for (const callbacks of [[], [{ onEpochEnd() {} }]]) {
    const trainer = await trainerOf();
    const x = data.x.slice();
    const training = trainer.fit({ x, y: data.y }, { ...options, callbacks });
    x.fill(0);
    await training;
    expect(trainer.model.fingerprint()).toBe(wanted.model.fingerprint());
  }
});

test("what is asked of a batch that is never computed isn't asked again where it is resumed", async () => {
  const run = async (abortAt: number | undefined, store: Memory, resumeFrom?: Memory) => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    let begun = 0;
    const decays: w.Callback = {
      onEpochBegin(epoch) {
        trainer.learningRate *= 0.9;
        begun++;
        if (epoch === abortAt) controller.abort();
      },
      state: () => begun,
      restore: (state) => void (begun = state as number),
    };
    const callbacks = [decays, w.checkpoint(store)];
    const history = await trainer
      .fit(data, { ...options, signal: controller.signal, callbacks, ...(resumeFrom && { resumeFrom }) })
      .catch(() => undefined);
    return { history, begun, state: trainer.state() };
  };
  const whole = await run(undefined, new Memory());
  for (const epoch of [0, 1, 2]) {
    const store = new Memory();
    expect((await run(epoch, store)).history).toBeUndefined();
    expect(await run(undefined, store, store)).toEqual(whole);
  }
});

test("the batch that is made after stop is made where it is resumed, too", async () => {
  const run = async (aborts: boolean, store: Memory, resumeFrom?: Memory) => {
    const trainer = await trainerOf();
    const controller = new AbortController();
    const ends: w.Callback = {
      onEpochBegin(epoch, { stop }) {
        if (epoch !== 1) return;
        stop();
        if (aborts) controller.abort();
      },
    };
    const { signal } = controller;
    const callbacks = [ends, w.checkpoint(store)];
    const history = await trainer
      .fit(data, { ...options, signal, callbacks, ...(resumeFrom && { resumeFrom }) })
      .catch(() => undefined);
    return { history, updates: trainer.updates, fingerprint: trainer.model.fingerprint() };
  };
  const whole = await run(false, new Memory());
  expect(whole.updates).toBe(4);
  const store = new Memory();
  expect((await run(true, store)).updates).toBe(3);
  expect(await run(false, store, store)).toEqual(whole);
});

test("what onTrainBegin sets counts once", async () => {
  const run = async (store: Memory, worker: boolean, resumeFrom?: Memory) => {
    const trainer = await trainerOf();
    const [weight] = trainer.model.parameters();
    const begins = { onTrainBegin: () => void weight!.set(weight!.get().fill(0.1)) };
    const callbacks = [begins, w.checkpoint(store, { everySteps: 1 })];
    await trainer.fit(data, { ...options, worker, callbacks, ...(resumeFrom && { resumeFrom }) });
    return trainer.model.fingerprint();
  };
  for (const worker of [false, true]) {
    const store = new Memory();
    const whole = await run(store, worker);
    const half = new Memory();
    half.kept = store.kept.slice(0, 4);
    expect(await run(half, worker, half)).toBe(whole);
  }
});

test("metrics are those of all batches where a worker is stopped by a signal", async () => {
  const many = { x: normal(3000 * 3, { seed: 1 }), y: wholes(3000, { seed: 2, below: 2 }) };
  const fitting = { epochs: 1, batchSize: 6, worker: true };
  const wanted = await (await trainerOf()).fit(many, fitting);
  for (let after = 0; after < 12; after++) {
    const store = new Memory();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), after);
    const { signal } = controller;
    const first = await trainerOf();
    await first.fit(many, { ...fitting, signal, callbacks: [w.checkpoint(store)] }).catch(() => undefined);
    expect(await (await trainerOf()).fit(many, { ...fitting, resumeFrom: store })).toEqual(wanted);
  }
});

test("metrics of an epoch that a worker hasn't begun are its own", async () => {
  const fitting = { ...options, worker: true };
  const wanted = await (await trainerOf()).fit(data, fitting);
  const store = new Memory();
  const controller = new AbortController();
  const aborts: w.Callback = { onEpochBegin: (epoch) => void (epoch === 1 && controller.abort()) };
  const { signal } = controller;
  const stopped = (await trainerOf()).fit(data, { ...fitting, signal, callbacks: [aborts, w.checkpoint(store)] });
  await expect(stopped).rejects.toThrow();
  expect(await (await trainerOf()).fit(data, { ...fitting, resumeFrom: store })).toEqual(wanted);
});

describe("stores", () => {
  test("are let go before fit is over, whatever they say", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    let open = 0;
    const store = Object.assign(new Memory(), {
      open: async () => {
        open++;
        return async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          open--;
          throw new Error("the door is stuck");
        };
      },
    });
    await (await trainerOf()).fit(data, { ...options, callbacks: [w.checkpoint(store)] });
    expect(open).toBe(0);
    expect(warn.mock.calls).toEqual([["checkpoint: the store could not be let go: the door is stuck"]]);
    warn.mockRestore();
  });

  test.each(["open", "latest"])("whose %s never ends are left when the signal is aborted", async (name) => {
    const store = Object.assign(new Memory(), { [name]: () => new Promise<never>(() => {}) });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 20);
    const { signal } = controller;
    const training = (await trainerOf()).fit(data, { ...options, signal, callbacks: [w.checkpoint(store)] });
    await expect(training).rejects.toThrow("enough");
  });

  test("may say null where there is nothing", async () => {
    const store = { write: async () => {}, latest: async () => null as never };
    const history = await (await trainerOf()).fit(data, { ...options, resumeFrom: store });
    expect(history.loss.length).toBe(3);
  });

  test("what they are made of is looked at", async () => {
    const { write, latest } = new Memory();
    await expectRefusal(
      () => w.checkpoint({ write, latest, open: 5 as never }),
      TypeError,
      "checkpoint: open of the first argument must be a function, got number 5",
    );
    const odd = { write, latest, open: async () => 5 as never };
    const trainer = await trainerOf();
    await expectRefusal(
      () => trainer.fit(data, { ...options, callbacks: [w.checkpoint(odd)] }),
      TypeError,
      "checkpoint: what open() of the store gives must be a function, got number 5",
    );
  });
});

describe("before the training", () => {
  test("a figure that will never be there is named", async () => {
    const trainer = await trainerOf();
    await expectRefusal(
      () => trainer.fit(data, { ...options, callbacks: [w.checkpoint(new Memory(), { monitor: "validationLoss" })] }),
      Error,
      /^checkpoint: .*"validationLoss".*loss, accuracy/,
    );
    expect(trainer.updates).toBe(0);
  });

  test("callbacks that aren't any are named, and names that are none", async () => {
    const trainer = await trainerOf();
    const callbacks = [null as never, w.checkpoint(new Memory())];
    await expectRefusal(() => trainer.fit(data, { callbacks }), TypeError, /^fit: callbacks\[0\] must be an object/);
    const named = { name: Symbol("a") as never, state: () => 1, restore() {} };
    await expectRefusal(
      () => trainer.fit(data, { callbacks: [named, w.checkpoint(new Memory())] }),
      TypeError,
      /^fit: callbacks\[0\]: name must be a string/,
    );
  });

  test("a state that throws is named", async () => {
    const throws: w.Callback = {
      name: "mine",
      state() {
        throw new Error("no");
      },
      restore() {},
    };
    const trainer = await trainerOf();
    await expectRefusal(
      () => trainer.fit(data, { callbacks: [throws, w.checkpoint(new Memory())] }),
      Error,
      "checkpoint: the state of callbacks[0] (mine): no",
    );
    expect(trainer.updates).toBe(0);
  });
});

test("a callback of the user's may have a property of any name", async () => {
  const own = { keeps: { open: true }, onEpochEnd() {} } as w.Callback;
  const store = new Memory();
  await (await trainerOf()).fit(data, { ...options, callbacks: [own, w.checkpoint(store)] });
  expect(store.kept.length).toBe(3);
});

test("a long history takes eight bytes an epoch, not a text", () => {
  const loss = Array.from({ length: 100_000 }, (_, i) => (i === 5 ? Number.NaN : 1 / (i + 1)));
  const of = { of: [], step: 1, epoch: 1, batch: 0, ended: false, history: { loss }, state: new Uint8Array(4) };
  const bytes = writeCheckpoint(of);
  expect(bytes.length).toBeLessThan(801_000);
  expect(readCheckpoint(bytes).history["loss"]).toEqual(loss);
});

test("a checkpoint says the version of the library, and whoever takes it for something else is told what it is", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(LIBRARY).toBe(version);
  const store = new Memory();
  const trainer = await trainerOf();
  await trainer.fit(data, { ...options, callbacks: [w.checkpoint(store)] });
  const bytes = store.kept.at(-1)!;
  expect(readCheckpoint(bytes).version).toBe(version);
  await expectRefusal(
    () => trainer.restore(bytes),
    RangeError,
    /whose state is \(await readCheckpoint\(bytes\)\)\.state$/,
  );
  await expectRefusal(
    () => modelFromBytes(bytes, { name: "run.safetensors" }),
    Error,
    "run.safetensors: a checkpoint of a training, not a model; trainer.restore takes (await readCheckpoint(bytes)).state, and saveModel writes " +
      "the model",
  );
});
