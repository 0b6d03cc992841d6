// Layers that normalise: what they refuse, their defaults, and a network that has them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "wasmgrad/files";
import * as w from "wasmgrad";
import { normal } from "../../support/seeded.ts";
import { expectRefusalWithoutTrace, type Refusal, refuses } from "../../support/refusals.ts";

type Name = "layerNorm" | "rmsNorm" | "batchNorm" | "groupNorm" | "instanceNorm";
const make = (name: Name, options: { epsilon?: number; gammaInitializer?: w.Initializer }): w.Layer =>
  name === "groupNorm" ? w.groupNorm(1, options) : w[name](options);
const on =
  (input: w.Shape, layer: w.Layer): (() => unknown) =>
  () =>
    w.sequential({ input }, layer);

describe("options", () => {
  refuses([
    ...(["layerNorm", "rmsNorm", "batchNorm", "groupNorm", "instanceNorm"] as const).flatMap((name): Refusal[] => [
      ...[0, -1, NaN, Infinity].map((epsilon): Refusal => [
        () => make(name, { epsilon }),
        RangeError,
        `${name}: epsilon must be above 0, got ${epsilon}`,
      ]),
      [
        () => make(name, { gammaInitializer: 1 as never }),
        TypeError,
        `${name}: gammaInitializer must be an initializer such as heNormal(), got number 1`,
      ],
    ]),
    [
      () => w.prelu({ slopeInitializer: null as never }),
      TypeError,
      "prelu: slopeInitializer must be an initializer such as heNormal(), got null",
    ],
    ...(["batchNorm", "groupNorm", "instanceNorm"] as const).map((name): Refusal => [
      () => make(name, { trainable: 1 } as never),
      TypeError,
      `${name}: trainable must be true or false, got number 1`,
    ]),
    ...[-0.1, 1, NaN].map((momentum): Refusal => [
      () => w.batchNorm({ momentum }),
      RangeError,
      `batchNorm: momentum must be from 0 up to but not including 1, got ${momentum}`,
    ]),
    [() => w.groupNorm(0), RangeError, "groupNorm: groups must be a whole number of 1 or more, got 0"],
    [
      on([4, 4, 12], w.groupNorm(5)),
      RangeError,
      "groupNorm (layer 1): groups must divide the channels, got 5 groups of 12 channels; 1, 2, 3, 4, 6, 12 would fit",
    ],
    [
      on([12], w.groupNorm({ groups: 12, name: "g" })),
      RangeError,
      'groupNorm (layer 1, "g"): more than one number must be normalised together, got one a group with input 12; take fewer groups',
    ],
    [
      on([5], w.instanceNorm()),
      RangeError,
      "instanceNorm (layer 1): more than one number must be normalised together, got one a group with input 5; layerNorm() takes such rows",
    ],
    [
      () => w.localResponseNorm({ size: 0 }),
      RangeError,
      "localResponseNorm: size must be a whole number of 1 or more, got 0",
    ],
    ...(["alpha", "beta", "bias"] as const).map((key): Refusal => [
      () => w.localResponseNorm({ [key]: 0 }),
      RangeError,
      `localResponseNorm: ${key} must be above 0, got 0`,
    ]),
    [
      () => w.layerNorm({ betaInitializer: "zeros" as never }),
      TypeError,
      'layerNorm: betaInitializer must be an initializer such as heNormal(), got the string "zeros"',
    ],
  ]);

  test("gamma starts at 1, beta at 0, a learned slope at 1/4", async () => {
    const model = await w.sequential({ input: [2, 3] }, w.layerNorm(), w.rmsNorm(), w.prelu());
    expect(model.parameters().map((p) => [p.name, [...p.get()]])).toEqual([
      ["layerNorm1.gamma", [1, 1, 1]],
      ["layerNorm1.beta", [0, 0, 0]],
      ["rmsNorm1.gamma", [1, 1, 1]],
      ["prelu1.slope", [0.25, 0.25, 0.25]],
    ]);
  });
});

test("a network that normalises learns, and gives the same bits when it is saved and loaded", async () => {
  const model = await w.sequential(
    { input: 6, seed: 1 },
    w.dense(9),
    w.layerNorm(),
    w.groupNorm(3),
    w.relu(),
    w.dense(5),
    w.rmsNorm({ gammaInitializer: w.constant(0.5) }),
    w.dense(1),
  );
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.02 }) });
  const x = normal(60, { seed: 2 });
  const y = normal(10, { seed: 3 });
  const { loss } = await trainer.fit({ x, y }, { epochs: 80, batchSize: 4 });
  expect(loss.at(-1)!).toBeLessThan(loss[0]! / 4);
  expect((await modelFromBytes(modelToBytes(model))).predict(x)).toEqual(model.predict(x));
});

