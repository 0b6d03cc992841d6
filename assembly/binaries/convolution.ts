// Exports of convolution.wasm: the kernels of layers on images. Pages that only have dense layers don't load it. Its memory and its
// function table are the core's.
export { augment2dBackward, augment2dForward, augment2dPlaces } from "../nn/layers/augment2d";
export { avgPool2dBackward, avgPool2dForward } from "../nn/layers/avgPool2d";
export { conv2dBackward, conv2dForward } from "../nn/layers/conv2d";
export { conv2dTransposeBackward, conv2dTransposeForward } from "../nn/layers/conv2dTranspose";
export { depthwiseConv2dBackward, depthwiseConv2dForward } from "../nn/layers/depthwiseConv2d";
export { globalAvgPoolBackward, globalAvgPoolForward } from "../nn/layers/globalAvgPool";
export { localResponseNormBackward, localResponseNormForward } from "../nn/layers/localResponseNorm";
export { maxPool2dBackward, maxPool2dForward } from "../nn/layers/maxPool2d";
export { padBackward, padForward } from "../nn/layers/pad";
export { separableConv2dBackward, separableConv2dForward } from "../nn/layers/separableConv2d";
export { upsample2dBackward, upsample2dForward } from "../nn/layers/upsample2d";
