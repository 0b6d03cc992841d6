// The loss and the metrics of all rows, whatever the batch size: every loss, reduction and weight.
import { expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import * as losses from "../../../src/nn/losses/index.ts";
import { normal, uniform, wholes } from "../../support/seeded.ts";

const ROWS = 11;
const x = normal(ROWS * 3, { seed: 1 });
const sampleWeights = uniform(ROWS, { seed: 2, low: 0, high: 3 });
sampleWeights[4] = 0;
const labels = wholes(ROWS, { seed: 3, below: 3 });
const numbers = normal(ROWS * 3, { seed: 4 });
const shares = uniform(ROWS * 3, { seed: 5, low: 0, high: 1 });
const signs = numbers.map((v) => (v > 0 ? 1 : -1));
const steps = Float32Array.from(wholes(ROWS * 2, { seed: 6, below: 4 }), (label) => label - 1);
const counts = Float32Array.from(wholes(ROWS * 3, { seed: 8, below: 5 }));
const sequences = w.ctcTargets(
  Array.from({ length: ROWS }, (_, r) => [[1, 2], [2], [], [1, 1]][r % 4]!),
  { maxLabels: 2, lengths: Array.from({ length: ROWS }, (_, r) => 3 + (r % 2)) },
); // prettier-ignore
const classWeights = [0.2, 3, 1];
const numberMetrics = [w.mae(), w.mse(), w.rmse(), w.r2()];
const classMetrics = [w.accuracy(), w.topKAccuracy({ k: 2 }), w.precision(), w.recall(), w.f1(), w.logLoss()];

interface Case {
  readonly make: (reduction: w.Loss["reduction"]) => w.Loss;
  readonly y: w.Target;
  readonly end?: readonly w.Layer[];
  readonly metrics: readonly w.Metric[];
  readonly reductions?: readonly w.Loss["reduction"][];
}

const custom = (reduction: w.Loss["reduction"]): w.Loss =>
  w.customLoss({
    type: "cubic",
    reduction,
    compute({ output, target, losses: each, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const d = output[i]! - target[i]!;
        each[i] = Math.abs(d * d * d);
        gradient[i] = 3 * d * Math.abs(d);
      }
    },
  });

const reduced = <T>(reduction: T): { reduction: "mean" | "sum" } => ({ reduction: reduction as "mean" });

const CASES: Readonly<Record<string, readonly Case[]>> = {
  binaryCrossEntropy: [
    { make: (r) => w.binaryCrossEntropy(reduced(r)), y: shares, end: [w.sigmoid()], metrics: [w.accuracy()] },
  ],
  binaryCrossEntropyWithLogits: [
    {
      make: (r) => w.binaryCrossEntropyWithLogits({ positiveWeight: 2, ...reduced(r) }),
      y: shares,
      metrics: [w.accuracy()],
    },
    {
      make: (r) => w.binaryCrossEntropyWithLogits(reduced(r)),
      y: labels.map((label) => Number(label > 0)),
      end: [w.dense(1)],
      metrics: [w.accuracy(), w.precision(), w.recall(), w.f1(), w.logLoss(), w.rocAuc()],
    },
  ],
  cosineSimilarity: [
    { make: (r) => w.cosineSimilarity(reduced(r)), y: numbers, metrics: numberMetrics },
    {
      make: (r) => w.cosineSimilarity(reduced(r)),
      y: normal(ROWS * 8, { seed: 9 }),
      end: [w.dense(8), w.reshape([2, 4])],
      metrics: [],
    },
  ],
  ctc: [
    {
      make: (r) => w.ctc({ maxLabels: 2, lengths: true, ...reduced(r) }),
      y: sequences,
      end: [w.dense(12), w.reshape([4, 3])],
      metrics: [],
    },
  ],
  dice: [{ make: (r) => w.dice(reduced(r)), y: shares, end: [w.sigmoid()], metrics: numberMetrics }],
  focal: [{ make: (r) => w.focal({ alpha: 0.3, ...reduced(r) }), y: shares, metrics: [w.accuracy()] }],
  hinge: [{ make: (r) => w.hinge(reduced(r)), y: signs, metrics: [w.accuracy()] }],
  huber: [{ make: (r) => w.huber({ delta: 0.4, ...reduced(r) }), y: numbers, metrics: numberMetrics }],
  klDivergence: [
    {
      make: (reduction) => w.klDivergence({ reduction }),
      y: shares,
      end: [w.logSoftmax()],
      metrics: classMetrics,
      reductions: ["batchMean", "mean", "sum"],
    },
  ],
  meanAbsoluteError: [{ make: (r) => w.meanAbsoluteError(reduced(r)), y: numbers, metrics: numberMetrics }],
  meanSquaredError: [{ make: (r) => w.meanSquaredError(reduced(r)), y: numbers, metrics: numberMetrics }],
  negativeLogLikelihood: [
    {
      make: (r) => w.negativeLogLikelihood({ classWeights, ...reduced(r) }),
      y: labels,
      end: [w.logSoftmax()],
      metrics: classMetrics,
    },
  ],
  poisson: [{ make: (r) => w.poisson(reduced(r)), y: counts, metrics: numberMetrics }],
  quantile: [
    { make: (r) => w.quantile({ quantile: 0.2, ...reduced(r) }), y: numbers, metrics: numberMetrics },
    {
      make: (r) => w.quantile({ quantile: [0.1, 0.5, 0.9], ...reduced(r) }),
      y: normal(ROWS, { seed: 7 }),
      metrics: [],
    },
  ],
  sequenceCrossEntropy: [
    {
      make: (r) => w.sequenceCrossEntropy(reduced(r)),
      y: steps,
      end: [w.dense(8), w.reshape([2, 4])],
      metrics: [...classMetrics, w.iou()],
    },
    {
      make: (r) => w.sequenceCrossEntropy({ classWeights: [0.5, 1, 2, 3], labelSmoothing: 0.1, ...reduced(r) }),
      y: steps,
      end: [w.dense(8), w.reshape([2, 4])],
      metrics: [],
    },
  ],
  softmaxCrossEntropy: [
    { make: (r) => w.softmaxCrossEntropy(reduced(r)), y: labels, metrics: classMetrics },
    { make: (r) => w.softmaxCrossEntropy({ classWeights, ...reduced(r) }), y: labels, metrics: classMetrics },
    {
      make: (r) => w.softmaxCrossEntropy({ classWeights, labelSmoothing: 0.2, ...reduced(r) }),
      y: shares,
      metrics: classMetrics,
    },
  ],
  tripletMargin: [{ make: (r) => w.tripletMargin(reduced(r)), y: new Float32Array(ROWS), metrics: [] }],
  customLoss: [{ make: custom, y: numbers, metrics: [], reductions: ["mean", "sum", "batchMean"] }],
};

const all = Object.entries(CASES).flatMap(([name, some]) =>
  some.flatMap(({ reductions = ["mean", "sum"], ...more }, i) =>
    reductions.map((reduction) => [`${name} ${i + 1}, ${reduction}`, reduction, more] as const),
  ),
);

test.each(all)("%s: one value, whatever the batch size", async (_, reduction, { make, y, end = [], metrics }) => {
  const model = await w.sequential({ input: 3, seed: 7 }, w.dense(3), ...end);
  const trainer = new w.Trainer(model, { loss: make(reduction), optimizer: w.sgd({ learningRate: 1e-30 }), metrics });
  for (const data of [
    { x, y },
    { x, y, sampleWeights },
  ]) {
    const wanted = await trainer.evaluate(data, { batchSize: ROWS });
    for (const batchSize of [1, 2, 4, ROWS, 256]) {
      const given = await trainer.evaluate(data, { batchSize });
      const history = await trainer.fit(data, { batchSize, validationData: data, progress: false });
      for (const [name, value] of Object.entries(wanted)) {
        expect(Number.isFinite(value), name).toBe(true);
        const capital = `validation${name[0]!.toUpperCase()}${name.slice(1)}`;
        for (const figure of [given[name]!, history[name]![0]!, history[capital]![0]!]) {
          expect(Math.abs(figure - value), `${name}, ${batchSize} rows`).toBeLessThanOrEqual(1e-9 * Math.abs(value));
        }
      }
    }
  }
});

test("every loss is there", () => {
  expect(Object.keys(CASES).toSorted()).toEqual([...Object.keys(losses), "customLoss"].toSorted());
});
