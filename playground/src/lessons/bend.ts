// Where a hidden layer puts the plane, so that two numbers are enough to see it.
import type { Weights } from "../elements/plane.ts";

/** A view of the hidden units' outputs in two dimensions. */
export interface Bent {
  /** Two numbers for each row. */
  readonly at: (a1: ArrayLike<number>) => Float64Array;
  /** The output's line in it. */
  readonly line: Weights;
  readonly middle: readonly [number, number];
  readonly reach: number;
  readonly names: readonly [string, string];
}

/**
 * Two units are the axes themselves; one is drawn along the first. Three and more are seen along the plane that cuts them: to the right
 * is where the output grows, upwards how far the rows lie apart besides; so the cut is a straight line again.
 *
 * @param w2 the output's weight for each unit
 * @param rows the units' outputs for the rows
 */
export function bentView(w2: readonly number[], b2: number, rows: ArrayLike<number>): Bent {
  const n = w2.length;
  if (n <= 2) {
    return {
      at: (a1) => {
        if (n === 2) return Float64Array.from(a1);
        const out = new Float64Array(2 * a1.length).fill(0.5);
        for (let i = 0; i < a1.length; i++) out[2 * i] = a1[i]!;
        return out;
      },
      line: { w1: w2[0]!, w2: w2[1] ?? 0, b: b2 },
      middle: [0.5, 0.5],
      reach: 0.6,
      names: ["a1[1]", n === 2 ? "a1[2]" : ""],
    };
  }
  const size = Math.sqrt(w2.reduce((sum, w) => sum + w * w, 0)) || 1;
  const along = w2.map((w) => w / size);
  const up = acrossOf(along, rows);
  const at = (a1: ArrayLike<number>): Float64Array => {
    const out = new Float64Array((2 * a1.length) / n);
    for (let r = 0; r * n < a1.length; r++)
      for (let k = 0; k < n; k++) {
        // from the middle of the cube, so that the view stays in the picture
        const from = a1[r * n + k]! - 0.5;
        out[2 * r]! += from * along[k]!;
        out[2 * r + 1]! += from * up[k]!;
      }
    return out;
  };
  const b = b2 + w2.reduce((sum, w) => sum + w / 2, 0);
  // half the longest diagonal of the cube, and a little
  return { at, line: { w1: size, w2: 0, b }, middle: [0, 0], reach: Math.sqrt(n) * 0.56, names: ["w2·a1", ""] };
}

/** The direction across `along` in which the rows lie farthest apart: the largest of their differences, without its share along. */
function acrossOf(along: readonly number[], rows: ArrayLike<number>): number[] {
  const n = along.length;
  const count = rows.length / n;
  let best: number[] = along.map((_, k) => (k === 0 ? 1 : 0));
  let longest = -1;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      const difference = along.map((_, k) => rows[i * n + k]! - rows[j * n + k]!);
      const share = difference.reduce((sum, v, k) => sum + v * along[k]!, 0);
      const rest = difference.map((v, k) => v - share * along[k]!);
      const length = Math.sqrt(rest.reduce((sum, v) => sum + v * v, 0));
      if (length > longest + 1e-3) [best, longest] = [rest, length];
    }
  const length = Math.sqrt(best.reduce((sum, v) => sum + v * v, 0)) || 1;
  return best.map((v) => v / length);
}

/** The places of a grid over the plane, x1 running faster, as rows of inputs. */
export const gridOf = (side: number, from = -0.5, to = 1.5): Float32Array =>
  Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const place = i % 2 === 0 ? (i / 2) % side : Math.floor(i / 2 / side);
    return from + ((to - from) * place) / (side - 1);
  });
