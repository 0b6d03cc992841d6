import { localResponseNorm } from "../../../../src/nn/layers/localResponseNorm.ts";
import { type ImageCase, imageTests } from "../../../support/images.ts";

interface Window {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

const WINDOWS: readonly Window[] = [
  { size: 5, alpha: 1e-4, beta: 0.75, bias: 2 },
  { size: 1, alpha: 1, beta: 0.5, bias: 1 },
  { size: 2, alpha: 3, beta: 0.75, bias: 0.1 },
  { size: 4, alpha: 8, beta: 2, bias: 0.5 },
  { size: 3, alpha: 500, beta: 1, bias: 1 },
];

const SHAPES = [[1], [2], [3, 4], [5], [2, 2, 6], [3, 2, 7], [8], [3, 9], [33]];

function lrnCase(window: Window, input: readonly number[]): ImageCase {
  const { size, alpha, beta, bias } = window;
  const n = input.at(-1)!;
  /** The channels whose squares count for channel i, and the denominator before the power. */
  const neighbours = (i: number): number[] => {
    const first = (i % n) - Math.floor(size / 2);
    return Array.from({ length: size }, (_, j) => first + j)
      .filter((c) => c >= 0 && c < n)
      .map((c) => i - (i % n) + c);
  };
  const base = (x: Float64Array, i: number): number =>
    bias + (alpha / size) * neighbours(i).reduce((sum, j) => sum + x[j]! ** 2, 0);
  return {
    layer: localResponseNorm(window),
    input,
    forward: (x) => x.map((v, i) => v / base(x, i) ** beta),
    backward: (x, dy) => {
      const dx = dy.map((g, i) => g / base(x, i) ** beta);
      for (let i = 0; i < x.length; i++) {
        const part = (-2 * beta * alpha * dy[i]! * x[i]!) / size / base(x, i) ** (beta + 1);
        for (const j of neighbours(i)) dx[j]! += part * x[j]!;
      }
      return dx;
    },
  };
}

// the power: an ulp of e^y and of ln, and beta ln d, up to 9 here, has 24 bits; dx is a sum of terms of both signs
imageTests(
  "localResponseNorm",
  WINDOWS.flatMap((window) => SHAPES.map((input) => lrnCase(window, input))),
  { rtol: 2e-6, atol: 1e-6 },
);
