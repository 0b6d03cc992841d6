// Models and trainers that can't be put together.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { expectRefusal, expectRefusalWithoutTrace, type Refusal, refuses } from "../support/refusals.ts";

/** Something of a wrong type, as plain JavaScript could give it. */
const wrong = <T>(value: unknown): T => value as T;

describe("sequential: input", () => {
  const refused =
    (input: unknown): (() => unknown) =>
    () =>
      w.sequential({ input: wrong(input) }, w.dense(1));
  refuses([
    ...[0, -3, 2.5, NaN, Infinity].map((n): Refusal => [
      refused(n),
      RangeError,
      `sequential: input must be a whole number of 1 or more, got ${n}`,
    ]),
    [refused([0]), RangeError, "sequential: input[0] must be a whole number of 1 or more, got 0"],
    [refused([28, 0]), RangeError, "sequential: input[1] must be a whole number of 1 or more, got 0"],
    [refused([28, 28, 1.5]), RangeError, "sequential: input[2] must be a whole number of 1 or more, got 1.5"],
    [refused([]), TypeError, "sequential: input must be a number or the sizes of a row's axes, got an array of 0"],
    [
      refused("784"),
      TypeError,
      'sequential: input must be a number or the sizes of a row\'s axes, got the string "784"',
    ],
    [refused(null), TypeError, "sequential: input must be a number or the sizes of a row's axes, got null"],
    [refused(undefined), TypeError, "sequential: input must be a number or the sizes of a row's axes, got undefined"],
  ]);
});

describe("sequential: seed and other options", () => {
  const seed =
    (value: unknown): (() => unknown) =>
    () =>
      w.sequential({ input: 1, seed: wrong(value) }, w.dense(1));
  refuses([
    ...[-1, 0.5, NaN, Infinity, 2 ** 53].map((value): Refusal => [
      seed(value),
      RangeError,
      `sequential: seed must be a whole number from 0 to 2^53 - 1, got ${value}`,
    ]),
    [
      () => w.sequential(wrong({ input: 1, sed: 3 }), w.dense(1)),
      TypeError,
      'sequential: unknown option "sed". Known: input, seed, core, threads, createWorker',
    ],
    [
      () => w.sequential(wrong({ inputs: 1 }), w.dense(1)),
      TypeError,
      'sequential: unknown option "inputs"; did you mean "input"? Known: input, seed, core, threads, createWorker',
    ],
    [seed("7"), RangeError, 'sequential: seed must be a whole number from 0 to 2^53 - 1, got "7"'],
    [seed(null), RangeError, "sequential: seed must be a whole number from 0 to 2^53 - 1, got null"],
    [
      () => w.sequential(wrong({ inputShape: 1 }), w.dense(1)),
      TypeError,
      'sequential: unknown option "inputShape". Known: input, seed, core, threads, createWorker',
    ],
  ]);

  const first = "sequential: the first argument must be { input, ... }, got";
  refuses([
    [() => w.sequential(wrong(w.dense(3))), TypeError, `${first} an object (dense)`],
    [() => w.sequential(wrong(w.relu), w.dense(3)), TypeError, `${first} the function relu; call it: relu()`],
    [() => w.sequential(wrong(784), w.dense(3)), TypeError, `${first} number 784`],
    [() => w.sequential(wrong(null), w.dense(3)), TypeError, `${first} null`],
    [() => w.sequential(wrong(undefined)), TypeError, `${first} undefined`],
    [() => w.sequential(wrong([w.dense(3)])), TypeError, "sequential: options must be an object, got an array of 1"],
  ]);

  const core =
    (value: unknown): (() => unknown) =>
    () =>
      w.sequential({ input: 1, core: wrong(value) }, w.dense(1));
  const coreText = "sequential: core must be another model's core, got";
  refuses([
    [core("core.wasm"), TypeError, `${coreText} the string "core.wasm"`],
    [core(null), TypeError, `${coreText} null`],
    [core({}), TypeError, `${coreText} an object (Object)`],
    [async () => core(await w.sequential({ input: 1 }, w.dense(1)))(), TypeError, `${coreText} an object (Model)`],
    [() => core(w.sequential({ input: 1 }, w.dense(1)))(), TypeError, `${coreText} a promise; did you forget await?`],
  ]);
});

