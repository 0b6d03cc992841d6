// Reads JSON lines a piece at a time.
import { describe, isRecord, valueText, writtenOut } from "../util/check.ts";
import type { Opened } from "./reading.ts";
import type { Rows } from "./rows.ts";
import type { TableSource } from "./tableSource.ts";
import { openText, type Text } from "./textSource.ts";

/** Characters within which all keys must be there, of the longest line; the most columns. */
const FIRST = 2 ** 20;
const MOST_LINE = 2 ** 26;
const MOST_COLUMNS = 100_000;

/** What `readJsonLines` does. */
export async function openJsonLines(source: TableSource, encoding: string | undefined): Promise<Opened<undefined>> {
  const text = await openText("readJsonLines", source, encoding);
  return { guess: undefined, rows: jsonLineRows(text), close: () => text.close() };
}

/** The rows of a text. */
export async function* jsonLineRows(text: Text): AsyncGenerator<Rows, void, undefined> {
  const keys = new Map<string, number>();
  let columns: readonly string[] | undefined;
  let first = 0;
  /** Lines so far, and characters of them. */
  let lines = 0;
  let characters = 0;
  /** Objects of the first piece, before all columns are known. */
  let objects: Record<string, unknown>[] = [];
  let rows: unknown[][] = [];

  const fail = (what: string): Error =>
    new Error(
      `${text.where}: ${text.name}: row ${first + objects.length + rows.length} (counted from 0; line ${lines}) ${what}`,
    );

  const rowOf = (object: Record<string, unknown>): unknown[] => {
    const row = Array<unknown>(keys.size).fill(undefined);
    for (const key of Object.keys(object)) row[keys.get(key)!] = object[key];
    return row;
  };

  const read = (line: string): void => {
    lines++;
    const begins = characters;
    characters += line.length + 1;
    if (line.length > MOST_LINE)
      throw fail(`is longer than ${MOST_LINE} characters; is each object on a line of its own?`);
    if (line.trim() === "") return;
    let object: unknown;
    try {
      object = JSON.parse(line);
    } catch (cause) {
      const why = writtenOut(String((cause as Error).message)).slice(0, 200);
      const how = /^\s*[[{]\s*$/.test(line)
        ? "; is it one JSON document? Each object must be on a line of its own"
        : "";
      throw Object.assign(fail(`is no JSON${how}: ${valueText(line)}`), { cause, why });
    }
    if (!isRecord(object)) {
      const how = Array.isArray(object) ? "; write it with the names of the columns, or as CSV" : "";
      throw fail(`must be an object, such as {"height": 1.5}, got ${describe(object)}${how}`);
    }
    for (const key of Object.keys(object)) {
      if (keys.has(key)) continue;
      if (begins >= FIRST) {
        throw fail(
          `has the key ${valueText(key)}, which no row before has; all keys must be there within the first ${FIRST} characters: ` +
            "write it into the first object, as null",
        );
      }
      if (keys.size === MOST_COLUMNS)
        throw fail(`has the column ${MOST_COLUMNS + 1}; at most ${MOST_COLUMNS} are read`);
      keys.set(key, keys.size);
    }
    if (columns) rows.push(rowOf(object));
    else objects.push(object);
  };

  /** What has been read, once all columns are known. */
  const taken = (): Rows => {
    columns ??= [...keys.keys()];
    const piece = { columns, rows: objects.length > 0 ? objects.map(rowOf) : rows, first };
    first += piece.rows.length;
    objects = [];
    rows = [];
    return piece;
  };

  let pending: string[] = [];
  let length = 0;
  for await (const piece of text.pieces) {
    let at = 0;
    for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", at)) {
      const line = piece.slice(at, end);
      at = end + 1;
      if (pending.length === 0) read(line);
      else {
        pending.push(line);
        const whole = pending.join("");
        pending = [];
        length = 0;
        read(whole);
      }
      if (!columns && characters >= FIRST && objects.length > 0) yield taken();
    }
    const rest = piece.slice(at);
    if (rest !== "") length += pending.push(rest) && rest.length;
    if (length > MOST_LINE) read(pending.join(""));
    if (columns && rows.length > 0) yield taken();
  }
  if (pending.length > 0) read(pending.join(""));
  if (first + objects.length + rows.length === 0)
    throw new Error(`${text.where}: ${text.name} has no rows, only empty lines`);
  if (objects.length + rows.length > 0) yield taken();
}
