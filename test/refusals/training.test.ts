// Options of fit, evaluate, step and gradCheck that can't be used.
import { beforeAll, describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal, expectRefusalWithoutTrace, type Refusal } from "../support/refusals.ts";

/** Something of a wrong type, as plain JavaScript could give it. */
const wrong = <T>(value: unknown): T => value as T;

const DATA = { x: [1, 2, 3, 4, 5], y: [1, 0, 2, 1, 3] };

async function make(options: Partial<w.TrainerOptions> = {}): Promise<w.Trainer> {
  const model = await w.sequential({ input: 1, seed: 1 }, w.dense(2), w.tanh(), w.dense(1));
  return new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam(), ...options });
}

describe("nothing is changed by", () => {
  let trainer: w.Trainer;
  beforeAll(async () => {
    trainer = await make();
    await trainer.fit(DATA, { validationSplit: 0.2 });
    trainer.step(DATA.x, DATA.y);
    w.trace(trainer, DATA.x, DATA.y);
  });

  const known =
    "Known: epochs, batchSize, shuffle, dropLast, accumulate, group, validationData, validationSplit, map, callbacks, resumeFrom, signal, worker, progress, yieldEvery, warnings, onWarning";
  const fit =
    (options: object): (() => unknown) =>
    () =>
      trainer.fit(DATA, options);
  const rows: Refusal[] = [
    ...(["epochs", "batchSize", "accumulate"] as const).flatMap((option) =>
      [0, -1, 1.5, NaN, Infinity].map((value): Refusal => [
        fit({ [option]: value }),
        RangeError,
        `fit: ${option} must be a whole number of 1 or more, got ${value}`,
      ]),
    ),
    ...[1, -0.1, 1.5, NaN].map((validationSplit): Refusal => [
      fit({ validationSplit }),
      RangeError,
      `fit: validationSplit must be from 0 up to but not including 1, got ${validationSplit}`,
    ]),
    [
      fit({ validationSplit: 0.5, validationData: DATA }),
      RangeError,
      "fit: validationData and validationSplit can't both be used",
    ],
    [
      fit({ dropLast: true, batchSize: 6 }),
      RangeError,
      "fit: dropLast leaves no batch; there are 5 rows, and batchSize is 6",
    ],
    [
      fit({ dropLast: true, batchSize: 5, validationSplit: 0.2 }),
      RangeError,
      "fit: dropLast leaves no batch; there are 4 rows, and batchSize is 5",
    ],
    [fit({ epoch: 3 }), TypeError, `fit: unknown option "epoch"; did you mean "epochs"? ${known}`],
    [fit({ batch_size: 3 }), TypeError, `fit: unknown option "batch_size"; did you mean "batchSize"? ${known}`],
    [
      fit({ validation_data: 3 }),
      TypeError,
      `fit: unknown option "validation_data"; did you mean "validationData"? ${known}`,
    ],
    [fit({ verbose: 1 }), TypeError, `fit: unknown option "verbose"; did you mean "progress"? ${known}`],
    [() => trainer.fit(wrong(null)), TypeError, "fit: the data must be { x, y }, got null"],
    [() => trainer.fit(wrong(undefined)), TypeError, "fit: the data must be { x, y }, got undefined"],
    [() => trainer.fit(wrong({ x: [1] })), TypeError, "fit: the data must be { x, y }, got an object (Object)"],
    [
      () => trainer.fit(wrong([[1], [2]])),
      TypeError,
      "fit: the data must be { x, y }, one object: fit({ x, y }, options), got an array of 2",
    ],
    [fit({ validationSplit: 0.1 }), RangeError, "fit: validationSplit 0.1 of 5 rows leaves none to measure with"],
    [fit({ validationSplit: 1e-9 }), RangeError, "fit: validationSplit 1e-9 of 5 rows leaves none to measure with"],
    ...(
      [
        [null, "null"],
        [{}, "an object (Object)"],
        [w.earlyStopping(), "an object (Object)"],
        [w.earlyStopping, "the function earlyStopping; call it: earlyStopping()"],
        ["earlyStopping", 'the string "earlyStopping"'],
      ] as const
    ).map(([callbacks, given]): Refusal => [
      fit({ callbacks }),
      TypeError,
      `fit: callbacks must be an array such as [earlyStopping()], got ${given}`,
    ]),
    ...(
      [
        [null, "null"],
        [w.earlyStopping, "the function earlyStopping; call it: earlyStopping()"],
        ["earlyStopping", 'the string "earlyStopping"'],
      ] as const
    ).map(([callback, given]): Refusal => [
      fit({ callbacks: [w.earlyStopping(), callback] }),
      TypeError,
      `fit: callbacks[1] must be an object such as earlyStopping(), got ${given}`,
    ]),
    ...[w.reduceOnPlateau(), w.accuracy(), { onEpochEnds() {} }].map((callback): Refusal => [
      fit({ callbacks: [callback] }),
      TypeError,
      "fit: callbacks[0] has none of onTrainBegin, onEpochBegin, onBatchBegin, onBatchEnd, onEpochEnd, onTrainEnd; " +
        "schedules and metrics go to new Trainer: { schedule, metrics }",
    ]),
    [
      fit({ callbacks: [{ onEpochEnd() {}, onEpochStart() {} }] }),
      RangeError,
      "fit: callbacks[0]: the name of a hook must be one of onTrainBegin, onEpochBegin, onBatchBegin, onBatchEnd, onEpochEnd, " +
        'onTrainEnd, got "onEpochStart"',
    ],
    ...(
      [
        [null, "null"],
        [true, "boolean true"],
        [new AbortController(), "an object (AbortController)"],
      ] as const
    ).map(([signal, given]): Refusal => [
      fit({ signal }),
      TypeError,
      `fit: signal must be an AbortSignal, got ${given}`,
    ]),
    [fit({ epochs: "3" }), TypeError, 'fit: epochs must be a whole number of 1 or more, got "3"'],
    [fit({ batchSize: null }), TypeError, "fit: batchSize must be a whole number of 1 or more, got null"],
    [
      fit({ validationSplit: "0.2" }),
      TypeError,
      'fit: validationSplit must be from 0 up to but not including 1, got "0.2"',
    ],
    ...[null, 3, [1]].flatMap((options): Refusal[] => {
      const given = options === null ? "null" : options === 3 ? "number 3" : "an array of 1";
      return [
        [() => trainer.fit(DATA, wrong(options)), TypeError, `fit: options must be an object, got ${given}`],
        [() => trainer.evaluate(DATA, wrong(options)), TypeError, `evaluate: options must be an object, got ${given}`],
        [
          () => trainer.step(DATA.x, DATA.y, wrong(options)),
          TypeError,
          `step: options must be an object, got ${given}`,
        ],
        [
          () => w.trace(trainer, DATA.x, DATA.y, wrong(options)),
          TypeError,
          `trace: options must be an object, got ${given}`,
        ],
        [
          () => w.gradCheck(trainer, DATA.x, DATA.y, wrong(options)),
          TypeError,
          `gradCheck: options must be an object, got ${given}`,
        ],
      ];
    }),
    [
      () => trainer.evaluate(DATA, { batchSize: wrong("3") }),
      TypeError,
      'evaluate: batchSize must be a whole number of 1 or more, got "3"',
    ],
    [
      () => w.trace(trainer, DATA.x, DATA.y, wrong({ sampleWeight: [1, 2] })),
      TypeError,
      'trace: unknown option "sampleWeight"; did you mean "sampleWeights"? Known: sampleWeights, update',
    ],
    [
      () => w.gradCheck(trainer, DATA.x, DATA.y, { tolerance: wrong("0.1") }),
      TypeError,
      'gradCheck: tolerance must be above 0, got "0.1"',
    ],
    [
      fit({ validationData: [1, 2] }),
      TypeError,
      "fit: validationData: the data must be { x, y }, one object: fit({ x, y }, options), got an array of 2",
    ],
    [() => trainer.evaluate(wrong("data")), TypeError, 'evaluate: the data must be { x, y }, got the string "data"'],
    ...[0, 2.5, NaN].map((batchSize): Refusal => [
      () => trainer.evaluate(DATA, { batchSize }),
      RangeError,
      `evaluate: batchSize must be a whole number of 1 or more, got ${batchSize}`,
    ]),
    [
      () => trainer.evaluate(DATA, wrong({ batch: 3 })),
      TypeError,
      'evaluate: unknown option "batch"; did you mean "batchSize"? Known: batchSize, yieldEvery, group',
    ],
    [
      () => trainer.step(DATA.x, DATA.y, wrong({ sampleWeight: [1, 2] })),
      TypeError,
      'step: unknown option "sampleWeight"; did you mean "sampleWeights"? Known: sampleWeights',
    ],
    ...[0, -1, NaN].map((tolerance): Refusal => [
      () => w.gradCheck(trainer, DATA.x, DATA.y, { tolerance }),
      RangeError,
      `gradCheck: tolerance must be above 0, got ${tolerance}`,
    ]),
    [
      () => w.gradCheck(trainer, DATA.x, DATA.y, { limit: 0 }),
      RangeError,
      "gradCheck: limit must be a whole number of 1 or more, got 0",
    ],
    [
      () => w.gradCheck(trainer, DATA.x, DATA.y, { offenders: -1 }),
      RangeError,
      "gradCheck: offenders must be a whole number of 0 or more, got -1",
    ],
    [
      () => w.gradCheck(trainer, DATA.x, DATA.y, wrong({ epsilon: 1 })),
      TypeError,
      'gradCheck: unknown option "epsilon". Known: tolerance, limit, offenders, values',
    ],
    [
      () => w.trace(trainer, DATA.x, DATA.y).get("Z3"),
      Error,
      'trace: there is no tensor "Z3"; there are Z1, a1, Z2, loss, dZ2, dw2, db2, da1, dZ1, dw1, db1, and given x, y, w1, b1, w2, b2',
    ],
  ];
  for (const row of rows) test(String(row[2]), () => expectRefusalWithoutTrace(trainer, ...row));

  // the parameters' own messages
  for (const [values, message] of [
    [[1], "dense1.weight: 1x2 has 2 values, but 1 were given"],
    [[1, 2, 3], "dense1.weight: 1x2 has 2 values, but 3 were given"],
    [[1, NaN], "dense1.weight: value 1 must be a finite number, got NaN"],
    [[-Infinity, 1], "dense1.weight: value 0 must be a finite number, got -Infinity"],
    [[1e39, 1], "dense1.weight: value 0 must be a finite number, got 1e+39"],
  ] as const) {
    test(message, async () => {
      const [weight] = trainer.model.parameters();
      await expectRefusalWithoutTrace(trainer, () => weight!.set(wrong(values)), RangeError, message);
    });
  }
});

