// npy: files that NumPy wrote, what is written is the same as it writes, and what is refused in which words.
import { describe, expect, test } from "vitest";
import { arrayOfNpy, type NpyArray, npyOfArray, npySize } from "../../src/formats/npy.ts";
import { NPY } from "../support/numpyFiles.ts";
import { expectRefusal } from "../support/refusals.ts";

const read = (bytes: Uint8Array): NpyArray => arrayOfNpy(bytes, "a file", false);
const write = (array: Parameters<typeof npyOfArray>[0]): Uint8Array => npyOfArray(array, "writeNpy", "the array");

/** A file of version 1 with this header and so many bytes behind it. */
function made(header: string, bytes: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(10 + header.length + bytes);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  file.set(new TextEncoder().encode(header), 10);
  return file;
}

const dict = (shape: string, descr = "'<f4'", order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe("reads what NumPy wrote", () => {
  test.each<[keyof typeof NPY, number[], string, ArrayLike<number | bigint>]>([
    ["scalar", [], "float64", Float64Array.of(2.5)],
    ["empty", [0, 3], "float32", new Float32Array(0)],
    ["noColumns", [3, 0], "int16", new Int16Array(0)],
    ["fortran", [2, 3, 4], "float32", Float32Array.from({ length: 24 }, (_, i) => i)],
    ["fortranBig", [3, 2], "int64", BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n)],
    ["big", [2, 2], "float64", Float64Array.of(1.5, -2, 3e300, NaN)],
    ["bigShort", [3], "int16", Int16Array.of(1, -2, 300)],
    ["half", [11], "float16", Float32Array.of(0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, -2.5, 65504, Infinity, -Infinity, NaN)], // prettier-ignore
    ["bool", [3], "bool", Uint8Array.of(1, 0, 1)],
    ["int64", [3], "int64", BigInt64Array.of(9007199254740993n, -9223372036854775808n, 5n)],
    ["uint64", [1], "uint64", BigUint64Array.of(18446744073709551615n)],
    ["uint32", [1], "uint32", Uint32Array.of(4294967295)],
    ["int8", [2], "int8", Int8Array.of(-128, 127)],
    ["version2", [3], "uint8", Uint8Array.of(0, 1, 2)],
    ["version3", [3], "uint8", Uint8Array.of(0, 1, 2)],
  ])("%s", (name, shape, dtype, data) => {
    const file = NPY[name];
    const before = Uint8Array.from(file);
    expect(read(file)).toEqual({ shape, data, dtype });
    expect(file).toEqual(before);
    expect(npySize(file)).toBe(file.length);
    // at any place of its memory, in place or copied
    for (const at of [0, 1, 4, 8]) {
      const moved = new Uint8Array(at + file.length);
      moved.set(file, at);
      expect(arrayOfNpy(moved.subarray(at), "", true)).toEqual({ shape, data, dtype });
    }
  });

  test("headers of another order, with other quotes, spaces and Python 2's numbers", () => {
    const file = made(`{"shape" :( 2L ,3L ), 'fortran_order':True,  "descr":"<f4"}`, 24);
    expect(read(file)).toEqual({ shape: [2, 3], data: new Float32Array(6), dtype: "float32" });
    expect(read(made("{'descr': 'f4', 'fortran_order': False, 'shape': ()}", 4)).shape).toEqual([]);
    expect(read(made(dict("(1,)", "'?'"), 1)).dtype).toBe("bool");
  });

  test("bools that aren't 0 or 1 are 1", () => {
    const file = made(dict("(3,)", "'|b1'"), 3);
    file.set([0, 7, 1], file.length - 3);
    expect(read(file).data).toEqual(Uint8Array.of(0, 1, 1));
  });

  test("its numbers are copies", () => {
    const file = Uint8Array.from(NPY.uint32);
    const { data } = read(file);
    file.fill(0);
    expect(data).toEqual(Uint32Array.of(4294967295));
  });
});

describe("writes", () => {
  test.each(["scalar", "empty", "noColumns", "half", "bool", "int64", "uint64", "uint32", "int8"] as const)(
    "%s as NumPy does",
    (name) => {
      expect(write(read(NPY[name]))).toEqual(NPY[name]);
    },
  );

  test("what was in another order", () => {
    for (const name of ["fortran", "fortranBig", "big", "bigShort", "version3"] as const) {
      const array = read(NPY[name]);
      expect(read(write(array))).toEqual(array);
    }
  });

  test("every float16", () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const file = made(dict("(65536,)", "'<f2'"), 131072);
    file.set(new Uint8Array(halves.buffer), file.length - 131072);
    const array = read(file);
    const again = write(array);
    const written = new Uint16Array(again.slice(again.length - 131072).buffer);
    (array.data as Float32Array).forEach((number, i) => {
      if (Number.isNaN(number)) expect([i & 0x7c00, written[i]! & 0x7fff]).toEqual([0x7c00, 0x7e00]);
      else expect(written[i]).toBe(i);
    });
  });

  test("long shapes", () => {
    const shape = Array.from({ length: 64 }, () => 1);
    const file = write({ shape, data: Float32Array.of(3) });
    expect(file.length % 64).toBe(4);
    expect(read(file)).toEqual({ shape, data: Float32Array.of(3), dtype: "float32" });
  });
});

