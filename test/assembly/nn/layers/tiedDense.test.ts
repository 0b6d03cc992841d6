import { beforeEach, describe, expect, test } from "vitest";
import { FLAG_OVERWRITE } from "../../../../build/abi.js";
import { tiedDense } from "../../../../src/nn/layers/tiedDense.ts";
import { expectClose } from "../../../support/golden.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

interface Sizes {
  readonly rows: number;
  readonly nIn: number;
  readonly nOut: number;
  readonly inner: number;
}

/** The plain loops, in float64, added to what the gradients hold. */
function plain({ rows, nIn, nOut, inner }: Sizes, x: Float32Array, w: Float32Array, b: Float32Array, dy: Float32Array) {
  const all = rows * inner;
  const [y, dx] = [new Float64Array(all * nOut), new Float64Array(all * nIn)];
  const [dw, db] = [new Float64Array(nOut * nIn).fill(0.5), new Float64Array(nOut).fill(0.5)];
  for (let r = 0; r < all; r++) {
    for (let j = 0; j < nOut; j++) {
      const g = dy[r * nOut + j]!;
      y[r * nOut + j] = b[j]!;
      db[j]! += g;
      for (let i = 0; i < nIn; i++) {
        y[r * nOut + j]! += x[r * nIn + i]! * w[j * nIn + i]!;
        dx[r * nIn + i]! += g * w[j * nIn + i]!;
        dw[j * nIn + i]! += g * x[r * nIn + i]!;
      }
    }
  }
  return { y, dx, dw, db };
}

/** See dense.test.ts. */
const tolerance = (k: number) => ({ rtol: 0, atol: 4 * (k + 2) * 2 ** -24 });

describe("tiedDense", () => {
  beforeEach(async () => {
    bench.clear();
    await tiedDense({ to: "x" }).load!(bench.core);
  });

  for (const [nIn, nOut] of [
    [1, 1],
    [3, 5],
    [4, 8],
    [5, 4],
    [7, 9],
    [8, 33],
    [33, 7],
    [65, 17],
  ] as const) {
    for (const [rows, inner] of [
      [1, 1],
      [3, 1],
      [2, 5],
    ] as const) {
      test(`${rows} rows of ${inner} x ${nIn} to ${nOut}`, () => {
        const sizes = { rows, nIn, nOut, inner };
        const all = rows * inner;
        const x = uniform(all * nIn, { seed: 1 });
        const w = uniform(nOut * nIn, { seed: 2 });
        const b = uniform(nOut, { seed: 3 });
        const dy = uniform(all * nOut, { seed: 4 });
        const half = (count: number): number => bench.floats(new Float32Array(count).fill(0.5));
        for (const useBias of [true, false]) {
          const layer = tiedDense({ to: "x", useBias });
          const gradients = { weight: half(nOut * nIn), bias: useBias ? half(nOut) : 0 };
          const parameters = { weight: bench.floats(w), bias: useBias ? bench.floats(b) : 0 };
          const context = bench.context(rows + 1, { parameters, gradients });
          const at = {
            x: bench.floats(x),
            y: bench.room(all * nOut),
            dx: bench.room(all * nIn),
            dy: bench.floats(dy),
          };
          const args = { ...at, ...layer.args!(context, [inner, nIn], [inner, nOut]) };
          // gradients are added to, whatever the flag says
          const run = { perRow: inner * nOut, rows, flags: FLAG_OVERWRITE };
          bench.run("tiedDenseForward", run, args);
          bench.run("tiedDenseBackward", run, args);
          const expected = plain(sizes, x, w, useBias ? b : new Float32Array(nOut), dy);
          expectClose("y", bench.read(at.y, all * nOut), expected.y, tolerance(nIn));
          expectClose("dx", bench.read(at.dx, all * nIn), expected.dx, tolerance(nOut));
          const dw = bench.read(gradients.weight, nOut * nIn);
          expectClose("dweight", dw, expected.dw, tolerance(all));
          if (useBias) expectClose("dbias", bench.read(gradients.bias, nOut), expected.db, tolerance(all));
          bench.expectGuard(at.y, all * nOut, "y");
          bench.expectGuard(at.dx, all * nIn, "dx");
          bench.expectGuard(gradients.weight, nOut * nIn, "dweight");
          // nothing is requested: nothing is written
          bench.run("tiedDenseBackward", run, { ...args, dx: 0, dWeight: 0, dBias: 0 });
          expect(bench.read(gradients.weight, nOut * nIn)).toEqual(dw);
        }
      });
    }
  }
});
