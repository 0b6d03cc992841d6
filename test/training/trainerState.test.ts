// What a trainer keeps between calls.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { modelFromBytes, modelToBytes } from "../../src/files.ts";
import { collect } from "../support/collect.ts";
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

  /** All that can be asked of a model that is trained: what is refused meanwhile, and what changes nothing. */
  const REFUSED: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
    ...TRAINS,
    forward: ({ model }) => model.forward(DATA.x),
    backward: ({ model }) => model.backward([1, 1, 1, 1, 1]),
    zeroGradients: ({ model }) => model.zeroGradients(),
    restore: (trainer) => trainer.restore(trainer.state()),
  };
  const ALLOWED: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
    evaluate: (trainer) => trainer.evaluate(DATA),
    pause: async (trainer) => {
      const standing = trainer.pause();
      trainer.resume();
      await standing;
    },
    resume: (trainer) => trainer.resume(),
    refresh: (trainer) => trainer.refresh(),
    state: (trainer) => trainer.state(),
    updates: (trainer) => trainer.updates,
    epochs: (trainer) => trainer.epochs,
    learningRate: (trainer) => trainer.learningRate,
    parameters: ({ model }) => model.parameters().map((p) => [p.get(), p.gradient()]),
    "parameters, set to what they are": ({ model }) => model.parameters().forEach((p) => p.set(p.get())),
    parameterCount: ({ model }) => model.parameterCount,
    summary: ({ model }) => String(model.summary()),
    toString: (trainer: w.Trainer) => String(trainer),
    toJSON: (trainer) => JSON.stringify(trainer),
    predict: ({ model }) => model.predict([1, 2]),
    predictAsync: ({ model }) => model.predictAsync([1, 2]),
    classifyAsync: ({ model }) => model.classifyAsync([1, 2]),
    probabilities: ({ model }) => model.probabilities([1, 2, 3]),
    classify: ({ model }) => model.classify([3]),
    resetStates: ({ model }) => model.resetStates(), // none of its layers has one
    fingerprint: ({ model }) => model.fingerprint(),
    "a new trainer": ({ model }) => new w.Trainer(model, { loss: w.huber(), optimizer: w.adam() }),
    trace: (trainer) => w.trace(trainer, DATA.x, DATA.y),
    gradCheck: (trainer) => w.gradCheck(trainer, DATA.x, DATA.y, { limit: 1 }),
    modelToBytes: ({ model }) => modelToBytes(model),
    cut: async ({ model }) => w.sequential({ input: 1, core: model.core }, w.cut(model, "batchNorm1"), w.dense(1)),
    copyWeights: async ({ model }) => w.copyWeights(model, await modelFromBytes(modelToBytes(model))),
    "another model's training, in the same memory": async ({ model: { core } }) => {
      const model = await w.sequential({ input: 1, core }, w.dense(4), w.dropout(0.5), w.dense(1));
      await new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() }).fit(DATA, { accumulate: 2 });
    },
  };

  /** A model with all that a call may disturb: running statistics, masks, an optimizer's state, gradients that are being summed. */
  async function delicate(): Promise<w.Trainer> {
    const layers = [w.dense(6), w.batchNorm(), w.relu(), w.dropout(0.3), w.dense(1)];
    const model = await w.sequential({ input: 1, seed: 1 }, ...layers);
    const schedule = w.exponentialDecay({ gamma: 0.9 });
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), metrics: [w.mae()], schedule });
  }
  const SUMS = { epochs: 2, batchSize: 2, accumulate: 4, dropLast: true, validationData: DATA } as const;
  const bits = ({ model, updates, epochs }: w.Trainer): unknown => [model.fingerprint(), model.passes, updates, epochs];

  test("every method of a model and of a trainer is refused or allowed here", async () => {
    const INTERNAL = [
      "constructor",
      "gradientOffset",
      "checkRules",
      "checkBatch",
      "loadRows",
      "refuse",
      "trainerState",
    ];
    const trainer = await delicate();
    for (const type of [trainer, trainer.model]) {
      const names = Object.getOwnPropertyNames(Object.getPrototypeOf(type)).filter((name) => !INTERNAL.includes(name));
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect(name in REFUSED || name in ALLOWED, name).toBe(true);
    }
  });

  for (const [name, call] of Object.entries(REFUSED)) {
    test(`${name} in any callback is refused, and the sum of gradients stays as it is`, async () => {
      const [trainer, calm] = [await delicate(), await delicate()];
      // there is something to go on from
      for (const one of [trainer, calm]) one.model.forward(DATA.x);
      let tried = 0;
      const attempt = async (): Promise<void> => {
        await expectRefusal(async () => call(trainer), Error, busy(name));
        tried++;
      };
      const history = await trainer.fit(DATA, { ...SUMS, callbacks: [everywhere(attempt)] });
      expect(tried).toBe(1 + 2 * (1 + 2 * 2 + 1) + 1);
      expect(history).toEqual(await calm.fit(DATA, SUMS));
      expect(bits(trainer)).toEqual(bits(calm));
    });

    test(`${name} where the data of fit are read is refused`, async () => {
      const [trainer, calm] = [await delicate(), await delicate()];
      for (const one of [trainer, calm]) one.model.forward(DATA.x);
      const before = bits(trainer);
      const refused: unknown[] = [];
      const attempt = (): void => {
        try {
          const result = call(trainer);
          if (result instanceof Promise) result.catch((error: unknown) => refused.push(error));
        } catch (error) {
          refused.push(error);
        }
      };
      const data = {
        get x() {
          attempt();
          return DATA.x;
        },
        get y() {
          attempt();
          return DATA.y;
        },
      };
      const validationData = {
        x: DATA.x,
        get y() {
          attempt();
          return DATA.y;
        },
      };
      const history = await trainer.fit(data, { ...SUMS, validationData });
      expect(refused.length).toBeGreaterThanOrEqual(3);
      expect(refused.map((error) => (error as Error).message)).toEqual(refused.map(() => busy(name)));
      expect(history).toEqual(await calm.fit(DATA, SUMS));
      expect(bits(trainer)).toEqual(bits(calm));
      // an error of theirs ends the call, and leaves nothing behind
      const bad = await delicate();
      bad.model.forward(DATA.x);
      const thrower = {
        x: DATA.x,
        get y(): number[] {
          throw new RangeError("no labels");
        },
      };
      await expectRefusal(() => bad.fit(thrower), RangeError, "no labels");
      expect(bits(bad)).toEqual(before);
      await bad.fit(DATA, SUMS);
      expect(bits(bad)).toEqual(bits(calm));
    });
  }

  for (const [name, call] of Object.entries(ALLOWED)) {
    test(`${name} in any callback changes nothing`, async () => {
      const [trainer, calm] = [await delicate(), await delicate()];
      const callbacks = [everywhere(async () => void (await call(trainer)))];
      expect(await trainer.fit(DATA, { ...SUMS, callbacks })).toEqual(await calm.fit(DATA, SUMS));
      expect(bits(trainer)).toEqual(bits(calm));
      // nor where the data are read
      const data = {
        get x() {
          void call(trainer);
          return DATA.x;
        },
        y: DATA.y,
      };
      expect(await trainer.fit(data, SUMS)).toEqual(await calm.fit(DATA, SUMS));
      expect(bits(trainer)).toEqual(bits(calm));
    });
  }

  test("a fit that begins while the data of another call are read: that call is refused", async () => {
    for (const [name, call] of Object.entries({
      step: (trainer: w.Trainer, x: w.Input) => trainer.step(x, DATA.y),
      forward: ({ model }: w.Trainer, x: w.Input) => model.forward(x),
    })) {
      const [trainer, calm] = [await delicate(), await delicate()];
      for (const one of [trainer, calm]) one.model.forward(DATA.x);
      let fitting: Promise<w.History> | undefined;
      const x = {
        rows: 5,
        shape: [1],
        scale: 1,
        get data() {
          fitting ??= trainer.fit(DATA, SUMS);
          return Float32Array.from(DATA.x as number[]);
        },
      };
      await expectRefusal(async () => call(trainer, x), Error, busy(name));
      expect(await fitting).toEqual(await calm.fit(DATA, SUMS));
      expect(bits(trainer), name).toEqual(bits(calm));
    }
  });

  test("what is asked in a signal's getter is refused, too", async () => {
    const [trainer, calm] = [await delicate(), await delicate()];
    const refused: unknown[] = [];
    const signal = Object.defineProperty(new AbortController().signal, "aborted", {
      get() {
        try {
          trainer.model.zeroGradients();
        } catch (error) {
          refused.push((error as Error).message);
        }
        return false;
      },
    });
    await trainer.fit(DATA, { ...SUMS, signal, callbacks: [{ onBatchEnd: () => {} }] });
    await calm.fit(DATA, SUMS);
    expect(new Set(refused)).toEqual(new Set([busy("zeroGradients")]));
    expect(bits(trainer)).toEqual(bits(calm));
  });

  test("parameters may be set in callbacks: that is what they then are", async () => {
    const trainer = await trainerOf();
    const seen: number[] = [];
    const onEpochEnd = (): void => {
      const last = trainer.model.parameters().at(-1)!;
      last.set([7]);
    };
    const onEpochBegin = (): void => void seen.push(trainer.model.parameters().at(-1)!.get()[0]!);
    await trainer.fit(DATA, { epochs: 3, accumulate: 2, batchSize: 2, callbacks: [{ onEpochEnd, onEpochBegin }] });
    expect(seen.slice(1)).toEqual([7, 7]);
  });

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

