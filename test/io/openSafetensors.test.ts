// Tensors read on demand: from files, Blobs, bytes and readers, in the memory of what is asked for.
import { execFile } from "node:child_process";
import { ftruncateSync, mkdtempSync, openAsBlob, openSync, rmSync, closeSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs"; // prettier-ignore
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelToBytes, openSafetensors, readSafetensors, type SafeTensorInput, writeSafetensors } from "../../src/files.ts"; // prettier-ignore
import { dense, sequential } from "../../src/index.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";

const TENSORS: readonly (readonly [string, SafeTensorInput])[] = [
  ["bytes", { shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ["w", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
  ["half", { shape: [2], data: Float32Array.of(0.5, -2), dtype: "F16" }],
  ["none", { shape: [0, 4], data: new Float32Array(0) }],
  ["one", { shape: [], data: Float64Array.of(7) }],
];
const BYTES = writeSafetensors(TENSORS, { made: "here" });

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasmgrad-open-"));
  path = join(folder, "a.safetensors");
  writeFileSync(path, BYTES);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A reader that notes what it is asked for, and gives it as a part of something larger. */
function readerOf(bytes: Uint8Array) {
  const asked: [from: number, to: number][] = [];
  return {
    asked,
    size: bytes.length,
    read(from: number, to: number): Promise<Uint8Array> {
      asked.push([from, to]);
      return Promise.resolve(bytes.subarray(from, to));
    },
  };
}

describe("the same tensors from", () => {
  const { tensors, metadata } = readSafetensors(BYTES);
  const moved = new Uint8Array(BYTES.length + 5);
  moved.set(BYTES, 5);
  test.each([
    ["a path", () => path],
    ["a URL", () => pathToFileURL(path)],
    ["a URL as text", () => pathToFileURL(path).href],
    ["bytes at any place", () => moved.subarray(5)],
    ["a Buffer", () => Buffer.from(BYTES)],
    ["a Blob", () => new Blob([BYTES])],
    ["a File", () => new File([BYTES], "a.safetensors")],
    ["a reader", () => readerOf(moved.subarray(5))],
    ["a reader that doesn't wait", () => ({ size: BYTES.length, read: (from: number, to: number) => BYTES.slice(from, to) })], // prettier-ignore
  ])("%s", async (_, source) => {
    const file = await openSafetensors(source());
    expect(file.metadata).toEqual(metadata);
    expect(Object.fromEntries(file.tensors)).toEqual({
      bytes: { dtype: "U8", shape: [3], bytes: 3 },
      w: { dtype: "F32", shape: [2, 2], bytes: 16 },
      half: { dtype: "F16", shape: [2], bytes: 4 },
      none: { dtype: "F32", shape: [0, 4], bytes: 0 },
      one: { dtype: "F64", shape: [], bytes: 8 },
    });
    const read = await Promise.all(
      [...file.tensors.keys()].map(async (name) => [name, await file.read(name)] as const),
    );
    expect(new Map(read)).toEqual(tensors);
    // each has memory of its own
    (read[1]![1].data as Float32Array).fill(0);
    expect(await file.read("w")).toEqual(tensors.get("w"));
    await file.close();
    await file.close();
    await expectRefusal(() => file.read("w"), Error, /^read: .* was closed$/);
  });
});

test("only what is asked for is read", async () => {
  const reader = readerOf(BYTES);
  const file = await openSafetensors(reader);
  const start = reader.asked[1]![1];
  expect(reader.asked).toEqual([[0, 8], [8, start]]); // prettier-ignore
  await file.read("half");
  expect(reader.asked[2]).toEqual([start + 19, start + 23]);
});

test("a model's file has its architecture among the texts", async () => {
  const file = await openSafetensors(modelToBytes(await sequential({ input: 3 }, dense(2))));
  expect(file.metadata).toMatchObject({ format: "wasmgrad" });
  expect((await file.read("dense1.weight")).shape).toEqual([3, 2]);
});

/** A file of a header and the numbers after it. */
function fileOf(header: unknown, data: number): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}
const u8 = (from: number, to: number): unknown => ({ dtype: "U8", shape: [to - from], data_offsets: [from, to] });

test("tensors of types that aren't read are named, and the others can be read", async () => {
  const header = {
    a: { dtype: "C64", shape: [1], data_offsets: [0, 8] },
    "b\u001b": { dtype: "F4", shape: [4], data_offsets: [8, 10] },
    c: u8(10, 12),
  };
  const bytes = fileOf(header, 12);
  const file = await openSafetensors(bytes);
  expect([...file.tensors.values()].map(({ dtype }) => dtype)).toEqual(["C64", "F4", "U8"]);
  expect((await file.read("c")).data).toEqual(new Uint8Array(2));
  const reads = "F32, I32, U8, F64, F16, BF16, F8_E4M3, F8_E5M2, I8, I16, I64, U16, U32, U64, BOOL are read";
  await expectRefusal(() => file.read("a"), Error, `openSafetensors: the source: tensor "a" has type C64; ${reads}`);
  await expectRefusal(() => file.read("b\u001b"), Error, `openSafetensors: the source: tensor "b\\u001b" has type F4; ${reads}`); // prettier-ignore
  await expectRefusal(() => readSafetensors(bytes, "f"), Error, `f: tensor "a" has type C64; ${reads}`);
});

describe("refuses", () => {
  const open = (source: unknown) => () => openSafetensors(source as string);
  const of = (header: unknown, data: number) => open(fileOf(header, data));
  // prettier-ignore
  refuses([
    [open(5), TypeError, "openSafetensors: the source must be a path, a File or Blob, bytes, or { size, read }, got number 5"],
    [open(new ArrayBuffer(9)), TypeError, "openSafetensors: the source must be a path, a File or Blob, bytes, or { size, read }, got an object (ArrayBuffer); new Uint8Array(buffer) makes bytes of it"],
    [open({ size: -1, read: () => BYTES }), TypeError, "openSafetensors: the source's size must be a count of bytes, got number -1"],
    [open({ size: 99, read: () => [1, 2] }), Error, "openSafetensors: the source's read(0, 8) must give 8 bytes, a Uint8Array, got an array of 2"],
    [open({ size: 99, read: () => new Uint8Array(9) }), Error, "openSafetensors: the source's read(0, 8) must give 8 bytes, a Uint8Array, got a Uint8Array of 9"],
    [open(""), Error, 'openSafetensors: "" can\'t be a file\'s path'],
    [open("a\0"), Error, 'openSafetensors: "a\\u0000" can\'t be a file\'s path'],
    [open("https://example.com/a.safetensors"), Error, 'openSafetensors: "https://example.com/a.safetensors" is no file\'s path; give { size, read(from, to) } that asks its server for ranges, or bytes of it'],
    [open("/nowhere/a.safetensors"), Error, 'openSafetensors: "/nowhere/a.safetensors" could not be read (ENOENT)'],
    [open("/dev/null"), Error, 'openSafetensors: "/dev/null" is no file, but a device or a pipe'],
    [() => openSafetensors(folder), Error, /^openSafetensors: ".*" is a directory; give one file in it$/],
    [open(new Uint8Array(3)), Error, "openSafetensors: the source: not a safetensors file; it has 3 bytes, and the header's length alone takes 8"],
    [open(BYTES.subarray(0, 40)), Error, /^openSafetensors: the source: cut short; the header needs \d+ bytes, but there are 40$/],
    [open(BYTES.subarray(0, -1)), Error, /^openSafetensors: the source: cut short; tensor "one" ends at byte 31 of the data, but there are 30$/],
    // a tensor that lies about its size, in ways that would take memory
    [of({ x: { dtype: "F32", shape: [2 ** 40], data_offsets: [0, 4] } }, 4), Error, 'openSafetensors: the source: tensor "x" (1099511627776) needs 4398046511104 bytes, but has 4'],
    [of({ x: { dtype: "F32", shape: [2 ** 40], data_offsets: [0, 2 ** 42] } }, 4), Error, 'openSafetensors: the source: cut short; tensor "x" ends at byte 4398046511104 of the data, but there are 4'],
    [of({ x: { dtype: "F64", shape: [2 ** 53 - 1, 2 ** 53 - 1, 2 ** 53 - 1], data_offsets: [0, 8] } }, 8), Error, /^openSafetensors: the source: tensor "x" \(9007199254740991 x .*\) needs 5\.8\d*e\+48 bytes, but has 8$/],
    [of({ x: { dtype: "F4", shape: [2 ** 53 - 1], data_offsets: [0, 2 ** 53 - 1] } }, 8), Error, /^openSafetensors: the source: cut short; tensor "x" ends at byte 9007199254740991 /],
    [of({ x: u8(0, 4), y: u8(3, 8) }, 8), Error, /tensor "y" begins at byte 3 of the data, but must at 4; it overlaps another tensor$/],
    [of({ x: u8(0, 4), y: u8(5, 8) }, 8), Error, /tensor "y" begins at byte 5 of the data, but must at 4; it leaves a gap in front of it$/],
    [of(`{"a":${JSON.stringify(u8(0, 1))},"a":${JSON.stringify(u8(1, 2))}}`, 2), Error, "openSafetensors: the source: the header has the same name twice"],
  ]);

  test("names that aren't there", async () => {
    const file = await openSafetensors(BYTES);
    await expectRefusal(() => file.read("hale"), RangeError, 'read: unknown tensor "hale"; did you mean "half"? Known: bytes, w, half, none, one'); // prettier-ignore
    await expectRefusal(() => file.read("__proto__"), RangeError, /^read: unknown tensor "__proto__"/);
    await expectRefusal(() => file.read(undefined as never), TypeError, "read: the name must be a tensor's name, got undefined"); // prettier-ignore
  });

  test("a file that has become shorter, where it ends", async () => {
    const other = join(folder, "shorter.safetensors");
    writeFileSync(other, BYTES);
    const file = await openSafetensors(other);
    truncateSync(other, BYTES.length - 2);
    const error: unknown = await file.read("one").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "FileError", offset: BYTES.length - 2 });
    expect((error as Error).message).toMatch(/: cut short; tensor "one" ends at byte \d+, and it had \d+ when it was opened$/); // prettier-ignore
    await file.close();
  });

  test("and says where in the file", async () => {
    const placeOf = async (bytes: Uint8Array): Promise<unknown> => {
      try {
        await openSafetensors(bytes);
      } catch (error) {
        const { name, offset, reason, message } = error as Error & { offset: number; reason: string };
        expect([name, message]).toEqual(["FileError", `openSafetensors: the source: ${reason}`]);
        return offset;
      }
      return undefined;
    };
    expect(await placeOf(fileOf({ x: u8(0, 4), y: u8(3, 8) }, 8))).toBe(fileOf({ x: u8(0, 4), y: u8(3, 8) }, 3).length);
    expect(await placeOf(fileOf({ first: u8(0, 4), second: { ...(u8(4, 8) as object), shape: [9] } }, 8))).toBe(
      8 + '{"first":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},'.length,
    );
    expect(await placeOf(fileOf("[]", 8))).toBe(8);
    expect(await placeOf(BYTES.subarray(0, -1))).toBe(BYTES.length - 1);
    expect(await placeOf(fileOf({}, 3))).toBe(10);
  });
});

