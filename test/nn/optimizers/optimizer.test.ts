// What all optimizers share, in training: decay, clipping, and state of one's own. (Their formulas are in test/assembly.)
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import * as optimizers from "../../../src/nn/optimizers/index.ts";
import { expectClose } from "../../support/golden.ts";
import { normal } from "../../support/seeded.ts";

/** One update of two parameters, [3, 4] and [12], by these gradients. Returns where they are then. */
async function updated(optimizer: w.Optimizer, scale = 1): Promise<number[]> {
  const model = await w.sequential({ input: 2 }, w.dense(1));
  const [weight, bias] = model.parameters();
  weight!.set([3, 4]);
  bias!.set([12]);
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
  model.forward([[0.25 * scale, -2 * scale]]);
  model.backward([1]); // dw = x, db = 1
  trainer.update();
  return [...weight!.get(), ...bias!.get()];
}

/** One update in float32: a few roundings of numbers up to 12. */
const CLOSE = { rtol: 2e-7, atol: 0 };

describe("in one update at rate 0.5", () => {
  const sgd = (options: Parameters<typeof w.sgd>[0]): w.Optimizer => w.sgd({ learningRate: 0.5, ...options });
  const after = (gradient: readonly number[]): number[] => [3, 4, 12].map((p, i) => p - 0.5 * gradient[i]!);

  test("nothing but the gradient", async () => {
    expect(await updated(sgd({}))).toEqual(after([0.25, -2, 1]));
  });

  test("weightDecay adds its share of the parameter, l1 its sign", async () => {
    expectClose("p", await updated(sgd({ weightDecay: 0.1 })), after([0.25 + 0.3, -2 + 0.4, 1 + 1.2]), CLOSE);
    expectClose("p", await updated(sgd({ l1: 0.1 })), after([0.35, -1.9, 1.1]), CLOSE);
  });

  test("clipValue cuts each number", async () => {
    expect(await updated(sgd({ clipValue: 0.5 }))).toEqual(after([0.25, -0.5, 0.5]));
  });

  test("clipNorm shortens each parameter's gradient, clipGlobalNorm all of them together", async () => {
    const n = Math.hypot(0.25, 2);
    // the norm has 1e-6 added before the division
    const close = { rtol: 1e-6, atol: 0 };
    expectClose("p", await updated(sgd({ clipNorm: 0.5 })), after([0.125 / n, -1 / n, 0.5]), close);
    const all = Math.hypot(0.25, 2, 1);
    expectClose(
      "p",
      await updated(sgd({ clipGlobalNorm: 1.5 })),
      after([0.25, -2, 1].map((g) => (1.5 * g) / all)),
      close,
    );
    // what is short enough stays as it is
    expect(await updated(sgd({ clipGlobalNorm: 100 }))).toEqual(after([0.25, -2, 1]));
    expect(await updated(sgd({ clipNorm: 100 }))).toEqual(after([0.25, -2, 1]));
  });

  test("adam's first step is the rate, whatever the gradient's size", async () => {
    for (const scale of [1e-3, 1, 1e3]) {
      const expected = [3 - 0.5, 4 + 0.5, 12 - 0.5];
      expectClose("p", await updated(w.adam({ learningRate: 0.5 }), scale), expected, { rtol: 1e-5, atol: 0 }); // epsilon
    }
  });

  test("adagrad's sum of squares begins where it is told to", async () => {
    const gradient = [0.25, -2, 1];
    for (const initialAccumulator of [0, 3]) {
      const expected = gradient.map((g, i) => [3, 4, 12][i]! - (0.5 * g) / Math.sqrt(initialAccumulator + g * g));
      expectClose("p", await updated(w.adagrad({ learningRate: 0.5, initialAccumulator })), expected, CLOSE);
    }
  });

  test("adamw takes a decay of -0 for 0", async () => {
    const none = await updated(w.adamw({ learningRate: 0.5, weightDecay: 0 }));
    expect(await updated(w.adamw({ learningRate: 0.5, weightDecay: -0 }))).toEqual(none);
  });

  test("adamw's decay is a share of the parameter, and doesn't go through the gradient", async () => {
    const plain = await updated(w.adam({ learningRate: 0.5 }));
    const decayed = await updated(w.adamw({ learningRate: 0.5, weightDecay: 0.1 }));
    expectClose("p", decayed, plain.map((p, i) => p - 0.05 * [3, 4, 12][i]!), { rtol: 1e-6, atol: 0 }); // prettier-ignore
  });
});

/** Rates that suit the problem below: the optimizers' steps differ in size. */
const RATES: Readonly<Record<string, number>> = {
  adadelta: 30,
  adagrad: 0.5,
  adam: 0.05,
  adamw: 0.05,
  rmsprop: 0.05,
  sgd: 0.05,
};

describe("every optimizer", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    test(`${name} brings a loss down, and is the same in every run`, async () => {
      const x = normal(60, { seed: 1 });
      const y = Array.from({ length: 20 }, (_, r) => x[3 * r]! - 2 * x[3 * r + 1]!);
      const run = async (): Promise<[number[], string]> => {
        const model = await w.sequential({ input: 3, seed: 1 }, w.dense(1));
        const optimizer = make({ learningRate: RATES[name]! });
        const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
        const { loss } = await trainer.fit({ x, y }, { epochs: 150 });
        return [loss, model.fingerprint()];
      };
      const [loss, print] = await run();
      expect(loss.at(-1)!).toBeLessThan(loss[0]! / 10);
      expect(await run()).toEqual([loss, print]);
    });
  }

  test("keeps one number a parameter for each of its states, in the memory", async () => {
    const used = async (optimizer: w.Optimizer): Promise<number> => {
      const model = await w.sequential({ input: 100 }, w.dense(100, { useBias: false }));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
      trainer.step(new Float32Array(100), new Float32Array(100));
      return model.core.arena.used;
    };
    const none = await used(w.sgd());
    const state = 100 * 100 * 4;
    // records are some words longer or shorter
    for (const [optimizer, states] of [
      [w.sgd({ momentum: 0.9 }), 1],
      [w.adam(), 2],
      [w.adam({ amsgrad: true }), 3],
      [w.rmsprop(), 1],
      [w.rmsprop({ centered: true, momentum: 0.5 }), 3],
      [w.adagrad(), 1],
      [w.adadelta(), 2],
    ] as const) {
      expect(optimizer.states.length).toBe(states);
      expect(Math.abs((await used(optimizer)) - none - states * state)).toBeLessThan(1000);
    }
  });
});
