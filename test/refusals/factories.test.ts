// Options that can't be used are refused where they are written, by their name and value.
import { describe, expect, test } from "vitest";
import * as activations from "../../src/nn/activations/index.ts";
import * as w from "../../src/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import * as losses from "../../src/nn/losses/index.ts";
import * as metrics from "../../src/nn/metrics/index.ts";
import * as optimizers from "../../src/nn/optimizers/index.ts";
import * as schedules from "../../src/nn/optimizers/schedules.ts";
import { NEEDED } from "../support/needed.ts";
import { expectRefusal, type Refusal, refuses } from "../support/refusals.ts";

type Options = Readonly<Record<string, unknown>>;
type Factory = (options: Options) => object;

const wrong =
  (make: unknown, options: unknown): (() => object) =>
  () =>
    (make as Factory)(options as Options);

describe("an option that isn't known", () => {
  const FUNCTIONS_OF_LABELS = ["confusionMatrix", "classificationReport", "rocCurve", "precisionRecallCurve"];

  for (const [group, exports] of Object.entries({ layers, activations, losses, optimizers, metrics, schedules })) {
    for (const [name, make] of Object.entries(exports)) {
      if (FUNCTIONS_OF_LABELS.includes(name)) continue;
      test(`${group}: ${name}`, async () => {
        expect(typeof wrong(make, NEEDED[name] ?? {})()).toBe("object");
        const call = wrong(make, { ...NEEDED[name], nonsense: 1 });
        await expectRefusal(call, TypeError, new RegExp(`^${name}: unknown option "nonsense"\\. Known: `));
      });
    }
  }

  /** These take their first option alone as well. */
  const TAKE_ONE = [
    "clip",
    "avgPool1d",
    "avgPool2d",
    "conv1d",
    "conv1dTranspose",
    "conv2d",
    "conv2dTranspose",
    "crop2d",
    "dense",
    "depthwiseConv2d",
    "dropout",
    "embedding",
    "gaussianNoise",
    "groupNorm",
    "gru",
    "lstm",
    "simpleRnn",
    "maxPool1d",
    "maxPool2d",
    "permute",
    "repeatVector",
    "reshape",
    "separableConv2d",
    "spatialDropout1d",
    "spatialDropout2d",
    "upsample2d",
    "zeroPad2d",
  ];
  for (const [group, exports] of Object.entries({ layers, activations, losses, optimizers, metrics, schedules })) {
    for (const [name, make] of Object.entries(exports)) {
      if (FUNCTIONS_OF_LABELS.includes(name) || TAKE_ONE.includes(name)) continue;
      test(`${group}: ${name}, options that aren't an object`, async () => {
        for (const [options, given] of [
          [0.5, "number 0.5"],
          [null, "null"],
          [[], "an array of 0"],
          ["fast", 'the string "fast"'],
          [make, `the function ${name}; call it: ${name}()`],
        ] as const) {
          await expectRefusal(wrong(make, options), TypeError, `${name}: options must be an object, got ${given}`);
        }
      });
    }
  }

  refuses([
    ...(
      ["stepDecay", "exponentialDecay", "cosineDecay", "cosineWarmRestarts", "linearWarmup", "oneCycle"] as const
    ).map((name): Refusal => [
      wrong(w[name], undefined),
      TypeError,
      `${name}: options must be an object, got undefined`,
    ]),
    [wrong(w.earlyStopping, 5), TypeError, "earlyStopping: options must be an object, got number 5"],
    [wrong(w.earlyStopping, null), TypeError, "earlyStopping: options must be an object, got null"],
    [wrong(w.uniform, 0.1), TypeError, "uniform: options must be an object, got number 0.1"],
    [wrong(w.normal, null), TypeError, "normal: options must be an object, got null"],
    [wrong(w.orthogonal, 2), TypeError, "orthogonal: options must be an object, got number 2"],
    [() => w.dense(3, null as never), TypeError, "dense: options must be an object, got null"],
    [() => w.dense(3, "head" as never), TypeError, 'dense: options must be an object, got the string "head"'],
    [() => w.dropout(0.5, 3 as never), TypeError, "dropout: options must be an object, got number 3"],
    [() => w.reshape([2, 3], [4] as never), TypeError, "reshape: options must be an object, got an array of 1"],
  ]);

  refuses([
    [
      wrong(w.adam, { lr: 0.1 }),
      TypeError,
      'adam: unknown option "lr"; did you mean "learningRate"? Known: learningRate, weightDecay, l1, clipValue, clipNorm, clipGlobalNorm, learningRates, decay, beta1, beta2, epsilon, amsgrad',
    ],
    [
      wrong(w.dense, { units: 3, activation: "relu" }),
      TypeError,
      'dense: unknown option "activation"; an activation is a layer of its own: dense(10), relu(). Known: units, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, trainable, name',
    ],
    [wrong(w.dropout, { p: 0.5 }), TypeError, 'dropout: unknown option "p". Known: rate, name'],
    [
      wrong(w.reshape, { shapes: [3] }),
      TypeError,
      'reshape: unknown option "shapes"; did you mean "shape"? Known: shape, name',
    ],
    [wrong(w.constant, { val: 1 }), TypeError, 'constant: unknown option "val"; did you mean "value"? Known: value'],
    [wrong(w.l1, { Lambda: 1 }), TypeError, 'l1: unknown option "Lambda"; did you mean "lambda"? Known: lambda'],
    [wrong(w.l2, { weight: 1 }), TypeError, 'l2: unknown option "weight". Known: lambda'],
    [
      wrong(w.normal, { stddev: 1 }),
      TypeError,
      'normal: unknown option "stddev"; did you mean "deviation"? Known: mean, deviation',
    ],
    [
      wrong(w.sgd, { learningrate: 0.1 }),
      TypeError,
      'sgd: unknown option "learningrate"; did you mean "learningRate"? Known: learningRate, weightDecay, l1, clipValue, clipNorm, clipGlobalNorm, learningRates, decay, momentum, nesterov',
    ],
    [
      wrong(w.dense, { units: 3, use_bias: false }),
      TypeError,
      'dense: unknown option "use_bias"; did you mean "useBias"? Known: units, useBias, kernelInitializer, biasInitializer, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, trainable, name',
    ],
    [wrong(w.leakyRelu, { alpha: 0.1 }), TypeError, 'leakyRelu: unknown option "alpha". Known: slope, name'],
    [
      wrong(w.huber, { Delta: 1 }),
      TypeError,
      'huber: unknown option "Delta"; did you mean "delta"? Known: delta, reduction',
    ],
    [
      wrong(w.softmaxCrossEntropy, { label_smoothing: 0.1 }),
      TypeError,
      'softmaxCrossEntropy: unknown option "label_smoothing"; did you mean "labelSmoothing"? Known: classWeights, labelSmoothing, reduction',
    ],
    [
      wrong(w.f1, { averag: "macro" }),
      TypeError,
      'f1: unknown option "averag"; did you mean "average"? Known: average',
    ],
    [
      wrong(w.earlyStopping, { patence: 3 }),
      TypeError,
      'earlyStopping: unknown option "patence". Known: monitor, mode, patience, minimumChange, restoreBestWeights',
    ],
    [
      wrong(w.cosineDecay, { period: 3, minimum_rate: 0 }),
      TypeError,
      'cosineDecay: unknown option "minimum_rate". Known: period, minimum, per',
    ],
  ]);
});

