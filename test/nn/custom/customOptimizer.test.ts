// Optimizers of the user's, in TypeScript: the same bits as the library's own rule, wherever these work, refused in words.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectRefusal, refuses } from "../../support/refusals.ts";
import { normal, wholes } from "../../support/seeded.ts";

const ROWS = 22;
const x = normal(ROWS * 3, { seed: 1 });
const y = wholes(ROWS, { seed: 2, below: 2 });
const { fround } = Math;

/** `sgd({ momentum: 0.5 })`, rounded as the core rounds. */
const momentum = (options: w.OptimizerOptions = {}) =>
  w.customOptimizer({
    type: "momentum",
    slots: { velocity: 0 },
    ...options,
    update({ values, gradient, slots: { velocity }, learningRate }) {
      const rate = fround(learningRate);
      for (let i = 0; i < values.length; i++) {
        velocity[i] = fround(0.5 * velocity[i]!) + gradient[i]!;
        values[i]! -= fround(rate * velocity[i]!);
      }
    },
  });

/** `adam` in float64, but for what it keeps. */
const adam = () =>
  w.customOptimizer({
    type: "myAdam",
    slots: { m: 0, v: 0 },
    learningRate: 0.001,
    update({ values, gradient, slots: { m, v }, learningRate, step }) {
      let [power1, power2] = [1, 1];
      for (let t = 0; t < step; t++) [power1, power2] = [power1 * 0.9, power2 * 0.999];
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        values[i]! -= (learningRate * (m[i]! / (1 - power1))) / (Math.sqrt(v[i]! / (1 - power2)) + 1e-8);
      }
    },
  });

interface Parts extends Partial<w.TrainerOptions> {
  readonly layers?: readonly w.Layer[];
  readonly model?: Partial<w.ModelOptions>;
}

async function trainerOf({ layers, model: options, ...parts }: Parts): Promise<w.Trainer> {
  const made = layers ?? [
    w.dense(5, { kernelRegularizer: w.l2(0.01), kernelConstraint: w.maxNorm(1) }),
    w.tanh(),
    w.dropout(0.2),
    w.frozen(w.dense(4)),
    w.dense(2),
  ];
  const model = await w.sequential({ input: 3, seed: 7, ...options }, ...made);
  return new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: momentum(), ...parts });
}

/** Trains in each way. */
async function train(trainer: w.Trainer, options: w.FitOptions = {}): Promise<string> {
  trainer.step(x, y);
  await trainer.fit({ x, y }, { epochs: 2, batchSize: 5, ...options });
  trainer.model.zeroGradients();
  trainer.model.backward(trainer.model.forward(x));
  trainer.update();
  return trainer.model.fingerprint();
}

