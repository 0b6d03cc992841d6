// Every metric with every loss: it measures what a plain reference says, or new Trainer refuses it in words.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import * as losses from "../../../src/nn/losses/index.ts";
import * as metricsOfLibrary from "../../../src/nn/metrics/index.ts";
import { mean, rowsOf, sigmoid, softmax } from "../../support/plain.ts";
import { normal, wholes } from "../../support/seeded.ts";

const ROWS = 23;
const METRICS = {
  accuracy: w.accuracy(),
  f1: w.f1(),
  iou: w.iou(),
  logLoss: w.logLoss(),
  mae: w.mae(),
  mse: w.mse(),
  prAuc: w.prAuc(),
  precision: w.precision(),
  r2: w.r2(),
  recall: w.recall(),
  rmse: w.rmse(),
  rocAuc: w.rocAuc(),
  topKAccuracy: w.topKAccuracy({ k: 2 }),
};
type Name = keyof typeof METRICS;
const NUMBERS: readonly Name[] = ["mae", "mse", "r2", "rmse"];
const CLASSES: readonly Name[] = ["accuracy", "f1", "iou", "logLoss", "precision", "recall", "topKAccuracy"];
const YES_OR_NO: readonly Name[] = ["accuracy", "f1", "iou", "logLoss", "prAuc", "precision", "recall", "rocAuc"];
/** Of several labels at once. */
const LABELS: readonly Name[] = ["accuracy", "f1", "iou", "prAuc", "precision", "recall", "rocAuc"];

interface Case {
  readonly loss: w.Loss;
  /** Numbers of a row of the output. */
  readonly outputs: number;
  readonly y: w.Target;
  /** y as values, as many as outputs. */
  readonly values?: ArrayLike<number>;
  readonly end?: readonly w.Layer[];
  readonly probabilities?: (row: readonly number[]) => readonly number[];
  readonly threshold?: number;
  /** Each output is a yes or no. */
  readonly separate?: boolean;
  readonly allowed: readonly Name[];
}

const three = wholes(ROWS, { seed: 1, below: 3 });
const oneHot = Float32Array.from({ length: 3 * ROWS }, (_, i) => Number(three[Math.floor(i / 3)] === i % 3));
const yes = wholes(ROWS, { seed: 2, below: 2 });
const yes6 = Float32Array.from(wholes(ROWS * 6, { seed: 3, below: 2 }));
const one = normal(ROWS, { seed: 5 });
const signs = Float32Array.from(yes, (v) => 2 * v - 1);
const same = (row: readonly number[]): readonly number[] => row;
const exp = (row: readonly number[]): readonly number[] => row.map(Math.exp);
const sigmoids = (row: readonly number[]): readonly number[] => row.map(sigmoid);

const mixed = w.outputs({
  kind: { shape: 3, loss: w.softmaxCrossEntropy() },
  size: { shape: 1, loss: w.meanSquaredError() },
});
const alike = w.outputs({ near: { shape: 2, loss: w.huber() }, far: { shape: 1, loss: w.meanSquaredError() } });
const [near, far] = [normal(ROWS * 2, { seed: 6 }), normal(ROWS, { seed: 7 })];
const joined = rowsOf(near, 2).flatMap((row, r) => [...row, far[r]!]);

