// readJsonLines: values, columns, and what is refused in which words.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readJsonLines, type TableSource } from "../../src/data.ts";
import { expectRefusal } from "../support/refusals.ts";

async function all(source: TableSource): Promise<{ columns: readonly string[]; rows: (readonly unknown[])[] }> {
  let columns: readonly string[] = [];
  const rows: (readonly unknown[])[] = [];
  for await (const piece of readJsonLines(source)) {
    expect(piece.first).toBe(rows.length);
    columns = piece.columns;
    for (const row of piece.rows) rows.push(row);
  }
  return { columns, rows };
}

const SMALL = '{"a":1.5,"b":"x"}\r\n\n{"c":null,"a":[1]}\n{}';
const READ = {
  columns: ["a", "b", "c"],
  rows: [
    [1.5, "x", undefined],
    [[1], undefined, null],
    [undefined, undefined, undefined],
  ],
};

describe("readJsonLines", () => {
  test("gives values, and columns in the order of their first appearance", async () => {
    expect(await all({ text: SMALL })).toEqual(READ);
    expect(await all(new Uint8Array(gzipSync(SMALL)))).toEqual(READ);
  });

  test("the same whatever the pieces", async () => {
    for (let at = 0; at <= SMALL.length; at++) expect(await all([SMALL.slice(0, at), SMALL.slice(at)])).toEqual(READ);
    expect(await all([...SMALL])).toEqual(READ);
  });

  test("keys may be those of all objects", async () => {
    const { columns, rows } = await all({ text: '{"__proto__":1,"constructor":2}\n' });
    expect([columns, rows]).toEqual([["__proto__", "constructor"], [[1, 2]]]);
  });

  test("long ones, in pieces", async () => {
    const line = (i: number): string => `${JSON.stringify({ i, text: "x".repeat(i % 100) })}\n`;
    const { rows } = await all([Array.from({ length: 100_000 }, (_, i) => line(i)).join("")]);
    expect(rows.length).toBe(100_000);
    expect(rows.every(([i], at) => i === at)).toBe(true);
  });

  const refused = (source: TableSource, message: string | RegExp) => expectRefusal(() => all(source), Error, message);
  test("refuses what is no row", async () => {
    await refused(
      { text: '{"a":1}\n\n{"a":' },
      'readJsonLines: the text: row 1 (counted from 0; line 3) is no JSON: "{\\"a\\":"',
    );
    await refused(
      { text: "[\n{}\n]" },
      'readJsonLines: the text: row 0 (counted from 0; line 1) is no JSON; is it one JSON document? Each object must be on a line of its own: "["',
    );
    await refused(
      { text: "[1,2]\n" },
      'readJsonLines: the text: row 0 (counted from 0; line 1) must be an object, such as {"height": 1.5}, got an array of 2; write it with the names of the columns, or as CSV',
    );
    await refused({ text: "\n \n" }, "readJsonLines: the text has no rows, only empty lines");
    await refused({ text: "" }, "readJsonLines: the text is empty");
  });

  test("refuses a key that comes too late", async () => {
    const many = '{"a":1}\n'.repeat(200_000);
    await refused(
      { text: `${many}{"late":1}\n` },
      'readJsonLines: the text: row 200000 (counted from 0; line 200001) has the key "late", which no row before has; ' +
        "all keys must be there within the first 1048576 characters: write it into the first object, as null",
    );
    // at the same place however it is cut
    const near = '{"a":1}\n'.repeat(131_071);
    for (const size of [1000, 300_000]) {
      const pieces = `${near}{"late":1}\n${near}`.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      expect((await all(pieces)).columns).toEqual(["a", "late"]);
    }
  });

  test("refuses a line without an end, and more columns than are read", async () => {
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield " ".repeat(2 ** 18);
      },
    };
    await refused(
      endless,
      "readJsonLines: the source: row 0 (counted from 0; line 1) is longer than 67108864 characters; is each object on a line of its own?",
    );
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`c${i}`, 0])));
    await refused({ text: wide }, /has the column 100001; at most 100000 are read$/);
  });

  test("refuses arguments at once", async () => {
    await expectRefusal(() => readJsonLines(3 as never), TypeError, /^readJsonLines: the source must be a path, bytes/);
    await expectRefusal(
      () => readJsonLines("x", { header: true } as never),
      TypeError,
      /^readJsonLines: unknown option "header"/,
    );
  });
});
