// wasmgrad/onnx: models from and to files of ONNX.
export type { OnnxFileError } from "./formats/onnxTypes.ts";
export { toOnnx, type ToOnnxOptions } from "./exchange/onnx/write/toOnnx.ts";
