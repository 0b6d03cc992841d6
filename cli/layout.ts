// Fits text to the terminal: wraps at words, and between Chinese characters.

/** Lines of prose are no longer, however wide the terminal is. */
const PROSE = 100;
const USUAL = 80;

/** Columns of the terminal. 80 where the output goes elsewhere, or the terminal doesn't say; COLUMNS says it for both. */
export function columns(stream: { readonly columns?: number } = process.stdout): number {
  const said = [stream.columns, Number(process.env["COLUMNS"])].find((n) => n !== undefined && Number.isInteger(n) && n > 0); // prettier-ignore
  return said ?? USUAL;
}

const COLOUR = String.raw`\x1b\[[0-9;]*m`;
const COLOUR_CODES = new RegExp(COLOUR, "g");
const WIDE = String.raw`\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6`;
const WIDE_CHARACTERS = new RegExp(`[${WIDE}]`, "g");

/** Columns that a text takes: Chinese characters take two, colour codes none. */
export function width(text: string): number {
  const plain = text.replaceAll(COLOUR_CODES, "");
  return [...plain].length + (plain.match(WIDE_CHARACTERS)?.length ?? 0);
}

export const pad = (cell: string, to: number): string => " ".repeat(Math.max(0, to - width(cell)));

/** Stands for a space where no line may end, in texts as here; it is printed as a space. */
const TIED = "\u00a0";

/** Words that stay on one line, if there is room for them. */
export const tied = (words: string): string => words.replaceAll(" ", TIED);

/** A text that isn't wrapped, as it is printed. */
export const untied = (text: string): string => text.replaceAll(TIED, " ");

/** A word with the spaces in front of it, or a wide character with the punctuation that must not be parted from it. */
const PIECE = new RegExp(`( *)((?:[（“‘《]|${COLOUR})*(?:[${WIDE}]|[^ ${WIDE}]+)(?:[，。；：、）”’》？！]|${COLOUR})*)`, "gu"); // prettier-ignore

/**
 * Wraps one paragraph, later lines behind `hanging`. `a = 1` and `90 %` stay together. Only what has no place to break at is longer
 * than `most`.
 */
export function wrap(paragraph: string, most: number, hanging = ""): string {
  const whole = paragraph.replaceAll(/ [=·] | (?=%|\(\d)/g, tied);
  const lines: string[] = [];
  let line = "";
  const add = (gap: string, word: string): void => {
    if (line.trim() === "" || width(line + gap + word) <= most) line += gap + word;
    else {
      lines.push(line);
      line = hanging + word;
    }
  };
  for (const { 1: gap, 2: word } of whole.matchAll(PIECE)) {
    const parts = width(hanging + word!) <= most ? [word!] : word!.split(TIED);
    parts.forEach((part, i) => add(i === 0 ? gap! : " ", part));
  }
  return [...lines, line].join("\n").replaceAll(TIED, " ");
}

/** A line that is laid out by spaces, such as a formula with a remark: where it is too long, the remark goes below. */
export function fitLine(line: string, most: number): string {
  if (width(line) <= most) return line;
  const indent = " ".repeat(line.search(/[^ ]|$/));
  const [first, ...others] = line.trim().split(/ {3,}/);
  const hanging = `${indent}    `;
  return [wrap(indent + first, most, hanging), ...others.map((part) => wrap(hanging + part, most, hanging))].join("\n");
}

/** Joins the lines of a paragraph as they are written in the source. */
const joined = (lines: readonly string[]): string =>
  lines.reduce((text, line) => {
    const glue = new RegExp(`[${WIDE}]$`).test(text) || new RegExp(`^[${WIDE}]`).test(line) ? "" : " ";
    return text === "" ? line : text + glue + line;
  }, "");

/** Paragraphs with an empty line between them. Lines that begin with a space are formulas, on lines of their own. */
export function prose(text: string, most = Math.min(PROSE, columns())): string {
  return text
    .split(/\n{2,}/)
    .map((block) => {
      const out: string[] = [];
      let open: string[] = [];
      const close = (): void => {
        if (open.length > 0) out.push(wrap(joined(open), most));
        open = [];
      };
      for (const line of block.split("\n")) {
        if (!line.startsWith(" ")) open.push(line);
        else {
          close();
          out.push(fitLine(line, most));
        }
      }
      close();
      return out.join("\n");
    })
    .join("\n\n");
}

/** Columns of a head's lines: those of narrow tables get more lines. */
const HEADS = [Infinity, 24, 16, 10, 0];

/** A table's columns: the head may be wrapped, the cells not. */
interface Column {
  readonly head: readonly string[];
  readonly cells: readonly string[];
  readonly width: number;
}

/** Cells in columns, numbers to the right, a rule under the head. `dim` styles the rule. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  dim: (text: string) => string,
  most = columns(),
): string {
  const make = (longest: number): Column[] =>
    head.map((name, c) => {
      const cells = rows.map((row) => row[c] ?? "");
      const body = Math.max(0, ...cells.map(width));
      const lines = wrap(name.replaceAll("-", "- "), Math.max(body, longest)).replaceAll("- ", "-").split("\n");
      return { head: lines, cells, width: Math.max(body, ...lines.map(width)) };
    });
  const total = (cut: readonly Column[], gap: number): number =>
    2 + cut.reduce((sum, column) => sum + column.width, gap * (cut.length - 1));
  // what costs least comes first: smaller gaps, then heads in several lines
  const tries = HEADS.flatMap((longest) => [3, 2, 1].map((gap) => ({ gap, cut: make(longest) })));
  const fitting = tries.find(({ gap, cut }) => total(cut, gap) <= most);
  if (fitting) return drawTable(fitting.cut, fitting.gap, dim);
  // and last several tables, each with the first column
  const [first, ...others] = make(0);
  const tables: Column[][] = [];
  for (const column of others) {
    const last = tables.at(-1);
    if (last && total([...last, column], 2) <= most) last.push(column);
    else tables.push([first!, column]);
  }
  return tables.map((part) => drawTable(part, 2, dim)).join("\n\n");
}

function drawTable(cut: readonly Column[], gap: number, dim: (text: string) => string): string {
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, c) => (c === 0 ? cell + pad(cell, cut[c]!.width) : pad(cell, cut[c]!.width) + cell))
      .join(" ".repeat(gap))}`.trimEnd();
  const high = Math.max(...cut.map(({ head }) => head.length));
  const heads = Array.from({ length: high }, (_, r) => line(cut.map(({ head }) => head[r - high + head.length] ?? "")));
  const rule = "─".repeat(cut.reduce((sum, column) => sum + column.width, gap * (cut.length - 1)));
  const body = cut[0]!.cells.map((_, r) => line(cut.map(({ cells }) => cells[r]!)));
  return [...heads, dim(`  ${rule}`), ...body].join("\n");
}
