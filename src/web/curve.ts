// <wasmgrad-curve>: loss and metrics of a training, live.
import type { Callback } from "../training/callbacks.ts";
import type { Model } from "../model/model.ts";
import type { Logs } from "../nn/metrics/metric.ts";
import { checkKind, isObject, isNumbers } from "../util/check.ts";
import type { PageElement } from "../util/platform.ts";
import { colours, html, oncePerFrame, shadowOf, svg } from "./dom.ts";
import { epochScale, linearScale, logScale, numberText, type Scale } from "./scale.ts";

/** What `<wasmgrad-curve>` can do, besides being an element. */
export interface Curve {
  /**
   * For `fit`'s callbacks: adds each epoch. More epochs of the same model continue the curve, another model begins a new one.
   */
  readonly callback: Callback;
  /**
   * Adds an epoch's loss and metrics, by the keys of the history.
   *
   * @throws {TypeError} if they aren't numbers by name
   */
  add(logs: Logs): void;
  /**
   * Shows a whole history, as `fit` returns it, in place of what was there.
   *
   * @throws {TypeError} if it isn't lists of numbers by name
   */
  show(history: Readonly<Record<string, readonly number[]>>): void;
  /** Empties it. */
  clear(): void;
}

/**
 * `<wasmgrad-curve>`: loss and metrics of a training, each with its validation values dashed, redrawn at most once a frame. `defineElements()`
 * defines it. The attribute `scale="log"` draws the loss on a logarithmic axis, `theme="light"` or `theme="dark"` overrules the
 * system's choice; its height is the CSS variable `--wasmgrad-height`.
 */
export type CurveElement = PageElement & Curve;

/** Values of one key by epoch; undefined where an epoch had none. */
type Series = (number | undefined)[];

/** A line of a panel. */
interface Line {
  readonly label: string;
  readonly series: Series;
  readonly colour: number;
  readonly validation: boolean;
}

/** Lines on one pair of axes. */
interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Values that its axis doesn't go beyond. */
  readonly limits: readonly [number, number] | undefined;
}

// made when it is asked for: bundlers keep a text that is put together at once
const style = (): string => `${colours()}
  .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 290px), 1fr)); gap: 16px 20px; }
  figure { margin: 0; min-width: 0; display: flex; flex-direction: column; }
  figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; min-height: 20px; margin-bottom: 6px; }
  .title { flex-basis: 100%; font-weight: 600; overflow-wrap: anywhere; }
  .key { display: inline-flex; align-items: center; gap: 6px; color: var(--_muted); overflow-wrap: anywhere; }
  .key b { color: var(--_ink); font-weight: 600; }
  .key svg { flex: none; width: 18px; height: 8px; }
  .plot { position: relative; height: var(--wasmgrad-height, 200px); touch-action: pan-y; }
  .plot svg { display: block; position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
  text { font-size: 11px; fill: var(--_muted); }
  .grid { stroke: var(--_line); stroke-width: 1; shape-rendering: crispEdges; }
  .axis { stroke: var(--_axis); stroke-width: 1; shape-rendering: crispEdges; }
  .hover { stroke: var(--_muted); stroke-width: 1; stroke-dasharray: 2 3; shape-rendering: crispEdges; }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
  .dashed { stroke-dasharray: 5 4; stroke-linecap: butt; }
  .dot { stroke: var(--_surface); stroke-width: 1.5; }
  .cross { stroke: var(--_bad); stroke-width: 2; fill: none; stroke-linecap: round; }
  .note { margin: 6px 0 0; color: var(--_bad); }
  ${[0, 1, 2, 3, 4].map((i) => `.s${i} { stroke: var(--_c${i}); } .f${i} { fill: var(--_c${i}); }`).join(" ")}`;

const COLOUR_COUNT = 5;
/** Pixels between the axes' ends and the first and last point. */
const INSET = 7;
const VALIDATION = /^validation(?=[A-Z])/;

/** The key without `validation`: `validationLoss` is `loss`'s. */
const baseOf = (key: string): string =>
  key.replace(VALIDATION, "").replace(/^./, (letter) => (VALIDATION.test(key) ? letter.toLowerCase() : letter));

const finite = (series: Series): number[] => series.filter((v): v is number => v !== undefined && Number.isFinite(v));

