// Likely slips are told their cures, and descriptions that no function of the library made are refused in words.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { tinyTransformer } from "../../src/models.ts";
import { transpose } from "../../src/matrix.ts";
import { expectRefusal, type Refusal, refuses } from "../support/refusals.ts";

/** Something of a wrong type, as plain JavaScript could give it. */
const wrong = <T>(value: unknown): T => value as T;

const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
const x = [
  [1, 2],
  [3, 4],
];

describe("options as other libraries call them", () => {
  test.each<[make: (options: never) => unknown, given: object, answer: string]>([
    [w.clip, { min: 0, max: 6 }, 'clip: unknown option "min"; did you mean "low"? Known: low, high, name'],
    [w.clip, { low: 0, max_val: 6 }, 'clip: unknown option "max_val"; did you mean "high"?'],
    [
      w.upsample2d,
      { mode: "bilinear" },
      'upsample2d: unknown option "mode"; did you mean "interpolation"? Known: factor',
    ],
    [w.upsample2d, { scale_factor: 2 }, 'upsample2d: unknown option "scale_factor"; did you mean "factor"?'],
    [
      w.upsample2d,
      { interpolation: "bilinear", align_corners: true },
      'upsample2d: unknown option "align_corners"; coordinates say so: { interpolation: "bilinear", coordinates: "alignCorners" }. Known: factor',
    ],
    [
      w.pad,
      { padding: 1 },
      'pad: unknown option "padding"; before and after, by axis: pad({ before: [1, 1], after: [1, 1] }). Known: before',
    ],
    [w.maxPool2d, { poolSize: 3 }, 'maxPool2d: unknown option "poolSize"; did you mean "size"?'],
    [w.avgPool1d, { kernel_size: 3 }, 'avgPool1d: unknown option "kernel_size"; did you mean "size"?'],
    [w.conv2d, { dilation_rate: 2 }, 'conv2d: unknown option "dilation_rate"; did you mean "dilation"?'],
    [
      w.depthwiseConv2d,
      { multiplier: 2 },
      'depthwiseConv2d: unknown option "multiplier"; did you mean "depthMultiplier"?',
    ],
    [w.conv2d, { multiplier: 2 }, 'conv2d: unknown option "multiplier". Known: '],
    [w.groupNorm, { num_groups: 2 }, 'groupNorm: unknown option "num_groups"; did you mean "groups"?'],
    [w.gru, { go_backwards: true }, 'gru: unknown option "go_backwards"; did you mean "reverse"?'],
    [w.selfAttention, { numHeads: 2 }, 'selfAttention: unknown option "numHeads"; did you mean "heads"?'],
    [w.attention, { attn_mask: "m" }, 'attention: unknown option "attn_mask"; did you mean "mask"?'],
    [
      w.selfAttention,
      { heads: 2, keyDim: 4 },
      'selfAttention: unknown option "keyDim"; keyWidth is of all heads together: heads times keyDim. Known: ',
    ],
    [w.permute, { dims: [1, 0] }, 'permute: unknown option "dims"; did you mean "order"?'],
    [w.shrink, { lambd: 0.5 }, 'shrink: unknown option "lambd"; did you mean "threshold"?'],
    [w.thresholdedRelu, { theta: 1 }, 'thresholdedRelu: unknown option "theta"; did you mean "threshold"?'],
    [w.hardSigmoid, { beta: 0.5 }, 'hardSigmoid: unknown option "beta"; did you mean "offset"?'],
    [w.selu, { gamma: 1 }, 'selu: unknown option "gamma"; did you mean "scale"?'],
  ])("%o of %o", (make, given, answer) => {
    expect(() => make(given as never)).toThrow(answer);
  });

  refuses([
    // no padding is meant
    [
      () => w.conv1d(8, { kernelSize: 3, padding: wrong(-1) }),
      RangeError,
      "conv1d: padding must be one of valid, same, causal, or [before, after], got -1",
    ],
    [
      () => w.maxPool2d({ padding: wrong([0.5, 1]) }),
      RangeError,
      "maxPool2d: padding must be one of valid, same, or [top, bottom, left, right], got an array of 2",
    ],
  ]);
});

