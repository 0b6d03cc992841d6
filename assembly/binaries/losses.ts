// Exports of losses.wasm: losses of counts, quantiles, directions, rare classes, areas, distances and unaligned sequences. Like extra.wasm
// it is small enough to be compiled at once, when one of them is used.
export { cosineSimilarityLoss } from "../nn/losses/cosineSimilarity";
export { ctcLoss } from "../nn/losses/ctc";
export { diceLoss } from "../nn/losses/dice";
export { focalLoss } from "../nn/losses/focal";
export { poissonLoss } from "../nn/losses/poisson";
export { quantileLoss } from "../nn/losses/quantile";
export { tripletMarginLoss } from "../nn/losses/tripletMargin";
