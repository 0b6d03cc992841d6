import { pad, type PadOptions } from "../../../../src/nn/layers/pad.ts";
import { sizeOf } from "../../../../src/util/shape.ts";
import { imageTests, type ImageCase } from "../../../support/images.ts";

const CASES: readonly { readonly input: readonly number[]; readonly options: PadOptions }[] = [
  { input: [1], options: { before: 1, after: 2 } },
  { input: [5], options: {} },
  { input: [5], options: { before: 4, after: 3, value: -2.5 } },
  { input: [5], options: { before: -2, after: 1, value: 0.5 } },
  { input: [4, 3], options: { before: 2 } },
  { input: [4, 3], options: { after: [0, 2], value: 7 } },
  { input: [4, 3], options: { before: [-1, 1], after: [2, -2], value: 1 } },
  { input: [3, 2, 5], options: { before: [0, 1], after: [2, 0] } },
  { input: [2, 3, 2, 4], options: { before: [0, 0, 1], after: [0, 0, 2], value: 3 } },
  { input: [2, 3, 2, 4], options: { before: [1, 0, 0, 2], after: [0, 0, 0, -1] } },
  { input: [5], options: { before: 4, after: 4, mode: "reflect" } },
  { input: [4, 5, 3], options: { before: [2, 1], after: [3, 4], mode: "reflect" } },
  { input: [2, 1, 3, 2], options: { before: [1, 0, 2, 1], after: [1, 0, 2, 1], mode: "reflect" } },
  { input: [1], options: { before: 3, after: 5, mode: "edge" } },
  { input: [3, 2, 5], options: { before: [2, 1, 0], after: [0, 3, 1], mode: "edge" } },
  { input: [4, 3], options: { before: -2, after: 3, mode: "edge" } },
  { input: [4], options: { before: 4, after: 4, mode: "wrap" } },
  { input: [2, 3, 4], options: { before: [1, 3], after: [2, 0], mode: "wrap" } },
];

const listOf = (value: number | readonly number[] = 0): readonly number[] =>
  typeof value === "number" ? [value] : value;

/** The place along an axis that is shown; -1 for the value. */
function along(place: number, n: number, mode: PadOptions["mode"] = "constant"): number {
  if (place >= 0 && place < n) return place;
  if (mode === "constant") return -1;
  if (mode === "edge") return Math.min(Math.max(place, 0), n - 1);
  if (mode === "wrap") return ((place % n) + n) % n;
  return Math.abs(place) < n ? Math.abs(place) : 2 * (n - 1) - place;
}

imageTests(
  "pad",
  CASES.map(({ input, options }): ImageCase => {
    const [before, after] = [listOf(options.before), listOf(options.after)];
    const output = input.map((n, axis) => (before[axis] ?? 0) + n + (after[axis] ?? 0));
    /** The place in x that a place in y shows; -1 for the value. */
    const source = (o: number): number => {
      let [rest, factor, at] = [o, 1, 0];
      for (let axis = input.length - 1; axis >= 0; axis--) {
        const place = along((rest % output[axis]!) - (before[axis] ?? 0), input[axis]!, options.mode);
        if (place < 0) return -1;
        at += place * factor;
        factor *= input[axis]!;
        rest = Math.floor(rest / output[axis]!);
      }
      return at;
    };
    return {
      layer: pad(options),
      input,
      forward: (x) =>
        Float64Array.from({ length: sizeOf(output) }, (_, o) => (source(o) < 0 ? (options.value ?? 0) : x[source(o)]!)),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        dy.forEach((value, o) => {
          if (source(o) >= 0) dx[source(o)]! += value;
        });
        return dx;
      },
    };
  }),
  { rtol: 1e-6, atol: 1e-6 },
);