describe("layers", () => {
  refuses([
    ...[0, -1, 2.5, NaN, Infinity].map((units): Refusal => [
      () => w.dense(units),
      RangeError,
      `dense: units must be a whole number of 1 or more, got ${units}`,
    ]),
    ...[1, 1.5, -0.1, NaN].map((rate): Refusal => [
      () => w.dropout(rate),
      RangeError,
      `dropout: rate must be from 0 up to but not including 1, got ${rate}`,
    ]),
    ...(
      [
        ["10", '"10"'],
        [null, "null"],
        [undefined, "undefined"],
        [[10], "an array of 1"],
        [true, "boolean true"],
        [w.dense, "the function dense"],
      ] as const
    ).flatMap(([value, given]): Refusal[] => [
      [wrong(w.dense, value), TypeError, `dense: units must be a whole number of 1 or more, got ${given}`],
      [wrong(w.dropout, value), TypeError, `dropout: rate must be from 0 up to but not including 1, got ${given}`],
      [
        wrong(w.dropout, { rate: value }),
        TypeError,
        `dropout: rate must be from 0 up to but not including 1, got ${given}`,
      ],
      [wrong(w.constant, value), TypeError, `constant: value must be a finite number, got ${given}`],
    ]),
    ...(["kernelInitializer", "biasInitializer"] as const).flatMap((option): Refusal[] =>
      (
        [
          ["heNormal", 'the string "heNormal"'],
          [null, "null"],
          [0, "number 0"],
          [{}, "an object (Object)"],
          [[1, 2], "an array of 2"],
          [w.heNormal, "the function heNormal; call it: heNormal()"],
          [w.l2(0.1), "an object (Object)"],
        ] as const
      ).map(([value, given]) => [
        wrong(w.dense, { units: 3, [option]: value }),
        TypeError,
        `dense: ${option} must be an initializer such as heNormal(), got ${given}`,
      ]),
    ),
    ...(["kernelRegularizer", "biasRegularizer"] as const).flatMap((option): Refusal[] =>
      (
        [
          ["l2", 'the string "l2"'],
          [null, "null"],
          [0.01, "number 0.01"],
          [[w.l2()], "an array of 1"],
          [w.l2, "the function l2; call it: l2()"],
          [w.zeros(), "an object (Object)"],
        ] as const
      ).map(([value, given]) => [
        wrong(w.dense, { units: 3, [option]: value }),
        TypeError,
        `dense: ${option} must be a regularizer such as l2(0.01), got ${given}`,
      ]),
    ),
    ...(
      [
        [[], "an array of 0"],
        [null, "null"],
        [undefined, "undefined"],
        ["3", 'the string "3"'],
        [w.flatten, "the function flatten; call it: flatten()"],
      ] as const
    ).map(([shape, given]): Refusal => [
      wrong(w.reshape, shape),
      TypeError,
      `reshape: shape must be a number or the sizes of a row's axes, got ${given}`,
    ]),
    [() => w.reshape(0), RangeError, "reshape: shape must be a whole number of 1 or more, got 0"],
    [() => w.reshape(2.5), RangeError, "reshape: shape must be a whole number of 1 or more, got 2.5"],
    [wrong(w.reshape, [2, "3"]), TypeError, 'reshape: shape[1] must be a whole number of 1 or more, got "3"'],
    [() => w.reshape([2, 0]), RangeError, "reshape: shape[1] must be a whole number of 1 or more, got 0"],
    [() => w.reshape([2.5]), RangeError, "reshape: shape[0] must be a whole number of 1 or more, got 2.5"],
  ]);
});

