// Draws charts as SVG, by Vega: what is in them is said in the data's units. Colours are the page's.
import { type Mark, parse, type Spec, View } from "vega";
import { escaped, visible } from "./html.ts";
import { fitted, widthOf } from "./measure.ts";
import type { Tick } from "./ticks.ts";

/** Names of the page's colours. */
export type Colour =
  "ink" | "soft" | "line" | "field" | "accent" | "bar" | "train" | "held" | "third" | "fourth" | "fifth";

export interface Axis {
  readonly from: number;
  readonly to: number;
  /** The ticks, where about so many have room. */
  readonly ticks: (wanted: number) => readonly Tick[];
  readonly title: string;
  /** No lines across the chart. */
  readonly bare?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Something that is drawn: a mark, and the rows that it is of. */
export interface Layer {
  readonly mark: Mark;
  readonly values: readonly object[];
}

const colour = (name: Colour): { readonly value: string } => ({ value: `var(--${name})` });
const at = (scale: "x" | "y", field: string): { readonly scale: string; readonly field: string } => ({ scale, field });

export interface LineStyle {
  readonly colour: Colour;
  readonly dash?: readonly number[];
  readonly width?: number;
}

const stroke = ({ colour: name, dash, width = 2 }: LineStyle): object => ({
  stroke: colour(name),
  strokeWidth: { value: width },
  ...(dash ? { strokeDash: { value: [...dash] } } : {}),
});

/** A line through points. */
export const line = (points: readonly Point[], style: LineStyle): Layer => ({
  mark: { type: "line", encode: { enter: { x: at("x", "x"), y: at("y", "y"), strokeJoin: { value: "round" }, ...stroke(style) } } }, // prettier-ignore
  values: points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
});

/** Straight pieces from one point to another. */
export const rules = (
  pieces: readonly { readonly x: number; readonly y: number; readonly x2: number; readonly y2: number }[],
  style: LineStyle,
): Layer => ({
  mark: { type: "rule", encode: { enter: { x: at("x", "x"), y: at("y", "y"), x2: at("x", "x2"), y2: at("y", "y2"), ...stroke(style) } } }, // prettier-ignore
  values: pieces,
});

/** Dots; `size` is their area in square pixels. */
export const dots = (
  points: readonly (Point & { readonly size?: number })[],
  {
    colour: name,
    size = 36,
    opacity = 1,
  }: { readonly colour: Colour; readonly size?: number; readonly opacity?: number },
): Layer => ({
  mark: {
    type: "symbol",
    encode: {
      enter: { x: at("x", "x"), y: at("y", "y"), size: { field: "size" }, fill: colour(name), fillOpacity: { value: opacity } }, // prettier-ignore
    },
  },
  values: points.map((point) => ({ ...point, size: point.size ?? size })),
});

/** Filled rectangles. */
export const boxes = (
  pieces: readonly { readonly x: number; readonly y: number; readonly x2: number; readonly y2: number }[],
  name: Colour,
): Layer => ({
  mark: {
    type: "rect",
    encode: { enter: { x: at("x", "x"), y: at("y", "y"), x2: at("x", "x2"), y2: at("y", "y2"), fill: colour(name) } },
  },
  values: pieces,
});

/** Words at a point, to its right or left. */
export const words = (
  texts: readonly (Point & {
    readonly text: string;
    readonly align: "left" | "right" | "center";
    readonly dx?: number;
  })[],
  name: Colour,
): Layer => ({
  mark: {
    type: "text",
    encode: {
      enter: {
        x: { ...at("x", "x"), offset: { field: "dx" } },
        y: at("y", "y"),
        text: { field: "text" },
        align: { field: "align" },
        baseline: { value: "middle" },
        fontSize: { value: SIZE },
        fill: colour(name),
      },
    },
  },
  values: texts.map((each) => ({ dx: 0, ...each })),
});

/** Of texts. */
const SIZE = 11;

export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Layer[];
  /** What is seen, for those who don't see it. */
  readonly says: string;
  /** Room to the right of the plot, for words. */
  readonly right?: number;
}

/** As many ticks as have room beside one another. */
function roomy(axis: Axis, width: number): readonly Tick[] {
  for (let wanted = 7; wanted > 1; wanted--) {
    const found = axis.ticks(wanted);
    const taken = found.reduce((sum, { label }) => sum + widthOf(label) + 14, 0);
    const narrowest = Math.max(0, ...found.map(({ label }) => widthOf(label))) + 10;
    const gaps = found.slice(1).map(({ value }, i) => ((value - found[i]!.value) / (axis.to - axis.from)) * width);
    if (taken <= width && gaps.every((gap) => gap >= narrowest)) return found;
  }
  return axis.ticks(1).slice(0, 1);
}

