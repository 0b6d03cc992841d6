// `<wasmgrad-field>`: what a network says at each place of the plane, its boundary and other lines of equal value, and points.
import { css, html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { pixels, step } from "../look/colour.ts";
import { value } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { baseline, type Box, freest, labelBox, shared } from "./labels.ts";
import {
  Area,
  axes,
  classes,
  clip,
  contourPath,
  ground,
  planeStyles,
  type Point,
  shape,
  SIDE,
  TALL,
  WIDE,
} from "./plane.ts";
import { Themed } from "./themed.ts";

/** A value along which a line is drawn. */
export interface Level {
  readonly at: number;
  readonly dashed?: boolean;
}

export class FieldElement extends Themed {
  static override properties = {
    values: { attribute: false },
    side: { type: Number },
    max: { type: Number },
    levels: { attribute: false },
    points: { attribute: false },
    outputs: { attribute: false },
    rings: { attribute: false },
    pair: { attribute: false },
    chosen: { type: Number },
    from: { type: Number },
    to: { type: Number },
    grid: { type: Boolean },
  };

  /** `side` times `side` values, from the lowest x1 and x2, x1 running faster; below 0 is orange. */
  values: ArrayLike<number> = [];
  side = 41;
  max = 1;
  levels: readonly Level[] = [];
  points: readonly Point[] = [];
  /** What is said to each point, for a screen reader. */
  outputs: ArrayLike<number> = [];
  /** Points with a ring: those that are wrong, or those that hold the margin. */
  rings: { readonly kind: "wrong" | "support"; readonly of: readonly number[] } = { kind: "wrong", of: [] };
  /** Two points whose distance is shown. */
  pair: readonly [number, number] | undefined = undefined;
  chosen = 0;
  from = -0.5;
  to = 1.5;
  /** The lines of a grid of the plane's, as `wasmgrad-bend` carries it along. */
  grid = false;

  static override styles = [
    tokens,
    controls,
    planeStyles,
    css`
      :host {
        display: block;
      }
      .over {
        position: relative;
      }
      canvas {
        position: absolute;
        left: ${(28 / WIDE) * 100}%;
        top: ${(4 / TALL) * 100}%;
        width: ${(SIDE / WIDE) * 100}%;
        height: ${(SIDE / TALL) * 100}%;
        border-radius: 6px;
        opacity: 0.66;
      }
      svg.plane {
        position: relative;
      }
      .level {
        fill: none;
        stroke: var(--ink);
        stroke-width: 2.6;
        stroke-linecap: round;
      }
      .level.dashed {
        stroke-width: 1.6;
        stroke-dasharray: 6 5;
        stroke-linecap: butt;
      }
      .mesh {
        stroke: var(--ink);
        stroke-width: 0.7;
        opacity: 0.28;
        fill: none;
      }
      .point {
        cursor: pointer;
      }
      .hit {
        fill: transparent;
      }
      .ring {
        fill: none;
        stroke: var(--card);
        stroke-width: 5;
      }
      .ring + .ring {
        stroke: var(--bad);
        stroke-width: 2.4;
      }
      .support.ring + .ring {
        stroke: var(--ink);
        stroke-width: 2;
      }
      .distance {
        stroke: var(--ink);
        stroke-width: 2;
        stroke-dasharray: 1 5;
        stroke-linecap: round;
      }
      text.says {
        fill: var(--ink);
        font-weight: 650;
        paint-order: stroke;
        stroke: var(--card);
        stroke-width: 4px;
      }
    `,
  ];

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector("canvas")!;
    const { side, values, max } = this;
    if (values.length < side * side) return;
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(side, side);
    const out = new Uint32Array(image.data.buffer);
    const scale = pixels(this.theme);
    for (let r = 0; r < side; r++)
      for (let c = 0; c < side; c++) out[(side - 1 - r) * side + c] = scale[step(values[r * side + c]!, max)]!;
    context.putImageData(image, 0, 0);
  }

  protected override render(): TemplateResult {
    const area = new Area(this.from, this.to);
    const { values, side } = this;
    return html`<div class="over">
      <canvas width=${side} height=${side} aria-hidden="true"></canvas>
      <svg
        class="plane"
        viewBox="0 0 ${WIDE} ${TALL}"
        role="group"
        aria-label=${T({ en: "The plane of the inputs, and what is said at each place", zh: "输入的平面，以及各处的回答" })}
        part="plane"
      >
        <defs>${clip}</defs>
        <g data-mark="field">${ground("transparent")}</g>
        <g clip-path="url(#plane)">
          ${this.grid ? svg`<path class="mesh" data-mark="mesh" d=${this.#mesh(area)} />` : nothing}
          ${
            values.length < side * side
              ? nothing
              : this.levels.map(
                  ({ at, dashed }) =>
                    svg`<path class=${dashed ? "level dashed" : "level"} data-mark=${dashed ? "margin" : "boundary"} d=${contourPath(values, side, at, area)} />`,
                )
          }
        </g>
        ${axes(area, ["x1", "x2"])} ${this.#distance(area)} ${this.#points(area)}
      </svg>
    </div>`;
  }

  #mesh(area: Area): string {
    const parts: string[] = [];
    for (let i = 0; i <= 20; i++) {
      const v = this.from + ((this.to - this.from) * i) / 20;
      parts.push(
        `M${area.x(v)} ${area.y(this.from)}V${area.y(this.to)}M${area.x(this.from)} ${area.y(v)}H${area.x(this.to)}`,
      );
    }
    return parts.join("");
  }

  #distance(area: Area): SVGTemplateResult | typeof nothing {
    const [a, b] = (this.pair ?? []).map((i) => this.points[i]!);
    if (!a || !b || a === b) return nothing;
    const [x1, y1, x2, y2] = [area.x(a.x1), area.y(a.x2), area.x(b.x1), area.y(b.x2)];
    const says = `|c${this.pair![0] + 1} − c${this.pair![1] + 1}|² = ${value((a.x1 - b.x1) ** 2 + (a.x2 - b.x2) ** 2)}`;
    const { x, y } = baseline(this.#free(area, [x1, y1, x2, y2], says.length));
    return svg`<g data-mark="distance"><line class="distance" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />
      <text class="says" x=${x} y=${y} text-anchor="middle">${says}</text></g>`;
  }

  /** Beside the line between two points, where the label crosses as few levels and points as can be. */
  #free(area: Area, [x1, y1, x2, y2]: readonly [number, number, number, number], characters: number): Box {
    const { values, side, levels, points } = this;
    const boxes = [0.5, 0.3, 0.7].flatMap((t) => {
      const [x, y] = [x1 + t * (x2 - x1), y1 + t * (y2 - y1)];
      const half = labelBox(0, 0, characters).width / 2 + 6;
      const flat = Math.abs(y2 - y1) <= Math.abs(x2 - x1);
      const aside = flat ? [[0, -14], [0, 14]] : [[half, 0], [-half, 0]]; // prettier-ignore
      return aside.map(([dx, dy]) => labelBox(x + dx!, y + dy!, characters));
    });
    const cell = area.scale.map((units) => (units * (this.to - this.from)) / (side - 1));
    const [left, bottom] = [area.x(this.from), area.y(this.from)];
    const within = { x: left, y: area.y(this.to), width: area.x(this.to) - left, height: bottom - area.y(this.to) };
    return freest(boxes, (box) => {
      // a little may stand over the border
      let hidden = (box.width * box.height - shared(box, within)) / 4;
      for (const point of points)
        hidden += shared(box, { x: area.x(point.x1) - 14, y: area.y(point.x2) - 14, width: 28, height: 28 });
      if (values.length < side * side) return hidden;
      const [c0, c1] = [box.x, box.x + box.width].map((x) => Math.round((x - left) / cell[0]!)) as [number, number];
      const [r0, r1] = [box.y + box.height, box.y].map((y) => Math.round((bottom - y) / cell[1]!)) as [number, number];
      for (let r = Math.max(0, r0); r < Math.min(side - 1, r1); r++)
        for (let c = Math.max(0, c0); c < Math.min(side - 1, c1); c++) {
          const [here, right, above] = [0, 1, side].map((by) => values[r * side + c + by]!) as [number, number, number];
          for (const { at, dashed } of levels)
            // the boundary is solid, and worse to be hidden than a margin
            if (here > at !== right > at || here > at !== above > at) hidden += dashed ? 4 : 40;
        }
      return hidden;
    });
  }

  #points(area: Area): SVGTemplateResult | typeof nothing {
    if (this.points.length === 0) return nothing;
    const { kind, of } = this.rings;
    return svg`<g
      class="points"
      role="listbox"
      tabindex="0"
      aria-label=${T({ en: "Points: arrow keys choose one", zh: "各点：用方向键选择" })}
      aria-activedescendant=${`point${this.chosen}`}
      @keydown=${this.#key}
    >
      ${this.points.map((point, i) => {
        const [x, y] = [area.x(point.x1), area.y(point.x2)];
        const ringed = of.includes(i);
        const ring = svg`<circle class="ring ${kind}" cx=${x} cy=${y} r="13" />`;
        const says = ringed
          ? kind === "wrong"
            ? T({ en: ", wrong", zh: "，答错" })
            : T({ en: ", support vector", zh: "，支持向量" })
          : "";
        return svg`<g
          class="point"
          id="point${i}"
          role="option"
          data-point=${i}
          data-mark=${ringed ? kind : "point"}
          aria-selected=${i === this.chosen}
          aria-label=${`${value(point.x1)}, ${value(point.x2)}: ${classes(point.label)}${this.outputs[i] === undefined ? "" : `, ${value(this.outputs[i])}`}${says}`}
          @pointerenter=${(event: PointerEvent) => event.pointerType !== "touch" && this.#choose(i)}
          @click=${() => this.#choose(i)}
        >
          <circle class="hit" cx=${x} cy=${y} r="20" />
          ${ringed ? [ring, ring] : nothing} ${shape(x, y, point.label, 8)}
          ${i === this.chosen ? svg`<circle class="picked" cx=${x} cy=${y} r="17" />` : nothing}
        </g>`;
      })}
    </g>`;
  }

  #choose(index: number): void {
    if (index !== this.chosen)
      this.dispatchEvent(new CustomEvent("choose", { detail: index, bubbles: true, composed: true }));
  }

  #key = (event: KeyboardEvent): void => {
    const n = this.points.length;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.#choose((this.chosen + by + n) % n);
  };
}

customElements.define("wasmgrad-field", FieldElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-field": FieldElement;
  }
}
