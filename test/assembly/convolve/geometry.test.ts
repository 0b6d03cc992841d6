// Windows of random geometries: shapes, outputs and gradients against float64, with guards after everything that is written.
import { loadConvolution } from "../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import { bench, runCase } from "../../support/convolutions.ts";
import { drawGeometry, KINDS, poolWindows, productsOf } from "../../support/geometries.ts";
import { imageBench, runImageCase } from "../../support/images.ts";

await loadConvolution(imageBench.core);

/** Of each kind. */
const COUNT = 60;

describe("random geometries", () => {
  beforeEach(() => {
    bench.clear();
    imageBench.clear();
  });
  for (const kind of KINDS) {
    test(`${COUNT} of ${kind}`, () => {
      for (let seed = 1; seed <= COUNT; seed++) {
        const geometry = drawGeometry(kind, seed);
        const { layer, input, output, channels } = geometry;
        const what = `${JSON.stringify(input)} ${JSON.stringify(layer.options)}`;
        try {
          expect(layer.outputShape(input, kind)).toEqual(output);
          bench.clear();
          imageBench.clear();
          if (!kind.includes("Pool")) {
            runCase({ layer, input, reference: productsOf(geometry) }, 1 + (seed % 3));
            continue;
          }
          const all = poolWindows(geometry);
          const first = (x: Float64Array, cells: readonly number[], c: number): number =>
            cells.map((cell) => cell * channels + c).reduce((best, at) => (x[at]! > x[best]! ? at : best));
          const largest = kind.startsWith("max");
          runImageCase(
            {
              layer,
              input,
              forward: (x) =>
                Float64Array.from(
                  all.flatMap(({ cells, count }) =>
                    Array.from({ length: channels }, (_, c) =>
                      largest
                        ? x[first(x, cells, c)]!
                        : cells.reduce((sum, cell) => sum + x[cell * channels + c]!, 0) / count,
                    ),
                  ),
                ),
              backward(x, dy) {
                const dx = new Float64Array(x.length);
                all.forEach(({ cells, count }, o) => {
                  for (let c = 0; c < channels; c++) {
                    if (largest) dx[first(x, cells, c)]! += dy[o * channels + c]!;
                    else for (const cell of cells) dx[cell * channels + c]! += dy[o * channels + c]! / count;
                  }
                });
                return dx;
              },
            },
            1 + (seed % 3),
            { rtol: 1e-5, atol: 1e-6 },
          );
        } catch (error) {
          throw new Error(`seed ${seed}: ${what}`, { cause: error });
        }
      }
    });
  }
});
