// Every type of safetensors files, both ways: a dozen lines of Python write what we read, and read what we write.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNpz, writeNpz } from "../../src/data.ts";
import { modelFromBytes, modelToBytes, openSafetensors, readSafetensors, type SafeTensorInput, writeSafetensors } from "../../src/files.ts"; // prettier-ignore
import { dense, relu, sequential } from "../../src/index.ts";
import { expectRefusal, refuses } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";
import { needsTorch, PYTHON, skipsTorch } from "../support/torch.ts";

/** float32 of any bits, and what rounding goes wrong at. */
function anyNumbers(count: number): Float32Array<ArrayBuffer> {
  const next = generator(5);
  const words = Uint32Array.from({ length: count }, () => Math.floor(next() * 2 ** 32));
  const numbers = new Float32Array(words.buffer);
  // half of them of float16's range, with few digits: halves of steps among them
  for (let i = 0; i < count; i += 2) words[i] = (words[i]! & 0x80000000) | (0x33000000 + (words[i]! & 0x13fff000));
  return numbers.map((value) => (Math.abs(value) >= 65520 ? value / 2 ** 120 : value));
}

describe.skipIf(skipsTorch)(`Python${needsTorch}`, () => {
  let folder: string;
  const python = (todo: string): string =>
    execFileSync(PYTHON, [join(import.meta.dirname, "safetensorsTypes.py"), todo, folder], { encoding: "utf8" });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wasmgrad-safetensors-"));
    python("write");
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("writes what is read: every type, all 65,536 numbers of those of 16 bits, all 256 of those of 8", async () => {
    const bytes = readFileSync(join(folder, "all.safetensors"));
    const { tensors, metadata } = readSafetensors(bytes, "all.safetensors");
    const numbers = await readNpz(join(folder, "all.npz"));
    expect(metadata).toEqual({ made: "by hand", Ä: "漢" });
    expect([...tensors.keys()]).toEqual([...numbers.keys()]);
    for (const [name, { shape, data }] of tensors) {
      const must = numbers.get(name)!;
      expect(shape, name).toEqual(must.shape);
      expect(data.length, name).toBe(must.data.length);
      const off = Array.from(data, (value, i) => Object.is(Number(value), Number(must.data[i]))).indexOf(false);
      expect(off, `${name}: ${data[off]} is ${must.data[off]}`).toBe(-1);
    }
    const kinds = Object.fromEntries(Array.from(tensors, ([name, { data }]) => [name, data.constructor.name]));
    expect(kinds).toMatchObject({
      flag: "Uint8Array",
      f64: "Float64Array",
      f16: "Float32Array",
      bf16: "Float32Array",
      e4m3: "Float32Array",
      i8: "Int8Array",
      u16: "Uint16Array",
      near: "Float64Array",
      none: "Float64Array",
      i64: "BigInt64Array",
      u64: "BigUint64Array",
    });
    expect([...(tensors.get("i64")!.data as unknown as BigInt64Array)].slice(3)).toEqual([
      -(2n ** 63n),
      2n ** 63n - 1n,
    ]);
    // one at a time they are the same
    const file = await openSafetensors(join(folder, "all.safetensors"));
    expect([...file.tensors].map(([name, { dtype, shape }]) => [name, dtype, shape.length])).toContainEqual(["e5m2", "F8_E5M2", 2]); // prettier-ignore
    for (const [name, tensor] of tensors) expect(await file.read(name), name).toEqual(tensor);
    await file.close();
    // and what was read is written as the same types and numbers
    const again = readSafetensors(writeSafetensors(tensors, metadata));
    expect(again).toEqual({ tensors, metadata });
    for (const [name, { dtype }] of tensors) expect(again.tensors.get(name)!.dtype).toBe(dtype);
  });

  test("reads what is written: each number is the nearest one, of two that are as near the even one", async () => {
    const x = anyNumbers(200_000);
    const x64 = Float64Array.from(x, (value, i) => value * (1 + (i % 7) * 2 ** -30));
    const y = Float32Array.of(
      0,
      -0,
      1e-45,
      -(2 ** -25),
      2 ** -25 + 2 ** -40,
      65504,
      65519.996,
      Infinity,
      -Infinity,
      NaN,
    );
    const given = {
      x: { shape: [200_000], data: x },
      x64: { shape: [200_000], data: x64 },
      y: { shape: [2, 5], data: y },
      i: { shape: [3], data: Int16Array.of(-32768, 5, 32767) },
      l: { shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
      u: { shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
      b: { shape: [4], data: Uint8Array.of(0, 1, 2, 255), dtype: "bool" as const },
    };
    writeFileSync(join(folder, "given.npz"), await writeNpz(given));
    const tensors = new Map<string, SafeTensorInput>();
    const types = ["F32", "F16", "BF16"] as const;
    for (const dtype of types) {
      // in a file of its own all of it, here for one tensor
      tensors.set(`x.${dtype}`, { ...given.x, dtype });
      tensors.set(`y.${dtype}`, { ...given.y, dtype });
    }
    tensors.set("x64", given.x64);
    tensors.set("i", given.i);
    tensors.set("l", given.l);
    tensors.set("u", given.u);
    tensors.set("b", { ...given.b, dtype: "BOOL" });
    const files: Record<string, Uint8Array> = { all: writeSafetensors(tensors, { a: "ä" }) };
    for (const type of types) {
      files[type] = writeSafetensors(Object.entries({ x: given.x, i: given.i, y: given.y }), {}, { dtype: type });
    }
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, `${name}.ours`), bytes);
    const each = (type: string) => ({ x: [type, [200_000], 0], i: ["I16", [3], 0], y: [type, [2, 5], 0] });
    expect(JSON.parse(python("read"))).toEqual({
      all: {
        metadata: { a: "ä" },
        off: {
          ...Object.fromEntries(types.flatMap((type) => [[`x.${type}`, [type, [200_000], 0]], [`y.${type}`, [type, [2, 5], 0]]])),
          x64: ["F64", [200_000], 0],
          i: ["I16", [3], 0],
          l: ["I64", [2], 0],
          u: ["U64", [1], 0],
          b: ["BOOL", [4], 0],
        },
      },
      ...Object.fromEntries(types.map((type) => [type, { metadata: {}, off: each(type) }])),
    }); // prettier-ignore
  }, 120_000);
});