const CASES: Readonly<Record<string, Case>> = {
  "softmaxCrossEntropy, labels": { loss: w.softmaxCrossEntropy(), outputs: 3, y: three, probabilities: softmax, allowed: CLASSES }, // prettier-ignore
  "softmaxCrossEntropy, one-hot": {
    loss: w.softmaxCrossEntropy(),
    outputs: 3,
    y: rowsOf(oneHot, 3),
    values: oneHot,
    probabilities: softmax,
    allowed: [...CLASSES, ...NUMBERS], // prettier-ignore
  },
  negativeLogLikelihood: { loss: w.negativeLogLikelihood(), outputs: 3, y: three, end: [w.logSoftmax()], probabilities: exp, allowed: CLASSES }, // prettier-ignore
  klDivergence: {
    loss: w.klDivergence(),
    outputs: 3,
    y: oneHot,
    values: oneHot,
    end: [w.logSoftmax()],
    probabilities: exp,
    allowed: [...CLASSES, ...NUMBERS], // prettier-ignore
  },
  sequenceCrossEntropy: {
    loss: w.sequenceCrossEntropy(),
    outputs: 3,
    y: three,
    probabilities: softmax,
    allowed: CLASSES,
  },
  "binaryCrossEntropy, one": {
    loss: w.binaryCrossEntropy(),
    outputs: 1,
    y: yes,
    values: yes,
    end: [w.sigmoid()],
    threshold: 0.5,
    separate: true,
    probabilities: same,
    allowed: [...YES_OR_NO, ...NUMBERS], // prettier-ignore
  },
  "binaryCrossEntropy, six": {
    loss: w.binaryCrossEntropy(),
    outputs: 6,
    y: yes6,
    values: yes6,
    end: [w.sigmoid()],
    threshold: 0.5,
    separate: true,
    allowed: [...LABELS, ...NUMBERS], // prettier-ignore
  },
  "binaryCrossEntropyWithLogits, one": {
    loss: w.binaryCrossEntropyWithLogits(),
    outputs: 1,
    y: yes,
    values: yes,
    threshold: 0,
    separate: true,
    probabilities: sigmoids,
    allowed: [...YES_OR_NO, ...NUMBERS], // prettier-ignore
  },
  "binaryCrossEntropyWithLogits, six": {
    loss: w.binaryCrossEntropyWithLogits(),
    outputs: 6,
    y: yes6,
    values: yes6,
    threshold: 0,
    separate: true,
    allowed: [...LABELS, ...NUMBERS], // prettier-ignore
  },
  hinge: {
    loss: w.hinge(),
    outputs: 1,
    y: signs,
    values: signs,
    threshold: 0,
    separate: true,
    allowed: [...LABELS, ...NUMBERS], // prettier-ignore
  },
  meanSquaredError: { loss: w.meanSquaredError(), outputs: 1, y: one, values: one, allowed: NUMBERS },
  // the largest of one-hot targets is the class
  "meanSquaredError, one-hot": { loss: w.meanSquaredError(), outputs: 3, y: oneHot, values: oneHot, allowed: [...NUMBERS, "topKAccuracy"] }, // prettier-ignore
  "meanSquaredError behind a sigmoid": {
    loss: w.meanSquaredError(),
    outputs: 1,
    y: yes,
    values: yes,
    end: [w.sigmoid()],
    threshold: 0.5,
    probabilities: same,
    allowed: [...YES_OR_NO, ...NUMBERS], // prettier-ignore
  },
  meanAbsoluteError: { loss: w.meanAbsoluteError(), outputs: 1, y: one, values: one, allowed: NUMBERS },
  huber: { loss: w.huber(), outputs: 1, y: one, values: one, allowed: NUMBERS },
  poisson: { loss: w.poisson(), outputs: 1, y: yes, values: yes, allowed: NUMBERS },
  quantile: { loss: w.quantile({ quantile: 0.9 }), outputs: 1, y: one, values: one, allowed: NUMBERS },
  "quantile, three": { loss: w.quantile({ quantile: [0.1, 0.5, 0.9] }), outputs: 3, y: one, allowed: [] },
  // the largest of one-hot targets is the class
  cosineSimilarity: { loss: w.cosineSimilarity(), outputs: 3, y: oneHot, values: oneHot, allowed: [...NUMBERS, "topKAccuracy"] }, // prettier-ignore
  tripletMargin: { loss: w.tripletMargin(), outputs: 3, y: new Float32Array(ROWS), allowed: [] },
  ctc: { loss: w.ctc(), outputs: 4, y: w.ctcTargets(Array.from({ length: ROWS }, () => [1]), { maxLabels: 2 }), end: [w.reshape([2, 2])], allowed: [] }, // prettier-ignore
  focal: {
    loss: w.focal(),
    outputs: 1,
    y: yes,
    values: yes,
    threshold: 0,
    separate: true,
    probabilities: sigmoids,
    allowed: [...YES_OR_NO, ...NUMBERS], // prettier-ignore
  },
  dice: {
    loss: w.dice(),
    outputs: 1,
    y: yes,
    values: yes,
    end: [w.sigmoid()],
    threshold: 0.5,
    probabilities: same,
    allowed: [...YES_OR_NO, ...NUMBERS], // prettier-ignore
  },
  "outputs of classes and numbers": {
    loss: mixed.loss,
    outputs: 4,
    y: mixed.targets({ kind: three, size: one }),
    end: [mixed.layer({ kind: w.dense(3), size: w.dense(1) })],
    allowed: [], // prettier-ignore
  },
  "outputs of numbers": {
    loss: alike.loss,
    outputs: 3,
    y: joined,
    values: joined,
    end: [alike.layer({ near: w.dense(2), far: w.dense(1) })],
    allowed: NUMBERS, // prettier-ignore
  },
};