describe("refuses", () => {
  test.each<[string, Uint8Array, string]>([
    ["records", NPY.records, "is an array of records (a structured type); save each field as an array of its own, by np.savez"],
    ["objects", NPY.objects, "holds Python objects: these are a pickle, which is a program, and never read; save numbers"],
    ["texts", NPY.texts, "holds texts; save their numbers, or a table as CSV"],
    ["dates", NPY.dates, 'holds dates or durations; save them as numbers, x.astype("int64")'],
    ["complex", NPY.complex, "holds complex numbers; save x.real and x.imag"],
    ["long doubles", NPY.longDouble, 'holds long doubles, which differ between machines; save x.astype("float64")'],
    ["bfloat16", made(dict("(1,)", "'|V2'"), 2), 'holds pairs of bytes without a type, such as bfloat16; save x.astype("float32")'],
    ["unknown", made(dict("(1,)", "'<q7'"), 7), 'holds numbers of an unknown type, "<q7"; save x.astype("float32")'],
    ["no file", new TextEncoder().encode("a,b\n1,2\n"), "is no npy file; it must begin with 93 4e 55 4d 50 59, but begins with 61 2c 62 0a 31 2c"],
    ["nothing", new Uint8Array(), "is no npy file; it must begin with 93 4e 55 4d 50 59, but begins with nothing"],
    ["a short header", NPY.scalar.slice(0, 100), "is cut short within its header"],
    ["a version", Uint8Array.from(NPY.scalar, (byte, i) => (i === 6 ? 4 : byte)), "is of the npy format's version 4; 1, 2 and 3 are read"],
    ["a cut file", NPY.int64.slice(0, -1), "is cut short: 3 of int64 needs 24 bytes behind the header, but there are 23"],
    ["two in one", Uint8Array.from([...NPY.int8, ...NPY.int8]), "is too long: 2 of int8 needs 2 bytes behind the header, and there are more; are there several arrays in it? np.savez keeps them apart"],
    ["10^12 numbers", made(dict("(1000000000000,)"), 8), "is cut short: 1000000000000 of float32 needs 4000000000000 bytes behind the header, but there are 8"],
    ["10^36 numbers", made(dict("(1000000000000, 1000000000000, 1000000000000)"), 8), "is cut short: 1000000000000 x 1000000000000 x 1000000000000 of float32 needs 4e+36 bytes behind the header, but there are 8"],
    ["an endless axis", made(dict("(0, 100000000000000000000)"), 0), "is said to have 0 x 100000000000000000000 numbers, which no file can"],
    ["65 axes", made(dict(`(${"1, ".repeat(65)})`), 4), "has 65 axes; at most 64 are read"],
    ["no dict", made("[1, 2]\n", 4), 'has a header that can\'t be understood: "[1, 2]"'],
    ["a key twice", made("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4), "has a header that can't be understood: \"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}\""],
    ["a key too few", made("{'descr': '<f4', 'shape': ()}", 4), "has a header that can't be understood: \"{'descr': '<f4', 'shape': ()}\""],
    ["a negative axis", made(dict("(-1,)"), 4), "has a header that can't be understood: \"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\""],
    ["an order", made(dict("(1,)", "'<f4'", "1"), 4), "has a header that can't be understood: \"{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }\""],
  ])("%s", async (_, file, message) => {
    await expectRefusal(() => read(file), Error, `a file ${message}`);
  }); // prettier-ignore

  test("a header of a megabyte", async () => {
    const file = new Uint8Array(2 ** 20);
    file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0, 0, 15, 0]);
    const message =
      "a file has a header of 983040 bytes; at most 65536 are read, only structured types have longer ones";
    await expectRefusal(() => read(file), Error, message);
    expect(npySize(file)).toBe(0);
  });

  test("headers that a pattern could take long for", async () => {
    for (const part of [" ", "1, ", "L", "'", "((", "'a': ", "("]) {
      const header = `{'descr': '<f4', 'shape': (1${part.repeat(Math.floor(60_000 / part.length))}`;
      for (const end of ["x)}", "", "}"]) {
        await expectRefusal(() => read(made(header + end, 4)), Error, /a header that can't be understood|is no npy/);
      }
    }
  });

  test("arrays that can't be written", async () => {
    const refused = (array: unknown, kind: typeof TypeError | typeof RangeError, message: string) =>
      expectRefusal(() => write(array as NpyArray), kind, `writeNpy: ${message}`);
    await refused(3, TypeError, "the array must be an array { shape, data }, got number 3");
    await refused(
      { shape: [1], data: [1] },
      TypeError,
      "the array's data must be a typed array of numbers, got an array of 1",
    );
    await refused({ shape: 1, data: Float32Array.of(1) }, TypeError, "the array's shape must be an array of up to 64 whole numbers of 0 or more, got number 1"); // prettier-ignore
    await refused(
      { shape: [2, 2], data: Float32Array.of(1) },
      RangeError,
      "the array is 2 x 2, 4 in all, but has 1 numbers",
    );
    await refused({ shape: [1], data: Float32Array.of(1), dtype: "int8" }, RangeError, 'the array\'s dtype must be float32 or float16, as its data is a Float32Array, got "int8"'); // prettier-ignore
  });
});
