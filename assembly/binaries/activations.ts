// Exports of activations.wasm: the activations that most models do without, loaded when a model uses one.
export { celuBackward, celuForward } from "../nn/activations/celu";
export { clipBackward, clipForward } from "../nn/activations/clip";
export { eluBackward, eluForward } from "../nn/activations/elu";
export { geluBackward, geluForward } from "../nn/activations/gelu";
export { hardSigmoidBackward, hardSigmoidForward } from "../nn/activations/hardSigmoid";
export { hardSwishBackward, hardSwishForward } from "../nn/activations/hardSwish";
export { leakyReluBackward, leakyReluForward } from "../nn/activations/leakyRelu";
export { logSoftmaxBackward, logSoftmaxForward } from "../nn/activations/logSoftmax";
export { mishBackward, mishForward } from "../nn/activations/mish";
export { relu6Backward, relu6Forward } from "../nn/activations/relu6";
export { seluBackward, seluForward } from "../nn/activations/selu";
export { shrinkBackward, shrinkForward } from "../nn/activations/shrink";
export { siluBackward, siluForward } from "../nn/activations/silu";
export { softplusBackward, softplusForward } from "../nn/activations/softplus";
export { softsignBackward, softsignForward } from "../nn/activations/softsign";
export { thresholdedReluBackward, thresholdedReluForward } from "../nn/activations/thresholdedRelu";
