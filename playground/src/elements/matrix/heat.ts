// A matrix of more numbers than can be printed: spots of colour, and a lens.
import { html, type TemplateResult } from "lit";
import { filled, pixels, step as place, type Theme } from "../../look/colour.ts";
import { cell as figure, value as exact } from "../../look/numbers.ts";
import { nameText } from "../../steps/names.ts";

/** What a cell is: the number that is looked at, or an operand of it. */
export type Role = "now" | "a" | "b" | "c";

export interface Grid {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** The numbers, row by row. */
  readonly values: ArrayLike<number>;
  /** What has the full colour. */
  readonly max: number;
}

/** Rows and columns up to which each number is a spot of its own. */
const MOST_SPOTS = 64;
/** Numbers that the lens has on each side. */
const LENS = 2;

type Size = Pick<Grid, "rows" | "columns">;

/** How many numbers a spot stands for, along each axis. */
const pooled = ({ rows, columns }: Size): readonly [number, number] => [
  Math.ceil(rows / MOST_SPOTS),
  Math.ceil(columns / MOST_SPOTS),
];

/** Rows and columns of spots. */
export function spotsOf(size: Size): readonly [rows: number, columns: number] {
  const [pr, pc] = pooled(size);
  return [Math.ceil(size.rows / pr), Math.ceil(size.columns / pc)];
}

/** Paints the spots, and over them what has a role. */
export function paint(
  canvas: HTMLCanvasElement,
  grid: Grid,
  theme: Theme,
  roles: Iterable<readonly [number, Role]>,
  ringOf: (role: Role) => string,
): void {
  const { width: w, height: h } = canvas;
  const context = canvas.getContext("2d")!;
  const colours = pixels(theme);
  const [pr, pc] = pooled(grid);
  const image = context.createImageData(w, h);
  const out = new Uint32Array(image.data.buffer);
  for (let r = 0; r < h; r++)
    for (let c = 0; c < w; c++) out[r * w + c] = colours[place(extreme(grid, r * pr, c * pc, pr, pc), grid.max)]!;
  context.putImageData(image, 0, 0);
  for (const [at, role] of roles) {
    context.fillStyle = ringOf(role);
    // on so small a spot a ring has no room: the spot itself has the colour of the ring, half
    context.globalAlpha = role === "now" ? 1 : 0.55;
    context.fillRect(Math.floor((at % grid.columns) / pc), Math.floor(at / grid.columns / pr), 1, 1);
  }
  context.globalAlpha = 1;
}

/** Of several numbers the one that is farthest from zero: a mean would hide it. */
function extreme(grid: Grid, row: number, column: number, rows: number, columns: number): number {
  let found = 0;
  for (let r = row; r < Math.min(grid.rows, row + rows); r++)
    for (let c = column; c < Math.min(grid.columns, column + columns); c++) {
      const v = grid.values[r * grid.columns + c]!;
      if (Number.isNaN(v)) return v;
      if (Math.abs(v) > Math.abs(found)) found = v;
    }
  return found;
}

/** The numbers around one, exactly. */
export function lensTable({ name, rows, columns, values, max }: Grid, at: number): TemplateResult {
  const [r, c] = [Math.floor(at / columns), at % columns];
  const [top, left] = [
    Math.max(0, Math.min(r - LENS, rows - 2 * LENS - 1)),
    Math.max(0, Math.min(c - LENS, columns - 2 * LENS - 1)),
  ];
  const below = r < rows / 2;
  const lines = Array.from({ length: Math.min(rows, 2 * LENS + 1) }, (_, k) => top + k);
  const across = Array.from({ length: Math.min(columns, 2 * LENS + 1) }, (_, k) => left + k);
  return html`<div class="lens" .style="left: 0; ${below ? "top: calc(100% + 4px)" : "bottom: calc(100% + 4px)"}">
    <p role="status">${nameText(name)}[${r + 1},${c + 1}] = ${exact(values[at]!, 6)}</p>
    <table aria-hidden="true">
      ${lines.map(
        (i) =>
          html`<tr>
            ${across.map((j) => {
              const v = values[i * columns + j]!;
              return html`<td class=${i === r && j === c ? "now" : ""} .style=${filled(v, max)}>${figure(v)}</td>`;
            })}
          </tr>`,
      )}
    </table>
  </div>`;
}