/** The metric in float64, from the model's output. */
function reference(name: Name, outputs: readonly (readonly number[])[], c: Case): number {
  const flat = outputs.flat();
  const { threshold = 0.5, probabilities = same } = c;
  const values = c.values && rowsOf(Float64Array.from(c.values), c.outputs);
  const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));
  const target = values ? values.map((row) => (row.length === 1 ? Number(row[0]! > 0.5) : largest(row))) : [...(c.y as Int32Array)]; // prettier-ignore
  const said = outputs.map((row) => (row.length === 1 ? Number(row[0]! > threshold) : largest(row)));
  const errors = flat.map((v, i) => v - (c.values?.[i] ?? NaN));
  const squares = mean(errors.map((d) => d * d));
  // several labels at once: each column is a class that a row is called, or is of
  const several = c.separate === true && c.outputs > 1;
  const counts = Array.from({ length: Math.max(2, c.outputs) }, (_, k) => {
    const isCalled = (r: number): boolean => (several ? outputs[r]![k]! > threshold : said[r] === k);
    const isOf = (r: number): boolean => (several ? values![r]![k]! > 0.5 : target[r] === k);
    const count = (holds: (r: number) => boolean): number => outputs.filter((_row, r) => holds(r)).length;
    const [right, called, all] = [count((r) => isCalled(r) && isOf(r)), count(isCalled), count(isOf)];
    const [p, q] = [called ? right / called : 0, all ? right / all : 0];
    return { precision: p, recall: q, f1: p + q ? (2 * p * q) / (p + q) : 0, iou: right / (called + all - right) };
  });
  const average = (key: "precision" | "recall" | "f1"): number =>
    counts.length === 2 ? counts[1]![key] : mean(counts.map((k) => k[key]));
  const columns = several ? c.outputs : 1;
  const columnOf = (j: number): number[] => flat.filter((_v, i) => i % columns === j);
  const yesOf = (j: number): boolean[] =>
    several ? values!.map((row) => row[j]! > 0.5) : target.map((label) => label === 1);
  const perColumn = (area: (scores: readonly number[], yes: readonly boolean[]) => number): number =>
    mean(Array.from({ length: columns }, (_, j) => area(columnOf(j), yesOf(j))));
  switch (name) {
    case "accuracy":
      if (c.separate) return mean(flat.map((v, i) => Number(v > threshold === c.values![i]! > 0.5)));
      return mean(said.map((v, r) => Number(v === target[r])));
    case "topKAccuracy":
      return mean(outputs.map((row, r) => Number(row.filter((v) => v > row[target[r]!]!).length < 2)));
    case "logLoss":
      return mean(
        outputs.map((row, r) => {
          const p = probabilities(row);
          return -Math.log(p.length === 1 ? (target[r] ? p[0]! : 1 - p[0]!) : p[target[r]!]!);
        }),
      );
    case "iou":
      return mean(counts.map((k) => k.iou));
    case "rocAuc":
      return perColumn((scores, is) => mean(scores.flatMap((a, i) => scores.flatMap((b, j) => (is[i] && !is[j] ? [a > b ? 1 : a === b ? 0.5 : 0] : []))))); // prettier-ignore
    case "prAuc":
      // of each row of class 1, the precision at its own score
      return perColumn((scores, is) => mean(scores.flatMap((a, i) => (is[i] ? [mean(scores.flatMap((b, j) => (b >= a ? [Number(is[j])] : [])))] : [])))); // prettier-ignore
    case "mae":
      return mean(errors.map(Math.abs));
    case "mse":
      return squares;
    case "rmse":
      return Math.sqrt(squares);
    case "r2":
      return mean(
        Array.from({ length: c.outputs }, (_, j) => {
          const column = values!.map((row) => row[j]!);
          const centre = mean(column);
          const left = column.reduce((sum, v, r) => sum + (outputs[r]![j]! - v) ** 2, 0);
          return 1 - left / column.reduce((sum, v) => sum + (v - centre) ** 2, 0);
        }),
      );
    default:
      return average(name);
  }
}

