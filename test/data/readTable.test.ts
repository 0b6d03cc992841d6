// readTable: which kind a table is of, its rows, and what is refused in which words.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test, vi } from "vitest";
import {
  readTable,
  table,
  type TableGuess,
  type TableReadOptions,
  type TableSource,
  writeNpy,
  writeNpz,
} from "../../src/data.ts";
import { NPY, NPZ } from "../support/numpyFiles.ts";
import { expectRefusal } from "../support/refusals.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-table-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

interface All {
  columns: readonly string[];
  rows: (readonly unknown[])[];
  guess: TableGuess;
}

async function all(source: TableSource, options?: TableReadOptions): Promise<All> {
  const reading = readTable(source, options);
  let names: readonly string[] = [];
  const taken: (readonly unknown[])[] = [];
  for await (const { columns, rows, first } of reading) {
    expect(first).toBe(taken.length);
    names = columns;
    taken.push(...rows);
  }
  return { columns: names, rows: taken, guess: await reading.guessed };
}

const TWO = '[\n  { "a": 1, "b": "x" },\n  { "c": null, "a": 2 }\n]\n';
const TWO_ROWS = [
  [1, "x", undefined],
  [2, undefined, null],
];

describe("kinds", () => {
  test.each<[string, string, string | Uint8Array, unknown[][], string]>([
    ["csv", "a.csv", "a,b\n1,2\n", [["1", "2"]], "it is CSV: a text that is no JSON"],
    ["csv", "a.tsv", "a\tb\n1\t2\n", [["1", "2"]], "it is CSV: a text that is no JSON"],
    ["csv", "brackets.csv", "[a],b\n1,2\n", [["1", "2"]], "it is CSV: a text that is no JSON"],
    ["csv", "braces.csv", "{a},b\n1,2\n", [["1", "2"]], "it is CSV: a text that is no JSON"],
    ["json-lines", "a.jsonl", '{"a":1}\n{"a":2}\n', [[1], [2]], "it is JSON lines: its first line is an object"],
    ["json-lines", "named.csv", '\n {"a":1}\n', [[1]], "it is JSON lines: its first line is an object"],
    ["json-lines", "long.txt", `{"a":"${"x".repeat(200_000)}"}\n{"a":1}\n`, [["x".repeat(200_000)], [1]], "it is JSON lines: its first line is an object"],
    ["json", "a.json", TWO, TWO_ROWS, "it is a JSON document: it begins with [ and an object"],
    ["json", "b.csv", TWO.replaceAll(/\s/g, ""), TWO_ROWS, "it is a JSON document: it begins with [ and an object"],
    ["npy", "a.npy", NPY.bool, [[true], [false], [true]], "it begins as a file of np.save does: 3 of bool"],
    ["npy", "big.npy", NPY.big, [[1.5, -2], [3e300, NaN]], "it begins as a file of np.save does: 2 x 2 of float64"],
    ["npy", "int64.npy", NPY.int64, [[9007199254740993n], [-9223372036854775808n], [5]], "it begins as a file of np.save does: 3 of int64"],
    ["npy", "empty.npy", NPY.empty, [], "it begins as a file of np.save does: 0 x 3 of float32"],
    ["npz", "a.npz", NPZ.savezCompressed, [[0, 1, 0], [2, 3, 1], [4, 5, 1]], 'it is a file of np.savez with "x" of 3 x 2, "y" of 3'],
  ])("%s: %s", async (kind, name, content, rows, reason) => {
    for (const source of [file(name, content), file(`${name}.gz`, gzipSync(content)), new Blob([content as string]).stream()]) {
      const read = await all(source);
      expect([read.rows, read.guess.kind, read.guess.reasons[0]]).toEqual([rows, kind, reason]);
      expect(read.guess.csv !== undefined).toBe(kind === "csv");
    }
  }); // prettier-ignore

  test("names of columns", async () => {
    expect((await all({ text: TWO })).columns).toEqual(["a", "b", "c"]);
    expect((await all(NPY.big)).columns).toEqual(["column1", "column2"]);
    expect((await all(NPY.empty)).columns).toEqual(["column1", "column2", "column3"]);
    expect((await all(NPZ.savez)).columns).toEqual(["x1", "x2", "y"]);
  });

  test("texts, and JSON in another encoding", async () => {
    expect((await all({ text: TWO })).rows).toEqual(TWO_ROWS);
    expect((await all({ text: "a,b\n1,2\n" })).rows).toEqual([["1", "2"]]);
    const wide = new Uint8Array(Buffer.from(`\ufeff${TWO}`, "utf16le"));
    const { rows, guess } = await all(wide);
    expect(rows).toEqual(TWO_ROWS);
    expect(guess.reasons[1]).toBe("the encoding is utf-16le: its byte order mark is there");
  });

  test("options of CSV, and what it was guessed by", async () => {
    const { columns, rows, guess } = await all({ text: "1;2,5\n" }, { header: ["a", "b"], decimal: "," });
    expect([columns, rows]).toEqual([["a", "b"], [["1", "2,5"]]]);
    expect(guess.csv).toMatchObject({ delimiter: ";", header: false });
    expect(guess.reasons).toEqual(["it is CSV: a text that is no JSON", ...guess.csv!.reasons]);
  });

  test("a kind that is given isn't decided", async () => {
    const { rows, guess } = await all({ text: '{"a"}\n' }, { kind: "csv", header: false, quote: false });
    expect([rows, guess.kind, guess.reasons.length]).toEqual([[['{"a"}']], "csv", 1]);
  });

  test("table takes it, and what was decided is told before", async () => {
    const onGuess = vi.fn();
    const raw = await table(readTable(NPZ.savez, { onGuess }));
    expect([raw.rows, raw.columns]).toEqual([3, ["x1", "x2", "y"]]);
    expect(onGuess.mock.calls).toEqual([
      [{ kind: "npz", reasons: [expect.stringMatching(/np.savez/)], csv: undefined }],
    ]);
    expect(raw.infer().column("x2").values).toEqual(Float64Array.of(1, 3, 5));
  });

  test("the guess alone, then the rows of a stream", async () => {
    const reading = readTable(new Blob([TWO]).stream());
    expect((await reading.guessed).kind).toBe("json");
    const rows: unknown[] = [];
    for await (const part of reading) rows.push(...part.rows);
    expect(rows).toEqual(TWO_ROWS);
  });

  test("many rows in pieces", async () => {
    const data = Float32Array.from({ length: 300_000 }, (_, i) => i);
    const { rows } = await all(await writeNpy({ shape: [100_000, 3], data }));
    expect([rows.length, rows[99_999]]).toEqual([100_000, [299_997, 299_998, 299_999]]);
    const objects = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    expect((await all({ text: JSON.stringify(objects) })).rows[99_999]).toEqual([99_999]);
  });
});

