import { beforeEach, describe, expect, test } from "vitest";
import { positionalEmbedding } from "../../../../src/nn/layers/positionalEmbedding.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

describe("positionalEmbedding", () => {
  beforeEach(async () => {
    bench.clear();
    await positionalEmbedding().load!(bench.core);
  });

  for (const n of [1, 2, 3, 4, 5, 7, 8, 16, 33]) {
    for (const rows of [1, 2, 5]) {
      test(`${rows} rows of ${n}`, () => {
        const [x, dy] = [normal(rows * n, { seed: 1 }), normal(rows * n, { seed: 2 })];
        const [weight, before] = [normal(n, { seed: 3 }), normal(n, { seed: 4 })];
        const at = { x: bench.floats(x), y: bench.room(rows * n), dx: bench.room(rows * n), dy: bench.floats(dy) };
        const dWeight = bench.floats(before);
        const placed = { parameters: { weight: bench.floats(weight) }, gradients: { weight: dWeight } };
        const args = { ...at, ...positionalEmbedding().args!(bench.context(rows, placed), [n], [n]) };
        bench.run("positionalEmbeddingForward", { perRow: n, rows }, args);
        bench.run("positionalEmbeddingBackward", { perRow: n, rows }, args);
        const expected = x.map((v, i) => v + weight[i % n]!);
        expect(bench.read(at.y, rows * n)).toEqual(expected);
        expect(bench.read(at.dx, rows * n)).toEqual(dy);
        const sums = Float64Array.from(before);
        dy.forEach((v, i) => (sums[i % n]! += v));
        expectClose("dweight", bench.read(dWeight, n), sums, { rtol: 1e-6, atol: 1e-6 });
        bench.expectGuard(at.y, rows * n, "y");
        bench.expectGuard(at.dx, rows * n, "dx");
        bench.expectGuard(dWeight, n, "dweight");
        // y over x and dx over dy, nothing to learn
        const inPlace = { ...args, y: at.x, dx: at.dy, dWeight: 0 };
        bench.run("positionalEmbeddingForward", { perRow: n, rows }, inPlace);
        bench.run("positionalEmbeddingBackward", { perRow: n, rows }, inPlace);
        expect(bench.read(at.x, rows * n)).toEqual(expected);
        expect(bench.read(at.dy, rows * n)).toEqual(dy);
      });
    }
  }
});
