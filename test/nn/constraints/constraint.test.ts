// Constraints: their options, what they refuse, and that they hold after every update, of `fit`, `step` and `update` alike.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const wrong =
  (make: (...values: never[]) => unknown, ...values: unknown[]): (() => unknown) =>
  () =>
    make(...(values as never[]));

describe("constraints", () => {
  test("say their options, for files", () => {
    expect(w.maxNorm().options).toEqual({ limit: 2 });
    expect(w.maxNorm(3, { axis: [0, 1] }).options).toEqual({ limit: 3, axis: [0, 1] });
    expect(w.unitNorm({ axis: 1 }).options).toEqual({ axis: 1 });
    expect(w.nonNeg().options).toEqual({});
    for (const make of [w.maxNorm, w.unitNorm, w.nonNeg] as ((options: object) => w.Constraint)[]) {
      const { constraint, options } = make({});
      expect(make(options).args([3, 4], "w")).toEqual(make({}).args([3, 4], "w"));
      expect(constraint).toBe(make.name);
    }
  });

  refuses([
    [wrong(w.maxNorm, 0), RangeError, "maxNorm: limit must be above 0, got 0"],
    [wrong(w.maxNorm, "2"), TypeError, 'maxNorm: limit must be above 0, got "2"'],
    [wrong(w.maxNorm, { maximum: 2 }), TypeError, 'maxNorm: unknown option "maximum". Known: limit, axis'],
    [wrong(w.unitNorm, { axes: 1 }), TypeError, 'unitNorm: unknown option "axes". Known: axis'],
    ...([(axis: never) => w.maxNorm({ axis }), (axis: never) => w.unitNorm({ axis })] as const).flatMap(
      (make, i): Refusal[] => {
        const name = i === 0 ? "maxNorm" : "unitNorm";
        return [
          [wrong(make, -1), RangeError, `${name}: axis must be a whole number of 0 or more, got -1`],
          [wrong(make, [0, 0.5]), RangeError, `${name}: axis[1] must be a whole number of 0 or more, got 0.5`],
          [wrong(make, []), RangeError, `${name}: axis must be one axis or neighbouring ones in their order, got []`],
          [
            wrong(make, [0, 2]),
            RangeError,
            `${name}: axis must be one axis or neighbouring ones in their order, got [0, 2]`,
          ],
          [
            () => make(2 as never).args([3, 4], "dense1.weight"),
            RangeError,
            `${name}: dense1.weight is 3x4 and has no axis 2`,
          ],
        ];
      },
    ),
  ]);
});

const ROWS = 24;
const x = normal(ROWS * 3, { seed: 1 });
const y = normal(ROWS * 5, { seed: 2, deviation: 5 }).map((value, i) => value + (i % 5 === 0 ? -9 : 3));

/** Norms of the weights that go into each unit. */
const norms = (weight: Float32Array, units: number): number[] =>
  Array.from({ length: units }, (_, j) => Math.hypot(...weight.filter((_value, i) => i % units === j)));

async function fitted(layer: w.Layer, train: (trainer: w.Trainer) => unknown): Promise<w.Model> {
  const model = await w.sequential({ input: 3, seed: 5 }, layer);
  await train(new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.1 }) }));
  return model;
}

const WAYS: Readonly<Record<string, (trainer: w.Trainer) => unknown>> = {
  fit: (trainer) => trainer.fit({ x, y }, { epochs: 10, batchSize: 7 }),
  step: (trainer) => {
    for (let i = 0; i < 20; i++) trainer.step(x, y);
  },
  update: (trainer) => {
    for (let i = 0; i < 20; i++) {
      trainer.model.forward(x);
      trainer.model.zeroGradients();
      trainer.model.backward(y.map((value) => -value));
      trainer.update();
    }
  },
};

