// The plans of predict and of custom loops: the same bits whatever rows are computed together, and gradients of passes by hand.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import * as losses from "../../src/nn/losses/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { expectClose } from "../support/golden.ts";
import { affine, each, rowsOf, sigmoid, softmax } from "../support/plain.ts";
import { normal, uniform } from "../support/seeded.ts";

/** float32 sums of up to 20 products: about 20 half-units in the last place of the largest partial sum. */
const FLOAT32 = { rtol: 2e-6, atol: 2e-6 };

/** A trainer of the loss, for what it tells the model about its outputs. */
const trainerFor = (model: w.Model, loss: w.Loss): w.Trainer => new w.Trainer(model, { loss, optimizer: w.sgd() });

describe("predict", () => {
  test("computes the layers, without dropout", async () => {
    const model = await w.sequential(
      { input: 5, seed: 2 },
      w.dense(20),
      w.sigmoid(),
      w.dropout(0.9),
      w.dense(3, { biasInitializer: w.normal() }),
    );
    const [w1, b1, w2, b2] = model.parameters().map((p) => p.get());
    const x = normal(7 * 5, { seed: 1 });
    const a1 = each(affine(rowsOf(x, 5), rowsOf(w1!, 20), b1!), sigmoid);
    expectClose("output", model.predict(x), affine(a1, rowsOf(w2!, 3), b2!).flat(), FLOAT32);
  });

  test("a row gives the same bits alone and among any number of others", async () => {
    const rows = 300;
    for (const [input, layers] of [
      [20, [w.dense(16), w.gelu(), w.dense(3)]],
      [7, [w.dense(5), w.softmax()]], // small enough for the products without packing
      [600, [w.dense(9), w.tanh(), w.dense(2)]], // an inner size above the products' block of 512
    ] as const) {
      const model = await w.sequential({ input, seed: 3 }, ...layers);
      const outputs = model.outputShape[0]!;
      const x = normal(rows * input, { seed: 4 });
      const all = model.predict(x);
      for (let n = 1; n <= rows; n += n < 20 || (n >= 250 && n < 260) ? 1 : 7) {
        expectSameBits(model.predict(x.subarray(0, n * input)), all.subarray(0, n * outputs), `${n} rows`);
      }
      for (const n of [255, 256, 257, 300]) {
        const args = model.predict(x.subarray((rows - n) * input));
        expectSameBits(args, all.subarray((rows - n) * outputs), `the last ${n} rows`);
      }
      for (let r = 0; r < rows; r++) {
        const alone = model.predict(x.subarray(r * input, (r + 1) * input));
        expectSameBits(alone, all.subarray(r * outputs, (r + 1) * outputs), `row ${r} alone`);
      }
    }
  });

  test("gives the bits of forward where there is no dropout", async () => {
    const model = await w.sequential({ input: 11, seed: 5 }, w.dense(13), w.silu(), w.dense(4));
    const x = normal(33 * 11, { seed: 6 });
    expectSameBits(model.forward(x), model.predict(x));
  });

  test("the same numbers in any form give the same bits", async () => {
    const model = await w.sequential({ input: [2, 3], seed: 5 }, w.dense(4), w.flatten(), w.dense(2));
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => (i * 53) % 256);
    const values = Float32Array.from(bytes, (b) => b / 256);
    const expected = model.predict(values);
    const nested = [0, 1].map((r) => [0, 1].map((a) => [0, 1, 2].map((b) => values[r * 6 + a * 3 + b]!)));
    for (const x of [
      nested,
      nested.map((row) => row.map((list) => Float32Array.from(list))) as unknown as number[][][],
      Array.from(values),
      Float64Array.from(values),
      w.samples(values, [2, 3]),
      w.samples(values, 6),
      w.samples(bytes, [2, 3], { scale: 1 / 256 }),
      w.samples(Uint8ClampedArray.from(bytes), [2, 3], { scale: 1 / 256 }),
      w.samples(Int16Array.from(bytes), [2, 3], { scale: 1 / 256 }),
      w.samples(Float64Array.from(bytes), [2, 3], { scale: 1 / 256 }),
    ]) {
      expectSameBits(model.predict(x), expected);
    }
  });

  test("results are copies", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(2));
    const first = model.predict([[1, 2]]);
    const kept = first.slice();
    model.predict([[5, 6]]);
    expectSameBits(first, kept);
  });
});

