// Values of options that JavaScript holds and the kernels can't: float32 and 32-bit integers end earlier than float64.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { type Refusal, refuses } from "../support/refusals.ts";

const wrong = <T>(value: unknown): T => value as T;
const FLOAT32 = "as a float32 from 1.1754944e-38 to 3.4028235e38";
const FRACTION = "from 0 up to but not including 1 as a float32 from 1.1754944e-38 to 0.99999994";
/** The smallest number that options above 0 can be. */
const SMALLEST = 1.1754944e-38;

describe("float32", () => {
  refuses([
    [() => w.adam({ epsilon: 1e-50 }), RangeError, `adam: epsilon must be above 0 ${FLOAT32}, got 1e-50`],
    [() => w.adam({ epsilon: 1e-40 }), RangeError, `adam: epsilon must be above 0 ${FLOAT32}, got 1e-40`],
    [() => w.layerNorm({ epsilon: 1e-46 }), RangeError, `layerNorm: epsilon must be above 0 ${FLOAT32}, got 1e-46`],
    [
      () => w.leakyRelu({ slope: -1e39 }),
      RangeError,
      `leakyRelu: slope must be a finite number ${FLOAT32}, got -1e+39`,
    ],
    [() => w.dropout(1 - 1e-12), RangeError, `dropout: rate must be ${FRACTION}, got 0.999999999999`],
    [() => w.adam({ beta2: 1 - 2 ** -53 }), RangeError, `adam: beta2 must be ${FRACTION}, got ${1 - 2 ** -53}`],
    [
      () => w.uniform({ low: 1, high: 1 + 1e-12 }),
      RangeError,
      "uniform: high - low, as float32, must be above 0, got 0",
    ],
    [() => w.uniform({ low: -3e38, high: 3e38 }), RangeError, /^uniform: high - low, as float32, must be above 0 as a/],
    [
      () => w.normal({ mean: 1, deviation: 1e-20 }),
      RangeError,
      "normal: values of this mean and deviation must differ and stay finite as float32, got mean 1 and deviation 1e-20",
    ],
    [
      () => w.normal({ deviation: 1e38 }),
      RangeError,
      "normal: values of this mean and deviation must differ and stay finite as float32, got mean 0 and deviation 1e+38",
    ],
    [
      () => w.localResponseNorm({ bias: 0.5, beta: 200 }),
      RangeError,
      /^localResponseNorm: bias to the power of -beta must be above 0 as a float32 from/,
    ],
    [
      () => w.localResponseNorm({ alpha: 2e-38 }),
      RangeError,
      /^localResponseNorm: alpha \/ size must be above 0 as a float32 from/,
    ],
    [
      () => w.binaryCrossEntropy({ clamp: { low: 1e-50, high: 0.5 } }),
      RangeError,
      `binaryCrossEntropy: clamp.low must be 0 or more ${FLOAT32}, got 1e-50`,
    ],
    ...[
      [1e-7, 1 - 1e-12],
      [0.1, 0.1 + 1e-12],
    ].map(([low, high]): Refusal => [
      () => w.binaryCrossEntropy({ clamp: { low: low!, high: high! } }),
      RangeError,
      `binaryCrossEntropy: clamp must have different limits as float32, and a high below 1 at most 0.99999994, got { low: ${low}, high: ${high} }`,
    ]),
  ]);

  const optimizers = {
    adam: w.adam({ epsilon: SMALLEST }),
    amsgrad: w.adam({ epsilon: SMALLEST, amsgrad: true }),
    adamw: w.adamw({ epsilon: SMALLEST }),
    adagrad: w.adagrad({ epsilon: SMALLEST }),
    adadelta: w.adadelta({ epsilon: SMALLEST }),
    rmsprop: w.rmsprop({ epsilon: SMALLEST, momentum: 0.99999994 }),
    // a variance can be 0 where the gradient isn't: with a smaller epsilon the update is refused as too large
    "centered rmsprop": w.rmsprop({ epsilon: 1e-25, centered: true }),
    "adam with the longest memory": w.adam({ beta1: 0.99999994, beta2: 0.99999994 }),
    "adam with the smallest limits": w.adam({ clipNorm: SMALLEST, clipValue: SMALLEST }),
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    test(`a dead relu gives no NaN: ${name}`, async () => {
      const dead = w.dense(3, { biasInitializer: w.constant(-100) });
      const model = await w.sequential({ input: 2, seed: 1 }, dead, w.relu(), w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer });
      for (let i = 0; i < 3; i++) trainer.step([1, 2, 0.5, -1], [1, 2]);
      for (const { name: parameter, get } of model.parameters()) {
        expect(get().every(Number.isFinite), `${parameter} ${get().join(" ")}`).toBe(true);
      }
    });
  }

  test.each([
    ["batchNorm", w.batchNorm({ epsilon: SMALLEST })],
    ["groupNorm", w.groupNorm({ groups: 1, epsilon: SMALLEST })],
    ["layerNorm", w.layerNorm({ epsilon: SMALLEST })],
    ["rmsNorm", w.rmsNorm({ epsilon: SMALLEST })],
  ])("rows without variance give no NaN: %s", async (_name, norm) => {
    const model = await w.sequential({ input: 4 }, norm, w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    trainer.step(new Float32Array(8), [1, 2]);
    for (const { name: parameter, get } of model.parameters())
      expect(get().every(Number.isFinite), parameter).toBe(true);
  });

  test("the largest rate of dropout leaves finite numbers", async () => {
    const model = await w.sequential({ input: 4 }, w.dropout(0.99999994), w.dense(1));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    trainer.step(new Float32Array(8).fill(1), [1, 2]);
    for (const { get } of model.parameters()) expect(get().every(Number.isFinite)).toBe(true);
  });
});