const model = await sequential({ input: 4, seed: 1 }, dense(8), relu(), dense(3));

test.each([
  ["F16", 2, 2 ** -11],
  ["BF16", 2, 2 ** -8],
  ["F32", 4, 0],
] as const)("a model of %s takes %i bytes a number, and is one that can be loaded", async (dtype, size, rounding) => {
  const bytes = modelToBytes(model, { dtype });
  const file = await openSafetensors(bytes);
  expect([...file.tensors.values()].map((tensor) => tensor.bytes)).toEqual([32, 8, 24, 3].map((count) => count * size));
  const copy = await modelFromBytes(bytes);
  model.parameters().forEach(({ name, get }, i) => {
    const own = copy.parameters()[i]!.get();
    const far = Math.max(...get().map((value, k) => Math.abs(own[k]! - value) / (Math.abs(value) || 1)));
    expect(far, name).toBeLessThanOrEqual(rounding);
  });
  // what is rounded already is written as the same file
  expect(modelToBytes(copy, { dtype })).toEqual(bytes);
  // its checksum is over what is in the file
  const damaged = bytes.slice();
  damaged[damaged.length - 1]! ^= 1;
  await expectRefusal(() => modelFromBytes(damaged), Error, /^modelFromBytes: the file is damaged: its checksum/);
  if (dtype === "F32") expect(bytes).toEqual(modelToBytes(model));
});

