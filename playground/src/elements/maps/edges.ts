// The lines of <wasmgrad-maps>: drawn, and found under the pointer.
import { type Edge, type MapsLayer, offsetOf, widthOf } from "./layout.ts";

/** Pixels around an edge in which it is meant. */
const NEAR = 6;
const LEVELS = 6;
/** Lines between two layers, at most: the largest weights. More of them are a grey wall, and take seconds to draw. */
const MOST = 256;

/** Left and right side and middle of a unit, from the corner of what the edges are drawn on. */
export interface Box {
  readonly l: number;
  readonly r: number;
  readonly y: number;
}

export interface Edges {
  readonly layers: readonly MapsLayer[];
  /** All parameters in their order. */
  readonly weights: Float32Array;
  /** The units of each layer, that of the inputs first. */
  readonly places: readonly (readonly Box[])[];
  readonly colours: { readonly negative: string; readonly positive: string };
  /** Negative ones: the sign in a still picture, for who sees no colours. */
  readonly dashed: boolean;
}

/** Widths and colours say the weights. Lines of a like size are one path: strokes are what costs. */
export function drawEdges(
  context: CanvasRenderingContext2D,
  { layers, weights, places, colours, dashed }: Edges,
): void {
  const ratio = devicePixelRatio;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.lineCap = "round";
  const { negative, positive } = colours;
  for (let layer = 1; layer <= layers.length; layer++) {
    const [before, after] = [places[layer - 1] ?? [], places[layer] ?? []];
    const [inputs, units] = [widthOf(layers, layer - 1), widthOf(layers, layer)];
    if (before.length !== inputs || after.length !== units) continue;
    const offset = offsetOf(layers, layer);
    const w = weights.subarray(offset, offset + inputs * units);
    let top = 1e-6;
    for (const v of w) top = Math.max(top, Math.abs(v));
    const least = w.length > MOST ? w.map(Math.abs).toSorted().at(-MOST)! / top : 0.03;
    const paths = Array.from({ length: 2 * LEVELS }, () => new Path2D());
    for (let i = 0; i < w.length; i++) {
      const size = Math.abs(w[i]!) / top;
      if (!(size >= least)) continue;
      const path = paths[2 * Math.min(LEVELS - 1, Math.floor(size * LEVELS)) + Number(w[i]! > 0)]!;
      const [a, b] = [before[Math.floor(i / units)]!, after[i % units]!];
      const half = (b.l - a.r) / 2;
      path.moveTo(a.r, a.y);
      path.bezierCurveTo(a.r + half, a.y, b.l - half, b.y, b.l, b.y);
    }
    for (let level = 0; level < LEVELS; level++) {
      const size = (level + 0.5) / LEVELS;
      context.globalAlpha = 0.14 + 0.72 * size;
      context.lineWidth = 0.6 + 4.2 * size * Math.sqrt(size);
      for (const sign of [0, 1]) {
        context.strokeStyle = sign === 1 ? positive : negative;
        context.setLineDash(sign === 1 || !dashed ? [] : [6, 4]);
        context.stroke(paths[2 * level + sign]!);
      }
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/** The edge nearest to a point, if there is one near. */
export function edgeAt(places: Edges["places"], x: number, y: number): Edge | undefined {
  let best: Edge | undefined;
  let least = NEAR * NEAR;
  for (let layer = 1; layer < places.length; layer++) {
    const [before, after] = [places[layer - 1]!, places[layer]!];
    if (before.length === 0 || after.length === 0 || x < before[0]!.l || x > after.at(-1)!.r) continue;
    before.forEach((a, from) => {
      after.forEach((b, to) => {
        if (x < a.r || x > b.l || y < Math.min(a.y, b.y) - NEAR || y > Math.max(a.y, b.y) + NEAR) return;
        // the curve's y where its x is the pointer's: both ends are level, so that x and y have one parameter
        let [low, high] = [0, 1];
        const half = (b.l - a.r) / 2;
        const at = (t: number): [number, number] => {
          const s = 1 - t;
          const [p, q] = [3 * s * s * t, 3 * s * t * t];
          return [
            s * s * s * a.r + p * (a.r + half) + q * (b.l - half) + t * t * t * b.l,
            (s * s * s + p) * a.y + (q + t * t * t) * b.y,
          ];
        };
        for (let i = 0; i < 14; i++) {
          const middle = (low + high) / 2;
          if (at(middle)[0] < x) low = middle;
          else high = middle;
        }
        const [px, py] = at(low);
        const steep = Math.abs(at(low + 0.01)[1] - py) / Math.max(1e-3, Math.abs(at(low + 0.01)[0] - px));
        const far = (py - y) ** 2 / (1 + steep * steep);
        if (far < least) [best, least] = [{ layer, from, to }, far];
      });
    });
  }
  return best;
}