describe("32-bit integers", () => {
  const most = "must be a whole number of at most 1073741824, got";
  refuses([
    [() => w.maxPool2d(5e9, { padding: "same" }), RangeError, `maxPool2d: size ${most} 5000000000`],
    [() => w.avgPool2d([1, 2 ** 31]), RangeError, `avgPool2d: size[1] ${most} 2147483648`],
    // the kernel numbers the cells of a window
    [() => w.maxPool2d(2 ** 16, { padding: "same" }), RangeError, `maxPool2d: the cells of size ${most} 4294967296`],
    [() => w.maxPool2d(2, { strides: 2 ** 32 }), RangeError, `maxPool2d: strides ${most} 4294967296`],
    [
      () => w.conv1d(1, { kernelSize: 3, dilation: 2 ** 30, padding: "same" }),
      RangeError,
      `conv1d: the cells that kernelSize and dilation span ${most} 2147483649`,
    ],
    [
      () => w.conv2d(1, { kernelSize: 2, padding: [0, 5e9, 0, 0] }),
      RangeError,
      `conv2d: padding[1] ${most} 5000000000`,
    ],
    [
      () => w.sequential({ input: [2, 2, 1] }, w.conv2d(1, { kernelSize: 2, padding: [2 ** 30, 2 ** 30, 0, 0] })),
      RangeError,
      `conv2d (layer 1): an axis of its input, with padding, ${most} 2147483650`,
    ],
    [
      () => w.maxPool1d(2 ** 20, { dilation: 2 ** 11 }),
      RangeError,
      `maxPool1d: the cells that size and dilation span ${most} 2147481601`,
    ],
    [
      () => w.sequential({ input: [2 ** 12, 1] }, w.conv1dTranspose(1, { kernelSize: 2, strides: 2 ** 20 })),
      RangeError,
      `conv1dTranspose (layer 1): an axis of its output, before it is cut, ${most} 4293918722`,
    ],
    [
      async () => {
        const side = 2 ** 15;
        const conv = w.conv2d(1, { kernelSize: 2, strides: side, padding: [side, side, side, side] });
        (await w.sequential({ input: [2, 2, 1] }, conv)).predict([1, 2, 3, 4]);
      },
      RangeError,
      /^predict: no room for the activations; 17\.2 GB more make 17\.2 GB of WebAssembly memory/,
    ],
    [() => w.zeroPad2d([0, 0, 5e9, 0]), RangeError, `zeroPad2d: border[2] ${most} 5000000000`],
    [() => w.reshape([2 ** 31, 1]), RangeError, `reshape: shape[0] ${most} 2147483648`],
    [
      () => w.embedding(2 ** 24 + 10, 4),
      RangeError,
      "embedding: vocabulary must be at most 16777216, got 16777226: inputs are float32, which tells no more integers apart",
    ],
    [
      () => w.sequential({ input: [4, 4, 1] }, w.upsample2d(2 ** 20)),
      RangeError,
      `upsample2d (layer 1): the size of its output ${most} ${2 ** 44}`,
    ],
    [
      () => w.sequential({ input: 4 }, w.repeatVector(2 ** 30)),
      RangeError,
      `repeatVector (layer 1): the size of its output ${most} ${2 ** 32}`,
    ],
    [
      () => w.sequential({ input: w.inputs({ x: [2 ** 24 + 1, 1], n: 1 }) }, w.lstm(1, { lengths: "n" })),
      RangeError,
      /^lstm \(layer \d\): lengths may be up to 16777217, but inputs are float32, which tells whole numbers apart up to 16777216$/,
    ],
  ]);

  test("the largest window that reaches beyond an image works", async () => {
    const model = await w.sequential({ input: [2, 2, 1] }, w.maxPool2d(2 ** 15, { padding: "same" }));
    expect([...model.predict([1, 4, 3, 2])]).toEqual([4]);
  });

  test("strides far beyond an image with padding take memory for its pixels alone", async () => {
    const conv = w.conv2d(1, { kernelSize: 2, strides: 2 ** 10, padding: [0, 2 ** 11, 2 ** 11, 0] });
    const model = await w.sequential({ input: [2, 2, 1], seed: 1 }, conv);
    const y = model.forward([1, 2, 3, 4]);
    const [kernel] = model.parameters();
    expect(model.outputShape).toEqual([3, 3, 1]);
    expect(model.backward([0, 0, 1, 0, 0, 0, 0, 0, 0])).toEqual(kernel!.get());
    expect([...y].filter((v) => v !== 0).length).toBe(1);
  });

  test("as many embeddings as float32 tells integers apart", () => {
    expect(w.embedding(2 ** 24, 1).options["vocabulary"]).toBe(2 ** 24);
  });
});

describe("true or false", () => {
  const data = { x: [[1]], y: [[1]] };
  const fit = async (options: object): Promise<unknown> => {
    const model = await w.sequential({ input: 1 }, w.dense(1));
    return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() }).fit(data, options);
  };
  refuses([
    [() => fit({ shuffle: "batch" }), TypeError, 'fit: shuffle must be true or false, got the string "batch"'],
    [() => fit({ dropLast: 1 }), TypeError, "fit: dropLast must be true or false, got number 1"],
    [() => fit({ progress: "no" }), TypeError, 'fit: progress must be true or false, got the string "no"'],
    [() => fit({ shuffle: null }), TypeError, "fit: shuffle must be true or false, got null"],
    [
      () => w.adam({ amsgrad: wrong("false") }),
      TypeError,
      'adam: amsgrad must be true or false, got the string "false"',
    ],
    [() => w.dense(1, { useBias: wrong(0) }), TypeError, "dense: useBias must be true or false, got number 0"],
    [
      () => w.outputs({ a: { shape: 2, loss: w.softmaxCrossEntropy(), labels: wrong("yes") } }),
      TypeError,
      'outputs: labels of a must be true or false, got the string "yes"',
    ],
  ]);
});
