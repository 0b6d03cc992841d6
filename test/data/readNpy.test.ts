// readNpy, readNpz, readIdxFile, writeNpy, writeNpz: sources, and what is refused in which words.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { type NpyArray, readIdxFile, readNpy, readNpz, type TableSource, writeNpy, writeNpz } from "../../src/data.ts";
import { writeZip } from "../../src/formats/zip.ts";
import { NPY, NPZ } from "../support/numpyFiles.ts";
import { expectRefusal } from "../support/refusals.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-npy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const X: NpyArray = { shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5), dtype: "float32" };
const Y: NpyArray = { shape: [3], data: BigInt64Array.of(0n, 1n, 1n), dtype: "int64" };

describe("sources", () => {
  const big: NpyArray = { shape: [2, 2], data: Float64Array.of(1.5, -2, 3e300, NaN), dtype: "float64" };
  const sources: Readonly<Record<string, () => TableSource>> = {
    "a path": () => file("big.npy", NPY.big),
    "a file: URL": () => pathToFileURL(file("big.npy", NPY.big)),
    "a gzipped file": () => file("big.npy.gz", gzipSync(NPY.big)),
    bytes: () => NPY.big,
    "a Buffer": () => Buffer.from(NPY.big),
    "gzipped bytes": () => new Uint8Array(gzipSync(NPY.big)),
    "a Blob": () => new Blob([NPY.big]),
    "a Response": () => new Response(NPY.big),
    "a stream": () => new Blob([NPY.big]).stream(),
    "an iterable": () => Array.from(NPY.big, (byte) => Uint8Array.of(byte)),
  };
  test.each(Object.entries(sources))("%s", async (_, make) => {
    expect(await readNpy(make())).toEqual(big);
  });

  test.each(Object.entries(NPZ))("npz: %s", async (_, given) => {
    for (const source of [given, file("both.npz", given), new Response(given), new Uint8Array(gzipSync(given))]) {
      expect([...(await readNpz(source))]).toEqual([["x", X], ["y", Y]]); // prettier-ignore
    }
  });

  test("the given bytes stay as they are, whatever becomes of the numbers", async () => {
    const given = Uint8Array.from(NPZ.savez);
    const arrays = await readNpz(given);
    arrays.get("x")!.data.fill(7 as never);
    expect(given).toEqual(NPZ.savez);
  });

  test("larger than a piece", async () => {
    const data = Float32Array.from({ length: 300_000 }, (_, i) => i);
    const written = await writeNpy({ shape: [300, 1000], data });
    expect(await readNpy(file("large.npy", written))).toEqual({ shape: [300, 1000], data, dtype: "float32" });
    const npz = await writeNpz(new Map([["a", { shape: [300_000], data }]]), { compress: true });
    expect((await readNpz(file("large.npz", npz))).get("a")!.data).toEqual(data);
  });
});

