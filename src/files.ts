// wasmgrad/files: reads and writes models and tensors as safetensors files.
export { type Checkpoint, readCheckpoint } from "./io/checkpointFile.ts";
export { checkpoints, type FolderCheckpoints } from "./io/checkpoints.ts";
export { loadModel, modelFromBytes, modelToBytes, saveModel } from "./io/modelFile.ts";
export {
  readSafetensors,
  type SafeTensor,
  type SafeTensors,
  type TensorData,
  writeSafetensors,
} from "./formats/safetensors.ts";
