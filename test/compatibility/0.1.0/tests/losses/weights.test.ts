// Weights of rows and of classes: losses and gradients against plain float64.
import { describe, test } from "vitest";
import * as w from "wasmgrad";
import { expectClose } from "../../support/golden.ts";
import { affine, columnSums, rowsOf, softmax, times, transposed } from "../../support/plain.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

/** float32 arithmetic on sums of some ten numbers of size 1. */
const FLOAT32 = { rtol: 3e-6, atol: 3e-7 };

describe("weights of rows and classes, against float64", () => {
  const rows = 10;
  const x = normal(rows * 4, { seed: 5 });
  const labels = wholes(rows, { seed: 6, below: 3 });
  const sampleWeights = uniform(rows, { seed: 7, low: 0, high: 3 });
  sampleWeights[2] = 0;
  const classWeights = [0.5, 2, 1.5];

  /** Loss and gradients of one dense layer with softmax cross-entropy, rows weighted by `weight`. */
  function plain(model: w.Model, weight: (row: number) => number): { loss: number; dw: number[]; db: number[] } {
    const [kernel, bias] = model.parameters().map((p) => p.get());
    const p = affine(rowsOf(x, 4), rowsOf(kernel!, 3), bias!).map(softmax);
    const total = p.reduce((sum, _, r) => sum + weight(r), 0);
    const loss = p.reduce((sum, row, r) => sum - weight(r) * Math.log(row[labels[r]!]!), 0) / total;
    const dz = p.map((row, r) => row.map((v, c) => (weight(r) * (v - (c === labels[r] ? 1 : 0))) / total));
    return { loss, dw: times(transposed(rowsOf(x, 4)), dz).flat(), db: columnSums(dz) };
  }

  for (const [name, loss, weights, weight] of [
    ["plain", w.softmaxCrossEntropy(), undefined, () => 1],
    ["sampleWeights", w.softmaxCrossEntropy(), sampleWeights, (r: number) => sampleWeights[r]!],
    ["classWeights", w.softmaxCrossEntropy({ classWeights }), undefined, (r: number) => classWeights[labels[r]!]!],
    [
      "both",
      w.softmaxCrossEntropy({ classWeights }),
      sampleWeights,
      (r: number) => classWeights[labels[r]!]! * sampleWeights[r]!,
    ],
  ] as const) {
    test(`softmaxCrossEntropy: ${name}`, async () => {
      const model = await w.sequential({ input: 4, seed: 8 }, w.dense(3));
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
      const expected = plain(model, weight);
      const data = { x, y: labels, sampleWeights: weights };
      expectClose("evaluate", [(await trainer.evaluate(data))["loss"]!], [expected.loss], FLOAT32);
      const options = weights ? { sampleWeights: weights } : {};
      expectClose("step", [trainer.step(x, labels, options)["loss"]!], [expected.loss], FLOAT32);
      const [dw, db] = model.parameters().map((p) => p.gradient());
      expectClose("dw", dw!, expected.dw, FLOAT32);
      expectClose("db", db!, expected.db, FLOAT32);
    });
  }

  test("negativeLogLikelihood on logSoftmax is softmaxCrossEntropy", async () => {
    const figures = [];
    for (const [loss, end] of [
      [w.softmaxCrossEntropy({ classWeights }), []],
      [w.negativeLogLikelihood({ classWeights }), [w.logSoftmax()]],
    ] as const) {
      const model = await w.sequential({ input: 4, seed: 8 }, w.dense(3), ...end);
      const { loss: value } = new w.Trainer(model, { loss, optimizer: w.sgd() }).step(x, labels, { sampleWeights });
      figures.push([value!, ...model.parameters().flatMap((p) => [...p.gradient()])]);
    }
    expectClose("loss and gradients", figures[1]!, figures[0]!, FLOAT32);
  });

  test("meanSquaredError with sampleWeights over two columns", async () => {
    const y = normal(rows * 2, { seed: 9 });
    const model = await w.sequential({ input: 4, seed: 8 }, w.dense(2));
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.sgd() });
    const d = rowsOf(model.predict(x), 2).map((row, r) => row.map((v, j) => v - y[2 * r + j]!));
    const total = 2 * sampleWeights.reduce((a, b) => a + b, 0);
    const loss = d.reduce((sum, [a, b], r) => sum + (sampleWeights[r]! * (a! * a! + b! * b!)) / total, 0);
    const dz = d.map((row, r) => row.map((v) => (2 * sampleWeights[r]! * v) / total));
    expectClose("loss", [trainer.step(x, y, { sampleWeights })["loss"]!], [loss], FLOAT32);
    expectClose("db", model.parameters()[1]!.gradient(), columnSums(dz), FLOAT32);
  });

  test("a weight of 2 is the row given twice", async () => {
    const make = async (): Promise<w.Trainer> =>
      new w.Trainer(await w.sequential({ input: 1, seed: 3 }, w.dense(1)), {
        loss: w.meanSquaredError(),
        optimizer: w.sgd(),
      });
    const [a, b] = [await make(), await make()];
    const weighted = a.step([1, 2], [0, 1], { sampleWeights: [2, 1] })["loss"]!;
    expectClose("loss", [weighted], [b.step([1, 1, 2], [0, 0, 1])["loss"]!], FLOAT32);
    a.model.parameters().forEach((p, i) => expectClose(p.name, p.get(), b.model.parameters()[i]!.get(), FLOAT32));
  });
});