describe("what is written", () => {
  test("is what NumPy reads", async () => {
    // NumPy 1.24 read these back by np.load: the same shapes, types and numbers, h as [0.0999755859375, inf]
    const arrays = { x: X, y: Y, h: { shape: [2], data: Float32Array.of(0.1, 70000), dtype: "float16" as const } };
    const sum = (given: Uint8Array): string => createHash("sha256").update(given).digest("hex").slice(0, 16);
    expect(sum(await writeNpz(arrays))).toBe("8edd21b2791dfb65");
    expect(sum(await writeNpz(arrays, { compress: true }))).toBe("9ac19cd82a9b0af6");
  });

  test("is read as the same", async () => {
    const arrays = new Map<string, NpyArray>([
      ["x", X],
      ["model/y", Y],
      ["number", { shape: [], data: Int8Array.of(-3), dtype: "int8" }],
      ["nothing", { shape: [0, 5], data: new Uint32Array(), dtype: "uint32" }],
    ]);
    for (const compress of [false, true]) {
      expect(new Map(await readNpz(await writeNpz(arrays, { compress })))).toEqual(arrays);
    }
    for (const array of arrays.values()) expect(await readNpy(await writeNpy(array))).toEqual(array);
    const pixels = await readNpy(await writeNpy({ shape: [2], data: Uint8ClampedArray.of(3, 255) }));
    expect(pixels).toEqual({ shape: [2], data: Uint8Array.of(3, 255), dtype: "uint8" });
  });

  test("is refused in words, if it can't be", async () => {
    const refused = (call: () => Promise<unknown>, kind: typeof TypeError | typeof RangeError, message: string) =>
      expectRefusal(call, kind, message);
    await refused(() => writeNpz([] as never), TypeError, "writeNpz: the arrays must be an object or a Map of arrays by their names, got an array of 0"); // prettier-ignore
    await refused(() => writeNpz({}), RangeError, "writeNpz: there are no arrays; give at least one");
    await refused(() => writeNpz({ a: 3 } as never), TypeError, 'writeNpz: "a" must be an array { shape, data }, got number 3'); // prettier-ignore
    await refused(() => writeNpz({ "../a": X }), RangeError, 'writeNpz: "../a.npy" can\'t be the name of a file in a zip file'); // prettier-ignore
    await refused(() => writeNpz({ a: X }, { compressed: true } as never), TypeError, 'writeNpz: unknown option "compressed"; did you mean "compress"? Known: compress'); // prettier-ignore
  });
});

describe("IDX", () => {
  const idx = (type: number, shape: readonly number[], content: readonly number[]): Uint8Array<ArrayBuffer> =>
    Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]), ...content]);

  test("of every type, gzipped or not", async () => {
    const bytesFile = idx(8, [2, 2], [1, 2, 3, 255]);
    for (const source of [bytesFile, file("a-idx2-ubyte", bytesFile), file("b.gz", gzipSync(bytesFile))]) {
      expect(await readIdxFile(source)).toEqual({ shape: [2, 2], data: Uint8Array.of(1, 2, 3, 255), dtype: "uint8" });
    }
    expect((await readIdxFile(idx(9, [2], [255, 1]))).data).toEqual(Int8Array.of(-1, 1));
    expect((await readIdxFile(idx(11, [2], [255, 254, 1, 0]))).data).toEqual(Int16Array.of(-2, 256));
    expect((await readIdxFile(idx(12, [1], [0, 0, 1, 2]))).data).toEqual(Int32Array.of(258));
    expect((await readIdxFile(idx(13, [1], [0x3f, 0xc0, 0, 0]))).data).toEqual(Float32Array.of(1.5));
    expect((await readIdxFile(idx(14, [1], [0xc0, 4, 0, 0, 0, 0, 0, 0]))).data).toEqual(Float64Array.of(-2.5));
    expect((await readIdxFile(idx(8, [], [7]))).shape).toEqual([]);
  });

  test.each<[string, Uint8Array, string]>([
    ["cut short", idx(8, [2, 2], [1, 2, 3]), "the source: cut short or too long; 2 x 2 needs 4 bytes behind the header, but there are 3"],
    ["too long", idx(12, [1], [1, 2, 3, 4, 5]), "the source: cut short or too long; 1 needs 4 bytes behind the header, but there are 5"],
    ["of an unknown type", idx(10, [1], [1]), "the source: this IDX file holds numbers of unknown type 10"],
    ["other", bytes("a,b\n"), "the source: not an IDX file; it must begin with two zero bytes, but begins with 61 2c 62 0a"],
    ["npy", NPY.big, "the source is no IDX file, but looks like a NumPy array (.npy); readNpy reads it, or readTable"],
    ["a claim of 10^18 numbers that is gzipped", new Uint8Array(gzipSync(Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255))), "the source: cut short or too long; 4294967295 x 4294967295 needs 18446744065119617000 bytes behind the header, but there are 0"],
  ])("refuses what is %s", async (_, source, message) => {
    await expectRefusal(() => readIdxFile(source), Error, `readIdxFile: ${message}`);
  }); // prettier-ignore
});

