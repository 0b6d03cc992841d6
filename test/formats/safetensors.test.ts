// The file format, byte by byte: what we write is read by a reader of its own, and what another wrote is read by ours.
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../../src/files.ts";
import { expectRefusal, type Refusal, refuses } from "../support/refusals.ts";

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

  const floats = (count: number): SafeTensor => ({ shape: [count], data: new Float32Array(count) });
  const ofKind =
    (data: unknown): (() => unknown) =>
    () =>
      writeSafetensors([["x", { shape: [2], data: data as never }]]);
  const kinds = 'writeSafetensors: the data of "x" must be a typed array of numbers, got';
  const twice = (name: string): string => `writeSafetensors: the name "${name}" is used twice or has another meaning`;
  refuses([
    [
      () => writeSafetensors([["x", { shape: [-1, -2], data: new Float32Array(2) }]]),
      TypeError,
      'writeSafetensors: the shape of "x" must be an array of whole numbers of 0 or more, got an array of 2',
    ],
    [
      () => writeSafetensors([], { version: 1 as never }),
      TypeError,
      "writeSafetensors: the metadata must be an object of strings, got an object (Object)",
    ],
    [
      () => readSafetensors(new ArrayBuffer(20) as never, "f"),
      TypeError,
      "f: the file must be a Uint8Array, got an object (ArrayBuffer); new Uint8Array(buffer) makes one",
    ],
    [
      () => writeSafetensors([["x", { shape: [2, 3], data: new Float32Array(5) }]]),
      RangeError,
      'writeSafetensors: "x" is 2x3, 6 numbers, but has 5',
    ],
    [
      () =>
        writeSafetensors([
          ["one", floats(1)],
          ["none", { shape: [], data: new Float32Array(0) }],
        ]),
      RangeError,
      'writeSafetensors: "none" is (), 1 numbers, but has 0',
    ],
    [
      () => writeSafetensors([["bytes", { shape: [2], data: new Uint8Array(8) }]]),
      RangeError,
      'writeSafetensors: "bytes" is 2, 2 numbers, but has 8',
    ],
    [ofKind([1, 2]), TypeError, `${kinds} an array of 2`],
    [ofKind(new DataView(new ArrayBuffer(2))), TypeError, `${kinds} a DataView of 2`],
    [ofKind(new Uint8ClampedArray(2)), TypeError, `${kinds} a Uint8ClampedArray of 2`],
    [ofKind(new ArrayBuffer(2)), TypeError, `${kinds} an object (ArrayBuffer)`],
    [ofKind(undefined), TypeError, `${kinds} undefined`],
    [
      () =>
        writeSafetensors([
          ["x", floats(1)],
          ["y", floats(1)],
          ["x", floats(2)],
        ]),
      RangeError,
      twice("x"),
    ],
    [() => writeSafetensors([["__metadata__", floats(1)]]), RangeError, twice("__metadata__")],
  ]);

  test("names that every object has are names as others are", () => {
    const names = ["toString", "constructor", "hasOwnProperty", "valueOf", "", "__proto__"];
    const tensors = names.map((name, i): [string, SafeTensor] => [name, { shape: [], data: Int32Array.of(i) }]);
    expect([...readSafetensors(writeSafetensors(tensors), "f").tensors]).toEqual(tensors);
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
      { x: { dtype: "C64", shape: [1], data_offsets: [0, 8] } },
      8,
      'tensor "x" has type C64; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read',
    ),
    refused(
      { x: { dtype: "F4", shape: [4], data_offsets: [0, 2] } },
      2,
      'tensor "x" has type F4; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read',
    ),
    refused({ x: { dtype: "F32" } }, 8, 'tensor "x" has no shape of whole numbers of 0 or more'),
    refused(
      { x: { dtype: "F32", shape: [3, 2], data_offsets: [0, 8] } },
      8,
      'tensor "x" (3 x 2) needs 24 bytes, but has 8',
    ),
    refused({ x: { dtype: "U8", shape: [2], data_offsets: [0, 8] } }, 8, 'tensor "x" (2) needs 2 bytes, but has 8'),
  ]);

  test("control characters of names and types are written out", async () => {
    const odd = "\u009b2J\u202e";
    const header = (dtype: string): string => JSON.stringify({ [odd]: { dtype, shape: [2], data_offsets: [0, 1] } });
    const tensor = 'tensor "\\u009b2J\\u202e"';
    await expectRefusal(
      () => readSafetensors(fileOf(header("U8"), [7]), "f"),
      Error,
      `f: ${tensor} (2) needs 2 bytes, but has 1`,
    );
    const types = "F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read";
    await expectRefusal(
      () => readSafetensors(fileOf(header(odd)), "f"),
      Error,
      `f: ${tensor} has type \\u009b2J\\u202e; ${types}`,
    );
  });

  test("a tensor called __proto__ that another program wrote", () => {
    const text = '{ "__proto__": { "dtype": "U8", "shape": [2], "data_offsets": [0, 2] } }';
    const { tensors } = readSafetensors(fileOf(text, [7, 8]), "f");
    expect([...tensors]).toEqual([["__proto__", { shape: [2], data: Uint8Array.of(7, 8) }]]);
    expect(readSafetensors(writeSafetensors(tensors), "g").tensors).toEqual(tensors);
  });

  test("tensors without numbers, anywhere between the others", () => {
    const none = (at: number): unknown => ({ dtype: "F32", shape: [0, 3], data_offsets: [at, at] });
    const one = (at: number): unknown => ({ dtype: "U8", shape: [1], data_offsets: [at, at + 1] });
    const header = { last: none(2), b: one(1), first: none(0), a: one(0), middle: none(1) };
    const { tensors } = readSafetensors(fileOf(header, [5, 6]), "f");
    expect([...tensors.keys()]).toEqual(["last", "b", "first", "a", "middle"]);
    expect([tensors.get("a")!.data, tensors.get("b")!.data]).toEqual([Uint8Array.of(5), Uint8Array.of(6)]);
    for (const name of ["last", "first", "middle"]) expect(tensors.get(name)!.data).toEqual(new Float32Array(0));
  });

  describe("strictly", () => {
    const noObject = "not a safetensors file; its header is not a JSON object";
    refuses([
      refused("[]", 0, noObject),
      refused("null", 0, noObject),
      refused('"x"', 0, noObject),
      refused("", 0, noObject),
      refused('{"x": 1}}', 0, noObject),
    ]);

    const place = 'tensor "x" has no place; data_offsets must be where it begins and ends';
    test("places", async () => {
      for (const offsets of [
        [-4, 4],
        [8, 0],
        [0.5, 8.5],
        [0],
        [0, 4, 8],
        [],
        ["0", "8"],
        [null, 8],
        [0, 2 ** 53],
        { 0: 0, 1: 8 },
        "08",
        null,
        8,
        undefined,
      ]) {
        await expectRefusal(...refused({ x: { ...good.x, data_offsets: offsets } }, 8, place));
      }
    });

    test("shapes", async () => {
      for (const shape of [[-1, -2], [2.5], ["2"], [[2]], [null], null, 2, "2", { length: 1, 0: 2 }]) {
        const message = 'tensor "x" has no shape of whole numbers of 0 or more';
        await expectRefusal(...refused({ x: { ...good.x, shape } }, 8, message));
      }
    });

    test("types", async () => {
      for (const dtype of ["__proto__", "toString", "constructor", "f32", "", null, 32, ["F32"], undefined]) {
        const message = `tensor "x" has type ${String(dtype)}; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read`;
        await expectRefusal(...refused({ x: { ...good.x, dtype } }, 8, message));
      }
    });

    test("entries", async () => {
      for (const entry of [null, 3, "F32", true, [], [good.x]]) {
        await expectRefusal(...refused({ x: entry }, 8, 'tensor "x" has no type, shape and place'));
      }
    });

    test("metadata", async () => {
      for (const metadata of [null, 3, "pt", [], ["pt"], { format: 1 }, { a: "b", c: null }, { a: {} }]) {
        const message = "the metadata of the header must be an object of strings";
        await expectRefusal(...refused({ __metadata__: metadata, ...good }, 8, message));
      }
    });

    const at = (from: number, to: number): unknown => ({ dtype: "U8", shape: [to - from], data_offsets: [from, to] });
    const wrongPlace = (name: string, from: number, must: number, fault: string): string =>
      `tensor "${name}" begins at byte ${from} of the data, but must at ${must}; it ${fault}`;
    const [gap, overlap] = ["leaves a gap in front of it", "overlaps another tensor"];
    refuses([
      refused({ x: at(0, 4), y: at(3, 8) }, 8, wrongPlace("y", 3, 4, overlap)),
      refused({ y: at(3, 8), x: at(0, 4) }, 8, wrongPlace("y", 3, 4, overlap)),
      refused({ x: at(0, 4), y: at(0, 4) }, 4, wrongPlace("y", 0, 4, overlap)),
      refused({ x: at(0, 8), y: at(2, 4) }, 8, wrongPlace("y", 2, 8, overlap)),
      refused({ x: at(0, 8), none: at(2, 2) }, 8, wrongPlace("none", 2, 8, overlap)),
      refused({ x: at(1, 8) }, 8, wrongPlace("x", 1, 0, gap)),
      refused({ x: at(0, 3), y: at(5, 8) }, 8, wrongPlace("y", 5, 3, gap)),
      refused({ none: at(4, 4), x: at(0, 2) }, 4, wrongPlace("none", 4, 2, gap)),
      refused(good, 9, "the data has 9 bytes, but the tensors end at byte 8"),
      refused({}, 1, "the data has 1 bytes, but the tensors end at byte 0"),
      refused({ x: at(0, 4), y: at(4, 9) }, 8, 'cut short; tensor "y" ends at byte 9 of the data, but there are 8'),
    ]);
  });
});

