// Every metric against plain code, on the outputs that a model really gives; whatever the batches.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import * as metrics from "../../../src/nn/metrics/index.ts";
import { expectClose } from "../../support/golden.ts";
import { mean, rowsOf, sigmoid, softmax } from "../../support/plain.ts";
import { normal, wholes } from "../../support/seeded.ts";

const ROWS = 57;
/** float64 sums of float32 numbers: only their order differs. A probability has an error of 1e-7 before its logarithm. */
const CLOSE = { rtol: 1e-6, atol: 1e-12 };

const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));
const oneHot = (labels: ArrayLike<number>, n: number): number[][] =>
  Array.from(labels, (label) => Array.from({ length: n }, (_, c) => (c === label ? 1 : 0)));

/** Precision, recall and F1 by counting, for each class. */
function decisions(predicted: readonly number[], labels: readonly number[], c: number) {
  const count = (p: boolean, l: boolean): number =>
    predicted.filter((v, r) => (v === c) === p && (labels[r] === c) === l).length;
  const [hits, wrong, missed] = [count(true, true), count(true, false), count(false, true)];
  const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);
  return {
    hits,
    wrong,
    missed,
    precision: ratio(hits, hits + wrong),
    recall: ratio(hits, hits + missed),
    f1: ratio(2 * hits, 2 * hits + wrong + missed),
  };
}

/** The share of pairs in which the row of class 1 has the larger output, ties counted half. */
function pairsWon(outputs: readonly number[], labels: ArrayLike<number>): number {
  let won = 0;
  let pairs = 0;
  outputs.forEach((a, i) =>
    outputs.forEach((b, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return;
      pairs++;
      won += a > b ? 1 : a === b ? 0.5 : 0;
    }),
  );
  return won / pairs;
}

/** Scikit-learn's formula: the sum over the thresholds, from the highest on, of what the recall gains times the precision. */
function averagePrecision(outputs: readonly number[], labels: ArrayLike<number>): number {
  const thresholds = [...new Set(outputs)].toSorted((a, b) => b - a);
  const all = Array.from(labels).filter((label) => label === 1).length;
  let sum = 0;
  let before = 0;
  for (const threshold of thresholds) {
    const called = outputs.flatMap((v, i) => (v >= threshold ? [labels[i]!] : []));
    const recall = called.filter((label) => label === 1).length / all;
    sum += (recall - before) * mean(called);
    before = recall;
  }
  return sum;
}

interface Case {
  readonly loss: w.Loss;
  readonly outputs: number;
  readonly metrics: readonly w.Metric[];
  readonly y: w.Target;
  /** The values, in the order of the metrics, from rows of outputs. */
  expected(outputs: number[][]): number[];
}

const labels5 = wholes(ROWS, { seed: 2, below: 5 });
const labels2 = wholes(ROWS, { seed: 3, below: 2 });
const numbers2 = rowsOf(normal(ROWS * 2, { seed: 4 }), 2);
const yesNo3 = rowsOf(wholes(ROWS * 3, { seed: 5, below: 2 }), 3);

const macro = (predicted: readonly number[], key: "precision" | "recall" | "f1"): number =>
  mean([0, 1, 2, 3, 4].map((c) => decisions(predicted, [...labels5], c)[key]));

/** Metrics of classes: one output per class. */
const manyClasses = (outputs: number[][]): number[] => {
  const predicted = outputs.map(largest);
  const right = mean(predicted.map((v, r) => (v === labels5[r] ? 1 : 0)));
  const top2 = outputs.map((row, r) => row.filter((v) => v > row[labels5[r]!]!).length < 2);
  return [
    right,
    mean(top2.map(Number)),
    macro(predicted, "precision"),
    macro(predicted, "recall"),
    macro(predicted, "f1"),
    mean(outputs.map((row, r) => -Math.log(softmax(row)[labels5[r]!]!))),
  ];
};
const classMetrics = [w.accuracy(), w.topKAccuracy({ k: 2 }), w.precision(), w.recall(), w.f1(), w.logLoss()];

