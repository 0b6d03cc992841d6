// The metrics of 0.1.0.
export {
  accuracy,
  classificationReport,
  confusionMatrix,
  f1,
  logLoss,
  mae,
  mse,
  precision,
  r2,
  recall,
  rmse,
  rocAuc,
  topKAccuracy,
} from "wasmgrad";