describe("refuses", () => {
  const refused = (source: TableSource, message: string | RegExp, options?: TableReadOptions) =>
    expectRefusal(() => all(source, options), Error, message);

  test.each<[string, string | Uint8Array, string]>([
    ["a zip file", Uint8Array.from([...bytes("PK\x03\x04"), ...new Uint8Array(30)]), "looks like a zip archive or an Excel workbook (.xlsx); save its sheet as CSV"],
    ["a workbook", bytes(`PK\x03\x04${"\0".repeat(26)}[Content_Types].xml`), "looks like an Excel workbook (.xlsx); save its sheet as CSV"],
    ["an OpenDocument file", bytes(`PK\x03\x04${"\0".repeat(26)}mimetypeapplication/vnd.oasis.opendocument.spreadsheet`), "looks like an OpenDocument file (.ods); save its sheet as CSV"],
    ["a PyTorch file", bytes(`PK\x03\x04${"\0".repeat(26)}archive/data.pkl`), "looks like a PyTorch file; readTorch reads its tensors"],
    ["an old workbook", Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1), "looks like an old Excel workbook (.xls); save its sheet as CSV"],
    ["Parquet", bytes("PAR1\x15"), "looks like a Parquet file; write it as CSV"],
    ["Feather", bytes("ARROW1\0\0"), "looks like an Arrow or Feather file; write it as CSV"],
    ["Avro", bytes("Obj\x01"), "looks like an Avro file; write it as CSV"],
    ["SQLite", bytes("SQLite format 3\0"), "looks like a SQLite database; write its table as CSV"],
    ["PDF", bytes("%PDF-1.7\n"), "looks like a PDF document"],
    ["PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), "looks like a picture"],
    ["JPEG", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "looks like a picture"],
    ["GIF", bytes("GIF89a"), "looks like a picture"],
    ["HDF5", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13), "looks like an HDF5 file; write it as CSV"],
    ["MATLAB", bytes("MATLAB 5.0 MAT-file"), "looks like a MATLAB file; write it as CSV"],
    ["R", bytes("RDX3\nX\n"), "looks like a file of R's own (.rda, .rds); write it with write.csv in R"],
    ["gzip twice", new Uint8Array(gzipSync(gzipSync("a,b\n"))), "looks like a gzip file in a gzip file; unpack it once"],
    ["zstd", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), "looks like a file that zstd made; unpack it"],
    ["xz", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), "looks like a file that xz made; unpack it"],
    ["bzip2", bytes("BZh91AY&SY"), "looks like a file that bzip2 made; unpack it"],
    ["7z", Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf), "looks like a 7z archive; unpack it"],
    ["RAR", bytes("Rar!\x1a\x07"), "looks like a RAR archive; unpack it"],
    ["tar", bytes(`a.csv${"\0".repeat(252)}ustar`), "looks like a tar archive; unpack it"],
    ["a pickle", Uint8Array.of(0x80, 4, 0x95, 0, 1), "looks like a Python pickle, which is a program and never read; write it as CSV in Python"],
    ["a web page", bytes("\n<!DOCTYPE html>\n<html></html>"), "looks like a web page (HTML); is it a download that failed, or one of a login?"],
    ["XML", bytes('<?xml version="1.0"?>'), "looks like an XML file; write it as CSV"],
    ["UTF-16 without a mark", new Uint8Array(Buffer.from("a,b\n1,2\n", "utf16le")), 'has a NUL at byte 1, so it is no text; if it is one in UTF-16, give encoding: "utf-16le"'],
  ])("%s", async (_, content, message) => {
    await refused(content as Uint8Array, `readTable: the source ${message}`);
    if (typeof content !== "string" && content[0] !== 0x1f) {
      await refused(new Uint8Array(gzipSync(content)), `readTable: the source ${message}`);
    }
  }); // prettier-ignore

  test("names that say something else", async () => {
    const failed = file("failed.npz", "Not found\n");
    await refused(failed, `readTable: ${JSON.stringify(failed)} ends with .npz, but isn't such a file; is it a download that failed?`); // prettier-ignore
    const book = file("book.xlsx", "a,b\n");
    await refused(book, `readTable: ${JSON.stringify(book)} ends with .xlsx, but isn't such a file; is it a download that failed?`); // prettier-ignore
    const lines = file("lines.jsonl", "a,b\n");
    await refused(lines, `readTable: ${JSON.stringify(lines)}: row 0 (counted from 0; line 1) is no JSON: "a,b"`);
    const document = file("bad.json", "a,b\n");
    await refused(document, `readTable: ${JSON.stringify(document)} is no valid JSON; write an array of objects, or JSON lines: an object in each line`); // prettier-ignore
  });

  test("JSON documents that are no tables", async () => {
    const text = (json: string, message: string) => refused({ text: json }, `readTable: the text ${message}`);
    await text("[", "is no valid JSON; write an array of objects, or JSON lines: an object in each line");
    await text("[]", "is an empty array; there are no rows");
    await text('[{"a":1},3]', 'row 1 (counted from 0) must be an object, such as {"height": 1.5}, got number 3');
    await text('[{"a":1},[1]]', 'row 1 (counted from 0) must be an object, such as {"height": 1.5}, got an array of 1; write it with the names of the columns, or as CSV'); // prettier-ignore
    await text('{\n  "a": [1, 2]\n}', 'must be an array of objects, such as [{"height": 1.5}], got an object (Object)');
    const keys = Array.from({ length: 100_001 }, (_, i) => `{"k${i}":1}`);
    await text(`[${keys.join(",")}]`, "has more than 100000 different keys; at most as many columns are read");
    await text(`[{${keys.map((key) => key.slice(1, -1)).join(",")}}]`, "has more than 100000 different keys; at most as many columns are read"); // prettier-ignore
  });

  test("arrays that are no tables", async () => {
    await refused(NPY.scalar, "readTable: the source is no table: the array has 0 axes (one number); a table has one or two. readNpy reads it"); // prettier-ignore
    await refused(NPY.fortran, "readTable: the source is no table: the array has 3 axes (2 x 3 x 4); a table has one or two. readNpy reads it"); // prettier-ignore
    await refused(NPY.noColumns, "readTable: the source is no table: the array has no columns (3 x 0)");
    await refused(NPY.objects, "readTable: the source holds Python objects: these are a pickle, which is a program, and never read; save numbers"); // prettier-ignore
    const wide = await writeNpy({ shape: [1, 100_001], data: new Uint8Array(100_001) });
    await refused(wide, "readTable: the source has 100001 columns; at most 100000 are read");
    const of = (shapes: Readonly<Record<string, number[]>>): Promise<Uint8Array> =>
      writeNpz(Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, data: new Uint8Array(shape.reduce((a, b) => a * b, 1)) }]))); // prettier-ignore
    await refused(await of({ x: [3, 2], y: [2] }), 'readTable: the source is no table: the array "x" has 3 rows, "y" 2. readNpz reads arrays of any shape'); // prettier-ignore
    await refused(await of({ x: [3, 2, 2] }), 'readTable: the source is no table: the array "x" has 3 axes (3 x 2 x 2); a table has one or two. readNpz reads it'); // prettier-ignore
    await refused(await of({ x: [3, 2], x1: [3] }), 'readTable: the source is no table: two columns are called "x1"; rename an array'); // prettier-ignore
    await refused(await of({ x: [1, 60_000], y: [1, 60_000] }), "readTable: the source has more than 100000 columns; at most as many are read"); // prettier-ignore
  });

  test("options that would do nothing", async () => {
    await refused({ text: TWO }, "readTable: the text is a JSON document, and delimiter, ragged are for CSV alone; leave them out", { delimiter: ",", ragged: "pad" }); // prettier-ignore
    await refused(NPY.bool, 'readTable: the source is a NumPy array, but kind is "csv"; leave it out', { kind: "csv" });
    await refused({ text: "a\n" }, "readTable: the text isn't a NumPy array, but a text; leave kind out", {
      kind: "npy",
    });
  });

  test("options, at once", async () => {
    const call = (options: unknown) => () => readTable("x", options as TableReadOptions);
    await expectRefusal(call({ kind: "xlsx" }), RangeError, 'readTable: kind must be one of csv, json-lines, json, npy, npz, got "xlsx"'); // prettier-ignore
    await expectRefusal(call({ sep: ";" }), TypeError, /^readTable: unknown option "sep"; did you mean "delimiter"\?/);
    await expectRefusal(call({ onGuess: 3 }), TypeError, "readTable: onGuess must be a function of (guess), got number 3"); // prettier-ignore
    await expectRefusal(call(3), TypeError, "readTable: options must be an object, got number 3");
  });
});
