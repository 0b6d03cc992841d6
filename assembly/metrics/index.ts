export { accuracyMetric } from "./accuracy";
export { confusionMatrixMetric } from "./confusionMatrix";
export { logLossMetric } from "./logLoss";
export { regressionMetric } from "./regression";
export { rocAucMetric } from "./rocAuc";
export { topKAccuracyMetric } from "./topKAccuracy";
