// The kernels of layers on images, a binary of their own: pages that only have dense layers don't load it. Its memory and its
// function table are the core's.
export { avgPool2dBackward, avgPool2dForward } from "./layers/avgPool2d";
export { conv2dBackward, conv2dForward } from "./layers/conv2d";
export { conv2dTransposeBackward, conv2dTransposeForward } from "./layers/conv2dTranspose";
export { crop2dBackward, crop2dForward } from "./layers/crop2d";
export { depthwiseConv2dBackward, depthwiseConv2dForward } from "./layers/depthwiseConv2d";
export { globalAvgPoolBackward, globalAvgPoolForward } from "./layers/globalAvgPool";
export { localResponseNormBackward, localResponseNormForward } from "./layers/localResponseNorm";
export { maxPool2dBackward, maxPool2dForward } from "./layers/maxPool2d";
export { separableConv2dBackward, separableConv2dForward } from "./layers/separableConv2d";
export { upsample2dBackward, upsample2dForward } from "./layers/upsample2d";
export { zeroPad2dBackward, zeroPad2dForward } from "./layers/zeroPad2d";
