// `<wasmgrad-sparkline>`: a small curve of the loss over the updates, with a floor where it can't fall lower.
import { css, html, LitElement, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { count, value } from "../look/numbers.ts";
import { tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";

/** A loss by the updates that had been made. */
export interface Curve {
  readonly name: string;
  readonly updates: readonly number[];
  readonly losses: readonly number[];
  readonly dashed?: boolean;
}

const WIDE = 400;
const TALL = 120;
const LEFT = 42;
const BOTTOM = 18;
const TOP = 8;

export class SparklineElement extends LitElement {
  static override properties = {
    curves: { attribute: false },
    floor: { attribute: false },
    least: { type: Number },
    most: { type: Number },
  };

  curves: readonly Curve[] = [];
  /** A loss below which it can't fall, and what it is called. */
  floor: { readonly at: number; readonly name: string } | undefined = undefined;
  /** What the scale reaches at least. */
  least = 0.7;
  /** What the scale reaches at most: higher losses are drawn at its top. */
  most = Infinity;

  static override styles = [
    tokens,
    css`
      :host {
        display: block;
      }
      svg {
        display: block;
        width: 100%;
        height: auto;
      }
      text {
        font: 500 11px var(--mono);
        fill: var(--soft);
      }
      @media (max-width: 720px) {
        text {
          font-size: 12.5px;
        }
      }
      @media (max-width: 350px) {
        text {
          font-size: 15px;
        }
      }
      .rule {
        stroke: var(--line);
      }
      .curve {
        fill: none;
        stroke: var(--op-a);
        stroke-width: 2;
        stroke-linejoin: round;
      }
      .dashed {
        stroke: var(--op-b);
        stroke-dasharray: 7 4;
      }
      .end {
        fill: var(--op-a);
      }
      .end.dashed {
        fill: var(--op-b);
        stroke: none;
      }
      .floor {
        stroke: var(--ink);
        stroke-width: 1.4;
        stroke-dasharray: 2 3;
      }
      .floor + text {
        fill: var(--ink);
        font-weight: 650;
        paint-order: stroke;
        stroke: var(--card);
        stroke-width: 3px;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const finite = this.curves.flatMap(({ losses }) => losses.filter(Number.isFinite));
    const top = Math.min(
      this.most,
      finite.reduce((most, loss) => Math.max(most, loss), Math.max(this.least, (this.floor?.at ?? 0) * 1.25)),
    );
    const last = this.curves.reduce((most, { updates }) => Math.max(most, updates.at(-1) ?? 0), 1);
    const x = (update: number): number => LEFT + ((WIDE - LEFT - 6) * update) / last;
    const y = (loss: number): number => TOP + (TALL - TOP - BOTTOM) * (1 - Math.min(1, loss / top));
    const says = this.curves
      .map(({ name, updates, losses }) =>
        losses.length === 0
          ? name
          : `${name}: ${value(losses.at(-1)!)} (${T({ en: "update", zh: "更新" })} ${updates.at(-1)})`,
      )
      .join("; ");
    return html`<svg
      viewBox="0 0 ${WIDE} ${TALL}"
      role="img"
      aria-label="${T({ en: "Loss by update", zh: "损失随更新的变化" })}. ${says}"
      data-mark="curve"
    >
      ${[0, 0.5, 1].map(
        (share) => svg`<line class="rule" x1=${LEFT} x2=${WIDE - 6} y1=${y(top * share)} y2=${y(top * share)} />
          <text x=${LEFT - 6} y=${y(top * share) + 4} text-anchor="end">${value(top * share, 2)}</text>`,
      )}
      <text x=${LEFT} y=${TALL - 3}>0</text>
      <text x=${WIDE - 6} y=${TALL - 3} text-anchor="end">${count(last)}</text>
      <text x=${(WIDE + LEFT) / 2} y=${TALL - 3} text-anchor="middle">${T({ en: "updates", zh: "更新次数" })}</text>
      ${this.curves.map((curve) => this.#curve(curve, x, y))}
      ${
        this.floor
          ? svg`<line class="floor" data-mark="floor" x1=${LEFT} x2=${WIDE - 6} y1=${y(this.floor.at)} y2=${y(this.floor.at)} />
              <text x=${WIDE - 10} y=${y(this.floor.at) + 14} text-anchor="end">${this.floor.name}</text>`
          : nothing
      }
    </svg>`;
  }

  #curve({ updates, losses, dashed }: Curve, x: (u: number) => number, y: (l: number) => number): SVGTemplateResult {
    const d = losses.map((loss, i) => `${i ? "L" : "M"}${x(updates[i]!).toFixed(1)} ${y(loss).toFixed(1)}`).join("");
    return svg`<path class=${dashed ? "curve dashed" : "curve"} d=${d} />${
      losses.length > 0
        ? svg`<circle class=${dashed ? "end dashed" : "end"} cx=${x(updates.at(-1)!)} cy=${y(losses.at(-1)!)} r="3.5" />`
        : nothing
    }`;
  }
}

customElements.define("wasmgrad-sparkline", SparklineElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-sparkline": SparklineElement;
  }
}