describe("the same rule gives the same bits as the library's own", () => {
  const cases: readonly (readonly [string, w.OptimizerOptions, Parts, w.FitOptions])[] = [
    ["alone", {}, {}, {}],
    ["with a learning rate", { learningRate: 0.3 }, {}, {}],
    ["with clipValue and decay", { clipValue: 0.01, weightDecay: 0.1, decay: "weights" }, {}, {}],
    ["with clipNorm and l1", { clipNorm: 0.1, l1: 0.01 }, {}, {}],
    ["with clipGlobalNorm", { clipGlobalNorm: 0.1 }, {}, {}],
    ["with rates by parameter", { learningRates: (name) => (name === "dense1.weight" ? 0 : 0.5) }, {}, {}],
    ["with a schedule", {}, { schedule: w.cosineDecay({ period: 9 }) }, {}],
    ["with accumulated gradients", {}, {}, { accumulate: 2 }],
  ];
  test.each(cases)("%s", async (_, options, parts, fit) => {
    const mine = await trainerOf({ optimizer: momentum(options), ...parts });
    const own = await trainerOf({ optimizer: w.sgd({ momentum: 0.5, ...options }), ...parts });
    expect(await train(mine, fit)).toBe(await train(own, fit));
    expect(mine.updates).toBe(own.updates);
    expect(mine.learningRate).toBe(own.learningRate);
  });

  test("adam of one's own, but for roundings", async () => {
    const [mine, own] = [await trainerOf({ optimizer: adam() }), await trainerOf({ optimizer: w.adam() })];
    await train(mine);
    await train(own);
    mine.model.parameters().forEach((p, i) => {
      const wanted = own.model.parameters()[i]!.get();
      // 12 steps of 0.001, each to 1e-5 of itself or so
      p.get().forEach((value, j) => expect(Math.abs(value - wanted[j]!), p.name).toBeLessThan(1e-6));
    });
  });

  test("one optimizer serves several trainers, of models that share a memory, too", async () => {
    const optimizer = momentum();
    const one = await trainerOf({ optimizer });
    const other = await trainerOf({ optimizer, model: { core: one.model.core, seed: 8 } });
    const apart = [await trainerOf({}), await trainerOf({ model: { seed: 8 } })];
    for (let i = 0; i < 3; i++) for (const trainer of [one, other, ...apart]) trainer.step(x, y);
    expect(one.model.fingerprint()).toBe(apart[0]!.model.fingerprint());
    expect(other.model.fingerprint()).toBe(apart[1]!.model.fingerprint());
  });
});

test("update gets each trained parameter with its name, shape and slots, and counts from 1", async () => {
  const seen: unknown[] = [];
  const optimizer = w.customOptimizer({
    type: "seen",
    slots: { q: 0.5 },
    update({ values, gradient, slots: { q }, step, learningRate, name, shape }) {
      seen.push([name, shape, values.length, gradient.length, [...new Set(q)], step, learningRate]);
      q.fill(step);
    },
  });
  const trainer = await trainerOf({
    optimizer,
    layers: [w.dense(2), w.frozen(w.dense(3)), w.dense(2, { useBias: false })],
  });
  const before = trainer.model.fingerprint();
  for (let i = 0; i < 2; i++) trainer.step(x, y);
  const each = (step: number, q: number): unknown[] => [
    ["dense1.weight", [3, 2], 6, 6, [q], step, 0.01],
    ["dense1.bias", [2], 2, 2, [q], step, 0.01],
    ["dense3.weight", [3, 2], 6, 6, [q], step, 0.01],
  ];
  expect(seen).toEqual([...each(1, 0.5), ...each(2, 1)]);
  expect(trainer.model.fingerprint()).toBe(before);
});

test("its slots are in the trainer's state: what goes on elsewhere has the same bits", async () => {
  const first = await trainerOf({ optimizer: adam() });
  for (let i = 0; i < 3; i++) first.step(x, y);
  const state = first.state();
  const wanted = await train(first);
  const other = await trainerOf({ optimizer: adam() });
  other.restore(state);
  expect(await train(other)).toBe(wanted);
  first.restore(state);
  expect(await train(first)).toBe(wanted);
  await expectRefusal(
    () => void other.restore(state.slice(0, -4)),
    RangeError,
    `restore: the state has ${state.length - 4} bytes, but must have ${state.length}; was it cut?`,
  );
  const another = await trainerOf({ optimizer: momentum() });
  expect(() => another.restore(state)).toThrow("and myAdam, m, v, where this trainer has");
});

describe("where it is computed", () => {
  test.each([
    ["a worker", {}, { worker: true }],
    ["threads", { threads: 2 }, {}],
  ] as const)("asked for %s: here, with the same bits", async (_, model, options) => {
    const trainer = await trainerOf({ model });
    expect(await train(trainer, options)).toBe(await train(await trainerOf({})));
    if (!("worker" in options)) return;
    const reason =
      "a layer, the loss, a metric or the optimizer is a function of JavaScript's, which can't run in a worker";
    expect(w.backend(trainer.model)).toMatchObject({ worker: false, reason });
  });

  test("trace shows its update", async () => {
    const trainer = await trainerOf({});
    const traced = w.trace(trainer, x, y, { update: true });
    expect(w.explain(traced).length).toBeGreaterThan(0);
    const { tensors, states } = traced.update!;
    const valuesOf = (list: typeof tensors, name: string): Float32Array => list.find((t) => t.name === name)!.values;
    trainer.step(x, y);
    const [weight] = trainer.model.parameters();
    expect(valuesOf(tensors, "w1'")).toEqual(weight!.get());
    expect(valuesOf(states, "velocity.w1'")).toEqual(weight!.gradient());
  });
});

