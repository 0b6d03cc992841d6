// Curves over all thresholds, of which as many points are kept as a picture can show.
import { averagePrecisionOf, type Cut, rocAreaOf } from "../nn/metrics/scores.ts";
import type { Curve } from "./results.ts";

/** The threshold of the point at which nothing is called the class: above every probability, and a number of JSON. */
const ABOVE_ALL = 2;

/** The receiver operating characteristic: false positive rate, true positive rate. Both classes occur. */
export function rocOf(cuts: readonly Cut[], most: number): Curve {
  const { positives, negatives } = cuts.at(-1)!;
  const points = cuts.map((cut) => ({
    x: cut.negatives / negatives,
    y: cut.positives / positives,
    threshold: cut.threshold,
  }));
  return { points: thinned([{ x: 0, y: 0, threshold: ABOVE_ALL }, ...points], most), area: rocAreaOf(cuts) };
}

/** Recall and precision, from recall 0 at the precision of the highest threshold. The class occurs. */
export function prOf(cuts: readonly Cut[], most: number): Curve {
  const all = cuts.at(-1)!.positives;
  const points = cuts.map(({ positives, negatives, threshold }) => ({
    x: positives / all,
    y: positives / (positives + negatives),
    threshold,
  }));
  const first = { x: 0, y: points[0]!.y, threshold: ABOVE_ALL };
  return { points: thinned([first, ...points], most), area: averagePrecisionOf(cuts) };
}

/** A piece of a line whose inner points are left out, and the one of them that is farthest from it. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly farthest: number;
  readonly distance: number;
}

/**
 * The points of a line that keep its shape: the first and the last, then again and again the one that is farthest from the line through
 * those that were chosen, until there are as many as asked for or none is off it.
 *
 * @param height what y is divided by: distances are those of a picture that is as wide as it is high
 * @see Douglas and Peucker, "Algorithms for the reduction of the number of points required to represent a digitized line", 1973
 */
export function thinned<P extends { readonly x: number; readonly y: number }>(
  points: readonly P[],
  most: number,
  height = 1,
): P[] {
  const pieceOf = (from: number, to: number): Piece => {
    const [a, b] = [points[from]!, points[to]!];
    const [dx, dy] = [b.x - a.x, (b.y - a.y) / height];
    const length = Math.sqrt(dx * dx + dy * dy);
    let [farthest, distance] = [-1, 0];
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [points[i]!.x - a.x, (points[i]!.y - a.y) / height];
      const off = length === 0 ? Math.sqrt(px * px + py * py) : Math.abs(px * dy - py * dx) / length;
      if (off > distance) [farthest, distance] = [i, off];
    }
    return { from, to, farthest, distance };
  };
  const last = points.length - 1;
  if (last < 1) return [...points];
  const kept = new Set([0, last]);
  const pieces = [pieceOf(0, last)];
  while (kept.size < most) {
    let widest = 0;
    for (let i = 1; i < pieces.length; i++) if (pieces[i]!.distance > pieces[widest]!.distance) widest = i;
    const { from, to, farthest, distance } = pieces[widest]!;
    if (distance < 1e-12) break;
    kept.add(farthest);
    pieces.splice(widest, 1, pieceOf(from, farthest), pieceOf(farthest, to));
  }
  return [...kept].toSorted((a, b) => a - b).map((i) => points[i]!);
}