describe("refuses", () => {
  const refused = (source: unknown, message: string | RegExp, read: (source: TableSource) => unknown = readNpy) =>
    expectRefusal(() => read(source as TableSource), Error, message);

  test("files that can't be read", async () => {
    file("digits.npy", NPY.big);
    const missing = join(folder, "digit.npy");
    await refused(missing, `readNpy: ${JSON.stringify(missing)} isn't there (ENOENT); did you mean "digits.npy"?`);
    await refused(folder, `readNpy: ${JSON.stringify(folder)} is a directory; give one file in it`);
    await refused(new Uint8Array(), "readNpy: the source is empty");
    await refused(new Uint8Array(gzipSync("")), "readNpz: the source is empty", readNpz);
    await refused({ text: "abc" }, "readNpy: the text gives texts; give bytes");
    const growing = file("growing.npy", await writeNpy({ shape: [1e6], data: new Float32Array(1e6) }));
    const stream = async function* () {
      yield* [NPY.big.subarray(0, 100)];
      throw new TypeError("the network is gone");
    };
    await expectRefusal(() => readNpy(stream()), TypeError, "the network is gone");
    appendFileSync(growing, "x");
    await refused(
      growing,
      /growing.npy" is too long: 1000000 of float32 needs 4000000 bytes behind the header, and there are more; are there several arrays in it\? np.savez keeps them apart$/,
    );
  });

  test("sources, at once", async () => {
    const wanted = "a path, bytes, a File, a Response, a stream, an iterable of these, or { text }";
    for (const [name, read] of Object.entries({ readNpy, readNpz, readIdxFile })) {
      await expectRefusal(() => read(3 as never), TypeError, `${name}: the source must be ${wanted}, got number 3`);
    }
  });

  test("other files, by what they are", async () => {
    const other = NPZ.savez;
    await refused(other, "readNpy: the source is no npy file, but looks like NumPy arrays in one file (.npz); readNpz reads them, or readTable"); // prettier-ignore
    await refused(NPY.big, "readNpz: the source is no npz file, but looks like a NumPy array (.npy); readNpy reads it, or readTable", readNpz); // prettier-ignore
    await refused(bytes("\x80\x04\x95").map((byte, i) => [0x80, 4, 0x95][i] ?? byte), /looks like a Python pickle, which is a program and never read; write it as CSV in Python$/); // prettier-ignore
    await refused(bytes("a,b\n"), "readNpz: the source is no npz file; these are zip files, which begin with PK", readNpz); // prettier-ignore
    const zip = writeZip([["a.npy", NPY.big], ["readme.txt", bytes("x")]], false, ""); // prettier-ignore
    await refused(zip, 'readNpz: the source holds "readme.txt", which is no npy file; an npz file holds these alone', readNpz); // prettier-ignore
    const objects = writeZip([["a.npy", NPY.objects]], true, "");
    await refused(objects, 'readNpz: the source, in it "a", holds Python objects: these are a pickle, which is a program, and never read; save numbers', readNpz); // prettier-ignore
    await refused(NPZ.savez.slice(0, -5), "readNpz: the source is cut short: the list of its files, which is at the end, isn't there", readNpz); // prettier-ignore
  });

  test("a file of which the header says less than inflates, before all is", async () => {
    const header = NPY.int8.slice(0, -2);
    const bomb = new Uint8Array(gzipSync(Buffer.concat([header, Buffer.alloc(2 ** 28)])));
    const before = process.memoryUsage().rss;
    await refused(bomb, /^readNpy: the source is too long: 2 of int8 needs 2 bytes/);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
  });

  test("an endless stream", async () => {
    let given = 0;
    const endless = (start: Uint8Array) =>
      (function* () {
        yield start;
        for (;;) {
          given += 2 ** 16;
          yield new Uint8Array(2 ** 16);
        }
      })();
    await refused(endless(NPY.big), /is too long/);
    await refused(endless(bytes("abcdef")), /is no npy file; it must begin with/);
    expect(given).toBeLessThan(2 ** 20);
  });
});
