// Training loops of one's own: a loss that the library doesn't have, and learning from rewards.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { affine, mean, rowsOf, softmax } from "../support/plain.ts";
import { expectRefusal } from "../support/refusals.ts";
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

describe("backward computes what it is asked for", () => {
  const sequence = normal(4 * 6 * 3, { seed: 1 });
  const image = normal(4 * 6 * 6 * 2, { seed: 2 });
  const words = Float32Array.from({ length: 4 * 6 }, (_, i) => i % 5);
  const both = w.inputs({ a: 3, b: 2 });
  const shared = w.shared(w.dense(3));
  const cases: readonly (readonly [string, w.ModelOptions["input"], Float32Array, readonly w.Layer[]])[] = [
    ["dense", 3, sequence, [w.dense(5), w.relu(), w.batchNorm(), w.dropout(0.3), w.dense(2)]],
    [
      "composites",
      3,
      sequence,
      [
        w.residual(w.dense(3), w.tanh()),
        w.concat([w.dense(2), [w.dense(3), w.prelu()]]),
        w.add([w.dense(2), w.dense(2)]),
      ],
    ],
    ["shared layers", 3, sequence, [shared, w.dense(3), shared, w.dense(1)]],
    [
      "frozen layers",
      3,
      sequence,
      [w.frozen(w.dense(4)), w.prelu(), w.frozen(w.dense(4)), w.dense(2), w.frozen(w.dense(2))],
    ],
    ["frozen layers alone", 3, sequence, [w.frozen(w.dense(4)), w.tanh()]],
    ["no parameters", 3, sequence, [w.tanh()]],
    [
      "several inputs",
      both,
      normal(20, { seed: 3 }),
      [w.concat([[w.from("a", w.dense(2), w.tanh())], [w.from("b", w.frozen(w.dense(3)))]]), w.dense(2)],
    ],
    ["operators", 3, sequence, [w.multiply([w.dense(2), [w.dense(2), w.sigmoid()]]), w.dense(1)]],
    ["embeddings", [6], words, [w.embedding(5, 4), w.positionalEmbedding(), w.lstm(3), w.dense(2)]],
    [
      "recurrent layers",
      [6, 3],
      sequence,
      [
        w.gru(4, { returnSequences: true }),
        w.timeDistributed(w.dense(3)),
        w.selfAttention({ heads: 1 }),
        w.layerNorm(),
        w.flatten(),
        w.dense(2),
      ],
    ],
    ["images", [6, 6, 2], image, [w.conv2d(3, { kernelSize: 3 }), w.relu(), w.maxPool2d(2), w.flatten(), w.dense(2)]],
    [
      "layers of one's own",
      3,
      sequence,
      [
        w.dense(3),
        w.lambda(
          (a) => a.map((v) => v * v),
          (dy, a) => dy.map((d, i) => 2 * a[i]! * d),
        ),
        w.dense(2),
      ],
    ],
  ];
  const gradients = (model: w.Model): Float32Array[] => model.parameters().map((p) => p.gradient());

  for (const threads of [1, 2]) {
    test.each(cases)(`%s, ${threads} threads: the same bits, and nothing else`, async (_, input, x, layers) => {
      const model = await w.sequential({ input, seed: 3, threads }, ...layers);
      const output = model.forward(x);
      const dy = normal(output.length, { seed: 4 });
      const dx = model.backward(dy);
      const all = gradients(model);
      for (let i = 0; i < 2; i++) {
        model.zeroGradients();
        expect(model.backward(dy, { input: false })).toBe(undefined);
        gradients(model).forEach((gradient, j) => expectSameBits(gradient, all[j]!));
        expectSameBits(model.backward(dy, { parameters: false }), dx, "dx");
        gradients(model).forEach((gradient, j) => expectSameBits(gradient, all[j]!, "left as they are"));
        model.zeroGradients();
        expectSameBits(model.backward(dy, { input: true, parameters: true }), dx, "dx, all");
        gradients(model).forEach((gradient, j) => expectSameBits(gradient, all[j]!));
      }
    });
  }

  test("what isn't asked for isn't run", async () => {
    const model = await w.sequential({ input: 256 }, w.dense(256), w.relu(), w.dense(256));
    const dy = model.forward(normal(64 * 256, { seed: 1 }));
    const best = (options: w.BackwardOptions): number => {
      let least = Infinity;
      for (let i = 0; i < 30; i++) {
        const start = performance.now();
        model.backward(dy, options);
        least = Math.min(least, performance.now() - start);
      }
      return least;
    };
    const [all, input, parameters] = [{}, { input: false }, { parameters: false }].map(best);
    console.log(
      `ms of backward: ${all}, without dx ${input} (3 products of 4), without parameters ${parameters} (2 of 4)`,
    );
  });

  test("a GAN's critic passes the gradient on", async () => {
    const critic = await w.sequential({ input: 2, seed: 1 }, w.dense(4), w.tanh(), w.dense(1));
    const maker = await w.sequential({ input: 1, seed: 2 }, w.dense(4), w.tanh(), w.dense(2));
    const trainer = trainerFor(maker, w.adam({ learningRate: 0.01 }));
    const noise = normal(16, { seed: 3 });
    const score = (): number => mean([...critic.predict(maker.predict(noise))]);
    const [before, weights] = [score(), critic.fingerprint()];
    for (let i = 0; i < 20; i++) {
      const scores = critic.forward(maker.forward(noise));
      const dx = critic.backward(scores.fill(-1 / 16), { parameters: false });
      maker.zeroGradients();
      maker.backward(dx, { input: false });
      trainer.update();
    }
    expect(score()).toBeGreaterThan(before + 0.05);
    expect(critic.fingerprint()).toBe(weights);
    expect(gradients(critic).every((gradient) => gradient.every((v) => v === 0))).toBe(true);
  });

  test("what can't be used is refused", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1));
    model.forward([1, 2]);
    for (const [options, kind, message] of [
      [{ input: false, parameters: false }, TypeError, "backward: input or parameters must be true, got boolean false"],
      [{ input: 1 }, TypeError, "backward: input must be true or false, got number 1"],
      [{ parameters: null }, TypeError, "backward: parameters must be true or false, got null"],
      [
        { inputs: false },
        TypeError,
        'backward: unknown option "inputs"; did you mean "input"? Known: input, parameters',
      ],
    ] as const) {
      await expectRefusal(() => void model.backward([1], options as never), kind, message);
    }
    expect(gradients(model)).toEqual([new Float32Array(2), new Float32Array(1)]);
  });
});

