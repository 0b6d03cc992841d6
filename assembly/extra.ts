// Losses, optimizers, metrics, penalties and initial values that most models do without: a binary of their own, small enough to be compiled at
// once when one of them is used.
export { binaryCrossEntropyLoss } from "./losses/binaryCrossEntropy";
export { hingeLoss } from "./losses/hinge";
export { huberLoss } from "./losses/huber";
export { klDivergenceLoss } from "./losses/klDivergence";
export { meanAbsoluteErrorLoss } from "./losses/meanAbsoluteError";
export { negativeLogLikelihoodLoss } from "./losses/negativeLogLikelihood";
export { sequenceCrossEntropyLoss } from "./losses/sequenceCrossEntropy";
export { adadeltaUpdate } from "./optimizers/adadelta";
export { adagradUpdate } from "./optimizers/adagrad";
export { rmspropUpdate } from "./optimizers/rmsprop";
export { confusionMatrixMetric } from "./metrics/confusionMatrix";
export { logLossMetric } from "./metrics/logLoss";
export { regressionMetric } from "./metrics/regression";
export { rocAucMetric } from "./metrics/rocAuc";
export { topKAccuracyMetric } from "./metrics/topKAccuracy";
export { l1Penalty } from "./regularizers/l1";
export { l2Penalty } from "./regularizers/l2";
export { mathCos, mathLog } from "./math";
export { randomNormal } from "./random";
