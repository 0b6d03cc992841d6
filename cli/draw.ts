// Draws charts, images, regions and tables in a terminal, in colour where the terminal shows it.
import { styleText } from "node:util";
import { plot } from "simple-ascii-chart";

type Style = Parameters<typeof styleText>[0];

/** Colour in a terminal; none in a pipe, with NO_COLOR, or for a "dumb" terminal. FORCE_COLOR overrules. */
const coloured =
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

/** Cells in columns, numbers to the right, a rule under the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, c) => Math.max(...all.map((row) => width(row[c] ?? ""))));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, c) => (c === 0 ? cell + pad(cell, widths[c]!) : pad(cell, widths[c]!) + cell)).join("   ")}`.trimEnd();
  const rule = `  ${"─".repeat(widths.reduce((sum, w) => sum + w, 3 * (widths.length - 1)))}`;
  return [line(head), dim(rule), ...rows.map(line)].join("\n");
}

const pad = (cell: string, to: number): string => " ".repeat(Math.max(0, to - width(cell)));

// eslint-disable-next-line no-control-regex -- colour codes have no width
const COLOUR_CODES = /\x1b\[[0-9;]*m/g;

/** Columns that a text takes: Chinese characters take two. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text.replaceAll(COLOUR_CODES, "")) {
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1;
  }
  return columns;
}

/** One or two curves over their index. The first is cyan, the second magenta. */
export function chart(
  curves: readonly (readonly number[])[],
  options: { height?: number; names?: readonly string[] } = {},
): string {
  const { height = 12, names } = options;
  const columns = 64;
  const length = Math.max(...curves.map((curve) => curve.length));
  const series = curves.map((curve) => thin(curve, columns));
  const ticks = [0, 1, 2, 3, 4].map((i) => Math.round((i * (length - 1)) / 4));
  const colours = ["ansiCyan", "ansiMagenta"] as const;
  const drawn = plot(series.length === 1 ? series[0]! : series, {
    width: columns,
    height,
    customXAxisTicks: ticks,
    formatter: (value: number, { axis }: { axis: string }) => (axis === "y" ? number(value, 3) : value),
    ...(coloured ? { color: colours.slice(0, curves.length) as ("ansiCyan" | "ansiMagenta")[] } : {}),
  });
  const styles: readonly Style[] = ["cyan", "magenta"];
  const legend = names?.map((name, i) => paint(styles[i]!, `━ ${name}`)).join("   ");
  const body = drawn.replace(/^\n+|\s+$/g, "").replaceAll(/^/gm, "  ");
  return legend === undefined ? body : `${body}\n  ${legend}`;
}

/** About as many points of a curve as there are columns. */
function thin(curve: readonly number[], columns: number): [number, number][] {
  const step = Math.max(1, (curve.length - 1) / columns);
  const points: [number, number][] = [];
  for (let i = 0; i <= curve.length - 1; i += step) points.push([Math.round(i), curve[Math.round(i)]!]);
  return points;
}

const SHADES = " .:-=+*#%@";

/** Grey values from 0 (dark) to 1 (light), two rows of pixels per line where there is colour, else two characters per pixel. */
export function image(values: ArrayLike<number>, columns: number): string[] {
  const rows = values.length / columns;
  const at = (r: number, c: number): number => Math.min(1, Math.max(0, r < rows ? values[r * columns + c]! : 0));
  if (!coloured) {
    return Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_unused, c) =>
        SHADES[Math.round(at(r, c) * (SHADES.length - 1))]!.repeat(2),
      ).join(""),
    );
  }
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
    return Array.from({ length: rows }, (_, r) =>
      Array.from({ length: columns }, (_unused, c) => sign(at(r, c))).join(""),
    );
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
  const columns = 44;
  const rows = 22;
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

/** Lines side by side, two columns apart. */
export function beside(...blocks: readonly (readonly string[])[]): string {
  const height = Math.max(...blocks.map((block) => block.length));
  const widths = blocks.map((block) => Math.max(...block.map(width)));
  return Array.from({ length: height }, (_, r) =>
    `  ${blocks.map((block, b) => (block[r] ?? "") + pad(block[r] ?? "", widths[b]!)).join("  ")}`.trimEnd(),
  ).join("\n");
}

/** Indents every line by two columns. */
export const indent = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join("\n");
