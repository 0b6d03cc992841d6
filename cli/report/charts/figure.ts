// A chart with what explains it.
import { type Chart, draw } from "../draw.ts";
import { escaped } from "../html.ts";

/** Of a chart beside another, also on a phone. */
const NARROW = { width: 340, height: 250 };
/** Of one across the page. On narrow screens another is shown. */
const WIDE = { width: 720, height: 260 };

export interface Key {
  readonly name: string;
  readonly colour: string;
  readonly kind?: "line" | "dashed" | "dotted" | "dot";
}

export interface Figure {
  readonly title: string;
  /** What it shows and how to read it, as HTML. */
  readonly explains: string;
  readonly chart: (size: { readonly width: number; readonly height: number }) => Chart;
  readonly key?: readonly Key[];
  /** Across the page. */
  readonly wide?: boolean;
  readonly height?: number;
  /** HTML below it. */
  readonly below?: string;
}

/** What the lines of a chart are. */
const keyHtml = (key: readonly Key[]): string =>
  `<ul class="key">${key.map(({ name, colour, kind = "line" }) => `<li><span class="mark ${kind}" style="--c:var(--${colour})"></span>${name}</li>`).join("")}</ul>`;

export async function figureHtml({ title, explains, chart, key, wide, height, below = "" }: Figure): Promise<string> {
  const narrow = await draw(chart({ ...NARROW, ...(height ? { height } : {}) }));
  const drawn = wide
    ? `<div class="narrow">${narrow}</div>\n<div class="wide">${await draw(chart({ ...WIDE, ...(height ? { height } : {}) }))}</div>`
    : narrow;
  return `<figure${wide ? ' class="across"' : ""}>
<figcaption><h3>${escaped(title)}</h3>
<p>${explains}</p></figcaption>
${key ? `${keyHtml(key)}\n` : ""}${drawn}${below}
</figure>`;
}

/** Charts beside one another. */
export const charts = (figures: readonly string[]): string =>
  figures.length === 0 ? "" : `<div class="charts">\n${figures.join("\n")}\n</div>`;
