import { beforeEach, describe, expect, test } from "vitest";
import { sinusoidalEmbedding } from "../../../../src/nn/layers/sinusoidalEmbedding.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

describe("sinusoidalEmbedding", () => {
  beforeEach(async () => {
    bench.clear();
    await sinusoidalEmbedding().load!(bench.core);
  });

  for (const n of [1, 2, 3, 4, 5, 7, 8, 33]) {
    for (const [rows, steps] of [
      [1, 1],
      [2, 3],
      [3, 50],
    ] as const) {
      test(`${rows} rows of ${steps} positions of ${n} numbers`, () => {
        const count = rows * steps * n;
        const [x, dy] = [normal(count, { seed: 1 }), normal(count, { seed: 2 })];
        const at = { x: bench.floats(x), y: bench.room(count), dx: bench.room(count), dy: bench.floats(dy) };
        const input = [steps, n];
        const args = { ...at, ...sinusoidalEmbedding().args!(bench.context(rows, {}), input, input) };
        bench.run("sinusoidalEmbeddingForward", { perRow: steps * n, rows }, args);
        bench.run("sinusoidalEmbeddingBackward", { perRow: steps * n, rows }, args);
        const expected = Float64Array.from(x, (v, i) => v + wave(Math.floor((i % (steps * n)) / n), i % n, n));
        expectClose("y", bench.read(at.y, count), expected, { rtol: 2e-7, atol: 2e-7 });
        expect(bench.read(at.dx, count)).toEqual(dy);
        bench.expectGuard(at.y, count, "y");
        bench.expectGuard(at.dx, count, "dx");
        const inPlace = { ...args, y: at.x, dx: at.dy };
        bench.run("sinusoidalEmbeddingForward", { perRow: steps * n, rows }, inPlace);
        bench.run("sinusoidalEmbeddingBackward", { perRow: steps * n, rows }, inPlace);
        expect(bench.read(at.x, count)).toEqual(bench.read(at.y, count));
        expect(bench.read(at.dy, count)).toEqual(dy);
      });
    }
  }

  test("position 99,999 is as right as the first", () => {
    const [steps, n] = [100_000, 6];
    const at = { x: bench.floats(new Float32Array(steps * n)), y: bench.room(steps * n), dx: 0, dy: 0 };
    const args = { ...at, ...sinusoidalEmbedding().args!(bench.context(1, {}), [steps, n], [steps, n]) };
    bench.run("sinusoidalEmbeddingForward", { perRow: steps * n, rows: 1 }, args);
    const last = bench.read(at.y, steps * n).slice(-n);
    // half a unit in the last place of float32 near 1
    expectClose(
      "y",
      last,
      Float64Array.from(last, (_, j) => wave(steps - 1, j, n)),
      { rtol: 6e-8, atol: 1e-9 },
    );
  });
});

const wave = (t: number, j: number, n: number): number => {
  const angle = t * 10000 ** (-(j - (j % 2)) / n);
  return j % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
};
