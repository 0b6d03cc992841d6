// `<wasmgrad-kernel>`: how similar examples are to one another, as a matrix, and the weight of each as a bar.
import { css, html, nothing, type TemplateResult } from "lit";
import { colour, inkOn } from "../look/colour.ts";
import { cell, value } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { Themed } from "./themed.ts";

export class KernelElement extends Themed {
  static override properties = {
    K: { attribute: false },
    centres: { attribute: false },
    gamma: { type: Number },
    alpha: { attribute: false },
    support: { attribute: false },
    at: { attribute: false },
  };

  /** A row of similarities for each example. */
  K: readonly (readonly number[])[] = [];
  centres: readonly (readonly number[])[] = [];
  gamma = 1;
  alpha: readonly number[] = [];
  /** Examples that hold the margin. */
  support: readonly number[] = [];
  /** The cell whose sum is written out. */
  at: readonly [number, number] = [0, 1];

  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
      }
      table {
        border-collapse: separate;
        border-spacing: 3px;
        width: 100%;
        table-layout: fixed;
        font-family: var(--mono);
        font-size: 0.8125rem;
      }
      th {
        font: 600 0.75rem var(--mono);
        color: var(--soft);
        padding: 2px;
      }
      td {
        height: 44px;
        text-align: center;
        border-radius: 5px;
        font-variant-numeric: tabular-nums;
        cursor: pointer;
        outline: none;
      }
      td[aria-selected="true"] {
        box-shadow: 0 0 0 3px var(--accent);
      }
      td:focus-visible {
        outline: 3px solid var(--accent);
        outline-offset: 3px;
      }
      p {
        margin-top: 8px;
        font: 0.8125rem/1.7 var(--mono);
        overflow-wrap: anywhere;
      }
      h3 {
        margin: 14px 0 6px;
      }
      .bars {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 6px 10px;
        align-items: center;
        font: 0.8125rem var(--mono);
      }
      .bars .track {
        position: relative;
        height: 22px;
        background: linear-gradient(var(--line2), var(--line2)) center / 1px 100% no-repeat;
      }
      .bars i {
        position: absolute;
        top: 3px;
        bottom: 3px;
        border-radius: 3px;
      }
      .bars b {
        font-weight: 600;
        text-align: right;
        min-width: 9ch;
      }
      .mark {
        display: inline-block;
        width: 12px;
        height: 12px;
        border: 2px solid var(--ink);
        border-radius: 99px;
        vertical-align: -1px;
        margin-right: 5px;
      }
      .mark.none {
        border-color: transparent;
      }
      sup {
        line-height: 0;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { K, centres, at, alpha, gamma } = this;
    const [r, c] = at;
    const most = Math.max(...alpha.map(Math.abs), 1e-9);
    const square = centres[r] && centres[c] ? centres[r].reduce((sum, v, k) => sum + (v - centres[c]![k]!) ** 2, 0) : 0;
    return html`<table
        role="grid"
        aria-label=${T({ en: "K: how similar the rows are to one another", zh: "K：各行之间有多相似" })}
        data-mark="K"
        @keydown=${this.#key}
      >
        <tr>
          <th scope="col">K</th>
          ${centres.map((centre, j) => html`<th scope="col">c${j + 1}<br />${centre.join(" ")}</th>`)}
        </tr>
        ${K.map(
          (row, i) =>
            html`<tr>
              <th scope="row">c${i + 1}<br />${centres[i]?.join(" ")}</th>
              ${row.map(
                (v, j) =>
                  html`<td
                    role="gridcell"
                    data-cell="${i}-${j}"
                    tabindex=${i === r && j === c ? 0 : -1}
                    aria-selected=${i === r && j === c}
                    .style="background:${colour(v, 1, this.theme)};color:${inkOn(v, 1, this.theme)}"
                    @pointerenter=${(event: PointerEvent) => event.pointerType !== "touch" && this.#go(i, j)}
                    @click=${() => this.#go(i, j)}
                  >
                    ${cell(v)}
                  </td>`,
              )}
            </tr>`,
        )}
      </table>
      <p data-mark="similarity" data-sum>
        K(c${r + 1}, c${c + 1}) = e<sup>−γ·|c${r + 1} − c${c + 1}|²</sup> = e<sup
          >−${value(gamma)}·${value(square)}</sup
        >
        =
        <b>${value(K[r]?.[c] ?? Number.NaN)}</b>
      </p>
      <h3>${T({ en: "alpha: a weight for each example", zh: "alpha：每个样例一个权重" })}</h3>
      <div class="bars" data-mark="alpha">
        ${alpha.map((v, i) => {
          const share = (50 * Math.abs(v)) / most;
          return html`<span
              ><span class=${this.support.includes(i) ? "mark" : "mark none"}></span>α${i + 1}${
                this.support.includes(i)
                  ? html`<span class="vh">${T({ en: "support vector", zh: "支持向量" })}</span>`
                  : nothing
              }</span
            ><span class="track" aria-hidden="true"
              ><i
                .style="left:${v < 0 ? 50 - share : 50}%;width:${share}%;background:${colour(v, most, this.theme)}"
              ></i></span
            ><b data-alpha=${i}>${value(v)}</b>`;
        })}
      </div>`;
  }

  #go(i: number, j: number): void {
    if (i === this.at[0] && j === this.at[1]) return;
    this.dispatchEvent(new CustomEvent("cell", { detail: [i, j], bubbles: true, composed: true }));
  }

  #key = (event: KeyboardEvent): void => {
    const n = this.K.length;
    const [dr, dc] = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key] ?? [];
    if (dr === undefined || dc === undefined) return;
    event.preventDefault();
    const r = Math.max(0, Math.min(n - 1, this.at[0] + dr));
    const c = Math.max(0, Math.min(n - 1, this.at[1] + dc));
    this.#go(r, c);
    this.renderRoot.querySelector<HTMLElement>(`[data-cell="${r}-${c}"]`)?.focus();
  };
}

customElements.define("wasmgrad-kernel", KernelElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-kernel": KernelElement;
  }
}
