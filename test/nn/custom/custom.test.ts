// Layers and losses of the user's, in TypeScript: equal to the built-in ones, checked by the same gradient check, refused
// in words.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { modelFromBytes, modelToBytes } from "../../../src/io/modelFile.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import { collect } from "../../support/collect.ts";
import { expectRefusal, type Refusal, refuses, stateOf } from "../../support/refusals.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

const multiply = (x: Float32Array, y: Float32Array, factor: Float32Array): void => {
  for (let i = 0; i < x.length; i++) y[i] = x[i]! * factor[i % factor.length]!;
};

/** y = factor x. */
const scale = (options: { name?: string; trainable?: boolean; wrong?: "factor" | "dx" } = {}): w.Layer => {
  const { wrong, ...rest } = options;
  return w.customLayer({
    type: "scale",
    ...rest,
    parameters: { factor: { shape: (input) => input, initializer: w.uniform({ low: 0.5, high: 2 }) } },
    forward: ({ x, y, parameters: { factor } }) => multiply(x, y, factor),
    backward({ x, dy, dx, parameters: { factor }, gradients }) {
      if (dx) multiply(dy, dx, factor);
      if (dx && wrong === "dx")
        multiply(
          dy,
          dx,
          factor.map((v) => v * 1.1),
        );
      const d = gradients.factor;
      if (d) for (let i = 0; i < x.length; i++) d[i % d.length]! += dy[i]! * x[i]! * (wrong === "factor" ? 1.1 : 1);
    },
  });
};

/** The built-in dense, by hand: other sums, so other roundings. */
const handDense = (units: number): w.Layer =>
  w.customLayer({
    type: "handDense",
    outputShape: (input) => [...input.slice(0, -1), units],
    parameters: {
      weight: { shape: (input) => [input.at(-1)!, units], initializer: w.glorotUniform() },
      bias: { shape: units, initializer: w.uniform() },
    },
    forward({ x, y, parameters: { weight, bias } }) {
      const n = weight.length / units;
      for (let r = 0; r < y.length / units; r++) {
        for (let j = 0; j < units; j++) {
          let sum = bias[j]!;
          for (let i = 0; i < n; i++) sum += x[r * n + i]! * weight[i * units + j]!;
          y[r * units + j] = sum;
        }
      }
    },
    backward({ x, dy, dx, parameters: { weight }, gradients }) {
      const n = weight.length / units;
      for (let r = 0; r < dy.length / units; r++) {
        for (let j = 0; j < units; j++) {
          const g = dy[r * units + j]!;
          if (gradients.bias) gradients.bias[j]! += g;
          for (let i = 0; i < n; i++) {
            if (gradients.weight) gradients.weight[i * units + j]! += g * x[r * n + i]!;
            if (dx) dx[r * n + i]! += g * weight[i * units + j]!;
          }
        }
      }
    },
  });

/** The largest of each `pieces` numbers; where it was is saved. */
const maxout = (pieces: number): w.Layer =>
  w.customLayer({
    type: "maxout",
    outputShape(input) {
      if (input.at(-1)! % pieces !== 0) throw new RangeError(`${input.at(-1)} numbers don't make groups of ${pieces}`);
      return [...input.slice(0, -1), input.at(-1)! / pieces];
    },
    saved: { best: (input) => sizeOf(input) / pieces },
    forward({ x, y, saved: { best } }) {
      for (let i = 0; i < y.length; i++) {
        let at = i * pieces;
        for (let k = at + 1; k < (i + 1) * pieces; k++) if (x[k]! > x[at]!) at = k;
        y[i] = x[at]!;
        best[i] = at;
      }
    },
    backward({ dy, dx, saved: { best } }) {
      if (dx) for (let i = 0; i < dy.length; i++) dx[best[i]!] = dy[i]!;
    },
  });

const squared = (reduction: w.Loss["reduction"] = "mean"): w.Loss =>
  w.customLoss({
    type: "squared",
    reduction,
    compute({ output, target, losses, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const d = output[i]! - target[i]!;
        losses[i] = d * d;
        gradient[i] = 2 * d;
      }
    },
  });

const surprise = (reduction: w.Loss["reduction"] = "mean"): w.Loss =>
  w.customLoss({
    type: "surprise",
    target: "labels",
    each: "rows",
    link: "exp",
    reduction,
    compute({ output, target, losses, gradient, rows, outputs }) {
      for (let r = 0; r < rows; r++) {
        losses[r] = -output[r * outputs + target[r]!]!;
        gradient[r * outputs + target[r]!] = -1;
      }
    },
  });

const quiet = { progress: false, shuffle: false } as const;
const valuesOf = (model: w.Model): number[] => model.parameters().flatMap((p) => [...p.get()]);
const gradientsOf = (model: w.Model): number[] => model.parameters().flatMap((p) => [...p.gradient()]);

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const top = Math.max(...Array.from(expected, Math.abs));
  const error = Math.max(...Array.from(actual, (v, i) => Math.abs(v - expected[i]!)));
  expect(error).toBeLessThanOrEqual(tolerance * top);
}

const regression = (model: w.Model, loss = w.meanSquaredError()): w.Trainer =>
  new w.Trainer(model, { loss, optimizer: w.adam({ learningRate: 0.01 }) });