describe("arguments as other libraries take them", () => {
  const meant = (name: string, given: string, call: string): string =>
    `${name}: options must be an object, got ${given}; did you mean ${call}?`;
  refuses([
    [() => w.conv1d(8, wrong(3)), TypeError, meant("conv1d", "number 3", "conv1d(8, { kernelSize: 3 })")],
    [() => w.conv2d(8, wrong(3)), TypeError, meant("conv2d", "number 3", "conv2d(8, { kernelSize: 3 })")],
    [
      () => w.conv2d(8, wrong([3, 5])),
      TypeError,
      meant("conv2d", "an array of 2", "conv2d(8, { kernelSize: [3, 5] })"),
    ],
    [
      () => w.conv2dTranspose(8, wrong(3)),
      TypeError,
      meant("conv2dTranspose", "number 3", "conv2dTranspose(8, { kernelSize: 3 })"),
    ],
    [
      () => w.separableConv2d(8, wrong(3)),
      TypeError,
      meant("separableConv2d", "number 3", "separableConv2d(8, { kernelSize: 3 })"),
    ],
    [
      () => w.depthwiseConv2d(3, wrong(2)),
      TypeError,
      meant("depthwiseConv2d", "number 2", "depthwiseConv2d(3, { strides: 2 })"),
    ],
    [() => w.maxPool2d(2, wrong(2)), TypeError, meant("maxPool2d", "number 2", "maxPool2d(2, { strides: 2 })")],
    [
      () => w.avgPool2d([2, 2], wrong(2)),
      TypeError,
      meant("avgPool2d", "number 2", "avgPool2d([2, 2], { strides: 2 })"),
    ],
    [() => w.lstm(8, wrong(true)), TypeError, meant("lstm", "boolean true", "lstm(8, { returnSequences: true })")],
    [() => w.groupNorm(2, wrong(0.1)), TypeError, meant("groupNorm", "number 0.1", "groupNorm(2, { epsilon: 0.1 })")],
    [() => w.maxNorm(2, wrong(0)), TypeError, meant("maxNorm", "number 0", "maxNorm(2, { axis: 0 })")],
    [
      () => w.embedding(10),
      TypeError,
      "embedding: width must be a whole number of 1 or more, got undefined; did you mean embedding(10, 8)?",
    ],
    [
      () => trainer.fit(wrong(x), wrong([0, 1])),
      TypeError,
      "fit: the data must be { x, y }, one object: fit({ x, y }, options), got an array of 2",
    ],
    [
      () => trainer.fit(wrong(new Float32Array(4)), wrong([0, 1])),
      TypeError,
      "fit: the data must be { x, y }, one object: fit({ x, y }, options), got a Float32Array of 4",
    ],
    [
      () => trainer.fit({ x, y: [[1, 0, 0]] }),
      RangeError,
      "fit: x has 2 rows, but y has 1; each row of x needs one of y",
    ],
    [
      () => model.predict(wrong({ data: new Uint8ClampedArray(8), width: 1, height: 2 })),
      TypeError,
      "predict: x must be an array, a typed array or samples, got an object (Object); give its .data, what its dataSync() returns, " +
        "or fromPixels(...) of wasmgrad/web",
    ],
    [
      () => model.predict(wrong({ width: 300, height: 150 })), // a canvas, an image, a video
      TypeError,
      "predict: x must be an array, a typed array or samples, got an object (Object); give its .data, what its dataSync() returns, " +
        "or fromPixels(...) of wasmgrad/web",
    ],
    [
      () => w.sequential({ input: wrong({ words: 6, lengths: 1 }) }, w.dense(1)),
      TypeError,
      "sequential: input must be a number or the sizes of a row's axes, got an object (Object); several are inputs({ ... })",
    ],
    [
      () => w.conv2d(8, { kernelSize: 3, padding: wrong("SAME") }),
      RangeError,
      'conv2d: padding must be one of valid, same, got "SAME"; did you mean "same"?',
    ],
    [
      () => w.maxPool1d(2, { padding: wrong("Causal") }),
      RangeError,
      'maxPool1d: padding must be one of valid, same, causal, got "Causal"; did you mean "causal"?',
    ],
    [() => trainer.fit({ x, y: [1] }), RangeError, "fit: x has 2 rows, but y has 1; each row of x needs one of y"],
    [
      () => trainer.evaluate({ x, y: Uint8Array.of(0, 1, 1, 0) }),
      RangeError,
      "evaluate: x has 2 rows, but y has 4; each row of x needs one of y",
    ],
    [
      () => trainer.fit({ x, y: [0, 1] }, { callbacks: [wrong({ onEpochEnd: 3 })] }),
      TypeError,
      "fit: onEpochEnd must be a function, got number 3",
    ],
  ]);
});

describe("sizes that nothing else follows", () => {
  refuses([
    [
      () => w.inputs({ a: [2 ** 20, 2 ** 20] }).join({ a: [[1]] }),
      RangeError,
      "inputs.join: a[0] has 1 values, but 1048576 are needed (rows have shape 1048576x1048576)",
    ],
    [
      () => tinyTransformer({ vocabulary: 3, blocks: 1e9 }),
      RangeError,
      "tinyTransformer: blocks must be at most 1000, got 1000000000",
    ],
  ]);
});

describe("names that are whole numbers", () => {
  const lost = (where: string, name: string): string =>
    `${where}: a name must not be a whole number, got "${name}": JavaScript puts such keys in front of an object's others, so that ` +
    `their order would be lost; use another name, such as "part${name}"`;
  refuses([
    [() => w.inputs({ picture: 2, 1: 3 }), RangeError, lost("inputs", "1")],
    [() => w.inputs({ 0: 3 }), RangeError, lost("inputs", "0")],
    [
      () => w.outputs({ end: { shape: 1, loss: w.meanSquaredError() }, 7: wrong<w.OutputOptions>(3) }),
      RangeError,
      lost("outputs", "7"),
    ],
  ]);
  test("names that keep their place are used", () => {
    expect(Object.keys(w.inputs({ b: 1, "01": 2, "-1": 3, "1.5": 4 }).shapes)).toEqual(["b", "01", "-1", "1.5"]);
  });
});

