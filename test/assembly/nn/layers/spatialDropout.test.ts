import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import type { KernelArgs } from "../../../../src/runtime/record.ts";
import { spatialDropout1d, spatialDropout2d } from "../../../../src/nn/layers/spatialDropout.ts";
import { type Shape, shapeText, sizeOf } from "../../../../src/util/shape.ts";
import { bitsOf } from "../../../support/philox.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
const { program } = bench;
beforeEach(() => {
  bench.clear();
  program.setSeed(0x1234 + 0x5678 * 2 ** 32);
  program.set(abi.PROGRAM_PASS, 3);
});

const ROWS = 3;
const SHAPES: readonly Shape[] = [
  ...[1, 2, 3, 4, 5, 8, 9].map((n) => [7, n]),
  [1, 1],
  [40, 3],
  [1, 1, 1],
  [3, 5, 6],
  [2, 3, 33],
  [5, 4, 64],
];
const layerOf = (shape: Shape, rate: number) => (shape.length === 2 ? spatialDropout1d(rate) : spatialDropout2d(rate));

/** 1 where the number of (seed, layer, pass) is below the share that is kept. */
const expectedMask = (rate: number, count: number, index: number, pass = 3): number[] =>
  bitsOf(count, [0x1234, 0x5678, abi.STREAM_MASK + index, pass]).map((number) =>
    number < Math.fround(1 - rate) * 2 ** 32 ? 1 : 0,
  );

for (const shape of SHAPES) {
  const n = shape.at(-1)!;
  const size = sizeOf(shape);

  describe(shapeText(shape), () => {
    test.each([0, 0.2, 0.5, 0.9])("rate %s: whole channels, by the numbers of (seed, layer, pass)", (rate) => {
      const x = uniform(ROWS * size, { seed: n });
      const dy = uniform(ROWS * size, { seed: n + 1 });
      const at = { x: bench.floats(x), y: bench.room(x.length), dx: bench.room(x.length), dy: bench.floats(dy) };
      const args: KernelArgs = {
        ...at,
        ...layerOf(shape, rate).args!(bench.context(ROWS + 1, { index: 2 }), shape, shape),
      };
      const run = { perRow: size, rows: ROWS };
      bench.run("spatialDropoutMask", run, args);
      bench.expectGuard(args["mask"] as number, Math.ceil((ROWS * n) / 16) * 4, "mask");
      bench.run("spatialDropoutForward", run, args);
      bench.run("spatialDropoutBackward", run, args);
      const mask = expectedMask(rate, ROWS * n, 2);
      const scale = Math.fround(1 / Math.fround(1 - rate));
      const dropped = (values: Float32Array): Float32Array =>
        values.map((v, i) => v * Math.fround(mask[Math.floor(i / size) * n + (i % n)]! * scale));
      const expected = { y: dropped(x), dx: dropped(dy) }; // exact: one rounding
      for (const name of ["y", "dx"] as const) {
        expect(bench.read(at[name], x.length)).toEqual(expected[name]);
        bench.expectGuard(at[name], x.length, name);
      }
      // in place: the same bits
      bench.run("spatialDropoutForward", run, { ...args, y: at.x });
      expect(bench.bits(at.x, x.length)).toEqual(bench.bits(at.y, x.length));
    });
  });
}
