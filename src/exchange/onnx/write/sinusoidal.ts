// The waves of sinusoidalEmbedding as numbers of the file. Sine, cosine and power are made of additions and products alone: the bits are
// the same in every engine.
import type { LayerWriter } from "./place.ts";
import { sizesIn } from "./value.ts";
import { transposed } from "./place.ts";

/** The natural logarithm of 10000. */
const LOG_10000 = 9.210340371976184;

/** A sum of x^k / k! over every second k from `first` on, its signs in turns. */
function wave(x: number, first: 0 | 1): number {
  let sum = 0;
  for (let k = first, term = first === 0 ? 1 : x; k < 24; k += 2, term *= (-x * x) / ((k - 1) * k)) sum += term;
  return sum;
}

/** e^-x of x from 0 to 10. */
function decay(x: number): number {
  let sum = 0;
  for (let k = 1, term = 1; k < 20; term *= -x / 64 / k, k++) sum += term;
  for (let i = 0; i < 6; i++) sum *= sum;
  return sum;
}

/** [steps, width]: sin(t w) in column 2 i, cos(t w) in the next one, w = 10000^(-2 i / width). */
export function waves(steps: number, width: number): Float32Array<ArrayBuffer> {
  const table = new Float32Array(steps * width);
  for (let column = 0; column < width; column += 2) {
    const w = decay((column * LOG_10000) / width);
    const [turnS, turnC] = [wave(w, 1), wave(w, 0)];
    for (let t = 0, s = 0, c = 1; t < steps; t++) {
      table[t * width + column] = s;
      if (column + 1 < width) table[t * width + column + 1] = c;
      [s, c] = [s * turnC + c * turnS, c * turnC - s * turnS];
    }
  }
  return table;
}

export const sinusoidalEmbedding: LayerWriter = (place) => {
  const { graph, input } = place;
  const [steps, width] = input as readonly [number, number];
  if (place.x.natural === "first") {
    const shape = sizesIn("first", input);
    const key = `waves ${shape.join(" ")} first`;
    const table = graph.initializer(key, "waves", shape, () => transposed(waves(steps, width), input, [1, 0]));
    return place.give("first", place.op("Add", [place.x.get("first"), table]));
  }
  const table = graph.initializer(`waves ${input.join(" ")}`, "waves", input, () => waves(steps, width));
  return place.give("last", place.op("Add", [place.x.get("last"), table]));
};
