import { upsample2d } from "../../../../src/nn/layers/upsample2d.ts";
import { imageTests, type ImageCase } from "../../../support/images.ts";

type Coordinates = "halfPixel" | "alignCorners" | "asymmetric";
interface Case {
  readonly input: readonly [number, number, number];
  readonly factor?: number | readonly [number, number];
  readonly size?: readonly [number, number];
}

const CASES: readonly Case[] = [
  { input: [1, 1, 1], factor: 1 },
  { input: [2, 3, 1], factor: 2 },
  { input: [5, 4, 3], factor: 3 },
  { input: [2, 2, 8], factor: 2 },
  { input: [1, 3, 5], factor: 4 },
  { input: [3, 2, 4], factor: [1, 3] },
  { input: [3, 4, 2], factor: [3, 2] },
  { input: [1, 1, 2], size: [3, 4] },
  { input: [4, 5, 3], size: [7, 8] },
  { input: [7, 8, 1], size: [3, 5] },
  { input: [5, 9, 9], size: [1, 2] },
  { input: [6, 2, 4], size: [6, 3] },
];

/** The output's height and width. */
const sizeOf = ({ input, factor = 2, size }: Case): readonly [number, number] => {
  const [down, right] = typeof factor === "number" ? [factor, factor] : factor;
  return size ?? [input[0] * down, input[1] * right];
};

/** The cells of one axis that a cell of the output is made of, with their shares, in float64. */
function sources(i: number, from: number, to: number, mode: Coordinates | "nearest"): (readonly [number, number])[] {
  if (mode === "nearest") return [[Math.floor((i * from) / to), 1]];
  const place = {
    halfPixel: ((i + 0.5) * from) / to - 0.5,
    alignCorners: to === 1 ? 0 : (i * (from - 1)) / (to - 1),
    asymmetric: (i * from) / to,
  }[mode];
  const clamped = Math.min(Math.max(place, 0), from - 1);
  const before = Math.floor(clamped + 1e-12);
  const share = Math.max(clamped - before, 0);
  return [
    [before, 1 - share],
    [Math.min(before + 1, from - 1), share],
  ];
}

function caseOf(one: Case, mode: Coordinates | "nearest"): ImageCase {
  const { input, factor, size } = one;
  const [height, width, channels] = input;
  const [outHeight, outWidth] = sizeOf(one);
  /** Calls back with the places in y and x of every pair, and its share. */
  const pairs = (each: (o: number, i: number, share: number) => void): void => {
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (const [a, down] of sources(i, height, outHeight, mode))
          for (const [b, right] of sources(j, width, outWidth, mode))
            for (let c = 0; c < channels; c++)
              each((i * outWidth + j) * channels + c, (a * width + b) * channels + c, down * right);
  };
  const how = mode === "nearest" ? {} : ({ interpolation: "bilinear", coordinates: mode } as const);
  return {
    layer: size ? upsample2d({ size, ...how }) : upsample2d(factor, how),
    input,
    forward(x) {
      const y = new Float64Array(outHeight * outWidth * channels);
      pairs((o, i, share) => (y[o]! += share * x[i]!));
      return y;
    },
    backward(x, dy) {
      const dx = new Float64Array(x.length);
      pairs((o, i, share) => (dx[i]! += share * dy[o]!));
      return dx;
    },
  };
}

for (const mode of ["nearest", "halfPixel", "alignCorners", "asymmetric"] as const)
  imageTests(`upsample2d, ${mode}`, CASES.map((one) => caseOf(one, mode)), { rtol: 1e-5, atol: 2e-6 }); // prettier-ignore
