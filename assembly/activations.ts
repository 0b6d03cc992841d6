// The activations that most models do without: a binary of their own, which is loaded when a model uses one.
export { eluBackward, eluForward } from "./activations/elu";
export { geluBackward, geluForward } from "./activations/gelu";
export { hardSigmoidBackward, hardSigmoidForward } from "./activations/hardSigmoid";
export { leakyReluBackward, leakyReluForward } from "./activations/leakyRelu";
export { logSoftmaxBackward, logSoftmaxForward } from "./activations/logSoftmax";
export { mishBackward, mishForward } from "./activations/mish";
export { relu6Backward, relu6Forward } from "./activations/relu6";
export { seluBackward, seluForward } from "./activations/selu";
export { siluBackward, siluForward } from "./activations/silu";
export { softplusBackward, softplusForward } from "./activations/softplus";
export { softsignBackward, softsignForward } from "./activations/softsign";
