// `<wasmgrad-bend>`: the plane as a hidden layer bends it: where its points and its grid come to lie, and the straight line that cuts them.
import { css, html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { value } from "../look/numbers.ts";
import { tokens } from "../look/sheets.ts";
import { T } from "../shell/text.ts";
import { baseline, type Box, freest, labelBox, shared } from "./labels.ts";
import {
  answers,
  Area,
  axes,
  clip,
  ends,
  ground,
  lineOf,
  planeStyles,
  type Point,
  shape,
  TALL,
  type Weights,
  WIDE,
} from "./plane.ts";
import { Themed } from "./themed.ts";

/** From a point to the middle of its label: first to the upper right. */
const WAYS = [[22, -14], [22, 14], [-22, -14], [-22, 14], [0, -21], [0, 21], [26, 0], [-26, 0]] as const; // prettier-ignore

export class BendElement extends Themed {
  static override properties = {
    mesh: { attribute: false },
    side: { type: Number },
    places: { attribute: false },
    points: { attribute: false },
    weights: { attribute: false },
    middle: { attribute: false },
    reach: { type: Number },
    names: { attribute: false },
    wrong: { attribute: false },
    bent: { type: Number },
  };

  /** Where the `side` times `side` places of the plane's grid come to lie: two numbers each. */
  mesh: ArrayLike<number> = [];
  side = 41;
  /** Where the points come to lie. */
  places: readonly (readonly [number, number])[] = [];
  /** Where they were. */
  points: readonly Point[] = [];
  /** The output's line in the bent plane. */
  weights: Weights = { w1: 0, w2: 0, b: 0 };
  middle: readonly [number, number] = [0.5, 0.5];
  /** Half the side of what is shown. */
  reach = 0.6;
  names: readonly [string, string] = ["a1[1]", "a1[2]"];
  wrong: readonly number[] = [];
  /** 0: the plane as it was; 1: as the hidden layer bends it. */
  bent = 1;

  static override styles = [
    tokens,
    planeStyles,
    css`
      :host {
        display: block;
      }
      .mesh {
        fill: none;
        stroke: var(--ink);
        stroke-width: 0.8;
        opacity: 0.42;
        stroke-linejoin: round;
      }
      .case {
        stroke: var(--card);
        stroke-width: 6;
        stroke-opacity: 0.85;
      }
      .line {
        stroke: var(--ink);
        stroke-width: 2.6;
      }
      .plane .says {
        fill: var(--ink);
        font-weight: 650;
        paint-order: stroke;
        stroke: var(--card);
        stroke-width: 3px;
      }
      .wrongly {
        fill: none;
        stroke: var(--bad);
        stroke-width: 2.4;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { bent, middle, reach } = this;
    const area = new Area(middle[0] - reach, middle[0] + reach, middle[1] - reach, middle[1] + reach);
    const { defined, fill } = answers(area, this.weights, this.theme);
    const line = lineOf(area, this.weights);
    const where = this.places
      .map(([u, v], i) => `${this.points[i]!.x1} ${this.points[i]!.x2}: ${value(u)}, ${value(v)}`)
      .join("; ");
    return html`<svg
      class="plane"
      viewBox="0 0 ${WIDE} ${TALL}"
      role="img"
      aria-label="${T({ en: "The bent plane", zh: "弯曲后的平面" })}. ${where}"
      part="plane"
    >
      <defs>${clip} ${defined}</defs>
      <g data-mark="sides">${ground("var(--card)")}${ground(fill, 0.66 * bent)}</g>
      <g clip-path="url(#plane)">
        <path class="mesh" data-mark="mesh" d=${this.#mesh(area)} />
        ${
          line && bent === 1
            ? (() => {
                const { x1, y1, x2, y2 } = ends(area, line);
                return svg`<line class="case" x1=${x1} y1=${y1} x2=${x2} y2=${y2} /><line class="line" data-mark="outline" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />`;
              })()
            : nothing
        }
      </g>
      ${bent > 0.5 ? axes(area, this.names) : axes(new Area(-0.5, 1.5), ["x1", "x2"])} ${this.#points(area)}
    </svg>`;
  }

  /** A place of the drawing between where it was on the plane and where it is bent to. */
  #between(area: Area, x1: number, x2: number, u: number, v: number): [number, number] {
    const flat = new Area(-0.5, 1.5);
    const t = this.bent;
    return [flat.x(x1) + t * (area.x(u) - flat.x(x1)), flat.y(x2) + t * (area.y(v) - flat.y(x2))];
  }

  #mesh(area: Area): string {
    const { side, mesh } = this;
    if (mesh.length < 2 * side * side) return "";
    const at = (r: number, c: number): string => {
      const i = 2 * (r * side + c);
      const [x, y] = this.#between(
        area,
        -0.5 + (2 * c) / (side - 1),
        -0.5 + (2 * r) / (side - 1),
        mesh[i]!,
        mesh[i + 1]!,
      );
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    };
    const parts: string[] = [];
    for (let i = 0; i < side; i += 2) for (let k = 0; k < side; k++) parts.push((k ? "L" : "M") + at(i, k));
    for (let i = 0; i < side; i += 2) for (let k = 0; k < side; k++) parts.push((k ? "L" : "M") + at(k, i));
    return parts.join("");
  }

  /** The points; each has its label where it hides least of the other points and labels. */
  #points(area: Area): SVGTemplateResult[] {
    const places = this.places.map(([u, v], i) => {
      const { x1, x2 } = this.points[i]!;
      return this.#between(area, x1, x2, u, v);
    });
    const taken: Box[] = places.map(([x, y], i) => {
      const radius = this.wrong.includes(i) ? 14 : 9;
      return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
    });
    const names = this.points.map(({ x1, x2 }) => `${x1} ${x2}`);
    const drawn = { x: 0, y: 0, width: WIDE, height: TALL };
    const labels = places.map(([x, y], i) => {
      const boxes = [1, 1.8, 2.6].flatMap((far) =>
        WAYS.map(([dx, dy]) => labelBox(x + far * dx, y + far * dy, names[i]!.length)),
      );
      const label = freest(boxes, (box) =>
        taken.reduce((sum, other) => sum + shared(box, other), box.width * box.height - shared(box, drawn)),
      );
      taken.push(label);
      return baseline(label);
    });
    return places.map(
      ([x, y], i) =>
        svg`<g data-bent=${i} data-mark=${this.wrong.includes(i) ? "wrong" : "point"}>
          ${this.wrong.includes(i) ? svg`<circle class="wrongly" cx=${x} cy=${y} r="13" />` : nothing}
          ${shape(x, y, this.points[i]!.label, 8)}
          <text class="says" x=${labels[i]!.x} y=${labels[i]!.y} text-anchor="middle">${names[i]}</text>
        </g>`,
    );
  }
}

customElements.define("wasmgrad-bend", BendElement);

declare global {
  interface HTMLElementTagNameMap {
    "wasmgrad-bend": BendElement;
  }
}