describe("a custom layer equals the built-in one", () => {
  const options = { input: 7, seed: 4 };
  const pair = async (): Promise<[w.Model, w.Model]> => [
    await w.sequential(options, w.dense(5), w.dropout(0.2), handDense(6), w.dropout(0.2), w.tanh(), w.dense(3)),
    await w.sequential(
      options,
      w.dense(5),
      w.dropout(0.2),
      w.dense(6, { biasInitializer: w.uniform() }),
      w.dropout(0.2),
      w.tanh(),
      w.dense(3),
    ),
  ];
  const x = normal(7 * 50, { seed: 1 });
  const y = normal(3 * 50, { seed: 2 });

  test("predict, forward, backward, whatever the number of rows", async () => {
    const [custom, builtIn] = await pair();
    expect(valuesOf(custom)).toEqual(valuesOf(builtIn));
    for (const rows of [50, 1, 3]) {
      const some = x.subarray(0, 7 * rows);
      expectNear(custom.predict(some), builtIn.predict(some), 1e-6);
      expectNear(custom.forward(some), builtIn.forward(some), 1e-6);
      const dy = normal(3 * rows, { seed: 3 });
      expectNear(custom.backward(dy), builtIn.backward(dy), 1e-6);
      expectNear(gradientsOf(custom), gradientsOf(builtIn), 1e-6); // they add up
    }
  });

  for (const [name, more] of Object.entries({ "": {}, ", accumulating": { accumulate: 3 } })) {
    test(`fit${name}, with a last batch that isn't full; evaluate`, async () => {
      const [custom, builtIn] = (await pair()).map((model) => regression(model));
      const how = { ...quiet, ...more, shuffle: true, epochs: 20, batchSize: 16 };
      const histories = [await custom!.fit({ x, y }, how), await builtIn!.fit({ x, y }, how)];
      expectNear(histories[0]!.loss, histories[1]!.loss, 1e-5);
      expectNear(valuesOf(custom!.model), valuesOf(builtIn!.model), 1e-4);
      const [a, b] = [await custom!.evaluate({ x, y }), await builtIn!.evaluate({ x, y })];
      expect(a["loss"]).toBeCloseTo(b["loss"]!, 4);
    });
  }

  test("the same run gives the same bits, in one call of the core or in many", async () => {
    const prints = [];
    for (const callbacks of [[], [{ onBatchEnd: () => {} }]]) {
      const [custom] = await pair();
      await regression(custom).fit({ x, y }, { ...quiet, epochs: 5, batchSize: 8, callbacks });
      prints.push(custom.fingerprint());
    }
    expect(prints[0]).toBe(prints[1]);
  });
});

describe("a custom loss equals the built-in one", () => {
  const x = normal(4 * 21, { seed: 1 });
  const losses: [string, (reduction: w.Loss["reduction"]) => w.Loss, (r: w.Loss["reduction"]) => w.Loss, w.Target][] = [
    ["of elements", squared, (reduction) => w.meanSquaredError({ reduction }), normal(3 * 21, { seed: 2 })],
    ["of rows", surprise, (reduction) => w.negativeLogLikelihood({ reduction }), wholes(21, { seed: 3, below: 3 })],
  ];
  for (const [kind, mine, builtIn, y] of losses) {
    for (const reduction of ["mean", "sum"] as const) {
      for (const sampleWeights of [undefined, uniform(21, { seed: 4, low: 0, high: 2 })]) {
        test(`${kind}, ${reduction}${sampleWeights ? ", weighted" : ""}`, async () => {
          const trainers = [];
          for (const loss of [mine(reduction), builtIn(reduction)]) {
            const model = await w.sequential({ input: 4, seed: 2 }, w.dense(5), w.tanh(), w.dense(3), w.logSoftmax());
            trainers.push(new w.Trainer(model, { loss, optimizer: w.sgd({ learningRate: 0.01 }) }));
          }
          const data = { x, y, ...(sampleWeights ? { sampleWeights } : {}) };
          const how = { ...quiet, epochs: 10, batchSize: 8 };
          const [a, b] = [await trainers[0]!.fit(data, how), await trainers[1]!.fit(data, how)];
          expectNear(a.loss, b.loss, 1e-6);
          expectNear(valuesOf(trainers[0]!.model), valuesOf(trainers[1]!.model), 1e-5);
          const logs = trainers.map((t) => t.step(x, y, sampleWeights ? { sampleWeights } : {})["loss"]!);
          expect(logs[0]).toBeCloseTo(logs[1]!, 4);
          const figures = [await trainers[0]!.evaluate(data), await trainers[1]!.evaluate(data)];
          expect(figures[0]!["loss"]).toBeCloseTo(figures[1]!["loss"]!, 4);
          expect(trainers[0]!.model.probabilities(x)).toEqual(trainers[0]!.model.probabilities(x));
        });
      }
    }
  }

  test("batchMean sums each row's", async () => {
    const y = normal(3 * 21, { seed: 2 });
    const of = async (loss: w.Loss): Promise<number> =>
      regression(await w.sequential({ input: 4, seed: 2 }, w.dense(3)), loss).step(x, y)["loss"]!;
    expect(await of(squared("batchMean"))).toBeCloseTo(3 * (await of(squared())), 6);
  });

  test("rows that weigh nothing have no gradient", async () => {
    const model = await w.sequential({ input: 4, seed: 2 }, w.dense(3));
    const trainer = regression(model, squared());
    trainer.step(x, normal(3 * 21, { seed: 2 }), { sampleWeights: new Float32Array(21).fill(0).with(0, 1) });
    const one = gradientsOf(model);
    const other = await w.sequential({ input: 4, seed: 2 }, w.dense(3));
    regression(other, squared()).step(x.subarray(0, 4), normal(3 * 21, { seed: 2 }).subarray(0, 3));
    expectNear(one, gradientsOf(other), 1e-6);
  });

  test("its link makes probabilities, and metrics read them", async () => {
    const loss = w.customLoss({ type: "mine", link: "sigmoid", compute: () => {} });
    const model = await w.sequential({ input: 4, seed: 2 }, w.dense(1));
    new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [w.accuracy()] }).step(x, new Float32Array(21));
    const [logit] = model.predict(x);
    expect(model.probabilities(x)[0]).toBeCloseTo(1 / (1 + Math.exp(-logit!)), 6);
  });
});

