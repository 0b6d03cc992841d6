// Several outputs of a model, each with its own loss.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { sigmoid, softmax } from "../../support/plain.ts";
import { refuses } from "../../support/refusals.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

const WEIGHT = 0.25;
const ROWS = 7;

const ends = () =>
  w.outputs({
    kind: { shape: 3, loss: w.softmaxCrossEntropy({ labelSmoothing: 0.1 }) },
    yes: { shape: 1, loss: w.binaryCrossEntropyWithLogits(), weight: WEIGHT },
    place: { shape: [2, 2], loss: w.meanSquaredError(), weight: 2 },
  });

const x = normal(ROWS * 5, { seed: 1 });
const targets = {
  kind: wholes(ROWS, { seed: 2, below: 3 }),
  yes: uniform(ROWS, { seed: 3, low: 0, high: 1 }).map((v) => Math.round(v)),
  place: normal(ROWS * 4, { seed: 4 }),
};

async function make(seed = 1) {
  const parts = ends();
  const model = await w.sequential(
    { input: 5, seed },
    w.dense(6),
    w.tanh(),
    w.dropout(0),
    parts.layer({ kind: w.dense(3), yes: [w.dense(4), w.tanh(), w.dense(1)], place: [w.dense(4), w.reshape([2, 2])] }),
  );
  const trainer = new w.Trainer(model, { loss: parts.loss, optimizer: w.adam({ learningRate: 0.02 }) });
  return { parts, model, trainer, y: parts.targets(targets) };
}

/** The loss as the formulas say it. */
function lossOf(
  { kind, yes, place }: Record<"kind" | "yes" | "place", Float32Array>,
  weights: readonly number[] = Array.from({ length: ROWS }, () => 1),
) {
  let sums = [0, 0, 0];
  for (let r = 0; r < ROWS; r++) {
    const shares = softmax([...kind.subarray(3 * r, 3 * r + 3)]);
    const entropy = -shares.reduce((sum, p, c) => sum + ((c === targets.kind[r] ? 0.9 : 0) + 0.1 / 3) * Math.log(p), 0);
    const p = sigmoid(yes[r]!);
    const binary = -Math.log(targets.yes[r] === 1 ? p : 1 - p);
    let squares = 0;
    for (let j = 0; j < 4; j++) squares += (place[4 * r + j]! - targets.place[4 * r + j]!) ** 2;
    sums = [entropy, binary, squares].map((value, i) => sums[i]! + weights[r]! * value);
  }
  const total = weights.reduce((a: number, b: number) => a + b, 0);
  return (sums[0]! + WEIGHT * sums[1]! + 2 * (sums[2]! / 4)) / total;
}

describe("several outputs", () => {
  test("the loss is the sum of theirs, each times its weight", async () => {
    const { parts, model, trainer, y } = await make();
    const expected = lossOf(parts.split(model.predict(x)));
    expect((await trainer.evaluate({ x, y }))["loss"]).toBeCloseTo(expected, 5);
    expect(trainer.step(x, y).loss).toBeCloseTo(expected, 5);
  });

  test("rows weigh what sampleWeights say in each of them", async () => {
    const { parts, model, trainer, y } = await make();
    const weights = uniform(ROWS, { seed: 9, low: 0, high: 2 });
    const expected = lossOf(parts.split(model.predict(x)), [...weights]);
    expect((await trainer.evaluate({ x, y, sampleWeights: weights }))["loss"]).toBeCloseTo(expected, 5);
  });

  test("gradients are those of differences", async () => {
    const { trainer, y } = await make();
    const { ok, worst, checked } = w.gradCheck(trainer, x, y);
    expect(ok, String(worst)).toBe(true);
    expect(checked).toBe(trainer.model.parameterCount);
  });

  test("an output that counts nothing changes nothing", async () => {
    const parts = w.outputs({
      a: { shape: 2, loss: w.meanSquaredError() },
      b: { shape: 2, loss: w.meanSquaredError(), weight: 0 },
    });
    const model = await w.sequential({ input: 5 }, parts.layer({ a: w.dense(2), b: w.dense(2) }));
    const trainer = new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd() });
    const before = model.parameters().map((p) => p.get());
    trainer.step([1, 2, 3, 4, 5], parts.targets({ a: [[1, 1]], b: [[1, 1]] }));
    const changed = model.parameters().map((p, i) => p.get().some((value, j) => value !== before[i]![j]));
    expect(changed).toEqual([true, true, false, false]);
  });

  test("learn together, in batches that aren't full, and measured on other data", async () => {
    const { trainer, y } = await make();
    const history = await trainer.fit({ x, y }, { epochs: 60, batchSize: 4, validationData: { x, y } });
    expect(history.loss.at(-1)!).toBeLessThan(0.5 * history.loss[0]!);
    expect(history["validationLoss"]!.at(-1)).toBeCloseTo((await trainer.evaluate({ x, y }))["loss"]!, 5);
    const again = await make();
    await again.trainer.fit({ x, y }, { epochs: 60, batchSize: 4 });
    expect(again.model.fingerprint()).toBe(trainer.model.fingerprint());
  });

  test("split takes the model's rows apart", async () => {
    const { parts } = await make();
    const { kind, yes, place } = parts.split(Float32Array.from({ length: 16 }, (_, i) => i));
    expect([[...kind], [...yes], [...place]]).toEqual([
      [0, 1, 2, 8, 9, 10],
      [3, 11],
      [4, 5, 6, 7, 12, 13, 14, 15],
    ]);
  });
});