describe("probabilities", () => {
  const logits = Float32Array.of(-30, 1, 0.5, 2, -1, 0, 3, 3, 3);
  const unchanged = Array.from(logits);
  const bySigmoid = unchanged.map(sigmoid);
  const bySoftmax = rowsOf(logits, 3).flatMap(softmax);

  const LINKS: readonly [w.Loss, readonly number[]][] = [
    [w.meanSquaredError(), unchanged],
    [w.meanAbsoluteError(), unchanged],
    [w.huber(), unchanged],
    [w.poisson(), unchanged],
    [w.quantile(), unchanged],
    [w.cosineSimilarity(), unchanged],
    [w.dice(), unchanged],
    [w.tripletMargin(), unchanged],
    [w.binaryCrossEntropy(), unchanged],
    [w.hinge(), unchanged],
    [w.binaryCrossEntropyWithLogits(), bySigmoid],
    [w.focal(), bySigmoid],
    [w.softmaxCrossEntropy(), bySoftmax],
    [w.sequenceCrossEntropy(), bySoftmax],
  ];

  test("without a trainer: the output", async () => {
    const model = await w.sequential({ input: 3 }, w.reshape([3]));
    expectSameBits(model.probabilities(logits), logits);
  });

  for (const [loss, expected] of LINKS) {
    test(`after ${loss.type}`, async () => {
      const model = await w.sequential({ input: 3 }, w.reshape([3]));
      trainerFor(model, loss);
      expectClose("probabilities", model.probabilities(logits), expected, { rtol: 4e-7, atol: 0 }); // 3 units of float32
      expectSameBits(model.predict(logits), logits);
    });
  }

  for (const loss of [w.negativeLogLikelihood(), w.klDivergence()]) {
    test(`after ${loss.type} on log-probabilities`, async () => {
      const model = await w.sequential({ input: 3 }, w.logSoftmax());
      trainerFor(model, loss);
      // the exponential of a float32 logarithm of -30 has lost 5 bits
      expectClose("probabilities", model.probabilities(logits), bySoftmax, { rtol: 4e-6, atol: 0 });
    });
  }

  test("every loss has its case", () => {
    const others = ["negativeLogLikelihood", "klDivergence", "ctc"]; // of log-probabilities, or of steps
    const known = [...LINKS.map(([loss]) => loss.type), ...others];
    expect(known.toSorted()).toEqual(Object.keys(losses).toSorted());
  });

  test("follow the loss of a trainer that is made later", async () => {
    const model = await w.sequential({ input: 3 }, w.reshape([3]));
    for (const [loss, expected] of LINKS) {
      trainerFor(model, loss);
      expectClose(loss.type, model.probabilities(logits), expected, { rtol: 4e-7, atol: 0 });
      expectSameBits(model.predict(logits), logits);
    }
  });

  test("more rows than predict works on at once", async () => {
    const model = await w.sequential({ input: 4, seed: 8 }, w.dense(3));
    trainerFor(model, w.softmaxCrossEntropy());
    const x = normal(600 * 4, { seed: 7 });
    const expected = rowsOf(model.predict(x), 3).flatMap(softmax);
    expectClose("probabilities", model.probabilities(x), expected, { rtol: 4e-7, atol: 0 });
  });
});

