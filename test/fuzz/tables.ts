// Fuzzes `readCsv` and `readJsonLines`: any bytes in any pieces, and tables that are written and must be read as the same.
import { gzipSync } from "node:zlib";
import { type CsvOptions, readCsv, readJsonLines, type Rows } from "../../src/data.ts";
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften } from "./mutate.ts";

/** All that is read: refused if a row isn't as wide as the table, or isn't numbered. */
async function all(read: AsyncIterable<Rows>): Promise<(readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  for await (const piece of read) {
    if (piece.first !== rows.length) throw new Error(`row ${rows.length} is said to be ${piece.first}`);
    if (new Set(piece.columns).size !== piece.columns.length) throw new Error("two columns have one name");
    for (const row of piece.rows) {
      if (row.length !== piece.columns.length)
        throw new Error(`${row.length} cells of ${piece.columns.length} columns`);
      rows.push(row);
    }
  }
  return rows;
}

/** The bytes in pieces. */
function cut(draw: Draw, bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) pieces.push(bytes.subarray(at, (at += draw.pick([1, 2, 7, 100, 1e6]))));
  return pieces;
}

const PARTS = [
  "a",
  "b",
  "1",
  "2.5",
  " ",
  ",",
  ";",
  "\t",
  "|",
  '"',
  '""',
  "\n",
  "\r\n",
  "\r",
  "#",
  "é",
  "漢字",
  "😀",
  "-",
];

/** A cell as RFC 4180 writes it. */
const written = (cell: string): string => (/[\s",;|#]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function anyTable(draw: Draw): { readonly text: string; readonly rows: string[][]; readonly options: CsvOptions } {
  const width = draw.from(2, 5);
  const rows = draw.list(draw.pick([0, 1, 5, 40]), () =>
    draw.list(width, () => draw.list(draw.int(5), () => draw.pick(PARTS)).join("")),
  );
  const header = Array.from({ length: width }, (_, i) => `c${i}`);
  const delimiter = draw.pick([",", ";", "\t", "|"]);
  const newline = draw.pick(["\n", "\r\n"]);
  const lines = [header, ...rows].map((row) => row.map(written).join(delimiter));
  return { text: lines.join(newline) + (draw.chance(0.5) ? newline : ""), rows, options: { header: true, delimiter } };
}

const anyOptions = (draw: Draw): CsvOptions => ({
  ...(draw.chance(0.2) && { delimiter: draw.pick([",", ";", "\t", "::"]) }),
  ...(draw.chance(0.2) && { header: draw.chance(0.5) }),
  ...(draw.chance(0.2) && { encoding: draw.pick(["utf-8", "utf-16le", "gb18030", "windows-1252"]) }),
  ...(draw.chance(0.2) && { quote: draw.pick(["'", false]) }),
  ...(draw.chance(0.2) && { comment: "#" }),
  ...(draw.chance(0.2) && { skipEmptyLines: false }),
  ...(draw.chance(0.2) && { ragged: "pad" as const }),
  ...(draw.chance(0.2) && { decimal: "," as const }),
});

async function attempt(
  bytes: Uint8Array,
  name: string,
  read: () => AsyncIterable<Rows>,
  options?: CsvOptions,
): Promise<Tried & { readonly rows?: (readonly unknown[])[] | undefined }> {
  const end = await endedReading(bytes.length, [name], () => all(read()));
  const input = (): string => `${bytesText(bytes)}\n${JSON.stringify(options ?? {})}`;
  return { fault: end.fault, refused: end.error !== undefined, input, rows: end.value };
}

export const csv: Fuzzer = {
  name: "csv",
  what: "readCsv, of tables that are written and read again in pieces, of damaged ones, and of any bytes",
  inTests: 4000,
  prepare: () => async (draw) => {
    const table = anyTable(draw);
    const bytes = new TextEncoder().encode(table.text);
    if (draw.chance(0.4)) {
      const packed = draw.chance(0.2) ? Uint8Array.from(gzipSync(bytes)) : bytes;
      const pieces = cut(draw, packed);
      const tried = await attempt(packed, "readCsv", () => readCsv(pieces, table.options), table.options);
      const same = JSON.stringify(tried.rows) === JSON.stringify(table.rows);
      return { ...tried, fault: tried.fault ?? (same ? undefined : "what was written is read as other cells") };
    }
    const options = anyOptions(draw);
    const given = draw.call<Uint8Array>([
      () => changedOften(draw, bytes, changedBytes),
      () => new TextEncoder().encode(draw.list(draw.int(200), () => draw.pick(PARTS)).join("")),
      () => changedBytes(draw, Uint8Array.from(gzipSync(bytes))),
      () => draw.bytes(draw.int(300)),
    ]);
    const whole = await attempt(given, "readCsv", () => readCsv(given, options), options);
    if (whole.fault !== undefined) return whole;
    // in pieces it is the same
    const pieces = cut(draw, given);
    const again = await attempt(given, "readCsv", () => readCsv(pieces, options), options);
    const same = JSON.stringify(again.rows) === JSON.stringify(whole.rows);
    return { ...whole, fault: again.fault ?? (same ? undefined : "in pieces it is read as other cells") };
  },
};

export const jsonLines: Fuzzer = {
  name: "json-lines",
  what: "readJsonLines, of lines that are written and read again in pieces, and of damaged ones",
  inTests: 4000,
  prepare: () => async (draw) => {
    const objects = draw.list(draw.int(6), () =>
      Object.fromEntries(draw.list(draw.int(4), () => [draw.text(), draw.pick([1, "x", null, true, [1], { a: 1 }])])),
    );
    const text = objects.map((object) => JSON.stringify(object)).join(draw.pick(["\n", "\r\n", "\n\n"]));
    const bytes = new TextEncoder().encode(text);
    const damaged = draw.chance(0.6);
    const given = damaged ? changedOften(draw, bytes, changedBytes) : bytes;
    const pieces = cut(draw, given);
    const tried = await attempt(given, "readJsonLines", () => readJsonLines(pieces));
    if (damaged || objects.length === 0) return tried;
    const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
    const rows = objects.map((object) => keys.map((key) => (Object.hasOwn(object, key) ? object[key] : undefined)));
    const same = JSON.stringify(tried.rows) === JSON.stringify(rows);
    return { ...tried, fault: tried.fault ?? (same ? undefined : "what was written is read as other values") };
  },
};