describe("refused", () => {
  const parts = ends();
  refuses([
    [() => w.outputs({}), RangeError, "outputs: at least one is needed, got none"],
    [
      () => w.outputs({ a: { shape: 2, loss: w.sgd() as unknown as w.Loss } }),
      TypeError,
      "outputs: the loss of a must be a loss such as softmaxCrossEntropy(), got an object (sgd)",
    ],
    [
      () => w.outputs({ a: { shape: 2, loss: w.meanSquaredError(), weight: -1 } }),
      RangeError,
      "outputs: the weight of a must be 0 or more, got -1",
    ],
    [
      () => w.outputs({ a: { shape: 1, loss: w.softmaxCrossEntropy() } }),
      RangeError,
      /^outputs: a: softmaxCrossEntropy needs one output a class, 2 or more, got 1/,
    ],
    [
      () => parts.targets({ ...targets, kind: [0, 1, 3, 0, 0, 0, 0] }),
      RangeError,
      "outputs.targets: kind: labels must be whole numbers from 0 to 2 (the model has 3 outputs), but y[2] is 3",
    ],
    [
      () => parts.targets({ ...targets, yes: [1, 0] }),
      RangeError,
      "outputs.targets: kind has 7 rows but yes has 2; each needs equally many",
    ],
    [
      () => w.sequential({ input: 2 }, parts.layer({ kind: w.dense(3), yes: w.dense(1), place: w.dense(4) })),
      RangeError,
      "outputs: place is 2x2, but its layers give 4",
    ],
    [
      async () => {
        const model = await w.sequential({ input: 2 }, w.dense(3));
        return new w.Trainer(model, { loss: parts.loss, optimizer: w.sgd() });
      },
      RangeError,
      "Trainer: the loss is that of outputs of 8 numbers (kind, yes, place), but the model gives 3; end the model with their layer(...)",
    ],
  ]);
});