describe("activations", () => {
  refuses([
    ...[NaN, Infinity].map((alpha): Refusal => [
      () => w.elu({ alpha }),
      RangeError,
      `elu: alpha must be a finite number, got ${alpha}`,
    ]),
    ...[0, -1, NaN, Infinity].map((alpha): Refusal => [
      () => w.celu({ alpha }),
      RangeError,
      `celu: alpha must be above 0, got ${alpha}`,
    ]),
    [
      () => w.celu({ alpha: 2e38 }),
      RangeError,
      "celu: 1 / alpha must be above 0 as a float32 from 1.1754944e-38 to 3.4028235e38, got 5e-39",
    ],
    [() => w.selu({ alpha: NaN }), RangeError, "selu: alpha must be a finite number, got NaN"],
    [() => w.selu({ scale: -Infinity }), RangeError, "selu: scale must be a finite number, got -Infinity"],
    [
      () => w.selu({ alpha: 1e20, scale: 1e20 }),
      RangeError,
      "selu: scale times alpha must be a finite number as a float32 from 1.1754944e-38 to 3.4028235e38, got 1e+40",
    ],
    [() => w.hardSigmoid({ offset: NaN }), RangeError, "hardSigmoid: offset must be a finite number, got NaN"],
    [() => w.shrink({ threshold: -1 }), RangeError, "shrink: threshold must be 0 or more, got -1"],
    [() => w.shrink({ bias: Infinity }), RangeError, "shrink: bias must be a finite number, got Infinity"],
    [
      () => w.thresholdedRelu({ threshold: NaN }),
      RangeError,
      "thresholdedRelu: threshold must be a finite number, got NaN",
    ],
    ...[() => w.clip(), () => w.clip({}), () => w.clip(-Infinity, Infinity)].map((call): Refusal => [
      call,
      TypeError,
      "clip: low or high must be given, got neither: nothing would be cut; such as clip(-1, 1)",
    ]),
    [() => w.clip(NaN), RangeError, "clip: low must be a finite number, got NaN"],
    [() => w.clip(0, -Infinity), RangeError, "clip: high must be a finite number, got -Infinity"],
    [() => w.clip({ low: 2, high: 1 }), RangeError, "clip: low must be below high, got low 2 and high 1"],
    [
      () => w.clip(1, 1 + 1e-9),
      RangeError,
      "clip: low must be below high, got low 1 and high 1.000000001; rounded to float32 both are 1",
    ],
    [() => w.hardSigmoid({ slope: 0 }), RangeError, "hardSigmoid: slope must be above 0, got 0"],
    [() => w.leakyRelu({ slope: NaN }), RangeError, "leakyRelu: slope must be a finite number, got NaN"],
    [() => w.leakyRelu({ slope: Infinity }), RangeError, "leakyRelu: slope must be a finite number, got Infinity"],
    [wrong(w.gelu, { approximate: "erf" }), RangeError, 'gelu: approximate must be one of none, tanh, got "erf"'],
  ]);
});

