// Draws what a model says all over a square of the plane.
import type { Examples } from "../../lessons/neuron.ts";
import { indent, regions } from "../draw.ts";
import type { Voice } from "../text.ts";

/** What the model says between `from` and `to` on both axes, as the output of a yes, and the examples as points. */
export function drawRegions(
  v: Voice,
  { x, y }: Examples,
  yes: (grid: [number, number][]) => ArrayLike<number>,
  from: number,
  to: number,
): void {
  const points = x.map((row, r) => ({ x: row[0]!, y: row[1]!, label: y[r] as 0 | 1 }));
  v.show(indent(regions(yes, points, from, to)));
}
