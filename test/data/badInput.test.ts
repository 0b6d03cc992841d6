// What is wrong with files of tables, and the message of each: what csv.test.ts, jsonLines.test.ts and readTable.test.ts don't show.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import {
  readCsv,
  readNpy,
  readTable,
  table,
  type TableReadOptions,
  type TableSource,
  writeNpy,
} from "../../src/data.ts";
import { expectRefusal } from "../support/refusals.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-bad-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const quoted = (text: string): string => JSON.stringify(text);

/** All of a table, with types. */
const inferred = async (source: TableSource, options?: TableReadOptions) =>
  (await table(readTable(source, options))).infer();

const refused = (source: TableSource, message: string | RegExp, options?: TableReadOptions) =>
  expectRefusal(() => inferred(source, options), Error, message);

describe("a file that isn't there", () => {
  test("the closest name in its folder", async () => {
    file("rides.csv", "a,b\n1,2\n");
    file("weather.csv", "a,b\n1,2\n");
    for (const wrong of ["ride.csv", "Rides.csv", "ridse.csv", "rides.cvs"]) {
      const path = join(folder, wrong);
      await refused(path, `readTable: ${quoted(path)} isn't there (ENOENT); did you mean "rides.csv"?`);
    }
    const other = join(folder, "quite-another-name.parquet");
    await refused(other, `readTable: ${quoted(other)} isn't there (ENOENT)`);
  });

  test("a folder that isn't there either", async () => {
    const path = join(folder, "data", "rides.csv");
    await refused(path, `readTable: ${quoted(path)} isn't there (ENOENT), nor is its folder ${quoted(join(folder, "data"))}`); // prettier-ignore
  });

  test("a folder of the closest name isn't meant", async () => {
    mkdirSync(join(folder, "years"));
    const path = join(folder, "yearz");
    await refused(path, `readTable: ${quoted(path)} isn't there (ENOENT)`);
    await refused(join(folder, "years"), `readTable: ${quoted(join(folder, "years"))} is a directory; give one file in it`); // prettier-ignore
  });
});

describe("a file that changes while it is read", () => {
  const changing = async (path: string, change: string): Promise<unknown> => {
    const read = readTable(path)[Symbol.asyncIterator]();
    await read.next();
    appendFileSync(path, change);
    while (!(await read.next()).done);
    return undefined;
  };

  test("CSV and JSON lines", async () => {
    const csv = file("growing.csv", `a,b\n${"1,2\n".repeat(300_000)}`);
    await expectRefusal(() => changing(csv, "3,4\n"), Error, `readTable: ${quoted(csv)} changed while it was read: it had 1200004 bytes, 1200008 were read; read it again when nothing writes to it`); // prettier-ignore
    const lines = file("growing.jsonl", '{"a":1}\n'.repeat(300_000));
    await expectRefusal(() => changing(lines, '{"a":1}\n'), Error, `readTable: ${quoted(lines)} changed while it was read: it had 2400000 bytes, 2400008 were read; read it again when nothing writes to it`); // prettier-ignore
  });
});

test("what is empty", async () => {
  const path = file("empty.csv", "");
  await refused(path, `readTable: ${quoted(path)} is empty`);
  await refused(new Uint8Array(gzipSync("")), "readTable: the source is empty");
  await refused({ text: "\n\n" }, "readTable: the text has no rows, only empty lines or comments", { delimiter: "," });
  await refused(bytes("\ufeff"), "readTable: the source has no rows, only empty lines or comments");
  const lines = file("empty.jsonl", "\n\n");
  await refused(lines, `readTable: ${quoted(lines)} has no rows, only empty lines`);
  // a header alone is a table without rows
  expect((await table(readTable({ text: "a,b\n" }))).rows).toBe(0);
});

test("ragged rows and headers that are there twice, as the command line reads them", async () => {
  await refused({ text: "a,b\n1,2\n3\n" }, 'readTable: the text: row 1 (counted from 0; line 3) has 1 cell, but there are 2 columns; add what is missing, or give ragged: "pad" to have it empty'); // prettier-ignore
  await refused({ text: "a,b\n1,2,3\n" }, 'readTable: the text: row 0 (counted from 0; line 2) has 3 cells, but there are 2 columns; cells that contain the delimiter "," must be quoted'); // prettier-ignore
  await refused({ text: "a,b,a\n1,2,3\n" }, 'readTable: the text: line 1 has the header "a" twice, of columns 1 and 3; rename one, or give header: [names] and leave out the line'); // prettier-ignore
});

test("headers that are empty get a name by their place, which is said", async () => {
  const reading = readTable({ text: "a,,\n1,2,3\n" }, { header: true });
  expect((await table(reading)).columns).toEqual(["a", "column2", "column3"]);
  expect((await reading.guessed).reasons).toContain(
    "the header of column 2, 3 is empty: columns without a name are called column1, column2, ... by their place",
  );
  await refused({ text: "column2,\n1,2\n" }, 'readTable: the text: line 1 has the header "column2" twice, of columns 1 and 2; rename one, or give header: [names] and leave out the line', { header: true }); // prettier-ignore
});

