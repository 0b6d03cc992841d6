// wasmgrad/torch: PyTorch's files, and a model's parameters by its names and in its layouts.
export { readTorch } from "./exchange/torch/readTorch.ts";
export type { FileError } from "./formats/fileError.ts";
export type { TorchFile, TorchTensor, TorchValue } from "./formats/torchFile.ts";
export type { TorchData, TorchType } from "./formats/torchTensor.ts";
export {
  loadStateDict,
  type LoadStateDictOptions,
  stateDict,
  type StateDictEntry,
  type StateDictFile,
  type StateDictOptions,
} from "./exchange/torch/names.ts";