describe("bytes from elsewhere", () => {
  const file = writeSafetensors(TENSORS, { a: "b" });
  const tensors = readSafetensors(file).tensors;

  test("in shared memory, at any place, are copied", () => {
    for (const offset of [0, 3]) {
      const shared = new Uint8Array(new SharedArrayBuffer(file.length + 8), offset, file.length);
      shared.set(file);
      const { tensors: read, metadata } = readSafetensors(shared);
      shared.fill(0);
      expect([read, metadata]).toEqual([tensors, { a: "b" }]);
      for (const { data } of read.values()) expect(data.buffer).toBeInstanceOf(ArrayBuffer);
    }
  });

  test("of decoders that refuse shared memory, as in browsers", () => {
    const decode = vi.spyOn(TextDecoder.prototype, "decode");
    readSafetensors(new Uint8Array(new SharedArrayBuffer(file.length)).map((_, i) => file[i]!));
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    readSafetensors(shared);
    for (const [bytes] of decode.mock.calls) expect((bytes as Uint8Array).buffer).toBeInstanceOf(ArrayBuffer);
    expect(decode.mock.calls.length).toBe(2);
    decode.mockRestore();
  });

  test("of another realm, such as a frame's or a test runner's", () => {
    const Bytes = runInNewContext("Uint8Array") as Uint8ArrayConstructor;
    const foreign = Bytes.from(file);
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    expect(readSafetensors(foreign).tensors).toEqual(tensors);
    const Floats = runInNewContext("Float32Array") as Float32ArrayConstructor;
    const written = writeSafetensors([["x", { shape: [2], data: Floats.of(1, NaN) }]]);
    expect(readSafetensors(written).tensors.get("x")!.data).toEqual(Float32Array.of(1, NaN));
    expect(new TextDecoder().decode(written)).toContain('"dtype":"F32"');
  });
});

