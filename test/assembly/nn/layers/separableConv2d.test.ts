import { describe, test } from "vitest";
import { separableConv2d } from "../../../../src/nn/layers/separableConv2d.ts";
import { bench, place, underWindows } from "../../../support/convolutions.ts";
import { expectClose } from "../../../support/golden.ts";

/** [input, filters, kernel, strides, padding, dilation, results a channel] */
const CASES = [
  [[5, 5, 1], 1, [3, 3], [1, 1], "valid", [1, 1], 1],
  [[6, 7, 5], 9, [3, 3], [1, 1], "same", [1, 1], 1],
  [[9, 8, 3], 4, [3, 2], [2, 3], "same", [1, 1], 3],
  [[8, 9, 4], 17, [2, 2], [1, 1], "valid", [2, 1], 2],
] as const;

describe("separableConv2d", () => {
  for (const [input, filters, kernelSize, strides, padding, dilation, depthMultiplier] of CASES) {
    const layer = separableConv2d(filters, { kernelSize, strides, padding, dilation, depthMultiplier });
    test(`${input.join("x")} to ${filters} filters, ${depthMultiplier} results a channel`, () => {
      bench.clear();
      const rows = 2;
      const { run, at, n, m, x, dy, values, before, gradients, scratch } = place(layer, input, rows, rows + 1);
      run();
      const output = layer.outputShape(input, "test");
      const cells = output[0]! * output[1]!;
      const between = input[2] * depthMultiplier;
      const { depthwiseKernel: first, pointwiseKernel: second, bias } = values as Record<string, Float32Array>;
      const y = new Float64Array(rows * m);
      const dx = new Float64Array(rows * n);
      const sums = Object.fromEntries(Object.entries(before).map(([p, v]) => [p, Float64Array.from(v)]));
      for (let r = 0; r < rows; r++) {
        const z = new Float64Array(cells * between);
        const dz = new Float64Array(cells * between);
        const each = (visit: (k: number, i: number, w: number) => void): void =>
          underWindows({ input, output, size: kernelSize, strides, padding, dilation }, (outCell, cell, tap) => {
            for (let k = 0; k < between; k++)
              visit(
                outCell * between + k,
                r * n + cell * input[2] + Math.floor(k / depthMultiplier),
                tap * between + k,
              );
          });
        each((k, i, w) => (z[k]! += x[i]! * first![w]!));
        for (let cell = 0; cell < cells; cell++) {
          for (let f = 0; f < filters; f++) {
            const o = r * m + cell * filters + f;
            y[o]! += bias![f]!;
            sums["bias"]![f]! += dy[o]!;
            for (let k = 0; k < between; k++) {
              y[o]! += z[cell * between + k]! * second![k * filters + f]!;
              dz[cell * between + k]! += dy[o]! * second![k * filters + f]!;
              sums["pointwiseKernel"]![k * filters + f]! += dy[o]! * z[cell * between + k]!;
            }
          }
        }
        each((k, i, w) => {
          dx[i]! += dz[k]! * first![w]!;
          sums["depthwiseKernel"]![w]! += dz[k]! * x[i]!;
        });
      }
      const tolerance = { rtol: 1e-5, atol: 5e-5 };
      expectClose("y", bench.read(at.y, rows * m), y, tolerance);
      expectClose("dx", bench.read(at.dx, rows * n), dx, tolerance);
      for (const [p, sum] of Object.entries(sums)) {
        expectClose(`d${p}`, bench.read(gradients[p]!, sum.length), sum, tolerance);
        bench.expectGuard(gradients[p]!, sum.length, `d${p}`);
      }
      bench.expectGuard(at.y, rows * m, "y");
      bench.expectGuard(at.dx, rows * n, "dx");
      bench.expectGuard(scratch().address, scratch().words, "scratch");
    });
  }
});
