// Training loops of one's own: a loss that the library doesn't have, and learning from rewards.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { affine, mean, rowsOf, softmax } from "../support/plain.ts";
import { generator, normal, uniform } from "../support/seeded.ts";

/** A loss in TypeScript: its value, and its gradient with respect to the outputs. */
interface OwnLoss {
  value(output: Float32Array, target: Float32Array): number;
  gradient(output: Float32Array, target: Float32Array): Float32Array;
}

/** ln cosh of the error: squared near 0, straight further out. */
const logCosh: OwnLoss = {
  value: (output, target) => mean(Array.from(output, (v, i) => Math.log(Math.cosh(v - target[i]!)))),
  gradient: (output, target) => output.map((v, i) => Math.tanh(v - target[i]!) / output.length),
};

/** The pinball loss, which makes the output the q-quantile of the targets. */
const quantile = (q: number): OwnLoss => ({
  value: (output, target) =>
    mean(Array.from(output, (v, i) => Math.max(q * (target[i]! - v), (q - 1) * (target[i]! - v)))),
  gradient: (output, target) => output.map((v, i) => (v < target[i]! ? -q : 1 - q) / output.length),
});

/** One step of a training loop of one's own. Returns the loss before it. */
function stepWith(loss: OwnLoss, trainer: w.Trainer, x: Float32Array, y: Float32Array): number {
  const { model } = trainer;
  const output = model.forward(x);
  model.zeroGradients();
  model.backward(loss.gradient(output, y));
  trainer.update();
  return loss.value(output, y);
}

/** It brings the optimizer. */
const trainerFor = (model: w.Model, optimizer: w.Optimizer): w.Trainer => new w.Trainer(model, { optimizer });

describe("a trainer without a loss", async () => {
  const x = normal(20, { seed: 1 });
  const y = normal(10, { seed: 2 });
  const model = await w.sequential({ input: 2, seed: 5 }, w.dense(3), w.tanh(), w.dense(1));
  const trainer = trainerFor(model, w.adam());

  test("makes the updates of one that has the same loss", async () => {
    const other = await w.sequential({ input: 2, seed: 5 }, w.dense(3), w.tanh(), w.dense(1));
    const whole = new w.Trainer(other, { loss: w.meanSquaredError(), optimizer: w.adam() });
    const output = model.forward(x);
    model.zeroGradients();
    model.backward(output.map((value, i) => (value - y[i]!) * Math.fround(2 / 10)));
    trainer.update();
    whole.step(x, y);
    expect(trainer.updates).toBe(1);
    model.parameters().forEach((p, i) => {
      const values = other.parameters()[i]!.get();
      p.get().forEach((value, j) => expect(value).toBeCloseTo(values[j]!, 6));
    });
    const kept = trainer.state();
    trainer.update();
    trainer.restore(kept);
    expect(trainer.state()).toEqual(kept);
    expect(String(trainer)).toMatch(/^Trainer: no loss, adam\n/);
  });

  const text = "Trainer: all but update, state and restore need a loss; give new Trainer one";
  test("says what needs one, and leaves everything as it was", async () => {
    const before = trainer.state();
    await expect(trainer.fit({ x, y })).rejects.toThrow(text);
    await expect(trainer.evaluate({ x, y })).rejects.toThrow(text);
    for (const call of [() => trainer.step(x, y), () => w.trace(trainer, x, y), () => w.gradCheck(trainer, x, y)]) {
      expect(call).toThrow(text);
    }
    expect(trainer.state()).toEqual(before);
  });
});