describe("sequential: layers", () => {
  refuses([
    [() => w.sequential({ input: 1 }), RangeError, "sequential: at least one layer is needed, got none"],
    [
      () => w.sequential({ input: 1 }, w.dense(1), wrong(null)),
      TypeError,
      "sequential: layer 2 must be a layer such as dense(10), got null",
    ],
    [
      () => w.sequential({ input: 1 }, wrong(undefined)),
      TypeError,
      "sequential: layer 1 must be a layer such as dense(10), got undefined",
    ],
    [
      () => w.sequential({ input: 1 }, w.dense(1), w.dense(2), wrong(10)),
      TypeError,
      /^sequential: layer 3 must be a layer such as dense\(10\), got .*10$/,
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(2), wrong(w.relu)),
      TypeError,
      "sequential: layer 2 must be a layer such as dense(10), got the function relu; call it: relu()",
    ],
    [
      () => w.sequential({ input: 2 }, wrong(w.sequential({ input: 1 }, w.dense(1)))),
      TypeError,
      "sequential: layer 1 must be a layer such as dense(10), got a promise; did you forget await?",
    ],
    [
      () => w.sequential({ input: 2 }, wrong([w.dense(2), w.relu()])),
      TypeError,
      "sequential: layer 1 must be a layer such as dense(10), got an array of 2",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(2), wrong(w.adam())),
      TypeError,
      "sequential: layer 2 must be a layer such as dense(10), got an object (adam)",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(2), w.relu(wrong({ name: 7 }))),
      TypeError,
      "sequential: the name of layer 2 must be a string, got number 7",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(2, { name: wrong(null) })),
      TypeError,
      "sequential: the name of layer 1 must be a string, got null",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(2, { name: wrong(["a"]) })),
      TypeError,
      "sequential: the name of layer 1 must be a string, got an array of 1",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(3, { name: "head" }), w.relu(), w.dense(1, { name: "head" })),
      RangeError,
      'sequential: two layers are called "head"; names must differ',
    ],
    [
      () => w.sequential({ input: [4, 3] }, w.reshape([2, 5])),
      RangeError,
      "reshape (layer 1): a row of 4x3 has 12 numbers, but 2x5 takes 10",
    ],
    [
      () => w.sequential({ input: 784 }, w.dense(10), w.relu(), w.reshape([28, 28], { name: "image" })),
      RangeError,
      'reshape (layer 3, "image"): a row of 10 has 10 numbers, but 28x28 takes 784',
    ],
  ]);

  test("a refused model leaves nothing in a memory that it was to share", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(3));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    trainer.step([1, 2], [1, 2, 3]);
    const { core } = model;
    for (const [call, message] of [
      [() => w.sequential({ input: 2, core }), "sequential: at least one layer is needed, got none"],
      [
        () => w.sequential({ input: 2, core }, w.dense(30), w.reshape([4])),
        "reshape (layer 2): a row of 30 has 30 numbers, but 4 takes 4",
      ],
      [
        () => w.sequential({ input: 60_000, core }, w.dense(60_000)),
        /^sequential: no room for the model's parameters; 14\.4 GB more make 14\.4 GB of WebAssembly memory, /,
      ],
    ] as const) {
      await expectRefusalWithoutTrace(trainer, call, RangeError, message);
    }
  });

  const failing: w.Initializer = {
    initializer: "failing",
    options: {},
    fill() {
      throw new RangeError("failing: no values today");
    },
  };
  for (const [name, size, layers, message] of [
    [
      "orthogonal values for a bias",
      2,
      [w.dense(3, { biasInitializer: w.orthogonal() })],
      "orthogonal: the parameter must have two axes or more, got 3",
    ],
    [
      "an initializer that throws, behind one that doesn't",
      2,
      [w.dense(300), w.relu(), w.dense(300, { kernelInitializer: failing })],
      "failing: no values today",
    ],
    [
      "80 GB of parameters",
      100,
      [w.dense(2e8)],
      "sequential: no room for the model's parameters; 80.8 GB more make 80.8 GB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set",
    ],
    [
      "more parameters than 2^53",
      2 ** 30,
      [w.dense(2 ** 30)],
      "sequential: no room for the model's parameters; 4611686.0 TB more make 4611686.0 TB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set",
    ],
    [
      "layers that together are too large",
      16_000,
      Array.from({ length: 5 }, () => w.dense(16_000)),
      "sequential: no room for the model's parameters; 5.12 GB more make 5.12 GB of WebAssembly memory, but at most 4.29 GB can be addressed. Use a smaller model, batch or data set",
    ],
  ] as const) {
    test(`${name}: refused, and nothing is left in a memory that was to be shared`, async () => {
      const model = await w.sequential({ input: 2 }, w.dense(3));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
      trainer.step([1, 2], [1, 2, 3]);
      const call = (core?: w.Model["core"]): unknown =>
        w.sequential({ input: size, ...(core ? { core } : {}) }, ...layers);
      await expectRefusal(() => call(), RangeError, message);
      await expectRefusalWithoutTrace(trainer, () => call(model.core), RangeError, message);
      trainer.step([1, 2], [1, 2, 3]);
    });
  }
});

