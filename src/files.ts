// wasmgrad/files: models to and from safetensors.
export { loadModel, modelFromBytes, modelToBytes, saveModel } from "./io/modelFile.ts";
export {
  readSafetensors,
  type SafeTensor,
  type SafeTensors,
  type TensorData,
  writeSafetensors,
} from "./formats/safetensors.ts";
