// <wasmgrad-digit>: a square to draw a digit in, by mouse, finger or keys. `draw` events carry the drawing; `show` puts a digit there.
import { css, html, LitElement } from "lit";
import { onTheme } from "../look/colour.ts";
import { icons } from "../look/icons.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";

/** Pixels of the drawing, and of the grid that the keys move on. */
const SIZE = 280;
const GRID = 28;
const CELL = SIZE / GRID;
/** A twelfth of the height: of a digit that fills the square, MNIST's pen. */
const PEN = 24;

type Point = readonly [x: number, y: number];

const PEN_TEXT = {
  up: { en: "pen up", zh: "笔已抬起" },
  down: { en: "pen down", zh: "笔已落下" },
} as const;

export class WasmgradDigit extends LitElement {
  static override properties = { empty: { state: true }, penDown: { state: true }, cursor: { state: true } };
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: grid;
        gap: var(--s2);
        justify-items: start;
      }
      .square {
        position: relative;
        width: min(100%, 21rem);
        aspect-ratio: 1;
        border: 1px solid var(--field);
        border-radius: var(--r);
        overflow: hidden;
        touch-action: none;
        cursor: crosshair;
        background: var(--page);
        user-select: none;
      }
      canvas {
        width: 100%;
        height: 100%;
        display: block;
      }
      .hint {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        color: var(--soft);
        pointer-events: none;
        text-align: center;
        padding: var(--s4);
      }
      .cursor {
        position: absolute;
        width: calc(100% / 28);
        height: calc(100% / 28);
        outline: 2px solid var(--accent);
        pointer-events: none;
        display: none;
      }
      .cursor.down {
        background: var(--accent);
      }
      .square:focus-visible .cursor {
        display: block;
      }
    `,
  ];

  /** Nothing is drawn. */
  declare empty: boolean;
  declare penDown: boolean;
  declare cursor: Point;

  readonly #ink = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  readonly #context = this.#ink.getContext("2d", { willReadFrequently: true })!;
  /** The digit beneath what was drawn. */
  #base: HTMLCanvasElement | undefined;
  #basePixels: Uint8Array | undefined;
  #strokes: Point[][] = [];
  #themeEnds = (): void => {};
  #asked = false;

  constructor() {
    super();
    this.empty = true;
    this.penDown = false;
    this.cursor = [GRID / 2, GRID / 2];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#themeEnds = onTheme(() => this.#paint());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#themeEnds();
  }

  /** Puts a digit of 28 x 28 bytes there, in place of what was drawn. */
  show(pixels: Uint8Array): void {
    const base = Object.assign(document.createElement("canvas"), { width: GRID, height: GRID });
    const image = new ImageData(GRID, GRID);
    pixels.forEach((ink, i) => image.data.set([255, 255, 255, ink], 4 * i));
    base.getContext("2d")!.putImageData(image, 0, 0);
    this.#base = base;
    this.#basePixels = pixels;
    this.#strokes = [];
    this.#redraw();
  }

  clear(): void {
    this.#base = this.#basePixels = undefined;
    this.#strokes = [];
    this.penDown = false;
    this.#redraw();
    this.#tell();
  }

  /** Takes the last stroke back. */
  undo(): void {
    if (this.#strokes.pop() === undefined) return;
    this.penDown = false;
    this.#redraw();
    this.#tell();
  }

  override render() {
    const [column, row] = this.cursor;
    return html`<div
        class="square"
        tabindex="0"
        role="application"
        data-mark="drawing"
        aria-label=${T({
          en: "Drawing of a digit, 28 by 28. Arrow keys move the pen, Space puts it down or up, Delete clears, Z takes the last stroke back",
          zh: "画数字的方格，28 乘 28。方向键移动笔，空格落笔或抬笔，Delete 清空，Z 撤销一笔",
        })}
        @pointerdown=${this.#begin}
        @pointermove=${this.#move}
        @pointerup=${this.#end}
        @pointercancel=${this.#end}
        @keydown=${this.#key}
      >
        <canvas width=${SIZE} height=${SIZE} aria-hidden="true"></canvas>
        <div
          class="cursor ${this.penDown ? "down" : ""}"
          .style="left:${(100 * column) / GRID}%;top:${(100 * row) / GRID}%"
        ></div>
        ${this.empty ? html`<div class="hint">${T({ en: "Draw a digit here, 0 to 9", zh: "在这里画一个数字，0 到 9" })}</div>` : ""}
      </div>
      <p class="vh" role="status">
        ${T(PEN_TEXT[this.penDown ? "down" : "up"])},
        ${T({ en: `row ${row + 1}, column ${column + 1}`, zh: `第 ${row + 1} 行，第 ${column + 1} 列` })}
      </p>
      <div class="btns">
        <button class="btn" data-do="clear" @click=${this.clear}>
          ${icons.cross} ${T({ en: "Clear", zh: "清空" })}
        </button>
        <button class="btn" data-do="undo" @click=${this.undo}>${icons.undo} ${T({ en: "Undo", zh: "撤销" })}</button>
      </div>`;
  }

  override firstUpdated(): void {
    this.#paint();
  }

  // --- by pointer

  #drawing: number | undefined;

  #at(event: PointerEvent): Point {
    const box = (this.renderRoot.querySelector(".square") as HTMLElement).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
  }

  readonly #begin = (event: PointerEvent): void => {
    if (event.button !== 0 || this.#drawing !== undefined) return;
    this.#drawing = event.pointerId;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#strokes.push([]);
    this.#add(this.#at(event));
  };

  readonly #move = (event: PointerEvent): void => {
    if (event.pointerId !== this.#drawing) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length > 0 ? parts : [event]) this.#add(this.#at(part));
  };

  readonly #end = (event: PointerEvent): void => {
    if (event.pointerId === this.#drawing) this.#drawing = undefined;
  };

  // --- by keys

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y] = this.cursor;
    const moves: Readonly<Record<string, Point>> = {
      ArrowLeft: [x - 1, y],
      ArrowRight: [x + 1, y],
      ArrowUp: [x, y - 1],
      ArrowDown: [x, y + 1],
    };
    const to = moves[event.key];
    if (to) {
      this.cursor = [Math.max(0, Math.min(GRID - 1, to[0])), Math.max(0, Math.min(GRID - 1, to[1]))];
      if (this.penDown) this.#add(this.#penAt());
    } else if (event.key === " " || event.key === "Enter") {
      this.penDown = !this.penDown;
      if (this.penDown) {
        this.#strokes.push([]);
        this.#add(this.#penAt());
      }
    } else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key === "z") this.undo();
    else return;
    event.preventDefault();
  };

  #penAt(): Point {
    return [(this.cursor[0] + 0.5) * CELL, (this.cursor[1] + 0.5) * CELL];
  }

  // --- the drawing

  #add(point: Point): void {
    const stroke = this.#strokes.at(-1)!;
    this.#line(stroke.at(-1) ?? point, point);
    stroke.push(point);
    this.#paint();
    this.#tell();
  }

  #line(from: Point, to: Point): void {
    const context = this.#context;
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...from);
    // a line of no length is no dot everywhere
    context.lineTo(to[0] + (from[0] === to[0] && from[1] === to[1] ? 0.01 : 0), to[1]);
    context.stroke();
  }

  #redraw(): void {
    this.#context.clearRect(0, 0, SIZE, SIZE);
    if (this.#base) this.#context.drawImage(this.#base, 0, 0, SIZE, SIZE);
    for (const stroke of this.#strokes)
      for (const [i, point] of stroke.entries()) this.#line(stroke[i - 1] ?? point, point);
    this.#paint();
  }

  /** The drawing in the colour of the text. */
  #paint(): void {
    const canvas = this.renderRoot?.querySelector("canvas");
    this.empty = this.#base === undefined && this.#strokes.length === 0;
    if (!canvas) return;
    const context = canvas.getContext("2d")!;
    context.globalCompositeOperation = "copy";
    context.drawImage(this.#ink, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = getComputedStyle(this).color;
    context.fillRect(0, 0, SIZE, SIZE);
  }

  /** Once a frame at most: reading the drawing back takes a while. */
  #tell(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      const detail: DrawDetail =
        this.#strokes.length === 0 && this.#basePixels
          ? { pixels: this.#basePixels }
          : { drawn: this.#context.getImageData(0, 0, SIZE, SIZE) };
      this.dispatchEvent(new CustomEvent("draw", { detail }));
    });
  }
}

/** What a `draw` event carries: a drawing, white on nothing, or the digit that was put there, which is centred already. */
export type DrawDetail = { readonly drawn: ImageData } | { readonly pixels: Uint8Array };

customElements.define("wasmgrad-digit", WasmgradDigit);
