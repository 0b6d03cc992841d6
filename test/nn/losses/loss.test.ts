// Reductions: how the losses of a batch become one number, in the loss and in the gradient.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectClose } from "../../support/golden.ts";
import { mean, rowsOf } from "../../support/plain.ts";
import { refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

/** Loss and gradient of a model that gives its input back: 4 rows of 3. */
async function measured(
  loss: w.Loss,
  end: w.Layer,
  y: w.Target,
): Promise<{ loss: number; dy: Float32Array; output: number[][] }> {
  const x = normal(12, { seed: 1 });
  const model = await w.sequential({ input: 3 }, end);
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd() });
  const { loss: value } = await trainer.evaluate({ x, y });
  const { tensors } = w.trace(trainer, x, y);
  return { loss: value!, dy: tensors.at(-1)!.values, output: rowsOf(model.predict(x), 3) };
}

const CLOSE = { rtol: 1e-6, atol: 0 };
const y = normal(12, { seed: 2 });
const target = rowsOf(y, 3);

describe("reductions", () => {
  test("sum and mean over all elements", async () => {
    const whole = await measured(w.meanSquaredError({ reduction: "sum" }), w.reshape([3]), y);
    const part = await measured(w.meanSquaredError(), w.reshape([3]), y);
    const squares = whole.output.flatMap((row, r) => row.map((v, j) => (v - target[r]![j]!) ** 2));
    expectClose("sum", [whole.loss], [squares.reduce((a, b) => a + b)], CLOSE);
    expectClose("mean", [part.loss], [mean(squares)], CLOSE);
    expectClose("gradient", part.dy, [...whole.dy].map((v) => v / 12), CLOSE); // prettier-ignore
  });

  test("over rows where the loss is one a row", async () => {
    const labels = [0, 2, 1, 1];
    const whole = await measured(w.softmaxCrossEntropy({ reduction: "sum" }), w.reshape([3]), labels);
    const part = await measured(w.softmaxCrossEntropy(), w.reshape([3]), labels);
    expectClose("loss", [whole.loss], [4 * part.loss], CLOSE);
    expectClose("gradient", whole.dy, [...part.dy].map((v) => 4 * v), CLOSE); // prettier-ignore
  });

  test("batchMean: each row's sum, mean over the rows", async () => {
    const p = target.map((row) => row.map((v) => (v * v) / row.reduce((sum, u) => sum + u * u, 0)));
    const flat = Float32Array.from(p.flat());
    const batch = await measured(w.klDivergence(), w.logSoftmax(), flat);
    const part = await measured(w.klDivergence({ reduction: "mean" }), w.logSoftmax(), flat);
    const whole = await measured(w.klDivergence({ reduction: "sum" }), w.logSoftmax(), flat);
    const plain = batch.output.flatMap((row, r) => row.map((v, j) => p[r]![j]! * (Math.log(p[r]![j]!) - v)));
    expectClose("batchMean", [batch.loss], [plain.reduce((a, b) => a + b) / 4], CLOSE);
    expectClose("mean", [part.loss], [batch.loss / 3], CLOSE);
    expectClose("sum", [whole.loss], [batch.loss * 4], CLOSE);
    expectClose("gradient", batch.dy, [...whole.dy].map((v) => v / 4), CLOSE); // prettier-ignore
  });
});

describe("sequenceCrossEntropy", () => {
  const words = async (): Promise<w.Trainer> => {
    const layers = [w.embedding(5, 6), w.lstm(8, { returnSequences: true }), w.dense(5)];
    const model = await w.sequential({ input: 4, seed: 3 }, ...layers);
    return new w.Trainer(model, { loss: w.sequenceCrossEntropy(), optimizer: w.adam({ learningRate: 0.05 }) });
  };
  const read = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 0],
  ];
  const next = [
    [1, 2, 3, 4],
    [2, 1, 0, 4],
    [3, 0, -1, -1],
  ];

  test("learns the next word at every step that counts", async () => {
    const trainer = await words();
    expect(w.gradCheck(trainer, read, next).ok).toBe(true);
    const { loss } = await trainer.fit({ x: read, y: next }, { epochs: 150, batchSize: 2 });
    expect(loss.at(-1)!).toBeLessThan(0.1);
    const said = trainer.model.classify(read);
    next.flat().forEach((label, i) => label >= 0 && expect(said[i]).toBe(label));
    expect((await trainer.evaluate({ x: read, y: next }))["loss"]).toBeLessThan(0.1);
  });

  test("is one of several outputs, too", async () => {
    const ends = w.outputs({
      words: { shape: [4, 5], loss: w.sequenceCrossEntropy() },
      length: { shape: 1, loss: w.meanSquaredError(), weight: 0.1 },
    });
    const last = ends.layer({ words: w.dense(5), length: [w.globalAvgPool1d(), w.dense(1)] });
    const model = await w.sequential(
      { input: 4, seed: 3 },
      w.embedding(5, 6),
      w.gru(8, { returnSequences: true }),
      last,
    );
    const trainer = new w.Trainer(model, { loss: ends.loss, optimizer: w.adam({ learningRate: 0.05 }) });
    const targets = ends.targets({ words: next, length: [4, 4, 2] });
    expect(w.gradCheck(trainer, read, targets).ok).toBe(true);
    const { loss } = await trainer.fit({ x: read, y: targets }, { epochs: 80 });
    expect(loss.at(-1)!).toBeLessThan(0.3);
  });

  refuses([
    [
      async () =>
        (await words()).step(read, [
          [1, 2, 3, 5],
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ]),
      RangeError,
      "step: sequenceCrossEntropy needs targets that are labels: whole numbers below the number of classes, or -1 for steps that don't count, but y at row 0, column 3 is 5",
    ],
    [
      async () => {
        const model = await w.sequential({ input: [2, 2] }, w.dense(1));
        return new w.Trainer(model, { loss: w.sequenceCrossEntropy(), optimizer: w.sgd() });
      },
      RangeError,
      "Trainer: sequenceCrossEntropy needs one output a class, 2 or more, at every step, [..., classes], got 2x1",
    ],
    [
      async () => {
        const { model } = await words();
        const parts = { loss: w.sequenceCrossEntropy(), optimizer: w.sgd(), metrics: [w.mae()] };
        return new w.Trainer(model, parts).evaluate({ x: read, y: next });
      },
      RangeError,
      "Trainer: mae compares outputs with as many targets, but those of sequenceCrossEntropy have a shape of their own; leave it out and watch the loss",
    ],
    [
      async () => {
        const { model } = await words();
        return new w.Trainer(model, { loss: w.sequenceCrossEntropy({ classWeights: [1, 2] }), optimizer: w.sgd() });
      },
      RangeError,
      /^Trainer|^sequenceCrossEntropy: classWeights .*the model has 5 classes/,
    ],
    [
      async () => w.sequenceCrossEntropy({ labelSmoothing: 1 }),
      RangeError,
      "sequenceCrossEntropy: labelSmoothing must be from 0 up to but not including 1, got 1",
    ],
  ]);
});
