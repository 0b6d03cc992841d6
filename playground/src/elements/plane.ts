// The plane of two inputs, as several elements draw it: where a position is on the screen, its axes, and points of two classes.
import { css, nothing, svg, type SVGTemplateResult } from "lit";
import { colour, type Theme } from "../look/colour.ts";
import { T } from "../shell/text.ts";

/** A point with its class: a no is a square, a yes is a circle. */
export interface Point {
  readonly x1: number;
  readonly x2: number;
  readonly label: 0 | 1;
}

/** Units of a drawing, which is scaled to its place. */
export const WIDE = 424;
export const TALL = 416;
/** What is left of, and below, the plane for its axes. */
const LEFT = 28;
const TOP = 4;
/** Sides of the plane in a drawing. */
export const SIDE = 392;

/** Which part of the plane is shown: from and to, the same on both axes unless a second pair is given. */
export class Area {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];

  constructor(from: number, to: number, from2 = from, to2 = to) {
    this.from = [from, from2];
    this.to = [to, to2];
  }

  /** Units of the drawing for 1 along each axis. */
  get scale(): readonly [number, number] {
    return [SIDE / (this.to[0] - this.from[0]), SIDE / (this.to[1] - this.from[1])];
  }

  get middle(): readonly [number, number] {
    return [(this.from[0] + this.to[0]) / 2, (this.from[1] + this.to[1]) / 2];
  }

  x(x1: number): number {
    return LEFT + (x1 - this.from[0]) * this.scale[0];
  }

  y(x2: number): number {
    return TOP + (this.to[1] - x2) * this.scale[1];
  }

  /** The position at a place in the drawing. */
  at(x: number, y: number): [number, number] {
    return [this.from[0] + (x - LEFT) / this.scale[0], this.to[1] - (y - TOP) / this.scale[1]];
  }

  /** The position under a pointer. */
  under(event: PointerEvent | MouseEvent, drawing: Element): [number, number] {
    const box = drawing.getBoundingClientRect();
    return this.at(((event.clientX - box.left) * WIDE) / box.width, ((event.clientY - box.top) * TALL) / box.height);
  }

  /** The nearest position that is shown, a share of the side away from the border. */
  within(x1: number, x2: number, share = 0): [number, number] {
    return [x1, x2].map((v, k) => {
      const margin = (this.to[k]! - this.from[k]!) * share;
      return Math.max(this.from[k]! + margin, Math.min(this.to[k]! - margin, v));
    }) as [number, number];
  }
}

/** Length of an arrow: what comes of it may be a weight, so that no engine's own idea of it will do. */
export const lengthOf = (x: number, y: number): number => Math.sqrt(x * x + y * y);

/** Round numbers between two, about so many. */
export function ticks(from: number, to: number, about = 5): number[] {
  const rough = (to - from) / about;
  const power = 10 ** Number(rough.toExponential().split("e")[1]);
  const unit = [1, 2, 5, 10].find((times) => times * power >= rough)! * power;
  const first = Math.ceil(from / unit - 1e-9);
  const last = Math.floor(to / unit + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * unit).toPrecision(12)));
}

/** What is drawn over the plane is cut off at its border. */
export const clip = svg`<clipPath id="plane"><rect x=${LEFT} y=${TOP} width=${SIDE} height=${SIDE} rx="6" /></clipPath>`;

/** The plane's own rectangle. */
export const ground = (fill: string, opacity = 1): SVGTemplateResult =>
  svg`<rect class="ground" x=${LEFT} y=${TOP} width=${SIDE} height=${SIDE} rx="6" fill=${fill} fill-opacity=${opacity} />`;

const plain = (v: number): string => String(v).replace("-", "−");