describe.each(Object.entries(CASES))("%s", (_, c) => {
  test.each(Object.keys(METRICS) as Name[])("%s", async (name) => {
    const { loss, outputs, y, end = [] } = c;
    const layers = loss.joint ? end : [w.dense(outputs), ...end];
    const model = await w.sequential({ input: 4, seed: 8 }, ...layers);
    const make = (): w.Trainer => new w.Trainer(model, { loss, optimizer: w.sgd(), metrics: [METRICS[name]] });
    // a loss whose targets may be labels or values takes what fits either: labels are refused with the data
    const withLabels = loss.target === "either" && c.values === undefined && NUMBERS.includes(name);
    const x = normal(ROWS * 4, { seed: 9 });
    if (!c.allowed.includes(name) && !withLabels) {
      expect(make).toThrow(RangeError);
      expect(make).toThrow(new RegExp(`^Trainer: ${name} (compares|needs) .*`));
      return;
    }
    const trainer = make();
    if (withLabels) {
      const message = `evaluate: ${name} compares numbers, but the targets are labels; use accuracy`;
      await expect(trainer.evaluate({ x, y })).rejects.toThrow(message);
      return;
    }
    const wanted = reference(name, rowsOf(model.predict(x), outputs), c);
    for (const batchSize of [1, 5, ROWS]) {
      const value = (await trainer.evaluate({ x, y }, { batchSize }))[METRICS[name].name]!;
      expect(Math.abs(value - wanted), `${value} for ${wanted}`).toBeLessThan(1e-6 * (1 + Math.abs(wanted)));
    }
  });
});

test("every loss and every metric is there", () => {
  const types = new Set(Object.values(CASES).map(({ loss }) => loss.type));
  expect([...types].toSorted()).toEqual([...Object.keys(losses), "joint"].toSorted());
  const functions = ["confusionMatrix", "classificationReport", "rocCurve", "precisionRecallCurve"];
  expect(Object.keys(METRICS)).toEqual(Object.keys(metricsOfLibrary).filter((n) => !functions.includes(n)).toSorted()); // prettier-ignore
});

test("rocAuc of an output that is NaN is NaN, and comes to an end", async () => {
  const nan = w.customLayer({
    type: "nan",
    forward: ({ x, y }) => void y.set(x.map((v, i) => (i === 1 ? NaN : v))),
    backward: () => {},
  });
  const broken = await w.sequential({ input: 1 }, w.dense(1), nan);
  const trainer = new w.Trainer(broken, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.sgd(), metrics: [w.rocAuc()] }); // prettier-ignore
  expect((await trainer.evaluate({ x: [1, 2, 3], y: [0, 1, 1] }))["rocAuc"]).toBeNaN();
});

test("the messages", async () => {
  const six = await w.sequential({ input: 4 }, w.dense(6));
  const four = await w.sequential({ input: 4 }, mixed.layer({ kind: w.dense(3), size: w.dense(1) }));
  const single = await w.sequential({ input: 4 }, w.dense(1));
  const parts = (loss: w.Loss, metric: w.Metric): w.TrainerOptions => ({ loss, optimizer: w.sgd(), metrics: [metric] });
  for (const [model, loss, metric, message] of [
    [six, w.binaryCrossEntropyWithLogits(), w.topKAccuracy(), "Trainer: topKAccuracy needs one output a class, got 6 yes-or-no outputs; use accuracy"], // prettier-ignore
    [four, mixed.loss, w.accuracy(), "Trainer: accuracy compares one answer a row, but the model has several outputs, each with a loss of its own; give it to one of them: outputs({ name: { shape, loss, metrics: [accuracy()] } })"], // prettier-ignore
    [four, mixed.loss, w.topKAccuracy(), "Trainer: topKAccuracy compares one answer a row, but the model has several outputs, each with a loss of its own; give it to one of them: outputs({ name: { shape, loss, metrics: [topKAccuracy()] } })"], // prettier-ignore
    [single, w.meanSquaredError(), w.accuracy(), "Trainer: accuracy compares classes, but meanSquaredError is a loss of numbers, and the model doesn't end with a sigmoid or softmax that makes probabilities of them; use mae, rmse or r2, or a loss of classes such as softmaxCrossEntropy"], // prettier-ignore
    [single, w.hinge(), w.logLoss(), "Trainer: logLoss needs probabilities, but hinge's outputs are none; use accuracy, f1 or rocAuc"], // prettier-ignore
  ] as const) {
    expect(() => new w.Trainer(model, parts(loss, metric))).toThrow(new RangeError(message));
  }
});