describe("gradients that are set", () => {
  test("are what the update goes by, and what backward adds to", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1, { useBias: false }));
    const trainer = trainerFor(model, w.sgd({ learningRate: 0.5 }));
    const [weight] = model.parameters();
    weight!.set([1, 2]);
    const given = [2, -4];
    weight!.setGradient(given);
    given[0] = 9;
    expect([...weight!.gradient()]).toEqual([2, -4]);
    expect([...weight!.get()]).toEqual([1, 2]);
    trainer.update();
    expect([...weight!.get()]).toEqual([0, 4]);
    model.forward([1, 3]);
    model.backward([1]);
    expect([...weight!.gradient()]).toEqual([3, -1]);
  });

  test("clipped by hand give the bits of clipValue", async () => {
    const make = () => w.sequential({ input: 3, seed: 1 }, w.embedding(4, 3), w.flatten(), w.dense(2));
    const [byHand, own] = [await make(), await make()];
    const trainer = trainerFor(byHand, w.sgd());
    const clipping = trainerFor(own, w.sgd({ clipValue: 0.125 }));
    for (const model of [byHand, own]) {
      model.forward([0, 1, 2]);
      model.backward([1, -2]);
    }
    for (const p of byHand.parameters()) p.setGradient(p.gradient().map((g) => Math.max(-0.125, Math.min(0.125, g))));
    trainer.update();
    clipping.update();
    expect(byHand.fingerprint()).toBe(own.fingerprint());
  });

  test("are refused where they can't be used", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1), w.frozen(w.dense(1)));
    const [weight, , frozen] = model.parameters();
    for (const [parameter, values, kind, message] of [
      [weight, [1], RangeError, "dense1.weight.setGradient: 2x1 has 2 values, but 1 were given"],
      [weight, [1, NaN], RangeError, "dense1.weight.setGradient: value 1 must be a finite number, got NaN"],
      [weight, [1e39, 1], RangeError, "dense1.weight.setGradient: value 0 must be a finite number, got 1e+39"],
      [
        weight,
        "12",
        TypeError,
        'dense1.weight.setGradient: the values must be an array of numbers, got the string "12"',
      ],
      [frozen, [1], TypeError, "dense2.weight.setGradient: trained must be true, got boolean false"],
    ] as const) {
      await expectRefusal(() => parameter!.setGradient(values as never), kind, message);
      expect([...weight!.gradient()]).toEqual([0, 0]);
    }
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const running = trainer.fit({ x: [1, 2], y: [1] });
    await expectRefusal(
      () => weight!.setGradient([1, 2]),
      Error,
      "dense1.weight.setGradient: the model is being trained by fit; await that first",
    );
    await running;
  });
});

