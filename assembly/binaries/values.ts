// Exports of values.wasm: the kernels of what is computed of two values, or along an axis of one.
export { averageBackward, averageForward } from "../nn/layers/average";
export { divideBackward, divideForward } from "../nn/layers/divide";
export { dotBackward, dotCosineBackward, dotCosineForward, dotForward } from "../nn/layers/dot";
export { expandBackward, expandForward } from "../nn/layers/expand";
export { matmulBackward, matmulForward } from "../nn/layers/matmul";
export { maxBackward, maxForward } from "../nn/layers/max";
export { maximumBackward, maximumForward } from "../nn/layers/maximum";
export { multiplyBackward, multiplyForward } from "../nn/layers/multiply";
export { pickBackward, pickForward } from "../nn/layers/pick";
export { subtractBackward, subtractForward } from "../nn/layers/subtract";
export { sumBackward, sumForward } from "../nn/layers/sum";