describe("Trainer", () => {
  const parts = { loss: w.meanSquaredError(), optimizer: w.sgd() };
  const make = (options: unknown): Promise<w.Trainer> =>
    w.sequential({ input: 2 }, w.dense(2)).then((model) => new w.Trainer(model, options as w.TrainerOptions));
  const row = (options: unknown, message: string | RegExp, kind: Refusal[1] = TypeError): Refusal => [
    () => make(options),
    kind,
    message,
  ];
  const lossText = "Trainer: loss must be a loss such as softmaxCrossEntropy(), got";
  const optimizerText = "Trainer: optimizer must be an optimizer such as adam(), got";

  refuses([
    row(null, "Trainer: options must be { loss, optimizer, ... }, got null"),
    row(undefined, "Trainer: options must be { loss, optimizer, ... }, got undefined"),
    [() => new w.Trainer(wrong(null), parts), TypeError, "Trainer: the first argument must be a model, got null"],
    [
      () => new w.Trainer(wrong(parts), parts),
      TypeError,
      "Trainer: the first argument must be a model, got an object (Object)",
    ],
    [
      () => new w.Trainer(wrong(w.sequential({ input: 2 }, w.dense(2))), parts),
      TypeError,
      "Trainer: the first argument must be a model, got a promise; did you forget await?",
    ],
    [
      () => new w.Trainer(wrong(w.sequential), parts),
      TypeError,
      "Trainer: the first argument must be a model, got the function sequential; call it: sequential()",
    ],
    row({ optimizer: parts.optimizer, loss: null }, `${lossText} null`),
    row(
      { optimizer: parts.optimizer, metrics: [w.accuracy()] },
      "Trainer: metrics must be left out where there is no loss, got an array of 1",
    ),
    row({ ...parts, loss: w.mse() }, `${lossText} an object (mse)`),
    row({ ...parts, loss: w.logLoss() }, `${lossText} an object (logLoss)`),
    row(
      { ...parts, loss: w.meanSquaredError },
      `${lossText} the function meanSquaredError; call it: meanSquaredError()`,
    ),
    row({ ...parts, loss: null }, `${lossText} null`),
    row({ ...parts, optimizer: w.adam }, `${optimizerText} the function adam; call it: adam()`),
    row({ ...parts, optimizer: { learningRate: 0.1 } }, `${optimizerText} an object (Object)`),
    row(
      { ...parts, metrics: w.mae },
      "Trainer: metrics must be an array such as [accuracy()], got the function mae; call it: mae()",
    ),
    row(
      { ...parts, metrics: [w.mae] },
      "Trainer: metrics[0] must be a metric such as accuracy(), got the function mae; call it: mae()",
    ),
    row(
      { ...parts, metrics: [w.meanSquaredError()] },
      "Trainer: metrics[0] must be a metric such as accuracy(), got an object (meanSquaredError)",
    ),
    row(
      { ...parts, schedule: w.oneCycle },
      "Trainer: schedule must be a schedule such as cosineDecay({ period: 1000 }), got the function oneCycle; call it: oneCycle()",
    ),
    row([parts.loss, parts.optimizer], "Trainer: options must be an object, got an array of 2"),
    row({ ...parts, loss: "mse" }, `${lossText} the string "mse"`),
    row({ ...parts, loss: w.softmax() }, `${lossText} an object (softmax)`),
    row({ ...parts, loss: [parts.loss] }, `${lossText} an array of 1`),
    row({ loss: parts.loss }, `${optimizerText} undefined`),
    row({ ...parts, optimizer: "adam" }, `${optimizerText} the string "adam"`),
    row({ ...parts, optimizer: w.dense(2) }, `${optimizerText} an object (dense)`),
    row({ ...parts, optimizer: parts.loss }, `${optimizerText} an object (meanSquaredError)`),
    row({ ...parts, metrics: w.mae() }, "Trainer: metrics must be an array such as [accuracy()], got an object (mae)"),
    row({ ...parts, metrics: "mae" }, 'Trainer: metrics must be an array such as [accuracy()], got the string "mae"'),
    row(
      { ...parts, metrics: ["mae"] },
      'Trainer: metrics[0] must be a metric such as accuracy(), got the string "mae"',
    ),
    row({ ...parts, metrics: [w.mae(), null] }, "Trainer: metrics[1] must be a metric such as accuracy(), got null"),
    row(
      { ...parts, metrics: [w.mae(), w.mse(), w.mae()] },
      'Trainer: metrics[2] is a second "mae"; each figure can be given once',
      RangeError,
    ),
    row(
      { ...parts, schedule: 0.1 },
      "Trainer: schedule must be a schedule such as cosineDecay({ period: 1000 }), got number 0.1",
    ),
    row(
      { ...parts, schedule: w.adam() },
      "Trainer: schedule must be a schedule such as cosineDecay({ period: 1000 }), got an object (adam)",
    ),
    row(
      { ...parts, metric: [] },
      'Trainer: unknown option "metric"; did you mean "metrics"? Known: loss, optimizer, metrics, schedule',
    ),
  ]);

  test("two topKAccuracy with different k are two figures", async () => {
    const metrics = [w.topKAccuracy({ k: 2 }), w.topKAccuracy({ k: 3 })];
    const trainer = await make({ ...parts, loss: w.softmaxCrossEntropy(), metrics });
    expect(trainer.metrics.map((m) => m.name)).toEqual(["top2Accuracy", "top3Accuracy"]);
  });
});

