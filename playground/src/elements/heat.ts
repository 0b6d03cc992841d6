// <wasmgrad-heat>: numbers as coloured pixels, for maps, kernels, gradients and digits. A picture: who puts it there says what it shows.
import { css, html, LitElement } from "lit";
import { onTheme, pixels as scaleOf, step, themeOf } from "../look/colour.ts";
import { tokens } from "../look/sheets.ts";
import type { Window } from "../digits/origin.ts";

const SCALES = { light: scaleOf("light"), dark: scaleOf("dark") } as const;
/** Paper and ink, as in tokens.css. */
const PAPER = { light: [255, 20], dark: [22, 233] } as const;

/** The largest size of numbers. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

export class WasmgradHeat extends LitElement {
  static override properties = {
    values: { attribute: false },
    ink: { attribute: false },
    rows: { type: Number },
    columns: { type: Number },
    max: { type: Number },
    stride: { type: Number },
    offset: { type: Number },
    window: { attribute: false },
  };
  static override styles = [
    tokens,
    css`
      :host {
        display: block;
        position: relative;
        overflow: hidden;
        border: 1px solid var(--line2);
        border-radius: 4px;
        line-height: 0;
      }
      canvas {
        width: 100%;
        image-rendering: pixelated;
        display: block;
      }
      i {
        position: absolute;
        box-sizing: border-box;
        outline: 2px solid var(--op-a);
        box-shadow: 0 0 0 3.5px var(--card);
        pointer-events: none;
      }
    `,
  ];

  /** Row by row; `stride` and `offset` choose a channel. Undefined: only ink. */
  declare values: ArrayLike<number> | undefined;
  /** Bytes of a digit, drawn over the values, or alone. */
  declare ink: Uint8Array | undefined;
  declare rows: number;
  declare columns: number;
  /** What has the full colour. */
  declare max: number;
  declare stride: number;
  declare offset: number;
  /** A part to be marked. */
  declare window: Window | undefined;
  #themeEnds = (): void => {};

  constructor() {
    super();
    this.rows = this.columns = 28;
    this.max = this.stride = 1;
    this.offset = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#themeEnds = onTheme(() => this.#paint());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#themeEnds();
  }

  override render() {
    const { window, rows, columns } = this;
    const share = (part: number, whole: number): string => `${(100 * part) / whole}%`;
    return html`<canvas aria-hidden="true" width=${columns} height=${rows}></canvas>${
        window
          ? html`<i
              .style="top:${share(window.top, rows)};left:${share(window.left, columns)};height:${share(window.height, rows)};width:${share(
                window.width,
                columns,
              )}"
            ></i>`
          : ""
      }`;
  }

  override updated(): void {
    this.#paint();
  }

  #paint(): void {
    const context = this.renderRoot.querySelector("canvas")?.getContext("2d");
    if (!context) return;
    const { values, ink, rows, columns, max, stride, offset } = this;
    const theme = themeOf(this);
    const image = context.createImageData(columns, rows);
    const words = new Uint32Array(image.data.buffer);
    const scale = SCALES[theme];
    const [paper, black] = PAPER[theme];
    for (let i = 0; i < words.length; i++) words[i] = values ? scale[step(values[i * stride + offset] ?? 0, max)]! : 0;
    if (ink) {
      const strength = values ? 0.45 : 1;
      for (let i = 0; i < words.length; i++) {
        const share = (strength * ink[i]!) / 255;
        for (let k = 0; k < 3; k++) {
          const below = values ? image.data[4 * i + k]! : paper;
          image.data[4 * i + k] = below + (black - below) * share;
        }
        image.data[4 * i + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  }
}

customElements.define("wasmgrad-heat", WasmgradHeat);