describe("a loss of one's own", () => {
  for (const [name, loss] of [
    ["log-cosh", logCosh],
    ["quantile", quantile(0.9)],
  ] as const) {
    test(`${name}: gradients of all parameters and of x are those of differences`, async () => {
      const model = await w.sequential({ input: 2, seed: 3 }, w.dense(5), w.tanh(), w.dense(1));
      const x = normal(12, { seed: 1 });
      const y = normal(6, { seed: 2 });
      const lossNow = (values: Float32Array): number => loss.value(model.forward(values), y);
      const output = model.forward(x);
      const dx = model.backward(loss.gradient(output, y));
      const pairs: [analytic: number, numeric: number][] = [];
      const h = 2 ** -8;
      for (const parameter of model.parameters()) {
        const values = parameter.get();
        parameter.gradient().forEach((analytic, i) => {
          const at = (move: number): number => {
            parameter.set(values.map((v, j) => (j === i ? v + move : v)));
            return lossNow(x);
          };
          pairs.push([analytic, (at(h) - at(-h)) / (2 * h)]);
        });
        parameter.set(values);
      }
      dx.forEach((analytic, i) => {
        const at = (move: number): number => lossNow(x.map((v, j) => (j === i ? v + move : v)));
        pairs.push([analytic, (at(h) - at(-h)) / (2 * h)]);
      });
      expect(pairs.length).toBe(2 * 5 + 5 + 5 + 1 + 12);
      // losses have 1e-7 of rounding, divided by 2 h; and h squared over 6 times the third derivative: 1e-5 each
      for (const [analytic, numeric] of pairs) expect(Math.abs(analytic - numeric)).toBeLessThan(5e-5);
      expect(Math.max(...pairs.map(([analytic]) => Math.abs(analytic)))).toBeGreaterThan(0.05);
    });
  }

  test("log-cosh learns a line, and is hardly moved by a few wild targets", async () => {
    const x = uniform(100, { seed: 4 });
    const y = x.map((v, i) => 2 * v - 1 + (i % 20 === 0 ? 30 : 0));
    const model = await w.sequential({ input: 1, seed: 1 }, w.dense(1));
    const trainer = trainerFor(model, w.adam({ learningRate: 0.05 }));
    const losses = Array.from({ length: 400 }, () => stepWith(logCosh, trainer, x, y));
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const [weight, bias] = model.parameters().map((p) => p.get()[0]!);
    // 5 of 100 targets are 30 too large: the mean squared error would put the line 1.5 higher, this one 0.05
    expect(Math.abs(weight! - 2)).toBeLessThan(0.1);
    expect(Math.abs(bias! + 1)).toBeLessThan(0.1);
  });

  test("the quantile loss finds quantiles", async () => {
    const y = uniform(1000, { seed: 5, low: 0, high: 1 });
    const x = new Float32Array(1000).fill(1);
    for (const q of [0.1, 0.5, 0.9]) {
      const model = await w.sequential({ input: 1 }, w.dense(1, { useBias: false, kernelInitializer: w.zeros() }));
      const trainer = trainerFor(model, w.sgd({ learningRate: 0.02 }));
      for (let i = 0; i < 1500; i++) stepWith(quantile(q), trainer, x, y);
      const below = y.filter((v) => v < model.predict([1])[0]!).length / 1000;
      // the last steps move it by 0.02 of the share that is wrong
      expect(Math.abs(below - q)).toBeLessThan(0.02);
    }
  });

  test("gradients of several batches can be added up before an update", async () => {
    const x = normal(8, { seed: 6 });
    const y = normal(8, { seed: 7 });
    const make = async (): Promise<w.Trainer> =>
      trainerFor(
        await w.sequential({ input: 1, seed: 2 }, w.dense(3), w.tanh(), w.dense(1)),
        w.sgd({ learningRate: 1 }),
      );
    const [whole, parts] = [await make(), await make()];
    stepWith(logCosh, whole, x, y);
    const { model } = parts;
    model.zeroGradients();
    for (const from of [0, 4]) {
      const output = model.forward(x.slice(from, from + 4));
      model.backward(logCosh.gradient(output, y.slice(from, from + 4)).map((v) => v / 2));
    }
    parts.update();
    const [a, b] = [whole, parts].map((t) => t.model.parameters().flatMap((p) => [...p.get()]));
    // the same sums in another order, in float32
    a!.forEach((v, i) => expect(Math.abs(v - b![i]!)).toBeLessThan(2e-7));
  });
});

