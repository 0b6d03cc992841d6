/* oxlint-disable no-restricted-properties -- where a corner is drawn reaches no memory of the library's */
// <wasmgrad-boundary>: what a network says of the plane, and the points on it, which can be added, dragged and removed.
import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { controls, tokens } from "../look/sheets.ts";
import { onTheme } from "../look/colour.ts";
import { value } from "../look/numbers.ts";
import { T } from "../shell/text.ts";

/** The square that is shown: x1 from `left`, x2 from `bottom`. */
export interface PlaneBox {
  readonly left: number;
  readonly bottom: number;
  readonly size: number;
}

/** Points and what each is: a class from 0 on, or a number. */
export interface PlanePoints {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

const NONE: PlanePoints = { x: new Float32Array(0), y: new Float32Array(0) };
/** Pixels around a point in which it is meant. */
const NEAR = 14;
/** Steps of the cross that the arrow keys move, across the plane. */
const STEPS = 40;

/**
 * The field and its points. Classes have shapes: square, circle, triangle, diamond, cross, star; test points are hollow. A number is a shade.
 *
 * Events: `points` (detail: PlanePoints) when the user changes them; `place` (detail: [x1, x2] or undefined) where the pointer is.
 */
export class BoundaryElement extends LitElement {
  static override properties = {
    box: { attribute: false },
    points: { attribute: false },
    test: { attribute: false },
    showTest: { type: Boolean },
    editable: { type: Boolean },
    numbers: { type: Boolean },
    pen: { type: Number },
    label: {},
    classes: { type: Number },
  };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
      }
      .field {
        position: relative;
        aspect-ratio: 1;
        border-radius: 9px;
        overflow: hidden;
        border: 1px solid var(--line);
        background: var(--mid);
        touch-action: manipulation;
      }
      .field.editable {
        cursor: crosshair;
        touch-action: none;
      }
      .field:focus-visible {
        outline-offset: 2px;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      .empty {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        text-align: center;
        padding: 24px 24px 34%; /* above the axes' names */
        pointer-events: none;
      }
      .empty span {
        background: var(--card);
        border: 1px solid var(--line2);
        border-radius: 9px;
        padding: 8px 14px;
        font-weight: 560;
      }
      .axis {
        position: absolute;
        font: 500 0.6875rem var(--mono);
        color: var(--ink);
        background: color-mix(in srgb, var(--card) 72%, transparent);
        border-radius: 4px;
        padding: 0 4px;
        pointer-events: none;
      }
    `,
  ];

  declare box: PlaneBox;
  declare points: PlanePoints;
  declare test: PlanePoints;
  declare showTest: boolean;
  declare editable: boolean;
  declare numbers: boolean;
  /** The class of the points that are added; -1: takes points away. */
  declare pen: number;
  declare label: string;
  declare classes: number;
  #context: CanvasRenderingContext2D | undefined;
  #dragged = -1;
  /** Where the arrow keys' cross is. */
  #cross: [number, number] | undefined;
  #endTheme: (() => void) | undefined;
  readonly #resized = new ResizeObserver(() => this.#drawPoints());

  constructor() {
    super();
    this.box = { left: -1, bottom: -1, size: 2 };
    this.points = NONE;
    this.test = NONE;
    this.showTest = false;
    this.editable = false;
    this.numbers = false;
    this.pen = 1;
    this.label = "";
    this.classes = 2;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endTheme = onTheme(() => this.#drawPoints());
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endTheme?.();
    this.#resized.disconnect();
  }

  /** Draws a map: `side` times `side` pixels, 0xAABBGGRR each, at `offset` bytes of the buffer. */
  draw(buffer: ArrayBuffer, offset: number, side: number): void {
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>(".map");
    if (!canvas) return;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    this.#context ??= canvas.getContext("2d") ?? undefined;
    this.#context?.putImageData(
      new ImageData(new Uint8ClampedArray(buffer, offset, 4 * side * side), side, side),
      0,
      0,
    );
  }

  override render(): TemplateResult {
    const n = this.points.y.length;
    const { left, bottom, size } = this.box;
    return html`<div
        class="field ${this.editable ? "editable" : ""}"
        role="application"
        tabindex="0"
        aria-label=${
          this.label ||
          T({
            en: `What the network says of the plane, with ${n} points`,
            zh: `网络对平面的回答，以及 ${n} 个点`,
          })
        }
        aria-roledescription=${T({ en: "plane", zh: "平面" })}
        aria-describedby="how"
        data-mark="field"
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
        @pointerup=${this.#up}
        @pointercancel=${this.#up}
        @pointerleave=${() => this.#place(undefined)}
        @contextmenu=${(event: Event) => this.editable && event.preventDefault()}
        @keydown=${this.#key}
        @blur=${() => {
          this.#cross = undefined;
          this.#drawPoints();
        }}
      >
        <canvas class="map" width="64" height="64"></canvas><canvas class="points"></canvas>
        <span class="axis" .style=${"left:4px;top:50%"}>${value(round(left), 3)}</span>
        <span class="axis" .style=${"right:4px;top:50%"}>x₁ ${value(round(left + size), 3)}</span>
        <span class="axis" .style=${"left:50%;top:4px"}>x₂ ${value(round(bottom + size), 3)}</span>
        ${
          n === 0 && this.editable // where they aren't one's own, they are on their way
            ? html`<div class="empty">
                <span
                  >${T({
                    en: "Click to put points here, or choose a data set",
                    zh: "点击此处放置点，或选择一个数据集",
                  })}</span
                >
              </div>`
            : ""
        }
      </div>
      <span id="how" class="vh"
        >${
          this.editable
            ? T({
                en: "Arrow keys move a cross; Enter puts a point there, Delete takes the nearest away, a digit puts a point of that class.",
                zh: "方向键移动十字；回车在该处放一个点，Delete 删去最近的点，数字键放该类的点。",
              })
            : T({ en: "Arrow keys move a cross.", zh: "方向键移动十字。" })
        }</span
      ><span class="vh" role="status" id="said"></span>`;
  }

  override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.#drawPoints();
  }

  #at(event: PointerEvent): [number, number] {
    const area = (event.currentTarget as Element).getBoundingClientRect();
    const { left, bottom, size } = this.box;
    return [
      left + ((event.clientX - area.left) / area.width) * size,
      bottom + (1 - (event.clientY - area.top) / area.height) * size,
    ];
  }

  #nearest([x1, x2]: readonly [number, number], within: number): number {
    let best = -1;
    let least = within * within;
    const { x, y } = this.points;
    for (let i = 0; i < y.length; i++) {
      const far = (x[2 * i]! - x1) ** 2 + (x[2 * i + 1]! - x2) ** 2;
      if (far <= least) [best, least] = [i, far];
    }
    return best;
  }

  #reach(): number {
    const width = this.getBoundingClientRect().width || 300;
    return (NEAR / width) * this.box.size;
  }

  readonly #down = (event: PointerEvent): void => {
    if (!this.editable || event.button > 2) return;
    const at = this.#at(event);
    const near = this.#nearest(at, this.#reach());
    if (this.pen < 0 || event.button === 2) {
      if (near >= 0) this.#remove(near);
      return;
    }
    if (near >= 0) {
      this.#dragged = near;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    } else this.#add(at, event.shiftKey ? 0 : this.pen);
  };

  readonly #move = (event: PointerEvent): void => {
    const at = this.#at(event);
    this.#place(at);
    if (this.#dragged < 0) return;
    const x = this.points.x.slice();
    x.set(this.#inside(at), 2 * this.#dragged);
    this.points = { x, y: this.points.y };
  };

  readonly #up = (): void => {
    if (this.#dragged < 0) return;
    this.#dragged = -1;
    this.#changed();
  };

  readonly #key = (event: KeyboardEvent): void => {
    const step = this.box.size / STEPS;
    const { left, bottom, size } = this.box;
    const [x1, x2] = this.#cross ?? [left + size / 2, bottom + size / 2];
    const [right, up] = (
      { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] } as Record<
        string,
        [number, number]
      >
    )[event.key] ?? [0, 0];
    const digit = /^\d$/.test(event.key) && Number(event.key) < 10 ? Number(event.key) : undefined;
    if (right !== 0 || up !== 0) {
      const far = event.shiftKey ? 5 : 1;
      this.#cross = this.#inside([x1 + far * right * step, x2 + far * up * step]);
      this.#place(this.#cross);
      this.#say(`x1 ${value(this.#cross[0], 3)}, x2 ${value(this.#cross[1], 3)}`);
      this.#drawPoints();
    } else if (this.editable && (event.key === "Enter" || digit !== undefined)) {
      this.#add([x1, x2], digit ?? Math.max(0, this.pen));
    } else if (this.editable && (event.key === "Delete" || event.key === "Backspace")) {
      const near = this.#nearest([x1, x2], Infinity);
      if (near >= 0) this.#remove(near);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #say(text: string): void {
    const line = this.renderRoot.querySelector("#said");
    if (line) line.textContent = text;
  }

  #inside([x1, x2]: readonly [number, number]): [number, number] {
    const { left, bottom, size } = this.box;
    const clamp = (v: number, low: number): number => Math.max(low, Math.min(low + size, v));
    return [clamp(x1, left), clamp(x2, bottom)];
  }

  #add(at: readonly [number, number], label: number): void {
    const { x, y } = this.points;
    this.points = { x: Float32Array.from([...x, ...this.#inside(at)]), y: Float32Array.from([...y, label]) };
    this.#say(
      T({
        en: `Point of class ${label} added, ${y.length + 1} in all`,
        zh: `已加入第 ${label} 类的点，共 ${y.length + 1} 个`,
      }),
    );
    this.#changed();
  }

  #remove(i: number): void {
    const { x, y } = this.points;
    this.points = { x: x.filter((_, k) => k >> 1 !== i), y: y.filter((_, k) => k !== i) };
    this.#say(T({ en: `Point removed, ${y.length - 1} left`, zh: `已删去一个点，还剩 ${y.length - 1} 个` }));
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new CustomEvent<PlanePoints>("points", { detail: this.points, bubbles: true, composed: true }));
  }

  #place(at: readonly [number, number] | undefined): void {
    this.dispatchEvent(new CustomEvent("place", { detail: at, bubbles: true, composed: true }));
  }

  #drawPoints(): void {
    const canvas = this.renderRoot?.querySelector<HTMLCanvasElement>(".points");
    if (!canvas) return;
    const width = canvas.getBoundingClientRect().width;
    if (width === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = canvas.height = Math.round(width * ratio);
    const context = canvas.getContext("2d");
    if (!context) return;
    context.scale(ratio, ratio);
    const style = getComputedStyle(this);
    const colours = ["--neg", "--pos", "--op-a", "--op-b", "--op-c", "--bad"].map((name) =>
      resolved(style.getPropertyValue(name), this),
    );
    const rim = resolved(style.getPropertyValue("--card"), this);
    const radius = this.points.y.length > 1000 ? 2 : 3.4;
    const { left, bottom, size } = this.box;
    const place = (v1: number, v2: number): [number, number] => [
      ((v1 - left) / size) * width,
      (1 - (v2 - bottom) / size) * width,
    ];
    const drawAll = ({ x, y }: PlanePoints, hollow: boolean): void => {
      for (let i = 0; i < y.length; i++) {
        const [px, py] = place(x[2 * i]!, x[2 * i + 1]!);
        const label = this.numbers ? Number(y[i]! > 0) : y[i]!;
        context.globalAlpha = this.numbers ? 0.25 + 0.75 * Math.min(1, Math.abs(y[i]!)) : 1;
        shape(context, label, px, py, hollow ? radius * 0.8 : radius);
        context.fillStyle = hollow ? rim : colours[label % colours.length]!;
        context.strokeStyle = hollow ? colours[label % colours.length]! : rim;
        context.lineWidth = 1.3;
        context.fill();
        context.globalAlpha = 1;
        context.stroke();
      }
    };
    if (this.showTest) drawAll(this.test, true);
    drawAll(this.points, false);
    if (this.#cross) {
      const [px, py] = place(...this.#cross);
      context.strokeStyle = resolved(style.getPropertyValue("--ink"), this);
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(px - 10, py);
      context.lineTo(px + 10, py);
      context.moveTo(px, py - 10);
      context.lineTo(px, py + 10);
      context.stroke();
    }
  }
}

const round = (v: number): number => Math.round(v * 100) / 100;

/** A colour as canvas takes it: light-dark() is resolved by the element's own scheme. */
function resolved(colour: string, element: HTMLElement): string {
  const probe = element.shadowRoot!.querySelector<HTMLElement>("#said")!;
  probe.style.color = colour;
  const plain = getComputedStyle(probe).color;
  probe.style.color = "";
  return plain;
}

/** Shapes by class: square, circle, triangle, diamond, cross, hexagon. */
function shape(context: CanvasRenderingContext2D, label: number, x: number, y: number, r: number): void {
  context.beginPath();
  const polygon = (corners: number, turn: number): void => {
    for (let i = 0; i < corners; i++) {
      const angle = turn + (i / corners) * 2 * Math.PI;
      context.lineTo(x + 1.25 * r * Math.sin(angle), y - 1.25 * r * Math.cos(angle));
    }
    context.closePath();
  };
  switch (label % 6) {
    case 0:
      return context.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
    case 1:
      return context.arc(x, y, r, 0, 7);
    case 2:
      return polygon(3, 0);
    case 3:
      return polygon(4, 0);
    case 4:
      return polygon(5, 0);
    default:
      return polygon(3, Math.PI);
  }
}

if (!customElements.get("wasmgrad-boundary")) customElements.define("wasmgrad-boundary", BoundaryElement);