describe("losses", () => {
  refuses([
    ...Object.entries(losses).map(([name, make]): Refusal => {
      const known = name === "klDivergence" ? "batchMean, mean, sum" : "mean, sum";
      return [wrong(make, { reduction: "none" }), RangeError, `${name}: reduction must be one of ${known}, got "none"`];
    }),
    [() => w.huber({ delta: 0 }), RangeError, "huber: delta must be above 0, got 0"],
    [() => w.hinge({ margin: -1 }), RangeError, "hinge: margin must be above 0, got -1"],
    [
      () => w.binaryCrossEntropyWithLogits({ positiveWeight: NaN }),
      RangeError,
      "binaryCrossEntropyWithLogits: positiveWeight must be above 0, got NaN",
    ],
    [
      () => w.softmaxCrossEntropy({ labelSmoothing: 1 }),
      RangeError,
      "softmaxCrossEntropy: labelSmoothing must be from 0 up to but not including 1, got 1",
    ],
    [
      () => w.binaryCrossEntropy({ clamp: { low: 0.5, high: 0.2 } }),
      RangeError,
      'binaryCrossEntropy: clamp must be "log", "none" or { low, high } with 0 <= low < high <= 1, got { low: 0.5, high: 0.2 }',
    ],
    [
      wrong(w.binaryCrossEntropy, { clamp: "eps" }),
      RangeError,
      'binaryCrossEntropy: clamp must be "log", "none" or { low, high } with 0 <= low < high <= 1, got "eps"',
    ],
  ]);
});

