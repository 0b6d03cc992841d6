// Attention and embeddings in models: what they refuse, their parameters, what a mask leaves out, and a network that learns.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectRefusal, type Refusal, refuses } from "../../support/refusals.ts";
import { normal, wholes } from "../../support/seeded.ts";

const on = (input: w.Shape, layer: w.Layer) => () => w.sequential({ input }, layer);

describe("options", () => {
  refuses([
    ...[0, 1.5, -2].map((heads): Refusal => [
      () => w.selfAttention({ heads }),
      RangeError,
      `selfAttention: heads must be a whole number of 1 or more, got ${heads}`,
    ]),
    [
      () => w.selfAttention({} as never),
      TypeError,
      "selfAttention: heads must be a whole number of 1 or more, got undefined",
    ],
    ...(["causal", "useBias", "trainable"] as const).map((key): Refusal => [
      () => w.selfAttention({ heads: 1, [key]: 1 }),
      TypeError,
      `selfAttention: ${key} must be true or false, got number 1`,
    ]),
    [
      () => w.selfAttention({ heads: 1, keyMask: 3 as never }),
      TypeError,
      "selfAttention: keyMask must be the name of an input or of a layer, got number 3",
    ],
    [
      () => w.selfAttention({ heads: 1, kernelInitializer: 0 as never }),
      TypeError,
      "selfAttention: kernelInitializer must be an initializer such as heNormal(), got number 0",
    ],
    [
      () => w.selfAttention({ heads: 1, biasRegularizer: 0.1 as never }),
      TypeError,
      "selfAttention: biasRegularizer must be a regularizer such as l2(0.01), got number 0.1",
    ],
    [
      () => w.attention({ heads: 1 } as never),
      TypeError,
      "attention: memory must be the name of an input or of a layer, got undefined",
    ],
    [
      () => w.attention({ heads: 0, memory: "x" }),
      RangeError,
      "attention: heads must be a whole number of 1 or more, got 0",
    ],
    [() => w.embedding(0, 3), RangeError, "embedding: vocabulary must be a whole number of 1 or more, got 0"],
    [() => w.embedding(3, 0.5), RangeError, "embedding: width must be a whole number of 1 or more, got 0.5"],
    [
      () => w.embedding(3, undefined as never),
      TypeError,
      "embedding: width must be a whole number of 1 or more, got undefined; did you mean embedding(3, 8)?",
    ],
    [
      () => w.embedding(3, 2, { trainable: "no" as never }),
      TypeError,
      'embedding: trainable must be true or false, got the string "no"',
    ],
    [
      () => w.positionalEmbedding({ initializer: 1 as never }),
      TypeError,
      "positionalEmbedding: initializer must be an initializer such as heNormal(), got number 1",
    ],
  ]);
});

describe("inputs", () => {
  refuses([
    [
      on([4], w.selfAttention({ heads: 1 })),
      RangeError,
      "selfAttention (layer 1): the input must be a sequence, [steps, width], got 4",
    ],
    [
      on([4, 4, 2], w.selfAttention({ heads: 1, name: "mix" })),
      RangeError,
      'selfAttention (layer 1, "mix"): the input must be a sequence, [steps, width], got 4x4x2',
    ],
    [
      on([5, 6], w.selfAttention({ heads: 4 })),
      RangeError,
      "selfAttention (layer 1): heads must divide the input's width, 6, got 4; use 1, 2, 3 or 6",
    ],
    [
      on([5, 1], w.selfAttention({ heads: 2 })),
      RangeError,
      "selfAttention (layer 1): heads must divide the input's width, 1, got 2; use 1",
    ],
    [
      () => w.sequential({ input: w.inputs({ x: [5, 6], notes: 6 }) }, w.attention({ heads: 1, memory: "notes" })),
      RangeError,
      'attention (layer 3): the memory "notes" must be a sequence, [steps, width], got 6',
    ],
    [
      on([5, 6], w.attention({ heads: 1, memory: "notes" })),
      RangeError,
      'attention: no input and no layer before it is called "notes"; none has a name',
    ],
    [
      () => w.sequential({ input: w.inputs({ x: [5, 6], mask: 4 }) }, w.selfAttention({ heads: 1, keyMask: "mask" })),
      RangeError,
      'selfAttention (layer 3): the key mask "mask" must have one number for each of the 5 positions that are attended to, got 4',
    ],
    [
      on([5], w.chain(w.dense(5), w.embedding(3, 2))),
      RangeError,
      "embedding (layer 2): what it reads must be an input of the model, not what a layer computes",
    ],
    [
      on([5], w.sinusoidalEmbedding()),
      RangeError,
      "sinusoidalEmbedding (layer 1): the input must be a sequence, [steps, width], got 5",
    ],
  ]);
});

test("parameters: four weights, each with its bias, and tables", async () => {
  const model = await w.sequential(
    { input: 3 },
    w.embedding(7, 4),
    w.positionalEmbedding(),
    w.selfAttention({ heads: 2 }),
    w.selfAttention({ heads: 1, useBias: false, kernelInitializer: w.ones() }),
  );
  expect(model.parameters().map((p) => [p.name, p.shape])).toEqual([
    ["embedding1.weight", [7, 4]],
    ["positionalEmbedding1.weight", [3, 4]],
    ...["Q", "K", "V", "O"].flatMap((part) => [
      [`selfAttention1.weight${part}`, [4, 4]],
      [`selfAttention1.bias${part}`, [4]],
    ]),
    ...["Q", "K", "V", "O"].map((part) => [`selfAttention2.weight${part}`, [4, 4]]),
  ]);
  const [table] = model.parameters();
  expect(Math.max(...table!.get().map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.05));
});

