// lambda: functions of one value and of several, their gradients, and what is refused.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { expectRefusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const square = w.lambda(
  (x) => x.map((v) => v * v),
  (dy, x) => x.map((v, i) => 2 * v * dy[i]!),
  { name: "square" },
);
const values = [w.dense(3), [w.dense(2), w.tanh()], []];
/** [a0 b0 c0, a1 b1], of values of different sizes. */
const mixed = w.lambda(
  (a, b, c) => [a[0]! * b[0]! * c[0]!, a[1]! * b[1]!],
  ([d, e], a, b, c) => [
    [d! * b[0]! * c[0]!, e! * b[1]!, 0],
    [d! * a[0]! * c[0]!, e! * a[1]!],
    Float32Array.from(c, (_, i) => (i === 0 ? d! * a[0]! * b[0]! : 0)),
  ],
  { values, outputShape: (a, b) => [Math.min(a[0]!, b[0]!)] },
);

test("values, gradients of parameters and of the input", async () => {
  const model = await w.sequential({ input: 4, seed: 1 }, w.dense(4), square, mixed, w.dense(2));
  const x = normal(12, { seed: 1 });
  const given = w.activations(model, x);
  expect(given["square"]).toEqual(given["Z1"]!.map((v) => v * v));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam() });
  expect(w.gradCheck(trainer, x, normal(6, { seed: 2 }), { values: true }).ok).toBe(true);
  await trainer.fit({ x, y: normal(6, { seed: 2 }) }, { epochs: 2, batchSize: 2 });
  model.forward(x);
  expect(model.backward(new Float32Array(6).fill(1)).every((v) => Number.isFinite(v) && v !== 0)).toBe(true);
});

test("a model with one is not read from a file", async () => {
  for (const layer of [square, mixed]) {
    const bytes = modelToBytes(await w.sequential({ input: 4 }, layer));
    await expect(modelFromBytes(bytes)).rejects.toThrow(/unknown layer "lambda"/);
  }
});

describe("refusals", () => {
  const one = (x: Float32Array): ArrayLike<number> => x;
  refuses([
    [() => w.lambda(3 as never, one), TypeError, "lambda: the first argument must be a function of rows, got number 3"],
    [
      () => w.lambda(one, undefined as never),
      TypeError,
      "lambda: the second argument must be a function of dy and rows, got undefined",
    ],
    [() => w.lambda(one, one, { values: [[]] }), RangeError, "lambda: two branches or more are needed, got 1"],
    [() => w.lambda(one, one, { outputShape: 0 }), RangeError, "lambda: outputShape must be a whole number of 1 or more, got 0"],
  ]); // prettier-ignore

  test("what doesn't give as many numbers as it has to", async () => {
    const run = async (layer: w.Layer, back = false): Promise<void> => {
      const model = await w.sequential({ input: 3 }, layer);
      model.forward([[1, 2, 3]]);
      if (back) model.backward(Float32Array.of(1, 1, 1));
    };
    const two = { values: [[], []] };
    await expectRefusal(
      () => run(w.lambda(() => [1, 2], one)),
      TypeError,
      "lambda (layer 1): what forward gives must be an array of 3 numbers, got an array of 2",
    );
    await expectRefusal(
      () =>
        run(
          w.lambda(one, () => 3 as never, { name: "mine" }),
          true,
        ),
      TypeError,
      'lambda (layer 1, "mine"): what backward gives must be an array of 3 numbers, got number 3',
    );
    await expectRefusal(
      () => run(w.lambda(one, one, two), true),
      TypeError,
      "lambda (layer 1): what backward gives must be an array of 2 arrays, the gradient of each value, got a Float32Array of 3",
    );
    await expectRefusal(
      () =>
        run(
          w.lambda(one, (dy) => [dy, [1]], two),
          true,
        ),
      TypeError,
      "lambda (layer 1): what backward gives of value 2 must be an array of 3 numbers, got an array of 1",
    );
    await expectRefusal(
      () => run(w.lambda(() => { throw new Error("no"); }, one)),
      Error,
      "lambda (layer 1): forward threw Error: no",
    ); // prettier-ignore
  });
});
