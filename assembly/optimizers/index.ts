export { adadeltaUpdate } from "./adadelta";
export { adagradUpdate } from "./adagrad";
export { adamUpdate } from "./adam";
export { rmspropUpdate } from "./rmsprop";
export { sgdUpdate } from "./sgd";
export { gradientAdjust, gradientCheck, gradientNorm, gradientZero } from "./gradient";
