// How the kernels of layers without parameters are tested: rows against float64 loops, with guards after what they write.
import { beforeEach, describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { type Shape, shapeText, sizeOf } from "../../src/util/shape.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

export interface ImageCase {
  readonly layer: Layer;
  readonly input: Shape;
  /** y and dx of one row, in float64. */
  forward(x: Float64Array): Float64Array;
  backward(x: Float64Array, dy: Float64Array): Float64Array;
}

const bench = await Workbench.create();

export function imageTests(name: string, cases: readonly ImageCase[], tolerance: Tolerance): void {
  describe(name, () => {
    beforeEach(() => bench.clear());
    for (const { layer, input, forward, backward } of cases) {
      const output = layer.outputShape(input, name);
      test(`${shapeText(input)} to ${shapeText(output)}, ${JSON.stringify(layer.options)}`, async () => {
        await layer.load?.(bench.core);
        for (const rows of [1, 3]) runImageCase({ layer, input, forward, backward }, rows, tolerance);
      });
    }
  });
}

export function runImageCase({ layer, input, forward, backward }: ImageCase, rows: number, tolerance: Tolerance): void {
  const output = layer.outputShape(input, "test");
  const [n, m] = [sizeOf(input), sizeOf(output)];
  const [x, dy] = [normal(rows * n, { seed: 1 }), normal(rows * m, { seed: 2 })];
  const at = { x: bench.floats(x), y: bench.room(rows * m), dx: bench.room(rows * n), dy: bench.floats(dy) };
  const args = { ...at, ...layer.args!(bench.context(rows, {}), input, output) };
  for (const role of ["Forward", "Backward"])
    bench.run(`${layer.kernel!}${role}` as KernelName, { perRow: m, rows }, args);
  const expected = { y: new Float64Array(rows * m), dx: new Float64Array(rows * n) };
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from(x.subarray(r * n, (r + 1) * n));
    expected.y.set(forward(row), r * m);
    expected.dx.set(backward(row, Float64Array.from(dy.subarray(r * m, (r + 1) * m))), r * n);
  }
  expectClose("y", bench.read(at.y, rows * m), expected.y, tolerance);
  expectClose("dx", bench.read(at.dx, rows * n), expected.dx, tolerance);
  bench.expectGuard(at.y, rows * m, "y");
  bench.expectGuard(at.dx, rows * n, "dx");
  expect(bench.read(at.x, rows * n)).toEqual(x);
}

export { bench as imageBench };

/**
 * The cells of each window that are inside the image: [cell of the output, cells of the input row by row], without channels.
 */
export function windows(
  [height, width]: Shape,
  [outHeight, outWidth]: Shape,
  size: readonly [number, number],
  strides: readonly [number, number],
  padding: "valid" | "same",
): number[][] {
  const before = (n: number, out: number, axis: 0 | 1): number =>
    padding === "valid" ? 0 : Math.floor(Math.max((out - 1) * strides[axis] + size[axis] - n, 0) / 2);
  const [top, left] = [before(height!, outHeight!, 0), before(width!, outWidth!, 1)];
  const all: number[][] = [];
  for (let i = 0; i < outHeight!; i++) {
    for (let j = 0; j < outWidth!; j++) {
      const cells: number[] = [];
      for (let a = i * strides[0] - top; a < i * strides[0] - top + size[0]; a++)
        for (let b = j * strides[1] - left; b < j * strides[1] - left + size[1]; b++)
          if (a >= 0 && a < height! && b >= 0 && b < width!) cells.push(a * width! + b);
      all.push(cells);
    }
  }
  return all;
}

/** Windows of every kind: inside the image and cut by padding, overlapping and apart, on images of 1 to 9 channels. */
export const WINDOWS = [
  { input: [1, 1, 1], size: [1, 1], strides: [1, 1], padding: "valid" },
  { input: [4, 4, 4], size: [2, 2], strides: [2, 2], padding: "valid" },
  { input: [5, 7, 3], size: [2, 3], strides: [2, 3], padding: "valid" },
  { input: [5, 4, 5], size: [3, 2], strides: [1, 2], padding: "same" },
  { input: [6, 5, 8], size: [3, 3], strides: [2, 2], padding: "same" },
  { input: [3, 3, 2], size: [5, 5], strides: [1, 1], padding: "same" },
  { input: [7, 6, 9], size: [2, 2], strides: [3, 3], padding: "valid" },
  { input: [2, 9, 1], size: [1, 4], strides: [1, 1], padding: "same" },
] as const;
