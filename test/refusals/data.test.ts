// Data that can't be used: refused by every function that takes it, in its name, before anything is changed.
import { beforeAll, describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import { expectRefusal, expectRefusalWithoutTrace, type Refusal } from "../support/refusals.ts";

/** Something of a wrong type, as plain JavaScript could give it. */
const wrong = <T>(value: unknown): T => value as T;

const X = [
  [1, 2],
  [3, 4],
];
const Y = [
  [1, 0, 2],
  [0, 1, 2],
];

/** A trainer that has used every function once, so that it has all the memory it needs. */
async function warm(loss: w.Loss, y: w.Target, outputs = 3): Promise<w.Trainer> {
  const model = await w.sequential({ input: 2, seed: 1 }, w.dense(outputs), w.dropout(0.5), w.hardSigmoid());
  const trainer = new w.Trainer(model, { loss, optimizer: w.adam() });
  trainer.step(X, y);
  await trainer.fit({ x: X, y });
  await trainer.evaluate({ x: X, y });
  w.trace(trainer, X, y);
  model.predict(X);
  model.probabilities(X);
  model.backward(model.forward(X));
  return trainer;
}

/** Everything that takes x, and the name it answers with. */
const TAKES_X: Readonly<Record<string, readonly [string, (trainer: w.Trainer, x: w.Input, y: w.Target) => unknown]>> = {
  fit: ["fit", (t, x, y) => t.fit({ x, y })],
  "fit with a data set": ["fit", (t, x, y) => t.fit(w.dataset({ x, y }))],
  "fit's validationData": ["fit: validationData", (t, x, y) => t.fit({ x: X, y }, { validationData: { x, y } })],
  evaluate: ["evaluate", (t, x, y) => t.evaluate({ x, y })],
  step: ["step", (t, x, y) => t.step(x, y)],
  trace: ["trace", (t, x, y) => w.trace(t, x, y)],
  gradCheck: ["gradCheck", (t, x, y) => w.gradCheck(t, x, y)],
  predict: ["predict", (t, x) => t.model.predict(x)],
  probabilities: ["probabilities", (t, x) => t.model.probabilities(x)],
  classify: ["classify", (t, x) => t.model.classify(x)],
  forward: ["forward", (t, x) => t.model.forward(x)],
};
const TAKES_Y = Object.entries(TAKES_X).slice(0, 7);

type Case = readonly [value: unknown, kind: Refusal[1], message: string];

describe("x", () => {
  let trainer: w.Trainer;
  beforeAll(async () => void (trainer = await warm(w.meanSquaredError(), Y)));

  const arrays = "x must be an array, a typed array or samples, got";
  const multiple = "the length must be a multiple of it";
  const CASES: readonly Case[] = [
    [null, TypeError, `${arrays} null`],
    [undefined, TypeError, `${arrays} undefined`],
    ["1, 2", TypeError, `${arrays} the string "1, 2"`],
    [3, TypeError, `${arrays} number 3`],
    [{ 0: 1, 1: 2 }, TypeError, `${arrays} an object (Object)`],
    [new Map(), TypeError, `${arrays} an object (Map)`],
    [new ArrayBuffer(8), TypeError, `${arrays} an object (ArrayBuffer)`],
    [BigInt64Array.of(1n, 2n), TypeError, "x must hold numbers, got a BigInt64Array"],
    [BigUint64Array.of(1n, 2n), TypeError, "x must hold numbers, got a BigUint64Array"],
    [new DataView(new ArrayBuffer(8)), TypeError, "x must hold numbers, got a DataView"],
    [[], RangeError, "x is empty; at least one row is needed"],
    [new Float32Array(0), RangeError, "x is empty; at least one row is needed"],
    [[[]], RangeError, "x[0] has 0 values, but 2 are needed (rows have shape 2)"],
    [[1, 2, 3], RangeError, `x has 3 numbers, but a row takes 2 (2); ${multiple}`],
    [new Float32Array(5), RangeError, `x has 5 numbers, but a row takes 2 (2); ${multiple}`],
    [[[1, 2], [3]], RangeError, "x[1] has 1 values, but 2 are needed (rows have shape 2)"],
    [
      [
        [1, 2],
        [3, 4, 5],
      ],
      RangeError,
      "x[1] has 3 values, but 2 are needed (rows have shape 2)",
    ],
    [[[1, 2], Float32Array.of(3)], RangeError, "x[1] has 1 values, but 2 are needed (rows have shape 2)"],
    [[[1, 2], 3], TypeError, "x[1] must be an array of 2 (rows have shape 2), got number 3"],
    [[[1, 2], null], TypeError, "x[1] must be an array of 2 (rows have shape 2), got null"],
    [[1, [2]], TypeError, "x[1] must be a number, got an array of 1"],
    [[[[1], [2]]], TypeError, "x[0][0] must be a number, got an array of 1"],
    [[["1", 2]], TypeError, 'x[0][0] must be a number, got the string "1"'],
    [["1", "2"], TypeError, 'x[0] must be a number, got the string "1"'],
    [[[1, null]], TypeError, "x[0][1] must be a number, got null"],
    [[[1, undefined]], TypeError, "x[0][1] must be a number, got undefined"],
    [[[1, true]], TypeError, "x[0][1] must be a number, got boolean true"],
    [[[1, 2n]], TypeError, "x[0][1] must be a number, got bigint 2"],
    [[[1, {}]], TypeError, "x[0][1] must be a number, got an object (Object)"],
    [w.samples(new Float32Array(6), 3), RangeError, "a row of x has shape 3 (3 numbers), but the model takes 2 (2)"],
    [
      [
        [1, 2],
        [3, NaN],
      ],
      RangeError,
      "x must hold finite numbers, but row 1, column 1 is NaN",
    ],
    [
      [
        [Infinity, 2],
        [3, NaN],
      ],
      RangeError,
      "x must hold finite numbers, but row 0, column 0 is Infinity",
    ],
    [Float32Array.of(1, 2, -Infinity, 4), RangeError, "x must hold finite numbers, but row 1, column 0 is -Infinity"],
    [Float64Array.of(1, 2, 3, NaN), RangeError, "x must hold finite numbers, but row 1, column 1 is NaN"],
    [w.samples(Float32Array.of(1, NaN, 3, 4), 2), RangeError, "x must hold finite numbers, but row 0, column 1 is NaN"],
    [
      [
        [1, 2],
        [3, 1e39],
      ],
      RangeError,
      "x[1][1] is 1e+39, too large for float32",
    ],
    [[1, 2, -1e39, 4], RangeError, "x[2] is -1e+39, too large for float32"],
    [
      Float64Array.of(1, 2, 3, 1e39),
      RangeError,
      "x must hold finite numbers, but row 1, column 1 is 1e+39, too large for float32",
    ],
    [
      w.samples(Float32Array.of(1, 2, 2 ** 120, 4), 2, { scale: 256 }),
      RangeError,
      `x must hold finite numbers, but row 1, column 0 is ${2 ** 120} times the scale 256, too large for float32`,
    ],
    [Promise.resolve(X), TypeError, `${arrays} a promise; did you forget await?`],
    [w.dataset, TypeError, `${arrays} the function dataset; call it: dataset()`],
  ];

  for (const [value, kind, message] of CASES) {
    test(message, async () => {
      for (const [where, call] of Object.values(TAKES_X)) {
        await expectRefusalWithoutTrace(trainer, () => call(trainer, wrong(value), Y), kind, `${where}: ${message}`);
      }
    });
  }

  test("afterwards everything works as before", async () => {
    const fresh = await warm(w.meanSquaredError(), Y);
    expect(trainer.model.fingerprint()).toBe(fresh.model.fingerprint());
    expect(trainer.model.predict(X)).toEqual(fresh.model.predict(X));
    expect(trainer.step(X, Y)).toEqual(fresh.step(X, Y));
    expect(trainer.model.fingerprint()).toBe(fresh.model.fingerprint());
  });

  test("numbers are found anywhere, in the shape's own words", async () => {
    const model = await w.sequential({ input: [1, 2, 2] }, w.flatten(), w.dense(1));
    const deep = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    model.predict(new Float32Array(400));
    const rows = Float32Array.from({ length: 400 }, (_, i) => i);
    rows[371] = NaN; // row 92, column 3
    for (const [value, kind, message] of [
      [[[1, 2, 3, 4]], RangeError, "predict: x[0] has 4 values, but 1 are needed (rows have shape 1x2x2)"],
      [[[[[1, 2]]]], RangeError, "predict: x[0][0] has 1 values, but 2 are needed (rows have shape 1x2x2)"],
      [[[[[1, 2], [3]]]], RangeError, "predict: x[0][0][1] has 1 values, but 2 are needed (rows have shape 1x2x2)"],
      [[[[[1, 2], 3]]], TypeError, "predict: x[0][0][1] must be an array of 2 (rows have shape 1x2x2), got number 3"],
      [
        new Float32Array(6),
        RangeError,
        "predict: x has 6 numbers, but a row takes 4 (1x2x2); the length must be a multiple of it",
      ],
      [rows, RangeError, "predict: x must hold finite numbers, but row 92, column 3 is NaN"],
    ] as const) {
      await expectRefusalWithoutTrace(deep, () => model.predict(wrong(value)), kind, message);
    }
  });
});

describe("dy", () => {
  let trainer: w.Trainer;
  beforeAll(async () => void (trainer = await warm(w.meanSquaredError(), Y)));

  for (const [value, kind, message] of [
    [null, TypeError, "dy must be an array, a typed array or samples, got null"],
    [[1, 2, 3, 4], RangeError, "dy has 4 numbers, but a row takes 3 (3); the length must be a multiple of it"],
    [[[1, 2, 3]], RangeError, "dy has 1 rows, but forward had 2"],
    [new Float32Array(9), RangeError, "dy has 3 rows, but forward had 2"],
    [
      [
        [1, 2, 3],
        [4, 5, NaN],
      ],
      RangeError,
      "dy must hold finite numbers, but row 1, column 2 is NaN",
    ],
    [
      [
        [1, 2, 3],
        [4, 5],
      ],
      RangeError,
      "dy[1] has 2 values, but 3 are needed (rows have shape 3)",
    ],
  ] as const) {
    test(message, () =>
      expectRefusalWithoutTrace(trainer, () => trainer.model.backward(wrong(value)), kind, `backward: ${message}`),
    );
  }

  test("backward before forward", async () => {
    const model = await w.sequential({ input: 2 }, w.dense(1));
    const fresh = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const call = (): unknown => model.backward([[1]]);
    await expectRefusalWithoutTrace(fresh, call, Error, "backward: call forward(x) first; its activations are needed");
  });
});

describe("backward after a forward that was refused", () => {
  const missing = "backward: call forward(x) first; its activations are needed";
  const make = (): Promise<w.Model> => w.sequential({ input: 2, seed: 1 }, w.dense(3), w.tanh(), w.dense(1));

  for (const [name, x, message] of [
    ["of as many rows", [1, NaN], "forward: x must hold finite numbers, but row 0, column 1 is NaN"],
    ["of fewer rows", [1, Infinity], "forward: x must hold finite numbers, but row 0, column 1 is Infinity"],
    ["of more rows", new Float32Array(8).fill(NaN), "forward: x must hold finite numbers, but row 0, column 0 is NaN"],
  ] as const) {
    test(`${name}: it asks for another one, which works`, async () => {
      const [model, calm] = [await make(), await make()];
      const good = name === "of as many rows" ? [[1, 2]] : X;
      model.forward(good);
      await expectRefusal(() => model.forward(wrong(x)), RangeError, message);
      await expectRefusal(() => model.backward([[1]]), Error, missing);
      expect(model.parameters().every((p) => p.gradient().every((g) => g === 0))).toBe(true);
      expect(model.forward(X)).toEqual(calm.forward(X));
      expect(model.backward([1, 2])).toEqual(calm.backward([1, 2]));
      expect(model.parameters().map((p) => p.gradient())).toEqual(calm.parameters().map((p) => p.gradient()));
    });
  }

  test("of another shape: nothing was written over, so the forward before counts", async () => {
    const [model, calm] = [await make(), await make()];
    for (const one of [model, calm]) one.forward(X);
    await expectRefusal(
      () => model.forward([1, 2, 3]),
      RangeError,
      "forward: x has 3 numbers, but a row takes 2 (2); the length must be a multiple of it",
    );
    expect(model.backward([1, 2])).toEqual(calm.backward([1, 2]));
  });
});

describe("the data's keys", () => {
  let trainer: w.Trainer;
  beforeAll(async () => void (trainer = await warm(w.meanSquaredError(), Y)));

  const known = "Known: x, y, sampleWeights";
  const TAKES_DATA: Readonly<Record<string, (data: w.TrainingData) => unknown>> = {
    fit: (data) => trainer.fit(data),
    "fit: validationData": (validationData) => trainer.fit({ x: X, y: Y }, { validationData }),
    evaluate: (data) => trainer.evaluate(data),
    dataset: (data) => w.dataset(wrong(data)),
  };
  for (const [data, message] of [
    [{ x: X, y: Y, sampleWeight: [1, 2] }, `unknown option "sampleWeight"; did you mean "sampleWeights"? ${known}`],
    [{ x: X, y: Y, sample_weights: [1, 2] }, `unknown option "sample_weights"; did you mean "sampleWeights"? ${known}`],
    [{ x: X, y: Y, batchSize: 3 }, `unknown option "batchSize". ${known}`],
    [null, "the data must be { x, y }, got null"],
    [undefined, "the data must be { x, y }, got undefined"],
    [{ x: X }, "the data must be { x, y }, got an object (Object)"],
    [{ y: Y }, "the data must be { x, y }, got an object (Object)"],
    [[X, Y], "the data must be { x, y }, one object: fit({ x, y }, options), got an array of 2"],
    [Promise.resolve({ x: X, y: Y }), "the data must be { x, y }, got a promise; did you forget await?"],
  ] as const) {
    test(message, async () => {
      for (const [where, take] of Object.entries(TAKES_DATA)) {
        // no validation data at all is none
        if ((data === null || data === undefined) && where === "fit: validationData") continue;
        await expectRefusalWithoutTrace(
          trainer,
          () => take(wrong(data)),
          TypeError,
          `${where}: ${where === "evaluate" ? message.replace("fit(", "evaluate(") : message}`,
        );
      }
    });
  }
});

describe("y", () => {
  /** Cases for a loss, tried in every function that takes targets. */
  function targets(loss: w.Loss, good: w.Target, outputs: number, cases: readonly Case[]): void {
    describe(`for ${loss.type}`, () => {
      let trainer: w.Trainer;
      beforeAll(async () => void (trainer = await warm(loss, good, outputs)));
      for (const [value, kind, message] of cases) {
        test(message, async () => {
          for (const [name, [where, call]] of TAKES_Y) {
            if (name === "fit's validationData") continue;
            await expectRefusalWithoutTrace(
              trainer,
              () => call(trainer, X, wrong(value)),
              kind,
              `${where}: ${message}`,
            );
          }
          const validationData = { x: X, y: wrong<w.Target>(value) };
          const call = (): unknown => trainer.fit({ x: X, y: good }, { validationData });
          await expectRefusalWithoutTrace(trainer, call, kind, `fit: validationData: ${message}`);
        });
      }
    });
  }

  const outOf = (rule: string, at: string, value: string): string => `${rule}, but y at ${at} is ${value}`;

  targets(w.meanSquaredError(), Y, 3, [
    [null, TypeError, "y must be an array, a typed array or samples, got null"],
    ["yes", TypeError, 'y must be an array, a typed array or samples, got the string "yes"'],
    [[], RangeError, "y is empty; at least one row is needed"],
    [[[1, 2, 3]], RangeError, "x has 2 rows, but y has 1; each row of x needs one of y"],
    [new Float32Array(9), RangeError, "x has 2 rows, but y has 3; each row of x needs one of y"],
    [[1, 2], RangeError, "y has 2 numbers, but a row takes 3 (3); the length must be a multiple of it"],
    [
      [
        [1, 2, 3],
        [4, 5],
      ],
      RangeError,
      "y[1] has 2 values, but 3 are needed (rows have shape 3)",
    ],
    [
      [
        ["a", 2, 3],
        [4, 5, 6],
      ],
      TypeError,
      'y[0][0] must be a number, got the string "a"; labelEncoder of wasmgrad/datasets makes labels of strings',
    ],
    [w.samples(new Float32Array(4), 2), RangeError, "a row of y has shape 2 (2 numbers), but the model takes 3 (3)"],
    [
      [
        [1, 2, 3],
        [4, NaN, 6],
      ],
      RangeError,
      outOf("meanSquaredError needs targets that are finite", "row 1, column 1", "NaN"),
    ],
    [
      [
        [1, 2, -Infinity],
        [4, 5, 6],
      ],
      RangeError,
      outOf("meanSquaredError needs targets that are finite", "row 0, column 2", "-Infinity"),
    ],
    [
      [
        [1, 2, 3],
        [4, -1e39, 6],
      ],
      RangeError,
      "y[1][1] is -1e+39, too large for float32",
    ],
    [[1, 2, 3, 4, 5, 1e39], RangeError, "y[5] is 1e+39, too large for float32"],
  ]);

  const labelRule = "labels must be whole numbers from 0 to 2 (the model has 3 outputs), but";
  for (const loss of [w.softmaxCrossEntropy(), w.negativeLogLikelihood()]) {
    targets(loss, [0, 2], 3, [
      [[0, 3], RangeError, `${labelRule} y[1] is 3`],
      [[-1, 0], RangeError, `${labelRule} y[0] is -1`],
      [Int32Array.of(0, -7), RangeError, `${labelRule} y[1] is -7`],
      [Uint8Array.of(0, 255), RangeError, `${labelRule} y[1] is 255`],
      [[0.5, 1], RangeError, `${labelRule} y[0] is 0.5`],
      [[0, NaN], RangeError, `${labelRule} y[1] is NaN`],
      [[[0], [9]], RangeError, `${labelRule} y[1] is 9`],
      [w.samples(Uint8Array.of(0, 4), 1, { scale: 2 }), RangeError, `${labelRule} y[1] is 8`],
      [w.samples(Uint8Array.of(3, 2), 1, { scale: 0.5 }), RangeError, `${labelRule} y[0] is 1.5`],
      [
        ["0", 1],
        TypeError,
        'y[0] must be a number, got the string "0"; labelEncoder of wasmgrad/datasets makes labels of strings',
      ],
      [null, TypeError, "y must be an array, a typed array or samples, got null"],
    ]);
  }
  targets(w.negativeLogLikelihood(), [0, 2], 3, [
    [[0, 1, 2], RangeError, "x has 2 rows, but y has 3; each row of x needs one of y"],
    [
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      RangeError,
      "y[0] has 3 values, but 1 are needed (rows have shape 1)",
    ],
  ]);
  targets(w.softmaxCrossEntropy(), [0, 2], 3, [
    [
      [
        [1, 0],
        [0, 1],
      ],
      RangeError,
      "y[0] has 2 values, but 3 are needed (rows have shape 3)",
    ],
    [[[1, 0, 0]], RangeError, "x has 2 rows, but y has 1; each row of x needs one of y"],
    [
      [
        [1, 0, 0],
        [0, NaN, 0],
      ],
      RangeError,
      outOf(
        "softmaxCrossEntropy needs targets that are labels, or probabilities from 0 to 1",
        "row 1, column 1",
        "NaN",
      ),
    ],
  ]);

  for (const [loss, rule, bad] of [
    [w.binaryCrossEntropy(), "from 0 to 1", [1.5, -0.1, NaN]],
    [w.binaryCrossEntropyWithLogits(), "from 0 to 1", [2, -1, Infinity]],
    [w.klDivergence(), "from 0 to 1", [1.25, -1, NaN]],
    [w.hinge(), "1 or -1", [0, 0.5, 2, NaN]],
  ] as const) {
    targets(
      loss,
      [
        [1, 1],
        [1, 1],
      ],
      2,
      bad.map((value): Case => [
        [
          [1, 1],
          [1, value],
        ],
        RangeError,
        outOf(`${loss.type} needs targets that are ${rule}`, "row 1, column 1", String(Math.fround(value))),
      ]),
    );
  }
});

describe("sampleWeights", () => {
  let trainer: w.Trainer;
  const takes: Readonly<Record<string, (weights: ArrayLike<number>) => unknown>> = {
    fit: (sampleWeights) => trainer.fit({ x: X, y: Y, sampleWeights }),
    evaluate: (sampleWeights) => trainer.evaluate({ x: X, y: Y, sampleWeights }),
    step: (sampleWeights) => trainer.step(X, Y, { sampleWeights }),
    trace: (sampleWeights) => w.trace(trainer, X, Y, { sampleWeights }),
    "fit: validationData": (sampleWeights) =>
      trainer.fit({ x: X, y: Y }, { validationData: { x: X, y: Y, sampleWeights } }),
  };
  beforeAll(async () => {
    trainer = await warm(w.meanSquaredError(), Y);
    for (const use of Object.values(takes)) await use([1, 2]);
    await takes["fit"]!([1, 2]);
    await trainer.fit({ x: X, y: Y });
    trainer.step(X, Y);
  });

  for (const [weights, message] of [
    [[1], "sampleWeights has 1 values, but there are 2 rows"],
    [[1, 2, 3], "sampleWeights has 3 values, but there are 2 rows"],
    [[], "sampleWeights has 0 values, but there are 2 rows"],
    [[1, -1], "sampleWeights[1] must be 0 or more, got -1"],
    [[NaN, 1], "sampleWeights[0] must be 0 or more, got NaN"],
    [Float64Array.of(1, Infinity), "sampleWeights[1] must be 0 or more, got Infinity"],
    [[0, 0], "sampleWeights must not all be 0"],
    [Float64Array.of(1e-50, 0), "sampleWeights must not all be 0"], // in float32 they are
  ] as const) {
    test(message, async () => {
      for (const [where, use] of Object.entries(takes)) {
        await expectRefusalWithoutTrace(trainer, () => use(weights), RangeError, `${where}: ${message}`);
      }
    });
  }

  for (const [weights, given] of [
    [1, "number 1"],
    [null, "null"],
    ["12", 'the string "12"'],
    [{ 0: 1, 1: 2 }, "an object (Object)"],
    [new DataView(new ArrayBuffer(8)), "a DataView of 8"],
  ] as const) {
    test(`must be an array, not ${given}`, async () => {
      const message = `sampleWeights must be an array of numbers, got ${given}`;
      for (const [where, use] of Object.entries(takes)) {
        await expectRefusalWithoutTrace(trainer, () => use(wrong(weights)), TypeError, `${where}: ${message}`);
      }
    });
  }
});
