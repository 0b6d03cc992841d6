// wasmgrad/onnx: models from and to files of ONNX.
export type { OnnxFileError } from "./formats/onnxTypes.ts";
export const OPSETS = [17, 21] as const;
