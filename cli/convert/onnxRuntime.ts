// ONNX Runtime, where the user has it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Part, type Run, sizeOf } from "./check.ts";
import { refusal } from "./options.ts";

/** What is used of `onnxruntime-node`. */
interface Library {
  readonly InferenceSession: { create(bytes: Uint8Array): Promise<Session> };
  readonly Tensor: new (
    type: string,
    data: Float32Array | BigInt64Array | Int32Array,
    shape: readonly number[],
  ) => Tensor;
}

interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata?: readonly { readonly type?: string }[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

/** A value's axes in the file, if they are others than ours: which of ours each is. */
export type Axes = (part: Part) => readonly number[] | undefined;

/** Runs files. */
export interface Runtime {
  readonly version: string;
  open(file: Uint8Array, inputs: readonly Part[], outputs: readonly Part[], axes: Axes | undefined): Promise<Run>;
}

/** ONNX Runtime as it is found from the current folder; undefined where it isn't installed. */
export async function onnxRuntime(): Promise<Runtime | undefined> {
  const require = createRequire(join(process.cwd(), "package.json"));
  let library: Library;
  let version: string;
  try {
    library = require("onnxruntime-node") as Library;
    version = versionOf(require.resolve("onnxruntime-node"));
  } catch {
    return undefined;
  }
  return { version, open: (file, inputs, outputs, axes) => opened(library, file, inputs, outputs, axes) };
}

/** The version of the package that a file is of. */
function versionOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (name === "onnxruntime-node") return String(version);
    } catch {
      // no package of its own
    }
  }
  return "";
}

/** The numbers of rows with other axes. */
function withAxes(
  values: Float32Array,
  rows: number,
  shape: readonly number[],
  order: readonly number[],
  back: boolean,
): Float32Array {
  const size = sizeOf(shape);
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  const out = new Float32Array(values.length);
  for (let i = 0; i < size; i++) {
    let [rest, own] = [i, 0];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      own += (rest % sizes[axis]!) * steps[axis]!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    for (let r = 0; r < rows; r++) {
      if (back) out[r * size + own] = values[r * size + i]!;
      else out[r * size + i] = values[r * size + own]!;
    }
  }
  return out;
}

async function opened(
  { InferenceSession, Tensor }: Library,
  file: Uint8Array,
  inputs: readonly Part[],
  outputs: readonly Part[],
  axes: Axes | undefined,
): Promise<Run> {
  const session = await InferenceSession.create(file);
  return async (x, rows) => {
    const width = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const feeds: Record<string, Tensor> = {};
    let at = 0;
    inputs.forEach((part, i) => {
      const size = sizeOf(part.shape);
      const own = new Float32Array(rows * size);
      for (let r = 0; r < rows; r++) own.set(x.subarray(r * width + at, r * width + at + size), r * size);
      at += size;
      const order = axes?.(part);
      const values = order ? withAxes(own, rows, part.shape, order, false) : own;
      const shape = [rows, ...(order ? order.map((axis) => part.shape[axis]!) : part.shape)];
      const name = session.inputNames.includes(part.name) ? part.name : session.inputNames[i]!;
      const type = session.inputMetadata?.[session.inputNames.indexOf(name)]?.type ?? "float32";
      const data =
        type === "int64"
          ? BigInt64Array.from(values, (value) => BigInt(Math.round(value)))
          : type === "int32"
            ? Int32Array.from(values)
            : values;
      feeds[name] = new Tensor(type, data, shape);
    });
    const given = await session.run(feeds);
    const total = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const all = new Float32Array(rows * total);
    let to = 0;
    outputs.forEach((part, i) => {
      const size = sizeOf(part.shape);
      const name = session.outputNames.includes(part.name) ? part.name : session.outputNames[i]!;
      const { data } = given[name]!;
      if (data.length !== rows * size) {
        throw refusal(
          `onnxruntime-node gives ${data.length} numbers of ${name}, but ${rows} rows of ${size} are expected`,
        );
      }
      const order = axes?.(part);
      const values = order ? withAxes(data, rows, part.shape, order, true) : data;
      for (let r = 0; r < rows; r++) all.set(values.subarray(r * size, (r + 1) * size), r * total + to);
      to += size;
    });
    return all;
  };
}
