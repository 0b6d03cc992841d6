// <play-own-data>: a dialog in which a pasted table or a dropped file becomes points. Whatever is wrong with it is said beside the text,
// which stays as it is.
import { css, html, LitElement, type TemplateResult } from "lit";
import { controls, tokens } from "../look/sheets.ts";
import { remember, remembered } from "../shell/shell.ts";
import { T, type Text } from "../shell/text.ts";
import {
  type Choice,
  type Delimiter,
  guessChoice,
  type Outcome,
  pointsOf,
  type Reading,
  readTable,
  type Table,
  type TablePoints,
  unreadable,
} from "./csv.ts";
import { nameFrom } from "./kept.ts";

export interface OwnTable {
  readonly name: string;
  readonly points: TablePoints;
}

const SEPARATORS: readonly (readonly [Delimiter, Text])[] = [
  [",", { en: "comma", zh: "逗号" }],
  [";", { en: "semicolon", zh: "分号" }],
  ["\t", { en: "tab", zh: "制表符" }],
  ["|", { en: "bar |", zh: "竖线 |" }],
  [" ", { en: "spaces", zh: "空格" }],
];
/** Megabytes that are read at most. */
const MOST_MB = 50;
/** Characters that are shown to be edited, and kept as a draft, at most. */
const DRAFT = 200_000;
/** Lines of longer ones that are shown. */
const SHOWN = 100;
const PREVIEWED = 5;
const LISTED = 12;
const EXAMPLE = "x1,x2,label\n0.2,0.9,yes\n0.8,0.1,no\n";

/** Events: `use` (detail: OwnTable). */
export class OwnData extends LitElement {
  static override styles = [
    tokens,
    controls,
    css`
      dialog.card {
        width: min(860px, calc(100vw - 24px));
        max-height: calc(100dvh - 32px);
        padding: 0;
        color: var(--ink);
        overflow: auto;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 0.45);
      }
      .in {
        padding: var(--s4);
        display: grid;
        gap: var(--s3);
      }
      label.field {
        display: grid;
      }
      textarea {
        width: 100%;
        min-height: 128px;
        font-family: var(--mono);
        font-size: 0.8125rem !important;
        white-space: pre;
        overflow: auto;
      }
      .drop {
        border: 1.5px dashed var(--field);
        border-radius: 9px;
        padding: var(--s2) var(--s3);
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2) var(--s3);
        align-items: center;
      }
      .drop.over {
        border-color: var(--accent);
        background: var(--accent-wash);
      }
      .scroll {
        overflow-x: auto;
      }
      .bad {
        margin: 0;
        padding-left: 20px;
        font-size: 0.8125rem;
      }
      td.wrong-cell {
        color: var(--bad);
        text-decoration: underline wavy;
      }
      th.used {
        color: var(--accent) !important;
      }
      .end {
        position: sticky;
        bottom: 0;
        background: var(--card);
        border-top: 1px solid var(--line);
        padding: var(--s3) var(--s4);
        display: flex;
        flex-wrap: wrap;
        gap: var(--s2);
        align-items: end;
      }
      .end label {
        flex: 1 1 160px;
      }
      .end .btn {
        flex: 0 1 auto;
      }
      @media (max-width: 480px) {
        .end label {
          flex-basis: 100%;
        }
        .end .btn {
          flex-grow: 1;
        }
        .row .field {
          flex: 1 1 40%;
        }
      }
      fieldset {
        border: 1px solid var(--line);
        border-radius: 9px;
        margin: 0;
        padding: var(--s2) var(--s3);
      }
      legend {
        font-size: 0.78125rem;
        color: var(--soft);
      }
    `,
  ];

  #text = "";
  #name = "";
  #notice: Text | undefined;
  #problem: Text | undefined;
  #reading: Reading = {};
  #table: Table | undefined;
  #choice: Choice | undefined;
  #outcome: Outcome | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  /** Opens the dialog; what was typed before is still there. */
  async show({
    notice,
    name,
    file,
  }: { notice?: Text | undefined; name?: string | undefined; file?: File | undefined } = {}): Promise<void> {
    this.#notice = notice;
    if (name) this.#name = name;
    if (this.#text === "") this.#take(remembered("table") ?? "");
    this.requestUpdate();
    await this.updateComplete;
    const dialog = this.renderRoot.querySelector("dialog")!;
    if (!dialog.open) dialog.showModal();
    if (file) await this.#takeFile(file);
  }

  close(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  /** A text that would take the box seconds to lay out. */
  get #long(): boolean {
    return this.#text.length > DRAFT;
  }

  #take(text: string): void {
    this.#text = text;
    this.#reading = {};
    this.#read();
  }