describe("a learning rate that is set", () => {
  const x = normal(24, { seed: 1 });
  const y = normal(12, { seed: 2 });
  interface Parts extends Partial<w.TrainerOptions> {
    readonly threads?: number;
  }
  async function trainerOf({ threads = 1, ...parts }: Parts = {}): Promise<w.Trainer> {
    const model = await w.sequential({ input: 2, seed: 5, threads }, w.dense(3), w.tanh(), w.dropout(0.2), w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.1 }), ...parts });
  }
  const schedules: readonly (readonly [string, Parts])[] = [
    ["without a schedule", {}],
    ["in place of a schedule", { schedule: w.cosineDecay({ period: 5 }) }],
    ["in place of one by epoch", { schedule: w.exponentialDecay({ gamma: 0.5, per: "epoch" }) }],
    ["in place of one that observes", { schedule: w.reduceOnPlateau({ patience: 1 }) }],
    [
      "in place of one's own",
      { schedule: { type: "mine", per: "update", start: (base) => ({ rate: (t) => base / (t + 1) }) } },
    ],
  ];
  const constant = (): Promise<w.Trainer> => trainerOf({ optimizer: w.adam({ learningRate: 0.02 }) });

  test.each(schedules)("%s: the bits of an optimizer that began with it", async (_, parts) => {
    const [mine, wanted] = [await trainerOf(parts), await constant()];
    mine.learningRate = 0.02;
    for (const trainer of [mine, wanted]) {
      trainer.step(x, y);
      await trainer.fit({ x, y }, { epochs: 4, batchSize: 5 });
      trainer.update();
      expect(trainer.learningRate).toBe(0.02);
    }
    expect(mine.model.fingerprint()).toBe(wanted.model.fingerprint());
  });

  const ways: readonly (readonly [string, Parts, w.FitOptions])[] = [
    ["on this thread", {}, {}],
    ["with a schedule", { schedule: w.linearWarmup({ length: 9 }) }, {}],
    ["in a worker", {}, { worker: true }],
    ["in a worker, with a schedule", { schedule: w.linearWarmup({ length: 9 }) }, { worker: true }],
    ["with threads", { threads: 2 }, {}],
  ];
  test.each(ways)("in a callback of fit, %s: counts from the next update on", async (_, parts, options) => {
    const { threads: _threads, ...plain } = parts;
    const [mine, wanted] = [await trainerOf(parts), await trainerOf(plain)];
    const data = { x, y };
    const halve: w.Callback = {
      onEpochEnd: (epoch) => {
        if (epoch === 1) mine.learningRate = 0.05;
        if (epoch === 2) mine.learningRate /= 2;
      },
    };
    await mine.fit(data, { epochs: 5, batchSize: 5, callbacks: [halve], ...options });
    await wanted.fit(data, { epochs: 2, batchSize: 5 });
    wanted.learningRate = 0.05;
    await wanted.fit(data, { batchSize: 5 });
    wanted.learningRate = 0.025;
    await wanted.fit(data, { epochs: 2, batchSize: 5 });
    expect(mine.learningRate).toBe(0.025);
    expect(mine.model.fingerprint()).toBe(wanted.model.fingerprint());
  });

  test("a callback of every batch may set it", async () => {
    const [mine, wanted] = [await trainerOf(), await trainerOf()];
    const rates = [0.1, 0.01, 0.03];
    await mine.fit(
      { x, y },
      { batchSize: 4, shuffle: false, callbacks: [{ onBatchBegin: (i) => void (mine.learningRate = rates[i]!) }] },
    );
    rates.forEach((rate, i) => {
      wanted.learningRate = rate;
      wanted.step(x.subarray(8 * i, 8 * i + 8), y.subarray(4 * i, 4 * i + 4));
    });
    expect(mine.model.fingerprint()).toBe(wanted.model.fingerprint());
  });

  test.each(schedules)("%s: it is in the state", async (_, parts) => {
    const first = await trainerOf(parts);
    first.step(x, y);
    const scheduled = first.state();
    const rate = first.learningRate;
    first.learningRate = 0;
    expect(first.learningRate).toBe(0);
    first.learningRate = 0.004;
    const state = first.state();
    await first.fit({ x, y }, { epochs: 2 });
    const other = await trainerOf(parts);
    other.restore(state);
    expect(other.learningRate).toBe(0.004);
    await other.fit({ x, y }, { epochs: 2 });
    expect(other.model.fingerprint()).toBe(first.model.fingerprint());
    other.restore(scheduled); // goes back to the schedule, too
    expect(other.learningRate).toBe(rate);
  });

  test("is refused if no update can use it", async () => {
    const trainer = await trainerOf();
    for (const [rate, kind, message] of [
      [NaN, RangeError, "Trainer: learningRate must be 0 or more, got NaN"],
      [Infinity, RangeError, "Trainer: learningRate must be 0 or more, got Infinity"],
      [-1, RangeError, "Trainer: learningRate must be 0 or more, got -1"],
      ["0.1", TypeError, 'Trainer: learningRate must be 0 or more, got "0.1"'],
    ] as const) {
      await expectRefusal(() => void (trainer.learningRate = rate as never), kind, message);
      expect(trainer.learningRate).toBe(0.1);
    }
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