/** Metrics of one yes-or-no output, given the probabilities of yes. */
const yesOrNo = (p: readonly number[], outputs: readonly number[]): number[] => {
  const predicted = p.map((v) => (v > 0.5 ? 1 : 0));
  const d = decisions(predicted, [...labels2], 1);
  return [
    mean(predicted.map((v, r) => (v === labels2[r] ? 1 : 0))),
    d.precision,
    d.recall,
    d.f1,
    pairsWon(outputs, labels2),
    mean(p.map((v, r) => -Math.log(labels2[r] === 1 ? v : 1 - v))),
  ];
};
const yesOrNoMetrics = [w.accuracy(), w.precision(), w.recall(), w.f1(), w.rocAuc(), w.logLoss()];

const CASES: Readonly<Record<string, Case>> = {
  "five classes, labels": {
    loss: w.softmaxCrossEntropy(),
    outputs: 5,
    metrics: classMetrics,
    y: labels5,
    expected: manyClasses,
  },
  "five classes, one-hot": {
    loss: w.softmaxCrossEntropy(),
    outputs: 5,
    metrics: classMetrics,
    y: oneHot(labels5, 5),
    expected: manyClasses,
  },
  "five classes, all decisions together": {
    loss: w.softmaxCrossEntropy(),
    outputs: 5,
    metrics: (["precision", "recall", "f1"] as const).map((name) => w[name]({ average: "micro" })),
    y: labels5,
    expected: (outputs) => {
      const right = mean(outputs.map((row, r) => (largest(row) === labels5[r] ? 1 : 0)));
      return [right, right, right];
    },
  },
  "two outputs: class 1 is what counts": {
    loss: w.softmaxCrossEntropy(),
    outputs: 2,
    metrics: [w.precision(), w.recall({ average: "binary" }), w.f1(), w.iou({ average: "binary" })],
    y: labels2,
    expected: (outputs) => {
      const d = decisions(outputs.map(largest), [...labels2], 1);
      return [d.precision, d.recall, d.f1, d.hits / (d.hits + d.wrong + d.missed)];
    },
  },
  "one output with the sigmoid in the loss": {
    loss: w.binaryCrossEntropyWithLogits(),
    outputs: 1,
    metrics: yesOrNoMetrics,
    y: labels2,
    expected: (outputs) => yesOrNo(outputs.flat().map(sigmoid), outputs.flat()),
  },
  "three yes-or-no outputs": {
    loss: w.binaryCrossEntropyWithLogits(),
    outputs: 3,
    metrics: [w.accuracy(), w.f1(), w.recall({ average: "micro" }), w.prAuc(), w.rocAuc({ average: "micro" })],
    y: yesNo3,
    expected: (outputs) => {
      const said = outputs.flat().map((v) => Number(v > 0));
      const is = yesNo3.flat();
      const column = (all: readonly number[], j: number): number[] => all.filter((_v, i) => i % 3 === j);
      return [
        mean(said.map((v, i) => Number(v === is[i]))),
        mean([0, 1, 2].map((j) => decisions(column(said, j), column(is, j), 1).f1)),
        decisions(said, is, 1).recall,
        mean([0, 1, 2].map((j) => averagePrecision(column(outputs.flat(), j), column(is, j)))),
        pairsWon(outputs.flat(), is),
      ];
    },
  },
  "the sign, with hinge": {
    loss: w.hinge(),
    outputs: 1,
    metrics: [w.accuracy()],
    y: Float32Array.from(labels2, (v) => 2 * v - 1),
    expected: (outputs) => [mean(outputs.map(([v], r) => (v! > 0 === (labels2[r] === 1) ? 1 : 0)))],
  },
  "two columns of numbers": {
    loss: w.meanSquaredError(),
    outputs: 2,
    metrics: [w.mae(), w.mse(), w.rmse(), w.r2()],
    y: numbers2,
    expected: (outputs) => {
      const errors = outputs.flatMap((row, r) => row.map((v, j) => v - numbers2[r]![j]!));
      const squares = mean(errors.map((d) => d * d));
      const explained = [0, 1].map((j) => {
        const column = numbers2.map((row) => row[j]!);
        const centre = mean(column);
        const left = outputs.reduce((sum, row, r) => sum + (row[j]! - column[r]!) ** 2, 0);
        return 1 - left / column.reduce((sum, v) => sum + (v - centre) ** 2, 0);
      });
      return [mean(errors.map(Math.abs)), squares, Math.sqrt(squares), mean(explained)];
    },
  },
};