describe("the values of a parameter", () => {
  let trainer: w.Trainer;
  beforeAll(async () => void (trainer = await make()));
  for (const [values, given] of [
    [null, "null"],
    [undefined, "undefined"],
    [3, "number 3"],
    ["12", 'the string "12"'],
    [{ length: 2, 0: 1, 1: 2 }, "an object (Object)"],
    [new DataView(new ArrayBuffer(8)), "a DataView of 8"],
  ] as const) {
    test(`must be an array, not ${given}`, async () => {
      const [weight] = trainer.model.parameters();
      const message = `dense1.weight: the values must be an array of numbers, got ${given}`;
      await expectRefusalWithoutTrace(trainer, () => weight!.set(wrong(values)), TypeError, message);
    });
  }

  test("must be numbers, one by one", async () => {
    const [weight] = trainer.model.parameters();
    const message = 'dense1.weight: the values[1] must be a number, got the string "2"';
    await expectRefusalWithoutTrace(trainer, () => weight!.set(wrong([1, "2"])), TypeError, message);
  });
});

describe("validation data that a metric can't measure", () => {
  const x = [
    [1, 2],
    [3, 4],
  ];
  const oneHot = [
    [1, 0, 0],
    [0, 0, 1],
  ];

  test("is refused in its own name, before anything is trained", async () => {
    const model = await w.sequential({ input: 2, seed: 1 }, w.dense(3));
    const options = { loss: w.softmaxCrossEntropy(), optimizer: w.adam(), metrics: [w.mae()] };
    const trainer = new w.Trainer(model, options);
    await trainer.fit({ x, y: oneHot }, { validationData: { x, y: oneHot } });
    await expectRefusalWithoutTrace(
      trainer,
      () => trainer.fit({ x, y: oneHot }, { validationData: { x, y: [0, 2] } }),
      RangeError,
      "fit: validationData: mae compares numbers, but the targets are labels; use accuracy",
    );
    await expectRefusalWithoutTrace(
      trainer,
      () => trainer.fit({ x, y: [0, 2] }, { validationData: { x, y: oneHot } }),
      RangeError,
      "fit: mae compares numbers, but the targets are labels; use accuracy",
    );
  });
});

