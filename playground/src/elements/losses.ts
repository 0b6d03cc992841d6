/* oxlint-disable no-restricted-properties -- where a line is drawn reaches no memory of the library's */
// <wasmgrad-losses>: the losses of a run over its updates, on a logarithmic axis: training solid, test dashed. A click goes to that time.
import { css, html, LitElement, type TemplateResult } from "lit";
import { onTheme } from "../look/colour.ts";
import { loss, short, value } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T, type Text } from "../shell/text.ts";

/** Points of the curve, at most: then every second one goes. */
const MOST = 600;
const HEIGHT = 140;
/** Pixels around the plot. */
const [TOP, RIGHT, BOTTOM, LEFT] = [8, 8, 20, 46];

type Series = [updates: number[], train: number[], test: number[]];

/** Events: `seek` (detail: the update that was clicked). */
export class LossesElement extends LitElement {
  static override properties = { names: { attribute: false } };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
      }
      canvas {
        display: block;
        width: 100%;
        height: ${HEIGHT}px;
        cursor: crosshair;
      }
      .key span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .key svg {
        width: 22px;
        height: 8px;
      }
    `,
  ];

  /** What the two lines are, the solid one first. */
  declare names: readonly [Text, Text];
  #data: Series = [[], [], []];
  /** Of the other run, to compare with. */
  #other: Series = [[], [], []];
  /** Where the pointer is, in pixels from the left. */
  #pointer: number | undefined;
  #due = false;
  #marked: number | undefined;
  #endTheme: (() => void) | undefined;
  readonly #resized = new ResizeObserver(() => this.#draw());

  constructor() {
    super();
    this.names = [
      { en: "training loss", zh: "训练损失" },
      { en: "test loss", zh: "测试损失" },
    ];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endTheme = onTheme(() => this.#draw());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endTheme?.();
    this.#resized.disconnect();
  }

  override firstUpdated(): void {
    this.#resized.observe(this.renderRoot.querySelector("canvas")!);
  }

  override render(): TemplateResult {
    return html`<canvas
        data-mark="curve"
        role="img"
        aria-label=${this.#summary()}
        @pointermove=${(event: PointerEvent) => this.#point(event.offsetX)}
        @pointerleave=${() => this.#point(undefined)}
        @click=${this.#seek}
      ></canvas>
      <div class="key">
        <span
          ><svg viewBox="0 0 22 8" aria-hidden="true">
            <line x1="0" y1="4" x2="22" y2="4" stroke="var(--accent)" stroke-width="2.5" /></svg
          >${T(this.names[0])}</span
        ><span
          ><svg viewBox="0 0 22 8" aria-hidden="true">
            <line x1="0" y1="4" x2="22" y2="4" stroke="var(--op-a)" stroke-width="2.5" stroke-dasharray="5 3" /></svg
          >${T(this.names[1])}</span
        >${
          this.#other[0].length > 0
            ? html`<span data-other
                ><svg viewBox="0 0 22 8" aria-hidden="true">
                  <line x1="0" y1="4" x2="22" y2="4" stroke="var(--soft)" stroke-width="1" /></svg
                >${T({ en: "the other run", zh: "另一次训练" })}</span
              >`
            : ""
        }
      </div>`;
  }

  #summary(): string {
    const [updates, train, test] = this.#data;
    const last = updates.length - 1;
    if (last < 0) return T({ en: "Loss curve, still empty", zh: "损失曲线，尚无数据" });
    const tested = Number.isFinite(test[last]!);
    const otherLast = this.#other[0].length - 1;
    const other = otherLast < 0 ? "" : `${this.#other[0][otherLast]!}: ${loss(this.#other[1][otherLast]!)}`;
    return T({
      en: `Curve at ${updates[last]}: ${this.names[0].en} ${loss(train[last]!)}${tested ? `, ${this.names[1].en} ${loss(test[last]!)}` : ""}${other && `; the other run at ${other}`}`,
      zh: `曲线在 ${updates[last]} 处：${this.names[0].zh} ${loss(train[last]!)}${tested ? `，${this.names[1].zh} ${loss(test[last]!)}` : ""}${other && `；另一次训练在 ${other}`}`,
    });
  }

  /** Forgets all. */
  clear(): void {
    this.#data = [[], [], []];
    this.#other = [[], [], []];
    this.requestUpdate();
    this.#marked = undefined;
    this.#redraw();
  }

  /** Adds the losses after so many updates; NaN: not known. What comes twice counts once. */
  add(updates: number, train: number, test: number): void {
    const [x, a, b] = this.#data;
    if (!Number.isFinite(train) || updates <= (x.at(-1) ?? -1)) return;
    x.push(updates);
    // a logarithm has no 0
    a.push(Math.max(1e-7, train));
    b.push(Number.isFinite(test) ? Math.max(1e-7, test) : Number.NaN);
    if (x.length > MOST) this.#data = this.#data.map((list) => list.filter((_, i) => i % 2 === 0)) as Series;
    this.#redraw();
  }

  /** A second run begins at an update: the first one's curve stays, thin. */
  branch(updates: number): void {
    this.#compare(this.#data, this.#data, updates);
  }

  /** The other run goes on, from an update. */
  swap(updates: number): void {
    this.#compare(this.#other, this.#data, updates);
  }

  #compare(data: Series, other: Series, updates: number): void {
    const kept = data[0].filter((at) => at <= updates).length;
    this.#data = data.map((list) => list.slice(0, kept)) as Series;
    this.#other = other;
    this.requestUpdate();
    this.#redraw();
  }

  /** Marks an update, such as one that is looked back at; undefined: none. */
  mark(updates: number | undefined): void {
    this.#marked = updates;
    this.#redraw();
  }

  /** At most four times a second: lines of hundreds of points take longer than the maps. */
  #redraw(): void {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      if (this.isConnected) this.#draw();
    }, 250);
  }

  #point(x: number | undefined): void {
    this.#pointer = x;
    requestAnimationFrame(() => this.#draw());
  }

  readonly #seek = (event: MouseEvent): void => {
    const { from, to, left, width } = this.#xAxis();
    const updates = Math.round(from + ((event.offsetX - left) / width) * (to - from));
    const detail = Math.max(0, Math.min(to, updates));
    this.dispatchEvent(new CustomEvent("seek", { detail, bubbles: true, composed: true }));
  };

  /** From which update to which, and between which pixels. */
  #xAxis(): { from: number; to: number; left: number; width: number } {
    const [x] = this.#data;
    const canvas = this.renderRoot.querySelector("canvas")!;
    const from = x[0] ?? 0;
    const to = Math.max(from + 1, x.at(-1) ?? 1, this.#other[0].at(-1) ?? 1);
    return { from, to, left: LEFT, width: canvas.clientWidth - LEFT - RIGHT };
  }

  #draw(): void {
    const canvas = this.renderRoot?.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context || canvas.clientWidth === 0) return;
    canvas.setAttribute("aria-label", this.#summary());
    const colour = (name: string): string => {
      canvas.style.color = `var(${name})`;
      return getComputedStyle(canvas).color;
    };
    const [soft, line, first, second, ink] = ["--soft", "--line", "--accent", "--op-a", "--ink"].map(colour);
    canvas.style.color = "";
    const ratio = devicePixelRatio;
    const [width, height] = [canvas.clientWidth, HEIGHT];
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    context.scale(ratio, ratio);
    context.font = `11px ${getComputedStyle(this).getPropertyValue("--mono")}`;
    const [x, a, b] = this.#data;
    const { from, to, left, width: across } = this.#xAxis();
    const [bottom, top] = decades([...a, ...b, ...this.#other[1], ...this.#other[2]].filter(Number.isFinite));
    const [logBottom, logTop] = [Math.log10(bottom), Math.log10(top)];
    const high = height - TOP - BOTTOM;
    const atX = (v: number): number => left + ((v - from) / (to - from)) * across;
    const atY = (v: number): number => TOP + (1 - (Math.log10(v) - logBottom) / (logTop - logBottom)) * high;
    const stroke = (
      style: string,
      points: readonly (readonly [number, number])[],
      dash: number[] = [],
      wide = 1,
    ): void => {
      context.strokeStyle = style;
      context.lineWidth = wide;
      context.setLineDash(dash);
      context.lineJoin = "round";
      context.beginPath();
      points.forEach(([px, py], i) => (i === 0 ? context.moveTo(px, py) : context.lineTo(px, py)));
      context.stroke();
      context.setLineDash([]);
    };
    context.fillStyle = soft!;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const v of powers(bottom, top)) {
      stroke(line!, [[left, atY(v)], [left + across, atY(v)]]); // prettier-ignore
      context.fillText(v >= 1e-3 && v <= 1e3 ? String(v) : `1e${Math.round(Math.log10(v))}`, left - 6, atY(v));
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    for (const v of ticks(from, to)) {
      stroke(line!, [[atX(v), TOP], [atX(v), TOP + high]]); // prettier-ignore
      const name = short(v);
      context.fillText(name, Math.min(atX(v), width - context.measureText(name).width / 2), height - 5);
    }
    const pointsOf = (times: readonly number[], values: readonly number[]): (readonly [number, number])[] =>
      values.flatMap((v, i) => (Number.isFinite(v) ? [[atX(times[i]!), atY(v)] as const] : []));
    const [otherX, otherA, otherB] = this.#other;
    stroke(soft!, pointsOf(otherX, otherA));
    stroke(soft!, pointsOf(otherX, otherB), [5, 3]);
    stroke(first!, pointsOf(x, a), [], 2);
    stroke(second!, pointsOf(x, b), [5, 3], 2);
    if (this.#marked !== undefined) stroke(ink!, [[atX(this.#marked), TOP], [atX(this.#marked), TOP + high]], [3, 3]); // prettier-ignore
    this.#drawPointer(context, ink!, soft!, { atX, high, left, across });
  }

  /** The values at the pointer. */
  #drawPointer(
    context: CanvasRenderingContext2D,
    ink: string,
    soft: string,
    { atX, high, left, across }: { atX: (v: number) => number; high: number; left: number; across: number },
  ): void {
    const [x, a, b] = this.#data;
    const pointer = this.#pointer;
    if (pointer === undefined || pointer < left || x.length === 0) return;
    let near = 0;
    for (let i = 1; i < x.length; i++) if (Math.abs(atX(x[i]!) - pointer) < Math.abs(atX(x[near]!) - pointer)) near = i;
    const at = atX(x[near]!);
    context.strokeStyle = soft;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(at, TOP);
    context.lineTo(at, TOP + high);
    context.stroke();
    context.fillStyle = ink;
    const beyond = at > left + across / 2;
    context.textAlign = beyond ? "right" : "left";
    const text = [short(x[near]!), value(a[near]!), ...(Number.isFinite(b[near]!) ? [value(b[near]!)] : [])].join("  ");
    context.fillText(text, at + (beyond ? -6 : 6), TOP + 10);
  }
}

/** Whole powers of ten around what there is: at least one decade. */
function decades(values: readonly number[]): [number, number] {
  const low = values.reduce((least, v) => Math.min(least, v), values.length > 0 ? Infinity : 0.1);
  const high = values.reduce((most, v) => Math.max(most, v), values.length > 0 ? 0 : 1);
  const from = Math.floor(Math.log10(low) + 1e-9);
  const to = Math.ceil(Math.log10(high) - 1e-9);
  return [10 ** from, 10 ** Math.max(from + 1, to)];
}

/** Round numbers along an axis: 1, 2 or 5 times a power of ten apart, at most five. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const apart = Math.max(1, [1, 2, 5, 10].map((step) => step * power).find((step) => step >= rough) ?? rough);
  const all: number[] = [];
  for (let v = Math.ceil(from / apart) * apart; v <= to; v += apart) all.push(v);
  return all;
}

function powers(low: number, high: number): number[] {
  const from = Math.round(Math.log10(low));
  const to = Math.round(Math.log10(high));
  const step = Math.max(1, Math.ceil((to - from) / 5));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => Number(`1e${from + i * step}`));
}

if (!customElements.get("wasmgrad-losses")) customElements.define("wasmgrad-losses", LossesElement);
