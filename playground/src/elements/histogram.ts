// How a layer's numbers lie: 40 bins around zero, orange below it and blue above, and the same in words.
import { css, html, LitElement, svg, type PropertyValues } from "lit";
import { controls, tokens } from "../look/sheets.ts";
import { percent, value } from "../look/numbers.ts";
import { BINS, type Bins } from "../look/bins.ts";
import { explainMarks } from "../shell/marks.ts";
import { T, type Text } from "../shell/text.ts";

explainMarks({
  histogram: {
    en: "A histogram: how many of the numbers lie where. Orange bars are below zero, blue ones above; the dashed line is zero. Heights grow as the root of the count, so that small bars are seen beside large ones.",
    zh: "直方图：各处有多少个数。橙色柱在零以下，蓝色柱在零以上；虚线是零。柱高按个数的平方根画，使小柱在大柱旁也看得见。",
  },
});

const HEIGHT = 56;

/** What is seen, in words. */
function binsText({ total, mean, spread, zeros, beyond, limit }: Bins): Text {
  const range = value(limit, 1);
  return {
    en: `${total} numbers from −${range} to ${range}: mean ${value(mean, 3)}, spread ${value(spread, 3)}, ${percent(zeros)} are zero, ${percent(beyond)} beyond`,
    zh: `${total} 个数，−${range} 到 ${range}：均值 ${value(mean, 3)}，标准差 ${value(spread, 3)}，${percent(zeros)} 为零，${percent(beyond)} 在范围之外`,
  };
}

/**
 * @element wasmgrad-histogram
 * Properties: `name`, what the numbers are, and `bins`, as `binsOf` gives them.
 */
export class HistogramElement extends LitElement {
  static override properties = { bins: { attribute: false }, name: { type: String } };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      svg {
        display: block;
        width: 100%;
        height: ${HEIGHT}px;
        background: var(--page);
        border-radius: 5px;
      }
      .low {
        fill: var(--neg);
      }
      .high {
        fill: var(--pos);
      }
      .zero {
        stroke: var(--soft);
        stroke-dasharray: 3 3;
        vector-effect: non-scaling-stroke;
      }
      .range {
        display: flex;
        justify-content: space-between;
        font: 0.6875rem var(--mono);
        color: var(--soft);
      }
      .said {
        font-size: 0.75rem;
        color: var(--soft);
      }
    `,
  ];

  declare bins: Bins | undefined;
  declare name: string;

  constructor() {
    super();
    this.name = "";
  }

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    return changed.has("bins") || changed.has("name");
  }

  override render(): unknown {
    const { bins } = this;
    if (!bins) return html`<svg aria-hidden="true"></svg>`;
    const top = Math.max(1, ...bins.counts);
    // by the root: a few large bins don't hide the small ones
    const bar = (count: number, i: number): string => {
      const height = HEIGHT * 0.94 * Math.sqrt(count / top);
      return count === 0 ? "" : `M${i + 0.06} ${HEIGHT}v${-height.toFixed(2)}h.88V${HEIGHT}z`;
    };
    const path = (from: number, to: number): string =>
      bins.counts
        .slice(from, to)
        .map((count, i) => bar(count, from + i))
        .join("");
    return html`<div role="img" aria-label="${this.name}: ${T(binsText(bins))}" data-mark="histogram">
        <svg viewBox="0 0 ${BINS} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${svg`<path class="low" d=${path(0, BINS / 2)} /><path class="high" d=${path(BINS / 2, BINS)} />
            <line class="zero" x1=${BINS / 2} x2=${BINS / 2} y1="0" y2=${HEIGHT} />`}
        </svg>
      </div>
      <div class="range" aria-hidden="true">
        <span>−${value(bins.limit, 1)}</span><span>0</span><span>${value(bins.limit, 1)}</span>
      </div>
      <div class="said" aria-hidden="true">
        ${T({
          en: `mean ${value(bins.mean, 3)} ± ${value(bins.spread, 3)}`,
          zh: `均值 ${value(bins.mean, 3)} ± ${value(bins.spread, 3)}`,
        })}${bins.zeros >= 0.0005 ? html` · ${percent(bins.zeros)} ${T({ en: "zero", zh: "为零" })}` : ""}
      </div>`;
  }
}
customElements.define("wasmgrad-histogram", HistogramElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-histogram": HistogramElement;
  }
}
