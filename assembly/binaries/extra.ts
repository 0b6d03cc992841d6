// Exports of extra.wasm: losses, optimizers, metrics, penalties and initial values that most models do without, and the layer of support
// vector machines, which need its loss and its penalty. It is small enough to be compiled at once when one of them is used.
export { hingeLoss } from "../nn/losses/hinge";
export { huberLoss } from "../nn/losses/huber";
export { klDivergenceLoss } from "../nn/losses/klDivergence";
export { meanAbsoluteErrorLoss } from "../nn/losses/meanAbsoluteError";
export { negativeLogLikelihoodLoss } from "../nn/losses/negativeLogLikelihood";
export { sequenceCrossEntropyLoss } from "../nn/losses/sequenceCrossEntropy";
export { adadeltaUpdate } from "../nn/optimizers/adadelta";
export { adagradUpdate } from "../nn/optimizers/adagrad";
export { rmspropUpdate } from "../nn/optimizers/rmsprop";
export { classCountsMetric } from "../nn/metrics/classCounts";
export { logLossMetric } from "../nn/metrics/logLoss";
export { regressionMetric } from "../nn/metrics/regression";
export { rocAucMetric } from "../nn/metrics/rocAuc";
export { topKAccuracyMetric } from "../nn/metrics/topKAccuracy";
export { l1Penalty } from "../nn/regularizers/l1";
export { l2Penalty } from "../nn/regularizers/l2";
export { rbfNormPenalty } from "../nn/regularizers/rbfNorm";
export { rbfBackward, rbfForward } from "../nn/layers/rbf";
export { addFloats } from "../numeric/addFloats";
export { mathCos, mathLog } from "../numeric/math";
export { randomNormal } from "../runtime/random";
export { randomOrthogonal, randomOrthogonalScratch } from "../runtime/randomOrthogonal";