/** The largest error of dx against differences of c times the output, as a share of the largest dx. */
function inputGradientError(model: w.Model, x: Float32Array): number {
  const c = normal((x.length / sizeOf(model.inputShape)) * sizeOf(model.outputShape), { seed: 8 });
  const value = (values: Float32Array): number => model.forward(values).reduce((sum, y, i) => sum + y * c[i]!, 0);
  value(x);
  const dx = model.backward(c);
  const h = 2 ** -6;
  const errors = Array.from(x, (v, i) =>
    Math.abs((value(x.with(i, v + h)) - value(x.with(i, v - h))) / (2 * h) - dx[i]!),
  );
  return Math.max(...errors) / Math.max(...dx.map(Math.abs));
}

describe("gradients", () => {
  for (const [name, layer] of Object.entries({ scale: scale(), handDense: handDense(3), maxout: maxout(2) })) {
    for (const input of [[5], [3, 5]]) {
      test(`${name}, inputs [${input.join(", ")}]: of parameters and of the input`, async () => {
        const model = await w.sequential({ input, seed: 14 }, w.dense(4), layer, w.dense(3));
        const trainer = regression(model, squared());
        for (const rows of [1, 5]) {
          const x = normal(rows * sizeOf(input), { seed: 1 });
          const y = normal(rows * sizeOf(model.outputShape), { seed: 2 });
          const { ok, checked } = w.gradCheck(trainer, x, y, { tolerance: 5e-3 });
          expect(ok).toBe(true);
          expect(checked).toBe(model.parameterCount);
          expect(inputGradientError(model, x)).toBeLessThan(1e-3);
        }
      });
    }
  }

  test("a loss of rows", async () => {
    const model = await w.sequential({ input: 5, seed: 14 }, w.dense(4), w.tanh(), w.dense(3), w.logSoftmax());
    const x = normal(25, { seed: 1 });
    expect(w.gradCheck(regression(model, surprise()), x, [0, 2, 1, 1, 0], { tolerance: 5e-3 }).ok).toBe(true);
  });

  test("a wrong one is found: of a parameter, of the input, of a loss", async () => {
    const x = normal(15, { seed: 1 });
    const y = normal(9, { seed: 2 });
    const errorsWith = async (layer: w.Layer, loss?: w.Loss): Promise<Record<string, number>> => {
      const model = await w.sequential({ input: 5, seed: 14 }, w.dense(4), layer, w.dense(3));
      const { parameters } = w.gradCheck(regression(model, loss), x, y);
      return Object.fromEntries(parameters.map((p) => [p.parameter, p.error]));
    };
    const right = await errorsWith(scale());
    expect(Math.max(...Object.values(right))).toBeLessThan(0.01);
    const factor = await errorsWith(scale({ wrong: "factor" }));
    expect(factor["scale1.factor"]).toBeCloseTo(0.1 / 1.1, 2);
    expect(factor["dense1.weight"]).toBeLessThan(0.01);
    const dx = await errorsWith(scale({ wrong: "dx" }));
    expect(dx["dense1.bias"]).toBeGreaterThan(0.01);
    expect(dx["scale1.factor"]).toBeLessThan(0.01);
    const loss = await errorsWith(
      scale(),
      w.customLoss({ type: "bad", compute: ({ output, losses, gradient }) => (losses.set(output), gradient.fill(2)) }),
    );
    expect(Math.min(...Object.values(loss))).toBeCloseTo(0.5, 2);
  });

  test("penalties on a custom layer's parameters count", async () => {
    const layer = w.customLayer({
      type: "shift",
      parameters: { by: { shape: 4, initializer: w.ones(), regularizer: w.l2(0.3) } },
      forward({ x, y, parameters: { by } }) {
        for (let i = 0; i < x.length; i++) y[i] = x[i]! + by[i % 4]!;
      },
      backward({ dy, dx, gradients: { by } }) {
        dx?.set(dy);
        if (by) for (let i = 0; i < dy.length; i++) by[i % 4]! += dy[i]!;
      },
    });
    const model = await w.sequential({ input: 4 }, layer, w.dense(1));
    const trainer = regression(model);
    const x = normal(12, { seed: 1 });
    expect(w.gradCheck(trainer, x, [1, 2, 3]).ok).toBe(true);
    expect(trainer.step(x, [1, 2, 3])["loss"]).toBeGreaterThan(4 * 0.3);
  });
});

