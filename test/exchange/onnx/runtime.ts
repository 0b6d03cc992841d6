// Runs ONNX files in ONNX Runtime, with what models take and give.
import { readOnnx } from "../../../src/formats/onnxFile.ts";
import type { OnnxGraph, OnnxType } from "../../../src/formats/onnxTypes.ts";
import type { Model } from "../../../src/index.ts";
import { type Shape, sizeOf } from "../../../src/util/shape.ts";
import { foreignReader } from "../../support/foreignReaders.ts";

type Data = Float32Array | BigInt64Array;

interface Tensor {
  readonly data: Data;
  readonly dims: readonly number[];
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** What is used of onnxruntime-node and onnxruntime-web, which are the same. */
export interface Runtime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: string, data: Data, dims: readonly number[]) => Tensor;
}

let loaded: Runtime | undefined;

/** Loaded when it is first needed: its library is large. */
export const onnxRuntime = (): Runtime => (loaded ??= foreignReader<Runtime>("onnxruntime-node"));

/** The one for pages, as WebAssembly on one thread: Node runs it, too. */
export function onnxWebRuntime(): Runtime {
  if (!loadedWeb) {
    loadedWeb = foreignReader<Runtime & { readonly env: { readonly wasm: { numThreads: number } } }>("onnxruntime-web");
    loadedWeb.env.wasm.numThreads = 1;
  }
  return loadedWeb;
}

let loadedWeb: (Runtime & { readonly env: { readonly wasm: { numThreads: number } } }) | undefined;

export type Layout = "channelsLast" | "channelsFirst";

/** The graph that a file has. */
export const graphOf = (bytes: Uint8Array): OnnxGraph => readOnnx(bytes, "the file").graph;

export const axesOf = (type: OnnxType | undefined): readonly (number | string | undefined)[] =>
  type?.kind === "tensor" ? type.shape! : [];

/** A row's numbers with the last axis in front, or back. */
export function turned(row: Float32Array, shape: Shape, back: boolean): Float32Array {
  const channels = shape.at(-1)!;
  const places = sizeOf(shape) / channels;
  return row.map((_, to) => {
    if (back) return row[(to % channels) * places + Math.floor(to / channels)]!;
    return row[(to % places) * channels + Math.floor(to / places)]!;
  });
}

/** Are these axes those of an image with its channels first? Where all sizes are equal the layout says so alone. */
const isFirst = (axes: readonly unknown[], shape: Shape): boolean =>
  shape.length === 3 && axes.join() === [shape[2], shape[0], shape[1]].join();

/** Rows of all inputs as the tensors that a file asks for. */
export function feedsOf(
  { Tensor }: Pick<Runtime, "Tensor">,
  graph: OnnxGraph,
  model: Model,
  x: Float32Array,
  layout: Layout,
): Record<string, Tensor> {
  const shapes = Object.values(model.inputs?.shapes ?? { input: model.inputShape });
  const total = sizeOf(model.inputShape);
  const rows = x.length / total;
  let offset = 0;
  const tensors = graph.inputs.map(({ name, type }, i): [string, Tensor] => {
    const shape = shapes[i]!;
    const axes = axesOf(type).slice(1) as number[];
    const size = sizeOf(shape);
    const isTurned = layout === "channelsFirst" && isFirst(axes, shape);
    const numbers = new Float32Array(rows * size);
    for (let r = 0; r < rows; r++) {
      const row = x.slice(r * total + offset, r * total + offset + size);
      numbers.set(isTurned ? turned(row, shape, false) : row, r * size);
    }
    offset += size;
    const isWhole = type?.kind === "tensor" && type.element === "int64";
    const data = isWhole ? BigInt64Array.from(numbers, (n) => BigInt(n)) : numbers;
    return [name, new Tensor(isWhole ? "int64" : "float32", data, [rows, ...axes])];
  });
  return Object.fromEntries(tensors);
}

/** What a runtime gives, as rows of the model's output. */
export function joinedOf(
  outputs: Readonly<Record<string, Tensor>>,
  graph: OnnxGraph,
  rows: number,
  layout: Layout,
): Float32Array {
  const parts = graph.outputs.map(({ name }) => {
    const { data, dims } = outputs[name]!;
    const axes = dims.slice(1);
    const isTurned = layout === "channelsFirst" && axes.length === 3;
    const shape = isTurned ? [axes[1]!, axes[2]!, axes[0]!] : axes;
    const size = sizeOf(shape);
    return Array.from({ length: rows }, (_, r) => {
      const row = (data as Float32Array).slice(r * size, (r + 1) * size);
      return isTurned ? turned(row, shape, true) : row;
    });
  });
  return Float32Array.from(Array.from({ length: rows }, (_, r) => parts.flatMap((part) => [...part[r]!])).flat());
}

/** How far numbers are from others, by the larger of 1 and their size. */
export function worst(found: ArrayLike<number>, wanted: Float32Array): number {
  if (found.length !== wanted.length) return Infinity;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    const away = Math.abs(found[i]! - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!));
    if (!(away <= most)) most = away;
  }
  return most;
}
