// The losses that the core has; the others are in a binary of their own, ../extra.ts.
export { binaryCrossEntropyWithLogitsLoss } from "./binaryCrossEntropyWithLogits";
export { meanSquaredErrorLoss } from "./meanSquaredError";
export { softmaxCrossEntropyLoss } from "./softmaxCrossEntropy";
