// The records of an update. Here: updates that would be too large for float32 are refused without a trace.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import type { Optimizer } from "../../src/nn/optimizers/optimizer.ts";
import { generator, normal } from "../support/seeded.ts";
import { Parameters } from "../support/update.ts";

const X = normal(24, { seed: 1 });
const Y = normal(8, { seed: 2 });
const GRADIENTS = [1, -0.5, 2];

/** A model whose only parameter has three weights, and the gradients that `update` takes. */
async function threeWeights(
  optimizer: Optimizer,
  schedule?: w.Schedule,
): Promise<{
  trainer: w.Trainer;
  update(...gradients: number[]): void;
}> {
  const model = await w.sequential({ input: 1, seed: 3 }, w.dense(3, { useBias: false }));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer, ...(schedule && { schedule }) });
  return {
    trainer,
    update(...gradients) {
      model.forward([1]);
      model.zeroGradients();
      model.backward(gradients);
      trainer.update();
    },
  };
}

/** Optimizers by what they are; each has a state of its own kind. */
const OPTIMIZERS: readonly [string, (learningRate?: number) => Optimizer][] = [
  ["sgd", (learningRate = 0.01) => w.sgd({ learningRate })],
  ["sgd with momentum", (learningRate = 0.01) => w.sgd({ learningRate, momentum: 0.9 })],
  ["Nesterov", (learningRate = 0.01) => w.sgd({ learningRate, momentum: 0.9, nesterov: true })],
  ["sgd with decay", (learningRate = 0.01) => w.sgd({ learningRate, weightDecay: 0.1, l1: 0.1 })],
  ["adam", (learningRate = 0.001) => w.adam({ learningRate })],
  ["amsgrad", (learningRate = 0.001) => w.adam({ learningRate, amsgrad: true })],
  ["adamw", (learningRate = 0.001) => w.adamw({ learningRate })],
  ["adam with a small epsilon", (learningRate = 0.001) => w.adam({ learningRate, epsilon: 1e-30 })],
  ["adam without memory", (learningRate = 0.001) => w.adam({ learningRate, beta1: 0, beta2: 0 })],
  ["rmsprop", (learningRate = 0.01) => w.rmsprop({ learningRate })],
  ["rmsprop, centered", (learningRate = 0.01) => w.rmsprop({ learningRate, centered: true, momentum: 0.5 })],
  ["adagrad", (learningRate = 0.01) => w.adagrad({ learningRate })],
  ["adadelta", (learningRate = 1) => w.adadelta({ learningRate })],
  ["clipped by tensor", (learningRate = 0.01) => w.sgd({ learningRate, clipNorm: 1e30 })],
  ["clipped in all", (learningRate = 0.01) => w.sgd({ learningRate, clipGlobalNorm: 1e30 })],
  ["cut", (learningRate = 0.01) => w.sgd({ learningRate, clipValue: 1e30 })],
];

/** The numbers of the optimizer's state. */
function statesOf({ trainerState, model }: w.Trainer): number[] {
  return trainerState.updatePlan().states.flatMap((start) => [...model.core.arena.read(start, 3)]);
}

