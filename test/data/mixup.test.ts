// Rows and targets that are mixed in pairs.
import { describe, expect, test } from "vitest";
import { randomAt } from "../../src/data/random.ts";
import * as w from "../../src/index.ts";
import { expectSameBits } from "../support/bits.ts";
import { refuses } from "../support/refusals.ts";
import { normal } from "../support/seeded.ts";

const random = () => randomAt(1, 2, 3, 4);

/** The same by its definition: the order first, then a share for each row. */
function slow(x: number[][], y: number[][]): { x: Float32Array; y: Float32Array } {
  const drawn = random();
  const others = x.map((_, row) => row);
  for (let i = x.length - 1; i > 0; i--) {
    const j = drawn.integer(i + 1);
    [others[i], others[j]] = [others[j]!, others[i]!];
  }
  const shares = x.map(() => drawn.uniform());
  const mix = (rows: number[][]): Float32Array =>
    Float32Array.from(
      rows.flatMap((values, row) =>
        values.map(
          (value, i) => shares[row]! * Math.fround(value) + (1 - shares[row]!) * Math.fround(rows[others[row]!]![i]!),
        ),
      ),
    );
  return { x: mix(x), y: mix(y) };
}

const rows = Array.from({ length: 5 }, (_, row) => [...normal(6, { seed: 10 + row })]);
const labels = [0, 2, 1, 1, 0];
const shares = labels.map((label) => [0, 1, 2].map((each) => Number(each === label)));

test("labels become shares; x is the same in every form", () => {
  const expected = slow(rows, shares);
  const nested = rows.map((row) => [row.slice(0, 3), row.slice(3)]);
  const forms = [rows, nested, Float32Array.from(rows.flat()), Float64Array.from(rows.flat()), rows.flat()];
  for (const x of [...forms, w.samples(Float32Array.from(rows.flat()), [2, 3])]) {
    const mixed = w.mixup({ classes: 3 })({ x, y: labels }, random());
    expectSameBits(mixed.x as Float32Array, expected.x);
    expectSameBits(mixed.y as Float32Array, expected.y);
    expect(mixed.sampleWeights).toBeUndefined();
  }
  for (let row = 0; row < 5; row++) {
    const sum = expected.y.subarray(3 * row, 3 * row + 3).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 6);
  }
});

test("bytes are scaled, values and weights are mixed, and what was given stays", () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, i) => 25 * i);
  const y = Float32Array.from(normal(10, { seed: 4 }));
  const kept = y.slice();
  const sampleWeights = [1, 2, 3, 4, 5];
  const mixed = w.mixup({ outputs: 2 })({ x: w.samples(bytes, [2], { scale: 1 / 255 }), y, sampleWeights }, random());
  const scale = Math.fround(1 / 255);
  const pairs = (values: ArrayLike<number>): number[][] =>
    Array.from({ length: 5 }, (_, row) => [values[2 * row]!, values[2 * row + 1]!]);
  const x = pairs(Array.from(bytes, (byte) => Math.fround(byte * scale)));
  expectSameBits(mixed.x as Float32Array, slow(x, pairs(y)).x);
  expectSameBits(mixed.y as Float32Array, slow(x, pairs(y)).y);
  const weights = sampleWeights.map((weight) => [weight]);
  expectSameBits(mixed.sampleWeights as Float32Array, slow(weights, weights).x);
  expect(y).toEqual(kept);
});

test("fit with it: the same bits again, other rows in each epoch, and it learns", async () => {
  const x = normal(60 * 4, { seed: 1 });
  const y = Int32Array.from({ length: 60 }, (_, row) => (x[4 * row]! > 0 ? 0 : x[4 * row + 1]! > 0 ? 1 : 2));
  const trained = async (map?: ReturnType<typeof w.mixup>) => {
    const model = await w.sequential({ input: 4, seed: 3 }, w.dense(16), w.relu(), w.dense(3));
    const trainer = new w.Trainer(model, {
      loss: w.softmaxCrossEntropy(),
      optimizer: w.adam({ learningRate: 0.01 }),
      metrics: [w.accuracy()],
    });
    const history = await trainer.fit(
      { x, y },
      { epochs: 30, batchSize: 16, validationData: { x, y }, ...(map && { map }) },
    );
    return { model, history };
  };
  const map = w.mixup({ classes: 3 });
  const [first, again, plain] = [await trained(map), await trained(map), await trained()];
  expect(again.model.fingerprint()).toBe(first.model.fingerprint());
  expect(again.history).toEqual(first.history);
  expect(first.model.fingerprint()).not.toBe(plain.model.fingerprint());
  expect(first.history["validationAccuracy"]!.at(-1)!).toBeGreaterThan(0.85);
  // it is less sure of itself
  const sure = (model: w.Model): number => model.probabilities(x).reduce((top, p) => Math.max(top, p), 0);
  expect(sure(first.model)).toBeLessThan(sure(plain.model));
});

test("fit on values, and a last batch of one row", async () => {
  const model = await w.sequential({ input: 2, seed: 3 }, w.dense(2));
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
  const x = normal(9 * 2, { seed: 1 });
  const history = await trainer.fit({ x, y: x }, { epochs: 20, batchSize: 4, map: w.mixup({ outputs: 2 }) });
  expect(history["loss"].at(-1)!).toBeLessThan(history["loss"][0]!);
});

describe("refuses", () => {
  const both =
    "mixup: give one of classes (targets are labels) and outputs (targets are so many numbers in a row), got ";
  refuses([
    [() => w.mixup({}), RangeError, `${both}neither`],
    [() => w.mixup({ classes: 2, outputs: 2 }), RangeError, `${both}both`],
    [() => w.mixup({ classes: 1 }), RangeError, "mixup: classes must be a whole number of 2 or more, got 1"],
    [() => w.mixup({ alpha: 1 } as never), TypeError, 'mixup: unknown option "alpha". Known: classes, outputs'],
    [
      () => w.mixup({ classes: 3 })({ x: rows }, random()),
      TypeError,
      "mixup: y must be given: targets are mixed, too, got undefined",
    ],
    [
      () => w.mixup({ classes: 3 })({ x: rows, y: [0, 1, 3, 0, 0] }, random()),
      RangeError,
      "mixup: labels must be whole numbers from 0 to 2 (classes is 3), but y[2] is 3",
    ],
    [
      () => w.mixup({ classes: 3 })({ x: new Float32Array(7), y: [0, 1] }, random()),
      RangeError,
      /^mixup: x has 7 numbers, but a row takes 3/,
    ],
    [() => w.mixup({ classes: 3 })({ x: rows, y: [0, 1] }, random()), RangeError, "mixup: y has 2 rows, but x has 5"],
    [
      () => w.mixup({ classes: 3 })({ x: rows, y: labels, sampleWeights: [1] }, random()),
      RangeError,
      "mixup: y has 5 rows, but there are 1 sampleWeights",
    ],
    [
      () => {
        const loss = w.softmaxCrossEntropy();
        const ends = w.outputs({ kind: { shape: 2, loss }, size: { shape: 1, loss: w.meanSquaredError() } });
        const y = ends.targets({ kind: [0, 1], size: [3, 4] });
        return w.mixup({ outputs: 3 })({ x: [[1], [2]], y }, random());
      },
      RangeError,
      "mixup: y has labels that outputs' targets(...) joined, in row 1, which can't be mixed; give that output labels: false, and rows " +
        "with a 1 for its class",
    ],
  ]);
});