describe("optimizers", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    describe(name, () =>
      refuses([
        ...(
          [
            ["0.1", '"0.1"'],
            [null, "null"],
            [[0.1], "an array of 1"],
            [1n, "bigint 1"],
          ] as const
        ).flatMap(([value, given]): Refusal[] => [
          [wrong(make, { learningRate: value }), TypeError, `${name}: learningRate must be above 0, got ${given}`],
          [wrong(make, { weightDecay: value }), TypeError, `${name}: weightDecay must be 0 or more, got ${given}`],
          [wrong(make, { clipNorm: value }), TypeError, `${name}: clipNorm must be above 0, got ${given}`],
        ]),
        ...[0, -0.1, NaN, Infinity].map((learningRate): Refusal => [
          wrong(make, { learningRate }),
          RangeError,
          `${name}: learningRate must be above 0, got ${learningRate}`,
        ]),
        ...(["weightDecay", "l1"] as const).flatMap((option) =>
          [-1, NaN, Infinity].map((value): Refusal => [
            wrong(make, { [option]: value }),
            RangeError,
            `${name}: ${option} must be 0 or more, got ${value}`,
          ]),
        ),
        ...(["clipValue", "clipNorm", "clipGlobalNorm"] as const).flatMap((option) =>
          [0, -1, NaN].map((value): Refusal => [
            wrong(make, { [option]: value }),
            RangeError,
            `${name}: ${option} must be above 0, got ${value}`,
          ]),
        ),
        [
          wrong(make, { clipNorm: 1, clipGlobalNorm: 2 }),
          RangeError,
          `${name}: clipNorm and clipGlobalNorm can't both be used, got 1 and 2`,
        ],
      ]),
    );
  }

  const fraction = (name: string, option: string, value: number): string =>
    `${name}: ${option} must be from 0 up to but not including 1, got ${value}`;
  refuses([
    ...(
      [
        ["sgd", "momentum"],
        ["rmsprop", "rho"],
        ["rmsprop", "momentum"],
        ["adadelta", "rho"],
        ["adam", "beta1"],
        ["adam", "beta2"],
        ["adamw", "beta1"],
        ["adamw", "beta2"],
      ] as const
    ).flatMap(([name, option]) =>
      [1, -0.5, NaN].map((value): Refusal => [
        wrong(w[name], { [option]: value }),
        RangeError,
        fraction(name, option, value),
      ]),
    ),
    ...(["rmsprop", "adagrad", "adadelta", "adam", "adamw"] as const).flatMap((name) =>
      [0, -1e-8, NaN].map((epsilon): Refusal => [
        wrong(w[name], { epsilon }),
        RangeError,
        `${name}: epsilon must be above 0, got ${epsilon}`,
      ]),
    ),
    [() => w.adagrad({ initialAccumulator: -1 }), RangeError, "adagrad: initialAccumulator must be 0 or more, got -1"],
    [wrong(w.sgd, { momentum: "0.9" }), TypeError, 'sgd: momentum must be from 0 up to but not including 1, got "0.9"'],
    [wrong(w.adam, { beta1: "0.9" }), TypeError, 'adam: beta1 must be from 0 up to but not including 1, got "0.9"'],
    [wrong(w.adam, { epsilon: "1e-8" }), TypeError, 'adam: epsilon must be above 0, got "1e-8"'],
    [() => w.sgd({ nesterov: true }), RangeError, "sgd: nesterov needs a momentum above 0, got 0"],
  ]);
});

describe("metrics", () => {
  refuses([
    ...[0, 1.5, NaN].map((k): Refusal => [
      () => w.topKAccuracy({ k }),
      RangeError,
      `topKAccuracy: k must be a whole number of 1 or more, got ${k}`,
    ]),
    ...(["precision", "recall", "f1", "iou"] as const).map((name): Refusal => [
      wrong(w[name], { average: "weighted" }),
      RangeError,
      `${name}: average must be one of binary, macro, micro, got "weighted"`,
    ]),
    [wrong(w.topKAccuracy, { k: "3" }), TypeError, 'topKAccuracy: k must be a whole number of 1 or more, got "3"'],
    [wrong(w.f1, { average: null }), RangeError, "f1: average must be one of binary, macro, micro, got null"],
    ...([w.confusionMatrix, w.classificationReport] as const).flatMap((make): Refusal[] => [
      ...[0, 2.5, -1, NaN, Infinity].map((classes): Refusal => [
        () => make([0, 1], [0, 1], classes),
        RangeError,
        `${make.name}: classes must be a whole number of 1 or more, got ${classes}`,
      ]),
      [
        () => make([0], [0], "2" as never),
        TypeError,
        `${make.name}: classes must be a whole number of 1 or more, got "2"`,
      ],
      ...(
        [
          [null, "null"],
          [3, "number 3"],
          ["01", 'the string "01"'],
          [{ length: 1, 0: 0 }, "an object (Object)"],
          [new DataView(new ArrayBuffer(1)), "a DataView of 1"],
          [Promise.resolve([0]), "a promise; did you forget await?"],
        ] as const
      ).flatMap(([value, given]): Refusal[] => [
        [
          () => make(value as never, [0], 2),
          TypeError,
          `${make.name}: targets must be an array of numbers, got ${given}`,
        ],
        [
          () => make([0], value as never, 2),
          TypeError,
          `${make.name}: predictions must be an array of numbers, got ${given}`,
        ],
      ]),
      [() => make([0, 1, 1], [0, 1], 2), RangeError, `${make.name}: there are 3 targets but 2 predictions`],
      [
        () => make([0, -2], [0, 1], 2),
        RangeError,
        `${make.name}: labels must be whole numbers from 0 to 1, but targets[1] is -2`,
      ],
      [
        () => make([0, 1], [2, 1], 2),
        RangeError,
        `${make.name}: labels must be whole numbers from 0 to 1, but predictions[0] is 2`,
      ],
    ]),
    [() => w.confusionMatrix([0, 1], [0], 2), RangeError, "confusionMatrix: there are 2 targets but 1 predictions"],
    [
      () => w.confusionMatrix([0, 2], [0, 1], 2),
      RangeError,
      "confusionMatrix: labels must be whole numbers from 0 to 1, but targets[1] is 2",
    ],
    [
      () => w.classificationReport([0, 1], [0.5, 1], 2),
      RangeError,
      "classificationReport: labels must be whole numbers from 0 to 1, but predictions[0] is 0.5",
    ],
  ]);
});