/** Reads two small tensors of a large file, and prints what they are and the most memory that the process had. */
const PROGRAM = (source: string): string => `
  import { openAsBlob } from "node:fs";
  import { openSafetensors } from ${JSON.stringify(new URL("../../build/files.js", import.meta.url).href)};
  const file = await openSafetensors(${source});
  const read = async (name) => Array.from((await file.read(name)).data, Number);
  const data = [await read("first"), await read("last")];
  await file.close();
  console.log(JSON.stringify({ data, names: [...file.tensors.keys()], mostKiB: process.resourceUsage().maxRSS }));`;

test("a file of 3 GB is read in less than 100 MB, from its path and as a Blob", async () => {
  const large = join(folder, "large.safetensors");
  const middle = 3_000_000_000;
  const header = {
    first: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
    middle: { dtype: "F32", shape: [middle / 4], data_offsets: [4, 4 + middle] },
    last: { dtype: "F32", shape: [2], data_offsets: [4 + middle, 12 + middle] },
  };
  const start = fileOf(header, 4);
  start.set([0x00, 0x38, 0x00, 0xc0], start.length - 4);
  const file = openSync(large, "w");
  // what is between takes no place on the disk
  writeSync(file, start, 0, start.length, 0);
  ftruncateSync(file, start.length + middle + 8);
  writeSync(file, new Uint8Array(Float32Array.of(1.5, 7).buffer), 0, 8, start.length + middle);
  closeSync(file);
  expect(statSync(large).size).toBeGreaterThan(3e9);
  expect(typeof openAsBlob).toBe("function");
  for (const source of [JSON.stringify(large), `await openAsBlob(${JSON.stringify(large)})`]) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", "--input-type=module", "-e", PROGRAM(source)]); // prettier-ignore
    const { mostKiB, ...said } = JSON.parse(stdout) as { readonly mostKiB: number };
    expect(said).toEqual({ data: [[0.5, -2], [1.5, 7]], names: ["first", "middle", "last"] }); // prettier-ignore
    expect(mostKiB * 1024).toBeLessThan(100e6);
  }
}, 60_000);
