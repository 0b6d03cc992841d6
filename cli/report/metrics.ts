// The metrics and baselines: their names, what they mean, how they are written.
import type { Baseline, Metrics, MetricsByPart, TableReport } from "./types.ts";
import { quoted } from "./html.ts";
import { decimals, figure, magnitude } from "./numbers.ts";

interface Meaning {
  readonly name: string;
  /** Is more better? */
  readonly more: boolean;
  readonly means: string;
}

const METRICS: Readonly<Record<string, Meaning>> = {
  r2: {
    name: "R²",
    more: true,
    means:
      "the share of the target's ups and downs that is predicted: 1 is perfect, 0 is no better than always saying the mean, below 0 is worse than that.",
  },
  rmse: {
    name: "RMSE",
    more: false,
    means: "the typical size of an error, in the target's units; large errors count more. Lower is better.",
  },
  mae: { name: "MAE", more: false, means: "the mean size of an error, in the target's units. Lower is better." },
  accuracy: { name: "Accuracy", more: true, means: "the share of rows whose class is predicted right." },
  rocAuc: {
    name: "AUC",
    more: true,
    means:
      "take a row of one class and a row of the other: how often the model ranks the two the right way. 1 is perfect, 0.5 is guessing. It doesn't depend on a threshold, nor on how frequent the classes are. Of several classes: the mean of each against the others.",
  },
  logLoss: {
    name: "Log loss",
    more: false,
    means:
      "how little probability was given to what came true; being sure and wrong costs most. 0 is perfect, lower is better.",
  },
  f1: {
    name: "F1",
    more: true,
    means:
      "precision and recall in one number: it is high only if both are. 1 is perfect. Of several classes: the mean over them.",
  },
  balancedAccuracy: {
    name: "Balanced accuracy",
    more: true,
    means:
      "the mean over the classes of the share of their rows that is predicted right: rare classes count as much as others.",
  },
  mape: {
    name: "MAPE",
    more: false,
    means: "the mean size of an error as a share of the actual value. Lower is better.",
  },
};

/** Names of metrics, in the order in which they are shown. */
export function metricsOf(report: TableReport): string[] {
  const order = ["rocAuc", "accuracy", "balancedAccuracy", "f1", "logLoss", "r2", "rmse", "mae", "mape"];
  const all = [...new Set([report.metrics, ...report.baselines.map((each) => each.metrics)].flatMap((parts) => partsOf(parts).flatMap(([, metrics]) => Object.keys(metrics))))]; // prettier-ignore
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return all.toSorted((a, b) => place(a) - place(b));
}

export const metricName = (metric: string): string => METRICS[metric]?.name ?? metric;
export const metricMeans = (metric: string): string | undefined => METRICS[metric]?.means;
export const moreIsBetter = (metric: string): boolean => METRICS[metric]?.more ?? true;

const BY_SHARES = new Set(["r2", "accuracy", "balancedAccuracy", "rocAuc", "f1", "logLoss", "mape"]);

/** One value of a metric. */
export const metricText = (metric: string, value: number): string =>
  BY_SHARES.has(metric) && Math.abs(value) < 1e4 ? decimals(value, 3) : figure(value);

/** Values of a metric that stand below one another: all with as many digits after the point. */
export function metricTexts(metric: string, values: readonly (number | undefined)[]): string[] {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const largest = Math.max(0, ...known.map(Math.abs));
  const plain = largest < 1e13 && (largest >= 1e-3 || largest === 0);
  const digits = BY_SHARES.has(metric) ? 3 : Math.max(0, 3 - magnitude(largest));
  return values.map((value) => (value === undefined ? "" : plain ? decimals(value, digits) : figure(value)));
}

export type Part = keyof MetricsByPart;

/** The parts that there are, with their metrics. */
export const partsOf = (metrics: MetricsByPart): [Part, Metrics][] =>
  (["train", "validation", "test"] as const).flatMap((part) => {
    const found = metrics[part];
    return found ? [[part, found] as [Part, Metrics]] : [];
  });

/** The class with most rows. */
function largestClass({ quality, evaluation: { of } }: TableReport): string | undefined {
  const classes = quality.classes ?? (of.task === "classification" ? of.perClass : []);
  return classes.toSorted((a, b) => b.rows - a.rows)[0]?.name;
}

/** What a baseline does, with a small letter. */
export function baselineName({ name }: Baseline, report: TableReport): string {
  if (name === "mean") return "always saying the mean";
  if (name === "majority") {
    const largest = largestClass(report);
    return largest === undefined ? "always saying the most frequent class" : `always saying ${quoted(largest)}`;
  }
  if (name === "seasonal") return "saying the value before";
  return name === "linear" ? "a linear model" : "a logistic model";
}

/** The same as a title. */
export function baselineTitle(baseline: Baseline, report: TableReport): string {
  const name = baselineName(baseline, report).replace(/^an? /, "").replace("saying the value", "value");
  return name[0]!.toUpperCase() + name.slice(1);
}

/** The metric that the verdict is made by. */
export function mainMetric({ task, evaluation: { of } }: TableReport): string {
  if (task !== "classification") return "r2";
  const two = of.task === "classification" && of.classes.length === 2;
  return two && Number.isFinite(of.metrics["rocAuc"] ?? NaN) ? "rocAuc" : "accuracy";
}
