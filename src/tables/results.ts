// What is known once a table was trained on: plain values, for reports and JSON.
import type { PipelineColumn, Task } from "../data/tableTypes.ts";

/** Figures by their names: r2, rmse, mae, mape; or accuracy, rocAuc, logLoss, f1, balancedAccuracy. */
export type Metrics = Readonly<Record<string, number>>;

/** Something about the data that may spoil a model. */
export interface Finding {
  /** What it is. */
  readonly kind:
    | "missing"
    | "constant"
    | "duplicates"
    | "leak"
    | "outliers"
    | "imbalance"
    | "drift"
    | "few-rows"
    | "identifier"
    | "text"
    | "high-cardinality";
  /** A warning is likely to spoil the model or its figures; a note is to be known. */
  readonly severity: "note" | "warning";
  /** The column that it is about, if it is one. */
  readonly column?: string;
  /** The columns that it is about, if they are several. */
  readonly columns?: readonly string[];
  /** What was found, and what to do. */
  readonly message: string;
  /** The number that decided it. */
  readonly figure?: number;
}

/** What the data is like. */
export interface QualityReport {
  /** How many rows there are to train on. */
  readonly rows: number;
  /** How many of them leaks and drift were looked for in, if not in all. */
  readonly sampled?: number;
  /** Of the rows to train on. */
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly missing: number;
    readonly reason: string;
  }[];
  /** Warnings first. */
  readonly findings: readonly Finding[];
  /** Of a classification, in the order of the column's words or numbers. */
  readonly classes?: readonly { readonly name: string; readonly rows: number; readonly share: number }[];
}

/**
 * A curve of a classifier, over all thresholds; at most 200 of its points. What has a probability at or above a point's `threshold` is
 * called the class. The first point's is 2: nothing is.
 */
export interface Curve {
  /** ROC: false positive rate, true positive rate. PR: recall, precision. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly threshold: number }[];
  /** The area under it: of PR the average precision. */
  readonly area: number;
}

/** How good a classifier is on some rows. */
export interface ClassificationEvaluation {
  /** What was predicted: classes. */
  readonly task: "classification";
  /** Their names, in the order of the labels. */
  readonly classes: readonly string[];
  /** How many rows there were. */
  readonly rows: number;
  /** What isn't defined for these rows is left out. */
  readonly metrics: Metrics;
  /** Which metrics and curves are left out, and why. */
  readonly notes?: readonly string[];
  /** Rows by their class, and by what they were taken for. */
  readonly confusion: readonly (readonly number[])[];
  /** Of each class: what it was called right and wrong, and its rows. */
  readonly perClass: readonly {
    readonly name: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly rows: number;
  }[];
  /** Of two classes: the receiver operating characteristic of the second one. */
  readonly roc?: Curve;
  /** Of two classes: precision and recall of the second one. */
  readonly pr?: Curve;
  /** Of several classes: curves of each against the others. */
  readonly curves?: readonly { readonly name: string; readonly roc: Curve; readonly pr: Curve }[];
  /** Of two classes: how often the second one comes where it is predicted with a probability. */
  readonly calibration?: {
    /** Tenths, each with its upper end; those without rows are left out. */
    readonly bins: readonly {
      readonly from: number;
      readonly to: number;
      readonly predicted: number;
      readonly observed: number;
      readonly rows: number;
    }[];
    /** Mean squared difference of probability and outcome. */
    readonly brier: number;
    /** Mean difference of predicted and observed shares, by rows. */
    readonly error: number;
  };
  /** Of two classes: the threshold at which errors cost least. What has a probability above it is called the second class. */
  readonly threshold?: {
    readonly best: number;
    /** Mean cost of a row at the best threshold, and at 0.5. */
    readonly cost: number;
    readonly at: number;
    readonly costs: { readonly falsePositive: number; readonly falseNegative: number };
    readonly curve: readonly { readonly threshold: number; readonly cost: number }[];
  };
}