describe.each(Object.entries(WAYS))("after %s", (_name, train) => {
  test("maxNorm: no unit's weights are longer than the limit, and some are as long", async () => {
    const model = await fitted(w.dense(5, { kernelConstraint: w.maxNorm(0.7) }), train);
    const lengths = norms(model.parameters()[0]!.get(), 5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(0.7 * (1 + 1e-6));
    expect(Math.max(...lengths)).toBeGreaterThan(0.69);
    // without it they would be
    const free = await fitted(w.dense(5), train);
    expect(Math.max(...norms(free.parameters()[0]!.get(), 5))).toBeGreaterThan(0.8);
  });

  test("unitNorm: every unit's weights have length 1", async () => {
    const model = await fitted(w.dense(5, { kernelConstraint: w.unitNorm() }), train);
    for (const length of norms(model.parameters()[0]!.get(), 5)) expect(length).toBeCloseTo(1, 5);
  });

  test("nonNeg: nothing is below 0, of weights and bias", async () => {
    const model = await fitted(w.dense(5, { kernelConstraint: w.nonNeg(), biasConstraint: w.nonNeg() }), train);
    for (const { get } of model.parameters()) {
      expect(Math.min(...get())).toBe(0);
      expect(Math.max(...get())).toBeGreaterThan(0);
    }
  });

  test("a frozen layer's weights are those it began with, a constraint or not", async () => {
    const layer = w.dense(5, { kernelConstraint: w.maxNorm(0.1), trainable: false });
    const model = await w.sequential({ input: 3, seed: 5 }, layer, w.dense(5));
    const [frozen] = model.parameters();
    const before = frozen!.get();
    await train(new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() }));
    expect([...frozen!.get()]).toEqual([...before]);
  });
});

test("convolutions and recurrent layers have them, too", async () => {
  const tiny = { kernelConstraint: w.maxNorm(1e-3), biasConstraint: w.nonNeg() };
  const model = await w.sequential(
    { input: [6, 6, 2], seed: 1 },
    w.conv2d(3, { kernelSize: 3, ...tiny }),
    w.depthwiseConv2d({ kernelSize: 2, ...tiny }),
    w.conv2dTranspose(2, { kernelSize: 2, ...tiny }),
    w.reshape([8, 4]),
    w.conv1d(3, { kernelSize: 3, ...tiny }),
    w.bidirectional(w.gru(3, { returnSequences: true, recurrentConstraint: w.maxNorm(1e-3), ...tiny })),
    w.lstm(3, { recurrentConstraint: w.maxNorm(1e-3), ...tiny }),
  );
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.1 }) });
  trainer.step(normal(2 * 72, { seed: 1 }), normal(6, { seed: 2 }));
  for (const { name, shape, get } of model.parameters()) {
    if (shape.length === 1) expect(Math.min(...get()), name).toBeGreaterThanOrEqual(0);
    else for (const length of norms(get(), shape.at(-1)!)) expect(length, name).toBeLessThanOrEqual(1e-3 * (1 + 1e-6));
  }
  const copy = await modelFromBytes(modelToBytes(model));
  expect(JSON.stringify(copy.layers.map((l) => l.options))).toBe(JSON.stringify(model.layers.map((l) => l.options)));
});

test("files keep them", async () => {
  const model = await w.sequential({ input: 3 }, w.dense(5, { kernelConstraint: w.maxNorm(0.5), trainable: false }));
  const copy = await modelFromBytes(modelToBytes(model));
  expect(JSON.stringify(copy.layers[0]!.options)).toBe(JSON.stringify(model.layers[0]!.options));
  expect(copy.parameters()[0]!.trained).toBe(false);
});

describe("refused", () => {
  refuses([
    [
      () => w.dense(3, { kernelConstraint: 3 as unknown as w.Constraint }),
      TypeError,
      "dense: kernelConstraint must be a constraint such as maxNorm(), got number 3",
    ],
    [
      () => w.dense(3, { trainable: 1 as unknown as boolean }),
      TypeError,
      "dense: trainable must be true or false, got number 1",
    ],
    [
      () => w.sequential({ input: 2 }, w.dense(3, { biasConstraint: w.maxNorm(1, { axis: 1 }) })),
      RangeError,
      "maxNorm: dense1.bias is 3 and has no axis 1",
    ],
  ]);
});