describe("descriptions that no function of the library made", () => {
  const trained = (parts: object): Promise<w.History> | w.Trainer =>
    new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam(), ...wrong<object>(parts) });
  const nothing = (name: string): string =>
    `there is no kernel ${name}; use what wasmgrad's functions return, or load its binary`;
  const metric = {
    name: "mine",
    type: "mine",
    options: {},
    input: "output",
    check() {},
    stateSize: () => 1,
    args: () => ({}),
    result: () => 0,
  };
  refuses([
    [() => trained({ metrics: [{ ...metric, kernel: "mine" }] }), TypeError, `Trainer: ${nothing("mineMetric")}`],
    [() => trained({ optimizer: { ...w.adam(), kernel: "x" } }), TypeError, `Trainer: ${nothing("xUpdate")}`],
    [() => trained({ loss: { ...w.softmaxCrossEntropy(), type: "x" } }), TypeError, `Trainer: ${nothing("xLoss")}`],
    [() => trained({ loss: { ...w.softmaxCrossEntropy(), kernel: "x" } }), TypeError, `Trainer: ${nothing("xLoss")}`],
    [
      () => trained({ loss: { reduction: "mean" } }),
      TypeError,
      /^Trainer: loss must be a loss such as softmaxCrossEntropy\(\), got/,
    ],
    [
      () => trained({ optimizer: { learningRate: 1, args() {} } }),
      TypeError,
      /^Trainer: optimizer must be an optimizer such as adam/,
    ],
    [
      () => trained({ optimizer: { ...w.adam(), learningRate: NaN } }),
      TypeError,
      /^Trainer: optimizer must be an optimizer such/,
    ],
    [
      () => w.dense(1, { kernelInitializer: wrong({ initializer: "x" }) }),
      TypeError,
      /^dense: kernelInitializer must be an initializer/,
    ],
    [
      () => w.dense(1, { kernelConstraint: wrong({ constraint: "x" }) }),
      TypeError,
      /^dense: kernelConstraint must be a constraint/,
    ],
    [
      () => transpose({ rows: Infinity, columns: 1, data: new Float32Array(1) }),
      RangeError,
      "transpose: the rows of a must be a whole number of 1 or more, got Infinity",
    ],
  ]);

  const fitted = async (layer: w.Layer): Promise<unknown> => {
    const own = await w.sequential({ input: 2 }, layer);
    return new w.Trainer(own, { loss: w.meanSquaredError(), optimizer: w.adam() }).fit(
      { x, y: [0, 1] },
      { progress: false },
    );
  };
  test("a penalty, a constraint and a layer are refused where their kernels are needed", async () => {
    const regularizer = wrong<w.Regularizer>({ regularizer: "x", options: { lambda: 1 } });
    const constraint = wrong<w.Constraint>({ constraint: "x", options: {}, load() {}, args: () => ({}) });
    const kernel = wrong<w.Layer>({ ...w.dense(1), kernel: "x" });
    const cases: Refusal[] = [
      [() => fitted(w.dense(1, { kernelRegularizer: regularizer })), TypeError, `fit: ${nothing("xPenalty")}`],
      [() => fitted(w.dense(1, { kernelConstraint: constraint })), TypeError, `fit: ${nothing("xConstraint")}`],
      [() => fitted(kernel), TypeError, `fit: ${nothing("xForward")}`],
    ];
    for (const each of cases) await expectRefusal(...each);
  });

  test("a loss of several outputs needs their layer", async () => {
    const ends = w.outputs({
      a: { shape: 1, loss: w.meanSquaredError() },
      b: { shape: 2, loss: w.meanSquaredError() },
    });
    await expectRefusal(
      () => trained({ loss: ends.loss }),
      RangeError,
      "outputs: a model that is trained with their loss must end with their layer(...)",
    );
  });
});

test("an optimizer's description without the states that its kernel works on", async () => {
  const single = await w.sequential({ input: 2, seed: 1 }, w.dense(1));
  const before = single.fingerprint();
  for (const [optimizer, state] of [
    [w.adam(), "m"],
    [w.adam({ amsgrad: true }), "m"],
    [w.sgd({ momentum: 0.9 }), "velocity"],
    [w.rmsprop(), "q"],
    [w.adagrad(), "q"],
    [w.adadelta(), "q"],
  ] as const) {
    const training = new w.Trainer(single, { loss: w.meanSquaredError(), optimizer: { ...optimizer, states: [] } });
    expect(() => training.step([1, 2], [1])).toThrow(`Trainer: the optimizer has no state ${state}`);
    await expect(training.fit({ x: [1, 2], y: [1] })).rejects.toThrow(`Trainer: the optimizer has no state ${state}`);
  }
  expect(single.fingerprint()).toBe(before);
});
