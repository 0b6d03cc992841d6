// A tensor as a matrix: numbers in cells, or heat cells with a lens where there are too many.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { filled, onTheme, themeOf } from "../look/colour.ts";
import { nameHtml, nameText } from "../steps/names.ts";
import { cell as figure, readNumber, value as exact } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { define, Glass } from "./glass.ts";
import { type Grid, lensTable, paint, type Role, spotsOf } from "./matrix/heat.ts";
import { styles } from "./matrix/styles.ts";
import { TEXTS } from "./matrix/texts.ts";

export type { Role } from "./matrix/heat.ts";

/** Rows and columns up to which a matrix has numbers in its cells. */
const MOST_CELLS = 8;
const RINGS = { now: "--accent", a: "--op-a", b: "--op-b", c: "--op-c" } as const;

/**
 * A matrix. Up to 8 rows and columns it is a table of numbers; with `grid` one cell is chosen, by the pointer or with the keys, and
 * `cell` is sent; with `editable` cells can be typed into, and `edit` is sent. Others send `origin` when a cell is pressed.
 */
export class MatrixElement extends Glass {
  static override properties = {
    name: {},
    transposed: { type: Boolean },
    rows: { type: Number },
    columns: { type: Number },
    values: { attribute: false },
    max: { type: Number },
    roles: { attribute: false },
    grid: { type: Boolean },
    at: { type: Number },
    editable: { type: Boolean },
    edited: { attribute: false },
    veiled: { type: Boolean },
    unveiled: { attribute: false },
    unchosen: { type: Boolean },
    quiet: { type: Boolean },
    editing: { state: true },
    wrong: { state: true },
    lens: { state: true },
  };
  static override styles = [tokens, controls, styles];

  declare name: string;
  declare transposed: boolean;
  declare rows: number;
  declare columns: number;
  /** The numbers, row by row. */
  declare values: ArrayLike<number>;
  /** What has the full colour; by default the largest size. */
  declare max: number | undefined;
  declare roles: ReadonlyMap<number, Role>;
  declare grid: boolean;
  /** The chosen cell: its place in `values`. */
  declare at: number;
  declare editable: boolean;
  /** Cells that were changed. */
  declare edited: ReadonlySet<number>;
  /** Numbers are blurred until they are pressed. */
  declare veiled: boolean;
  declare unveiled: ReadonlySet<number>;
  /** The number that is looked at is in another matrix: no ring here. */
  declare unchosen: boolean;
  /** Without a caption. */
  declare quiet: boolean;
  declare editing: number | undefined;
  declare wrong: boolean;
  declare lens: number | undefined;
  #draft = "";
  #unwatch: (() => void) | undefined;

  constructor() {
    super();
    this.name = "";
    this.transposed = false;
    this.rows = 0;
    this.columns = 0;
    this.values = [];
    this.roles = new Map();
    this.grid = false;
    this.at = -1;
    this.editable = false;
    this.edited = new Set();
    this.veiled = false;
    this.unveiled = new Set();
    this.unchosen = false;
    this.quiet = false;
    this.wrong = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unwatch = onTheme(() => this.#isTable || this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
  }

  get #isTable(): boolean {
    return this.rows <= MOST_CELLS && this.columns <= MOST_CELLS;
  }