describe("what the functions get", () => {
  interface Seen {
    readonly call: string;
    readonly lengths: Record<string, number | undefined>;
    readonly training: boolean;
    readonly rows: number;
  }

  /** Notes what it gets, and passes its input on. */
  function spy(seen: Seen[], options: { name?: string; trainable?: boolean } = {}): w.Layer {
    const note = (call: string, pass: w.CustomForward<"p", "kept"> & { dx?: unknown; gradients?: unknown }): void => {
      const { x, y, parameters, saved, rows, training } = pass;
      const gradients = pass.gradients as Record<string, Float32Array | undefined> | undefined;
      const lengths = {
        x: x.length,
        y: y.length,
        p: parameters.p.length,
        kept: saved.kept.length,
        dx: (pass.dx as Float32Array | undefined)?.length,
        dp: gradients?.["p"]?.length,
      };
      seen.push({ call, lengths, training, rows });
    };
    return w.customLayer({
      type: "spy",
      ...options,
      parameters: { p: { shape: [3, 1], initializer: w.zeros() } },
      saved: { kept: 7 },
      forward(pass) {
        note("forward", pass);
        expect([...pass.y].every((v) => v === 0)).toBe(true);
        expect([...pass.x].every(Number.isFinite)).toBe(true);
        expect([pass.input, pass.output]).toEqual([[5], [5]]);
        pass.y.set(pass.x);
        pass.saved.kept.fill(pass.rows);
      },
      backward(pass) {
        note("backward", pass);
        expect([...pass.saved.kept].every((v) => v === pass.rows)).toBe(true);
        expect(pass.y).toEqual(pass.x);
        expect(pass.dy.length).toBe(pass.y.length);
        expect(pass.dx === undefined || [...pass.dx].every((v) => v === 0)).toBe(true);
        pass.dx?.set(pass.dy);
      },
    });
  }

  const x = normal(35, { seed: 1 });
  const y = normal(14, { seed: 2 });

  test("views of exactly the rows that there are; saved values, as forward left them", async () => {
    const seen: Seen[] = [];
    const model = await w.sequential({ input: 5 }, w.dense(5), spy(seen), w.dense(2));
    await regression(model).fit({ x, y }, { ...quiet, batchSize: 4 });
    const full = { x: 20, y: 20, p: 3, kept: 28, dx: undefined, dp: undefined };
    const rest = { ...full, x: 15, y: 15, kept: 21 };
    expect(seen).toEqual([
      { call: "forward", rows: 4, training: true, lengths: full },
      { call: "backward", rows: 4, training: true, lengths: { ...full, dx: 20, dp: 3 } },
      { call: "forward", rows: 3, training: true, lengths: rest },
      { call: "backward", rows: 3, training: true, lengths: { ...rest, dx: 15, dp: 3 } },
    ]);
    seen.length = 0;
    model.predict(x);
    await regression(model).evaluate({ x, y });
    expect(seen.map((s) => s.training)).toEqual([false, false]);
  });

  test("what isn't wanted is undefined: dx of the first layer, gradients of a frozen one", async () => {
    const seen: Seen[] = [];
    const first = await w.sequential({ input: 5 }, spy(seen), w.dense(2));
    regression(first).step(x, y);
    expect(seen[1]!.lengths).toMatchObject({ dx: undefined, dp: 3 });
    seen.length = 0;
    const frozen = await w.sequential({ input: 5 }, w.dense(5), spy(seen, { trainable: false }), w.dense(2));
    regression(frozen).step(x, y);
    expect(seen[1]!.lengths).toMatchObject({ dx: 35, dp: undefined });
    expect(frozen.parameters().map((p) => p.trained)).toEqual([true, true, false, true, true]);
  });

  test("state that isn't trained: a running mean, written while training", async () => {
    const center = w.customLayer({
      type: "center",
      parameters: { mean: { shape: 1, initializer: w.zeros(), trained: false } },
      forward({ x: values, y: out, parameters: { mean }, training }) {
        if (training) mean[0] = 0.5 * mean[0]! + (0.5 * values.reduce((sum, v) => sum + v, 0)) / values.length;
        for (let i = 0; i < values.length; i++) out[i] = values[i]! - mean[0]!;
      },
      backward: ({ dy, dx }) => dx?.set(dy),
    });
    const model = await w.sequential({ input: 1 }, center, w.dense(1));
    const trainer = regression(model);
    trainer.step([4, 4], [1, 1]);
    const mean = (): number => model.parameters()[0]!.get()[0]!;
    expect(mean()).toBe(2);
    model.predict([100]);
    w.trace(trainer, [100, 100], [1, 1]);
    expect(mean()).toBe(2);
  });

  test("memory that has grown since is looked at anew", async () => {
    const model = await w.sequential({ input: 5 }, scale(), w.dense(2));
    const before = model.predict(x);
    const { arena } = model.core;
    const { buffer } = arena.memory;
    const part = arena.allocate(1e6, "test", "a part");
    expect(arena.memory.buffer).not.toBe(buffer);
    expect(model.predict(x)).toEqual(before);
    arena.free(part);
  });
});