describe("Trainer: a loss that doesn't fit the model", () => {
  const make =
    (layers: readonly w.Layer[], loss: w.Loss, input: w.Shape = [4]): (() => unknown) =>
    async () => {
      const model = await w.sequential({ input }, ...layers);
      return new w.Trainer(model, { loss, optimizer: w.sgd() });
    };
  refuses([
    [
      make([w.dense(3), w.softmax()], w.softmaxCrossEntropy()),
      RangeError,
      'Trainer: softmaxCrossEntropy contains the softmax, but the model ends with one too; leave it out (model.probabilities applies it); of a model that was read, sequential({ input }, cut(model, "dense1")) does',
    ],
    [
      make([w.dense(1), w.sigmoid()], w.binaryCrossEntropyWithLogits()),
      RangeError,
      'Trainer: binaryCrossEntropyWithLogits contains the sigmoid, but the model ends with one too; leave it out (model.probabilities applies it); of a model that was read, sequential({ input }, cut(model, "dense1")) does',
    ],
    ...[w.reshape(3), w.flatten(), w.dropout(0.5)].map((layer): Refusal => [
      make([w.dense(3), w.softmax(), layer], w.softmaxCrossEntropy()),
      RangeError,
      'Trainer: softmaxCrossEntropy contains the softmax, but the model ends with one too; leave it out (model.probabilities applies it); of a model that was read, sequential({ input }, cut(model, "dense1")) does',
    ]),
    [
      make([w.dense(4), w.sigmoid(), w.reshape([2, 2]), w.flatten()], w.binaryCrossEntropyWithLogits()),
      RangeError,
      'Trainer: binaryCrossEntropyWithLogits contains the sigmoid, but the model ends with one too; leave it out (model.probabilities applies it); of a model that was read, sequential({ input }, cut(model, "dense1")) does',
    ],
    [
      make([w.softmax()], w.softmaxCrossEntropy()),
      RangeError,
      "Trainer: softmaxCrossEntropy contains the softmax, but the model ends with one too; leave it out (model.probabilities applies it)",
    ],
    ...[w.binaryCrossEntropyWithLogits(), w.focal()].map((loss): Refusal => [
      make([w.dense(3), w.softmax()], loss),
      RangeError,
      `Trainer: ${loss.type} contains a sigmoid, but the model ends with a softmax; leave it out; of a model that was read, sequential({ input }, cut(model, "dense1")) does`,
    ]),
    ...[w.negativeLogLikelihood(), w.klDivergence()].flatMap((loss) =>
      [w.softmax(), w.sigmoid()].map((end): Refusal => [
        make([w.dense(3), end, w.flatten()], loss),
        RangeError,
        `Trainer: ${loss.type} takes log-probabilities, but the model ends with a ${end.type}, which makes probabilities; leave it out, and put logSoftmax() in its place; of a model that was read, sequential({ input }, cut(model, "dense1")) does`,
      ]),
    ),
    [
      make([w.dense(1)], w.softmaxCrossEntropy()),
      RangeError,
      "Trainer: softmaxCrossEntropy needs one output a class, 2 or more, got 1; for one yes-or-no output use binaryCrossEntropyWithLogits",
    ],
    [
      make([w.dense(3)], w.softmaxCrossEntropy(), [2, 4]),
      RangeError,
      "Trainer: softmaxCrossEntropy needs one output a class, 2 or more, got 2x3; flatten() before the last dense layer " +
        "makes one axis of several, sequenceCrossEntropy is for classes at every step",
    ],
    [
      make([w.dense(1)], w.negativeLogLikelihood()),
      RangeError,
      "Trainer: negativeLogLikelihood needs one output a class, 2 or more, got 1",
    ],
    [
      make([w.dense(3), w.logSoftmax()], w.negativeLogLikelihood(), [2, 4]),
      RangeError,
      "Trainer: negativeLogLikelihood needs one output a class, 2 or more, got 2x3; flatten() before the last dense layer " +
        "makes one axis of several, sequenceCrossEntropy is for classes at every step",
    ],
    [
      make([w.dense(3)], w.softmaxCrossEntropy({ classWeights: [1, 2] })),
      RangeError,
      "softmaxCrossEntropy: classWeights has 2 values, but the model has 3 classes",
    ],
    [
      make([w.dense(3)], w.negativeLogLikelihood({ classWeights: [1, 2, 3, 4] })),
      RangeError,
      "negativeLogLikelihood: classWeights has 4 values, but the model has 3 classes",
    ],
    ...[-1, NaN, Infinity].map((weight): Refusal => [
      make([w.dense(3)], w.softmaxCrossEntropy({ classWeights: [1, weight, 1] })),
      RangeError,
      `softmaxCrossEntropy: classWeights[1] must be 0 or more, got ${weight}`,
    ]),
    ...([w.softmaxCrossEntropy, w.negativeLogLikelihood] as const).flatMap((loss): Refusal[] => {
      const weighted = (classWeights: unknown): (() => unknown) =>
        make([w.dense(3)], loss({ classWeights: wrong(classWeights) }));
      const numbers = `${loss.name}: classWeights must be an array of numbers, got`;
      return [
        [weighted([0, 0, 0]), RangeError, `${loss.name}: classWeights must not all be 0`],
        [weighted({ 0: 1, 1: 2, 2: 3 }), TypeError, `${numbers} an object (Object)`],
        [weighted("123"), TypeError, `${numbers} the string "123"`],
        [weighted(3), TypeError, `${numbers} number 3`],
        [weighted(null), TypeError, `${numbers} null`],
        [weighted([1, "2", 3]), TypeError, `${loss.name}: classWeights[1] must be a number, got the string "2"`],
        [
          weighted([1, 1e39, 1]),
          RangeError,
          `${loss.name}: classWeights[1] must be 0 or more as a float32 from 1.1754944e-38 to 3.4028235e38, got 1e+39`,
        ],
        [weighted([0, 1e-60, 0]), RangeError, `${loss.name}: classWeights must not all be 0`], // as float32
        [weighted([1, 2, null]), TypeError, `${loss.name}: classWeights[2] must be a number, got null`],
      ];
    }),
  ]);

  test("a softmax or sigmoid further inside, or behind other losses, is no double", async () => {
    await make([w.dense(3), w.softmax(), w.dense(3)], w.softmaxCrossEntropy())();
    await make([w.dense(3), w.softmax(), w.flatten()], w.meanSquaredError())();
    await make([w.dense(3), w.sigmoid(), w.reshape(3)], w.softmaxCrossEntropy())();
    await make([w.reshape([2, 2]), w.flatten()], w.softmaxCrossEntropy())();
  });
});

describe("a metric that doesn't fit model or targets", () => {
  /** Every way to use the metric is refused, each in its own name. */
  const row = (outputs: w.Shape, loss: w.Loss, metric: w.Metric, y: w.Target, message: string): Refusal => [
    async () => {
      const model = await w.sequential({ input: outputs }, w.reshape(outputs));
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [metric] });
      expect(loss.target, "what no data can make right is refused by the trainer").toBe("either");
      const x = new Float32Array(sizeOf(outputs));
      await expectRefusal(() => trainer.step(x, y), RangeError, `step: ${message}`);
      await expectRefusal(() => w.trace(trainer, x, y), RangeError, `trace: ${message}`);
      await expectRefusal(() => w.gradCheck(trainer, x, y), RangeError, `gradCheck: ${message}`);
      await expectRefusal(() => trainer.evaluate({ x, y }), RangeError, `evaluate: ${message}`);
      return trainer.fit({ x, y });
    },
    RangeError,
    `fit: ${message}`,
  ];
  refuses(
    (["mae", "mse", "rmse", "r2"] as const).map((name): Refusal => {
      const message = `${name} compares numbers, but the targets are labels; use accuracy`;
      return row([3], w.softmaxCrossEntropy(), w[name](), [1], message);
    }),
  );
});
