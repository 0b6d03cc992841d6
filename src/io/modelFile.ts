// Saves and loads models as safetensors files: the parameters are the tensors, the architecture is in the metadata.
import { architectureText, VERSION } from "./architecture.ts";
import { checkKeys, checkKind, kindOf } from "../util/check.ts";
import { checkModel, type Model } from "../model/model.ts";
import type { ReadingOptions } from "./readModel.ts";
import type { Url } from "../util/platform.ts";
import { checkBytes } from "../formats/bytes.ts";
import {
  checkedType,
  readSafetensors,
  type SafetensorsOptions,
  withChecksum,
  writeSafetensors,
} from "../formats/safetensors.ts";
import { firstNonFinite, type SafeTensor } from "../formats/safetensorsTypes.ts";
import { fileSystem, replaceFile } from "./replaceFile.ts";

/**
 * Writes a model as a safetensors file: its parameters, and in the metadata its architecture and a checksum. Any reader of the format
 * finds the weights under names such as `dense1.weight`, [inputs, outputs].
 *
 * @param options.dtype the type of the weights in the file: `"F16"` and `"BF16"` take half the bytes, and are rounded, so that the model
 *   that is read predicts nearly the same; default `"F32"`, the same bits
 * @throws {TypeError} if it isn't a model
 * @throws {RangeError} if composites are nested more than 200 deep, an option can't be used, or a parameter is too large for its type
 * @throws {Error} if a parameter is NaN or infinite
 * @example
 * const file = new Blob([modelToBytes(model)]); // to be downloaded, or kept in IndexedDB
 * const half = modelToBytes(model, { dtype: "F16" });
 */
export function modelToBytes(model: Model, options: SafetensorsOptions = {}): Uint8Array<ArrayBuffer> {
  checkModel("modelToBytes", "the argument", model);
  return bytesOfModel("modelToBytes", model, checkedType("modelToBytes", options));
}

function bytesOfModel(where: string, model: Model, dtype: SafetensorsOptions["dtype"]): Uint8Array<ArrayBuffer> {
  const tensors = model.parameters().map(({ name, shape, get }): [string, SafeTensor] => {
    const data = get();
    const bad = firstNonFinite(data);
    if (bad >= 0) {
      throw new Error(`${where}: parameters must be finite numbers, but value ${bad} of ${name} is ${data[bad]}`);
    }
    return [name, { shape, data, dtype }];
  });
  const texts = { format: "wasmgrad", version: VERSION, model: architectureText(model, where) };
  return writeSafetensors(tensors, withChecksum(tensors, texts, where));
}

/**
 * Creates the model of a file that `modelToBytes` wrote: it predicts the same bits.
 *
 * Files from strangers are safe to read: nothing in them is run, and names and shapes are compared with the tensors before memory is
 * taken, so that time and memory are in proportion to the file. SECURITY.md has the bounds.
 *
 * @param bytes of the file, copied before the function returns
 * @param options.name the file's name, for messages
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {TypeError} if `bytes` isn't a Uint8Array, or an option can't be used
 * @throws {Error} if the file is of another kind, cut short, damaged, holds names that aren't known, or not the parameters that
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
  const file = readSafetensors(bytes, name);
  return (await import("./readModel.ts")).readModel(file, name, where);
}

/**
 * Writes a model to a file (Node). The weights are those at the time of the call, whether it is awaited or not; of several calls for one
 * file the last one counts. Whenever the process ends, the file has either what it had before or all of the new model: that is
 * written to a temporary file next to it, brought to the disk, and renamed. The mode of a file that is there stays, and a link
 * goes on pointing to it.
 *
 * @param path of the file; its folder must exist
 * @param options.dtype the type of the weights in the file, as `modelToBytes` takes it; default `"F32"`
 * @throws {Error} if the file can't be written, with the system's `code` (ENOENT, ENOSPC, EACCES ...); the file is then as it was
 * @throws {TypeError | RangeError | Error} as `modelToBytes` does
 * @example await saveModel(model, "digits.safetensors");
 */
export async function saveModel(model: Model, path: string | Url, options: SafetensorsOptions = {}): Promise<void> {
  checkModel("saveModel", "the first argument", model);
  checkPath("saveModel", path);
  checkedType("saveModel", options);
  // before anything is waited for: training may go on
  const bytes = modelToBytes(model, options);
  await replaceFile("saveModel", path, bytes);
}

/**
 * Reads a model from a file (Node).
 *
 * @param path of the file, or its file: URL
 * @param options.core another model's `core`, to share its memory
 * @throws {TypeError} if the path or an option can't be used
 * @throws {Error} as `modelFromBytes` does, or if the file can't be read, with the system's `code`
 * @example const model = await loadModel("digits.safetensors");
 */
export async function loadModel(path: string | Url, options: ReadingOptions = {}): Promise<Model> {
  checkKeys("loadModel", options, ["core", "threads", "createWorker"]);
  checkPath("loadModel", path);
  const { fs } = fileSystem("loadModel", "modelFromBytes(bytes) reads what fetch gives");
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw Object.assign(new Error(`loadModel: ${path} could not be read (${code})`, { cause }), { code });
  }
  return modelFromBytes(bytes, { ...options, name: String(path) });
}

/** A path, or its file: URL. */
export function checkPath(where: string, path: unknown): void {
  const holds = (typeof path === "string" && path !== "") || kindOf(path) === "URL";
  checkKind(holds, where, "the path", "a file's path", path);
}