describe("places", () => {
  test("one layer in several places, models, memories and shapes", async () => {
    const layer = scale();
    const a = await w.sequential({ input: 3, seed: 1 }, layer, w.dense(5), layer, w.dense(1));
    const b = await w.sequential({ input: [2, 4], seed: 2, core: a.core }, layer, w.flatten(), w.dense(1));
    const c = await w.sequential({ input: 3, seed: 1 }, layer, w.dense(5), layer, w.dense(1));
    expect(a.parameters().map((p) => [p.name, p.shape])).toEqual([
      ["scale1.factor", [3]],
      ["dense1.weight", [3, 5]],
      ["dense1.bias", [5]],
      ["scale2.factor", [5]],
      ["dense2.weight", [5, 1]],
      ["dense2.bias", [1]],
    ]);
    for (const model of [a, b, c]) {
      const x = normal(4 * sizeOf(model.inputShape), { seed: 1 });
      const trainer = regression(model, squared());
      expect(w.gradCheck(trainer, x, [1, 2, 3, 4]).ok).toBe(true);
      await trainer.fit({ x, y: [1, 2, 3, 4] }, { ...quiet, epochs: 5, batchSize: 3 });
    }
    expect(a.fingerprint()).toBe(c.fingerprint());
  });

  test("two layers and two losses of one name in one memory are two", async () => {
    const times = (factor: number): w.Layer =>
      w.customLayer({
        type: "times",
        forward: ({ x, y }) => y.set(x.map((v) => v * factor)),
        backward: ({ dy, dx }) => dx?.set(dy.map((v) => v * factor)),
      });
    const constant = (value: number): w.Loss =>
      w.customLoss({ type: "constant", compute: ({ losses }) => void losses.fill(value) });
    const a = await w.sequential({ input: 1 }, times(2), w.dense(1), times(5));
    const b = await w.sequential({ input: 1, core: a.core }, times(3), w.dense(1), times(5));
    for (const model of [a, b]) model.parameters()[0]!.set([1]);
    expect([a.predict([1])[0], b.predict([1])[0], a.predict([1])[0]]).toEqual([10, 15, 10]);
    expect(regression(a, constant(7)).step([1], [1])["loss"]).toBe(7);
    expect(regression(b, constant(8)).step([1], [1])["loss"]).toBe(8);
  });

  test("plans that are made again take no new places", async () => {
    const model = await w.sequential({ input: 3 }, scale(), w.dense(1));
    const trainer = regression(model, squared());
    const run = (rows: number): void => {
      const x = new Float32Array(3 * rows);
      model.predict(x);
      model.forward(x);
      trainer.step(x, new Float32Array(rows));
      w.trace(trainer, x, new Float32Array(rows));
    };
    run(1);
    const { length } = model.core.exports.table;
    for (let rows = 2; rows < 20; rows++) run(rows);
    expect(model.core.exports.table.length).toBe(length);
  });

  test("within residual and shared; where several read the output", async () => {
    const layer = w.shared(scale());
    const model = await w.sequential({ input: 4, seed: 3 }, w.dense(4), w.residual(layer, w.tanh(), layer), w.dense(2));
    expect(model.parameters().map((p) => p.name)).toEqual([
      "dense1.weight",
      "dense1.bias",
      "scale1.factor",
      "dense2.weight",
      "dense2.bias",
    ]);
    expect(w.gradCheck(regression(model), normal(12, { seed: 1 }), normal(6, { seed: 2 })).ok).toBe(true);
  });

  test("losses of several outputs, labels and values", async () => {
    const ends = w.outputs({
      kind: { shape: 3, loss: surprise() },
      place: { shape: 2, loss: squared(), weight: 0.5 },
    });
    const built = w.outputs({
      kind: { shape: 3, loss: w.negativeLogLikelihood() },
      place: { shape: 2, loss: w.meanSquaredError(), weight: 0.5 },
    });
    const x = normal(20, { seed: 1 });
    const targets = { kind: [0, 2, 1, 2, 0], place: normal(10, { seed: 2 }) };
    const losses: number[] = [];
    for (const { layer, loss, targets: toRows } of [ends, built]) {
      const last = layer({ kind: [w.dense(3), w.logSoftmax()], place: [scale(), w.dense(2)] });
      const model = await w.sequential({ input: 4, seed: 3 }, w.dense(4), w.tanh(), last);
      const trainer = regression(model, loss);
      expect(w.gradCheck(trainer, x, toRows(targets)).ok).toBe(true);
      losses.push(trainer.step(x, toRows(targets))["loss"]!);
    }
    expect(losses[0]).toBeCloseTo(losses[1]!, 6);
  });

  test("trace has its tensors, summary its row", async () => {
    const model = await w.sequential({ input: 4 }, w.dense(3), scale({ name: "mine" }), w.dense(1));
    const traced = w.trace(regression(model, squared()), normal(8, { seed: 1 }), [1, 2]);
    expect(traced.names).toEqual("Z1 Z2 Z3 loss dZ3 dw3 db3 dZ2 dfactor2 dZ1 dw1 db1".split(" "));
    expect(traced.get("Z2").layer).toBe("mine");
    expect(traced.get("dfactor2").shape).toEqual([3]);
    expect(model.summary().layers[1]).toMatchObject({ name: "mine", type: "scale", parameters: 3 });
  });

  test("a file isn't read without them, whatever they are called", async () => {
    for (const [type, message] of [
      ["mine", 'modelFromBytes: layer 1: unknown layer "mine"'],
      ["relu", 'modelFromBytes: layer 1: relu: unknown option "custom"'],
    ] as const) {
      const layer = w.customLayer({ type, forward: () => {}, backward: () => {} });
      const bytes = modelToBytes(await w.sequential({ input: 3 }, layer, w.dense(1)));
      await expect(modelFromBytes(bytes)).rejects.toThrow(message);
    }
  });

  test("models with custom layers and losses go when nobody holds them", async () => {
    const dropped: WeakRef<object>[] = [];
    const make = async (): Promise<void> => {
      const model = await w.sequential({ input: 3 }, scale(), w.dense(1));
      const trainer = regression(model, squared());
      trainer.step([1, 2, 3], [1]);
      dropped.push(new WeakRef(model), new WeakRef(model.core.arena.memory));
    };
    for (let i = 0; i < 5; i++) await make();
    await collect();
    expect(dropped.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(2);
  });
});

describe("a function that throws", () => {
  const x = normal(60, { seed: 1 });
  const y = normal(20, { seed: 2 });
  const fails = { at: Infinity, calls: 0, where: "forward" };
  const fragile = (name?: string): w.Layer => {
    const tick = (where: string): void => {
      if (where === fails.where && ++fails.calls === fails.at) throw new TypeError("it broke");
    };
    return w.customLayer({
      type: "fragile",
      ...(name === undefined ? {} : { name }),
      forward({ x: from, y: to }) {
        tick("forward");
        to.set(from);
      },
      backward({ dy, dx }) {
        tick("backward");
        dx?.set(dy);
      },
    });
  };
  const broken = (where: string, at: number): void => void Object.assign(fails, { where, at, calls: 0 });
  const make = async (): Promise<w.Trainer> =>
    regression(await w.sequential({ input: 3, seed: 1 }, w.dense(4), fragile("mine"), w.dense(1)));

  for (const where of ["forward", "backward"]) {
    test(`${where}, in fit: the updates before count, and training goes on from there`, async () => {
      broken("neither", 0);
      const [trainer, other] = [await make(), await make()];
      // ten batches are an epoch; the 13th fails
      broken(where, 13);
      const how = { ...quiet, epochs: 5, batchSize: 2 };
      await expectRefusal(
        () => trainer.fit({ x, y }, how),
        Error,
        `fragile (layer 2, "mine"): ${where} threw TypeError: it broke`,
      );
      expect([trainer.updates, trainer.epochs, trainer.model.inTraining]).toEqual([12, 1, undefined]);
      broken("neither", 0);
      const steps = (t: w.Trainer, from: number, to: number): void => {
        for (let i = from; i < to; i++) t.step(x.subarray(i * 6, i * 6 + 6), y.subarray(i * 2, i * 2 + 2));
      };
      steps(other, 0, 10);
      steps(other, 0, 2);
      expect(trainer.model.fingerprint()).toBe(other.model.fingerprint());
      for (const t of [trainer, other]) steps(t, 2, 10);
      expect(trainer.model.fingerprint()).toBe(other.model.fingerprint());
      await trainer.fit({ x, y }, how);
      expect(trainer.updates).toBe(70);
    });

    test(`${where}, in step, trace and gradCheck: nothing is changed`, async () => {
      const trainer = await make();
      trainer.step(x, y);
      const message = `fragile (layer 2, "mine"): ${where} threw TypeError: it broke`;
      for (const call of [() => trainer.step(x, y), () => w.trace(trainer, x, y), () => w.gradCheck(trainer, x, y)]) {
        const before = stateOf(trainer);
        broken(where, 1);
        await expectRefusal(call, Error, message);
        const after = stateOf(trainer);
        // a step that failed may have written gradients; the next one writes them again
        expect({ ...after, gradients: 0, used: 0 }).toEqual({ ...before, gradients: 0, used: 0 });
      }
      if (where === "forward") {
        const before = trainer.model.fingerprint();
        broken(where, 40); // amid the differences
        await expectRefusal(() => w.gradCheck(trainer, x, y), Error, message);
        expect(trainer.model.fingerprint()).toBe(before);
      }
      broken("neither", 0);
      expect(w.gradCheck(trainer, x, y).ok).toBe(true);
    });
  }

  test("in predict, evaluate and forward; the error is the cause", async () => {
    const trainer = await make();
    const { model } = trainer;
    const message = 'fragile (layer 2, "mine"): forward threw TypeError: it broke';
    broken("neither", 0);
    const before = model.predict(x);
    for (const call of [() => model.predict(x), () => trainer.evaluate({ x, y }), () => model.forward(x)]) {
      broken("forward", 1);
      await expectRefusal(call, Error, message);
    }
    expect(() => model.backward(y)).toThrow("call forward(x) first");
    broken("forward", 1);
    try {
      model.predict(x);
      throw new Error("nothing was thrown");
    } catch (error) {
      expect((error as Error).cause).toEqual(new TypeError("it broke"));
    }
    expect(model.predict(x)).toEqual(before);
    expect(await trainer.evaluate({ x, y })).toHaveProperty("loss");
  });

  test("in a loss", async () => {
    let bad = true;
    const loss = w.customLoss({
      type: "mine",
      compute({ output, losses }) {
        if (bad) throw "no"; // oxlint-disable-line no-throw-literal -- a string, as some throw
        losses.set(output);
      },
    });
    const trainer = regression(await w.sequential({ input: 3 }, w.dense(1)), loss);
    await expectRefusal(() => trainer.step(x, y), Error, "loss mine: compute threw no");
    await expectRefusal(() => trainer.fit({ x, y }, quiet), Error, "loss mine: compute threw no");
    expect(trainer.updates).toBe(0);
    bad = false;
    expect((await trainer.fit({ x, y }, quiet)).loss.length).toBe(1);
  });

  test("one that returns a promise", async () => {
    const layer = w.customLayer({
      type: "late",
      forward: async () => Promise.reject(new Error("never heard of")),
      backward: () => {},
    });
    const model = await w.sequential({ input: 3 }, layer, w.dense(1));
    await expectRefusal(
      () => model.predict([1, 2, 3]),
      TypeError,
      "late (layer 1): forward must be done when it returns, but it returned a promise",
    );
  });

  test("one that makes the memory grow under its arrays", async () => {
    const model: w.Model = await w.sequential(
      { input: 3 },
      w.customLayer({
        type: "greedy",
        forward({ x: from, y: to }) {
          model.core.arena.allocate(1e6, "test", "a part");
          to.set(from);
        },
        backward: () => {},
      }),
      w.dense(1),
    );
    await expectRefusal(
      () => model.predict([1, 2, 3]),
      Error,
      "greedy (layer 1): forward made the memory grow that its arrays are views of; it must use no model that shares this memory",
    );
  });

  describe("within its own pass, a model", () => {
    /** What may be asked of a model, by the name that refuses it. */
    const CALLS: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
      predict: ({ model }) => model.predict([1, 2, 3]),
      probabilities: ({ model }) => model.probabilities([1, 2, 3]),
      classify: ({ model }) => model.classify([1, 2, 3]),
      forward: ({ model }) => model.forward([1, 2, 3]),
      backward: ({ model }) => model.backward([1, 1]),
      zeroGradients: ({ model }) => model.zeroGradients(),
      "dense1.bias.set": ({ model }) => model.parameters()[1]!.set([0]),
      step: (trainer) => trainer.step([1, 2, 3], [1]),
      update: (trainer) => trainer.update(),
      fit: (trainer) => trainer.fit({ x: [1, 2, 3], y: [1] }),
      evaluate: (trainer) => trainer.evaluate({ x: [1, 2, 3], y: [1] }),
      trace: (trainer) => w.trace(trainer, [1, 2, 3], [1]),
      gradCheck: (trainer) => w.gradCheck(trainer, [1, 2, 3], [1]),
    };
    /** What runs the functions, in the order in which it is tried. */
    const RUNS: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
      "forward, predict": ({ model }) => model.predict([1, 2, 3, 4, 5, 6]),
      "forward, step": (trainer) => trainer.step([1, 2, 3, 4, 5, 6], [1, 2]),
      "backward, step": (trainer) => trainer.step([1, 2, 3, 4, 5, 6], [1, 2]),
      "compute, step": (trainer) => trainer.step([1, 2, 3, 4, 5, 6], [1, 2]),
      "forward, fit": (trainer) => trainer.fit({ x: [1, 2, 3, 4, 5, 6], y: [1, 2] }, { batchSize: 1, epochs: 2 }),
      "backward, fit": (trainer) => trainer.fit({ x: [1, 2, 3, 4, 5, 6], y: [1, 2] }, { batchSize: 1, epochs: 2 }),
      "compute, evaluate": (trainer) => trainer.evaluate({ x: [1, 2, 3, 4, 5, 6], y: [1, 2] }),
      "backward, backward": ({ model }) => {
        model.forward([1, 2, 3, 4, 5, 6]);
        return model.backward([1, 1]);
      },
    };

    /** A model and a loss whose functions call `during` in one of them. */
    async function made(place: string, during: { ask: (() => void) | undefined }): Promise<w.Trainer> {
      const at = (name: string): void => {
        if (name === place) during.ask?.();
      };
      const layer = w.customLayer({
        type: "double",
        forward({ x: from, y: to }) {
          at("forward");
          to.set(from.map((v) => 2 * v));
        },
        backward({ dy, dx }) {
          at("backward");
          dx?.set(dy.map((v) => 2 * v));
        },
      });
      const loss = w.customLoss({
        type: "half",
        compute({ output, target, losses, gradient }) {
          at("compute");
          for (let i = 0; i < output.length; i++) {
            gradient[i] = output[i]! - target[i]!;
            losses[i] = gradient[i]! ** 2 / 2;
          }
        },
      });
      const model = await w.sequential({ input: 3, seed: 2 }, w.dense(1), layer);
      return new w.Trainer(model, { loss, optimizer: w.sgd() });
    }

    for (const [run, start] of Object.entries(RUNS)) {
      const place = run.split(",")[0]!;
      const where = place === "compute" ? "loss half" : "double (layer 2)";
      test(`can't be called: ${run}`, async () => {
        const during: { ask: (() => void) | undefined } = { ask: undefined };
        const [trainer, calm] = [await made(place, during), await made("", during)];
        await start(calm);
        let tried = 0;
        const promised: Promise<void>[] = [];
        during.ask = () => {
          for (const [name, call] of Object.entries(CALLS)) {
            const message =
              `${name} can't be called within ${place} of ${where}, ` +
              `in the middle of a pass; compute that before, or with a model that has a memory of its own`;
            let refused: unknown;
            try {
              refused = call(trainer);
            } catch (error) {
              refused = error;
            }
            if (refused instanceof Promise) {
              tried++;
              promised.push(expect(refused).rejects.toThrow(message));
            } else expect((refused as Error).message).toBe(message);
          }
          tried++;
        };
        // as if nobody had asked
        await start(trainer);
        await Promise.all(promised);
        expect(tried).toBeGreaterThan(2);
        expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
        during.ask = undefined;
        expect(trainer.model.predict([1, 2, 3])).toEqual(calm.model.predict([1, 2, 3]));
        expect(await start(trainer)).toEqual(await start(calm));
        expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
      });
    }

    test("ends the call with that error where it isn't caught, and goes on", async () => {
      const during: { ask: (() => void) | undefined } = { ask: undefined };
      const trainer = await made("forward", during);
      const before = trainer.model.predict([1, 2, 3]);
      during.ask = () => void trainer.model.predict([3, 2, 1]);
      await expectRefusal(
        () => trainer.model.predict([1, 2, 3]),
        Error,
        "double (layer 2): forward threw Error: predict can't be called within forward of double (layer 2), in the middle of a " +
          "pass; compute that before, or with a model that has a memory of its own",
      );
      during.ask = undefined;
      expect(trainer.model.predict([1, 2, 3])).toEqual(before);
    });

    test("may be looked at", async () => {
      const during: { ask: (() => void) | undefined } = { ask: undefined };
      const [trainer, calm] = [await made("forward", during), await made("", during)];
      const seen: unknown[] = [];
      during.ask = () => {
        const { model } = trainer;
        seen.push([
          String(model.summary()),
          model.parameterCount,
          model.parameters().map((p) => p.get()),
          trainer.updates,
        ]);
      };
      trainer.step([1, 2, 3], [1]);
      calm.step([1, 2, 3], [1]);
      expect(seen.length).toBe(1);
      expect(trainer.model.fingerprint()).toBe(calm.model.fingerprint());
    });
  });

  test("another model in another memory may be used", async () => {
    const inner = await w.sequential({ input: 3, seed: 5 }, w.dense(3), w.tanh());
    const layer = w.customLayer({
      type: "nested",
      forward: ({ x: from, y: to }) => to.set(inner.forward(from)),
      backward: ({ dy, dx }) => dx?.set(inner.backward(dy)),
    });
    const model = await w.sequential({ input: 3, seed: 6 }, w.dense(3), layer, w.dense(1));
    expect(w.gradCheck(regression(model), x, y).ok).toBe(true);
  });

  test("numbers that aren't finite are found where they arise", async () => {
    const layer = w.customLayer({
      type: "root",
      forward: ({ x: from, y: to }) => to.set(from.map((v) => Math.sqrt(v))),
      backward: () => {},
    });
    const trainer = regression(await w.sequential({ input: 3 }, layer, w.dense(1)));
    expect(() => trainer.step([-1, 1, 1], [1])).toThrow('first seen in root1 of layer "root1", which is NaN');
  });
});

