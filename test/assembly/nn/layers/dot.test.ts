import { dot, type DotOptions } from "../../../../src/nn/composites/dot.ts";
import { type PairCase, pairTests, SIZES } from "../../../support/pairs.ts";

const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** By row of the last axis. */
function cases(
  options: DotOptions,
  value: (a: Float64Array, b: Float64Array) => number,
  slope: (a: Float64Array, b: Float64Array, i: number) => number,
): readonly PairCase[] {
  const shapes = [...SIZES.map((n) => [n]), [3, 5], [2, 2, 9]];
  return shapes.map((shape) => {
    const n = shape.at(-1)!;
    const vector = (all: Float64Array, k: number): Float64Array => all.subarray(k * n, (k + 1) * n);
    return {
      make: (branches) => dot(branches, options),
      a: shape,
      b: shape,
      forward: (a, b) => Array.from({ length: a.length / n }, (_, k) => value(vector(a, k), vector(b, k))),
      backward(a, b, dy) {
        const at = (i: number) => [Math.floor(i / n), i % n] as const;
        const gradient = (x: Float64Array, z: Float64Array): Float64Array =>
          x.map((_, i) => dy[at(i)[0]]! * slope(vector(x, at(i)[0]), vector(z, at(i)[0]), at(i)[1]));
        return [gradient(a, b), gradient(b, a)];
      },
    };
  });
}

pairTests(
  "dot",
  cases({}, product, (_a, b, i) => b[i]!),
  { rtol: 6e-8, atol: 1e-12 },
); // one rounding

const length = (a: Float64Array): number => Math.sqrt(product(a, a));
const cosine = (a: Float64Array, b: Float64Array): number => product(a, b) / (length(a) * length(b));

pairTests(
  "cosine",
  cases({ normalize: true }, cosine, (a, b, i) => {
    return b[i]! / (length(a) * length(b)) - (cosine(a, b) * a[i]!) / length(a) ** 2;
  }),
  // float32 terms that can cancel, as they do for one number, where the cosine is constant
  { rtol: 3e-7, atol: 3e-6 },
);