describe("schedules", () => {
  const whole = (name: string, option: string, value: number, least = 1): string =>
    `${name}: ${option} must be a whole number of ${least} or more, got ${value}`;
  refuses([
    ...(
      [
        ["stepDecay", "stepSize", {}],
        ["cosineDecay", "period", {}],
        ["cosineWarmRestarts", "period", {}],
        ["cosineWarmRestarts", "multiplier", { period: 3 }],
        ["linearWarmup", "length", {}],
      ] as const
    ).flatMap(([name, option, others]) =>
      [0, 2.5, NaN].map((value): Refusal => [
        wrong(w[name], { ...others, [option]: value }),
        RangeError,
        whole(name, option, value),
      ]),
    ),
    [
      wrong(w.stepDecay, { stepSize: "3" }),
      TypeError,
      'stepDecay: stepSize must be a whole number of 1 or more, got "3"',
    ],
    [wrong(w.stepDecay, {}), TypeError, "stepDecay: stepSize must be a whole number of 1 or more, got undefined"],
    [wrong(w.exponentialDecay, { gamma: null }), TypeError, "exponentialDecay: gamma must be above 0, got null"],
    [
      wrong(w.reduceOnPlateau, { factor: "0.5" }),
      TypeError,
      'reduceOnPlateau: factor must be from 0 up to but not including 1, got "0.5"',
    ],
    [() => w.oneCycle({ length: 1 }), RangeError, whole("oneCycle", "length", 1, 2)],
    [() => w.reduceOnPlateau({ patience: -1 }), RangeError, whole("reduceOnPlateau", "patience", -1, 0)],
    [() => w.reduceOnPlateau({ cooldown: 0.5 }), RangeError, whole("reduceOnPlateau", "cooldown", 0.5, 0)],
    [() => w.stepDecay({ stepSize: 3, gamma: 0 }), RangeError, "stepDecay: gamma must be above 0, got 0"],
    [() => w.exponentialDecay({ gamma: NaN }), RangeError, "exponentialDecay: gamma must be above 0, got NaN"],
    [() => w.cosineDecay({ period: 3, minimum: -1 }), RangeError, "cosineDecay: minimum must be 0 or more, got -1"],
    [
      () => w.cosineWarmRestarts({ period: 3, minimum: NaN }),
      RangeError,
      "cosineWarmRestarts: minimum must be 0 or more, got NaN",
    ],
    [() => w.linearWarmup({ length: 3, start: -1 }), RangeError, "linearWarmup: start must be 0 or more, got -1"],
    [() => w.linearWarmup({ length: 3, end: NaN }), RangeError, "linearWarmup: end must be 0 or more, got NaN"],
    [
      () => w.oneCycle({ length: 9, warmup: 1 }),
      RangeError,
      "oneCycle: warmup must be from 0 up to but not including 1, got 1",
    ],
    [() => w.oneCycle({ length: 9, divisor: 0 }), RangeError, "oneCycle: divisor must be above 0, got 0"],
    [() => w.oneCycle({ length: 9, finalDivisor: 0 }), RangeError, "oneCycle: finalDivisor must be above 0, got 0"],
    [
      wrong(w.oneCycle, { length: 9, anneal: "cos" }),
      RangeError,
      'oneCycle: anneal must be one of cosine, linear, got "cos"',
    ],
    [
      () => w.reduceOnPlateau({ factor: 1 }),
      RangeError,
      "reduceOnPlateau: factor must be from 0 up to but not including 1, got 1",
    ],
    [
      wrong(w.reduceOnPlateau, { mode: "auto" }),
      RangeError,
      'reduceOnPlateau: mode must be one of min, max, got "auto"',
    ],
    [
      wrong(w.reduceOnPlateau, { thresholdMode: "rel" }),
      RangeError,
      'reduceOnPlateau: thresholdMode must be one of relative, absolute, got "rel"',
    ],
    ...(["threshold", "minimum", "epsilon"] as const).map((option): Refusal => [
      () => w.reduceOnPlateau({ [option]: -1 }),
      RangeError,
      `reduceOnPlateau: ${option} must be 0 or more, got -1`,
    ]),
    ...(
      [
        ["stepDecay", { stepSize: 3 }],
        ["exponentialDecay", { gamma: 0.5 }],
        ["cosineDecay", { period: 3 }],
        ["cosineWarmRestarts", { period: 3 }],
        ["linearWarmup", { length: 3 }],
        ["oneCycle", { length: 3 }],
      ] as const
    ).map(([name, needed]): Refusal => [
      wrong(w[name], { ...needed, per: "batch" }),
      RangeError,
      `${name}: per must be one of update, epoch, got "batch"`,
    ]),
  ]);
});