/** The loss has axes of its own, metrics between 0 and 1 share theirs, and each other metric has its own. */
function panelsOf(series: ReadonlyMap<string, Series>): Panel[] {
  const bases = [...new Set([...series.keys()].map(baseOf))];
  const keysOf = (base: string): string[] => [...series.keys()].filter((key) => baseOf(key) === base);
  const isShare = (base: string): boolean =>
    base !== "loss" && keysOf(base).every((key) => finite(series.get(key)!).every((v) => v >= 0 && v <= 1));
  const shares = bases.filter(isShare);
  const groups = bases.filter((base) => !shares.includes(base)).map((base) => [base]);
  if (shares.length > 0) groups.splice(groups[0]?.[0] === "loss" ? 1 : groups.length, 0, shares);
  return groups.map((group) => {
    const alone = group.length === 1;
    const lines = group.flatMap((base, i) =>
      keysOf(base).map((key): Line => {
        const validation = key !== base;
        const name = alone ? (validation ? "validation" : "training") : validation ? `${base}, validation` : base;
        // two lines differ most by colour; of several metrics each has one
        return {
          label: name,
          series: series.get(key)!,
          colour: (alone && validation ? 1 : i) % COLOUR_COUNT,
          validation,
        };
      }),
    );
    return { title: alone ? group[0]! : "metrics", lines, limits: group === shares ? [0, 1] : undefined };
  });
}

/** Points of a line in parts between what isn't finite. Of more points than there are pixels, each column's lowest and highest. */
function pathOf(series: Series, x: (i: number) => number, y: (v: number) => number, width: number): string {
  const perColumn = Math.max(1, Math.floor(series.length / Math.max(1, width)));
  let path = "";
  let pen = "M";
  const to = (i: number): void => {
    path += `${pen}${x(i).toFixed(1)} ${y(series[i]!).toFixed(1)}`;
    pen = "L";
  };
  for (let at = 0; at < series.length; at += perColumn) {
    let [low, high] = [-1, -1];
    for (let i = at; i < Math.min(series.length, at + perColumn); i++) {
      const value = series[i];
      if (value === undefined || !Number.isFinite(value)) continue;
      if (low < 0 || value < series[low]!) low = i;
      if (high < 0 || value > series[high]!) high = i;
    }
    if (low < 0) pen = "M";
    else for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) to(i);
  }
  return path;
}

/** `epoch 7`, `epochs 1, 2, 5 and 12 more`. */
function epochsText(epochs: readonly number[]): string {
  const shown = epochs.slice(0, 3).join(", ");
  const more = epochs.length > 3 ? ` and ${epochs.length - 3} more` : "";
  return `${epochs.length === 1 ? "epoch" : "epochs"} ${shown}${more}`;
}

/** Where a line isn't finite: epochs, from 1. */
const badEpochs = ({ series }: Line): number[] =>
  series.flatMap((v, i) => (v !== undefined && !Number.isFinite(v) ? [i + 1] : []));

/** What a screen reader says of a panel. */
function summaryOf({ title, lines }: Panel, epochs: number): string {
  const parts = lines.map(({ label, series }) => {
    const values = finite(series);
    const range =
      values.length > 1
        ? `, lowest ${numberText(values.reduce(smaller))}, highest ${numberText(values.reduce(larger))}`
        : "";
    return `${label} ${numberText(series.at(-1) ?? Number.NaN)}${range}`;
  });
  return `${title} after epoch ${epochs}: ${parts.join("; ")}`;
}

const smaller = (a: number, b: number): number => (a < b ? a : b);
const larger = (a: number, b: number): number => (a > b ? a : b);

