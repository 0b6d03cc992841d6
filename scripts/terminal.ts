// What a program writes to a terminal, as the lines that are on the screen at its end, and as a page that shows them.
import { execFileSync } from "node:child_process";

/** A character in its place, with its style. Colours are CSS's. */
export interface Cell {
  readonly text: string;
  readonly style: Style;
}

export interface Style {
  readonly colour?: string;
  readonly background?: string;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

/** The colours that programs name by number. */
const COLOURS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  34: "#79c0ff",
  35: "#d2a8ff",
  36: "#76e3ea",
};

/** Runs a program in a terminal of its own, so that it prints what a person would see. Needs `script` of util-linux. */
export function runInTerminal(command: readonly string[], cwd: string, columns: number): string {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ");
  const { NO_COLOR: _, FORCE_COLOR: _forced, ...env } = process.env;
  return execFileSync("script", ["-qec", `stty cols ${columns} rows 50; exec ${quoted}`, "/dev/null"], {
    cwd,
    encoding: "utf8",
    env: { ...env, TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
  });
}

// eslint-disable-next-line no-control-regex -- this is what is looked for
const PIECES = /\x1b\[([\d;]*)([A-Za-z])|\r|\n|[^\x00-\x1f]/gu;

/** The lines that are left when everything is written. What isn't understood is an error: the picture must not lack anything. */
export function screen(output: string): Cell[][] {
  const lines: Cell[][] = [[]];
  let column = 0;
  let style: Style = {};
  let read = 0;
  for (const { 0: piece, 1: codes, 2: command, index } of output.matchAll(PIECES)) {
    if (index !== read) throw new Error(`terminal: can't show ${JSON.stringify(output.slice(read, index))}`);
    read += piece.length;
    const line = lines.at(-1)!;
    if (piece === "\r") column = 0;
    else if (piece === "\n") lines.push([]);
    else if (command === "m") style = styled(style, codes!.split(";").map(Number));
    else if (command === "K" && codes === "2") line.length = 0;
    else if (command !== undefined) throw new Error(`terminal: can't show ${JSON.stringify(piece)}`);
    else {
      while (line.length < column) line.push({ text: " ", style: {} });
      line[column++] = { text: piece, style };
    }
  }
  if (read !== output.length) throw new Error(`terminal: can't show ${JSON.stringify(output.slice(read))}`);
  return lines.at(-1)!.length === 0 ? lines.slice(0, -1) : lines;
}

/** The style after the numbers of an escape sequence that ends in m. */
function styled(before: Style, codes: readonly number[]): Style {
  let style = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    const rgb = `rgb(${codes.slice(i + 2, i + 5).join(" ")})`;
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (COLOURS[code] !== undefined) style = { ...style, colour: COLOURS[code] };
    else if (code === 39) style = without(style, "colour");
    else if (code === 49) style = without(style, "background");
    else if (code === 38 && codes[i + 1] === 2) [style, i] = [{ ...style, colour: rgb }, i + 4];
    else if (code === 48 && codes[i + 1] === 2) [style, i] = [{ ...style, background: rgb }, i + 4];
    else throw new Error(`terminal: can't show the style ${codes.join(";")}`);
  }
  return style;
}

function without(style: Style, key: keyof Style): Style {
  const { [key]: _, ...rest } = style;
  return rest;
}

/** The lines without their styles. */
export const plainText = (lines: readonly (readonly Cell[])[]): string =>
  lines.map((line) => line.map(({ text }) => text).join("").trimEnd()).join("\n"); // prettier-ignore

/** Pixels of a character. Twice as high as wide, so that half a block is a square. */
const CELL = { width: 8, height: 16 };

/** A page with a window that has these lines. Every run of one style stands at its column, whatever the font's widths. */
export function page(title: string, lines: readonly (readonly Cell[])[], columns: number): string {
  const width = columns * CELL.width;
  const content = lines.flatMap((line, row) => runs(line).map((run) => runHtml(run, row)));
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title><style>
body { margin: 0; background: transparent; }
#window { display: inline-block; background: #0d1117; border: 1px solid #30363d; border-radius: 10px; overflow: hidden; }
#title { position: relative; height: 34px; background: #161b22; border-bottom: 1px solid #30363d; }
#title, #screen { font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; color: #d1d7e0; }
#title span { position: absolute; left: 0; right: 0; text-align: center; font-size: 12px; line-height: 34px; color: #9198a1; }
#title i { position: absolute; top: 11px; width: 12px; height: 12px; border-radius: 6px; background: #3d444d; }
#screen { position: relative; width: ${width}px; height: ${lines.length * CELL.height}px; margin: 18px 22px; }
#screen { font-size: 13.29px; line-height: ${CELL.height}px; }
#screen span { position: absolute; height: ${CELL.height}px; white-space: pre; }
</style>
<div id="window"><div id="title"><i style="left: 14px"></i><i style="left: 34px"></i><i style="left: 54px"></i>
<span>${escaped(title)}</span></div><div id="screen">
${content.join("\n")}
</div></div>`;
}

interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

/** Neighbours of the same style together. */
function runs(line: readonly Cell[]): Run[] {
  const joined: Run[] = [];
  line.forEach(({ text, style }, column) => {
    const last = joined.at(-1);
    if (last && sameStyle(last.style, style)) joined[joined.length - 1] = { ...last, text: last.text + text };
    else joined.push({ column, text, style });
  });
  return joined.filter(({ text, style }) => text.trim() !== "" || style.background !== undefined);
}

const sameStyle = (a: Style, b: Style): boolean =>
  a.colour === b.colour && a.background === b.background && Boolean(a.bold) === Boolean(b.bold) && Boolean(a.dim) === Boolean(b.dim); // prettier-ignore

/** Half blocks are painted, since fonts leave seams between them. */
function runHtml({ column, text, style }: Run, row: number): string {
  const { colour, background, bold, dim } = style;
  const place = `left:${column * CELL.width}px;top:${row * CELL.height}px;width:${[...text].length * CELL.width}px`;
  if (/^▀+$/.test(text)) {
    const lower = background ?? "transparent";
    return `<span style="${place};background:linear-gradient(${colour} 50%, ${lower} 50%)"></span>`;
  }
  const looks = [
    colour && `color:${colour}`,
    background && `background:${background}`,
    bold && "font-weight:bold;color:#f0f6fc",
    dim && "color:#8b949e",
  ];
  return `<span style="${[place, ...looks.filter(Boolean)].join(";")}">${escaped(text)}</span>`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