describe("batchNorm's running statistics", () => {
  const small = (layer = w.batchNorm({ momentum: 0.5 })) =>
    w.sequential({ input: 3, seed: 1 }, w.dense(4), layer, w.dense(1));
  const x = normal(24, { seed: 2 });
  const y = normal(8, { seed: 3 });
  const trainerOf = (model: w.Model) => new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const stateOf = (model: w.Model) =>
    model
      .parameters()
      .filter(({ name }) => name.includes("running"))
      .map((p) => [...p.get()]);

  test("are listed, but not trained", async () => {
    const model = await small();
    const listed = model.parameters().map(({ name, trained }) => [name, trained]);
    expect(listed.slice(2, 6)).toEqual([
      ["batchNorm1.gamma", true],
      ["batchNorm1.beta", true],
      ["batchNorm1.runningMean", false],
      ["batchNorm1.runningVariance", false],
    ]);
    expect(stateOf(model)).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  test("are moved by training passes alone", async () => {
    const model = await small();
    const trainer = trainerOf(model);
    const start = stateOf(model);
    model.predict(x);
    await trainer.evaluate({ x, y });
    w.trace(trainer, x, y);
    w.gradCheck(trainer, x, y, { limit: 2 });
    expect(stateOf(model)).toEqual(start);
    trainer.step(x, y);
    const after = stateOf(model);
    expect(after).not.toEqual(start);
    model.forward(x);
    expect(stateOf(model)).not.toEqual(after);
  });

  test("come near to those of the data, so that predict and training agree", async () => {
    const model = await small();
    for (let i = 0; i < 40; i++) model.forward(x);
    const training = model.forward(x);
    // the running variance divides by 7, the batch's own by 8: 7 % of the deviation
    const off = Math.max(...model.predict(x).map((v, i) => Math.abs(v - training[i]!)));
    expect(off).toBeLessThan(0.1 * Math.max(...training.map(Math.abs)));
  });

  test("stay with trainable: false, and are used while training", async () => {
    const model = await small(w.batchNorm({ trainable: false }));
    const before = model.parameters().map((p) => p.get());
    expect(model.forward(x)).toEqual(model.predict(x));
    trainerOf(model).step(x, y);
    const changed = model.parameters().map((p, i) => (p.get().join() === before[i]!.join() ? [] : [p.name]));
    expect(changed.flat()).toEqual(["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"]);
  });

  test("survive a file", async () => {
    const model = await small();
    await trainerOf(model).fit({ x, y }, { epochs: 5, batchSize: 4 });
    const again = await modelFromBytes(modelToBytes(model));
    expect(stateOf(again)).toEqual(stateOf(model));
    expect(again.predict(x)).toEqual(model.predict(x));
  });
});

describe("batchNorm in training", () => {
  const trainerOf = async (input: w.Shape, ...more: w.Layer[]): Promise<w.Trainer> => {
    const model = await w.sequential({ input, seed: 1 }, w.dense(3), ...more, w.flatten(), w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  };
  const x = (rows: number): Float32Array => new Float32Array(rows * 2).fill(0.5);
  const advice = "take another batchSize, or dropLast if the last batch is too small";
  const text = (where: string): string =>
    `${where}: batchNorm (layer 2) needs two values or more of every channel in a training batch, but there is one in a batch of 1 row; ${advice}`;

  test("refuses batches with one value a channel, before anything is changed", async () => {
    const trainer = await trainerOf([2], w.batchNorm());
    const { model } = trainer;
    await expectRefusalWithoutTrace(trainer, () => trainer.step(x(1), [1]), RangeError, text("step"));
    const data = { x: x(5), y: [1, 2, 3, 4, 5] };
    await expectRefusalWithoutTrace(trainer, () => trainer.fit(data, { batchSize: 4 }), RangeError, text("fit"));
    await expectRefusalWithoutTrace(trainer, () => trainer.fit(data, { batchSize: 1 }), RangeError, text("fit"));
    await expectRefusalWithoutTrace(trainer, () => model.forward(x(1)), RangeError, text("forward"));
    await expectRefusalWithoutTrace(trainer, () => w.trace(trainer, x(1), [1]), RangeError, text("trace"));
    await trainer.fit(data, { batchSize: 4, dropLast: true });
    expect(model.predict(x(1)).length).toBe(1);
  });

  test("takes one row that has several values a channel, or no training", async () => {
    (await trainerOf([2, 2], w.batchNorm())).step(new Float32Array(4), [1]);
    (await trainerOf([2], w.batchNorm({ trainable: false }))).step(x(1), [1]);
  });
});
