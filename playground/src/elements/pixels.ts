// `<wasmgrad-pixels>`: a small image as a grid of cells, to paint on or to look at, its values in the scale.
import { css, html, type TemplateResult } from "lit";
import { colour } from "../look/colour.ts";
import { value } from "../look/numbers.ts";
import { tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { Themed } from "./themed.ts";

/** A cell that was painted, or is looked at. */
export interface Cell {
  readonly index: number;
  readonly value: number;
}

export class PixelsElement extends Themed {
  static override properties = {
    values: { attribute: false },
    side: { type: Number },
    ink: { type: Boolean },
    paintable: { type: Boolean },
    lit: { type: Number },
    label: { type: String },
  };

  /** Row by row from the top. */
  values: ArrayLike<number> = [];
  side = 8;
  /** Values are ink from 0 to 1, no weights. */
  ink = false;
  paintable = false;
  /** The cell that is looked at; -1: none. */
  lit = -1;
  label = "";

  /** Where the keyboard is. */
  #at = 0;
  /** What a stroke puts: ink or nothing, as its first cell had it not. */
  #stroke: 0 | 1 | undefined;

  static override styles = [
    tokens,
    css`
      :host {
        display: block;
      }
      [role="grid"] {
        display: grid;
        gap: 2px;
        background: var(--line);
        border: 2px solid var(--line);
        border-radius: 8px;
        overflow: hidden;
        user-select: none;
        -webkit-user-select: none;
      }
      .paint {
        touch-action: none;
        cursor: crosshair;
      }
      [role="row"] {
        display: contents;
      }
      [role="gridcell"] {
        aspect-ratio: 1;
        outline: none;
        background: var(--card);
      }
      [role="gridcell"].ink {
        background: var(--ink);
      }
      [role="gridcell"].lit {
        box-shadow: inset 0 0 0 3px var(--accent);
      }
      [role="gridcell"]:focus-visible {
        outline: 3px solid var(--accent);
        outline-offset: -3px;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { side } = this;
    const values = Array.from(this.values);
    const max = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9);
    const cell = (i: number): TemplateResult => {
      const v = values[i] ?? 0;
      const place = T({
        en: `row ${Math.floor(i / side) + 1}, column ${(i % side) + 1}`,
        zh: `第 ${Math.floor(i / side) + 1} 行第 ${(i % side) + 1} 列`,
      });
      return html`<div
        role="gridcell"
        data-cell=${i}
        class="${this.ink && v > 0.5 ? "ink" : ""} ${i === this.lit ? "lit" : ""}"
        .style=${this.ink ? "" : `background:${colour(v, max, this.theme)}`}
        tabindex=${i === this.#at ? 0 : -1}
        aria-label="${place}: ${this.ink ? (v > 0.5 ? T({ en: "ink", zh: "有墨" }) : T({ en: "empty", zh: "空" })) : value(v)}"
        aria-selected=${this.paintable ? v > 0.5 : i === this.lit}
      ></div>`;
    };
    return html`<div
      role="grid"
      class=${this.paintable ? "paint" : ""}
      .style="grid-template-columns:repeat(${side},minmax(0,1fr))"
      aria-label=${this.label}
      @pointerdown=${this.#press}
      @pointermove=${this.#move}
      @pointerup=${this.#release}
      @pointercancel=${this.#release}
      @pointerleave=${() => this.#look(-1)}
      @keydown=${this.#key}
      @focusin=${this.#focused}
    >
      ${Array.from(
        { length: side },
        (_, r) => html`<div role="row">${Array.from({ length: side }, (__, c) => cell(r * side + c))}</div>`,
      )}
    </div>`;
  }

  #indexOf(element: Element | null): number {
    const text = element?.closest<HTMLElement>("[data-cell]")?.dataset["cell"];
    return text === undefined ? -1 : Number(text);
  }

  #say(name: string, index: number, v: number): void {
    const detail: Cell = { index, value: v };
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #look(index: number): void {
    if (index !== this.lit) this.#say("look", index, this.values[index] ?? 0);
  }

  #paint(index: number): void {
    if (index < 0 || this.#stroke === undefined || (this.values[index] ?? 0) === this.#stroke) return;
    this.#say("paint", index, this.#stroke);
  }

  #focused = (event: FocusEvent): void => {
    this.#at = this.#indexOf(event.target as Element);
    this.#look(this.#at);
  };

  #press = (event: PointerEvent): void => {
    const index = this.#indexOf(event.composedPath()[0] as Element);
    if (!this.paintable || event.button !== 0 || index < 0) return;
    event.preventDefault();
    this.#stroke = (this.values[index] ?? 0) > 0.5 ? 0 : 1;
    this.#at = index;
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.#paint(index);
  };

  #move = (event: PointerEvent): void => {
    // the pointer is captured: what is under it must be asked for
    const index = this.#indexOf(this.shadowRoot!.elementFromPoint(event.clientX, event.clientY));
    if (this.#stroke === undefined) {
      if (event.pointerType !== "touch") this.#look(index);
      return;
    }
    this.#paintTo(index);
  };

  /** All cells from the last one of the stroke to this one: a fast pointer leaves some out. */
  #paintTo(index: number): void {
    if (index < 0) return;
    const { side } = this;
    const [r, c] = [Math.floor(this.#at / side), this.#at % side];
    const [dr, dc] = [Math.floor(index / side) - r, (index % side) - c];
    const steps = Math.max(Math.abs(dr), Math.abs(dc));
    this.#at = index;
    for (let i = 1; i <= steps; i++)
      this.#paint(Math.round(r + (dr * i) / steps) * side + Math.round(c + (dc * i) / steps));
  }

  #release = (): void => {
    this.#stroke = undefined;
  };

  #key = (event: KeyboardEvent): void => {
    const { side } = this;
    const [r, c] = [Math.floor(this.#at / side), this.#at % side];
    const to = {
      ArrowRight: c + 1 < side ? this.#at + 1 : this.#at,
      ArrowLeft: c > 0 ? this.#at - 1 : this.#at,
      ArrowDown: r + 1 < side ? this.#at + side : this.#at,
      ArrowUp: r > 0 ? this.#at - side : this.#at,
      Home: r * side,
      End: r * side + side - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#at = to;
      this.requestUpdate();
      this.renderRoot.querySelector<HTMLElement>(`[data-cell="${to}"]`)!.focus();
    } else if ((event.key === " " || event.key === "Enter") && this.paintable) {
      event.preventDefault();
      this.#stroke = (this.values[this.#at] ?? 0) > 0.5 ? 0 : 1;
      this.#paint(this.#at);
      this.#stroke = undefined;
    }
  };
}

customElements.define("wasmgrad-pixels", PixelsElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-pixels": PixelsElement;
  }
}
