// The activations that the core has; the others are in a binary of their own, ../activations.ts.
export { reluBackward, reluForward } from "./relu";
export { sigmoidBackward, sigmoidForward } from "./sigmoid";
export { softmaxBackward, softmaxForward } from "./softmax";
export { tanhBackward, tanhForward } from "./tanh";
