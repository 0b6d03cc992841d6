// What is known once a table was trained on: plain values, for reports and JSON.
import type { PipelineColumn, Task } from "../data/tableTypes.ts";

/** Figures by their names: r2, rmse, mae; or accuracy, rocAuc, logLoss, f1. */
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

/** A curve of a classifier, over all thresholds. */
export interface Curve {
  readonly points: readonly { readonly x: number; readonly y: number; readonly threshold: number }[];
  /** The area under it. */
  readonly area: number;
}

/** How good a classifier is on some rows. */
export interface ClassificationEvaluation {
  readonly task: "classification";
  readonly classes: readonly string[];
  readonly rows: number;
  readonly metrics: Metrics;
  /** Rows by their class, and by what they were taken for. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly {
    readonly name: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly rows: number;
  }[];
  /** Of two classes: curves of the second one. */
  readonly roc?: Curve;
  readonly pr?: Curve;
  /** Of several classes: curves of each against the others. */
  readonly curves?: readonly { readonly name: string; readonly roc: Curve; readonly pr: Curve }[];
  /** Of two classes: how often the second one comes where it is predicted with a probability. */
  readonly calibration?: {
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
  /** Of two classes: the threshold at which errors cost least. */
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
  readonly task: "regression" | "series";
  readonly rows: number;
  readonly metrics: Metrics;
  /** Of actual minus predicted values. */
  readonly residuals: {
    readonly mean: number;
    readonly sd: number;
    readonly quantiles: readonly { readonly q: number; readonly value: number }[];
    readonly histogram: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
  };
  /** Some of the rows; `time` in milliseconds since 1970. */
  readonly points: readonly { readonly actual: number; readonly predicted: number; readonly time?: number }[];
}

/** How much a score loses when a column is shuffled. */
export interface Importance {
  readonly column: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A row that is predicted badly. */
export interface WorstRow {
  readonly row: number;
  readonly actual: string;
  readonly predicted: string;
  readonly loss: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Metrics of each part; null where there is no such part. */
export interface MetricsByPart {
  readonly train: Metrics;
  readonly validation: Metrics | null;
  readonly test: Metrics | null;
}

/** What a baseline reaches on the same parts. */
export interface Baseline {
  readonly name: "mean" | "majority" | "linear" | "logistic" | "seasonal";
  readonly metrics: MetricsByPart;
}

/** All that a training on a table gives. */
export interface TableReport {
  readonly title: string;
  /** The command that repeats it. */
  readonly command: string;
  /** Of the package. */
  readonly version: string;
  readonly task: Task;
  readonly target: string;
  readonly seed: number;
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
  readonly quality: QualityReport;
  readonly pipeline: {
    readonly columns: readonly PipelineColumn[];
    readonly dropped: readonly { readonly name: string; readonly reason: string }[];
    readonly features: number;
  };
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
  readonly metrics: MetricsByPart;
  readonly baselines: readonly Baseline[];
  /** Of a cross-validation. */
  readonly folds?: {
    readonly k: number;
    readonly mean: Metrics;
    readonly sd: Metrics;
    readonly each: readonly Metrics[];
  };
  readonly evaluation: {
    readonly part: "test" | "validation" | "train";
    readonly of: ClassificationEvaluation | RegressionEvaluation;
  };
  /** The largest first. */
  readonly importance: readonly Importance[];
  readonly worst: readonly WorstRow[];
  readonly fingerprint: string;
  /** Paths of what was written. */
  readonly files: Readonly<Record<string, string>>;
}