describe("refuses", () => {
  const write =
    (tensor: object, options = {}): (() => unknown) =>
    () =>
      writeSafetensors([["w", tensor as never]], {}, options);
  const floats = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
  const doubles = (...data: number[]) => ({ shape: [data.length], data: Float64Array.from(data) });
  refuses([
    [write(floats(1, 65520), { dtype: "F16" }), RangeError, 'writeSafetensors: value 1 of "w" is 65520, but the largest of F16 is 65504; write BF16 or F32'],
    [write({ ...floats(-1e5), dtype: "F16" }), RangeError, 'writeSafetensors: value 0 of "w" is -100000, but the largest of F16 is 65504; write BF16 or F32'],
    [write({ ...floats(465), dtype: "F8_E4M3" }), RangeError, 'writeSafetensors: value 0 of "w" is 465, but the largest of F8_E4M3 is 448; write BF16 or F32'],
    [write({ ...floats(61440), dtype: "F8_E5M2" }), RangeError, 'writeSafetensors: value 0 of "w" is 61440, but the largest of F8_E5M2 is 57344; write BF16 or F32'],
    [write(floats(3.4e38), { dtype: "BF16" }), RangeError, 'writeSafetensors: value 0 of "w" is 3.3999999521443642e+38, but the largest of BF16 is 3.3895313892515355e+38; write F32'],
    [write(doubles(0, 1e39), { dtype: "F32" }), RangeError, 'writeSafetensors: value 1 of "w" is 1e+39, but the largest of F32 is 3.4028235e38; write F64'],
    [write({ ...doubles(1.5), dtype: "I64" }), RangeError, 'writeSafetensors: value 0 of "w" is 1.5, but I64 has whole numbers'],
    [write({ ...doubles(-1), dtype: "U64" }), RangeError, 'writeSafetensors: value 0 of "w" is -1, but U64 has whole numbers'],
    [write({ ...doubles(2 ** 53), dtype: "I64" }), RangeError, 'writeSafetensors: value 0 of "w" is 9007199254740992, but I64 has whole numbers'],
    [write({ ...floats(1), dtype: "I8" }), RangeError, 'writeSafetensors: the dtype of "w" must be one of F32, F16, BF16, F8_E4M3, F8_E5M2, got "I8"'],
    [write({ ...floats(1), dtype: "C64" }), RangeError, 'writeSafetensors: the dtype of "w" must be one of F32, F16, BF16, F8_E4M3, F8_E5M2, got "C64"'],
    [write(floats(1), { dtype: "F64" }), RangeError, 'writeSafetensors: dtype must be one of F32, F16, BF16, got "F64"'],
    [write(floats(1), { type: "F16" }), TypeError, 'writeSafetensors: unknown option "type". Known: dtype'],
    [() => modelToBytes(model, { dtype: "float16" as never }), RangeError, 'modelToBytes: dtype must be one of F32, F16, BF16, got "float16"'],
    [async () => modelToBytes(await large(), { dtype: "F16" }), RangeError, 'modelToBytes: value 0 of "dense1.weight" is 70000, but the largest of F16 is 65504; write BF16 or F32'],
  ]); // prettier-ignore
});

async function large() {
  const one = await sequential({ input: 1 }, dense(1));
  one.parameters()[0]!.set([70000]);
  return one;
}

test("float64 is rounded once: what is nearly in the middle goes where it is nearer to", () => {
  const little = 2 ** -40;
  for (const [dtype, step] of [
    ["F16", 2 ** -10],
    ["BF16", 2 ** -7],
  ] as const) {
    const middles = [1 + step / 2, 1 + (3 * step) / 2]; // the even one is the lower, then the upper
    const data = Float64Array.from(middles.flatMap((n) => [n - little, n, n + little, -n - little]));
    const written = writeSafetensors([["a", { shape: [8], data }]], {}, { dtype });
    const read = [...readSafetensors(written).tensors.get("a")!.data];
    expect(read.slice(0, 4)).toEqual([1, 1, 1 + step, -1 - step]);
    expect(read.slice(4)).toEqual([1 + step, 1 + 2 * step, 1 + 2 * step, -1 - 2 * step]);
  }
  const tiny = Float64Array.of(2 ** -25 + 2 ** -60, 2 ** -25, -1e-300);
  const { data } = readSafetensors(writeSafetensors([["a", { shape: [3], data: tiny }]], {}, { dtype: "F16" })).tensors.get("a")!; // prettier-ignore
  expect([...data]).toEqual([2 ** -24, 0, -0]);
});

test("infinite numbers and those that are none stay so in every type", () => {
  const data = Float32Array.of(Infinity, -Infinity, NaN);
  for (const dtype of ["F32", "F16", "BF16"] as const) {
    const file = writeSafetensors([["w", { shape: [3], data }]], {}, { dtype });
    expect(readSafetensors(file).tensors.get("w")!.data).toEqual(data);
  }
});
