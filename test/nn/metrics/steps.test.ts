// Answers at every step or pixel: metrics, labels and reports, with what doesn't count left out.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { mean, rowsOf, softmax } from "../../support/plain.ts";
import { refuses } from "../../support/refusals.ts";
import { normal, wholes } from "../../support/seeded.ts";

const ROWS = 9;
const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** Precision, recall, F1 and intersection over union of each class, by scikit-learn's formulas. */
function perClass(said: readonly number[], labels: readonly number[], classes: number) {
  return Array.from({ length: classes }, (_, c) => {
    const right = said.filter((v, i) => v === c && labels[i] === c).length;
    const called = said.filter((v) => v === c).length;
    const of = labels.filter((v) => v === c).length;
    const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
    const [precision, recall] = [ratio(right, called), ratio(right, of)];
    const f1 = ratio(2 * right, called + of);
    return { precision, recall, f1, iou: right / (called + of - right), support: of };
  });
}

describe.each([
  ["steps", [6, 4]],
  ["pixels", [3, 5, 4]],
] as const)("%s", (_, shape) => {
  const answers = ROWS * shape.slice(0, -1).reduce((a: number, b) => a * b, 1);
  const y = Float32Array.from(wholes(answers, { seed: 2, below: 5 }), (label) => label - 1);
  const x = normal(ROWS * 3, { seed: 1 });
  const metrics = [
    w.accuracy(),
    w.topKAccuracy({ k: 2 }),
    w.precision(),
    w.recall(),
    w.f1(),
    w.iou(),
    w.logLoss(),
  ] as const;

  async function make() {
    const size = shape.reduce((a: number, b) => a * b, 1);
    const model = await w.sequential({ input: 3, seed: 4 }, w.dense(size), w.reshape([...shape]));
    return new w.Trainer(model, { loss: w.sequenceCrossEntropy(), optimizer: w.sgd(), metrics });
  }

  test("metrics leave out what has the label -1, whatever the batch size", async () => {
    const trainer = await make();
    const outputs = rowsOf(trainer.model.predict(x), 4);
    const counted = outputs.map((row, i) => ({ row, label: y[i]! })).filter(({ label }) => label >= 0);
    const labels = counted.map(({ label }) => label);
    const said = counted.map(({ row }) => largest(row));
    const classes = perClass(said, labels, 4);
    const wanted = {
      accuracy: mean(said.map((label, i) => Number(label === labels[i]))),
      top2Accuracy: mean(counted.map(({ row, label }) => Number(row.filter((v) => v > row[label]!).length < 2))),
      precision: mean(classes.map((c) => c.precision)),
      recall: mean(classes.map((c) => c.recall)),
      f1: mean(classes.map((c) => c.f1)),
      iou: mean(classes.map((c) => c.iou)),
      logLoss: mean(counted.map(({ row, label }) => -Math.log(softmax(row)[label]!))),
    };
    for (const batchSize of [1, 4, ROWS]) {
      const figures = await trainer.evaluate({ x, y }, { batchSize });
      for (const [name, value] of Object.entries(wanted))
        expect(figures[name as keyof typeof wanted], `${name}, ${batchSize} rows`).toBeCloseTo(value, 6);
    }
    // unsmoothed and unweighted, the loss is the same mean
    expect((await trainer.evaluate({ x, y })).loss).toBeCloseTo(wanted.logLoss, 5);
  });

  test("classify gives a label for each, and reports leave out -1", async () => {
    const { model } = await make();
    const labels = model.classify(x);
    const outputs = rowsOf(model.predict(x), 4);
    expect([...labels]).toEqual(outputs.map(largest));
    expect([...(await model.classifyAsync(x))]).toEqual([...labels]);
    const counted = Array.from(y, (label, i) => [label, labels[i]!] as const).filter(([label]) => label >= 0);
    const [is, said] = [counted.map(([label]) => label), counted.map(([, label]) => label)];
    const report = w.classificationReport(y, labels, 4);
    expect(report).toEqual(w.classificationReport(is, said, 4));
    expect(report.classes.map((c) => c.f1)).toEqual(perClass(said, is, 4).map((c) => c.f1));
    // as rows of steps, too, as fit takes them
    expect(w.classificationReport(rowsOf(y, y.length / ROWS), rowsOf(labels, y.length / ROWS), 4)).toEqual(report);
    expect(w.confusionMatrix(y, labels, 4)).toEqual(report.confusion);
  });
});

test("a mask of yes-or-no pixels: two classes", async () => {
  const y = Float32Array.from(wholes(ROWS * 12, { seed: 6, below: 2 }));
  const model = await w.sequential({ input: 3, seed: 4 }, w.dense(12), w.reshape([3, 4, 1]));
  const metrics = [w.accuracy(), w.f1(), w.iou(), w.rocAuc()] as const;
  const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.sgd(), metrics });
  const x = normal(ROWS * 3, { seed: 1 });
  const outputs = [...model.predict(x)];
  const said = outputs.map((v) => Number(v > 0));
  const classes = perClass(said, [...y], 2);
  const figures = await trainer.evaluate({ x, y }, { batchSize: 4 });
  expect(figures.accuracy).toBeCloseTo(mean(said.map((v, i) => Number(v === y[i]))), 12);
  expect(figures.f1).toBe(classes[1]!.f1);
  expect(figures.iou).toBe((classes[0]!.iou + classes[1]!.iou) / 2);
  expect(figures.rocAuc).toBe(w.rocCurve(y, outputs).area);
  expect([...model.classify(x)]).toEqual(said);
});

test("iou leaves out classes that neither occur nor were called", async () => {
  const model = await w.sequential({ input: 3 }, w.reshape([3]));
  const metrics = [w.iou(), w.f1()] as const;
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.sgd(), metrics });
  const figures = await trainer.evaluate({ x: [1, 0, 0, 0, 1, 0, 0, 1, 0], y: [0, 0, 1] });
  expect(figures.iou).toBe((1 / 2 + 1 / 2) / 2);
  expect(figures.f1).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 15); // as scikit-learn's, which counts it 0
});

test("reports of labels of which none counts", () => {
  expect(() => w.classificationReport([-1, -1], [0, 1], 2)).toThrow(
    new RangeError("classificationReport: all targets are -1, which counts nothing"),
  );
  expect(w.confusionMatrix([-1, -1], [0, 1], 2)).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

describe("refused", () => {
  refuses([
    [
      () => w.confusionMatrix([0, -1], [0, -1], 2),
      RangeError,
      "confusionMatrix: labels must be whole numbers from 0 to 1, but predictions[1] is -1",
    ],
    [
      async () => {
        const model = await w.sequential({ input: 4 }, w.reshape([2, 2]));
        const loss = w.customLoss({ type: "own", target: "labels", each: "rows", compute: () => {} });
        return new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [w.accuracy()] });
      },
      RangeError,
      "Trainer: accuracy needs one output a class, but there is one label a row for 2x2 outputs; give a label at every step, for sequenceCrossEntropy",
    ],
    [() => w.iou({ average: "mean" as "macro" }), RangeError, /^iou: average must be one of binary, macro, micro, got/],
    [() => w.prAuc({ average: "binary" as "macro" }), RangeError, /^prAuc: average must be one of macro, micro, got/],
  ]);
});
