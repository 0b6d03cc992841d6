// `<wasmgrad-neuron>`: one neuron with one or two inputs. The plane, the line where z is 0, points; its weights as cells; the sum of one point.
import { html, nothing, type PropertyValues, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { colour, inkOn } from "../look/colour.ts";
import { readNumber, value } from "../look/numbers.ts";
import { controls, tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import {
  answers,
  Area,
  axes,
  classes,
  clip,
  ends,
  ground,
  lengthOf,
  type Line,
  lineOf,
  planeStyles,
  type Point,
  shape,
  SIDE,
  sigmoid,
  TALL,
  type Weights,
  WIDE,
} from "./plane.ts";
import { styles } from "./neuron/styles.ts";
import { Themed } from "./themed.ts";

/** Where weights were moved to; `done` once the pointer lets go. */
export interface Moved extends Weights {
  readonly done: boolean;
}

/* oxlint-disable no-restricted-properties -- for the eye: nothing of it reaches the library's memory */
const degrees = (x: number, y: number): number => Math.round((Math.atan2(y, x) * 180) / Math.PI);
/* oxlint-enable no-restricted-properties */

/** Cosine and sine of 5 degrees, and of 1, in figures: what is turned becomes weights, the same in every engine. */
const TURNS = [
  [0.9961946980917455, 0.08715574274765817],
  [0.9998476951563913, 0.01745240643728351],
] as const;

export class NeuronElement extends Themed {
  static override properties = {
    points: { attribute: false },
    weights: { attribute: false },
    inputs: { type: Number },
    from: { type: Number },
    to: { type: Number },
    chosen: { type: Number },
    adding: { type: Number },
    editable: { type: Boolean },
    still: { type: Boolean },
  };

  /** The points on the plane. */
  points: readonly Point[] = [];
  weights: Weights = { w1: 0, w2: 0, b: 0 };
  /** 1: the second axis means nothing. */
  inputs: 1 | 2 = 2;
  from = -0.5;
  to = 1.5;
  /** Index of the point whose sum is shown. */
  chosen = 0;
  /** Clicks on the plane put points of this class there. */
  adding: 0 | 1 | undefined = undefined;
  /** Points may be taken away. */
  editable = false;
  /** The line can't be moved by hand. */
  still = false;

  #drag: { readonly what: "move" | "turn"; readonly pivot: readonly [number, number] } | undefined;
  /** Where a point would be put by the keyboard. */
  #cross: [number, number] = [0, 0];
  #wrongCell: string | undefined;

  static override styles = [tokens, controls, planeStyles, styles];

  get #area(): Area {
    return new Area(this.from, this.to);
  }

  get #drawing(): SVGSVGElement {
    return this.renderRoot.querySelector("svg.plane")!;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (changed.has("from") || changed.has("to")) this.#cross = [...this.#area.middle];
  }

  #z({ x1, x2 }: { readonly x1: number; readonly x2: number }): number {
    const { w1, w2, b } = this.weights;
    return w1 * x1 + (this.inputs === 2 ? w2 * x2 : 0) + b;
  }

  /** Index of the points on the wrong side. */
  get wrong(): readonly number[] {
    return this.points.flatMap((point, i) => (this.#z(point) > 0 === (point.label === 1) ? [] : [i]));
  }

  protected override render(): TemplateResult {
    const area = this.#area;
    const wrong = this.wrong;
    const { w1, w2, b } = this.weights;
    const { defined, fill } = answers(area, this.inputs === 2 ? this.weights : { ...this.weights, w2: 0 }, this.theme);
    const side = T({ en: "The plane of the inputs", zh: "输入的平面" });
    const about = T({
      en: `${this.points.length - wrong.length} of ${this.points.length} points on their right side of the line`,
      zh: `${this.points.length} 个点中有 ${this.points.length - wrong.length} 个在直线的正确一侧`,
    });
    return html`<svg
        class=${this.adding === undefined ? "plane" : "plane adding"}
        viewBox="0 0 ${WIDE} ${TALL}"
        role="group"
        aria-label="${side}: w1 = ${value(w1)}, w2 = ${value(w2)}, b = ${value(b)}. ${about}"
        part="plane"
        @touchstart=${this.#hold}
        @pointerdown=${this.#press}
        @pointermove=${this.#pull}
        @pointerup=${this.#release}
        @pointercancel=${this.#release}
      >
        <defs>${clip} ${defined}</defs>
        <g data-mark="sides">${ground("var(--card)")}${ground(fill, 0.66)}</g>
        ${axes(area, ["x1", "x2"], this.inputs)} ${this.adding === undefined ? nothing : this.#crossing(area)}
        <g clip-path="url(#plane)">${this.#line(area)}</g>
        ${this.#points(area, wrong)} ${this.#handles(area)}
      </svg>
      <div class="cells" part="cells">${this.#cells()}</div>
      ${this.#sum()}`;
  }

  // --- the line, and what the neuron says on its sides

  #geometry(area: Area): Line | undefined {
    return lineOf(area, this.inputs === 2 ? this.weights : { ...this.weights, w2: 0 });
  }

  #line(area: Area): SVGTemplateResult | typeof nothing {
    const line = this.#geometry(area);
    if (!line) return nothing;
    const { foot, normal } = line;
    const { x1, y1, x2, y2 } = ends(area, line);
    // an arrow on the line's side of yes
    const [ax, ay] = [area.x(foot[0]), area.y(foot[1])];
    const tip = (forward: number, aside: number): string =>
      `${ax + forward * normal[0] - aside * normal[1]} ${ay - forward * normal[1] - aside * normal[0]}`;
    return svg`<line class="case" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />
      <line class="line" x1=${x1} y1=${y1} x2=${x2} y2=${y2} data-mark="line" />
      <path class="normal" data-mark="normal" d="M${tip(0, 0)}L${tip(40, 0)}M${tip(33, 5)}L${tip(40, 0)}L${tip(33, -5)}" />
      ${this.still ? nothing : svg`<line class="grip" data-drag="move" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />`}`;
  }

  // --- points

  #points(area: Area, wrong: readonly number[]): SVGTemplateResult | typeof nothing {
    if (this.points.length === 0) return nothing;
    const chosen = this.points[this.chosen];
    const [size, ring] = this.points.length > 12 ? [5.2, 3.2] : [8, 5];
    const mid = area.middle[1];
    const y = (point: Point): number => area.y(this.inputs === 2 ? point.x2 : mid);
    const bottom = area.y(this.from);
    return svg`<g
      class="points"
      role="listbox"
      tabindex="0"
      aria-label=${T({ en: "Points: arrow keys choose one", zh: "各点：用方向键选择" })}
      aria-activedescendant=${chosen ? `point${this.chosen}` : nothing}
      @keydown=${this.#pointKey}
    >
      ${
        chosen
          ? svg`<path class="drop" data-mark="chosen" d="M${area.x(this.from)} ${y(chosen)}H${area.x(chosen.x1)}V${bottom}" />`
          : nothing
      }
      ${this.points.map((point, i) => {
        const x = area.x(point.x1);
        const off = wrong.includes(i);
        const out = sigmoid(this.#z(point));
        return svg`<g
          class="point"
          id="point${i}"
          role="option"
          data-point=${i}
          data-mark=${off ? "wrong" : "point"}
          aria-selected=${i === this.chosen}
          aria-label=${`${this.inputs === 2 ? `${value(point.x1)}, ${value(point.x2)}` : value(point.x1)}: ${classes(point.label)}, y = ${value(out)}, ${off ? T({ en: "wrong side", zh: "错误一侧" }) : T({ en: "right side", zh: "正确一侧" })}`}
          @pointerenter=${(event: PointerEvent) => event.pointerType !== "touch" && this.#choose(i)}
          @click=${() => this.#choose(i)}
        >
          <circle class="hit" cx=${x} cy=${y(point)} r=${this.points.length > 12 ? 9 : 20} />
          ${off ? svg`<circle class="wrongly" cx=${x} cy=${y(point)} r=${size + ring} /><circle class="wrongly" cx=${x} cy=${y(point)} r=${size + ring} />` : nothing}
          ${shape(x, y(point), point.label, size)}
          ${i === this.chosen ? svg`<circle class="picked" cx=${x} cy=${y(point)} r=${size + ring + 3.5} />` : nothing}
        </g>`;
      })}
    </g>`;
  }

  #choose(index: number): void {
    if (index === this.chosen || this.#drag) return;
    this.dispatchEvent(new CustomEvent("choose", { detail: index, bubbles: true, composed: true }));
  }

  #pointKey = (event: KeyboardEvent): void => {
    const n = this.points.length;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by !== undefined) this.#choose((this.chosen + by + n) % n);
    else if (event.key === "Home") this.#choose(0);
    else if (event.key === "End") this.#choose(n - 1);
    else if (event.key === "Delete" && this.editable)
      this.dispatchEvent(new CustomEvent("take", { detail: this.chosen, bubbles: true, composed: true }));
    else return;
    event.preventDefault();
  };

  // --- the line by hand

  #handles(area: Area): SVGTemplateResult | typeof nothing {
    const line = this.#geometry(area);
    if (this.still || !line || this.adding !== undefined) return nothing;
    const { foot, normal } = line;
    const [p1, p2] = this.#pivot(area);
    const side = this.to - this.from;
    const places = [0.3, -0.3, 0.2, -0.2, 0.4, -0.4].map((share) =>
      area.within(p1 - share * side * normal[1], p2 + share * side * normal[0], 0.04),
    );
    // the first that lies over no point and not over the other handle
    const room = ([e1, e2]: readonly [number, number]): number =>
      Math.min(
        lengthOf(e1 - p1, e2 - p2) / 2,
        ...this.points.map(({ x1, x2 }) => (this.points.length > 12 ? side : lengthOf(e1 - x1, e2 - x2))),
      );
    const [t1, t2] =
      places.find((end) => room(end) > side * 0.08) ??
      places.reduce((best, end) => (room(end) > room(best) ? end : best));
    const angle = degrees(-normal[1], normal[0]);
    const away = foot[0] * normal[0] + foot[1] * normal[1];
    const handle = (
      what: "move" | "turn",
      x: number,
      y: number,
      label: string,
      now: number,
      says: string,
    ): SVGTemplateResult => svg`<g
        class="handle"
        role="slider"
        tabindex="0"
        data-drag=${what}
        data-mark=${what}
        aria-label=${label}
        aria-valuenow=${now}
        aria-valuetext=${says}
        @keydown=${(event: KeyboardEvent) => this.#handleKey(event, what)}
      >
        <circle class="hit" cx=${x} cy=${y} r="23" />
        <circle class="dot" cx=${x} cy=${y} r="12" />
        ${
          what === "move"
            ? svg`<path d="M${x - 6} ${y}H${x + 6}M${x} ${y - 6}V${y + 6}M${x - 3.5} ${y - 2.5}L${x - 6} ${y}l2.5 2.5M${x + 3.5} ${y - 2.5}L${x + 6} ${y}l-2.5 2.5M${x - 2.5} ${y - 3.5}L${x} ${y - 6}l2.5 2.5M${x - 2.5} ${y + 3.5}L${x} ${y + 6}l2.5 -2.5" />`
            : svg`<path d="M${x + 5} ${y + 1.5}a5 5 0 1 1 -1.6 -5M${x + 4.2} ${y - 6.4}v3.2h-3.2" />`
        }
      </g>`;
    return svg`${
      this.inputs === 2
        ? handle("turn", area.x(t1), area.y(t2), T({ en: "Turn the line", zh: "转动直线" }), angle, `${angle}°`)
        : nothing
    }
    ${handle("move", area.x(p1), area.y(p2), T({ en: "Move the line", zh: "移动直线" }), Number(away.toFixed(3)), T({ en: `${value(away)} from the origin`, zh: `离原点 ${value(away)}` }))}`;
  }

  /** Where the line is moved, and around which it is turned. */
  #pivot(area: Area): [number, number] {
    if (this.#drag?.what === "turn") return [...this.#drag.pivot];
    const [f1, f2] = this.#geometry(area)!.foot;
    return area.within(f1, f2, 0.06);
  }

  #moveThrough(p1: number, p2: number, done: boolean): void {
    const { w1, w2 } = this.weights;
    this.#moved({ w1, w2, b: -(w1 * p1 + (this.inputs === 2 ? w2 * p2 : 0)) }, done);
  }

  #turnTo(w1: number, w2: number, [p1, p2]: readonly [number, number], done: boolean): void {
    this.#moved({ w1, w2, b: -(w1 * p1 + w2 * p2) }, done);
  }

  #moved(weights: Weights, done: boolean): void {
    this.weights = weights;
    const detail: Moved = { ...weights, done };
    this.dispatchEvent(new CustomEvent("line", { detail, bubbles: true, composed: true }));
  }

  /** A finger on the line moves it, and doesn't scroll the page: touch-action means nothing within a drawing. */
  #hold = (event: TouchEvent): void => {
    if ((event.composedPath()[0] as Element).closest("[data-drag]")) event.preventDefault();
  };

  #press = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const area = this.#area;
    const target = event.composedPath()[0] as Element;
    if (this.adding !== undefined) {
      if (!target.closest(".point")) this.#put(...area.within(...area.under(event, this.#drawing)));
      return;
    }
    const what = target.closest<SVGElement>("[data-drag]")?.dataset["drag"] as "move" | "turn" | undefined;
    if (!what || !this.#geometry(area)) return;
    event.preventDefault();
    target.closest<SVGElement>(".handle")?.focus();
    this.#drag = { what, pivot: this.#pivot(area) };
    this.#drawing.setPointerCapture(event.pointerId);
  };

  #pull = (event: PointerEvent): void => {
    if (!this.#drag) return;
    const area = this.#area;
    const [p1, p2] = area.within(...area.under(event, this.#drawing));
    if (this.#drag.what === "move") return this.#moveThrough(p1, p2, false);
    const { pivot } = this.#drag;
    const along = [p1 - pivot[0], p2 - pivot[1]] as const;
    const length = lengthOf(...along);
    if (length * area.scale[0] < 8) return;
    const { normal, size } = this.#geometry(area)!;
    // of the two lines' sides, the one that is nearer to what it was
    const sign = normal[1] * along[0] - normal[0] * along[1] >= 0 ? 1 : -1;
    this.#turnTo((-sign * size * along[1]) / length, (sign * size * along[0]) / length, pivot, false);
  };

  #release = (): void => {
    if (!this.#drag) return;
    this.#drag = undefined;
    this.#moved(this.weights, true);
    this.requestUpdate();
  };

  #handleKey(event: KeyboardEvent, what: "move" | "turn"): void {
    const [right, up] =
      { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (right === undefined || up === undefined) return;
    event.preventDefault();
    const area = this.#area;
    const { foot, normal } = this.#geometry(area)!;
    const fine = event.shiftKey ? 0.2 : 1;
    if (what === "move") {
      const by = ((this.to - this.from) / 40) * fine;
      // along the line nothing would move: then across it
      const useful = Math.abs(right * normal[0] + up * normal[1]) > 0.05;
      const [d1, d2] = useful ? [right * by, up * by] : [normal[0] * by * (right + up), normal[1] * by * (right + up)];
      return this.#moveThrough(foot[0] + d1, foot[1] + d2, true);
    }
    const { w1, w2 } = this.weights;
    const [cosine, sine] = TURNS[event.shiftKey ? 1 : 0];
    const up1 = right < 0 || up > 0 ? sine : -sine;
    this.#turnTo(w1 * cosine - w2 * up1, w1 * up1 + w2 * cosine, this.#pivot(area), true);
  }

  // --- new points

  #crossing(area: Area): SVGTemplateResult {
    const [c1, c2] = this.#cross;
    const [x, y] = [area.x(c1), area.y(c2)];
    return svg`<g
      class="crossing"
      role="button"
      tabindex="0"
      aria-label=${T({ en: `Put a point at ${value(c1)}, ${value(c2)}: arrow keys move, Enter puts`, zh: `在 ${value(c1)}, ${value(c2)} 处放一个点：方向键移动，回车放下` })}
      @keydown=${this.#crossKey}
    >
      <rect x=${area.x(this.from)} y=${area.y(this.to)} width=${SIDE} height=${SIDE} fill="transparent" />
      <path class="cross" d="M${x - 12} ${y}H${x + 12}M${x} ${y - 12}V${y + 12}" />
      <circle class="cross" cx=${x} cy=${y} r="7" />
    </g>`;
  }

  #crossKey = (event: KeyboardEvent): void => {
    const [right, up] =
      { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    const by = (this.to - this.from) / 40;
    if (right !== undefined && up !== undefined)
      this.#cross = this.#area.within(this.#cross[0] + right * by, this.#cross[1] + up * by);
    else if (event.key === "Enter" || event.key === " ") this.#put(...this.#cross);
    else return;
    event.preventDefault();
    this.requestUpdate();
  };

  #put(x1: number, x2: number): void {
    const detail: Point = { x1, x2, label: this.adding ?? 0 };
    this.dispatchEvent(new CustomEvent("put", { detail, bubbles: true, composed: true }));
  }

  // --- numbers

  #cells(): TemplateResult {
    const names = this.inputs === 2 ? (["w1", "w2", "b"] as const) : (["w1", "b"] as const);
    const max = Math.max(...names.map((name) => Math.abs(this.weights[name])), 1e-9);
    return html`${names.map((name) => {
        const v = this.weights[name];
        return html`<label class="field" data-mark=${name === "b" ? "bias" : "weight"}
          ><span>${name}</span
          ><input
            name=${name}
            inputmode="decimal"
            autocomplete="off"
            spellcheck="false"
            ?readonly=${this.still}
            aria-invalid=${this.#wrongCell === name}
            aria-describedby="cells-say"
            .style="background:${colour(v, max, this.theme)};color:${inkOn(v, max, this.theme)}"
            .value=${this.#textOf(name)}
            @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()}
            @change=${() => this.#typed(name)}
        /></label>`;
      })}<span id="cells-say" class="small" role="status"
        >${
          this.#wrongCell
            ? html`<span class="wrong"
                >${T({ en: `${this.#wrongCell} must be a number such as −1.5; it stays as it was`, zh: `${this.#wrongCell} 应是一个数，如 −1.5；原值不变` })}</span
              >`
            : nothing
        }</span
      >`;
  }

  /** What is being typed, or was typed wrong, stays. */
  #textOf(name: keyof Weights): string {
    const input = this.#input(name);
    const typing = input !== null && (this.shadowRoot?.activeElement === input || this.#wrongCell === name);
    return typing ? input.value : value(this.weights[name]);
  }

  #input(name: string): HTMLInputElement | null {
    return this.renderRoot.querySelector(`input[name=${name}]`);
  }

  #typed(name: keyof Weights): void {
    const number = Math.fround(readNumber(this.#input(name)!.value));
    this.#wrongCell = Number.isFinite(number) ? undefined : name;
    if (this.#wrongCell === undefined) this.#moved({ ...this.weights, [name]: number }, true);
    this.requestUpdate();
  }

  #sum(): TemplateResult | typeof nothing {
    const point = this.points[this.chosen];
    if (!point) return nothing;
    const { w1, w2, b } = this.weights;
    const z = this.#z(point);
    const signed = (v: number): string => (v < 0 || Object.is(v, -0) ? `(${value(v)})` : value(v));
    const two = this.inputs === 2;
    return html`<div class="sum" part="sum" data-mark="sum" aria-live="off">
      <div>
        <span>z = w1·x1</span>${two ? html`<span>+ w2·x2</span>` : nothing}<span>+ b</span
        ><span>= ${value(w1)}·${signed(point.x1)}</span
        >${two ? html`<span>+ ${signed(w2)}·${signed(point.x2)}</span>` : nothing}<span>+ ${signed(b)}</span
        ><span>= <b data-z>${value(z)}</b></span>
      </div>
      <div>
        <span>y = sigmoid(z)</span><span>= 1 / (1 + e<sup>${value(-z)}</sup>)</span
        ><span>= <b data-y>${value(sigmoid(z))}</b></span
        ><span class="soft">${T({ en: `wanted: ${point.label}`, zh: `应为：${point.label}` })}</span>
      </div>
    </div>`;
  }
}

customElements.define("wasmgrad-neuron", NeuronElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-neuron": NeuronElement;
  }
}
