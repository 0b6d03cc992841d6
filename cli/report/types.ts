// What a report is made of.
export type {
  Baseline,
  ClassificationEvaluation,
  Curve,
  Finding,
  Importance,
  Metrics,
  MetricsByPart,
  RegressionEvaluation,
  TableReport,
} from "../../src/data.ts";
