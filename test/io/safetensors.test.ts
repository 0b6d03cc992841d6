// The file format, byte by byte: what we write is read by a reader of its own, and what another wrote is read by ours.
import { describe, expect, test } from "vitest";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../../src/files.ts";
import { type Refusal, refuses } from "../support/refusals.ts";

interface Header {
  readonly [name: string]: {
    readonly dtype: string;
    readonly shape: number[];
    readonly data_offsets: [number, number];
  };
}

/** The least that a reader must do, from the format's description alone. */
function parse(file: Uint8Array): { text: string; header: Header; metadata: unknown; data: Uint8Array } {
  let length = 0;
  for (let i = 7; i >= 0; i--) length = length * 256 + file[i]!;
  const text = String.fromCharCode(...file.subarray(8, 8 + length));
  const { __metadata__: metadata, ...header } = JSON.parse(text) as Header & { __metadata__: unknown };
  return { text, header, metadata, data: file.subarray(8 + length) };
}

/** A file as another program could have written it. */
function fileOf(header: unknown, data: Uint8Array | readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

const littleFloats = (...values: number[]): Uint8Array => {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => new DataView(bytes.buffer).setFloat32(4 * i, value, true));
  return bytes;
};

const TENSORS: readonly [string, SafeTensor][] = [
  ["dense1.weight", { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 1e-45, -0, 3e38) }],
  ["bytes", { shape: [5], data: Uint8Array.of(0, 1, 127, 128, 255) }],
  ["counts", { shape: [1, 2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ["one", { shape: [], data: Float32Array.of(7) }],
  ["none", { shape: [0, 4], data: new Float32Array(0) }],
];

describe("writing", () => {
  const file = writeSafetensors(TENSORS, { format: "test", author: "Ä ö 漢" });

  test("the header says type, shape and place of each tensor, without gaps", () => {
    const { header, data } = parse(file);
    expect(Object.keys(header)).toEqual(TENSORS.map(([name]) => name));
    let end = 0;
    for (const [name, { shape }] of TENSORS) {
      const [from, to] = header[name]!.data_offsets;
      expect(from).toBe(end);
      expect(header[name]!.shape).toEqual(shape);
      end = to;
    }
    expect(end).toBe(data.length);
    expect(TENSORS.map(([name]) => header[name]!.dtype)).toEqual(["F32", "U8", "I32", "F32", "F32"]);
    expect(TENSORS.map(([name]) => header[name]!.data_offsets)).toEqual([
      [0, 24],
      [24, 29],
      [29, 37],
      [37, 41],
      [41, 41],
    ]);
  });

  test("the numbers are little endian, where the header says", () => {
    const { header, data } = parse(file);
    const at = (name: string): DataView => {
      const [from, to] = header[name]!.data_offsets;
      return new DataView(data.buffer, data.byteOffset + from, to - from);
    };
    const weight = at("dense1.weight");
    const values = [0, 1, 2, 3, 4, 5].map((i) => weight.getFloat32(4 * i, true));
    expect(values).toEqual([1, -2, 0.5, Math.fround(1e-45), -0, Math.fround(3e38)]);
    expect([0, 1, 2, 3, 4].map((i) => at("bytes").getUint8(i))).toEqual([0, 1, 127, 128, 255]);
    expect([at("counts").getInt32(0, true), at("counts").getInt32(4, true)]).toEqual([-1, 2 ** 31 - 1]);
    expect(at("one").getFloat32(0, true)).toBe(7);
  });

  test("the header is JSON in a multiple of 8 bytes, filled up with spaces", () => {
    for (const [name, { shape, data }] of TENSORS) {
      const one = writeSafetensors([[name, { shape, data }]]);
      const { text } = parse(one);
      expect(text.length % 8).toBe(0);
      expect(text).toMatch(/^\{"__metadata__":\{\},.*\} *$/);
    }
  });

  test("metadata are there, in UTF-8", () => {
    expect(readSafetensors(file, "f").metadata).toEqual({ format: "test", author: "Ä ö 漢" });
    expect(parse(writeSafetensors([], { a: "b" })).metadata).toEqual({ a: "b" });
  });

  test("every NaN is the same one; the given numbers are left alone", () => {
    const data = new Float32Array(Uint32Array.of(0x7fc00001, 0xffc00000, 0x7f800001, 0x7f800000, 0xff800000).buffer);
    const before = new Uint32Array(data.buffer).slice();
    const written = parse(writeSafetensors([["x", { shape: [5], data }]])).data;
    const words = new Uint32Array(written.slice().buffer);
    expect([...words]).toEqual([0x7fc00000, 0x7fc00000, 0x7fc00000, 0x7f800000, 0xff800000]);
    expect(new Uint32Array(data.buffer)).toEqual(before);
  });

  test("views into larger arrays are written as what they show", () => {
    const all = Float32Array.of(1, 2, 3, 4, 5);
    const { data } = parse(writeSafetensors([["x", { shape: [2], data: all.subarray(2, 4) }]]));
    expect(data).toEqual(littleFloats(3, 4));
  });
});

describe("reading", () => {
  test("gives back what was written", () => {
    const { tensors } = readSafetensors(writeSafetensors(TENSORS), "f");
    expect([...tensors]).toEqual(TENSORS);
  });

  test("from any place in a buffer; the tensors are copies", () => {
    const file = writeSafetensors(TENSORS);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    const { tensors } = readSafetensors(shifted.subarray(3), "f");
    expect([...tensors]).toEqual(TENSORS);
    shifted.fill(0);
    expect([...tensors]).toEqual(TENSORS);
  });

  test("a file with an odd header and tensors in another order", () => {
    const header = {
      b: { dtype: "F32", shape: [2], data_offsets: [1, 9] },
      a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    };
    for (const text of [JSON.stringify(header), ` ${JSON.stringify(header)}   `]) {
      const { tensors, metadata } = readSafetensors(fileOf(text, [9, ...littleFloats(1.5, -3)]), "f");
      expect(tensors.get("a")).toEqual({ shape: [1], data: Uint8Array.of(9) });
      expect(tensors.get("b")).toEqual({ shape: [2], data: Float32Array.of(1.5, -3) });
      expect(metadata).toEqual({});
    }
  });

  const good = { x: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
  const refused = (header: unknown, bytes: number, message: string): Refusal => [
    () => readSafetensors(fileOf(header, new Uint8Array(bytes)), "f"),
    Error,
    `f: ${message}`,
  ];
  const started = fileOf(good, new Uint8Array(8));
  const endless = fileOf(good);
  new DataView(endless.buffer).setBigUint64(0, 2n ** 40n, true);
  refuses([
    [
      () => readSafetensors(new Uint8Array(3), "f"),
      Error,
      "f: not a safetensors file; it has 3 bytes, and the header's length alone takes 8",
    ],
    [
      () => readSafetensors(new Uint8Array(0), "empty.safetensors"),
      Error,
      "empty.safetensors: not a safetensors file; it has 0 bytes, and the header's length alone takes 8",
    ],
    [
      () => readSafetensors(endless, "f"),
      Error,
      "f: not a safetensors file; its header would have 1099511627776 bytes",
    ],
    [
      () => readSafetensors(started.subarray(0, 40), "f"),
      Error,
      `f: cut short; the header needs ${started.length - 8} bytes, but there are 40`,
    ],
    refused("{no json", 0, "not a safetensors file; its header is not a JSON object"),
    refused("12", 0, "not a safetensors file; its header is not a JSON object"),
    [
      () => readSafetensors(fileOf("  ").fill(0xff, 8), "f"),
      Error,
      "f: not a safetensors file; its header is not a JSON object",
    ],
    refused(good, 7, 'cut short; tensor "x" ends at byte 8 of the data, but there are 7'),
    refused(
      { x: { dtype: "F64", shape: [1], data_offsets: [0, 8] } },
      8,
      'tensor "x" has type F64; F32, I32, U8 are read',
    ),
    refused(
      { x: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } },
      2,
      'tensor "x" has type BF16; F32, I32, U8 are read',
    ),
    refused({ x: { dtype: "F32" } }, 8, 'tensor "x" has no shape of whole numbers of 0 or more'),
    refused(
      { x: { dtype: "F32", shape: [3, 2], data_offsets: [0, 8] } },
      8,
      'tensor "x" (3 x 2) needs 24 bytes, but has 8',
    ),
    refused({ x: { dtype: "U8", shape: [2], data_offsets: [0, 8] } }, 8, 'tensor "x" (2) needs 2 bytes, but has 8'),
  ]);
});
