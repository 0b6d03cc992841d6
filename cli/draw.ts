// Draws charts, images, regions and tables in a terminal, in colour where the terminal shows it.
import { styleText } from "node:util";
import { plot } from "simple-ascii-chart";
import { columns as terminalColumns, pad, table as layoutTable, width } from "./layout.ts";

type Style = Parameters<typeof styleText>[0];

/** Colour in a terminal; none in a pipe, with NO_COLOR, or for a "dumb" terminal. FORCE_COLOR overrules. */
export const coloured =
  Boolean(process.env["FORCE_COLOR"]) ||
  (process.stdout.isTTY && process.env["NO_COLOR"] === undefined && process.env["TERM"] !== "dumb");

/** The text in a style, if there is colour. */
export function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text) : text;
}

export const bold = (text: string): string => paint("bold", text);
export const dim = (text: string): string => paint("dim", text);
export const good = (text: string): string => paint("green", text);
export const bad = (text: string): string => paint("red", text);

/** A number with about `digits` significant digits, without an exponent where it is readable. */
export function number(value: number, digits = 4): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(Math.max(0, digits - 3));
  return value.toFixed(size < 1 ? digits : Math.max(0, digits - 1 - exponent(size)));
}

const exponent = (x: number): number => x.toExponential().split("e").map(Number)[1]!;

/** Cells in columns, numbers to the right, a rule under the head; narrower or in parts where the terminal is narrow. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  layoutTable(head, rows, dim);

/** One or two curves over their index. The first is cyan, the second magenta. `to` is what the last index is called; default the index. */
export function chart(
  curves: readonly (readonly number[])[],
  options: { height?: number; names?: readonly string[]; to?: number } = {},
): string {
  const { height = 12, names, to } = options;
  const most = terminalColumns() - 2;
  let columns = Math.min(WIDEST, most);
  let body = drawCurves(curves, columns, height, to);
  // the labels beside the axis take some columns, which depend on the curve
  for (let over = widest(body) - most; over > 0 && columns > NARROWEST; over = widest(body) - most) {
    columns = Math.max(NARROWEST, columns - over);
    body = drawCurves(curves, columns, height, to);
  }
  const styles: readonly Style[] = ["cyan", "magenta"];
  const legend = names?.map((name, i) => `  ${paint(styles[i]!, `━ ${name}`)}`) ?? [];
  const together = legend.map((name) => name.trim()).join("   ");
  const below = width(together) <= most ? [`  ${together}`] : legend;
  return [indent(body), ...(names ? below : [])].join("\n");
}

const WIDEST = 64;
const NARROWEST = 16;
const widest = (lines: readonly string[]): number => Math.max(...lines.map(width));

function drawCurves(
  curves: readonly (readonly number[])[],
  columns: number,
  height: number,
  to: number | undefined,
): string[] {
  const length = Math.max(...curves.map((curve) => curve.length));
  const called = (index: number): number => (to === undefined ? index : Math.round((index * to) / (length - 1)));
  const series = curves.map((curve) => thin(curve, columns));
  const parts = columns < 44 ? 2 : 4;
  const ticks = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * (length - 1)) / parts));
  const colours = ["ansiCyan", "ansiMagenta"] as const;
  const drawn = plot(series.length === 1 ? series[0]! : series, {
    width: columns,
    height,
    customXAxisTicks: ticks,
    formatter: (value: number, { axis }: { axis: string }) => (axis === "y" ? number(value, 3) : called(value)),
    ...(coloured ? { color: colours.slice(0, curves.length) as ("ansiCyan" | "ansiMagenta")[] } : {}),
  });
  return drawn.replace(/^\n+|\s+$/g, "").split("\n").map((line) => line.trimEnd()); // prettier-ignore
}

/** About as many points of a curve as there are columns. */
function thin(curve: readonly number[], columns: number): [number, number][] {
  const step = Math.max(1, (curve.length - 1) / columns);
  const points: [number, number][] = [];
  for (let i = 0; i <= curve.length - 1; i += step) points.push([Math.round(i), curve[Math.round(i)]!]);
  return points;
}

const SHADES = " .:-=+*#%@";

/**
 * An image of characters: two for each pixel; where there is no room for that, one for two pixels that are above one another.
 *
 * @param text the two characters of a value
 */
function characters(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
  text: (value: number) => string,
): string[] {
  const room = 2 * columns + 2 <= terminalColumns();
  return Array.from({ length: room ? rows : Math.ceil(rows / 2) }, (_, r) =>
    Array.from({ length: columns }, (_unused, c) =>
      room ? text(at(r, c)) : text((at(2 * r, c) + at(2 * r + 1, c)) / 2).slice(-1),
    ).join(""),
  );
}