describe("the loss of several outputs is one number, whatever the batch size", () => {
  const COUNT = 11;
  const inputs = normal(COUNT * 3, { seed: 40 });
  const labels = wholes(COUNT, { seed: 41, below: 3 });
  const numbers = normal(COUNT * 2, { seed: 42 });
  const steps = wholes(COUNT * 2, { seed: 43, below: 4 }).map((label) => label - 1);
  const shares = normal(COUNT * 3, { seed: 46 }).map((v) => Math.abs(v) / 10);
  const weights = normal(COUNT, { seed: 44 }).map((v, r) => (r === 2 ? 0 : Math.abs(v)));
  const classWeights = [0.2, 3, 1];
  const inner = w.outputs({
    a: { shape: 2, loss: w.huber({ reduction: "sum" }), weight: 3 },
    b: { shape: 3, loss: w.softmaxCrossEntropy({ classWeights }), weight: 0.5 },
  });
  type Part = readonly [shape: w.Shape, loss: w.Loss, y: w.Target];
  const PARTS: Readonly<Record<string, Part>> = {
    weighted: [[3], w.softmaxCrossEntropy({ classWeights }), labels],
    likelihood: [[3], w.negativeLogLikelihood({ classWeights }), labels],
    summed: [[2], w.meanSquaredError({ reduction: "sum" }), numbers],
    averaged: [[2], w.meanAbsoluteError(), numbers],
    stepped: [[2, 4], w.sequenceCrossEntropy(), steps],
    steppedSum: [[2, 4], w.sequenceCrossEntropy({ reduction: "sum" }), steps],
    byRow: [[3], w.klDivergence(), shares],
    sequences: [[4, 3], w.ctc({ maxLabels: 2 }), w.ctcTargets(Array.from({ length: COUNT }, (_, r) => [r % 3].filter((c) => c > 0)), { maxLabels: 2 })], // prettier-ignore
    nested: [[5], inner.loss, inner.targets({ a: numbers, b: labels })],
  };
  const names = Object.keys(PARTS);
  const cases = [
    ...names.map((name) => [name]),
    ...names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b])),
    names,
  ];

  test.each(cases.map((some) => [some.join(", "), some] as const))("%s", async (_, some) => {
    const joint = w.outputs(
      Object.fromEntries(
        some.map((name, i) => [name, { shape: PARTS[name]![0], loss: PARTS[name]![1], weight: 1 + i }]),
      ),
    );
    const end = joint.layer(
      Object.fromEntries(
        some.map((name) => {
          const [shape] = PARTS[name]!;
          return [name, [w.dense(shape.reduce((a, b) => a * b, 1)), w.reshape(shape)]];
        }),
      ),
    );
    const regular = w.dense(4, { kernelRegularizer: w.l2(0.01) });
    const model = await w.sequential({ input: 3, seed: 1 }, regular, w.tanh(), end);
    const y = joint.targets(Object.fromEntries(some.map((name) => [name, PARTS[name]![2]])));
    for (const sampleWeights of [undefined, weights]) {
      const data = { x: inputs, y, ...(sampleWeights && { sampleWeights }) };
      const still = { loss: joint.loss, optimizer: w.sgd({ learningRate: 1e-30 }) };
      const trainer = new w.Trainer(model, still);
      // each output's loss alone, of all rows at once: what its own trainer says
      const wanted = (await trainer.evaluate(data, { batchSize: COUNT }))["loss"]!;
      let byHand = 0;
      const outputs = joint.split(model.predict(inputs));
      for (const [i, name] of some.entries()) {
        if (name === "nested") continue; // has no trainer without its layer
        const [shape, loss, target] = PARTS[name]!;
        const alone = new w.Trainer(await w.sequential({ input: shape }, w.reshape(shape)), {
          loss,
          optimizer: w.sgd(),
        });
        const rows = { x: outputs[name]!, y: target, ...(sampleWeights && { sampleWeights }) };
        byHand += (1 + i) * (await alone.evaluate(rows, { batchSize: 3 }))["loss"]!;
      }
      const penalty =
        0.01 *
        model
          .parameters()[0]!
          .get()
          .reduce((sum, v) => sum + v * v, 0);
      if (!some.includes("nested")) expect(Math.abs(wanted - penalty - byHand)).toBeLessThan(1e-5 * Math.abs(wanted));
      for (const batchSize of [1, 2, 3, 4, COUNT, 50]) {
        const value = (await trainer.evaluate(data, { batchSize }))["loss"]!;
        expect(Math.abs(value - wanted), `evaluate ${batchSize}`).toBeLessThanOrEqual(1e-9 * Math.abs(wanted));
        // several epochs in one call of the core, and one by one, with validation
        const history = await trainer.fit(data, { batchSize, epochs: 3, progress: false });
        const measured = await trainer.fit(data, { batchSize, epochs: 2, validationData: data, callbacks: [{}] });
        const all = [...history.loss, ...measured.loss, ...measured["validationLoss"]!];
        for (const each of all)
          expect(Math.abs(each - wanted), `fit ${batchSize}`).toBeLessThan(1e-6 * Math.abs(wanted));
      }
    }
  });
});

test("several outputs have no class as one", async () => {
  const kinds = w.outputs({
    kind: { shape: 3, loss: w.softmaxCrossEntropy() },
    price: { shape: 1, loss: w.meanSquaredError() },
  });
  const model = await w.sequential({ input: 2 }, kinds.layer({ kind: w.dense(3), price: w.dense(1) }));
  expect(() => model.classify([1, 2])).toThrow(
    "classify: the model has several outputs, which have no class as one; split them: outputs.split(model.predict(x))",
  );
  expect(kinds.split(model.predict([1, 2])).kind.length).toBe(3);
});
