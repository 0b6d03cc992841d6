// Saves and loads models as safetensors files: the parameters are the tensors, the architecture is in the metadata.
import { layerFrom, layersOf, naming, parseArchitecture, VERSION } from "./architecture.ts";
import { checkKeys, checkKind, kindOf } from "../util/check.ts";
import { inputsOf } from "../nn/composites/inputs.ts";
import type { Layer } from "../graph/layer.ts";
import { checkModel } from "../model/backend.ts";
import { type Model, type ModelOptions, sequential } from "../model/model.ts";
import { shapeText } from "../util/shape.ts";
import { checkBytes } from "../formats/bytes.ts";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../formats/safetensors.ts";

/**
 * Writes a model as a safetensors file: its parameters, and in the metadata its architecture. Any reader of the format
 * finds the weights under names such as `dense1.weight`, [inputs, outputs].
 *
 * @throws {TypeError} if it isn't a model
 * @throws {Error} if a parameter is NaN or infinite
 * @example const file = new Blob([modelToBytes(model)]); // to be downloaded, or kept in IndexedDB
 */
export function modelToBytes(model: Model): Uint8Array<ArrayBuffer> {
  checkModel("modelToBytes", "the argument", model);
  const architecture = {
    input: model.inputShape,
    inputs: model.inputs?.shapes,
    seed: model.seed,
    link: model.outputActivation,
    // functions are left out: initializers, regularizers and constraints keep their names and options
    layers: layersOf(model),
  };
  const tensors = model.parameters().map(({ name, shape, get }): [string, SafeTensor] => {
    const data = get();
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new Error(`modelToBytes: parameters must be finite numbers, but value ${bad} of ${name} is ${data[bad]}`);
    }
    return [name, { shape, data }];
  });
  return writeSafetensors(tensors, { format: "wasmgrad", version: VERSION, model: JSON.stringify(architecture) });
}

/** The memory and the threads of a model that is read. */
type ReadingOptions = Pick<ModelOptions, "core" | "threads" | "createWorker">;

/**
 * Creates the model of a file that `modelToBytes` wrote: it predicts the same bits.
 *
 * @param options.name the file's name, for messages
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {Error} if the file is of another kind, cut short, holds names that aren't known, or not the parameters that
 *   its architecture needs
 * @example const copy = await modelFromBytes(modelToBytes(model));
 */
export async function modelFromBytes(
  bytes: Uint8Array,
  options: ReadingOptions & { name?: string } = {},
): Promise<Model> {
  checkKeys("modelFromBytes", options, ["name", "core", "threads", "createWorker"]);
  const { name = "modelFromBytes", ...where } = options;
  checkKind(typeof name === "string", "modelFromBytes", "name", "a string", name);
  checkBytes(name, "bytes", bytes);
  const { tensors, metadata } = readSafetensors(bytes, name);
  const { input, inputs: shapes, seed, link, layers } = parseArchitecture(metadata, name);
  const shared = new Map<number, Layer>();
  const model = await naming(name, () =>
    sequential(
      { input: shapes ? inputsOf(shapes) : input, seed, ...where },
      ...layers.map((layer, i) => layerFrom(layer, `layer ${i + 1}`, shared)),
    ),
  );
  const left = new Set(tensors.keys());
  for (const parameter of model.parameters()) {
    const tensor = tensors.get(parameter.name);
    if (!tensor)
      throw new Error(
        `${name}: parameter ${parameter.name} is missing; the file has ${[...tensors.keys()].join(", ")}`,
      );
    if (shapeText(tensor.shape) !== shapeText(parameter.shape)) {
      throw new Error(
        `${name}: ${parameter.name} is ${shapeText(tensor.shape)}, but the architecture needs ${shapeText(parameter.shape)}`,
      );
    }
    await naming(name, () => parameter.set(tensor.data));
    left.delete(parameter.name);
  }
  if (left.size > 0) throw new Error(`${name}: the architecture has no parameter ${[...left].join(", ")}`);
  model.outputActivation = link;
  return model;
}

/** Refuses what isn't a file's path; URLs of files work too. Numbers would be files that are open. */
function checkPath(where: string, path: string): void {
  const holds = typeof path === "string" || kindOf(path) === "URL";
  checkKind(holds, where, "path", 'a file\'s path such as "digits.safetensors"', path);
}

/**
 * Writes a model to a file (Node).
 *
 * @example await saveModel(model, "digits.safetensors");
 */
export async function saveModel(model: Model, path: string): Promise<void> {
  checkModel("saveModel", "the first argument", model);
  checkPath("saveModel", path);
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, modelToBytes(model));
}

/**
 * Reads a model from a file (Node).
 *
 * @param options.core, options.threads as `modelFromBytes` takes them
 * @throws {Error} as `modelFromBytes` does, or if the file can't be read
 * @example const model = await loadModel("digits.safetensors");
 */
export async function loadModel(path: string, options: ReadingOptions = {}): Promise<Model> {
  checkPath("loadModel", path);
  checkKeys("loadModel", options, ["core", "threads", "createWorker"]);
  const { readFile } = await import("node:fs/promises");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new Error(`loadModel: ${path} could not be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
  return modelFromBytes(bytes, { ...options, name: String(path) });
}
