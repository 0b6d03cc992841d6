// What a step computes: in general, for one number, and with its values; and whether this page gets the same.
import type { Expression, Step } from "wasmgrad";
import { css, html, nothing, type TemplateResult } from "lit";
import { icons } from "../look/icons.ts";
import { formulaMath } from "../steps/mathml.ts";
import { nameHtml, nameText } from "../steps/names.ts";
import { value as figure } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { numberWords, type Piece, spoken, written } from "../steps/written.ts";
import { explainMarks } from "../shell/marks.ts";
import { type Text } from "../shell/text.ts";
import { indexOf } from "../steps/shown.ts";
import { asColumns, hasProduct, isSame, lettered, type LongSum, recompute, shortened } from "../steps/trees.ts";
import { define, Glass } from "./glass.ts";
import type { Role } from "./matrix.ts";

explainMarks({
  general: {
    en: "The formula of the whole matrix: T turns rows into columns, ∘ multiplies number by number.",
    zh: "整个矩阵的公式：T 表示转置（行变成列），∘ 表示逐个数相乘。",
  },
  number: {
    en: "The same for the ringed number alone: [row, column], counted from 1.",
    zh: "对框住的那个数写出的公式：[行, 列]，从 1 数起。",
  },
  substituted: {
    en: "The same with the values in it. Underlines have the style of the operands' rings; point at a number to see where it stands.",
    zh: "代入数值后的公式。下划线与操作数的框同样式；指向一个数，就能看到它在哪里。",
  },
  recomputed: {
    en: "The page adds up these very numbers by itself and compares with what the library computed; a difference beyond rounding would be shown in red.",
    zh: "网页自己用这些数重新算一遍，与库算出的结果比较；超出舍入误差的差别会以红色显示。",
  },
});

const TEXTS = {
  general: { en: "In general", zh: "一般式" },
  number: { en: "This number", zh: "这个数" },
  values: { en: "With its values", zh: "代入数值" },
  same: { en: "recomputed here, the same", zh: "在此重算，结果相同" },
  differs: { en: "recomputed here: differs by", zh: "在此重算：相差" },
  between: { en: "terms", zh: "项" },
  all: { en: "all terms", zh: "全部各项" },
  largest: { en: "largest", zh: "最大的几项" },
  equals: { en: "equals", zh: "等于" },
  hidden: { en: "Compute it first, then press the blurred number.", zh: "先自己算，再按模糊的数。" },
  line: { en: "row", zh: "行" },
  column: { en: "column", zh: "列" },
  if: { en: "if", zh: "若" },
  else: { en: "otherwise", zh: "否则" },
} as const satisfies Record<string, Text>;

/** As many rows of a long sum as are in the page at once. */
const PAGE = 100;