describe("headers of another kind", () => {
  const empty = { dtype: "F32", shape: [0], data_offsets: [0, 0] };
  const text = JSON.stringify(empty);
  const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
  const long = "n".repeat(1e6);
  const cut = `"${"n".repeat(80)}..."`;
  const read = (header: unknown) => () => readSafetensors(fileOf(header), "f");
  refuses([
    [read(`{"a":${text},"a":${text}}`), Error, "f: the header has the same name twice"],
    [read(`{"a\\"b":${text},"c":{"d":"{,\\"e\\":"}, "a\\"b" : ${text}}`), Error, "f: the header has the same name twice"],
    [read(`{"__metadata__":{},"__metadata__":{"a":"b"}}`), Error, "f: the header has the same name twice"],
    [read(`{"a":${text},"__proto__":{"toString":1}}`), Error, 'f: tensor "__proto__" has type undefined; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read'],
    [read({ [long]: 5 }), Error, `f: tensor ${cut} has no type, shape and place`],
    [read({ x: { ...empty, dtype: long } }), Error, `f: tensor "x" has type ${"n".repeat(80)}; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read`],
    [read({ x: { ...empty, dtype: { toString: 1 } } }), Error, 'f: tensor "x" has type an object (Object); F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read'],
    [read(`{"x":{"dtype":${deep}}}`), Error, 'f: tensor "x" has type an array of 1; F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read'],
    [read(`{"x":{"dtype":"F32","shape":${deep}}}`), Error, 'f: tensor "x" has no shape of whole numbers of 0 or more'],
    [read(deep), Error, "f: not a safetensors file; its header is not a JSON object"],
    [read({ x: { ...empty, shape: Array.from({ length: 1000 }, () => 2 ** 40) } }), Error, 'f: tensor "x" (1000 axes) needs Infinity bytes, but has 0'],
  ]); // prettier-ignore

  test("names that JavaScript has a meaning for, and empty tensors of any shape", () => {
    const header = `{"__proto__":${text},"constructor":${text},"":${text},"7":${text}}`;
    const { tensors } = readSafetensors(fileOf(header));
    expect([...tensors.keys()].toSorted()).toEqual(["", "7", "__proto__", "constructor"]);
    const huge = { x: { ...empty, shape: [...Array.from({ length: 40 }, () => 2 ** 40), 0] } };
    expect(readSafetensors(fileOf(huge)).tensors.get("x")!.data.length).toBe(0);
  });

  test("what isn't bytes or tensors at all", async () => {
    const file = "readSafetensors: the file must be a Uint8Array, got";
    await expectRefusal(() => readSafetensors(null as never), TypeError, `${file} null`);
    await expectRefusal(() => readSafetensors(Promise.resolve(new Uint8Array(9)) as never), TypeError, /a promise; did you forget await/);
    await expectRefusal(() => readSafetensors({ [Symbol.toStringTag]: "Uint8Array" } as never), TypeError, /must be a Uint8Array/);
    for (const tensors of [null, 5, {}, Promise.resolve([])]) {
      await expectRefusal(() => writeSafetensors(tensors as never), TypeError, /^writeSafetensors: the tensors must be pairs of/);
    }
    for (const entry of [null, "ab", ["a"], ["a", null], [5, {}]]) {
      await expectRefusal(() => writeSafetensors([entry] as never), TypeError, /^writeSafetensors: each of the tensors must be a pair/);
    }
    const endless = (function* () { for (;;) yield 1; })();
    await expectRefusal(() => writeSafetensors(endless as never), TypeError, /^writeSafetensors: each of the tensors must be a pair/);
    const holes: never[] = [];
    holes.length = 4e9;
    await expectRefusal(() => writeSafetensors(holes), TypeError, /^writeSafetensors: each of the tensors must be a pair/);
  }); // prettier-ignore
});
