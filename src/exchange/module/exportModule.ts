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
 * A model as the text of one JavaScript module that predicts without this library: for Node, Deno and Bun, pages and workers. It has the
 * weights in it, and of the kernels those that the model needs; it imports nothing. With float32 its outputs are those of the model, to
 * the bit.
 *
 * The module exports `predict(x)`, `classify(x)` (not of several `outputs`), `probabilities(x)` if the model was trained with a loss that
 * says how, `resetStates()` if a layer is stateful, `inputShape` and `outputShape`, `inputs` (the shapes of several by their names) and,
 * of float16 and int8, `weightErrors`: the largest and the mean absolute error of each parameter, divided by its range, from its smallest
 * to its largest value. The errors are in the comment at its head, too. x is made of rows: a typed array or an array, nested or not. `await load()` compiles the
 * kernels before the first call does; Chrome before 114 needs that on a page's main thread.
 *
 * @param model its weights are those at the time of the call; one of several threads gives a module of one
 * @param options.weights `"float32"`, `"float16"` (the nearest one) or `"int8"` (parameters of two axes or more, by a scale for each output
 * channel: its largest absolute value / 127; others stay float32); default `"float32"`
 * @returns the text of the file; the weights are base64 in it, 4 letters for 3 bytes
 * @throws {TypeError} if it isn't a model, or an option isn't known
 * @throws {RangeError} if `weights` is another word; if a layer calls a function of JavaScript (`customLayer`, `lambda`); if the weights take
 * more than 400 MB
 * @throws {Error} if a parameter is NaN or infinite, or would be as float16; if `useCore` was given a compiled module with kernels of the
 * model instead of its bytes
 * @example
 * const model = await sequential({ input: 784 }, dense(128), relu(), dense(10)); // and trained
 * const text = exportModule(model, { weights: "float16" }); // of a file such as digits.mjs
 * const { classify } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
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
