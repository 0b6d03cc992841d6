// What a trainer keeps between calls.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal } from "../support/refusals.ts";
import { normal, uniform, wholes } from "../support/seeded.ts";

const DATA: w.TrainingData = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function trainerOf(): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
}

describe("programs for other kinds of data", () => {
  const ROWS = 9;
  const x = uniform(ROWS * 4, { seed: 1, low: 0, high: 1 });
  const bytes = w.samples(
    Uint8Array.from({ length: ROWS * 4 }, (_, i) => (i * 61) % 256),
    4,
    { scale: 1 / 256 },
  );
  const labels = wholes(ROWS, { seed: 2, below: 3 });
  const shares = Float32Array.from({ length: ROWS * 3 }, (_, i) => (labels[Math.floor(i / 3)] === i % 3 ? 0.8 : 0.1));
  const sampleWeights = uniform(ROWS, { seed: 3, low: 0.5, high: 2 });
  const few = (n: number): w.TrainingData => ({ x: x.slice(0, n * 4), y: labels.slice(0, n) });

  /** Calls that need programs of their own: bytes or not, labels or not, weights or not, one pass an update or several. */
  const CALLS: Readonly<Record<string, (trainer: w.Trainer) => Promise<unknown>>> = {
    labels: (t) => t.fit({ x, y: labels }, { batchSize: 4 }),
    shares: (t) => t.fit({ x, y: shares }, { batchSize: 4 }),
    bytes: (t) => t.fit({ x: bytes, y: labels }, { batchSize: 4 }),
    weights: (t) => t.fit({ x, y: labels, sampleWeights }, { batchSize: 4 }),
    accumulate: (t) => t.fit({ x, y: labels }, { batchSize: 2, accumulate: 3 }),
    step: async (t) => t.step(x, labels),
    "weighted step": async (t) => t.step(x, shares, { sampleWeights }),
    "larger batches": (t) => t.fit({ x, y: labels }, { batchSize: 9 }),
    "smaller batches": (t) => t.fit(few(3), { batchSize: 1 }),
    evaluate: (t) => t.evaluate({ x: bytes, y: shares, sampleWeights }),
    "evaluate less": (t) => t.evaluate(few(2)),
    validation: (t) => t.fit({ x: bytes, y: labels }, { validationData: { x, y: shares, sampleWeights } }),
    update: async (t) => {
      t.model.zeroGradients();
      t.model.forward(x);
      t.model.backward(normal(ROWS * 3, { seed: 4 }));
      t.update();
    },
  };

  async function make(): Promise<w.Trainer> {
    const model = await w.sequential({ input: 4, seed: 1 }, w.dense(6), w.relu(), w.dropout(0.2), w.dense(3));
    const metrics = [w.accuracy(), w.logLoss()];
    return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam(), metrics });
  }

  /** A trainer in the same place, that has no program yet. */
  async function successor(old: w.Trainer): Promise<w.Trainer> {
    const made = await make();
    made.model.parameters().forEach((p, i) => p.set(old.model.parameters()[i]!.get()));
    made.model.passes = old.model.passes;
    Object.assign(made.trainerState, { updates: old.updates, epochs: old.epochs });
    const [from, to] = [old, made].map(({ trainerState, model }) => ({
      ...trainerState.updatePlan(),
      arena: model.core.arena,
    }));
    from!.states.forEach((address, i) => {
      to!.arena.f32.set(from!.arena.read(address, old.model.run.bytes / 4), to!.states[i]! / 4);
    });
    return made;
  }

  for (const [first, call] of Object.entries(CALLS)) {
    test(`after ${first}, everything gives the bits that it gives alone`, async () => {
      for (const [second, next] of Object.entries(CALLS)) {
        const used = await make();
        await call(used);
        const fresh = await successor(used);
        expect(await next(used), second).toEqual(await next(fresh));
        expect(used.model.fingerprint(), second).toBe(fresh.model.fingerprint());
        expect([used.updates, used.epochs, used.model.passes]).toEqual([
          fresh.updates,
          fresh.epochs,
          fresh.model.passes,
        ]);
      }
    });
  }

  test("a metric that keeps every row has room for more rows than before", async () => {
    const model = await w.sequential({ input: 1, seed: 2 }, w.dense(1));
    const loss = w.binaryCrossEntropyWithLogits();
    const trainer = (): w.Trainer => new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [w.rocAuc()] });
    const [used, fresh] = [trainer(), trainer()];
    const data = (rows: number): w.TrainingData => ({
      x: normal(rows, { seed: 5 }),
      y: wholes(rows, { seed: 6, below: 2 }),
    });
    await used.evaluate(data(4), { batchSize: 2 });
    const others = [
      new Float32Array(4000),
      model.core.arena.allocate(16_000, "test", "what must not be written over"),
    ] as const;
    expect(await used.evaluate(data(2000), { batchSize: 2 })).toEqual(
      await fresh.evaluate(data(2000), { batchSize: 2 }),
    );
    expect(model.core.arena.read(others[1].address, 4000)).toEqual(others[0]);
  });

  test("the memory of the program before is given back", async () => {
    const trainer = await make();
    for (const call of Object.values(CALLS)) await call(trainer);
    for (const call of Object.values(CALLS)) await call(trainer);
    const { used } = trainer.model.core.arena;
    for (let i = 0; i < 5; i++) for (const call of Object.values(CALLS)) await call(trainer);
    expect(trainer.model.core.arena.used).toBe(used);
  });
});

/** Everything that changes the weights, by the name that it answers with. */
const TRAINS: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
  fit: (trainer) => trainer.fit(DATA),
  step: (trainer) => trainer.step(DATA.x, DATA.y),
  update: (trainer) => trainer.update(),
};