describe("policy gradient (REINFORCE)", () => {
  /** An index, with the chances that the policy gives. */
  function sample(chances: readonly number[], random: () => number): number {
    let left = random();
    return Math.max(
      0,
      chances.findIndex((p) => (left -= p) < 0),
    );
  }

  /** A corridor of 6 places: start at place 1, reward 1 at the right end, 0 at the left end and after 20 moves. */
  const LENGTH = 6;
  const START = 1;
  const MOVES = 20;
  const oneHot = (place: number): number[] => Array.from({ length: LENGTH }, (_, i) => (i === place ? 1 : 0));

  interface Episode {
    readonly places: number[];
    readonly actions: number[];
    readonly reward: number;
  }

  function play(model: w.Model, random: () => number): Episode {
    const places: number[] = [];
    const actions: number[] = [];
    let place = START;
    while (place > 0 && place < LENGTH - 1 && actions.length < MOVES) {
      const action = sample(softmax([...model.predict(oneHot(place))]), random);
      places.push(place);
      actions.push(action);
      place += action === 1 ? 1 : -1;
    }
    return { places, actions, reward: place === LENGTH - 1 ? 1 : 0 };
  }

  /** The gradient of -reward ln(chance of the action), for each move. */
  function learn(trainer: w.Trainer, episode: Episode, baseline: number): void {
    const { model } = trainer;
    const logits = rowsOf(model.forward(episode.places.map(oneHot)), 2);
    const advantage = episode.reward - baseline;
    model.zeroGradients();
    model.backward(
      logits.map((row, t) => softmax(row).map((p, a) => advantage * (p - (a === episode.actions[t] ? 1 : 0)))),
    );
    trainer.update();
  }

  async function train(seed: number): Promise<{ model: w.Model; rewards: number[] }> {
    const model = await w.sequential({ input: LENGTH, seed }, w.dense(8), w.tanh(), w.dense(2));
    const trainer = trainerFor(model, w.adam({ learningRate: 0.02 }));
    const random = generator(seed);
    const rewards: number[] = [];
    let baseline = 0;
    for (let i = 0; i < 600; i++) {
      const episode = play(model, random);
      learn(trainer, episode, baseline);
      baseline += 0.05 * (episode.reward - baseline);
      rewards.push(episode.reward);
    }
    return { model, rewards };
  }

  test("learns to walk to the reward", async () => {
    const { model, rewards } = await train(1);
    // who moves at random is at the right end before the left one in one of five episodes: 0.2, five deviations of 0.028
    const aimless = await w.sequential({ input: LENGTH }, w.dense(2, { kernelInitializer: w.zeros() }));
    const random = generator(9);
    const luck = mean(Array.from({ length: 200 }, () => play(aimless, random).reward));
    expect(Math.abs(luck - 0.2)).toBeLessThan(0.14);
    expect(mean(rewards.slice(-50))).toBeGreaterThan(0.95);
    for (let place = 1; place < LENGTH - 1; place++) {
      const [, right] = softmax([...model.predict(oneHot(place))]);
      expect(right, `the chance of a move to the right at place ${place}`).toBeGreaterThan(0.9);
    }
  });

  test("is decided by the seed, to the bit", async () => {
    const [a, b, c] = [await train(2), await train(2), await train(3)];
    expect(b.rewards).toEqual(a.rewards);
    expect(b.model.fingerprint()).toBe(a.model.fingerprint());
    expect(c.model.fingerprint()).not.toBe(a.model.fingerprint());
  });

  test("its gradient is that of the expected reward, for a bandit of three arms", async () => {
    const rewards = [0.2, 1, 0.5];
    const model = await w.sequential({ input: 1, seed: 4 }, w.dense(3));
    const expectedReward = (): number => {
      const [weight, bias] = model.parameters().map((p) => p.get());
      return softmax(affine([[1]], [[...weight!]], bias!)[0]!).reduce((sum, p, a) => sum + p * rewards[a]!, 0);
    };
    // every arm, weighted by its chance, instead of samples
    const chances = softmax([...model.forward([1])]);
    model.backward(
      [0, 1, 2].map(
        (k) => -chances.reduce((sum, p, a) => sum + p * rewards[a]! * ((a === k ? 1 : 0) - chances[k]!), 0),
      ),
    );
    const bias = model.parameters()[1]!;
    const analytic = bias.gradient();
    const values = bias.get();
    const h = 1e-3;
    const numeric = [0, 1, 2].map((i) => {
      const at = (move: number): number => {
        bias.set(values.map((v, j) => (j === i ? v + move : v)));
        return expectedReward();
      };
      return (at(h) - at(-h)) / (2 * h);
    });
    // a float32 bias is moved by h with an error of 6e-8, which is 6e-5 of h
    numeric.forEach((v, i) => expect(Math.abs(v + analytic[i]!)).toBeLessThan(5e-5));
  });
});