/** Numbers at the axes, and the axes' names. */
export function axes(area: Area, names: readonly [string, string], only: 1 | 2 = 2): SVGTemplateResult {
  const bottom = TOP + SIDE;
  // the name stands at the far end
  const shown = (k: 0 | 1): number[] =>
    ticks(area.from[k], area.to[k]).filter(
      (v) => (area.to[k] - v) * area.scale[k] > (k === 0 ? 8 + 8 * names[0].length : 20),
    );
  return svg`<g class="axes" aria-hidden="true">
    ${shown(0).map((v) => svg`<text x=${area.x(v)} y=${bottom + 15} text-anchor="middle">${plain(v)}</text>`)}
    <text class="name" x=${LEFT + SIDE} y=${bottom + 15} text-anchor="end">${names[0]}</text>
    ${
      only === 2
        ? svg`${shown(1).map((v) => svg`<text x=${LEFT - 6} y=${area.y(v) + 4} text-anchor="end">${plain(v)}</text>`)}
    <text class="name" x=${LEFT - (names[1].length > 4 ? 3 : 6)} y=${TOP + 10} text-anchor="end">${names[1]}</text>`
        : nothing
    }
  </g>`;
}

/** A point's shape, by its class. */
export function shape(x: number, y: number, label: 0 | 1, size = 6.5): SVGTemplateResult {
  return label === 1
    ? svg`<circle class="one" cx=${x} cy=${y} r=${size} />`
    : svg`<rect class="zero" x=${x - size * 0.9} y=${y - size * 0.9} width=${size * 1.8} height=${size * 1.8} rx="1.5" />`;
}

/** What a class looks like, in words. */
export const classes = (label: 0 | 1): string =>
  T(label === 1 ? { en: "circle, class 1", zh: "圆点，类别 1" } : { en: "square, class 0", zh: "方块，类别 0" });

/** How such drawings look. */
export const planeStyles = css`
  svg.plane {
    display: block;
    width: 100%;
    height: auto;
    overflow: visible;
    user-select: none;
    -webkit-user-select: none;
  }
  .plane text {
    font: 500 11.5px var(--mono);
    fill: var(--soft);
  }
  .plane .name {
    font-weight: 700;
    fill: var(--ink);
  }
  /* the drawing shrinks on a phone, what is read at its axes less so */
  @media (max-width: 720px) {
    .plane .axes text {
      font-size: 13px;
    }
  }
  @media (max-width: 350px) {
    .plane .axes text {
      font-size: 15.5px;
    }
  }
  .plane .ground {
    stroke: var(--line2);
  }
  .plane .one,
  .plane .zero {
    stroke: var(--card);
    stroke-width: 2;
  }
  .plane .one {
    fill: var(--pos);
  }
  .plane .zero {
    fill: var(--neg);
  }
  .plane [tabindex] {
    outline: none;
  }
  .picked {
    fill: none;
    stroke: var(--ink);
    stroke-width: 2;
    stroke-dasharray: 2.5 2.5;
  }
  .points:focus-visible .picked {
    stroke: var(--accent);
    stroke-width: 3.4;
    stroke-dasharray: none;
  }
`;

/* oxlint-disable no-restricted-properties -- for the eye: nothing of it reaches the library's memory */
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const bend = (z: number): number => Math.tanh(z / 2);
/* oxlint-enable no-restricted-properties */

/** A neuron's weights. One with a single input has a w2 of 0. */
export interface Weights {
  readonly w1: number;
  readonly w2: number;
  readonly b: number;
}

/** Where the gradient that paints the plane has its colours, in z. */
const STOPS = Array.from({ length: 25 }, (_, i) => (i - 12) / 2);
const EDGE = 6;

/** A neuron's line on the plane: where it is nearest to the middle; the direction in which z grows; how fast. */
export interface Line {
  readonly foot: readonly [number, number];
  readonly normal: readonly [number, number];
  readonly size: number;
}

