// wasmgrad/tfjs: models from and to TensorFlow.js' layers models, model.json and weights.
export {
  type FileBytes,
  fromLayersModel,
  type FromLayersModelOptions,
  type LayersModelArtifacts,
  type ReadFile,
} from "./exchange/tfjs/fromLayersModel.ts";
export type { LayersModelError } from "./formats/layersModelError.ts";
export { type LayersModel, toLayersModel } from "./exchange/tfjs/toLayersModel.ts";
