// The rest of core.wasm: what most programs use, but not the smallest. core.wasm has it, too; pages, whose programs carry the core as text,
// get it as a binary of its own, which is compiled at once when one of these is used.
export { randomMask } from "../runtime/random";
export { dropoutBackward, dropoutForward, dropoutMask } from "../nn/layers/dropout";
export { reluBackward, reluForward } from "../nn/activations/relu";
export { sigmoidBackward, sigmoidForward } from "../nn/activations/sigmoid";
export { softmaxBackward, softmaxForward } from "../nn/activations/softmax";
export { tanhBackward, tanhForward } from "../nn/activations/tanh";
export { binaryCrossEntropyLoss } from "../nn/losses/binaryCrossEntropy";
export { binaryCrossEntropyWithLogitsLoss } from "../nn/losses/binaryCrossEntropyWithLogits";
export { softmaxCrossEntropyLoss } from "../nn/losses/softmaxCrossEntropy";
export { adamUpdate } from "../nn/optimizers/adam";
export { accuracyMetric } from "../nn/metrics/accuracy";