describe("refusals", () => {
  const good = { type: "mine", forward: () => {}, backward: () => {} };
  const layer =
    (more: object): (() => unknown) =>
    () =>
      w.customLayer({ ...good, ...more } as never);
  const loss =
    (more: object): (() => unknown) =>
    () =>
      w.customLoss({ type: "mine", compute: () => {}, ...more } as never);
  const inModel =
    (more: object, input = 4): (() => unknown) =>
    () =>
      w.sequential({ input }, w.dense(input), w.customLayer({ ...good, ...more } as never), w.dense(1));
  const p = { shape: 1, initializer: w.zeros() };
  const rows: Refusal[] = [
    [
      layer({ nonsense: 1 }),
      TypeError,
      'customLayer: unknown option "nonsense". Known: type, name, trainable, outputShape, parameters, saved, forward, backward',
    ],
    [() => w.customLayer(3 as never), TypeError, "customLayer: options must be an object, got number 3"],
    [
      layer({ type: "my layer" }),
      TypeError,
      'customLayer: type must be a word such as "scale", got the string "my layer"',
    ],
    [layer({ type: undefined }), TypeError, 'customLayer: type must be a word such as "scale", got undefined'],
    [layer({ trainable: 1 }), TypeError, "mine: trainable must be true or false, got number 1"],
    [layer({ forward: undefined }), TypeError, "mine: forward must be a function, got undefined"],
    [layer({ backward: {} }), TypeError, "mine: backward must be a function, got an object (Object)"],
    [layer({ parameters: [p] }), TypeError, "mine: parameters must be an object, by names, got an array of 1"],
    [layer({ parameters: { "a b": p } }), TypeError, 'mine: a name in parameters must be a word, got the string "a b"'],
    [layer({ parameters: { a: 3 } }), TypeError, "mine: parameter a: options must be an object, got number 3"],
    [
      layer({ parameters: { a: { shape: 1 } } }),
      TypeError,
      "mine: parameter a: initializer must be an initializer such as heNormal(), got undefined",
    ],
    [
      layer({ parameters: { a: { ...p, regularizer: 1 } } }),
      TypeError,
      "mine: parameter a: regularizer must be a regularizer such as l2(0.01), got number 1",
    ],
    [
      layer({ parameters: { a: { ...p, trained: 0 } } }),
      TypeError,
      "mine: parameter a: trained must be true or false, got number 0",
    ],
    [layer({ saved: 3 }), TypeError, "mine: saved must be an object, by names, got number 3"],
    [
      inModel({ outputShape: () => 0 }),
      RangeError,
      "mine (layer 2): outputShape must be a whole number of 1 or more, got 0",
    ],
    [
      inModel({ outputShape: (input: w.Shape) => [...input, 1.5] }),
      RangeError,
      "mine (layer 2): outputShape[1] must be a whole number of 1 or more, got 1.5",
    ],
    [
      inModel({ outputShape: () => "wide" }),
      TypeError,
      'mine (layer 2): outputShape must be a number or the sizes of a row\'s axes, got the string "wide"',
    ],
    [
      inModel({ parameters: { a: { ...p, shape: [] } } }),
      TypeError,
      "mine (layer 2): the shape of a must be a number or the sizes of a row's axes, got an array of 0",
    ],
    [
      inModel({ parameters: { a: { ...p, fans: 3 } } }),
      TypeError,
      "mine (layer 2): the fans of a must be { fanIn, fanOut }, got number 3",
    ],
    [
      inModel({ parameters: { a: { ...p, fans: { fanIn: 3 } } } }),
      TypeError,
      "mine (layer 2): fanOut in the fans of a must be above 0, got undefined",
    ],
    [
      inModel({ parameters: { a: { ...p, fans: () => ({ fanIn: 0, fanOut: 1 }) } } }),
      RangeError,
      "mine (layer 2): fanIn in the fans of a must be above 0, got 0",
    ],
    [
      inModel({ parameters: { a: { ...p, fans: { fanIn: 1, fanOut: 1, in: 2 } } } }),
      TypeError,
      'mine (layer 2): the fans of a: unknown option "in". Known: fanIn, fanOut',
    ],
    [
      inModel({ saved: { a: 0.5 } }),
      RangeError,
      "mine (layer 2): saved.a must be a whole number of 1 or more, got 0.5",
    ],
    [
      () => w.sequential({ input: 5 }, maxout(2)),
      Error,
      "maxout (layer 1): outputShape threw RangeError: 5 numbers don't make groups of 2",
    ],
    [
      loss({ nonsense: 1 }),
      TypeError,
      'customLoss: unknown option "nonsense". Known: type, target, each, reduction, outputActivation, link, compute',
    ],
    [loss({ type: "" }), TypeError, 'customLoss: type must be a word such as "pinball", got the string ""'],
    [loss({ compute: 3 }), TypeError, "mine: compute must be a function, got number 3"],
    [loss({ target: "either" }), RangeError, 'mine: target must be one of values, labels, none, got "either"'],
    [loss({ each: "batch" }), RangeError, 'mine: each must be one of elements, rows, got "batch"'],
    [loss({ reduction: "max" }), RangeError, 'mine: reduction must be one of mean, sum, batchMean, got "max"'],
    [
      loss({ each: "rows", reduction: "batchMean" }),
      RangeError,
      'mine: reduction must be one of mean, sum, got "batchMean"',
    ],
    [loss({ link: "tanh" }), RangeError, 'mine: link must be one of identity, sigmoid, softmax, exp, sign, got "tanh"'],
  ];
  refuses(rows);

  test("a loss that contains the softmax refuses a second one", async () => {
    const model = await w.sequential({ input: 3 }, w.dense(3), w.softmax());
    await expectRefusal(
      () => regression(model, w.customLoss({ type: "mine", link: "softmax", compute: () => {} })),
      RangeError,
      /^Trainer: mine contains the softmax, but the model ends with one too/,
    );
  });
});

test("a parameter's fans decide its initial values, by the shape of the input as its shape may", async () => {
  const made = async (fans?: w.CustomParameter["fans"]): Promise<number> => {
    const layer = w.customLayer({
      type: "mine",
      parameters: {
        a: { shape: (input) => [...input, 50], initializer: w.lecunUniform(), ...(fans === undefined ? {} : { fans }) },
      },
      forward() {},
      backward() {},
    });
    const model = await w.sequential({ input: 40 }, layer);
    return Math.max(...model.parameters()[0]!.get());
  };
  const limit = (fanIn: number): number => Math.sqrt(3 / fanIn);
  for (const [found, fanIn] of [
    [await made(), 40],
    [await made({ fanIn: 2, fanOut: 1 }), 2],
    [await made(([n]) => ({ fanIn: n! / 10, fanOut: 1 })), 4],
  ] as const) {
    expect(found / limit(fanIn)).toBeLessThan(1 + 1e-6);
    expect(found / limit(fanIn)).toBeGreaterThan(0.99);
  }
});
