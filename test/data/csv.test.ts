// readCsv: cells whatever the pieces they come in, what is guessed, and what is refused in which words.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type CsvOptions, readCsv, type TableSource } from "../../src/data.ts";
import { expectRefusal } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-csv-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of this content. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface All {
  columns: readonly string[];
  rows: (readonly unknown[])[];
  pieces: number;
}

async function all(source: TableSource, options?: CsvOptions): Promise<All> {
  const read: All = { columns: [], rows: [], pieces: 0 };
  for await (const { columns, rows, first } of readCsv(source, options)) {
    expect(first).toBe(read.rows.length);
    if (read.pieces++ > 0) expect(columns).toBe(read.columns);
    read.columns = columns;
    for (const row of rows) read.rows.push(row);
  }
  return read;
}

const text = (content: string): { text: string } => ({ text: content });
const bytes = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);
const SMALL = "height,colour\n1.5,red\n1.7,blue\n";
const ROWS = [
  ["1.5", "red"],
  ["1.7", "blue"],
];

describe("sources", () => {
  const path = file("small.csv", SMALL);
  const sources: Readonly<Record<string, () => TableSource>> = {
    "a path": () => path,
    "a file: URL": () => pathToFileURL(path),
    "a file: URL as a text": () => pathToFileURL(path).href,
    "a gzipped file": () => file("small.csv.gz", gzipSync(SMALL)),
    bytes: () => bytes(SMALL),
    "gzipped bytes": () => new Uint8Array(gzipSync(SMALL)),
    "several gzip files in one": () => Buffer.concat([gzipSync(SMALL.slice(0, 9)), gzipSync(SMALL.slice(9))]),
    "a Blob": () => new Blob([SMALL]),
    "a File": () => new File([SMALL], "small.csv"),
    "a Response": () => new Response(SMALL),
    "a ReadableStream": () => new Blob([SMALL]).stream(),
    "a stream of Node's": () => Readable.from([Buffer.from(SMALL.slice(0, 5)), Buffer.from(SMALL.slice(5))]),
    "an array of texts": () => [SMALL.slice(0, 3), "", SMALL.slice(3)],
    "an iterable of bytes": () => new Set([bytes(SMALL)]),
    "an async iterable of texts": () =>
      (async function* () {
        yield SMALL.slice(0, 20);
        yield SMALL.slice(20);
      })(),
    "a text": () => text(SMALL),
    "a text with a byte order mark": () => text(`\ufeff${SMALL}`),
  };
  test.each(Object.entries(sources))("%s", async (_, make) => {
    const { columns, rows, pieces } = await all(make());
    expect([columns, rows, pieces]).toEqual([["height", "colour"], ROWS, 1]);
  });

  test("a file is gone through again, a stream once", async () => {
    const twice = readCsv(path);
    for (let i = 0; i < 2; i++) {
      for await (const { rows } of twice) expect(rows).toEqual(ROWS);
    }
    const stream = readCsv(new Blob([SMALL]).stream());
    expect((await stream.guessed).delimiter).toBe(",");
    for await (const { rows } of stream) expect(rows).toEqual(ROWS);
    expect((await stream.guessed).delimiter).toBe(",");
    const again = stream[Symbol.asyncIterator]();
    const message = "readCsv: the stream has been read already, or is being read; a stream can be read once";
    await expectRefusal(() => again.next(), Error, message);
  });

  test("whoever stops early lets go of the source", async () => {
    let ended = 0;
    const source = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) yield "1,2\n".repeat(20_000);
        } finally {
          ended++;
        }
      },
    };
    for await (const { rows } of readCsv(source)) {
      expect(rows.length).toBeGreaterThan(1000);
      break;
    }
    expect(ended).toBe(1);
  });

  test("few bytes that inflate to very many are inflated as far as they are asked for", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(2 ** 27, "1,2,3\n4,5,6\n")));
    const before = process.memoryUsage();
    let count = 0;
    for await (const { rows } of readCsv(bomb)) {
      count += rows.length;
      if (count > 100_000) break;
    }
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(2 ** 26);
  });
});