test("with a causal mask a position doesn't depend on those behind it, to the bit", async () => {
  const [steps, width] = [70, 6];
  const model = await w.sequential({ input: [steps, width] }, w.selfAttention({ heads: 3, causal: true }));
  const x = normal(steps * width, { seed: 1 });
  const y = model.predict(x);
  const cut = 40 * width;
  x.fill(9, cut);
  expect(model.predict(x).slice(0, cut)).toEqual(y.slice(0, cut));
  expect(model.predict(x).slice(cut)).not.toEqual(y.slice(cut));
});

test("words that the table hasn't got are refused, with their place", async () => {
  const model = await w.sequential({ input: 3 }, w.embedding(7, 4));
  await expectRefusal(
    () => model.predict([0, 6, 2, 5, 7, 1]),
    RangeError,
    "predict: what is looked up of embedding (layer 1) must be whole numbers from 0 to 6, but x at row 1, position 1 is 7",
  );
});

describe("a key mask", () => {
  const [steps, width] = [5, 4];
  const given = w.inputs({ x: [steps, width], mask: steps });
  const x = normal(2 * steps * width, { seed: 5 });

  test("positions that it leaves out change nothing, and have no gradient", async () => {
    const model = await w.sequential({ input: given, seed: 3 }, w.selfAttention({ heads: 2, keyMask: "mask" }));
    const mask = [1, 0, 2, -1, 0, 1, 1, 1, 1, 1];
    const y = model.forward(given.join({ x, mask }));
    const other = x.slice();
    other.fill(7, width, 2 * width);
    const changed = model.predict(given.join({ x: other, mask }));
    // the position itself still asks
    expect(changed.slice(2 * width)).toEqual(y.slice(2 * width));
    expect(changed.slice(width, 2 * width)).not.toEqual(y.slice(width, 2 * width));
    const dy = new Float32Array(y.length).fill(1, 0, width); // of position 0 alone
    model.forward(given.join({ x, mask }));
    const gradient = given.split(model.backward(dy));
    expect([...gradient.mask].every((v) => v === 0)).toBe(true);
    const moved = Array.from({ length: steps }, (_, t) => gradient.x.slice(t * width, (t + 1) * width).some(Boolean));
    expect(moved).toEqual([true, false, true, true, false]);
  });

  test("that leaves out everything gives the outputs' bias, and gradients that are finite", async () => {
    const layer = w.selfAttention({ heads: 1, keyMask: "mask", biasInitializer: w.constant(0.5) });
    const model = await w.sequential({ input: given }, layer);
    const y = model.forward(given.join({ x, mask: new Float32Array(10) }));
    expect([...y].every((v) => v === 0.5)).toBe(true);
    const dx = given.split(model.backward(y)).x;
    expect([...dx].every((v) => v === 0)).toBe(true);
    for (const p of model.parameters()) expect(p.gradient().every(Number.isFinite)).toBe(true);
  });
});

test("attention to another input, shared by two uses, has one set of weights", async () => {
  const given = w.inputs({ question: [2, 4], text: [6, 3] });
  const look = w.shared(w.attention({ memory: "text", heads: 2 }));
  const model = await w.sequential({ input: given, seed: 1 }, look, w.relu(), look);
  expect(model.parameters().map((p) => [p.name, p.shape])).toEqual(
    ["Q", "K", "V", "O"].flatMap((part) => [
      [`attention1.weight${part}`, [part === "K" || part === "V" ? 3 : 4, 4]],
      [`attention1.bias${part}`, [4]],
    ]),
  );
  const frozen = w.attention({ memory: "text", heads: 2, trainable: false });
  const still = await w.sequential({ input: given, seed: 1 }, frozen, w.dense(1));
  expect(still.parameters().filter((p) => p.trained).map((p) => p.name)).toEqual(["dense1.weight", "dense1.bias"]); // prettier-ignore
});

test("a small transformer learns which symbol came twice, and gives the same bits when it is saved and loaded", async () => {
  const [rows, steps, symbols] = [96, 4, 3];
  const model = await w.sequential(
    { input: steps, seed: 2 },
    w.embedding(symbols, 8),
    w.sinusoidalEmbedding(),
    w.positionalEmbedding(),
    w.selfAttention({ heads: 2 }),
    w.layerNorm(),
    w.globalAvgPool1d(),
    w.dense(symbols),
  );
  const x = Float32Array.from(wholes(rows * steps, { seed: 3, below: symbols }));
  const y = Int32Array.from({ length: rows }, (_, r) => {
    const counts = [0, 0, 0];
    for (const symbol of x.subarray(r * steps, (r + 1) * steps)) counts[symbol]!++;
    return counts.indexOf(Math.max(...counts));
  });
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }) });
  const { loss } = await trainer.fit({ x, y }, { epochs: 40, batchSize: 16 });
  expect(loss.at(-1)!).toBeLessThan(loss[0]! / 4);
  expect((await modelFromBytes(modelToBytes(model))).predict(x)).toEqual(model.predict(x));
});