test("NaN is missing, infinities are refused, whatever file they are in", async () => {
  const missing = (await inferred({ text: "a,b\n1,NaN\n2,nan\n3,1\n4,2\n" })).column("b");
  expect([missing.type, missing.missing]).toEqual(["number", 2]);
  const ofNumPy = await writeNpy({ shape: [3, 2], data: Float64Array.of(1, NaN, 2, 5, 3, 7) });
  const column = (await inferred(ofNumPy)).column("column2");
  expect([column.type, column.missing]).toEqual(["number", 1]);
  const infinite = await writeNpy({ shape: [3, 2], data: Float64Array.of(1, 1, 2, Infinity, 3, 2) });
  const infinity = (source: TableSource, message: string) => expectRefusal(() => inferred(source), RangeError, message);
  await infinity(infinite, 'infer: column "column2" has numbers that are infinite or beyond float32 (3.4028235e38): "Infinity" in row 1; mend them, or take them as missing: missing: ["Infinity"]'); // prettier-ignore
  await infinity({ text: "a,b\n1,1\n2,-inf\n3,1e400\n" }, 'infer: column "b" has numbers that are infinite or beyond float32 (3.4028235e38): "-inf" in row 1, "1e400" in row 2; mend them, or take them as missing: missing: ["-inf", "1e400"]'); // prettier-ignore
});

describe("bytes in another encoding", () => {
  test("a byte order mark is no part of the first name", async () => {
    for (const source of [bytes("\ufeffa,b\n1,2\n"), bytes('\ufeff{"a":1,"b":2}\n'), bytes('\ufeff[{"a":1,"b":2}]')]) {
      expect((await table(readTable(source))).columns).toEqual(["a", "b"]);
    }
  });

  const all = async (source: Uint8Array, encoding?: string): Promise<void> => {
    for await (const _ of readCsv(source, encoding === undefined ? {} : { encoding }));
  };

  // half of a pair stands alone at this byte, wherever pieces end
  test.each([
    ["utf-16le", false],
    ["utf-16be", true],
  ] as const)("the place of what isn't %s", async (encoding, big) => {
    const pairs = "😀,😀\n".repeat(60_000);
    for (const before of ["", "x", "xy"]) {
      for (const [bad, at] of [
        ["\ud83dz", 0],
        ["\ude00", 0],
        ["z\ud83d\n", 2],
      ] as const) {
        // prettier-ignore
        const text = `\ufeffa,b\n${before},1\n${pairs}`;
        const encoded = Buffer.from(`${text}${bad},2\n1,2\n`, "utf16le");
        if (big) encoded.swap16();
        const message = `readCsv: the source isn't ${encoding}, which its beginning was taken for; give encoding: byte ${2 * text.length + at} isn't valid in it`;
        await expectRefusal(() => all(new Uint8Array(encoded)), Error, message);
      }
    }
  });

  test("one that was given and isn't it", async () => {
    const text = Uint8Array.from("caf\xe9,1\n", (letter) => letter.charCodeAt(0));
    await refused(text, "readTable: the source isn't utf-8, the encoding that was given: byte 3 isn't valid in it", { encoding: "utf-8" }); // prettier-ignore
  });
});

describe("a billion columns", () => {
  const endless = (piece: string, start = "") =>
    (function* () {
      if (start !== "") yield start;
      for (;;) yield piece;
    })();

  test("of CSV and of JSON", async () => {
    await refused(endless(",".repeat(2 ** 18)), /^readTable: the source: line 1 has \d+ columns; at most 100000 are read\. Is the delimiter the right one\?$/); // prettier-ignore
    await refused(endless(",0".repeat(2 ** 18), '{"a":[0'), /^readTable: the source: row 0 \(counted from 0; line 1\) is longer than 67108864 characters; is each object on a line of its own\?$/); // prettier-ignore
  });

  test("of a header of npy", async () => {
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1000000000), }";
    const npy = Uint8Array.from([0x93, ...bytes("NUMPY"), 1, 0, header.length, 0, ...bytes(header), 1, 2, 3]);
    const message =
      "the source is cut short: 1 x 1000000000 of uint8 needs 1000000000 bytes behind the header, but there are 3";
    await refused(npy, `readTable: ${message}`);
    await expectRefusal(() => readNpy(npy), Error, `readNpy: ${message}`);
  });
});

describe("a gzip bomb", () => {
  const rss = (): number => process.memoryUsage().rss;

  test("of one row without an end", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(2 ** 28, "x")));
    const before = rss();
    await refused(bomb, "readTable: the source: line 1 has a cell in column 1 of more than 1048576 characters; is it CSV?"); // prettier-ignore
    expect(rss() - before).toBeLessThan(2 ** 27);
  });

  test("of a JSON document", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.concat([Buffer.from("[{"), Buffer.alloc(2 ** 28 + 2, " ")])));
    await refused(bomb, "readTable: the source is a JSON document of more than 268435456 characters; write it as JSON lines, an object in each line"); // prettier-ignore
  });
});
