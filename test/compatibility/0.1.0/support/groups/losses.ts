// The losses of 0.1.0.
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  negativeLogLikelihood,
  sequenceCrossEntropy,
  softmaxCrossEntropy,
} from "wasmgrad";
