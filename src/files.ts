// wasmgrad/files: reads and writes models and tensors as safetensors files, and a training's figures as CSV.
export type { Checkpoint } from "./io/checkpointFile.ts";
export { checkpoints, type FolderCheckpoints } from "./io/checkpoints.ts";
export { readCheckpoint } from "./io/readCheckpoint.ts";
export { openSafetensors } from "./io/openSafetensors.ts";
export type { BytesReader, SafetensorsFile, TensorInfo } from "./io/safetensorsFile.ts";
export { exportModule, type ExportModuleOptions } from "./exchange/module/exportModule.ts";
export { loadModel, modelFromBytes, modelToBytes, saveModel } from "./io/modelFile.ts";
export type { FileError } from "./formats/fileError.ts";
export { readSafetensors, type SafeTensors, type SafetensorsOptions, writeSafetensors } from "./formats/safetensors.ts";
export type { SafeTensor, SafeTensorInput, TensorData, TensorType } from "./formats/safetensorsTypes.ts";
export { csvLogger, type CsvLoggerOptions } from "./training/csvLogger.ts";
