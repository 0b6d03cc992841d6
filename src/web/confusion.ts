// <wasmgrad-confusion>: how often each class was taken for which.
import { confusionMatrix } from "../nn/metrics/report.ts";
import { checkKeys, checkKind, checkNumbers, isNumbers, valueText } from "../util/check.ts";
import type { PageElement } from "../util/platform.ts";
import { colours, html, oncePerFrame, shadowOf } from "./dom.ts";

/** What a table of confusions is made of: labels, or a matrix of counts. */
export type ConfusionData =
  | {
      /** True labels, integers from 0; -1 counts nothing. */
      readonly targets: ArrayLike<number>;
      /** Predicted labels, as many. */
      readonly predictions: ArrayLike<number>;
      /** A name for each class; default 0, 1, 2 and so on. */
      readonly names?: readonly string[];
    }
  | {
      /** Counts: a row for each target class, a column for each predicted one, as `confusionMatrix` gives them. */
      readonly matrix: readonly (readonly number[])[];
      /** A name for each class; default 0, 1, 2 and so on. */
      readonly names?: readonly string[];
    };

/** What `<wasmgrad-confusion>` can do, besides being an element. */
export interface Confusion {
  /**
   * Shows counts in place of what was there.
   *
   * @throws {TypeError} if the data is something else
   * @throws {RangeError} if a label or count can't be one, or numbers of things that belong together differ
   */
  show(data: ConfusionData): void;
  /** Empties it. */
  clear(): void;
}

/**
 * `<wasmgrad-confusion>`: a table of how often each class was taken for which, coloured by the share of its row, with precision and recall at
 * the margins. `defineElements()` defines it. `theme="light"` or `theme="dark"` overrules the system's choice.
 */
export type ConfusionElement = PageElement & Confusion;

/** More are no table that anybody reads, and cells that a page is slow with. */
const MOST_CLASSES = 200;

/**
 * Opacities of the colours, for shares of a row in tenths, rounded up. The last two have text of the other brightness; none is between,
 * where neither could be read.
 */
const OPACITIES = [0, 0.1, 0.16, 0.22, 0.28, 0.34, 0.4, 0.46, 0.52, 0.87, 1];

// made when it is asked for: bundlers keep a text that is put together at once
const style = (): string => `${colours()}
  .scroll { overflow: auto; max-height: var(--wasmgrad-height, none); border-radius: 4px; }
  .scroll:focus-visible { outline: 2px solid var(--_c0); outline-offset: 2px; }
  table { border-collapse: separate; border-spacing: 2px; margin: 0; }
  caption { text-align: start; padding: 0 2px 8px; color: var(--_muted); }
  caption b { color: var(--_ink); font-weight: 600; }
  th { font-weight: 400; padding: 3px 7px; color: var(--_ink); text-align: center; vertical-align: bottom; max-width: 12em;
    white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
  :host { inline-size: fit-content; max-inline-size: 100%; }
  th[scope="row"] { text-align: end; position: sticky; inset-inline-start: 0; background: var(--_surface); vertical-align: middle;
    min-width: 2em; }
  thead th[scope="row"] { vertical-align: bottom; }
  th.axis { color: var(--_muted); font-size: 12px; }
  th[scope="colgroup"] { text-align: start; }
  td { min-width: 2.4em; height: 2.2em; padding: 2px 7px; text-align: center; border-radius: 4px; box-sizing: border-box; }
  td.margin, td.zero { color: var(--_muted); }
  td.margin { border-radius: 0; }
  td.first { border-inline-start: 1px solid var(--_line); }
  tfoot td, tfoot th { border-top: 1px solid var(--_line); }
  .many td { min-width: 2em; height: 2em; padding: 1px 4px; font-size: 12px; }
  .many th { font-size: 12px; padding: 2px 5px; max-width: 9em; }
  .turned { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; max-height: 11em; overflow: hidden;
    text-overflow: ellipsis; display: inline-block; }
  ${OPACITIES.map(
    (opacity, i) =>
      `.r${i} { background: rgb(var(--_right) / ${opacity}); } .w${i} { background: rgb(var(--_wrong) / ${opacity}); }`,
  ).join(" ")}
  .r9, .r10, .w9, .w10 { color: #ffffff; }
  @media (prefers-color-scheme: dark) { :host(:not([theme="light"])) :is(.r9, .r10, .w9, .w10) { color: #0b0d10; } }
  :host([theme="dark"]) :is(.r9, .r10, .w9, .w10) { color: #0b0d10; }`;

/** A share as a percentage: 97.8, 100, 0; – if there is nothing to have a share of. */
function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  return part === 0 || part === whole ? String((100 * part) / whole) : ((100 * part) / whole).toFixed(1);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** The counts and names of what was handed over. */
function tableOf(data: ConfusionData): { matrix: readonly (readonly number[])[]; names: readonly string[] } {
  const where = "wasmgrad-confusion.show";
  checkKeys(where, data, ["targets", "predictions", "matrix", "names"]);
  const { names } = data;
  if (names !== undefined) {
    checkKind(Array.isArray(names), where, "names", "a list of strings", names);
    const bad = names.findIndex((name) => typeof name !== "string");
    if (bad >= 0) checkKind(false, where, `names[${bad}]`, "a string", names[bad]);
  }
  const matrix = "matrix" in data ? checkedMatrix(where, data.matrix) : countsOf(where, data, names);
  if (names && names.length !== matrix.length) {
    throw new RangeError(`${where}: there are ${names.length} names but ${matrix.length} classes`);
  }
  if (matrix.length > MOST_CLASSES) {
    throw new RangeError(
      `${where}: a table of ${matrix.length} classes can't be read; at most ${MOST_CLASSES} are shown, as groups of classes would be`,
    );
  }
  return { matrix, names: names ?? matrix.map((_, i) => String(i)) };
}

