// Files of more rows than memory holds, as the commands read them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { fitting } from "../../cli/tables/tooLarge.ts";
import { readTable } from "../../src/data.ts";
import { expectRefusal } from "../support/refusals.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 60,000 rows of two columns, all lines equally long: more than one piece. */
const count = 60_000;
const csv = `a1,b1\n${"12,34\n".repeat(count)}`;
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** The rows that were read before the end, or before it was refused. */
async function read(path: string, memory: number, from = 0): Promise<number> {
  let rows = 0;
  try {
    for await (const piece of fitting(path, readTable(path), { memory, from })) rows += piece.rows.length;
  } catch (error) {
    throw Object.assign(error as Error, { rows });
  }
  return rows;
}

const needed = 72 * 2 * count;

test("what fits is read as it is", async () => {
  expect(await read(file("fits.csv", csv), 1.01 * needed)).toBe(count);
  expect(await read(file("fits.csv.gz", gzipSync(csv)), needed)).toBe(count);
});

test("lines that are too many are refused with the first piece, by their length", async () => {
  const path = file("many rows.csv", csv);
  await expectRefusal(
    () => read(path, 4e6),
    Error,
    `many rows.csv has about 60,000 rows of 2 columns, more than can be held: that takes about 8.6 MB of memory, of 4 MB that are there. ` +
      `Take some of its rows, such as head -n 9000 '${path}' > some-rows.csv; or train on all of them as they are read, ` +
      `by the program in docs/tables.md, "Larger than memory"`,
  );
  const error = await read(path, 4e6).catch((each: Error & { rows: number }) => each);
  expect(error).toMatchObject({ rows: 0 });
});

test("of what is compressed or small, rows are counted as they are read", async () => {
  const lines = file("lines.jsonl.gz", gzipSync('{"a": 1, "b": 2}\n'.repeat(count)));
  const beginning = /^lines\.jsonl\.gz has at least [\d,]+ rows of 2 columns, more than can be held: that takes about/;
  await expectRefusal(() => read(lines, needed / 2), Error, beginning);
  const command = /such as gzip -dc \S+lines\.jsonl\.gz \| head -n 10000 > some-rows\.csv; or train/;
  await expectRefusal(() => read(lines, needed / 2), Error, command);
  const small = await read(file("small.csv", csv), needed / 2, 2 ** 27).catch((each: Error & { rows: number }) => each);
  expect(small).toMatchObject({ message: expect.stringMatching(/^small\.csv has at least/) });
  expect((small as { rows: number }).rows).toBeLessThan(count / 2 + 1);
});
