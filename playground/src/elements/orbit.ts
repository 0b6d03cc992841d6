// `<wasmgrad-orbit>`: the plane of two weights, and the way that they take on it: the last updates, whole paths, lines of equal loss below.
import { css, html, LitElement, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { value } from "../look/numbers.ts";
import { tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { Area, axes, clip, contourPath, ground, planeStyles, TALL, WIDE } from "./plane.ts";

/** A place on the plane of the weights. */
export type Place = readonly [w1: number, w2: number];

/** A way through the weights. */
export interface Path {
  readonly name: string;
  readonly places: readonly Place[];
  /** The updates from the first place to the last. */
  readonly updates: number;
  /** Solid without. */
  readonly dashed?: boolean;
}

/** Losses over a square of weights, row by row from the lowest w2, `side` in each. */
export interface Landscape {
  readonly from: Place;
  readonly to: Place;
  readonly side: number;
  readonly losses: ArrayLike<number>;
  /** Losses along which lines are drawn. */
  readonly levels: readonly number[];
}

/** Shares of the trail that are drawn ever fainter. */
const FADES = [0.25, 0.4, 0.65, 1];

export class OrbitElement extends LitElement {
  static override properties = {
    trail: { attribute: false },
    paths: { attribute: false },
    cycle: { attribute: false },
    landscape: { attribute: false },
  };

  /** The last places, the present one last. */
  trail: readonly Place[] = [];
  /** Whole ways, which have names. */
  paths: readonly Path[] = [];
  /** Places that are gone round for ever. */
  cycle: readonly Place[] = [];
  landscape: Landscape | undefined = undefined;

  /** Half the side of what is shown: it only grows, so that the picture is quiet. */
  #reach = 1;
  #lines: { readonly of: Landscape; readonly drawn: SVGTemplateResult } | undefined;

  static override styles = [
    tokens,
    planeStyles,
    css`
      :host {
        display: block;
      }
      .zero-line {
        stroke: var(--line2);
      }
      .trail {
        fill: none;
        stroke: var(--ink);
        stroke-width: 1.5;
        stroke-linejoin: round;
      }
      .path {
        fill: none;
        stroke: var(--op-a);
        stroke-width: 2.2;
        stroke-linejoin: round;
      }
      .path.dashed {
        stroke: var(--op-b);
        stroke-dasharray: 7 4;
      }
      .stop {
        fill: var(--op-a);
        stroke: var(--card);
        stroke-width: 1;
      }
      .dashed + g .stop {
        fill: var(--op-b);
      }
      .round {
        fill: none;
        stroke: var(--accent);
        stroke-width: 2.2;
        stroke-linejoin: round;
      }
      .station {
        fill: var(--card);
        stroke: var(--accent);
        stroke-width: 2.2;
      }
      .now {
        fill: var(--ink);
        stroke: var(--card);
        stroke-width: 2;
      }
      .level {
        fill: none;
        stroke: var(--soft);
        stroke-width: 1;
        opacity: 0.5;
      }
      .key {
        display: flex;
        gap: 4px 14px;
        flex-wrap: wrap;
        font-size: 0.75rem;
        color: var(--soft);
        margin-top: 4px;
      }
      .key span {
        display: inline-flex;
        gap: 6px;
        align-items: center;
      }
      .key svg {
        width: 26px;
        height: 8px;
      }
    `,
  ];

  get #area(): Area {
    if (this.landscape) {
      const { from, to } = this.landscape;
      return new Area(from[0], to[0], from[1], to[1]);
    }
    const all = [...this.trail, ...this.cycle];
    const most = all.reduce((size, [a, b]) => Math.max(size, Math.abs(a), Math.abs(b)), 0);
    while (Number.isFinite(most) && most * 1.08 > this.#reach) this.#reach *= 1.5;
    while (this.#reach > 1 && most * 2 < this.#reach) this.#reach /= 1.5;
    return new Area(-this.#reach, this.#reach);
  }

  protected override render(): TemplateResult {
    const area = this.#area;
    const now = this.trail.at(-1);
    const says = now
      ? `${T({ en: "The plane of the weights", zh: "权重的平面" })}: w1 = ${value(now[0])}, w2 = ${value(now[1])}. ${this.#says()}`
      : T({ en: "The plane of the weights", zh: "权重的平面" });
    return html`<svg
        class="plane"
        viewBox="0 0 ${WIDE} ${TALL}"
        role="img"
        aria-label=${says}
        part="plane"
        data-mark="orbit"
      >
        <defs>${clip}</defs>
        ${ground("var(--card)")}
        <g clip-path="url(#plane)">
          <path
            class="zero-line"
            d="M${area.x(area.from[0])} ${area.y(0)}H${area.x(area.to[0])}M${area.x(0)} ${area.y(area.from[1])}V${area.y(area.to[1])}"
          />
          ${this.#levels(area)} ${this.#trail(area)} ${this.paths.map((path) => this.#path(area, path))}
          ${this.#round(area)}
          ${now ? svg`<circle class="now" cx=${area.x(now[0])} cy=${area.y(now[1])} r="6" />` : nothing}
        </g>
        ${axes(area, ["w1", "w2"])}
      </svg>
      ${this.#key()}`;
  }

  #says(): string {
    if (this.cycle.length > 0)
      return T({
        en: `They go round ${this.cycle.length} places for ever.`,
        zh: `它们永远绕着 ${this.cycle.length} 个位置转。`,
      });
    return this.paths
      .map(({ name, places, updates }) => {
        const [w1, w2] = places.at(-1) ?? [Number.NaN, Number.NaN];
        return `${name}: ${updates}, w1 = ${value(w1)}, w2 = ${value(w2)}.`;
      })
      .join(" ");
  }

  #d(area: Area, places: readonly Place[]): string {
    return places.map(([a, b], i) => `${i ? "L" : "M"}${area.x(a).toFixed(1)} ${area.y(b).toFixed(1)}`).join("");
  }

  #trail(area: Area): SVGTemplateResult[] {
    const n = this.trail.length;
    return FADES.map((opacity, k) => {
      const part = this.trail.slice(
        Math.max(0, Math.floor((n * k) / FADES.length) - 1),
        Math.ceil((n * (k + 1)) / FADES.length),
      );
      return svg`<path class="trail" opacity=${opacity} d=${this.#d(area, part)} />`;
    });
  }

  #path(area: Area, { places, dashed }: Path): SVGTemplateResult {
    return svg`<path class=${dashed ? "path dashed" : "path"} d=${this.#d(area, places)} /><g>${places
      .slice(0, 60)
      .map(([a, b]) => svg`<circle class="stop" cx=${area.x(a)} cy=${area.y(b)} r=${dashed ? 4 : 2.6} />`)}</g>`;
  }

  #round(area: Area): SVGTemplateResult | typeof nothing {
    if (this.cycle.length === 0) return nothing;
    return svg`<g data-mark="cycle"><path class="round" d=${`${this.#d(area, this.cycle)}Z`} />${this.cycle.map(
      ([a, b]) => svg`<circle class="station" cx=${area.x(a)} cy=${area.y(b)} r="4.5" />`,
    )}</g>`;
  }

  #levels(area: Area): SVGTemplateResult | typeof nothing {
    const { landscape } = this;
    if (!landscape) return nothing;
    if (this.#lines?.of !== landscape) {
      const { side, losses, levels } = landscape;
      const drawn = svg`${levels.map((level) => svg`<path class="level" d=${contourPath(losses, side, level, area)} />`)}`;
      this.#lines = { of: landscape, drawn };
    }
    return svg`<g data-mark="levels">${this.#lines!.drawn}</g>`;
  }

  #key(): TemplateResult | typeof nothing {
    if (this.paths.length === 0) return nothing;
    return html`<div class="key">
      ${this.paths.map(
        ({ name, dashed }) =>
          html`<span data-mark=${dashed ? "path-dashed" : "path"}
            ><svg aria-hidden="true"><path class=${dashed ? "path dashed" : "path"} d="M0 4H26" /></svg>${name}</span
          >`,
      )}
    </div>`;
  }
}

customElements.define("wasmgrad-orbit", OrbitElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-orbit": OrbitElement;
  }
}