function countsOf(
  where: string,
  { targets, predictions }: { readonly targets: ArrayLike<number>; readonly predictions: ArrayLike<number> },
  names: readonly string[] | undefined,
): number[][] {
  checkKind(targets !== undefined, where, "the data", "{ targets, predictions } or { matrix }", {
    targets,
    predictions,
  });
  checkNumbers(where, "targets", targets);
  checkNumbers(where, "predictions", predictions);
  let classes = names?.length ?? 0;
  if (!names) {
    for (const labels of [targets, predictions]) {
      for (let i = 0; i < labels.length; i++) classes = Math.max(classes, labels[i]! + 1);
    }
  }
  if (targets.length === 0) throw new RangeError(`${where}: targets is empty; at least one label is needed`);
  // what isn't a label is refused there, by its place
  const counted = Number.isInteger(classes) && classes >= 1 && classes <= MOST_CLASSES + 1 ? classes : MOST_CLASSES + 1;
  return confusionMatrix(targets, predictions, counted);
}

function checkedMatrix(where: string, matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  checkKind(isNumbers(matrix), where, "matrix", "rows of counts", matrix);
  if (matrix.length === 0) throw new RangeError(`${where}: matrix is empty; at least one class is needed`);
  return Array.from(matrix, (row, i) => {
    checkNumbers(where, `matrix[${i}]`, row);
    if (row.length !== matrix.length) {
      throw new RangeError(
        `${where}: matrix must have as many columns as rows, but row ${i} has ${row.length} of ${matrix.length}`,
      );
    }
    const bad = Array.from(row).findIndex((count) => !(Number.isFinite(count) && count >= 0));
    if (bad >= 0) {
      throw new RangeError(`${where}: counts must be 0 or more, but matrix[${i}][${bad}] is ${valueText(row[bad])}`);
    }
    return Array.from(row);
  });
}

/** The table, with a header for every row and column. */
function draw(matrix: readonly (readonly number[])[], names: readonly string[]): HTMLTableElement {
  const n = matrix.length;
  const rows = matrix.map(sum);
  const columns = matrix.map((_, c) => sum(matrix.map((row) => row[c]!)));
  const right = sum(matrix.map((row, i) => row[i]!));
  const all = sum(rows);
  const turned = n > 6 && names.some((name) => name.length > 3);

  const head = (name: string): HTMLElement =>
    html("th", { scope: "col", title: name }, turned ? html("span", { class: "turned" }, name) : name);
  const margin = (text: string, title: string, first = false): HTMLElement =>
    html("td", { class: first ? "margin first" : "margin", title }, text);
  const cell = (count: number, i: number, j: number): HTMLElement => {
    const share = rows[i] === 0 ? 0 : count / rows[i]!;
    const level = Math.ceil(10 * share - 1e-9);
    const words = i === j ? `${names[i]} recognised` : `${names[i]} taken for ${names[j]}`;
    const title = `${words}: ${count} of ${rows[i]} (${percent(count, rows[i]!)} %)`;
    return html("td", { class: `${i === j ? "r" : "w"}${level}${count === 0 ? " zero" : ""}`, title }, String(count));
  };

  return html(
    "table",
    n > 10 ? { class: "many" } : {},
    html("caption", {}, "Accuracy ", html("b", {}, `${percent(right, all)} %`), ` (${right} of ${all} right)`),
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        html("td"),
        html("th", { scope: "colgroup", colspan: String(n), class: "axis" }, "predicted"),
        html("td"),
        html("td"),
      ),
      html(
        "tr",
        {},
        html("th", { scope: "row", class: "axis" }, "true"),
        ...names.map(head),
        html("th", { scope: "col", class: "axis" }, "recall %"),
        html("th", { scope: "col", class: "axis" }, "rows"),
      ),
    ),
    html(
      "tbody",
      {},
      ...matrix.map((row, i) =>
        html(
          "tr",
          {},
          html("th", { scope: "row", title: names[i]! }, names[i]!),
          ...row.map((count, j) => cell(count, i, j)),
          margin(percent(row[i]!, rows[i]!), `of what is ${names[i]}, the share that was called so`, true),
          margin(String(rows[i]!), `rows that are ${names[i]}`),
        ),
      ),
    ),
    html(
      "tfoot",
      {},
      html(
        "tr",
        {},
        html("th", { scope: "row", class: "axis" }, "precision %"),
        ...matrix.map((row, i) =>
          margin(percent(row[i]!, columns[i]!), `of what was called ${names[i]}, the share that is`),
        ),
        html("td", { class: "margin first" }),
        margin(String(all), "rows"),
      ),
    ),
  );
}

/** The class, made where there are elements: in Node there is nothing to extend. @internal */
export function confusionClass(): CustomElementConstructor {
  return class extends HTMLElement implements Confusion {
    #table: ReturnType<typeof tableOf> | undefined;
    readonly #body = html("div");
    readonly #redraw = oncePerFrame(() => this.#draw());

    constructor() {
      super();
      shadowOf(this, style()).append(this.#body);
    }

    connectedCallback(): void {
      this.#redraw();
    }

    show(data: ConfusionData): void {
      this.#table = tableOf(data);
      this.#redraw();
    }

    clear(): void {
      this.#table = undefined;
      this.#redraw();
    }

    #draw(): void {
      if (!this.#table) {
        this.#body.replaceChildren(html("p", { class: "empty" }, "No predictions yet"));
        return;
      }
      const { matrix, names } = this.#table;
      // it can be scrolled with the keyboard
      const region = { class: "scroll", role: "region", tabindex: "0", "aria-label": "Confusion matrix" };
      this.#body.replaceChildren(html("div", region, draw(matrix, names)));
    }
  };
}