/** Grey values from 0 (dark) to 1 (light), two rows of pixels per line where there is colour, else characters. */
export function image(values: ArrayLike<number>, columns: number): string[] {
  const rows = values.length / columns;
  const at = (r: number, c: number): number => Math.min(1, Math.max(0, r < rows ? values[r * columns + c]! : 0));
  if (!coloured) return characters(rows, columns, at, (v) => SHADES[Math.round(v * (SHADES.length - 1))]!.repeat(2));
  const grey = (v: number): string =>
    Array<number>(3)
      .fill(Math.round(v * 255))
      .join(";");
  return halfBlocks(rows, columns, (r, c) => grey(at(r, c)));
}

/** Signed values: red below 0, blue above, as strong as they are large; without colour - and +. */
export function signedImage(values: ArrayLike<number>, columns: number): string[] {
  const rows = values.length / columns;
  const largest = Array.from(values).reduce((top, v) => Math.max(top, Math.abs(v)), 1e-12);
  const at = (r: number, c: number): number => (r < rows ? values[r * columns + c]! / largest : 0);
  if (!coloured) {
    const sign = (v: number): string =>
      Math.abs(v) < 0.15 ? " ." : Math.abs(v) < 0.5 ? (v > 0 ? " +" : " -") : v > 0 ? "++" : "--";
    return characters(rows, columns, at, sign);
  }
  return halfBlocks(rows, columns, (r, c) => signedColour(at(r, c)));
}

/** White at 0, red towards -1, blue towards 1. */
function signedColour(v: number): string {
  const fade = Math.round(245 - 205 * Math.min(1, Math.abs(v)));
  return v < 0 ? `${235};${fade};${fade}` : `${fade};${fade};${245}`;
}

function halfBlocks(rows: number, columns: number, colour: (row: number, column: number) => string): string[] {
  return Array.from({ length: Math.ceil(rows / 2) }, (_, half) => {
    const cells = Array.from({ length: columns }, (_unused, c) => {
      const [top, bottom] = [colour(2 * half, c), colour(2 * half + 1, c)];
      return `\x1b[38;2;${top}m\x1b[48;2;${bottom}m▀`;
    });
    return `${cells.join("")}\x1b[0m`;
  });
}

/** A point of a plane and its class. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: 0 | 1;
}

/**
 * What a classifier says all over a square, and the points it learned from: background by the output (red 0, blue 1; without
 * colour . and #), points as their labels.
 */
export function regions(
  output: (points: [number, number][]) => ArrayLike<number>,
  points: readonly Point[],
  from: number,
  to: number,
): string[] {
  const columns = Math.min(44, 2 * Math.floor((terminalColumns() - 2) / 2));
  const rows = columns / 2;
  const coordinate = (i: number, n: number): number => from + ((to - from) * (i + 0.5)) / n;
  const grid: [number, number][] = [];
  for (let r = rows - 1; r >= 0; r--)
    for (let c = 0; c < columns; c++) grid.push([coordinate(c, columns), coordinate(r, rows)]);
  const values = output(grid);
  const cell = (v: number, n: number): number =>
    Math.min(n - 1, Math.max(0, Math.floor(((v - from) / (to - from)) * n)));
  const marks = new Map(points.map((p) => [(rows - 1 - cell(p.y, rows)) * columns + cell(p.x, columns), p.label]));
  return Array.from({ length: rows }, (_, r) => {
    let line = "";
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      const value = values[at]!;
      const mark = marks.get(at);
      if (coloured) {
        const text = mark === undefined ? " " : `\x1b[1;38;2;0;0;0m${mark}`;
        line += `\x1b[48;2;${signedColour(value * 1.6 - 0.8)}m${text}`;
      } else line += mark === undefined ? (value > 0.5 ? "#" : ".") : String(mark);
    }
    return coloured ? `${line}\x1b[0m` : line;
  });
}

/** Blocks of lines side by side, two columns apart, as many as the terminal has room for; the others below. */
export function beside(...blocks: readonly (readonly string[])[]): string {
  const most = terminalColumns();
  const groups: (readonly string[])[][] = [];
  let used = Infinity;
  for (const block of blocks) {
    used += 2 + widest(block);
    if (used > most) {
      groups.push([]);
      used = 2 + widest(block);
    }
    groups.at(-1)!.push(block);
  }
  return groups.map(row).join("\n\n");
}

function row(blocks: readonly (readonly string[])[]): string {
  const height = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: height }, (_, r) =>
    `  ${blocks.map((block) => (block[r] ?? "") + pad(block[r] ?? "", widest(block))).join("  ")}`.trimEnd(),
  ).join("\n");
}

/** Indents every line by two columns. */
export const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join("\n");
