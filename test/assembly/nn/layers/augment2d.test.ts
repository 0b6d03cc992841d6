import { beforeEach, describe, expect, test } from "vitest";
import { loadConvolution } from "../../../../build/binaries.js";
import * as abi from "../../../../build/abi.js";
import type { KernelArgs } from "../../../../src/runtime/record.ts";
import { augment2d, type AugmentOptions } from "../../../../src/nn/layers/augment2d.ts";
import { expectClose } from "../../../support/golden.ts";
import { bitsOf } from "../../../support/philox.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

type Image = readonly [height: number, width: number, channels: number];

const bench = await Workbench.create();
const { program } = bench;
await loadConvolution(bench.core);
beforeEach(() => {
  bench.clear();
  program.setSeed(0x1234 + 0x5678 * 2 ** 32);
  program.set(abi.PROGRAM_PASS, 3);
});

const sizeOf = ([height, width, channels]: Image): number => height * width * channels;

/** Draws the places of so many images, then runs a kernel on values. */
function run(
  kernel: "Forward" | "Backward",
  options: AugmentOptions,
  image: Image,
  rows: number,
  values: Float32Array,
) {
  const args = augment2d(options).args!(bench.context(rows, { index: 2 }), image, image);
  const input = bench.floats(values);
  const output = bench.room(rows * sizeOf(image));
  const ends = kernel === "Forward" ? { x: input, y: output } : { dy: input, dx: output };
  const all: KernelArgs = { x: 0, y: 0, dx: 0, dy: 0, ...ends, ...args };
  bench.run("augment2dPlaces", { perRow: sizeOf(image), rows }, all);
  bench.run(`augment2d${kernel}`, { perRow: sizeOf(image), rows }, all);
  return bench.read(output, rows * sizeOf(image));
}

/** How the images are changed, in float64: the numbers of (seed, layer, pass), sixteen for each row. */
function changesOf(options: AugmentOptions, [height, width]: Image, rows: number) {
  const { flip = "none", shift = 0, rotate = 0, zoom = 0, brightness = 0 } = options;
  const bits = bitsOf(16 * rows, [0x1234, 0x5678, abi.STREAM_MASK + 2, 3]);
  return Array.from({ length: rows }, (_, row) => {
    const [angle, larger, down, right, brighter, mirror, turn] = bits
      .slice(16 * row)
      .map((word) => (word | 0) / 2 ** 31);
    return {
      angle: (angle! * rotate * Math.PI) / 180,
      scale: 1 + larger! * zoom,
      shift: [down! * shift * height, right! * shift * width] as const,
      flipX: (flip === "horizontal" || flip === "both") && mirror! < 0,
      flipY: (flip === "vertical" || flip === "both") && turn! < 0,
      brightness: brighter! * brightness,
    };
  });
}

/** For each cell of the output, the cells that it is blended of, with their shares. */
function shares(
  options: AugmentOptions,
  image: Image,
  rows: number,
  each: (o: number, i: number, share: number) => void,
) {
  const [height, width, channels] = image;
  const middle = [(height - 1) / 2, (width - 1) / 2] as const;
  changesOf(options, image, rows).forEach(({ angle, scale, shift, flipX, flipY }, row) => {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const y = i - middle[0] - shift[0];
        const x = j - middle[1] - shift[1];
        const turned = [Math.cos(angle) * y + Math.sin(angle) * x, Math.cos(angle) * x - Math.sin(angle) * y] as const;
        const down = middle[0] + ((flipY ? -1 : 1) * turned[0]) / scale;
        const right = middle[1] + ((flipX ? -1 : 1) * turned[1]) / scale;
        for (const a of [0, 1]) {
          for (const b of [0, 1]) {
            const [top, left] = [Math.floor(down) + a, Math.floor(right) + b];
            const share = (1 - Math.abs(down - top)) * (1 - Math.abs(right - left));
            const inY = Math.min(Math.max(top, 0), height - 1);
            const inX = Math.min(Math.max(left, 0), width - 1);
            for (let c = 0; c < channels; c++) {
              const [o, from] = [(i * width + j) * channels + c, (inY * width + inX) * channels + c];
              each(row * sizeOf(image) + o, row * sizeOf(image) + from, share);
            }
          }
        }
      }
    }
  });
}

const IMAGES: readonly Image[] = [[1, 1, 1], [5, 4, 3], [6, 7, 4], [3, 8, 1], [4, 4, 9]]; // prettier-ignore
const OPTIONS: readonly AugmentOptions[] = [
  {},
  { flip: "horizontal" },
  { flip: "vertical" },
  { flip: "both", shift: 0.3 },
  { shift: 0.9 },
  { rotate: 180 },
  { zoom: 0.5, rotate: 20 },
  { flip: "both", shift: 0.2, rotate: 45, zoom: 0.3, brightness: 0.7 },
];

describe.each(OPTIONS)("augment2d(%o)", (options) => {
  test.each(IMAGES)("7 images of %i x %i x %i: each cell is blended of the four around its place", (...image) => {
    const rows = 7;
    const x = uniform(rows * sizeOf(image), { seed: 1 });
    const y = new Float64Array(x.length);
    shares(options, image, rows, (o, i, share) => (y[o]! += share * x[i]!));
    changesOf(options, image, rows).forEach(({ brightness }, row) => {
      for (let i = row * sizeOf(image); i < (row + 1) * sizeOf(image); i++) y[i]! += brightness;
    });
    expectClose("y", run("Forward", options, image, rows, x), y, { rtol: 1e-5, atol: 1e-5 });
    const dx = new Float64Array(x.length);
    shares(options, image, rows, (o, i, share) => (dx[i]! += share * x[o]!));
    expectClose("dx", run("Backward", options, image, rows, x), dx, { rtol: 1e-5, atol: 3e-5 });
  });
});

test("without options each number stays as it is; mirrored, none is lost", () => {
  const x = uniform(8 * 30, { seed: 2 });
  expect(run("Forward", {}, [5, 6, 1], 8, x)).toEqual(x);
  const mirrored = run("Forward", { flip: "horizontal" }, [5, 6, 1], 8, x);
  expect(mirrored).not.toEqual(x);
  for (let row = 0; row < 40; row++) {
    const [before, after] = [x, mirrored].map((all) => [...all.subarray(6 * row, 6 * row + 6)]);
    expect([before, before!.toReversed()]).toContainEqual(after);
  }
});
