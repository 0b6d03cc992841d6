// `exportModule`: a model as the text of a JavaScript module that predicts without the library.
import { checkModel, type Model } from "../../model/model.ts";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import { imageOf } from "./image.ts";
import { linkKernels, refuseFunctions } from "./kernels.ts";
import { moduleText } from "./moduleText.ts";
import { type ModuleWeights, WEIGHTS, writeWeights } from "./weights.ts";

/** Options of `exportModule`. */
export interface ExportModuleOptions {
  /**
   * What the weights are written as. `"float32"` (default): as they are. `"float16"`: half the size, the nearest float16 of each.
   * `"int8"`: a quarter, of parameters of two axes or more; each output channel has a scale.
   */
  readonly weights?: ModuleWeights;
}

/**
 * A model as the text of one JavaScript module that predicts ...
 */
export function exportModule(model: Model, options: ExportModuleOptions = {}): string {
  checkModel("exportModule", "the first argument", model);
  checkKeys("exportModule", options, ["weights"]);
  const { weights: type = "float32" } = options;
  checkOneOf("exportModule", "weights", type, WEIGHTS);
  refuseFunctions("exportModule", model);
  const image = imageOf("exportModule", model);
  const weights = writeWeights("exportModule", model, image, type);
  const kernels = linkKernels("exportModule", model, image);
  return moduleText({ model, image, kernels, weights, type });
}