describe("classify", () => {
  test("several outputs: the largest one's index, the first among equals", async () => {
    const model = await w.sequential({ input: 3 }, w.reshape([3]));
    const x = [
      [1, 2, 3],
      [5, 2, 3],
      [-3, -1, -2],
      [4, 4, 1],
    ];
    for (const loss of [w.meanSquaredError(), w.softmaxCrossEntropy()]) {
      trainerFor(model, loss);
      expect([...model.classify(x)]).toEqual([2, 0, 1, 0]);
    }
  });

  test("one output: above 1/2, or above 0 where the loss contains the sigmoid", async () => {
    const model = await w.sequential({ input: 1 }, w.reshape([1]));
    const x = [-0.1, 0, 0.1, 0.5, 0.51, 7];
    expect([...model.classify(x)]).toEqual([0, 0, 0, 0, 1, 1]);
    trainerFor(model, w.binaryCrossEntropy());
    expect([...model.classify(x)]).toEqual([0, 0, 0, 0, 1, 1]);
    trainerFor(model, w.binaryCrossEntropyWithLogits());
    expect([...model.classify(x)]).toEqual([0, 0, 1, 1, 1, 1]);
  });

  test("hinge: 1 and -1", async () => {
    const model = await w.sequential({ input: 1 }, w.reshape([1]));
    trainerFor(model, w.hinge());
    expect([...model.classify([-2, -0.1, 0, 0.1, 3])]).toEqual([-1, -1, -1, 1, 1]);
  });

  test("is the class of the largest probability", async () => {
    const model = await w.sequential({ input: 4, seed: 2 }, w.dense(5));
    trainerFor(model, w.softmaxCrossEntropy());
    const x = normal(40 * 4, { seed: 3 });
    const expected = rowsOf(model.probabilities(x), 5).map((p) => p.indexOf(Math.max(...p)));
    expect([...model.classify(x)]).toEqual(expected);
  });
});

describe("forward and backward", () => {
  const dy = [[0.5], [-1], [2]];
  const x = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];

  test("a linear model's gradients by hand", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1));
    const [weight, bias] = model.parameters();
    weight!.set([10, 100]);
    bias!.set([1]);
    expect([...model.forward(x)]).toEqual([211, 431, 651]);
    expect([...model.backward(dy)]).toEqual([5, 50, -10, -100, 20, 200]);
    expect([...weight!.gradient()]).toEqual([0.5 - 3 + 10, 1 - 4 + 12]);
    expect([...bias!.gradient()]).toEqual([1.5]);
  });

  test("backward adds up until zeroGradients", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1));
    const gradients = (): number[][] => model.parameters().map((p) => [...p.gradient()]);
    model.forward(x);
    model.backward(dy);
    model.backward(dy);
    expect(gradients()).toEqual([[15, 18], [3]]);
    model.forward([[1, 1]]);
    model.backward([[1]]);
    expect(gradients()).toEqual([[16, 19], [4]]);
    model.zeroGradients();
    expect(gradients()).toEqual([[0, 0], [0]]);
    model.backward([[1]]); // still of the last forward
    expect(gradients()).toEqual([[1, 1], [1]]);
  });

  test("fewer rows than before use the same memory, more rows new one", async () => {
    const model = await w.sequential({ input: 3, seed: 4 }, w.dense(4), w.tanh(), w.dense(2));
    const run = (rows: number): { y: Float32Array; dx: Float32Array; gradients: Float32Array[] } => {
      model.zeroGradients();
      const y = model.forward(normal(rows * 3, { seed: 5 }));
      const dx = model.backward(normal(rows * 2, { seed: 6 }));
      return { y, dx, gradients: model.parameters().map((p) => p.gradient()) };
    };
    const first = run(4);
    run(9);
    expect(run(4)).toEqual(first);
  });

  test("dropout is active in forward, with a new mask each time", async () => {
    const model = await w.sequential({ input: 400 }, w.dropout(0.25));
    const ones = new Float32Array(400).fill(1);
    const masks = [model.forward(ones), model.forward(ones)];
    for (const mask of masks) {
      // 0, or 1 / (1 - rate) as float32 numbers divide
      expect([...new Set(mask)].toSorted()).toEqual([0, Math.fround(1 / 0.75)]);
      const dropped = mask.filter((v) => v === 0).length;
      // binomial, 400 times 1/4: 100, and five deviations of 8.7 to either side
      expect(Math.abs(dropped - 100)).toBeLessThan(44);
    }
    expect(masks[0]).not.toEqual(masks[1]);
    expectSameBits(model.predict(ones), ones);
    // backward uses the mask of the last forward
    expectSameBits(model.backward(ones), masks[1]!);
  });

  test("forward doesn't disturb predict, nor predict backward", async () => {
    const model = await w.sequential({ input: 3, seed: 4 }, w.dense(4), w.sigmoid(), w.dense(2));
    const rows = uniform(5 * 3, { seed: 1 });
    const expected = model.predict(rows);
    model.forward(rows);
    const dx = model.backward(expected);
    model.zeroGradients();
    model.forward(rows);
    expectSameBits(model.predict(rows), expected);
    expectSameBits(model.backward(expected), dx);
  });
});
