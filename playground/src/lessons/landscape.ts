// The loss of one neuron over the plane of its two weights: a picture, not numbers to go on with.
/* oxlint-disable no-restricted-properties -- for the eye: nothing of it reaches the library's memory */
import type { Landscape } from "../elements/orbit.ts";
import type { Examples } from "../../../lessons/neuron.ts";

const SIDE = 33;
const LEVELS = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8];

/** Mean cross-entropy for each w1 and w2 within `reach` of 0, at one bias. */
export function landscape({ x, y }: Examples, b: number, reach: number): Landscape {
  const losses = new Float64Array(SIDE * SIDE);
  for (let r = 0; r < SIDE; r++)
    for (let c = 0; c < SIDE; c++) {
      const [w1, w2] = [c, r].map((k) => reach * ((2 * k) / (SIDE - 1) - 1)) as [number, number];
      let sum = 0;
      for (const [i, [x1, x2]] of (x as readonly (readonly [number, number])[]).entries()) {
        const z = w1 * x1 + w2 * x2 + b;
        const wrong = y[i] === 1 ? -z : z;
        sum += Math.max(0, wrong) + Math.log1p(Math.exp(-Math.abs(wrong)));
      }
      losses[r * SIDE + c] = sum / x.length;
    }
  return { from: [-reach, -reach], to: [reach, reach], side: SIDE, losses, levels: LEVELS };
}