/** The class, made where there are elements: in Node there is nothing to extend. @internal */
export function curveClass(): CustomElementConstructor {
  return class extends HTMLElement implements Curve {
    static readonly observedAttributes = ["scale"];
    readonly callback: Callback;
    readonly #series = new Map<string, Series>();
    #epochs = 0;
    #model: WeakRef<Model> | undefined;
    /** The epoch under the pointer, from 0. */
    #hover: number | undefined;
    readonly #body = html("div");
    readonly #redraw = oncePerFrame(() => this.isConnected && this.#draw());
    readonly #resized = new ResizeObserver(() => this.#redraw());

    constructor() {
      super();
      shadowOf(this, style()).append(this.#body);
      this.callback = {
        onTrainBegin: ({ model }) => {
          if (this.#model && this.#model.deref() !== model) this.clear();
          this.#model = new WeakRef(model);
        },
        onEpochEnd: (_, logs) => this.add(logs),
      };
    }

    connectedCallback(): void {
      this.#resized.observe(this);
      this.#redraw();
    }

    disconnectedCallback(): void {
      this.#resized.disconnect();
    }

    attributeChangedCallback(): void {
      this.#redraw();
    }

    add(logs: Logs): void {
      checkKind(isObject(logs) && !isNumbers(logs), "wasmgrad-curve.add", "the logs", "an object of numbers", logs);
      const entries = Object.entries(logs);
      for (const [key, value] of entries) {
        checkKind(typeof value === "number", "wasmgrad-curve.add", key, "a number", value);
      }
      for (const [key, value] of entries) {
        let series = this.#series.get(key);
        if (!series) this.#series.set(key, (series = []));
        series[this.#epochs] = value;
      }
      this.#epochs++;
      this.#redraw();
    }

    show(history: Readonly<Record<string, readonly number[]>>): void {
      checkKind(isObject(history), "wasmgrad-curve.show", "the history", "an object of lists of numbers", history);
      for (const [key, values] of Object.entries(history)) {
        const holds = isNumbers(values) && Array.from(values).every((value) => typeof value === "number");
        checkKind(holds, "wasmgrad-curve.show", key, "a list of numbers", values);
      }
      this.clear();
      for (const [key, values] of Object.entries(history)) {
        this.#series.set(key, Array.from(values));
        this.#epochs = Math.max(this.#epochs, values.length);
      }
    }

    clear(): void {
      this.#series.clear();
      this.#epochs = 0;
      this.#hover = undefined;
      this.#redraw();
    }

    #draw(): void {
      if (this.#epochs === 0) {
        this.#body.className = "";
        this.#body.replaceChildren(html("p", { class: "empty" }, "No epoch yet"));
        return;
      }
      const panels = panelsOf(this.#series);
      this.#body.className = "panels";
      // as many as there are panels: the grid has its columns before the plots are measured
      const figures = panels.map((panel, i) => {
        const there = this.#body.children[i];
        const figure = there?.localName === "figure" ? (there as HTMLElement) : html("figure", { role: "img" });
        if (figure.childElementCount === 0) {
          const plot = html("div", { class: "plot" });
          plot.addEventListener("pointermove", (event) => this.#point(event, plot));
          plot.addEventListener("pointerleave", () => this.#point(undefined, plot));
          figure.append(html("figcaption"), plot);
        }
        figure.setAttribute("aria-label", summaryOf(panel, this.#epochs));
        return figure;
      });
      if (this.#body.childElementCount !== figures.length || this.#body.firstChild !== figures[0]) {
        this.#body.replaceChildren(...figures);
      }
      panels.forEach((panel, i) => this.#drawPanel(panel, figures[i]!));
    }

    /** Takes the pointer's epoch. */
    #point(event: PointerEvent | undefined, plot: HTMLElement): void {
      const [left, right] = (plot.dataset["span"] ?? "0 1").split(" ").map(Number) as [number, number];
      const share = event ? (event.clientX - plot.getBoundingClientRect().left - left) / (right - left) : 0;
      const epoch = Math.round(share * (this.#epochs - 1));
      this.#hover = event && Math.min(this.#epochs - 1, Math.max(0, epoch));
      this.#redraw();
    }

    #drawPanel({ title, lines, limits }: Panel, figure: HTMLElement): void {
      const [caption, plot] = figure.children as unknown as [HTMLElement, HTMLElement];
      const at = this.#hover ?? this.#epochs - 1;
      const epoch = this.#hover === undefined ? "" : `, epoch ${at + 1}`;
      caption.replaceChildren(
        html("span", { class: "title" }, `${title}${epoch}`),
        ...lines.map(({ label, series, colour, validation }) => {
          const stroke = `line s${colour}${validation ? " dashed" : ""}`;
          const swatch = svg(
            "svg",
            { viewBox: "0 0 18 8", "aria-hidden": "true" },
            svg("path", { class: stroke, d: "M1 4H17" }),
          );
          const value = series[at];
          return html(
            "span",
            { class: "key" },
            swatch,
            label,
            html("b", {}, value === undefined ? "–" : numberText(value)),
          );
        }),
      );

      const [width, height] = [plot.clientWidth, plot.clientHeight];
      const values = lines.flatMap(({ series }) => finite(series));
      const scale = this.#scale(values, limits, Math.max(2, Math.floor(height / 36)));
      const longest = Math.max(...scale.ticks.map(({ text }) => text.length));
      const [left, right, top, bottom] = [Math.ceil(longest * 6.3) + 8, width - 8, 8, height - 22];
      const epochs = epochScale(this.#epochs, Math.max(1, Math.floor((right - left) / 64)));
      const [first, end] = [left + INSET, right - INSET];
      const x = (i: number): number => first + (end - first) * epochs.place(i + 1);
      const y = (v: number): number => bottom - (bottom - top) * scale.place(v);
      plot.dataset["span"] = `${first} ${end}`;

      const drawing: SVGElement[] = [];
      for (const { value, text } of scale.ticks) {
        const level = Math.round(y(value)) + 0.5;
        drawing.push(svg("path", { class: "grid", d: `M${left} ${level}H${right}` }));
        drawing.push(svg("text", { x: left - 7, y: level + 3.5, "text-anchor": "end" }, text));
      }
      drawing.push(svg("path", { class: "axis", d: `M${left} ${bottom + 0.5}H${right}` }));
      epochs.ticks.forEach(({ value, text }) => {
        const place = x(value - 1);
        drawing.push(svg("path", { class: "axis", d: `M${Math.round(place) + 0.5} ${bottom}v4` }));
        drawing.push(svg("text", { x: place, y: bottom + 16, "text-anchor": "middle" }, text));
      });
      // the axis' name, where no number is
      const last = epochs.ticks.at(-1)!;
      const room = right - x(last.value - 1);
      if (room > 60) drawing.push(svg("text", { x: right, y: bottom + 16, "text-anchor": "end" }, "epoch"));
      else if (epochs.ticks.length < 2 || x(epochs.ticks[1]!.value - 1) - left > 70) {
        const after = this.#epochs === 1 ? right : first + 9;
        drawing.push(
          svg("text", { x: after, y: bottom + 16, "text-anchor": this.#epochs === 1 ? "end" : "start" }, "epoch"),
        );
      }

      if (this.#hover !== undefined) {
        drawing.push(svg("path", { class: "hover", d: `M${Math.round(x(at)) + 0.5} ${top}V${bottom}` }));
      }
      // training over validation: it is the one that isn't dashed
      for (const { series, colour, validation } of lines.toReversed()) {
        const stroke = `line s${colour}${validation ? " dashed" : ""}`;
        drawing.push(svg("path", { class: stroke, d: pathOf(series, x, y, right - left) }));
      }
      for (const { series, colour } of lines.toReversed()) {
        // a single epoch, or one between others without a value, is no line
        series.forEach((value, i) => {
          if (value === undefined || !Number.isFinite(value)) return;
          const alone = [series[i - 1], series[i + 1]].every((next) => next === undefined || !Number.isFinite(next));
          if (i !== at && !alone) return;
          drawing.push(svg("circle", { class: `dot f${colour}`, cx: x(i).toFixed(1), cy: y(value).toFixed(1), r: 4 }));
        });
      }
      const bad = lines.flatMap((line) => badEpochs(line));
      for (const each of new Set(bad)) {
        const place = x(each - 1).toFixed(1);
        drawing.push(svg("path", { class: "cross", d: `M${place} ${top + 2}m-4 -4l8 8m0 -8l-8 8` }));
      }
      plot.replaceChildren(svg("svg", { "aria-hidden": "true" }, ...drawing));

      const notes = lines.flatMap((line) => {
        const where = badEpochs(line);
        const name = lines.length === 1 || line.label === title ? line.label : `${title}, ${line.label}`;
        return where.length > 0 ? [`✕ ${name}: no finite number in ${epochsText(where)}`] : [];
      });
      for (const old of figure.querySelectorAll(".note")) old.remove();
      for (const note of notes) figure.append(html("p", { class: "note" }, note));
    }

    #scale(values: readonly number[], limits: readonly [number, number] | undefined, count: number): Scale {
      if (values.length === 0) return linearScale(0, 1, count, limits);
      const [least, most] = [values.reduce(smaller), values.reduce(larger)];
      if (!limits && this.getAttribute("scale") === "log" && least > 0) return logScale(least, most, count);
      // a loss is read against 0, where the curve isn't far above
      const from = !limits && least > 0 && least < most / 2 ? 0 : least;
      return linearScale(from, most, count, limits ?? (least >= 0 ? [0, Infinity] : undefined));
    }
  };
}