describe("an update that fails changes nothing", () => {
  /** Fails in the third update, at a parameter that isn't the first. */
  const failing = (fail: (values: Float32Array, slot: Float32Array) => void) =>
    w.customOptimizer({
      type: "failing",
      slots: { s: 0 },
      update({ values, slots: { s }, name, step }) {
        values.forEach((_, i) => (values[i]! += 1));
        s.fill(step);
        if (step === 3 && name === "dense3.bias") fail(values, s);
      },
    });
  const cases: readonly (readonly [string, Parameters<typeof failing>[0], string])[] = [
    [
      "it throws",
      () => {
        throw new Error("no");
      },
      "optimizer failing: update threw Error: no",
    ],
    [
      "a value is NaN",
      (values) => (values[1] = NaN),
      "optimizer failing: update made value 1 of dense3.bias NaN; values and slots must stay finite numbers",
    ],
    [
      "a slot is infinite",
      (_, s) => (s[0] = -Infinity),
      "optimizer failing: update made slots.s[0] of dense3.bias -Infinity; values and slots must stay finite numbers",
    ],
  ];
  test.each(cases)("%s", async (_, fail, text) => {
    for (const run of [
      (t: w.Trainer) => void t.step(x, y),
      (t: w.Trainer) => t.update(),
      (t: w.Trainer) => t.fit({ x, y }),
    ]) {
      const trainer = await trainerOf({ optimizer: failing(fail) });
      trainer.step(x, y);
      trainer.step(x, y);
      const [before, updates] = [trainer.model.fingerprint(), trainer.updates];
      const states = trainer.state();
      await expect((async () => run(trainer))()).rejects.toThrow(text);
      expect(trainer.model.fingerprint()).toBe(before);
      expect(trainer.updates).toBe(updates);
      // the slots, which follow the parameters; the gradients are the refused step's
      const kept = trainer.state();
      const end = states.length - trainer.model.run.bytes;
      expect(kept.subarray(0, end)).toEqual(states.subarray(0, end));
    }
  });
});

refuses([
  [
    () => w.customOptimizer({ type: "two words", update: () => {} }),
    TypeError,
    'customOptimizer: type must be a word such as "lion", got the string "two words"',
  ],
  [() => w.customOptimizer({ type: "mine" } as never), TypeError, "mine: update must be a function, got undefined"],
  [
    () => w.customOptimizer({ type: "mine", slots: ["m"], update: () => {} } as never),
    TypeError,
    "mine: slots must be an object, by names, got an array of 1",
  ],
  [
    () => w.customOptimizer({ type: "mine", slots: { m: NaN }, update: () => {} }),
    RangeError,
    "mine: slots.m must be a finite number, got NaN",
  ],
  [
    () => w.customOptimizer({ type: "mine", slots: { "a b": 0 }, update: () => {} }),
    TypeError,
    'mine: a name in slots must be a word, got the string "a b"',
  ],
  [
    () => w.customOptimizer({ type: "mine", update: () => {}, learningRate: -1 }),
    RangeError,
    "mine: learningRate must be above 0, got -1",
  ],
  [
    () => w.customOptimizer({ type: "mine", update: () => {}, rate: 1 } as never),
    TypeError,
    'customOptimizer: unknown option "rate". Known: learningRate, weightDecay, l1, clipValue, clipNorm, clipGlobalNorm, learningRates, decay, type, slots, update',
  ],
]);
