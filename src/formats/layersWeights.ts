// The weights of a layers model of TensorFlow.js: a manifest of names, shapes and types, and the numbers one after another in files.
// Knows no layers.
// see: TensorFlow.js, tfjs-core/src/io/types.ts and io_utils.ts
import { isRecord, valueText } from "../util/check.ts";
import { leadsOut } from "./insideFolder.ts";
import type { Refuse } from "./layersModelError.ts";
import { FLOAT16, widen } from "./smallFloats.ts";

/** A weight as the manifest describes it, and where its bytes are. */
export interface LayersWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: keyof typeof SIZES;
  readonly quantization: Quantization | undefined;
  /** Numbers that it has. */
  readonly count: number;
  /** Which group it is in, and where in that: its first byte, and how many. */
  readonly group: number;
  readonly offset: number;
  readonly bytes: number;
}

/** How a weight is packed: value = number * scale + min, or float16. */
interface Quantization {
  readonly dtype: "uint8" | "uint16" | "float16";
  readonly scale: number;
  readonly min: number;
}

/** Files whose bytes, one behind the other, are weights. */
export interface WeightGroup {
  readonly paths: readonly string[];
  /** All bytes of its weights. */
  readonly bytes: number;
}

/** Bytes of a number. */
const SIZES = { float32: 4, int32: 4, bool: 1 } as const;
const PACKED = { uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes of a shard, as TensorFlow.js' converter writes them. */
export const SHARD_BYTES = 4 * 2 ** 20;

const isFinite = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

function quantizationOf(value: unknown, dtype: string, where: string, refuse: Refuse): Quantization | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw refuse(where, "quantization must be an object");
  const { dtype: packed, scale, min } = value;
  if (typeof packed !== "string" || !Object.hasOwn(PACKED, packed)) {
    throw refuse(where, `quantization must be uint8, uint16 or float16, got ${valueText(packed)}`);
  }
  if (packed === "float16") {
    if (dtype !== "float32") throw refuse(where, `float16 is for float32 weights, got ${dtype}`);
    return { dtype: packed, scale: 1, min: 0 };
  }
  if (!isFinite(scale) || !isFinite(min)) {
    throw refuse(
      where,
      `quantization needs finite numbers scale and min, got ${valueText(scale)} and ${valueText(min)}`,
    );
  }
  return { dtype: packed as Quantization["dtype"], scale, min };
}

/** The weights of a list as manifests and artifacts have it, laid out one behind the other. */
export function readSpecs(
  specs: unknown,
  group: number,
  where: string,
  refuse: Refuse,
): { readonly weights: LayersWeight[]; readonly bytes: number } {
  if (!Array.isArray(specs)) throw refuse(where, "there is no list of weights");
  const weights: LayersWeight[] = [];
  let offset = 0;
  specs.forEach((spec: unknown, i) => {
    const at = `${where}[${i}]`;
    if (!isRecord(spec)) throw refuse(at, "a weight must be an object of name, shape and dtype");
    const { name, shape, dtype } = spec;
    if (typeof name !== "string" || name === "") throw refuse(at, "a weight must have a name");
    if (typeof dtype !== "string" || !Object.hasOwn(SIZES, dtype)) {
      throw refuse(at, `${valueText(name)} is of ${valueText(dtype)}; weights of float32, int32 and bool are read`);
    }
    const isShape = Array.isArray(shape) && shape.length <= 32 && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!isShape) throw refuse(at, `the shape of ${valueText(name)} must be a list of whole numbers`);
    const count = (shape as number[]).reduce((product, n) => product * n, 1);
    const quantization = quantizationOf(spec["quantization"], dtype, at, refuse);
    const bytes = count * (quantization ? PACKED[quantization.dtype] : SIZES[dtype as keyof typeof SIZES]);
    if (!Number.isSafeInteger(offset + bytes)) throw refuse(at, `${valueText(name)} is larger than any file`);
    weights.push({
      name,
      shape: [...(shape as number[])],
      dtype: dtype as LayersWeight["dtype"],
      quantization,
      count,
      group,
      offset,
      bytes,
    });
    offset += bytes;
  });
  return { weights, bytes: offset };
}

/** Isn't it a path to a file in the folder of model.json, or below? */
function leadsAway(path: string): boolean {
  let plain = path;
  try {
    plain = decodeURIComponent(path); // a page's fetch reads %2e%2e as ..
  } catch {
    // it isn't written as in an address
  }
  return [path, plain].some((each) => leadsOut(each) || /^[a-z][a-z0-9+.-]*:|^\/|[?#]/i.test(each));
}

/** Reads the manifest of model.json. */
export function readManifest(
  manifest: unknown,
  refuse: Refuse,
): { readonly groups: readonly WeightGroup[]; readonly weights: readonly LayersWeight[] } {
  const where = "weightsManifest";
  if (!Array.isArray(manifest)) throw refuse(where, "there is no list of weights: the model has no weights to read");
  const groups: WeightGroup[] = [];
  const all: LayersWeight[] = [];
  manifest.forEach((group: unknown, g) => {
    const at = `${where}[${g}]`;
    if (!isRecord(group)) throw refuse(at, "it must be an object of paths and weights");
    const { paths } = group;
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string")) {
      throw refuse(at, "paths must be a list of file names");
    }
    const away = (paths as string[]).find(leadsAway);
    if (away !== undefined) {
      throw refuse(
        at,
        `the path ${valueText(away)} leads out of the folder of model.json; weights are read from there alone`,
      );
    }
    const { weights, bytes } = readSpecs(group["weights"], g, `${at}.weights`, refuse);
    groups.push({ paths: paths as string[], bytes });
    for (const weight of weights) all.push(weight);
  });
  return { groups, weights: all };
}

/** The bytes of a weight, out of those of its group's files. */
function bytesWithin(files: readonly Uint8Array[], offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let start = 0;
  for (const file of files) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, file.length);
    if (from < to) bytes.set(file.subarray(from, to), start + from - offset);
    start += file.length;
  }
  return bytes;
}

/** The numbers of a weight as float32. Its files have as many bytes as the manifest says. */
export function readWeight(
  { name, dtype, quantization, offset, bytes: length }: LayersWeight,
  files: readonly Uint8Array[],
  refuse: Refuse,
): Float32Array {
  const bytes = bytesWithin(files, offset, length);
  const numbers = numbersOf(bytes, dtype, quantization);
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isFinite(numbers[i]!)) continue;
    throw refuse(`weight ${valueText(name)}`, `value ${i} must be a finite number, got ${numbers[i]}`);
  }
  return numbers;
}

function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: LayersWeight["dtype"],
  quantization: Quantization | undefined,
): Float32Array {
  const { buffer } = bytes;
  if (quantization?.dtype === "float16") return widen(new Uint16Array(buffer), FLOAT16);
  if (quantization) {
    const { scale, min } = quantization;
    const packed = quantization.dtype === "uint8" ? bytes : new Uint16Array(buffer);
    const whole = dtype === "int32";
    return Float32Array.from(packed, (q) => (whole ? Math.round(q * scale + min) : q * scale + min));
  }
  if (dtype === "float32") return new Float32Array(buffer);
  return Float32Array.from(dtype === "int32" ? new Int32Array(buffer) : bytes);
}