describe("counters of more than 32 bits", () => {
  const LAST = 2 ** 32 - 1;
  const make = async (optimizer: w.TrainerOptions["optimizer"], schedule?: w.Schedule): Promise<w.Trainer> => {
    const model = await w.sequential(
      { input: 4, seed: 1 },
      w.dense(64),
      w.dropout(0.5),
      w.gaussianNoise(0.1),
      w.dense(1),
    );
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer, ...(schedule && { schedule }) });
    Object.assign(trainer.trainerState, { updates: LAST, epochs: LAST });
    model.passes = LAST;
    return trainer;
  };
  const x = normal(40, { seed: 1 });
  const y = normal(10, { seed: 2 });

  test.each([
    ["adam", w.adam()],
    ["adamw", w.adamw()],
    ["amsgrad", w.adam({ amsgrad: true })],
  ])("%s: finite steps before, at and after 2^32", async (_name, optimizer) => {
    const trainer = await make(optimizer);
    for (let i = 0; i < 3; i++) {
      const before = trainer.model.parameters().map((p) => p.get());
      trainer.step(x, y);
      trainer.model.parameters().forEach((p, j) => {
        p.get().forEach((value, k) => expect(Math.abs(value - before[j]![k]!)).toBeLessThan(0.05));
      });
    }
    expect([trainer.updates, trainer.model.passes]).toEqual([LAST + 3, LAST + 3]);
    await trainer.fit({ x, y }, { epochs: 3, batchSize: 5 });
    expect([trainer.updates, trainer.model.passes, trainer.epochs]).toEqual([LAST + 9, LAST + 9, LAST + 3]);
    trainer.model.forward(x);
    trainer.update();
    expect([trainer.updates, trainer.model.passes]).toEqual([LAST + 10, LAST + 10]);
  });

  test("the masks of pass 2^32 are those of no earlier pass", async () => {
    const trainer = await make(w.sgd());
    const at = (passes: number): string => {
      trainer.model.passes = passes;
      return trainer.model.forward(x).join();
    };
    const outputs = [0, 1, LAST, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map(at);
    expect(new Set(outputs).size).toBe(outputs.length);
    expect(at(2 ** 32)).toBe(outputs[3]);
  });

  test("the orders of the rows of epoch 2^32 are those of no earlier epoch", async () => {
    const rows = Float32Array.from({ length: 64 }, (_, i) => i);
    const orderOf = async (epochs: number): Promise<string> => {
      const model = await w.sequential({ input: 1, seed: 5 }, w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd({ learningRate: 1e-9 }) });
      trainer.trainerState.epochs = epochs;
      const losses: number[] = [];
      await trainer.fit(
        { x: rows, y: rows.map(() => 0) },
        { batchSize: 1, callbacks: [{ onBatchEnd: (_batch, { loss }) => void losses.push(Math.round(loss!)) }] },
      );
      return losses.join();
    };
    const orders = await Promise.all([0, 1, LAST, 2 ** 32, 2 ** 32 + 1].map(orderOf));
    expect(new Set(orders).size).toBe(orders.length);
  });

  test("schedules go on", async () => {
    const steps = await make(w.sgd({ learningRate: 1 }), w.stepDecay({ stepSize: 2 ** 30, gamma: 0.5 }));
    expect(steps.learningRate).toBe(0.125);
    steps.step(x, y);
    expect(steps.learningRate).toBe(0.0625);
    const slow = await make(w.sgd({ learningRate: 1 }), w.exponentialDecay({ gamma: 1 - 1e-10 }));
    const before = slow.learningRate;
    slow.step(x, y);
    expect(slow.learningRate / before).toBeCloseTo(1 - 1e-10, 13);
    expect(before).toBeLessThan(0.7);
  });
});

test("a fit whose trainer nobody holds any more keeps the optimizer's memory", async () => {
  const fitted = async (between: (model: w.Model) => Promise<void>): Promise<string> => {
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(6), w.tanh(), w.dense(1));
    const begin = (): Promise<w.History> =>
      new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() }).fit(DATA, {
        epochs: 3,
        progress: false,
        callbacks: [{ onEpochEnd: () => between(model) }],
      });
    await begin();
    return model.fingerprint();
  };
  const calm = await fitted(async () => {});
  const disturbed = await fitted(async (model) => {
    await collect();
    // takes memory that is free, and fills it
    const other = await w.sequential(
      { input: 1, core: model.core },
      w.dense(6, { kernelInitializer: w.constant(9) }),
      w.dense(1),
    );
    other.forward(DATA.x);
  });
  expect(disturbed).toBe(calm);
});