/** The line where z is 0; undefined if there is none, or only farther away than matters. */
export function lineOf(area: Area, { w1, w2, b }: Weights): Line | undefined {
  const size = lengthOf(w1, w2);
  const [m1, m2] = area.middle;
  const side = area.to[0] - area.from[0];
  const away = (w1 * m1 + w2 * m2 + b) / size;
  if (!(size * side > 1e-4) || !(Math.abs(away) < 1e4 * side)) return undefined;
  const normal: [number, number] = [w1 / size, w2 / size];
  return { foot: [m1 - away * normal[0], m2 - away * normal[1]], normal, size };
}

/** A neuron's answers as a gradient across its line, which the plane is filled with: its definition, and the fill. */
export function answers(
  area: Area,
  weights: Weights,
  theme: Theme,
): { readonly defined: SVGTemplateResult | typeof nothing; readonly fill: string } {
  const line = lineOf(area, weights);
  if (!line) {
    const [m1, m2] = area.middle;
    const z = weights.w1 * m1 + weights.w2 * m2 + weights.b;
    return { defined: nothing, fill: colour(bend(z), 1, theme) };
  }
  const { foot, normal, size } = line;
  const reach = Math.max(EDGE / size, 0.02 / area.scale[0]);
  const end = (sign: 1 | -1): [number, number] => [
    area.x(foot[0] + sign * reach * normal[0]),
    area.y(foot[1] + sign * reach * normal[1]),
  ];
  const [x1, y1] = end(-1);
  const [x2, y2] = end(1);
  const defined = svg`<linearGradient id="answers" gradientUnits="userSpaceOnUse" x1=${x1} y1=${y1} x2=${x2} y2=${y2}>
    ${STOPS.map((z) => svg`<stop offset=${(z + EDGE) / (2 * EDGE)} stop-color=${colour(bend(z), 1, theme)} />`)}
  </linearGradient>`;
  return { defined, fill: "url(#answers)" };
}

/** Both ends of a line, far outside of the plane, for a drawing. */
export function ends(area: Area, { foot, normal }: Line): { x1: number; y1: number; x2: number; y2: number } {
  const far = 2 * (area.to[0] - area.from[0]);
  const at = (along: number): [number, number] => [
    area.x(foot[0] - along * normal[1]),
    area.y(foot[1] + along * normal[0]),
  ];
  const [[x1, y1], [x2, y2]] = [at(-far), at(far)];
  return { x1, y1, x2, y2 };
}

/** Segments along which a grid of values is `level`: pairs of places in steps of the grid. */
function contour(values: ArrayLike<number>, side: number, level: number): [number, number, number, number][] {
  const segments: [number, number, number, number][] = [];
  for (let r = 0; r + 1 < side; r++)
    for (let c = 0; c + 1 < side; c++) {
      const corners = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]] as const; // prettier-ignore
      const cuts: [number, number][] = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [corners[k]!, corners[(k + 1) % 4]!];
        const [va, vb] = [values[a[1] * side + a[0]]! - level, values[b[1] * side + b[0]]! - level];
        if (va < 0 === vb < 0) continue;
        const t = va / (va - vb);
        cuts.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
      }
      // four at a saddle: they cross
      if (cuts.length === 4) segments.push([...cuts[0]!, ...cuts[2]!], [...cuts[1]!, ...cuts[3]!]);
      else if (cuts.length === 2) segments.push([...cuts[0]!, ...cuts[1]!]);
    }
  return segments;
}

/** The same as a path over an area whose sides the grid divides. */
export function contourPath(values: ArrayLike<number>, side: number, level: number, area: Area): string {
  const x = (c: number): string => area.x(area.from[0] + ((area.to[0] - area.from[0]) * c) / (side - 1)).toFixed(1);
  const y = (r: number): string => area.y(area.from[1] + ((area.to[1] - area.from[1]) * r) / (side - 1)).toFixed(1);
  return contour(values, side, level)
    .map(([c, r, c2, r2]) => `M${x(c)} ${y(r)}L${x(c2)} ${y(r2)}`)
    .join("");
}