describe("one training at a time", () => {
  const busy = (name: string): string => `${name}: the model is being trained by fit; await that first`;

  /** Calls this in every place where fit calls back. */
  const everywhere = (call: () => Promise<void>): w.Callback => ({
    onTrainBegin: call,
    onEpochBegin: call,
    onBatchBegin: call,
    onBatchEnd: call,
    onEpochEnd: call,
    onTrainEnd: call,
  });

  for (const [name, call] of Object.entries(TRAINS)) {
    test(`${name} is refused in callbacks of fit, also to another trainer of the model, and disturbs nothing`, async () => {
      const [trainer, calm] = [await trainerOf(), await trainerOf()];
      const other = new w.Trainer(trainer.model, { loss: w.meanSquaredError(), optimizer: w.adam() });
      let tried = 0;
      const attempt = async (): Promise<void> => {
        for (const one of [trainer, other]) await expectRefusal(() => call(one), Error, busy(name));
        tried++;
      };
      const options = { epochs: 2, batchSize: 2 };
      const history = await trainer.fit(DATA, { ...options, callbacks: [everywhere(attempt)] });
      expect(tried).toBe(1 + 2 * (1 + 3 * 2 + 1) + 1);
      expect(history).toEqual(await calm.fit(DATA, options));
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect([trainer.updates, other.updates]).toEqual([calm.updates, 0]);
      // and once it is done, both work
      for (const one of [trainer, calm]) await call(one);
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      await call(other);
      expect([trainer.updates, other.updates]).toEqual([7, 1]);
    });

    test(`${name} is refused while a fit that isn't waited for goes on`, async () => {
      const [trainer, calm] = [await trainerOf(), await trainerOf()];
      const first = trainer.fit(DATA, { epochs: 50 });
      await expectRefusal(() => call(trainer), Error, busy(name));
      expect(await first).toEqual(await calm.fit(DATA, { epochs: 50 }));
      for (const one of [trainer, calm]) await call(one);
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      expect(trainer.updates).toBe(51);
    });
  }

  for (const [name, ends, kind, message] of [
    [
      "a callback that throws",
      (trainer) => {
        const onEpochEnd = (): never => {
          throw new RangeError("enough");
        };
        return trainer.fit(DATA, { callbacks: [{ onEpochEnd }] });
      },
      RangeError,
      "enough",
    ],
    [
      "its signal",
      (trainer) => {
        const controller = new AbortController();
        const onBatchEnd = (): void => controller.abort(new Error("no time"));
        return trainer.fit(DATA, { signal: controller.signal, callbacks: [{ onBatchEnd }] });
      },
      Error,
      "no time",
    ],
    [
      "a loss that is infinite",
      (trainer) => trainer.fit({ x: [1], y: [1e30] }),
      w.NonFiniteError,
      /^fit: the loss became NaN or infinite in step 2; /,
    ],
    [
      "data that can't be used",
      (trainer) => trainer.fit({ x: [1, 2], y: [1] }),
      RangeError,
      "fit: x has 2 rows, but y has 1; each row of x needs one of y",
    ],
  ] as const satisfies readonly (readonly [string, (trainer: w.Trainer) => Promise<unknown>, ...unknown[]])[]) {
    test(`after a fit that was ended by ${name}, everything works`, async () => {
      for (const call of Object.values(TRAINS)) {
        const trainer = await trainerOf();
        trainer.step([1], [1]);
        await expectRefusal(() => ends(trainer), kind, message);
        const { updates } = trainer;
        await call(trainer);
        expect(trainer.updates).toBe(updates + 1);
      }
    });
  }

  test("models that share a memory may be trained side by side", async () => {
    const make = async (core?: w.Model["core"]): Promise<w.Trainer> => {
      const model = await w.sequential(
        { input: 1, seed: 1, ...(core ? { core } : {}) },
        w.dense(3),
        w.tanh(),
        w.dense(1),
      );
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 0.05 }) });
    };
    const calm = await make();
    const expected = await calm.fit(DATA, { epochs: 3000, batchSize: 1 });
    const a = await make();
    const b = await make(a.model.core);
    const options = { epochs: 3000, batchSize: 1 };
    const histories = await Promise.all([a.fit(DATA, options), b.fit(DATA, options)]);
    expect(histories).toEqual([expected, expected]);
    for (const { model } of [a, b]) expect(model.fingerprint()).toBe(calm.model.fingerprint());
  });

  test("looking is allowed in callbacks, and disturbs nothing", async () => {
    const make = async (): Promise<w.Trainer> => {
      const model = await w.sequential({ input: 1, seed: 1 }, w.dense(6), w.relu(), w.dropout(0.3), w.dense(1));
      return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae()] });
    };
    const [trainer, calm] = [await make(), await make()];
    const losses: number[] = [];
    const look = async (): Promise<void> => {
      const traced = w.trace(trainer, DATA.x, DATA.y);
      expect(w.trace(trainer, DATA.x, DATA.y).tensors).toEqual(traced.tensors);
      expect(w.gradCheck(trainer, DATA.x, DATA.y, { limit: 1 }).checked).toBe(4);
      losses.push((await trainer.evaluate(DATA))["loss"]!);
    };
    // a sum over two batches is under way where the callback looks
    const options = { epochs: 3, batchSize: 2, accumulate: 2, validationData: DATA };
    const history = await trainer.fit(DATA, { ...options, callbacks: [everywhere(look)] });
    expect(history).toEqual(await calm.fit(DATA, options));
    expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
    expect(losses.at(-1)).toBe((await calm.evaluate(DATA))["loss"]);
  });
});
