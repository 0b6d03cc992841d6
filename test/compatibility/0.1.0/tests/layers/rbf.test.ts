// The kernel machine: what it refuses, its file, and that it is the support vector machine of scikit-learn.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "wasmgrad/files";
import * as w from "wasmgrad";
import { expectSameBits } from "../../support/bits.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

interface Case {
  readonly name: string;
  readonly gamma: number;
  readonly c: number;
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly margins: readonly number[];
  readonly grid: readonly (readonly number[])[];
  readonly decisions: readonly number[];
}

async function machine({ x: centres, gamma, c }: Pick<Case, "x" | "gamma" | "c">): Promise<w.Model> {
  const lambda = 1 / (c * centres.length);
  const penalty = w.rbfNorm({ centres, gamma, lambda });
  return w.sequential(
    { input: centres[0]!.length },
    w.rbf({ centres, gamma }),
    w.dense(1, { kernelInitializer: w.zeros(), kernelRegularizer: penalty }),
  );
}

describe("rbf", () => {
  const centres = [[0, 0], [0, 1], [1, 0]]; // prettier-ignore

  test("rows, typed rows and a flat typed array are the same centres", async () => {
    const forms = [centres, centres.map((row) => Float64Array.from(row)), Float32Array.from(centres.flat())];
    const outputs = await Promise.all(
      forms.map(async (form) =>
        (await w.sequential({ input: 2 }, w.rbf({ centres: form as never, gamma: 2 }))).predict([1, 2]),
      ),
    );
    expect(outputs[0]).toEqual(outputs[1]);
    expect(outputs[0]).toEqual(outputs[2]);
    expect(outputs[0]![0]).toBeCloseTo(Math.exp(-10), 8);
  });

  test("the centres are not trained", async () => {
    const model = await machine({ x: centres, gamma: 1, c: 1 });
    const before = model.parameters()[0]!.get();
    const trainer = new w.Trainer(model, { loss: w.hinge(), optimizer: w.adam() });
    for (let i = 0; i < 3; i++) trainer.step(centres, [1, -1, 1]);
    expectSameBits(model.parameters()[0]!.get(), before);
    expect([...before]).toEqual(centres.flat());
  });

  test("a model from a file has them, and its penalty", async () => {
    const model = await machine({ x: centres, gamma: 1, c: 1 });
    const train = (m: w.Model): void => {
      const trainer = new w.Trainer(m, { loss: w.hinge(), optimizer: w.sgd({ learningRate: 0.1 }) });
      for (let i = 0; i < 3; i++) trainer.step(centres, [1, -1, 1]);
    };
    train(model);
    const copy = await modelFromBytes(modelToBytes(model));
    expectSameBits(copy.predict(centres), model.predict(centres));
    train(model);
    train(copy);
    expect(copy.fingerprint()).toBe(model.fingerprint());
  });

  const wrong =
    (make: (options: never) => unknown, options: unknown): (() => unknown) =>
    () =>
      make(options as never);
  const build = (input: w.Shape | number, options: unknown) => () => w.sequential({ input }, w.rbf(options as never));
  refuses([
    ...([w.rbf, (options: never) => w.rbfNorm({ lambda: 1, ...(options as object) } as never)] as const).flatMap(
      (make, i): Refusal[] => {
        const name = i === 0 ? "rbf" : "rbfNorm";
        return [
          [wrong(make, { centres, gamma: 0 }), RangeError, `${name}: gamma must be above 0, got 0`],
          [wrong(make, { centres }), TypeError, `${name}: gamma must be above 0, got undefined`],
          [wrong(make, { centres: [], gamma: 1 }), RangeError, `${name}: centres is empty; at least one row is needed`],
          [
            wrong(make, { centres: "rows", gamma: 1 }),
            TypeError,
            `${name}: centres must be rows of numbers, got the string "rows"`,
          ],
          [
            wrong(make, { centres: [[1, 2], [3]], gamma: 1 }),
            RangeError,
            `${name}: the rows of centres must be equally long, but row 0 has 2 numbers and row 1 has 1`,
          ],
          [
            wrong(make, { centres: [[], []], gamma: 1 }),
            RangeError,
            `${name}: the rows of centres are empty; at least one number is needed`,
          ],
          [
            wrong(make, {
              centres: [
                [1, 2],
                [3, "4"],
              ],
              gamma: 1,
            }),
            TypeError,
            `${name}: centres[1][1] must be a number, got the string "4"`,
          ],
          [
            wrong(make, {
              centres: [
                [1, 2],
                [NaN, 4],
              ],
              gamma: 1,
            }),
            RangeError,
            `${name}: centres[1][0] must be a finite number, got NaN`,
          ],
          [
            wrong(make, { centres: Float64Array.of(1, 2, 1e39), gamma: 1 }),
            RangeError,
            `${name}: centres[2] must be a finite number, got 1e+39, too large for float32`,
          ],
        ];
      },
    ),
    [wrong(w.rbf, { gamma: 1 }), TypeError, "rbf: centres must be rows of numbers, got undefined"],
    [wrong(w.rbf, { gamma: 1, numbers: 0 }), RangeError, "rbf: numbers must be a whole number of 1 or more, got 0"],
    [
      wrong(w.rbf, { gamma: 1, centers: centres }),
      TypeError,
      'rbf: unknown option "centers". Known: centres, gamma, numbers, name',
    ],
    [
      build(3, { centres, gamma: 1 }),
      RangeError,
      "rbf (layer 1): the centres must be as wide as the input, 3, but they have rows of 2",
    ],
    [
      build(4, { centres: Float32Array.from(centres.flat()), gamma: 1, name: "machine" }),
      RangeError,
      'rbf (layer 1, "machine"): the centres must be as wide as the input, 4, but they have 6 numbers in all',
    ],
    [wrong(w.rbfNorm, { centres, gamma: 1, lambda: -1 }), RangeError, "rbfNorm: lambda must be 0 or more, got -1"],
    [wrong(w.rbfNorm, { centres, gamma: 1 }), TypeError, "rbfNorm: lambda must be 0 or more, got undefined"],
  ]);

  test("the penalty is refused by a layer with another number of weights", async () => {
    const penalty = w.rbfNorm({ centres: Float32Array.of(1, 2, 3), gamma: 1, lambda: 1 });
    const model = await w.sequential({ input: 2 }, w.dense(1, { kernelRegularizer: penalty }));
    const trainer = new w.Trainer(model, { loss: w.hinge(), optimizer: w.sgd() });
    expect(() => trainer.step([1, 2], [1])).toThrow(
      "rbfNorm: dense1.weight is 2x1: a weight for each of 2 centres, but the centres have 3 numbers",
    );
  });
});
