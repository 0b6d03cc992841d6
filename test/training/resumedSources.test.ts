// Sources of a training that is resumed: after every update it goes on with the same rows.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";

const PER_EPOCH = 30;

/** A row that says which one it is. */
const rowOf = (number: number): w.Row => ({ x: [number / 100, 1], y: [Math.sin(number)] });

function* ofEpoch(epoch: number): Generator<w.Row> {
  for (let i = 0; i < PER_EPOCH; i++) yield rowOf(PER_EPOCH * epoch + i);
}
function* endless(epoch: number, random: w.Random): Generator<w.Row> {
  for (;;) yield rowOf(1000 * epoch + random.integer(1000));
}
const list = Array.from({ length: PER_EPOCH }, (_, i) => rowOf(i));

/** Says where it is, and goes there. */
class Counter {
  #at: number;

  constructor(from = 0) {
    this.#at = from;
  }
  state(): unknown {
    return { at: this.#at };
  }
  restore(state: { at: number }): void {
    this.#at = state.at;
  }
  *[Symbol.iterator](): Generator<w.Row> {
    for (;;) yield rowOf(this.#at++);
  }
}

const SOURCES: Readonly<Record<string, (options: { shuffleBuffer?: number }) => w.Source>> = {
  "a function": (options) => w.rows(ofEpoch, options),
  "a function, some steps of it": (options) => w.rows(ofEpoch, { ...options, stepsPerEpoch: 5 }),
  "a function without an end": (options) => w.rows(endless, { ...options, stepsPerEpoch: 5 }),
  "a list": (options) => w.rows(list, options),
  "a list that goes on": (options) => w.rows(list, { ...options, stepsPerEpoch: 5 }),
  "one that says where it is": (options) => w.rows(new Counter(), { ...options, stepsPerEpoch: 5 }),
  "a function of such": (options) => w.rows((epoch) => new Counter(100 * epoch), { ...options, stepsPerEpoch: 5 }),
};

/** Trains on rows and measures on others of the same kind; ends with an error after `until` updates. */
async function train(source: () => w.Source, store?: w.CheckpointStore, until = Infinity): Promise<unknown> {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae()] });
  const history = await trainer.fit(source(), {
    epochs: 4,
    batchSize: 4,
    validationData: source(),
    progress: false,
    warnings: false,
    resumeFrom: store,
    callbacks: [
      ...(store ? [w.checkpoint(store, { everySteps: 1 })] : []),
      {
        onBatchBegin(_batch, { updates }) {
          if (updates === until) throw new Error("ended");
        },
      },
    ],
  });
  return { fingerprint: model.fingerprint(), history, updates: trainer.updates };
}

function memory(): w.CheckpointStore {
  let kept: Uint8Array | undefined;
  return { write: async (bytes) => void (kept = bytes), latest: async () => kept };
}

describe.each(Object.keys(SOURCES))("%s", (name) => {
  test.each([{}, { shuffleBuffer: 7 }])("with %j", async (options) => {
    const source = (): w.Source => SOURCES[name]!(options);
    const whole = (await train(source)) as { updates: number };
    const store = memory();
    for (let until = 1; until < whole.updates; until++) {
      await expect(train(source, store, until)).rejects.toThrow("ended");
    }
    expect(await train(source, store)).toEqual(whole);
  });
});

test("what is gone through again is let go at the end of each epoch", async () => {
  const events: string[] = [];
  const source = (): w.Source =>
    w.rows(
      function* (epoch) {
        events.push(`${epoch} begins`);
        try {
          yield* ofEpoch(epoch);
        } finally {
          events.push(`${epoch} ends`);
        }
      },
      { shuffleBuffer: 3, stepsPerEpoch: 2 },
    );
  const store = memory();
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
  const fit = (epochs: number): Promise<unknown> =>
    new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() }).fit(source(), {
      epochs,
      batchSize: 4,
      progress: false,
      warnings: false,
      resumeFrom: store,
      callbacks: [w.checkpoint(store)],
    });
  await fit(2);
  events.length = 0;
  await fit(3);
  expect(events).toEqual(["0 begins", "0 ends", "1 begins", "1 ends", "2 begins", "2 ends"]);
});
