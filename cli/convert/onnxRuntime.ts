// ONNX Runtime, where the user has it.
import { readFileSync } from "node:fs";
// under another name, since the bundle has one of its own
import { createRequire as requireFrom } from "node:module";
import { dirname, join } from "node:path";
import { type Part, type Run, sizeOf } from "./check.ts";
import { refusal } from "./options.ts";

/** What is used of `onnxruntime-node`. */
interface Library {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
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

/** What it says of an input: of axes of any size their names. */
interface ValueMetadata {
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata?: readonly ValueMetadata[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

/** A value's axes in the file, if they are others than ours: which of ours each is. */
export type Axes = (part: Part) => readonly number[] | undefined;

/** Its warnings are for who writes runtimes: errors are thrown. */
const QUIET = { logSeverityLevel: 3 };

/** Runs files. */
export interface Runtime {
  readonly version: string;
  open(file: Uint8Array, inputs: readonly Part[], outputs: readonly Part[], axes: Axes | undefined): Promise<Run>;
}

/** ONNX Runtime as it is found from the current folder; undefined where it isn't installed. */
export async function onnxRuntime(): Promise<Runtime | undefined> {
  const load = requireFrom(join(process.cwd(), "package.json"));
  let library: Library;
  let version: string;
  try {
    library = load("onnxruntime-node") as Library;
    version = versionOf(load.resolve("onnxruntime-node"));
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
  const session = await InferenceSession.create(file, QUIET);
  const metadata = (name: string): ValueMetadata => session.inputMetadata?.[session.inputNames.indexOf(name)] ?? {};
  /** A value's order of axes, if the file has it so. */
  const orderOf = (part: Part, sizes: readonly unknown[] = []): readonly number[] | undefined => {
    const order = axes?.(part);
    return order?.every((axis, i) => sizes[i + 1] === part.shape[axis]) ? order : undefined;
  };
  const widths = (parts: readonly Part[]): number => parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const [width, total] = [widths(inputs), widths(outputs)];
  const nameOf = (names: readonly string[], part: Part, i: number): string =>
    names.includes(part.name) ? part.name : names[i]!;

  /** Runs some rows. */
  const run = async (x: Float32Array, rows: number): Promise<Float32Array> => {
    const feeds: Record<string, Tensor> = {};
    let at = 0;
    inputs.forEach((part, i) => {
      const size = sizeOf(part.shape);
      const own = new Float32Array(rows * size);
      for (let r = 0; r < rows; r++) own.set(x.subarray(r * width + at, r * width + at + size), r * size);
      at += size;
      const name = nameOf(session.inputNames, part, i);
      const { type = "float32", shape } = metadata(name);
      const order = orderOf(part, shape);
      const values = order ? withAxes(own, rows, part.shape, order, false) : own;
      // the axes of the file: a row of one number may have none, or another of 1
      const sizes = shape?.every((n, axis) => axis === 0 || typeof n === "number") ? shape.slice(1) : part.shape;
      feeds[name] = new Tensor(type, numbersAs(type, values), [rows, ...(sizes as readonly number[])]);
    });
    const given = await session.run(feeds);
    const all = new Float32Array(rows * total);
    let to = 0;
    outputs.forEach((part, i) => {
      const size = sizeOf(part.shape);
      const name = nameOf(session.outputNames, part, i);
      const { data, dims } = given[name]!;
      if (data.length !== rows * size) {
        throw refusal(
          `onnxruntime-node gives ${data.length} numbers of ${name}, but ${rows} rows of ${size} are expected`,
        );
      }
      const order = orderOf(part, dims);
      const numbers = Float32Array.from(data as Float32Array, Number);
      const values = order ? withAxes(numbers, rows, part.shape, order, true) : numbers;
      for (let r = 0; r < rows; r++) all.set(values.subarray(r * size, (r + 1) * size), r * total + to);
      to += size;
    });
    return all;
  };
  // a file may be for a certain number of rows
  const fixed = metadata(session.inputNames[0]!).shape?.[0];
  return async (x, rows) => {
    if (typeof fixed !== "number" || fixed < 1 || rows % fixed !== 0) return run(x, rows);
    const all = new Float32Array(rows * total);
    for (let r = 0; r < rows; r += fixed) {
      all.set(await run(x.subarray(r * width, (r + fixed) * width), fixed), r * total);
    }
    return all;
  };
}

/** Numbers as a type of ONNX Runtime's tensors. */
function numbersAs(type: string, values: Float32Array): Float32Array | BigInt64Array | Int32Array {
  if (type === "int64") return BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  return type === "int32" ? Int32Array.from(values) : values;
}