/** How good predicted numbers are on some rows. */
export interface RegressionEvaluation {
  /** What was predicted: numbers, or the next ones of a series. */
  readonly task: "regression" | "series";
  /** How many rows there were. */
  readonly rows: number;
  /** What isn't defined for these rows is left out. */
  readonly metrics: Metrics;
  /** Which metrics are left out, and why. */
  readonly notes?: readonly string[];
  /** Of actual minus predicted values. */
  readonly residuals: {
    readonly mean: number;
    /** Of all rows: the sum of squares is divided by their number. */
    readonly sd: number;
    readonly quantiles: readonly { readonly q: number; readonly value: number }[];
    readonly histogram: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
  };
  /** Some of the rows; `time` in milliseconds since 1970. */
  readonly points: readonly { readonly actual: number; readonly predicted: number; readonly time?: number }[];
}

/** How much a score loses when a column is shuffled. */
export interface Importance {
  /** The name of the column. */
  readonly column: string;
  /** The mean loss over the repeats. */
  readonly mean: number;
  /** The lowest loss. */
  readonly low: number;
  /** The highest loss. */
  readonly high: number;
}

/** A row that is predicted badly. */
export interface WorstRow {
  /** Its position in the table, from 0. */
  readonly row: number;
  /** What came: a number in at most 6 digits, or the name of a class. */
  readonly actual: string;
  /** What was predicted. */
  readonly predicted: string;
  /** -ln(probability of its class), or |actual - predicted|. */
  readonly loss: number;
  /** The cells of all columns, as they can be read; "" where one is missing. */
  readonly values: Readonly<Record<string, string>>;
}

/** Metrics of each part; null where there is no such part. */
export interface MetricsByPart {
  /** Of the rows that were trained on. */
  readonly train: Metrics;
  /** Of the rows that chose when to stop. */
  readonly validation: Metrics | null;
  /** Of the rows that played no part. */
  readonly test: Metrics | null;
}

/** What a baseline reaches on the same parts. */
export interface Baseline {
  /** What it says: the mean, the most frequent class, the value of a series before (last, or a season earlier), or what a linear or logistic model does. */
  readonly name: "mean" | "majority" | "linear" | "logistic" | "seasonal";
  /** What it reaches. */
  readonly metrics: MetricsByPart;
}

/** All that a training on a table gives. */
export interface TableReport {
  /** What is predicted, and of which file. */
  readonly title: string;
  /** The command that repeats it. */
  readonly command: string;
  /** Of the package. */
  readonly version: string;
  /** What was predicted. */
  readonly task: Task;
  /** The column that was predicted. */
  readonly target: string;
  /** What decided the parts, the initial weights and the order of rows. */
  readonly seed: number;
  /** How many rows each part has. */
  readonly rows: {
    readonly total: number;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    /** Rows that no part has, such as those without a target. */
    readonly left: number;
    /** How they were divided, in words. */
    readonly how: string;
  };
  /** What may be wrong with the data. */
  readonly quality: QualityReport;
  /** What was made of the columns. */
  readonly pipeline: {
    readonly columns: readonly PipelineColumn[];
    readonly dropped: readonly { readonly name: string; readonly reason: string }[];
    readonly features: number;
  };
  /** The network. */
  readonly model: { readonly layers: string; readonly parameters: number; readonly notes: readonly string[] };
  /** The loss by epoch; `best` is the epoch, from 0, whose weights were kept. */
  readonly epochs: {
    readonly loss: string;
    readonly train: readonly number[];
    readonly validation: readonly number[];
    readonly best: number;
  };
  /** The metric by the number of rows that were trained on. */
  readonly byRows?: {
    readonly metric: string;
    readonly points: readonly { readonly rows: number; readonly train: number; readonly validation: number }[];
  };
  /** What the model reaches. */
  readonly metrics: MetricsByPart;
  /** What simple answers reach on the same rows. */
  readonly baselines: readonly Baseline[];
  /** Of a cross-validation. */
  readonly folds?: {
    readonly k: number;
    readonly mean: Metrics;
    readonly sd: Metrics;
    readonly each: readonly Metrics[];
  };
  /** How good it is on the part that says most. */
  readonly evaluation: {
    readonly part: "test" | "validation" | "train";
    readonly of: ClassificationEvaluation | RegressionEvaluation;
  };
  /** The largest first. */
  readonly importance: readonly Importance[];
  /** The rows that are predicted worst. */
  readonly worst: readonly WorstRow[];
  /** A hash of all weights: the same in every engine. */
  readonly fingerprint: string;
  /** Paths of what was written. */
  readonly files: Readonly<Record<string, string>>;
}