  #typed(text: string): void {
    this.#text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // a draft: a reload doesn't lose it
      if (text.length <= DRAFT) remember("table", text);
      this.#read();
    }, 200);
  }

  async #takeFile(file: File): Promise<void> {
    if (file.size > MOST_MB * 1e6) {
      this.#problem = {
        en: `${file.name} has ${Math.round(file.size / 1e6)} MB; tables of up to ${MOST_MB} MB are read here. Take a part of its rows.`,
        zh: `${file.name} 有 ${Math.round(file.size / 1e6)} MB；这里最多读取 ${MOST_MB} MB 的表。请取其中一部分行。`,
      };
      this.requestUpdate();
      return;
    }
    const text = await file.text();
    const problem = unreadable(text);
    if (problem) {
      // what was in the box stays there
      this.#problem = { en: `${file.name}: ${problem.en}`, zh: `${file.name}：${problem.zh}` };
      this.requestUpdate();
      return;
    }
    this.#name = nameFrom(file.name);
    this.#take(text);
    if (text.length <= DRAFT) remember("table", text);
  }

  /** Reads the text anew; what the user chose of how to read it stays. */
  #read(): void {
    this.#problem = this.#text === "" ? undefined : unreadable(this.#text);
    this.#table = this.#text === "" || this.#problem ? undefined : readTable(this.#text, this.#reading);
    this.#choice = this.#table && guessChoice(this.#table);
    this.#choose({});
  }

  #choose(patch: Partial<Choice>): void {
    this.#choice = this.#choice && { ...this.#choice, ...patch };
    this.#outcome = this.#table && this.#choice && pointsOf(this.#table, this.#choice);
    this.requestUpdate();
  }

  #reread(patch: Reading): void {
    this.#reading = { ...this.#reading, ...patch };
    this.#read();
  }

  #use(): void {
    if (!this.#outcome || "problem" in this.#outcome) return;
    const detail: OwnTable = { name: nameFrom(this.#name), points: this.#outcome.points };
    this.close();
    this.dispatchEvent(new CustomEvent<OwnTable>("use", { detail }));
  }

  override render(): TemplateResult {
    const outcome = this.#outcome;
    const problem = this.#problem ?? (outcome && "problem" in outcome ? outcome.problem : undefined);
    return html`<dialog
      class="card"
      aria-labelledby="title"
      @dragover=${(event: DragEvent) => this.#drag(event, true)}
      @dragleave=${(event: DragEvent) => this.#drag(event, false)}
      @drop=${(event: DragEvent) => {
        this.#drag(event, false);
        const file = event.dataTransfer?.files[0];
        if (file) void this.#takeFile(file);
      }}
    >
      <div class="in">
        <h2 id="title">${T({ en: "Your own data", zh: "你自己的数据" })}</h2>
        ${this.#notice ? html`<p class="card notice" data-notice>${T(this.#notice)}</p>` : ""}
        <p class="small soft">
          ${T({
            en: "A table of numbers, one point a line. It stays in this browser; nothing is sent.",
            zh: "数字表格，每行一个点。它只留在这个浏览器里，不会发送出去。",
          })}
        </p>
        <div class="drop ${this.#over ? "over" : ""}">
          <label class="btn"
            >${T({ en: "Choose a file", zh: "选择文件" })}<input
              class="vh"
              type="file"
              accept=".csv,.tsv,.txt,text/*"
              @change=${(event: Event) => {
                const input = event.target as HTMLInputElement;
                const [file] = input.files ?? [];
                input.value = "";
                if (file) void this.#takeFile(file);
              }}
          /></label>
          <span class="small soft"
            >${T({ en: "or drop it here, or paste below", zh: "或拖到这里，或在下面粘贴" })}</span
          >
        </div>
        <label class="field"
          >${T({ en: "Table", zh: "表格" })}
          <textarea
            ?readonly=${this.#long}
            spellcheck="false"
            autocomplete="off"
            placeholder=${EXAMPLE}
            .value=${this.#long ? beginningOf(this.#text) : this.#text}
            @input=${(event: Event) => this.#typed((event.target as HTMLTextAreaElement).value)}
          ></textarea>
        </label>
        ${
          this.#long
            ? html`<p class="small soft">
                ${T({
                  en: `The file is read whole; its first ${SHOWN} lines are shown.`,
                  zh: `文件已全部读取；这里只显示前 ${SHOWN} 行。`,
                })}
                <button class="btn" @click=${() => this.#take("")}>${T({ en: "Empty the box", zh: "清空" })}</button>
              </p>`
            : ""
        }
        ${this.#table && this.#choice ? this.#settings(this.#table, this.#choice) : ""}
        <div role="status" aria-live="polite">
          ${problem ? html`<p class="card notice" data-problem>${T(problem)}</p>` : ""}
        </div>
        ${outcome && outcome.bad.length > 0 ? this.#bad(outcome) : ""}
        ${outcome && !("problem" in outcome) ? this.#said(outcome.points) : ""}
      </div>
      <div class="end">
        <label class="field"
          >${T({ en: "Name", zh: "名称" })}<input
            maxlength="40"
            placeholder="table"
            .value=${this.#name}
            @input=${(event: Event) => (this.#name = (event.target as HTMLInputElement).value)}
        /></label>
        <button class="btn" @click=${() => this.close()}>${T({ en: "Cancel", zh: "取消" })}</button>
        <button class="btn pri" data-do="use" ?disabled=${!outcome || "problem" in outcome} @click=${() => this.#use()}>
          ${T({ en: "Use these points", zh: "使用这些点" })}
        </button>
      </div>
    </dialog>`;
  }

  #drag(event: DragEvent, over: boolean): void {
    event.preventDefault();
    event.stopPropagation();
    if (over === this.#over) return;
    this.#over = over;
    this.requestUpdate();
  }

  #select(
    label: Text,
    options: readonly (readonly [value: string, text: string])[],
    chosen: string,
    change: (value: string) => void,
    name: string,
  ): TemplateResult {
    return html`<label class="field"
      >${T(label)}<select
        data-choose=${name}
        @change=${(event: Event) => change((event.target as HTMLSelectElement).value)}
      >
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)}
      </select></label
    >`;
  }

  #settings(table: Table, choice: Choice): TemplateResult {
    const columns = table.columns.map(({ name }, k) => [String(k), name] as const);
    const setX = (place: number, text: string): void => {
      const x = choice.x.slice(0, 2);
      x[place] = Number(text);
      this.#choose({ x });
    };
    const [x1, x2] = choice.x;
    const none = ["", "–"] as const;
    const bad = new Set(this.#outcome?.bad.map(({ line, column }) => `${line} ${column}`));
    return html`<div class="row">
        ${this.#select(
          { en: "Separator", zh: "分隔符" },
          SEPARATORS.map(([d, text]) => [d, T(text)]),
          table.delimiter,
          (d) => this.#reread({ delimiter: d as Delimiter }),
          "delimiter",
        )}
        ${this.#select(
          { en: "Decimal sign", zh: "小数点" },
          [
            [".", "1.5"],
            [",", "1,5"],
          ],
          table.decimal,
          (d) => this.#reread({ decimal: d as "." | "," }),
          "decimal",
        )}
        <label class="check"
          ><input
            type="checkbox"
            data-choose="header"
            .checked=${table.header}
            @change=${(event: Event) => this.#reread({ header: (event.target as HTMLInputElement).checked })}
          />${T({ en: "first line has names", zh: "首行是列名" })}</label
        >
      </div>
      <div class="row">
        ${this.#select({ en: "x1", zh: "x1" }, x1 === undefined ? [none, ...columns] : columns, String(x1 ?? ""), (k) => setX(0, k), "x1")}
        ${this.#select({ en: "x2", zh: "x2" }, x2 === undefined ? [none, ...columns] : columns, String(x2 ?? ""), (k) => setX(1, k), "x2")}
        ${this.#select({ en: "Label", zh: "标签" }, columns, String(choice.label), (k) => this.#choose({ label: Number(k) }), "label")}
        ${this.#select(
          { en: "Labels are", zh: "标签是" },
          [
            ["classes", T({ en: "names of classes", zh: "类别名" })],
            ["values", T({ en: "values to be met", zh: "要逼近的数值" })],
          ],
          choice.task,
          (task) => this.#choose({ task: task as Choice["task"] }),
          "task",
        )}
        <label class="check"
          ><input
            type="checkbox"
            data-choose="normalise"
            .checked=${choice.normalise}
            @change=${(event: Event) => this.#choose({ normalise: (event.target as HTMLInputElement).checked })}
          />${T({ en: "normalise", zh: "归一化" })}</label
        >
      </div>
      ${this.#components(table, choice)}
      <div class="scroll" tabindex="0" role="region" aria-label=${T({ en: "The first rows", zh: "前几行" })}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">${T({ en: "line", zh: "行" })}</th>
              ${table.columns.map(({ name }, k) => {
                const place = choice.x.indexOf(k);
                const role =
                  k === choice.label
                    ? T({ en: "label", zh: "标签" })
                    : place < 0
                      ? ""
                      : choice.x.length > 2
                        ? "x"
                        : `x${place + 1}`;
                return html`<th scope="col" class=${role ? "used" : ""}>${name}${role ? html` (${role})` : ""}</th>`;
              })}
            </tr>
          </thead>
          <tbody>
            ${table.rows.slice(0, PREVIEWED).map(
              (row, i) =>
                html`<tr>
                  <th scope="row">${table.lines[i]}</th>
                  ${table.columns.map(({ name }, k) => html`<td class=${bad.has(`${table.lines[i]} ${name}`) ? "wrong-cell" : ""}>${row[k]}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="small soft" data-rows>
        ${T({ en: `${table.rows.length} rows, ${table.columns.length} columns`, zh: `${table.rows.length} 行，${table.columns.length} 列` })}
      </p>`;
  }

  /** More than two columns of numbers: which to look along. */
  #components(table: Table, choice: Choice): TemplateResult | string {
    const numeric = table.columns.flatMap(({ numbers }, k) =>
      k !== choice.label && 2 * numbers > table.rows.length ? [k] : [],
    );
    if (numeric.length < 3) return "";
    const many = choice.x.length > 2;
    return html`<label class="check"
        ><input
          type="checkbox"
          data-choose="components"
          .checked=${many}
          @change=${() => this.#choose({ x: many ? numeric.slice(0, 2) : numeric })}
        />${T({ en: "take the first two principal components of several columns", zh: "取多列的前两个主成分" })}</label
      >${
        many
          ? html`<fieldset>
              <legend>${T({ en: "of these columns", zh: "取自这些列" })}</legend>
              ${numeric.map(
                (k) =>
                  html`<label class="check"
                    ><input
                      type="checkbox"
                      .checked=${choice.x.includes(k)}
                      @change=${() => this.#choose({ x: choice.x.includes(k) ? choice.x.filter((other) => other !== k) : [...choice.x, k].toSorted((a, b) => a - b) })}
                    />${table.columns[k]!.name}</label
                  > `,
              )}
            </fieldset>`
          : ""
      }`;
  }

  #bad({ bad }: Outcome): TemplateResult {
    return html`<ul class="bad" data-bad>
        ${bad.slice(0, LISTED).map(({ line, column, cell, why }) => {
          const shown = cell.length > 30 ? `${cell.slice(0, 30)}…` : cell;
          return html`<li>
            ${T({
              en: `line ${line}, column ${column}: ${cell ? `“${shown}” ` : "the cell "}${why.en}`,
              zh: `第 ${line} 行，${column} 列：${cell ? `“${shown}”` : "单元格"}${why.zh}`,
            })}
          </li>`;
        })}
        ${bad.length > LISTED ? html`<li>${T({ en: `and ${bad.length - LISTED} more`, zh: `还有 ${bad.length - LISTED} 处` })}</li>` : ""}
      </ul>
      <label class="check"
        ><input
          type="checkbox"
          data-choose="leaveOut"
          .checked=${this.#choice?.leaveOut ?? false}
          @change=${(event: Event) => this.#choose({ leaveOut: (event.target as HTMLInputElement).checked })}
        />${T({ en: "leave these rows out", zh: "略去这些行" })}</label
      >`;
  }

  #said({ y, names, said }: TablePoints): TemplateResult {
    return html`<ul class="bad" data-said>
      <li>
        ${
          names.length > 0
            ? T({
                en: `${y.length} points of ${names.length} classes: ${names.join(", ")}`,
                zh: `${y.length} 个点，${names.length} 类：${names.join("、")}`,
              })
            : T({ en: `${y.length} points with values`, zh: `${y.length} 个带数值的点` })
        }
      </li>
      ${said.map((text) => html`<li>${T(text)}</li>`)}
    </ul>`;
  }
}
/** The first lines of a text. */
function beginningOf(text: string): string {
  let at = 0;
  for (let line = 0; line < SHOWN && at >= 0; line++) at = text.indexOf("\n", at + 1);
  return at < 0 ? text.slice(0, DRAFT) : text.slice(0, at + 1);
}

customElements.define("play-own-data", OwnData);

declare global {
  interface HTMLElementTagNameMap {
    "play-own-data": OwnData;
  }
}
