// Golden cases of metrics.
import * as w from "../../../src/index.ts";
import type { Golden } from "../golden.ts";

/** A model that changes nothing, so that a metric sees the given numbers as the model's output. */
async function measure(
  outputs: number,
  loss: w.Loss,
  metrics: readonly w.Metric[],
  x: Float32Array,
  y: ArrayLike<number>,
): Promise<w.Logs> {
  const model = await w.sequential({ input: outputs }, w.reshape([outputs]));
  const trainer = new w.Trainer(model, { loss, optimizer: w.sgd(), metrics });
  return trainer.evaluate({ x, y: y as Float32Array });
}

const oneHot = (labels: ArrayLike<number>, classes: number): Float32Array => {
  const rows = new Float32Array(labels.length * classes);
  Array.from(labels).forEach((label, r) => (rows[r * classes + label] = 1));
  return rows;
};

/** Two or more: those that occur, and those before them. */
const classesOf = (...labels: ArrayLike<number>[]): number =>
  Math.max(2, ...labels.flatMap((of) => Array.from(of, (label) => label + 1)));

const REGRESSION = { r2: w.r2, mae: w.mae, rmse: w.rmse, mse: w.mse };

const METRICS: Readonly<Record<string, (golden: Golden) => Promise<void>>> = {
  async accuracy(golden) {
    const [prediction, target] = [golden.get("prediction"), golden.get("target")];
    const n = classesOf(target, prediction);
    const logs = await measure(n, w.softmaxCrossEntropy(), [w.accuracy()], oneHot(prediction, n), target);
    golden.compare("output", [logs["accuracy"]!]);
  },
  async top_k_accuracy(golden) {
    const k = golden.config.number("k");
    const score = golden.get("score") as Float32Array;
    const [, classes] = golden.shape("score") as [number, number];
    const metrics = [w.topKAccuracy({ k })];
    const logs = await measure(classes, w.softmaxCrossEntropy(), metrics, score, golden.get("target"));
    golden.compare("output", [logs[`top${k}Accuracy`]!]);
  },
  async precision_recall_f1(golden) {
    const [prediction, target] = [golden.get("prediction"), golden.get("target")];
    golden.config.expect("positive_label", 1);
    golden.config.expect("zero_division", 0);
    const n = classesOf(target, prediction);
    const averages = { binary: "binary", macro: "macro", micro: "micro" } as const;
    const average = golden.config.choice("average", averages);
    const metrics = [w.precision({ average }), w.recall({ average }), w.f1({ average })];
    const logs = await measure(n, w.softmaxCrossEntropy(), metrics, oneHot(prediction, n), target);
    for (const name of ["precision", "recall", "f1"]) golden.compare(name, [logs[name]!]);
  },
  async roc_auc(golden) {
    const score = golden.get("score") as Float32Array;
    const logs = await measure(1, w.binaryCrossEntropyWithLogits(), [w.rocAuc()], score, golden.get("target"));
    golden.compare("output", [logs["rocAuc"]!]);
  },
  async confusion_matrix(golden) {
    const classes = golden.config.number("num_classes");
    golden.compare("output", w.confusionMatrix(golden.get("target"), golden.get("prediction"), classes).flat());
  },
  async log_loss(golden) {
    const p = golden.get("probability") as Float32Array;
    const [, n = 1] = golden.shape("probability");
    golden.config.expect("num_classes", Math.max(n, 2));
    const loss = n === 1 ? w.binaryCrossEntropy() : w.softmaxCrossEntropy();
    const logs = await measure(n, loss, [w.logLoss()], n === 1 ? p : p.map(Math.log), golden.get("target"));
    golden.compare("output", [logs["logLoss"]!]);
  },
  ...Object.fromEntries(
    Object.entries(REGRESSION).map(([op, metric]) => [
      op,
      async (golden: Golden) => {
        const x = golden.get("prediction") as Float32Array;
        const [, columns = 1] = golden.shape("prediction");
        const logs = await measure(columns, w.meanSquaredError(), [metric()], x, golden.get("target"));
        golden.compare("output", [logs[op]!]);
      },
    ]),
  ),
};

export async function runMetric(golden: Golden): Promise<void> {
  const { op } = golden.case;
  if (!Object.hasOwn(METRICS, op)) throw new Error(`${golden.config.where}: nothing here knows the metric "${op}"`);
  await METRICS[op]!(golden);
  golden.finish("optimistic", "pessimistic", "sklearn"); // the other rules for equal scores
}