describe("metrics", () => {
  for (const [name, { loss, outputs, metrics: some, y, expected }] of Object.entries(CASES)) {
    test(name, async () => {
      const model = await w.sequential({ input: 4, seed: 6 }, w.dense(outputs));
      const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: some });
      const x = normal(ROWS * 4, { seed: 1 });
      const wanted = expected(rowsOf(model.predict(x), outputs));
      for (const batchSize of [1, 10, ROWS, 256]) {
        const figures = await trainer.evaluate({ x, y }, { batchSize });
        const given = some.map((metric) => figures[metric.name]!);
        expectClose(`batchSize ${batchSize}`, given, wanted, CLOSE);
      }
      // metrics of random outputs would be meaningless: these tell the metrics apart from constants
      expect(wanted.every(Number.isFinite)).toBe(true);
      const step = trainer.step(x, y as Float32Array);
      expectClose("step", some.map((metric) => step[metric.name]!), wanted, CLOSE); // prettier-ignore
    });
  }

  test("every one has a case", () => {
    const covered = new Set(Object.values(CASES).flatMap((c) => c.metrics.map((m) => m.type)));
    const functions = ["confusionMatrix", "classificationReport", "rocCurve", "precisionRecallCurve"]; // of labels, not of a model
    expect([...covered].toSorted()).toEqual(
      Object.keys(metrics)
        .filter((name) => !functions.includes(name))
        .toSorted(),
    );
  });

  test("names are those of the history", () => {
    expect([w.accuracy(), w.topKAccuracy(), w.topKAccuracy({ k: 2 }), w.rocAuc()].map((m) => m.name)).toEqual([
      "accuracy",
      "top5Accuracy",
      "top2Accuracy",
      "rocAuc",
    ]);
  });
});

describe("edges", () => {
  /** The metric for these outputs, of a model that gives its input back. */
  async function figure(metric: w.Metric, loss: w.Loss, x: readonly number[], y: readonly number[]): Promise<number> {
    const model = await w.sequential({ input: 1 }, w.reshape([1]));
    const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [metric] });
    return (await trainer.evaluate({ x: [...x], y: [...y] }))[metric.name]!;
  }
  const mse = w.meanSquaredError();
  const logits = w.binaryCrossEntropyWithLogits();

  test("r2 of targets that never vary", async () => {
    expect(await figure(w.r2(), mse, [1, 2, 3], [5, 5, 5])).toBe(0);
    expect(await figure(w.r2(), mse, [5, 5, 5], [5, 5, 5])).toBe(1);
    expect(await figure(w.r2(), mse, [2, 2, 2], [1, 2, 3])).toBe(0); // as good as the mean
    expect(await figure(w.r2(), mse, [1, 2, 3], [1, 2, 3])).toBe(1);
  });

  test("rocAuc with ties, of one class alone, and upside down", async () => {
    expect(await figure(w.rocAuc(), logits, [1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5);
    expect(await figure(w.rocAuc(), logits, [-1, 2, 2, 3], [0, 0, 1, 1])).toBe(3.5 / 4);
    expect(await figure(w.rocAuc(), logits, [1, 2], [1, 0])).toBe(0);
    expect(await figure(w.rocAuc(), logits, [1, 2], [1, 1])).toBeNaN();
  });

  test("precision where nothing was called yes, recall where nothing is", async () => {
    expect(await figure(w.precision(), logits, [-1, -2], [1, 0])).toBe(0);
    expect(await figure(w.recall(), logits, [1, 2], [0, 0])).toBe(0);
    expect(await figure(w.f1(), logits, [-1, -2], [0, 0])).toBe(0);
  });

  test("logLoss of a sure mistake is finite", async () => {
    const loss = await figure(w.logLoss(), w.binaryCrossEntropy(), [0, 1], [1, 1]);
    expect(loss).toBeCloseTo(-Math.log(1e-15) / 2, 10);
  });
});
