// What a network reaches when it is trained on fewer rows: whether more of them would help.
import { permutation } from "../data/random.ts";
import type { Pipeline, Transformed } from "../data/tableTypes.ts";
import { fitNetwork, type NetworkTraining } from "./fitNetwork.ts";
import { evaluationOf, outcomeOf } from "./predictions.ts";
import type { Metrics, MetricsByPart, TableReport } from "./results.ts";
import { slice, subset, type TransformedParts } from "./transformedParts.ts";

/** Shares of the rows that networks are trained on, besides all. */
const SHARES = [0.1, 0.25, 0.5];
/** The fewest rows that a network is trained on, and the most of which fewer are tried. */
const FEWEST = 20;
const MOST = 50_000;
const STREAM_ROWS = 0xb0000;

/** The metric by which results are compared: it must be there for one class alone, too. */
const scoreName = (metrics: Metrics): string =>
  ["rocAuc", "r2", "accuracy"].find((name) => metrics[name] !== undefined) ?? "rmse";

/** How good metrics are: the higher, the better. */
export const scoreOf = (metrics: Metrics): number => {
  const name = scoreName(metrics);
  return name === "rmse" ? -metrics[name]! : metrics[name]!;
};

/** The metric by the number of rows; undefined where there are too few rows, or too many to train several times. */
export async function learningCurve(
  pipeline: Pipeline,
  parts: TransformedParts,
  training: NetworkTraining,
  whole: MetricsByPart,
): Promise<TableReport["byRows"]> {
  const { train, validation } = parts;
  const rows = train.rows.length;
  const metric = scoreName(whole.validation!);
  const counts = SHARES.map((share) => Math.round(share * rows)).filter((count) => count >= FEWEST);
  if (rows > MOST || counts.length === 0) return undefined;
  const order = permutation(rows, training.seed, STREAM_ROWS);
  const points: { rows: number; train: number; validation: number }[] = [];
  for (const count of counts) {
    // of a series the last ones, which are the most alike
    const some =
      pipeline.task === "series" ? slice(train, rows - count, rows) : subset(train, order.subarray(0, count));
    const { model, decisions } = await fitNetwork(pipeline, some, validation, training);
    const reached = (part: Transformed): number =>
      evaluationOf(pipeline, outcomeOf(model, pipeline, decisions, part)).metrics[metric]!;
    points.push({ rows: count, train: reached(some), validation: reached(validation) });
  }
  points.push({ rows, train: whole.train[metric]!, validation: whole.validation![metric]! });
  return points.every((point) => Number.isFinite(point.train) && Number.isFinite(point.validation))
    ? { metric, points }
    : undefined;
}
