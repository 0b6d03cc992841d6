// The table of what became of what, fitted to the terminal.
import { bold, dim } from "../draw.ts";
import { columns, pad, width, wrap } from "../layout.ts";
import type { Voice } from "../text.ts";
import { DONE, type Row } from "./mapping.ts";

/** More rows aren't shown, but counted; `--json` has them all. */
const MOST_ROWS = 48;
/** Of those, so many are at the end. */
const LAST_ROWS = 8;

const ARROW = "→";
const GAP = 2;
/** Narrower than this, the two sides are below each other. */
const LEAST_NAME = 10;

const shapeText = (shape: readonly number[] | undefined): string =>
  shape === undefined ? "" : shape.length === 0 ? "1" : shape.join("x");

/** A name without its beginning, which tells least: many begin alike. */
export function shortened(name: string, most: number): string {
  if (width(name) <= most) return name;
  if (name.startsWith("  ")) return `  ${shortened(name.slice(2), most - 2)}`;
  const signs = Array.from(name);
  // wide characters take two columns
  while (signs.length > 1 && width(signs.join("")) >= most) signs.shift();
  return `…${signs.join("")}`;
}

const left = (cell: string, to: number): string => cell + pad(cell, to);

/** A table of rows: the file on the left, the model on the right; or the other way round, of what is written. */
export function mappingTable(
  rows: readonly Row[],
  heads: readonly [from: string, to: string],
  { of }: Pick<Voice, "of">,
  back = false,
): string {
  const most = columns();
  const cut = rows.length > MOST_ROWS;
  const shown = cut ? [...rows.slice(0, MOST_ROWS - LAST_ROWS), ...rows.slice(-LAST_ROWS)] : rows;
  // tensors stand below their layers
  const layers = rows.some(({ done }) => done === "layer");
  const cells = shown.map((row) => {
    const indent = layers && row.done !== "layer" ? "  " : "";
    const there = [indent + row.there, shapeText(row.thereShape)] as const;
    const here = [indent + row.here, shapeText(row.hereShape)] as const;
    return [...(back ? [...here, ...there] : [...there, ...here]), of(DONE[row.done])];
  });
  const widest = (column: number): number => Math.max(0, ...cells.map((row) => width(row[column]!)));
  const [, aShape, , bShape, done] = [0, 1, 2, 3, 4].map(widest) as [number, number, number, number, number];
  const gaps = (n: number): number => (n > 0 ? n + GAP : 0);
  // a head is above a name and its shape
  const widestName = (column: number, room: number): number =>
    Math.max(0, ...cells.map((row, i) => width(row[column]!) - (shown[i]!.done === "layer" ? room : 0)));
  const [aRoom, bRoom] = [gaps(aShape), gaps(bShape) + gaps(done)];
  const a = Math.max(widestName(0, aRoom), width(heads[0]) - aRoom);
  const b = Math.max(widestName(2, bRoom), width(heads[1]) - bRoom);
  const fixed = 2 + gaps(aShape) + 2 + GAP + gaps(bShape) + gaps(done);
  const room = most - fixed;
  const more = cut ? moreText(rows.length - MOST_ROWS, of) : "";
  const narrow = room < 2 * LEAST_NAME;
  const [first, second] = narrow ? [most - 4 - gaps(aShape), most - 6 - gaps(bShape) - gaps(done)] : shares(a, b, room);
  const lines = cells.map((row, i) => {
    const isLayer = shown[i]!.done === "layer";
    if (narrow) {
      const right = [shortened(row[2]!.trimStart(), second), row[3]!, row[4] === "" ? "" : dim(row[4]!)];
      const cells2 = right.filter((cell) => cell !== "").join("  ");
      return [`  ${shortened(row[0]!, first)}  ${row[1]}`.trimEnd(), `  ${dim(ARROW)} ${cells2}`].join("\n");
    }
    // a layer has no shapes, and their room besides
    const [a0, b0] = isLayer ? [first + gaps(aShape), second + gaps(bShape) + gaps(done)] : [first, second];
    const [from, to] = [left(shortened(row[0]!, a0), a0), shortened(row[2]!, b0)];
    if (isLayer) return `  ${from}  ${dim(ARROW)} ${to}`.trimEnd();
    const there = `${from}${aShape > 0 ? "  " : ""}${left(row[1]!, aShape)}`;
    const here = `${left(to, second)}${bShape > 0 ? "  " : ""}${left(row[3]!, bShape)}`;
    return `  ${there}  ${dim(ARROW)} ${here}${row[4] === "" ? "" : `  ${dim(row[4]!)}`}`.trimEnd();
  });
  const total = Math.min(most, narrow ? most : fixed + first + second) - 2;
  const head = narrow
    ? `  ${shortened(`${heads[0]} ${ARROW} ${heads[1]}`, most - 2)}`
    : `  ${left(shortened(heads[0], first + gaps(aShape)), first + gaps(aShape))}  ${" ".repeat(width(ARROW))} ${shortened(heads[1], second + gaps(bShape) + gaps(done))}`;
  const body = cut
    ? [...lines.slice(0, -LAST_ROWS), dim(wrap(`  ${more}`, most, "  ")), ...lines.slice(-LAST_ROWS)]
    : lines;
  return [bold(head.trimEnd()), dim(`  ${"─".repeat(total)}`), ...body].join("\n");
}

/** The columns of two names: what one doesn't need is the other's. */
function shares(a: number, b: number, room: number): [number, number] {
  if (a + b <= room) return [a, b];
  const half = Math.floor(room / 2);
  if (a <= half) return [a, room - a];
  return b <= half ? [room - b, b] : [half, room - half];
}

const moreText = (count: number, of: Voice["of"]): string => {
  const n = count.toLocaleString("en-US");
  return of({ en: `… ${n} more; --json has them all`, zh: `…… 还有 ${n} 行；--json 全部列出` });
};
