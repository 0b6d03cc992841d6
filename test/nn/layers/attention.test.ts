// Attention and embeddings in models: what they refuse, their parameters, what a mask leaves out, and a network that learns.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectEqualPlans, expectRightGradients } from "../../support/plans.ts";
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
    ...(["keyMask", "mask", "scoreBias"] as const).map((key): Refusal => [
      () => w.selfAttention({ heads: 1, [key]: 3 }),
      TypeError,
      `selfAttention: ${key} must be the name of an input or of a layer, got number 3`,
    ]),
    ...(["keyWidth", "valueWidth"] as const).flatMap((key): Refusal[] => [
      [
        () => w.selfAttention({ heads: 1, [key]: 0 }),
        RangeError,
        `selfAttention: ${key} must be a whole number of 1 or more, got 0`,
      ],
      [
        () => w.attention({ heads: 4, memory: "x", [key]: 6 }),
        RangeError,
        `attention: heads must divide ${key}, 6, got 4; use 1, 2, 3 or 6`,
      ],
    ]),
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
      'attention: no input and no layer before it is called "notes"; none has a name; inputs({ ... }) gives them names',
    ],
    [
      () => w.sequential({ input: w.inputs({ x: [5, 6], mask: 4 }) }, w.selfAttention({ heads: 1, keyMask: "mask" })),
      RangeError,
      'selfAttention (layer 3): the key mask "mask" must have one number for each of the 5 positions that are attended to, got 4',
    ],
    ...(["mask", "scoreBias"] as const).flatMap((key): Refusal[] => [
      [
        () => w.sequential({ input: w.inputs({ x: [5, 6], a: [25] }) }, w.selfAttention({ heads: 2, [key]: "a" })),
        RangeError,
        `selfAttention (layer 3): the ${key} "a" must have the shape 5x5, a number for each query and each position that is ` +
          "attended to, or 2x5x5, of each head, got 25",
      ],
      [
        () =>
          w.sequential(
            { input: w.inputs({ x: [5, 6], a: [3, 5, 7], m: [7, 2] }) },
            w.from("x", w.attention({ heads: 2, memory: "m", [key]: "a", name: "look" })),
          ),
        RangeError,
        new RegExp(
          `^attention \\(layer \\d, "look"\\): the ${key} "a" must have the shape 5x7, a number for each query and each ` +
            "position that is attended to, or 2x5x7, of each head, got 3x5x7$",
        ),
      ],
      [
        on([5, 6], w.selfAttention({ heads: 2, [key]: "a" })),
        RangeError,
        'selfAttention (layer 1): no input and no layer before it is called "a"; none has a name; inputs({ ... }) gives them names',
      ],
    ]),
    [
      on([5, 6], w.selfAttention({ heads: 4, keyWidth: 8 })),
      RangeError,
      "selfAttention (layer 1): heads must divide the input's width, 6, got 4; give valueWidth, too, a multiple of 4",
    ],
    [
      on([5, 6], w.selfAttention({ heads: 4, valueWidth: 8 })),
      RangeError,
      "selfAttention (layer 1): heads must divide the input's width, 6, got 4; give keyWidth, too, a multiple of 4",
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

test("parameters with widths of their own", async () => {
  const model = await w.sequential(
    { input: w.inputs({ x: [5, 6], text: [3, 7] }) },
    w.from(
      "x",
      w.selfAttention({ heads: 4, keyWidth: 8, valueWidth: 4 }),
      w.attention({ heads: 3, memory: "text", valueWidth: 9 }),
    ),
  );
  expect(model.outputShape).toEqual([5, 6]);
  const shapes = { Q: [6, 8], K: [6, 8], V: [6, 4], O: [4, 6] };
  const others = { Q: [6, 6], K: [7, 6], V: [7, 9], O: [9, 6] };
  expect(model.parameters().map((p) => [p.name, p.shape])).toEqual(
    Object.entries({ selfAttention1: shapes, attention1: others }).flatMap(([name, all]) =>
      Object.entries(all).flatMap(([part, shape]) => [
        [`${name}.weight${part}`, shape],
        [`${name}.bias${part}`, shape.slice(1)],
      ]),
    ),
  );
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

describe("a mask for each query", () => {
  const [steps, width, rows] = [5, 4, 2];
  const x = normal(rows * steps * width, { seed: 5 });
  const build = (shape: w.Shape, options: object, seed = 3): Promise<w.Model> =>
    w.sequential(
      { input: w.inputs({ x: [steps, width], given: shape }), seed },
      w.from("x", w.selfAttention({ heads: 2, biasInitializer: w.constant(0.5), ...options })),
    );

  test("whose queries are all alike gives the bits of a key mask, of one head or of each", async () => {
    const keys = [1, 0, 2, -1, 0, 0, 1, 1, 0, 1];
    const joined = (times: number): Float32Array => {
      const given = [keys.slice(0, steps), keys.slice(steps)].map((row) =>
        Array.from({ length: times }, () => row).flat(),
      );
      return w.inputs({ x: [steps, width], given: times * steps }).join({ x, given });
    };
    const model = await build([steps], { keyMask: "given" });
    const expected = model.predict(joined(1));
    const all = await build([steps, steps], { mask: "given" });
    expect(all.predict(joined(steps))).toEqual(expected);
    const each = await build([2, steps, steps], { mask: "given" });
    expect(each.predict(joined(2 * steps))).toEqual(expected);
  });

  test("says what each query attends to, and has no gradient itself", async () => {
    const model = await build([steps, steps], { mask: "given" });
    const io = w.inputs({ x: [steps, width], given: [steps, steps] });
    const given = Float32Array.from({ length: rows * steps * steps }, (_, i) => {
      const [q, k] = [Math.floor(i / steps) % steps, i % steps];
      return q === 2 ? 0 : Number(Math.abs(q - k) < 2); // neighbours; query 2 attends to nothing
    });
    const y = model.forward(io.join({ x, given }));
    expect([...y.subarray(2 * width, 3 * width)]).toEqual([0.5, 0.5, 0.5, 0.5]);
    const dy = new Float32Array(y.length).fill(1, 0, width); // of position 0 alone
    const gradient = io.split(model.backward(dy));
    expect([...gradient.given].every((v) => v === 0)).toBe(true);
    const moved = Array.from({ length: steps }, (_, t) => gradient.x.slice(t * width, (t + 1) * width).some(Boolean));
    expect(moved).toEqual([true, true, false, false, false]);
    const nothing = model.forward(io.join({ x, given: new Float32Array(given.length) }));
    expect([...nothing].every((v) => v === 0.5)).toBe(true);
    expect([...io.split(model.backward(nothing)).x].every((v) => v === 0)).toBe(true);
    for (const p of model.parameters()) expect(p.gradient().every(Number.isFinite)).toBe(true);
  });

  test("numbers that are added: none change next to nothing, -1e9 leaves out, one for all keys changes nothing", async () => {
    const io = w.inputs({ x: [steps, width], given: [steps, steps] });
    const plain = await w.sequential({ input: [steps, width], seed: 3 }, w.selfAttention({ heads: 2, biasInitializer: w.constant(0.5) })); // prettier-ignore
    const model = await build([steps, steps], { scoreBias: "given" });
    model.parameters().forEach((p, i) => p.set(plain.parameters()[i]!.get()));
    const masked = await build([steps, steps], { mask: "given" });
    masked.parameters().forEach((p, i) => p.set(plain.parameters()[i]!.get()));
    const size = rows * steps * steps;
    const close = (a: Float32Array, b: Float32Array): void =>
      a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(2e-6));
    close(model.predict(io.join({ x, given: new Float32Array(size) })), plain.predict(x));
    const perQuery = Float32Array.from({ length: size }, (_, i) => Math.floor(i / steps) - 3);
    close(model.predict(io.join({ x, given: perQuery })), plain.predict(x));
    const mask = Float32Array.from({ length: size }, (_, i) => Number((i * 7) % 3 !== 0));
    for (const low of [-1e9, -3.4028234663852886e38]) {
      const given = mask.map((v) => (v === 0 ? low : 0));
      close(model.predict(io.join({ x, given })), masked.predict(io.join({ x, given: mask })));
    }
    await expectRefusal(
      () => model.predict(io.join({ x, given: mask.map((v) => (v === 0 ? -Infinity : 0)) })),
      RangeError,
      "inputs.join: given must hold finite numbers, but row 0, column 0 is -Infinity",
    );
  });

  for (const heads of [[], [2]] as w.Shape[]) {
    test(`numbers of ${heads.length ? "each head" : "all heads"} that a layer learns: gradients, plans, files, learning`, async () => {
      const given = w.inputs({ one: 1, x: [steps, width] });
      const shape = [...heads, steps, steps];
      const count = shape.reduce((a, b) => a * b);
      const model = await w.sequential(
        { input: given, seed: 4 },
        w.from("one", w.dense(count, { useBias: false }), w.reshape(shape, { name: "distances" })),
        w.from("x", w.dense(width), w.selfAttention({ heads: 2, causal: true, scoreBias: "distances" }), w.tanh()),
        w.dense(2),
      );
      const inputs = (n: number): Float32Array =>
        given.join({ one: new Float32Array(n).fill(1), x: normal(n * steps * width, { seed: 1 }) });
      const gradients = await expectEqualPlans(model, { rows: 3, x: inputs(3) });
      expect(gradients["dense1.weight"]!.some(Boolean)).toBe(true);
      expectRightGradients(model);
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.05 }) });
      const y = normal(3 * steps * 2, { seed: 2 });
      const { loss } = await trainer.fit({ x: inputs(3), y }, { epochs: 60, batchSize: 3 });
      expect(loss.at(-1)!).toBeLessThan(loss[0]! / 2);
      expect((await modelFromBytes(modelToBytes(model))).predict(inputs(3))).toEqual(model.predict(inputs(3)));
    });
  }
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