describe.each(OPTIMIZERS)("%s", (name, make) => {
  test("whatever rate and gradients: an update is refused and leaves no trace, or all numbers are finite", async () => {
    const next = generator(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
    let made = 0;
    let refused = 0;
    for (const rate of [undefined, 1e-30, 1e-3, 1, 1e10, 1e20, 1e30, 3e38]) {
      const { trainer, update } = await threeWeights(make(rate));
      const sizes = [1e-30, 1, 1e10, 1e14, 1e16, 1e19, 1e25, 1e30, 1e38];
      for (let i = 0; i < 40; i++) {
        const size = pick(sizes.slice(0, 1 + (i % sizes.length)));
        const before = [trainer.model.fingerprint(), trainer.updates, ...statesOf(trainer)];
        try {
          update(...GRADIENTS.map((g) => g * size * (next() < 0.5 ? -1 : 1)));
          made++;
        } catch (error) {
          refused++;
          expect((error as Error).message).toMatch(
            /^update: the update became too large for float32 numbers in step \d+: the learning rate is \S+, the largest gradient [\d.]+e?[+-]?\d*, in dw1 of layer "dense1"\. Take a smaller learning rate, .*\. The weights are those of step \d+$/,
          );
          expect([trainer.model.fingerprint(), trainer.updates, ...statesOf(trainer)]).toEqual(before);
        }
        const all = [...trainer.model.parameters()[0]!.get(), ...statesOf(trainer)];
        expect(all.every(Number.isFinite), `${name}, rate ${rate}, gradients of ${size}: ${all.join()}`).toBe(true);
      }
    }
    expect(made).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });

  test.each([1e-20, 1e10, 1e14])(
    "with its usual rate a gradient of %s is taken: the bits of an update without limits",
    async (large) => {
      const { trainer, update } = await threeWeights(make());
      const [weight] = trainer.model.parameters();
      const free = await Parameters.create([[3]], {
        ...make(),
        limits: { gradient: 3e38, rate: Infinity, product: Infinity },
      });
      free.set(0, weight!.get());
      for (const gradients of [GRADIENTS, [large, -1, 2 * large], GRADIENTS, GRADIENTS]) {
        free.setGradient(0, gradients);
        expect(free.update(0)).toBe(true);
        update(...gradients);
        expect(weight!.get()).toEqual(free.get(0));
      }
    },
  );
});

describe("a rate that a schedule raises", () => {
  test.each([
    ["sgd with momentum", w.sgd({ learningRate: 1e10, momentum: 0.9 })],
    ["Nesterov", w.sgd({ learningRate: 1e10, momentum: 0.9, nesterov: true })],
    ["clipped by tensor", w.sgd({ learningRate: 1e10, momentum: 0.9, clipNorm: 1e30 })],
    ["clipped in all", w.sgd({ learningRate: 1e10, momentum: 0.9, clipGlobalNorm: 1e30 })],
    ["cut", w.sgd({ learningRate: 1e10, momentum: 0.9, clipValue: 1e30 })],
    ["rmsprop without memory", w.rmsprop({ learningRate: 1e10, rho: 0, momentum: 0.9, epsilon: 1e-10 })],
    ["rmsprop, centered", w.rmsprop({ learningRate: 1e10, centered: true, momentum: 0.9, epsilon: 1e-10 })],
    ["adam whose squares are forgotten first", w.adam({ learningRate: 1e10, beta2: 0, epsilon: 1e-20 })],
  ])("%s: gradients that it keeps from before are no reason for infinite weights", async (name, optimizer) => {
    let refused = 0;
    for (const schedule of [
      w.linearWarmup({ length: 3, start: 0, end: 1e20 }),
      w.linearWarmup({ length: 3, start: 1e-35, end: 1e20 }),
      w.stepDecay({ stepSize: 1, gamma: 1e6 }),
    ]) {
      for (const large of [1, 1e10, 1e15, 1e18]) {
        const { trainer, update } = await threeWeights(optimizer, schedule);
        for (let i = 0; i < 5; i++) {
          const before = [trainer.model.fingerprint(), trainer.updates, ...statesOf(trainer)];
          const size = i === 0 ? large : 1e-20;
          try {
            update(...GRADIENTS.map((g) => g * size));
          } catch (error) {
            expect((error as Error).message).toMatch(/^update: the update became too large for float32 numbers/);
            expect([trainer.model.fingerprint(), trainer.updates, ...statesOf(trainer)]).toEqual(before);
            refused++;
          }
          const all = [...trainer.model.parameters()[0]!.get(), ...statesOf(trainer)];
          expect(all.every(Number.isFinite), `${name}, ${schedule.type}, ${large}, ${i}: ${all.join()}`).toBe(true);
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("changes no bit where it isn't too large", async () => {
    const optimizer = w.sgd({ momentum: 0.9, clipGlobalNorm: 1 });
    const constant: w.Schedule = { type: "constant", per: "update", start: (rate) => ({ rate: () => rate }) };
    const [a, b] = [await threeWeights(optimizer), await threeWeights(optimizer, constant)];
    for (let i = 0; i < 5; i++) for (const { update } of [a, b]) update(...GRADIENTS);
    expect(b.trainer.model.fingerprint()).toBe(a.trainer.model.fingerprint());
  });
});

test.each([
  ["adam", (learningRate: number) => w.adam({ learningRate })],
  ["adamw", (learningRate: number) => w.adamw({ learningRate, weightDecay: 0 })],
  ["adam with a large epsilon", (learningRate: number) => w.adam({ learningRate, beta2: 0.5, epsilon: 1e30 })],
  ["rmsprop with a large epsilon", (learningRate: number) => w.rmsprop({ learningRate, rho: 0, epsilon: 1e30 })],
])("%s: the mean gradient times the rate stays finite, though a quotient would be", async (name, make) => {
  for (const rate of [1e18, 1e19, 1e22, 1e25, 1e28, 1e37]) {
    for (const large of [1, 1e10, 1e15, 1e18]) {
      const { trainer, update } = await threeWeights(make(rate));
      for (let i = 0; i < 3; i++) {
        try {
          update(...GRADIENTS.map((g) => g * large));
        } catch (error) {
          expect((error as Error).message).toMatch(/^update: the update became too large for float32 numbers/);
        }
        const all = [...trainer.model.parameters()[0]!.get(), ...statesOf(trainer)];
        expect(all.every(Number.isFinite), `${name}, ${rate}, ${large}: ${all.join()}`).toBe(true);
      }
    }
  }
});

describe("one gradient of 1e20", () => {
  test.each([
    ["adam", w.adam()],
    ["rmsprop", w.rmsprop()],
    ["adagrad", w.adagrad()],
    ["adadelta", w.adadelta()],
  ])("%s, whose state can't hold its square, says so, and the weight goes on moving", async (_name, optimizer) => {
    const { trainer, update } = await threeWeights(optimizer);
    update(...GRADIENTS);
    const before = trainer.model.fingerprint();
    expect(() => update(1, 1e20, 1)).toThrow(
      `update: the update became too large for float32 numbers in step 2: the learning rate is ${optimizer.learningRate}, ` +
        'the largest gradient 1.00e+20, in dw1 of layer "dense1". Take a smaller learning rate, smaller inputs and targets, ' +
        "or an optimizer with clipNorm: 1. The weights are those of step 1",
    );
    expect(trainer.model.fingerprint()).toBe(before);
    const weight = (): number => trainer.model.parameters()[0]!.get()[1]!;
    const at = weight();
    for (let i = 0; i < 10; i++) update(...GRADIENTS);
    expect(weight()).not.toBe(at);
  });

  test("clipping takes it, and so does plain sgd", async () => {
    for (const optimizer of [{ clipNorm: 1 }, { clipGlobalNorm: 1 }, { clipValue: 1 }].map((clip) => w.adam(clip))) {
      const { update } = await threeWeights(optimizer);
      update(1, 1e20, 1);
    }
    const { trainer, update } = await threeWeights(w.sgd({ learningRate: 1e-20 }));
    const before = trainer.model.parameters()[0]!.get()[1]!;
    update(1, 1e20, 1);
    expect(trainer.model.parameters()[0]!.get()[1]).toBeCloseTo(before - 1, 6);
  });
});

describe.each([
  ["step by step", {}],
  ["fit", { epochs: 4, batchSize: 2 }],
  ["fit with callbacks", { epochs: 4, batchSize: 2, callbacks: [{ onBatchEnd: () => {} }] }],
  ["fit, accumulating", { epochs: 4, batchSize: 2, accumulate: 3 }],
])("%s", (name, options) => {
  const train = async (trainer: w.Trainer, y: Float32Array): Promise<void> => {
    if (name.startsWith("fit")) await trainer.fit({ x: X, y }, { shuffle: false, ...options });
    else for (let i = 0; i < 4; i++) trainer.step(X, y);
  };
  const make = async (learningRate: number): Promise<w.Trainer> => {
    const layers = [w.dense(4), w.batchNorm(), w.dropout(0.3), w.dense(1)];
    const model = await w.sequential({ input: 3, seed: 3 }, ...layers);
    return new w.Trainer(model, {
      loss: w.meanSquaredError({ reduction: "sum" }),
      optimizer: w.adam({ learningRate }),
    });
  };

  test("one that is too large: weights, running statistics and counters are those of the step before", async () => {
    const trainer = await make(1e-3);
    await train(trainer, Y);
    const { model, updates } = trainer;
    const { passes } = model;
    const fingerprint = model.fingerprint();
    await expect(train(trainer, Y.with(0, 1.8e19).with(1, 1.8e19))).rejects.toThrow(
      /the update became too large for float32 numbers in step \d+: /,
    );
    expect(model.fingerprint()).toBe(fingerprint);
    expect([trainer.updates, model.passes]).toEqual([updates, passes]);
  });
});