  get #largest(): number {
    if (this.max !== undefined) return this.max;
    let largest = 1e-12;
    for (let i = 0; i < this.values.length; i++) largest = Math.max(largest, Math.abs(this.values[i]!) || 0);
    return largest;
  }

  /** Puts the focus on the chosen cell. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }

  protected override render(): TemplateResult {
    const { rows, columns } = this;
    const label = `${nameText(this.name)}${this.transposed ? "ᵀ" : ""}, ${rows} ${this.t(TEXTS.by)} ${columns}`;
    return html`${
      this.quiet
        ? nothing
        : html`<div class="cap" part="caption">
            <span
              >${nameHtml(this.name)}${this.transposed ? html`<sup title=${this.t(TEXTS.turned)}>T</sup>` : nothing}</span
            ><small>${rows}×${columns}</small>
          </div>`
    }
    ${this.#isTable ? this.#table(label) : this.#heat(label)}
    ${this.wrong ? html`<div class="message" role="alert">${this.t(TEXTS.wrong)}</div>` : nothing}`;
  }

  #table(label: string): TemplateResult {
    const { rows, columns, values, grid, at } = this;
    const max = this.#largest;
    const one = rows * columns === 1;
    const cell = (i: number): TemplateResult => {
      const v = values[i]!;
      const role = this.roles.get(i);
      const chosen = grid && i === at;
      const veiled = this.veiled && !this.unveiled.has(i);
      const classes = [
        chosen && this.#marksChoice ? "now" : "",
        role ?? "",
        this.edited.has(i) ? "edited" : "",
        veiled ? "veiled" : "",
      ].join(" ");
      const text = figure(v);
      if (!grid)
        return html`<td data-i=${i} class=${classes} .style=${filled(v, max)} title=${veiled ? "" : exact(v, 8)}>
          ${text}
        </td>`;
      const where = one
        ? ""
        : `${this.t(TEXTS.row)} ${Math.floor(i / columns) + 1}, ${this.t(TEXTS.column)} ${(i % columns) + 1}: `;
      const says = `${where}${veiled ? this.t(TEXTS.hidden) : text}${this.edited.has(i) ? `, ${this.t(TEXTS.edited)}` : ""}`;
      const editing = this.editing === i;
      return html`<td
        data-i=${i}
        role="gridcell"
        tabindex=${chosen ? 0 : -1}
        aria-selected=${chosen}
        aria-label=${editing ? nothing : says}
        class=${classes}
        .style=${filled(v, max)}
        title=${veiled ? "" : exact(v, 8)}
      >
        ${
          editing
            ? html`<input
                inputmode="text"
                autocomplete="off"
                spellcheck="false"
                aria-label="${where}${this.t(TEXTS.newValue)}"
                aria-invalid=${this.wrong}
                .value=${this.#draft}
                @input=${() => (this.wrong = false)}
                @keydown=${this.#typing}
                @blur=${this.#left}
              />`
            : text
        }
      </td>`;
    };
    return html`<table
      part="table"
      role=${grid ? "grid" : nothing}
      aria-label=${label}
      data-mark=${this.editable ? "editable" : grid ? "result" : "matrix"}
      @pointerover=${this.#over}
      @click=${this.#pressed}
      @dblclick=${this.#begin}
      @keydown=${this.#keys}
    >
      <tbody role=${grid ? "rowgroup" : nothing}>
        ${Array.from(
          { length: rows },
          (_row, r) =>
            html`<tr role=${grid ? "row" : nothing}>
              ${Array.from({ length: columns }, (_, c) => cell(r * columns + c))}
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  /** Only a result marks what is chosen: of given numbers, the ring would say nothing. */
  get #marksChoice(): boolean {
    return !this.editable && !this.unchosen;
  }

  #cellOf(event: Event): number | undefined {
    const [from] = event.composedPath();
    const cell = from instanceof Element ? from.closest<HTMLElement>("td[data-i]") : null;
    return cell ? Number(cell.dataset["i"]) : undefined;
  }

  #choose(i: number): void {
    if (i === this.at && !this.unchosen) return;
    this.at = i;
    this.tell("cell", { at: i, row: Math.floor(i / this.columns), column: i % this.columns });
  }

  readonly #over = (event: PointerEvent): void => {
    const i = this.#cellOf(event);
    if (i === undefined || event.pointerType !== "mouse" || this.editable) return;
    if (this.grid) this.#choose(i);
    else this.tell("over", { at: i });
  };

  readonly #pressed = (event: Event): void => {
    const i = this.#cellOf(event);
    if (i === undefined || this.editing !== undefined) return;
    if (this.grid) {
      this.#choose(i);
      if (this.veiled) this.tell("unveil", { at: i });
      void this.#focusCell();
    } else this.tell("origin", { at: i });
  };

  async #focusCell(): Promise<void> {
    await this.updateComplete;
    this.focus();
  }

  readonly #keys = (event: KeyboardEvent): void => {
    if (!this.grid || this.editing !== undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { rows, columns, at } = this;
    const [r, c] = [Math.floor(at / columns), at % columns];
    const by = {
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      Home: [0, -c],
      End: [0, columns - 1 - c],
    }[event.key];
    if (by && !event.shiftKey) {
      event.preventDefault();
      const clamp = (v: number, most: number): number => Math.max(0, Math.min(most - 1, v));
      this.#choose(clamp(r + by[0]!, rows) * columns + clamp(c + by[1]!, columns));
      void this.#focusCell();
    } else if (event.key === "Enter" && this.veiled) {
      event.preventDefault();
      this.tell("unveil", { at });
    } else if (this.editable && (event.key === "Enter" || event.key === "F2")) {
      event.preventDefault();
      this.#begin();
    } else if (this.editable && /^[-−+.\d]$/.test(event.key)) {
      event.preventDefault();
      this.#begin(undefined, event.key);
    }
  };

  readonly #begin = (event?: Event, text?: string): void => {
    if (!this.editable || this.editing !== undefined) return;
    if (event) {
      const i = this.#cellOf(event);
      if (i === undefined) return;
      this.#choose(i);
    }
    this.#draft = text ?? exact(this.values[this.at]!, 9);
    this.wrong = false;
    this.editing = this.at;
    void this.updateComplete.then(() => {
      const input = this.renderRoot.querySelector("input");
      if (!input) return;
      input.focus();
      if (text === undefined) input.select();
      else input.setSelectionRange(text.length, text.length);
    });
  };

  readonly #typing = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const input = event.target as HTMLInputElement;
    if (event.key === "Escape") this.#end();
    else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      if (!this.#commit(input.value)) return;
      // as in a sheet: Tab goes on to the next cell, Enter stays
      if (event.key === "Tab") {
        const next = this.at + (event.shiftKey ? -1 : 1);
        if (next >= 0 && next < this.rows * this.columns) this.#choose(next);
      }
      void this.#focusCell();
    }
  };

  readonly #left = (event: FocusEvent): void => {
    if (this.editing === undefined) return;
    this.#commit((event.target as HTMLInputElement).value);
  };

  #commit(text: string): boolean {
    const v = Math.fround(readNumber(text));
    if (!Number.isFinite(v)) {
      this.#draft = text;
      this.wrong = true;
      return false;
    }
    const at = this.editing!;
    this.editing = undefined;
    this.wrong = false;
    if (v !== this.values[at]) this.tell("edit", { at, value: v });
    return true;
  }

  #end(): void {
    this.editing = undefined;
    this.wrong = false;
    void this.#focusCell();
  }

  // --- heat cells

  get #numbers(): Grid {
    const { name, rows, columns, values } = this;
    return { name, rows, columns, values, max: this.#largest };
  }

  #heat(label: string): TemplateResult {
    const [h, w] = spotsOf(this);
    const size = Math.max(4, Math.min(14, Math.floor(300 / Math.max(h, w))));
    return html`<div
      class="heat"
      tabindex="0"
      role="application"
      aria-label=${label}
      data-mark="heat"
      @pointermove=${(event: PointerEvent) => this.#look(event)}
      @click=${(event: PointerEvent) => {
        this.#look(event);
        if (this.lens === undefined) return;
        if (this.grid) this.#choose(this.lens);
        else this.tell("origin", { at: this.lens });
      }}
      @pointerleave=${() => (this.lens = undefined)}
      @focus=${() => (this.lens ??= Math.max(0, this.at))}
      @blur=${() => (this.lens = undefined)}
      @keydown=${this.#moveLens}
    >
      ${Object.entries(RINGS).map(([role, name]) => html`<i data-ring=${role} .style="color: var(${name})" hidden></i>`)}
      <canvas width=${w} height=${h} .style="width: ${w * size}px; height: ${h * size}px"></canvas>
      ${this.lens === undefined ? nothing : lensTable(this.#numbers, this.lens)}
    </div>`;
  }

  #look(event: PointerEvent): void {
    const box = this.renderRoot.querySelector("canvas")!.getBoundingClientRect();
    const at = (share: number, many: number): number => Math.max(0, Math.min(many - 1, Math.floor(share * many)));
    const r = at((event.clientY - box.top) / box.height, this.rows);
    const c = at((event.clientX - box.left) / box.width, this.columns);
    this.lens = r * this.columns + c;
  }

  readonly #moveLens = (event: KeyboardEvent): void => {
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const at = this.lens ?? Math.max(0, this.at);
    if (by) {
      event.preventDefault();
      const r = Math.max(0, Math.min(this.rows - 1, Math.floor(at / this.columns) + by[0]!));
      const c = Math.max(0, Math.min(this.columns - 1, (at % this.columns) + by[1]!));
      this.lens = r * this.columns + c;
      if (this.grid) this.#choose(this.lens);
    } else if (event.key === "Enter" && !this.grid) this.tell("origin", { at });
  };

  protected override updated(changed: PropertyValues<this>): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (!canvas || (changed.size === 1 && changed.has("lens"))) return;
    const ringOf = (role: Role): string =>
      getComputedStyle(this.renderRoot.querySelector(`[data-ring=${role}]`)!).color;
    paint(canvas, this.#numbers, themeOf(this), this.#allRoles(), ringOf);
  }

  *#allRoles(): Iterable<readonly [number, Role]> {
    yield* this.roles;
    if (this.grid && this.#marksChoice && this.at >= 0) yield [this.at, "now"];
  }
}

define("wasmgrad-matrix", MatrixElement);
