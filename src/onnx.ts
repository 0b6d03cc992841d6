// wasmgrad/onnx: models from and to files of ONNX.
export type { FileError } from "./formats/fileError.ts";
export type { OnnxGraphError } from "./exchange/onnx/onnxError.ts";
export { fromOnnx, type FromOnnxOptions } from "./exchange/onnx/read/fromOnnx.ts";
export { toOnnx, type ToOnnxOptions } from "./exchange/onnx/write/toOnnx.ts";