describe("initializers and regularizers", () => {
  refuses([
    ...([w.l1, w.l2] as const).flatMap((make): Refusal[] => [
      [wrong(make, "0.1"), TypeError, `${make.name}: lambda must be 0 or more, got "0.1"`],
      [wrong(make, null), TypeError, `${make.name}: lambda must be 0 or more, got null`],
      [wrong(make, [0.1]), TypeError, `${make.name}: lambda must be 0 or more, got an array of 1`],
      [wrong(make, { lambda: "0.1" }), TypeError, `${make.name}: lambda must be 0 or more, got "0.1"`],
      [wrong(make, {}), TypeError, `${make.name}: lambda must be 0 or more, got undefined`],
    ]),
    [wrong(w.constant, {}), TypeError, "constant: value must be a finite number, got undefined"],
    [wrong(w.constant, { value: "1" }), TypeError, 'constant: value must be a finite number, got "1"'],
    [wrong(w.uniform, { low: "0" }), TypeError, 'uniform: low must be a finite number, got "0"'],
    [wrong(w.normal, { deviation: "1" }), TypeError, 'normal: deviation must be above 0, got "1"'],
    [() => w.constant(NaN), RangeError, "constant: value must be a finite number, got NaN"],
    [() => w.uniform({ low: -Infinity }), RangeError, "uniform: low must be a finite number, got -Infinity"],
    [() => w.uniform({ high: NaN }), RangeError, "uniform: high must be a finite number, got NaN"],
    [() => w.uniform({ low: 1, high: 1 }), RangeError, "uniform: low must be below high, got low 1 and high 1"],
    [() => w.normal({ mean: NaN }), RangeError, "normal: mean must be a finite number, got NaN"],
    [() => w.normal({ deviation: 0 }), RangeError, "normal: deviation must be above 0, got 0"],
    [() => w.orthogonal({ gain: Infinity }), RangeError, "orthogonal: gain must be a finite number, got Infinity"],
    [() => w.l1(-1), RangeError, "l1: lambda must be 0 or more, got -1"],
    [() => w.l2(NaN), RangeError, "l2: lambda must be 0 or more, got NaN"],
    [() => w.l2({ lambda: Infinity }), RangeError, "l2: lambda must be 0 or more, got Infinity"],
  ]);
});

describe("callbacks", () => {
  refuses([
    [
      () => w.earlyStopping({ patience: 0 }),
      RangeError,
      "earlyStopping: patience must be a whole number of 1 or more, got 0",
    ],
    [
      () => w.earlyStopping({ minimumChange: -1 }),
      RangeError,
      "earlyStopping: minimumChange must be 0 or more, got -1",
    ],
    [wrong(w.earlyStopping, { mode: "auto" }), RangeError, 'earlyStopping: mode must be one of min, max, got "auto"'],
  ]);
});
