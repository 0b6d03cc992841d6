// The safetensors format: 8 bytes header length, a JSON header with each tensor's type, shape and place, then the numbers.
// see: https://github.com/huggingface/safetensors (README, "Format")

export type TensorData = Float32Array | Int32Array | Uint8Array;

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const DTYPES: Readonly<Record<string, new (buffer: ArrayBuffer) => TensorData>> = {
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
};
const HEADER_LIMIT = 100_000_000;

/** Canonical: NaN payloads differ between engines. */
const NAN = 0x7fc00000;

function dtypeOf(data: TensorData): string {
  return data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
}

/**
 * Writes tensors, in the order given, as one file.
 *
 * @example const file = writeSafetensors([["w", { shape: [2, 2], data: new Float32Array(4) }]], { made: "by hand" });
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, SafeTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors];
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8; // spaces fill it up, so that the numbers are aligned
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of entries) {
    file.set(canonical(data), at);
    at += data.byteLength;
  }
  return file;
}

function canonical(data: TensorData): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!(data instanceof Float32Array) || !data.some(Number.isNaN)) return bytes;
  const copy = Float32Array.from(data);
  const words = new Uint32Array(copy.buffer);
  copy.forEach((value, i) => {
    if (Number.isNaN(value)) words[i] = NAN;
  });
  return new Uint8Array(copy.buffer);
}

/**
 * Reads a file. The tensors are copies.
 *
 * @param name the file's name, for messages
 * @throws Error if it is no safetensors file, is cut short, or holds other types than F32, I32 and U8
 * @example const { tensors, metadata } = readSafetensors(modelToBytes(model), "model.safetensors");
 */
export function readSafetensors(file: Uint8Array, name: string): SafeTensors {
  const refuse = (why: string): never => {
    throw new Error(`${name}: ${why}`);
  };
  if (file.length < 8)
    refuse(`not a safetensors file; it has ${file.length} bytes, and the header's length alone takes 8`);
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuse(`not a safetensors file; its header would have ${length} bytes`);
  if (8 + length > file.length) refuse(`cut short; the header needs ${8 + length} bytes, but there are ${file.length}`);
  const header = parseHeader(file.subarray(8, 8 + length), refuse);
  const body = file.subarray(8 + length);
  const tensors = new Map<string, SafeTensor>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") {
      metadata = value as Record<string, string>;
      continue;
    }
    const {
      dtype,
      shape,
      data_offsets: offsets,
    } = value as {
      dtype: string;
      shape: readonly number[];
      data_offsets: readonly [number, number];
    };
    const Data =
      DTYPES[dtype] ?? refuse(`tensor "${key}" has type ${dtype}; ${Object.keys(DTYPES).join(", ")} are read`);
    if (!Array.isArray(shape) || !Array.isArray(offsets)) refuse(`tensor "${key}" has no shape or no place`);
    const count = shape.reduce((product, n) => product * n, 1);
    const [from, to] = offsets;
    const bytes = count * (dtype === "U8" ? 1 : 4);
    if (to - from !== bytes)
      refuse(`tensor "${key}" (${shape.join(" x ")}) needs ${bytes} bytes, but has ${to - from}`);
    if (to > body.length)
      refuse(`cut short; tensor "${key}" ends at byte ${to} of the data, but there are ${body.length}`);
    // a copy of its own: aligned, and in Node not a view of a shared buffer
    tensors.set(key, { shape, data: new Data(new Uint8Array(body.subarray(from, to)).buffer) });
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array, refuse: (why: string) => never): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (header !== null && typeof header === "object") return header as Record<string, unknown>;
  } catch {
    // told below
  }
  return refuse("not a safetensors file; its header is not JSON");
}
