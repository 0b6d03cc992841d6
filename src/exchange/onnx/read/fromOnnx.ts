import { checkBytes } from "../../../formats/bytes.ts";
import type { Model, ModelOptions } from "../../../model/model.ts";
import { checkBoolean, checkKeys, checkKind, checkOneOf } from "../../../util/check.ts";
import { onMappedOf } from "../../mapped.ts";
import { type OnnxLayout, readGraph } from "./readGraph.ts";

/** Options of `fromOnnx`. */
export interface FromOnnxOptions extends Pick<ModelOptions, "core" | "threads" | "createWorker"> {
  /**
   * How images lie in x and in what the model gives: "file" as in the file, the channels first, so that the same bytes give the same
   * numbers as in the file's own runtime; "channelsLast" as wasmgrad's layers have them, which saves a change of order. Images (and
   * sequences) are what convolutions, pools and norms of channels take or give; others lie as in the file. Default "file".
   */
  readonly layout?: OnnxLayout;
  /** False: no parameter is trained; default true. */
  readonly trainable?: boolean;
  /** The file's name, for messages. */
  readonly name?: string;
}

/**
 * Makes a model of an ONNX file, as PyTorch and others export them: of layers and weights as if it had been written here, to be trained
 * further, saved, and taken apart. What several nodes spell out, such as a layer normalisation or an attention, is one layer.
 *
 * The file's first axis is that of the rows, of any number, whatever number the file was exported for; other axes must have sizes.
 * Several inputs are `inputs` by the file's names; several outputs are one row, one after another. Numbers that are whole in the file,
 * such as words' numbers, are floats in x. Batch normalisation uses a batch's own statistics while training, if the file has it as a node.
 *
 * @param bytes of the file
 * @param options.layout "file" (default) or "channelsLast"
 * @param options.trainable false: no parameter is trained; default true
 * @param options.name the file's name, for messages
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {TypeError} if `bytes` isn't a Uint8Array, or an option can't be used
 * @throws {FileError} if the file is cut short, damaged or no ONNX file
 * @throws {OnnxGraphError} if it has an operator or an attribute that no layer has, naming the node, or sizes that don't fit
 * @example
 * const response = await fetch("model.onnx").catch(() => undefined);
 * if (response?.ok) {
 *   const model = await fromOnnx(new Uint8Array(await response.arrayBuffer()));
 *   console.log(model.summary());
 * }
 */
export async function fromOnnx(bytes: Uint8Array, options: FromOnnxOptions = {}): Promise<Model> {
  checkKeys("fromOnnx", options, ["layout", "trainable", "name", "core", "threads", "createWorker"]);
  const { layout = "file", trainable = true, name = "fromOnnx", ...others } = options;
  checkKind(typeof name === "string", "fromOnnx", "name", "a string", name);
  checkOneOf("fromOnnx", "layout", layout, ["file", "channelsLast"]);
  checkBoolean("fromOnnx", "trainable", trainable);
  checkBytes(name, "bytes", bytes);
  return readGraph(bytes, { layout, trainable, name, onMapped: onMappedOf(options), options: others });
}
