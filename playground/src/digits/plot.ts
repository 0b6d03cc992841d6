// A small curve: training solid, test dashed with dots.
import { html, svg, type TemplateResult } from "lit";

type Point = readonly [x: number, y: number];

export interface PlotOptions {
  readonly title: string;
  readonly training: readonly Point[];
  readonly test: readonly Point[];
  /** Where x ends. */
  readonly xMax: number;
  /** Limits of y, and how a number of it is written. */
  readonly from: number;
  readonly to: number;
  readonly write: (y: number) => string;
}

const [WIDTH, HEIGHT] = [320, 120];

export function plot({ title, training, test, xMax, from, to, write }: PlotOptions): TemplateResult {
  const place = ([x, y]: Point): string => {
    const share = Math.max(0, Math.min(1, (y - from) / (to - from)));
    return `${((x / xMax) * WIDTH).toFixed(1)},${(HEIGHT - share * HEIGHT).toFixed(1)}`;
  };
  /** A line of no length, with round ends. */
  const dots = (points: readonly Point[]): string => points.map((point) => `M${place(point)}h0`).join("");
  const last = test.at(-1) ?? training.at(-1);
  return html`<figure class="plot">
    <figcaption><b>${title}</b> <span class="num">${last ? write(last[1]) : ""}</span></figcaption>
    <div>
      <span class="num">${write(to)}</span>
      <svg viewBox="-4 -4 ${WIDTH + 8} ${HEIGHT + 8}" preserveAspectRatio="none" aria-hidden="true">
        ${svg`<path class="axis" d="M0 0V${HEIGHT}H${WIDTH}" />
        <polyline class="training" points=${training.map(place).join(" ")} />
        <polyline class="test" points=${test.map(place).join(" ")} />
        <path class="training dots" d=${training.length === 1 ? dots(training) : ""} />
        <path class="test dots" d=${dots(test)} />`}
      </svg>
      <span class="num">${write(from)}</span>
    </div>
  </figure>`;
}
