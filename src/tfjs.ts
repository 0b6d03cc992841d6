// wasmgrad/tfjs: models from and to the layers models of TensorFlow.js.
export const LAYERS_MODEL = "layers-model";