describe("a figure that isn't there", () => {
  test("for a schedule that watches it: after the first epoch", async () => {
    const trainer = await make({ schedule: w.reduceOnPlateau({ monitor: "validationLoss" }), metrics: [w.mae()] });
    await expectRefusal(
      () => trainer.fit(DATA, { epochs: 2 }),
      Error,
      'reduceOnPlateau: there is no figure "validationLoss" to monitor; the history has loss, mae',
    );
  });
});

describe("too large for the memory", () => {
  const rows = 400_000;
  const x = new Float32Array(rows);
  const batchSize = rows;
  for (const [name, call] of [
    ["step", (t) => t.step(x, x)],
    ["fit", (t) => t.fit({ x, y: x }, { batchSize })],
    ["evaluate", (t) => t.evaluate({ x, y: x }, { batchSize })],
    ["trace", (t) => w.trace(t, x, x)],
    ["gradCheck", (t) => w.gradCheck(t, x, x)],
    ["forward", (t) => t.model.forward(x)],
  ] as const satisfies readonly (readonly [string, (trainer: w.Trainer) => unknown])[]) {
    test(`a batch for ${name}: with the bytes, and the trainer goes on`, async () => {
      const model = await w.sequential({ input: 1 }, w.dense(3000), w.dense(1));
      const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
      trainer.step([1], [1]);
      const { used } = model.core.arena;
      await expectRefusal(
        () => call(trainer),
        RangeError,
        new RegExp(
          `^${name}: no room for the activations; \\d\\.\\d\\d GB more make \\d\\.\\d\\d GB of WebAssembly memory, ` +
            "but at most 4\\.29 GB can be addressed\\. Use a smaller model, batch or data set$",
        ),
      );
      trainer.step([1], [1]);
      expect(model.core.arena.used).toBe(used);
    });
  }
});
