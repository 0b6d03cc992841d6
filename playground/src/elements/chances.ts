// <wasmgrad-chances>: how likely each digit is, as bars, and in words.
import { css, html, LitElement } from "lit";
import { percent } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T, type Text } from "../shell/text.ts";

/** Milliseconds without a change after which it is read aloud. */
const QUIET = 400;

export class WasmgradChances extends LitElement {
  static override properties = { values: { attribute: false }, none: { attribute: false }, spoken: { state: true } };
  static override styles = [
    tokens,
    controls,
    css`
      ol {
        list-style: none;
        padding: 0;
        display: grid;
        gap: 3px;
      }
      li {
        display: grid;
        grid-template-columns: 1.1em minmax(60px, 1fr) 4.3em;
        gap: var(--s2);
        align-items: center;
        line-height: 1.45;
        font-variant-numeric: tabular-nums;
      }
      li b {
        font-weight: 500;
        font-family: var(--mono);
      }
      li.most b,
      li.most span {
        font-weight: 750;
      }
      i {
        display: block;
        height: 14px;
        border-radius: 3px;
        background: var(--mid);
        overflow: hidden;
      }
      i::after {
        content: "";
        display: block;
        height: 100%;
        width: 100%;
        transform-origin: left;
        transform: scaleX(var(--share));
        background: var(--pos);
        transition: transform 120ms ease-out;
      }
      span {
        font-family: var(--mono);
        font-size: 0.8125rem;
        text-align: right;
      }
      p {
        margin-bottom: var(--s2);
        min-height: 1.5em;
      }
      p b {
        font-size: 1.25rem;
      }
    `,
  ];

  /** Of the digits 0 to 9; undefined: there are none, as `none` says. */
  declare values: Float32Array | undefined;
  /** Why there are none. */
  declare none: Text;
  declare spoken: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.spoken = "";
    this.none = { en: "nothing drawn yet", zh: "还没有画" };
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("values")) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.spoken = T(this.values ? sentence(this.values) : this.none)), QUIET);
  }

  override render() {
    const { values } = this;
    const order = values ? [...values.keys()].toSorted((a, b) => values[b]! - values[a]!) : [];
    const [most, next] = order;
    return html`<p aria-hidden="true">
        ${
          values
            ? html`${T({ en: "It says", zh: "它的回答：" })} <b>${most}</b>${
                  values[next!]! > 0.05 ? html`, ${T({ en: "or", zh: "或者" })} ${next}` : ""
                }`
            : html`<span class="soft">${T(this.none)}</span>`
        }
      </p>
      <ol data-mark="chances" aria-label=${T({ en: "How likely each digit is", zh: "每个数字的概率" })}>
        ${Array.from(
          { length: 10 },
          (_, digit) =>
            html`<li class=${digit === most ? "most" : ""}>
              <b>${digit}</b><i .style="--share:${values?.[digit] ?? 0}"></i
              ><span>${values ? percent(values[digit]!) : "–"}</span>
            </li>`,
        )}
      </ol>
      <div class="vh" role="status">${this.spoken}</div>`;
  }
}

function sentence(values: Float32Array): Text {
  const [a, b] = [...values.keys()].toSorted((i, j) => values[j]! - values[i]!) as [number, number];
  const [first, second] = [percent(values[a]!), percent(values[b]!)];
  return {
    en: `The network says ${a}, ${first}; next ${b}, ${second}.`,
    zh: `网络说是 ${a}，${first}；其次是 ${b}，${second}。`,
  };
}

customElements.define("wasmgrad-chances", WasmgradChances);