const text = (size: number, name: Colour) => ({ fontSize: { value: size }, fill: colour(name) });

/** The chart as an SVG element. */
export async function draw({ width, height, x, y, layers, says, right = 0 }: Chart): Promise<string> {
  const yTitle = fitted(visible(y.title), width - 4);
  const xTitle = fitted(visible(x.title), width - 4);
  const most = width * 0.42;
  const yTicks = y
    .ticks(5)
    .map(({ value, label }) => ({ value, label: fitted(label.trim() === "" ? "(empty)" : visible(label), most) }));
  const padding = {
    left: Math.ceil(Math.max(14, ...yTicks.map(({ label }) => widthOf(label) + 10))),
    right: Math.ceil(Math.max(8, right)),
    top: yTitle ? 28 : 8,
    bottom: xTitle ? 42 : 26,
  };
  const across = (): number => width - padding.left - padding.right;
  let xTicks = roomy(x, across());
  // labels of the ends reach over them, and with more room there other ticks may come
  for (let tries = 0; tries < 4; tries++) {
    const place = (value: number): number => ((value - x.from) / (x.to - x.from)) * across();
    const over = Math.max(0, ...xTicks.map(({ value, label }) => place(value) + widthOf(label) / 2 - across()));
    const under = Math.max(0, ...xTicks.map(({ value, label }) => widthOf(label) / 2 - place(value)));
    if (over <= padding.right && under <= padding.left) break;
    padding.right = Math.max(padding.right, Math.ceil(over));
    padding.left = Math.max(padding.left, Math.ceil(under));
    xTicks = roomy(x, across());
  }
  const inside = { width: across(), height: height - padding.top - padding.bottom };
  const axis = (scale: "x" | "y", shown: readonly Tick[], bare = false) => ({
    scale,
    orient: scale === "x" ? ("bottom" as const) : ("left" as const),
    values: shown.map(({ value }) => value),
    grid: !bare,
    gridColor: "var(--line)",
    domain: scale === "x",
    domainColor: "var(--field)",
    ticks: scale === "x" && !bare,
    tickColor: "var(--field)",
    tickSize: 4,
    labelPadding: scale === "x" ? 5 : 8,
    labelLimit: 0,
    labelOverlap: false,
    labelBound: false,
    encode: { labels: { update: { text: { signal: `${scale}Labels['' + datum.value]` }, ...text(SIZE, "soft") } } },
  });
  const labels = (shown: readonly Tick[]) => Object.fromEntries(shown.map((tick) => [String(tick.value), tick.label]));
  const title = (shown: string, where: object): Mark => ({
    type: "text",
    encode: { enter: { text: { value: shown }, ...where, ...text(SIZE, "soft") } },
  });
  const spec: Spec = {
    ...inside,
    padding,
    autosize: "none",
    signals: [
      { name: "xLabels", value: labels(xTicks) },
      { name: "yLabels", value: labels(yTicks) },
    ],
    data: layers.map(({ values }, i) => ({ name: `layer${i}`, values: [...values] })),
    scales: [
      { name: "x", type: "linear", domain: [x.from, x.to], range: "width", zero: false, nice: false },
      { name: "y", type: "linear", domain: [y.from, y.to], range: "height", zero: false, nice: false },
    ],
    axes: [axis("x", xTicks, x.bare), axis("y", yTicks, y.bare)],
    marks: [
      ...layers.map(({ mark }, i) => ({ ...mark, from: { data: `layer${i}` } })),
      ...(yTitle ? [title(yTitle, { x: { value: 2 - padding.left }, y: { value: 12 - padding.top } })] : []),
      ...(xTitle
        ? [title(xTitle, { x: { value: inside.width + padding.right - 2 }, y: { value: inside.height + padding.bottom - 6 }, align: { value: "right" } })] // prettier-ignore
        : []),
    ],
  };
  const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
  return stripped(svg, width, height, says);
}

/** What of Vega's SVG is drawn; all of it is one picture, so its parts have no roles. */
function stripped(svg: string, width: number, height: number, says: string): string {
  const content = svg
    .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
    .replaceAll(/<path[^>]*class="(?:background|foreground)"[^>]*\/>/g, "")
    .replaceAll(/<[^>]*>/g, (tag) =>
      tag
        .replaceAll(/ (?:role|class|aria-[a-z]+|pointer-events|font-family|opacity)="[^"]*"/g, "")
        .replaceAll(/(\.\d\d)\d+/g, "$1"),
    );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(visible(says, 2_000))}">${content}</svg>`;
}