describe("cells", () => {
  test.each<[string, string, CsvOptions, string[][]]>([
    ["quotes", 'a,b\n"x, ""y""",2\n', {}, [['x, "y"', "2"]]],
    ["lines within quotes", 'a,b\n"x\r\ny\nz",2\n', {}, [["x\r\ny\nz", "2"]]],
    ["CR LF", 'a,b\r\n1,"2"\r\n3,4', {}, [["1", "2"], ["3", "4"]]], // prettier-ignore
    ["CR alone", "a,b\r1,2\r3,4\r", {}, [["1", "2"], ["3", "4"]]], // prettier-ignore
    ["both ends of lines", "a,b\r\n1,2\n3,4\r\n5,6\n", {}, [["1", "2"], ["3", "4"], ["5", "6"]]], // prettier-ignore
    ["empty lines", "\na,b\n\n1,2\n\n\n3,4\n\n", {}, [["1", "2"], ["3", "4"]]], // prettier-ignore
    ["empty lines that count", "a\n1\n\n3\n", { skipEmptyLines: false }, [["1"], [""], ["3"]]],
    ["comments", "# made by hand\na,b\n#1,2\n3,4\n# end", { comment: "#" }, [["3", "4"]]],
    ["another quote", "a,b\n'1,0',2\n", { quote: "'" }, [["1,0", "2"]]],
    ["no quote", 'a\tb\n5"\t"6\n', { quote: false }, [['5"', '"6']]],
    ["an empty cell", "a,b\n,1\n1,\n", {}, [["", "1"], ["1", ""]]], // prettier-ignore
    ["a delimiter of two characters", "a::b\n1::2\n", { delimiter: "::" }, [["1", "2"]]],
    ["short rows that are padded", "a,b,c\n1\n1,2,3\n1,2\n", { ragged: "pad" }, [["1", "", ""], ["1", "2", "3"], ["1", "2", ""]]], // prettier-ignore
    ["a header alone", "a,b\n", {}, []],
  ])("%s", async (_, content, options, rows) => {
    expect((await all(text(content), options)).rows).toEqual(rows);
  });

  test("the same whatever the pieces: every place of a small text", async () => {
    const content = '"n, 1",é ""x\r\n"a ""quoted""\r\ncell",1\r\n"",漢字😀\r\nx,"y"\r\n';
    const whole = await all(text(content), { header: true });
    expect(whole.rows[0]).toEqual(['a "quoted"\r\ncell', "1"]);
    const encoded = bytes(content);
    for (let at = 0; at <= encoded.length; at++) {
      expect(await all([encoded.slice(0, at), encoded.slice(at)], { header: true })).toEqual(whole);
    }
    for (let at = 0; at <= content.length; at++) {
      expect(await all([content.slice(0, at), content.slice(at)], { header: true })).toEqual(whole);
    }
    expect(await all([...content], { header: true })).toEqual(whole);
  });

  test("random tables that are written are read as the same, in pieces", async () => {
    const next = generator(1);
    const int = (below: number): number => Math.floor(next() * below);
    const parts = [",", ";", '"', "\n", "\r\n", "\r", " ", "a", "漢", "1", "#", "\t"];
    for (let table = 0; table < 150; table++) {
      const width = 2 + int(4);
      const newline = ["\n", "\r\n"][int(2)]!;
      const delimiter = [",", ";", "\t"][int(3)]!;
      // some are longer than a piece of what is parsed at once
      const count = table % 50 === 0 ? 30_000 : int(9);
      const rows = Array.from({ length: count }, () =>
        Array.from({ length: width }, () => Array.from({ length: int(5) }, () => parts[int(parts.length)]!).join("")),
      );
      const header = Array.from({ length: width }, (_, i) => `c${i}`);
      const cell = (value: string): string =>
        /[\r\n",;\t]/.test(value) || int(4) === 0 ? `"${value.replaceAll('"', '""')}"` : value;
      const lines = [header, ...rows].map((row) => row.map(cell).join(delimiter));
      const content = lines.join(newline) + (int(2) === 0 ? newline : "");
      const source: string[] = [];
      for (let at = 0; at < content.length;) {
        const length = 1 + int(count > 9 ? 100_000 : 9);
        source.push(content.slice(at, (at += length)));
      }
      const read = await all(source, { header: true, delimiter });
      expect(read.columns).toEqual(header);
      expect(read.rows).toEqual(rows);
    }
  }, 300_000);
});

describe("guesses", () => {
  const guess = async (source: TableSource, options: CsvOptions = {}) => readCsv(source, options).guessed;

  test.each<[string, string, string, boolean, RegExp]>([
    [
      "a semicolon with decimal commas",
      "a;b\n1,5;2\n1,7;3\n",
      ";",
      true,
      /delimiter is ";": the first 3 rows have 2 cells/,
    ],
    [
      "decimal commas without a header",
      "1,5;2,5\n1,7;3,5\n",
      ";",
      false,
      /"1,5" in the first row is a number or a date/,
    ],
    ["a tab", "a\tb\n1\t2\n", "\t", true, /delimiter is "\\t"/],
    ["a bar", "a|b\n1|2\n", "|", true, /"\|"/],
    [
      "one column",
      "a\n1\n2\n",
      ",",
      true,
      /there is one column: neither tab, ";", "\|" nor "," divides the first rows/,
    ],
    ["a date in the first row", "2020-01-01,x\n2020-01-02,y\n", ",", false, /"2020-01-01" in the first row/],
    ["texts alone", "name,town\nAnn,Ulm\n", ",", true, /cells of the first row are different texts/],
    [
      "texts that are the same",
      "x,x\ny,z\n",
      ",",
      false,
      /there is no header: cells of the first row are empty or the same/,
    ],
    ["a column of names without one", ",a\nx,1\n", ",", true, /the header of column 1 is empty/],
    ["both ends of lines", "a,b\r\n1,2\n", ",", true, /some lines end with CR LF, others with LF/],
  ])("%s", async (_, content, delimiter, header, reason) => {
    const found = await guess(text(content));
    expect(found).toMatchObject({ delimiter, header, encoding: "text", decimal: "." });
    expect(found.reasons.join("\n")).toMatch(reason);
  });

  test("what is given isn't guessed", async () => {
    const found = await guess(text("1;2\n3;4\n"), { delimiter: ";", header: false, decimal: "," });
    expect(found).toEqual({ delimiter: ";", header: false, encoding: "text", decimal: ",", reasons: [] });
    expect((await guess(text("1,5\n1,7\n"), { decimal: "," })).reasons[0]).toMatch(/^there is one column/);
  });

  test("columns without names, and given names", async () => {
    expect((await all(text("1,2\n3,4\n"))).columns).toEqual(["column1", "column2"]);
    expect((await all(text(",a, \nx,1,2\n"))).columns).toEqual(["column1", "a", "column3"]);
    const named = await all(text("1,2\n3,4\n"), { header: ["a", "b"] });
    expect([named.columns, named.rows.length]).toEqual([["a", "b"], 2]);
  });

  test("onGuess is told before the first rows", async () => {
    const onGuess = vi.fn();
    await all(text(SMALL), { onGuess });
    expect(onGuess).toHaveBeenCalledTimes(1);
    expect(onGuess.mock.calls[0]![0]).toMatchObject({ delimiter: ",", header: true });
  });

  const latin = (content: string): Uint8Array => Uint8Array.from(content, (letter) => letter.charCodeAt(0));
  const wide = (content: string, big: boolean): Uint8Array => {
    const encoded = Buffer.from(`\ufeff${content}`, "utf16le");
    return big ? encoded.swap16() : encoded;
  };
  // 城市,数\n北京,1\n in gb18030
  const chinese = Uint8Array.of(0xb3, 0xc7, 0xca, 0xd0, 44, 0xca, 0xfd, 10, 0xb1, 0xb1, 0xbe, 0xa9, 44, 49, 10);
  test.each<[string, Uint8Array, string, RegExp]>([
    ["utf-8", bytes("é,b\n1,2\n"), "é", /the first 9 bytes are valid/],
    ["utf-8", bytes("\ufeffé,b\n1,2\n"), "é", /byte order mark/],
    ["utf-16le", wide("é,b\n1,2\n", false), "é", /byte order mark/],
    ["utf-16be", wide("é,b\n1,2\n", true), "é", /byte order mark/],
    ["windows-1252", latin("Stra\xdfe,M\xfcller,caf\xe9s\n1,2,3\n"), "Straße", /neither UTF-8 nor Chinese/],
    ["gb18030", chinese, "城市", /mostly Chinese/],
  ])("%s of %s", async (encoding, content, name, reason) => {
    const found = await guess(content);
    expect(found.encoding).toBe(encoding);
    expect(found.reasons[0]).toMatch(reason);
    expect((await all(content)).columns[0]).toBe(name);
  });

  test("an encoding that is given", async () => {
    expect((await all(latin("a\n\xe9\n"), { encoding: "latin1" })).rows).toEqual([["é"]]);
  });
});

describe("refuses", () => {
  const refused = (source: TableSource, message: string | RegExp, options?: CsvOptions) =>
    expectRefusal(() => all(source, options), Error, message);
  const quoted = (path: string): string => JSON.stringify(path);

  test("files that can't be read", async () => {
    const missing = join(folder, "missing.csv");
    await refused(missing, `readCsv: ${quoted(missing)} isn't there (ENOENT)`);
    await refused(folder, `readCsv: ${quoted(folder)} is a directory; give one file in it`);
    const below = join(file("small2.csv", SMALL), "x.csv");
    await refused(below, `readCsv: ${quoted(below)} could not be read (ENOTDIR)`);
    const device =
      'readCsv: "/dev/null" is no file, but a device or a pipe; give a stream of it, such as process.stdin';
    if (process.platform === "linux") await refused("/dev/null", device);
    const url = 'readCsv: "https://a.org/x.csv" is no file\'s path; give what fetch answers: readCsv(await fetch(url))';
    await refused("https://a.org/x.csv", url);
    await refused("a,b\n1,2", "readCsv: \"a,b\\n1,2\" can't be a file's path; if it is the table, give { text }");
  });

  test("what is empty", async () => {
    const path = file("empty.csv", "");
    await refused(path, `readCsv: ${quoted(path)} is empty`);
    await refused(new Uint8Array(gzipSync("")), "readCsv: the source is empty");
    await refused(text(""), "readCsv: the text is empty");
    await refused(text("\n\n"), "readCsv: the text has no rows, only empty lines or comments");
    await refused(text("# a\n"), "readCsv: the text has no rows, only empty lines or comments", { comment: "#" });
  });

  test("ragged rows", async () => {
    await refused(
      text('a,b\n"x\ny",1\n\n3\n'),
      'readCsv: the text: row 1 (counted from 0; line 5) has 1 cell, but there are 2 columns; add what is missing, or give ragged: "pad" to have it empty',
    );
    const long =
      'readCsv: the text: row 0 (counted from 0; line 2) has 3 cells, but there are 2 columns; cells that contain the delimiter "," must be quoted';
    await refused(text("a,b\n1,2,3\n"), long);
    await refused(text("a,b\n1,2,3\n"), long, { ragged: "pad" });
    // far from the beginning
    await refused(
      text(`a,b\n${"1,2\n".repeat(200_000)}1,2,3\n`),
      /: row 200000 \(counted from 0; line 200002\) has 3 cells/,
    );
  });

  test("headers that are there twice", async () => {
    await refused(
      text("a,b,a\n1,2,3\n"),
      'readCsv: the text: line 1 has the header "a" twice, of columns 1 and 3; rename one, or give header: [names] and leave out the line',
    );
  });

  test("quotes that don't close", async () => {
    await refused(
      text('a,b\n1,2\n3,"4\n5,6\n'),
      "readCsv: the text: row 1 (counted from 0; line 3) has a quote that is opened and never closed; close it, or give quote: false if quotes are part of the cells",
    );
    await refused(
      text('a,b\n1,"2" x\n3,"4"\n'),
      "readCsv: the text: row 0 (counted from 0; line 2) has a text after a closing quote; quotes within quotes are doubled, or give quote: false if they are part of the cells",
    );
    let given = 0;
    const endless = {
      *[Symbol.iterator]() {
        yield 'a,b\n1,"2';
        for (;;) {
          given++;
          yield "3,4\n".repeat(10_000);
        }
      },
    };
    await refused(
      endless,
      "readCsv: the source: row 0 (counted from 0; line 2) has a quote in column 2 that isn't closed within 1048576 characters; close it, or give quote: false",
    );
    expect(given).toBeLessThan(100);
    await refused(
      text(`a,b\n1,${"x".repeat(3e6)}\n`),
      /row 0 \(counted from 0; line 2\) has a cell in column 2 of more than 1048576/,
    );
  });

  test("a billion columns", async () => {
    const commas = ",".repeat(2 ** 18);
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield commas;
      },
    };
    await refused(
      endless,
      /^readCsv: the source: line 1 has \d+ columns; at most 100000 are read. Is the delimiter the right one\?$/,
    );
    await refused(text(`${",".repeat(100_000)}\n`), /line 1 has 100001 columns/);
    expect((await all(text(`${",".repeat(99_999)}\n`), { header: false })).columns.length).toBe(100_000);
  });

  test("bytes that aren't in the encoding", async () => {
    const bad = Uint8Array.from([...bytes("a,é\n1,"), 0xff, 10]);
    await refused(bad, "readCsv: the source isn't utf-8, the encoding that was given: byte 7 isn't valid in it", {
      encoding: "utf-8",
    });
    const cut = "readCsv: the source isn't utf-8, the encoding that was given: it ends within a character, at byte 6";
    await refused(bytes("a\né\né").slice(0, -1), cut, { encoding: "utf-8" });
    // beyond what the guess saw, at every place of a character
    for (const before of [0, 1, 2]) {
      const start = bytes(`a\n${"x".repeat(before)}${"漢字\n".repeat(100_000)}`);
      const message = `readCsv: the source isn't utf-8, which its beginning was taken for; give encoding: byte ${start.length + 1} isn't valid in it`;
      await refused(Uint8Array.from([...start, 49, 0xe9, 10]), message);
      await refused(Uint8Array.from([...start, 49, 0xff, 10]), message);
    }
  });

  test("what is no text", async () => {
    const zip = Uint8Array.from([...bytes("PK\x03\x04"), 0, 0]);
    await refused(
      zip,
      "readCsv: the source looks like a zip archive or an Excel workbook (.xlsx); save its sheet as CSV",
    );
    await refused(bytes("PAR1\x15"), "readCsv: the source looks like a Parquet file; write it as CSV");
    await refused(
      bytes("a,b\n1,\0"),
      'readCsv: the source has a NUL at byte 6, so it is no text; if it is one in UTF-16, give encoding: "utf-16le"',
    );
    await refused(text("a,b\n1,\0"), "readCsv: the text has a NUL at character 6, so it is no text");
    const zipped = new Uint8Array(gzipSync(SMALL));
    await refused(zipped.slice(0, -9), "readCsv: the source is gzipped, but damaged or cut short");
    const named = file("plain.csv.gz", SMALL);
    await refused(named, `readCsv: ${quoted(named)} ends with .gz, but isn't gzipped; is it a download that failed?`);
  });

  test("a file that changes while it is read", async () => {
    const path = file("growing.csv", `a,b\n${"1,2\n".repeat(300_000)}`);
    const read = readCsv(path)[Symbol.asyncIterator]();
    await read.next();
    appendFileSync(path, "3,4\n");
    await expectRefusal(
      async () => {
        while (!(await read.next()).done);
      },
      Error,
      /growing.csv" changed while it was read: it had 1200004 bytes, 1200008 were read; read it again when nothing writes to it$/,
    );
  });

  test("responses that failed or were read", async () => {
    await refused(
      new Response("no", { status: 404 }),
      "readCsv: the response has the status 404, so its body isn't the table",
    );
    const used = new Response(SMALL);
    await used.text();
    await refused(used, "readCsv: the response's body has been read already; fetch it again");
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("no network")) });
    await refused(broken, "readCsv: the stream broke off: no network");
  });

  test("an iterable of something else", async () => {
    const wrong = (values: unknown[], message: string) =>
      expectRefusal(() => all(values as string[]), TypeError, message);
    await wrong([SMALL, 3], "readCsv: the source must give texts or bytes (Uint8Array), got number 3 as chunk 1");
    await wrong([[1, 2]], "readCsv: the source must give texts or bytes (Uint8Array), got an array of 2 as chunk 0");
    await wrong(
      [SMALL, bytes(SMALL)],
      "readCsv: the source must give texts alone or bytes alone, but chunk 1 is bytes",
    );
  });

  test("arguments, at once", async () => {
    const wanted = "a path, bytes, a File, a Response, a stream, an iterable of these, or { text }";
    const call = (source: unknown, options?: unknown) => () => readCsv(source as string, options as CsvOptions);
    await expectRefusal(call(3), TypeError, `readCsv: the source must be ${wanted}, got number 3`);
    await expectRefusal(call({ text: 3 }), TypeError, "readCsv: the source's text must be a string, got number 3");
    await expectRefusal(
      call(new ArrayBuffer(2)),
      TypeError,
      `readCsv: the source must be ${wanted}, got an object (ArrayBuffer); new Uint8Array(buffer) makes bytes of it`,
    );
    await expectRefusal(call("x", { sep: ";" }), TypeError, /unknown option "sep"; did you mean "delimiter"\?/);
    await expectRefusal(
      call("x", { delimiter: "" }),
      TypeError,
      'readCsv: delimiter must be a text without a line\'s end, got the string ""',
    );
    await expectRefusal(
      call("x", { quote: "ab" }),
      TypeError,
      'readCsv: quote must be a character, or false, got the string "ab"',
    );
    await expectRefusal(
      call("x", { delimiter: '"' }),
      RangeError,
      'readCsv: quote "\\"" must not be part of delimiter or comment; give another',
    );
    await expectRefusal(
      call("x", { delimiter: "#", comment: "#" }),
      RangeError,
      'readCsv: delimiter and comment must differ, got "#" for both',
    );
    await expectRefusal(
      call("x", { header: ["a", "a"] }),
      RangeError,
      'readCsv: header[0] and header[1] are both "a"; names must differ',
    );
    await expectRefusal(
      call("x", { header: [] }),
      TypeError,
      "readCsv: header must be an array of names, true or false, got an array of 0",
    );
    await expectRefusal(
      call("x", { encoding: "klingon" }),
      RangeError,
      'readCsv: encoding must be one that TextDecoder knows, such as utf-8, gb18030 or windows-1252, got "klingon"',
    );
  });

  test("given names that are too few", async () => {
    await refused(
      text("1,2\n"),
      /^readCsv: the text: row 0 \(counted from 0; line 1\) has 2 cells, but there are 1 columns/,
      { header: ["a"] },
    );
  });
});