/** The formula of a step, and of one of its numbers. Sends `over` when a number in it is pointed at, `origin` when it is pressed. */
export class FormulaElement extends Glass {
  static override properties = {
    step: { attribute: false },
    at: { type: Number },
    columnwise: { type: Boolean },
    roles: { attribute: false },
    veiled: { type: Boolean },
    page: { state: true },
  };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: grid;
        gap: 9px;
      }
      .line {
        display: grid;
        grid-template-columns: 7.4rem minmax(0, 1fr);
        gap: 4px 12px;
        align-items: center;
      }
      .label {
        font-size: 0.78125rem;
        color: var(--soft);
      }
      .math {
        overflow-x: auto;
        overflow-y: hidden;
        padding: 2px 0;
      }
      .values {
        font: 500 0.96875rem/1.75 var(--mono);
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }
      .values button {
        all: unset;
        cursor: pointer;
        white-space: nowrap;
      }
      .values button:focus-visible {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .values button:hover {
        background: var(--accent-wash);
      }
      .values button.a {
        color: var(--op-a);
        border-bottom: 2px solid;
      }
      .values button.b {
        color: var(--op-b);
        border-bottom: 2px dashed;
      }
      .values button.c {
        color: var(--op-c);
        border-bottom: 2px dotted;
      }
      .o {
        color: var(--soft);
      }
      .r {
        color: var(--accent);
        font-weight: 700;
      }
      .veiled {
        filter: blur(7px);
        user-select: none;
      }
      sub {
        font-size: 0.72em;
        line-height: 0;
      }
      sup {
        font-size: 0.8em;
        line-height: 1.2;
        vertical-align: 0.5em;
      }
      ol {
        columns: 18rem;
        font: 500 0.8125rem/1.6 var(--mono);
        padding-left: 3.5em;
        margin-top: 6px;
      }
      summary {
        cursor: pointer;
        font-size: 0.8125rem;
        min-height: 1.75rem;
      }
      @container (max-width: 720px) {
        .line {
          grid-template-columns: 1fr;
        }
        math {
          font-size: 1.0625rem;
        }
        .values {
          font-size: 0.875rem;
        }
      }
    `,
  ];

  declare step: Step | undefined;
  /** The number's place in the matrix as it is shown. */
  declare at: number;
  /** Samples stand in columns. */
  declare columnwise: boolean;
  /** Operands' names, and how they are drawn. */
  declare roles: ReadonlyMap<string, Role>;
  /** The result is blurred. */
  declare veiled: boolean;
  declare page: number;

  constructor() {
    super();
    this.at = 0;
    this.columnwise = false;
    this.roles = new Map();
    this.veiled = false;
    this.page = 1;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { step } = this;
    if (!step) return nothing;
    if (!step.expression) return html`${nothing}`;
    const words = { if: this.t(TEXTS.if), else: this.t(TEXTS.else) };
    const products = hasProduct(step.expression);
    const view = (e: Expression, number = false): Expression =>
      this.columnwise ? asColumns(e, number && products) : e;
    const sides = [step.expression, ...(step.short ? [step.short] : [])].map((e) => view(lettered(e)));
    const index = indexOf(step, this.at, this.columnwise);
    const own = this.columnwise && index.length === 2 ? index.toReversed() : index;
    const element = step.element(index);
    return html`${this.#line("general", TEXTS.general, formulaMath(step.name, undefined, sides, words), "math")}
    ${element && step.shape.length > 0 ? this.#line("number", TEXTS.number, formulaMath(step.name, own, [view(element, true)], words), "math") : nothing}
    ${this.#values(step, index, own)}`;
  }

  #line(mark: string, label: Text, content: unknown, kind: string): TemplateResult {
    return html`<div class="line" data-mark=${mark} part=${mark}>
      <span class="label">${this.t(label)}</span>
      <div class=${kind}>${content}</div>
    </div>`;
  }

  #values(step: Step, index: readonly number[], own: readonly number[]): TemplateResult {
    const { line, long, same, difference } = valuesOf(step, index, this.columnwise, this.t(TEXTS.between));
    const result = step.value(index);
    const name = html`<span>${nameHtml(step.name)}</span
      >${own.length > 0 ? html`<span class="o">[${own.map((i) => i + 1).join(",")}]</span>` : nothing}`;
    return html`${this.#line(
        "substituted",
        TEXTS.values,
        html`${name}<span class="o"> = </span>${this.#pieces(line)}<span class="o"> = </span
          ><span class="r ${this.veiled ? "veiled" : ""}" aria-hidden=${this.veiled}>${figure(result)}</span>`,
        "values",
      )}
      ${long ? this.#long(long) : nothing}
      <div class="line">
        <span class="label"></span>
        <div class="row">
          ${
            this.veiled
              ? html`<span class="soft small">${this.t(TEXTS.hidden)}</span>`
              : same
                ? html`<span class="ok" data-mark="recomputed">${icons.tick}${this.t(TEXTS.same)}</span>`
                : html`<span class="wrong" data-mark="recomputed"
                    >${icons.cross}${this.t(TEXTS.differs)} ${figure(difference)}</span
                  >`
          }
          <slot></slot>
        </div>
      </div>`;
  }

  #pieces(pieces: readonly Piece[]): TemplateResult[] {
    return pieces.map(({ text, name, index, raised }) => {
      if (name === undefined) return raised ? html`<sup class="o">${text}</sup>` : html`<span class="o">${text}</span>`;
      const button = html`<button
        class=${this.roles.get(name) ?? "c"}
        data-name=${name}
        data-index=${index!.join("-")}
        title="${nameText(name)}[${index!.map((i) => i + 1).join(",")}]"
        @pointerenter=${() => this.tell("over", { name, index })}
        @focus=${() => this.tell("over", { name, index })}
        @pointerleave=${() => this.tell("over")}
        @blur=${() => this.tell("over")}
        @click=${() => this.tell("origin", { name, index })}
        .textContent=${text}
      ></button>`;
      return raised ? html`<sup>${button}</sup>` : button;
    });
  }

  /** What a long sum hides: its largest terms, and all of them on request, a hundred at a time. */
  #long({ terms, largest }: LongSum): TemplateResult {
    const line = (term: Expression): TemplateResult =>
      html`${this.#pieces(written(term))} = ${figure(recompute(term).value)}`;
    return html`<div class="line">
      <span class="label">${this.t(TEXTS.largest)}</span>
      <div class="values small">
        ${largest.map(({ place, term }, i) => html`${i > 0 ? html`<br />` : nothing}<span class="o">${place + 1}: </span>${line(term)}`)}
        <details @toggle=${() => (this.page = 1)}>
          <summary>${this.t(TEXTS.all)}: ${terms.length}</summary>
          <ol>
            ${terms.slice(0, this.page * PAGE).map((term) => html`<li>${line(term)}</li>`)}
          </ol>
          ${terms.length > this.page * PAGE ? html`<button class="btn" @click=${() => this.page++}>+${Math.min(PAGE, terms.length - this.page * PAGE)}</button>` : nothing}
        </details>
      </div>
    </div>`;
  }
}

/** The line with the values of one number, and whether this page gets the same. */
export function valuesOf(
  step: Step,
  index: readonly number[],
  columnwise: boolean,
  between: string,
): { line: Piece[]; long: LongSum | undefined; same: boolean; difference: number } {
  const filled = step.substituted(index);
  if (!filled) return { line: [], long: undefined, same: true, difference: 0 };
  const again = recompute(filled);
  const shown = step.value(index);
  let long: LongSum | undefined;
  const short = shortened(
    columnwise ? asColumns(filled, hasProduct(step.expression!)) : filled,
    (count) => `${count} ${between}`,
    (sum) => (long = sum),
  );
  return { line: written(short), long, same: isSame(again, shown), difference: again.value - shown };
}

/** What is heard of one number: `Row 3, column 1: 0.7754 times minus 1.015 plus 0 equals minus 1.039.` */
export function sentenceOf(step: Step, at: number, columnwise: boolean, element: Glass): string {
  const index = indexOf(step, at, columnwise);
  const own = columnwise && index.length === 2 ? index.toReversed() : index;
  const { line } = valuesOf(step, index, columnwise, element.t(TEXTS.between));
  const result = `${element.t(TEXTS.equals)} ${numberWords(step.value(index), element.language)}`;
  const axes = own.length === 2 ? [TEXTS.line, TEXTS.column] : [TEXTS.column];
  const where = own.map((i, axis) => `${element.t(axes[axis] ?? TEXTS.column)} ${i + 1}`).join(", ");
  return `${where ? `${where}: ` : ""}${spoken(line, element.language)} ${result}`;
}

define("wasmgrad-formula", FormulaElement);
