import { beforeEach, describe, expect, test } from "vitest";
import { embedding } from "../../../../src/nn/layers/embedding.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

describe("embedding", () => {
  beforeEach(async () => {
    bench.clear();
    await embedding(1, 1).load!(bench.core);
  });

  for (const width of [1, 2, 3, 4, 5, 7, 8, 16, 33]) {
    for (const [rows, count, vocabulary] of [
      [1, 1, 1],
      [3, 1, 4],
      [2, 5, 3],
      [3, 7, 50],
    ] as const) {
      test(`${rows} rows of ${count} of ${vocabulary} vectors of ${width}`, () => {
        const indices = wholes(rows * count, { seed: 1, below: vocabulary });
        const weight = normal(vocabulary * width, { seed: 2 });
        const before = normal(vocabulary * width, { seed: 3 });
        const dy = normal(rows * count * width, { seed: 4 });
        const n = rows * count * width;
        const at = { x: bench.floats(indices), y: bench.room(n), dx: bench.room(rows * count), dy: bench.floats(dy) };
        const gradient = bench.floats(before);
        const layer = embedding(vocabulary, width);
        const context = bench.context(rows + 1, {
          parameters: { weight: bench.floats(weight) },
          gradients: { weight: gradient },
        });
        const args = { ...at, ...layer.args!(context, [count], [count, width]) };
        bench.run("embeddingForward", { perRow: count * width, rows }, args);
        bench.run("embeddingBackward", { perRow: count * width, rows }, args);
        const sums = before.slice();
        indices.forEach((index, i) => {
          const row = bench.read(at.y + 4 * i * width, width);
          expect(row).toEqual(weight.slice(index * width, (index + 1) * width));
          // in this order, each sum rounded to float32: the same bits
          for (let j = 0; j < width; j++) sums[index * width + j] = sums[index * width + j]! + dy[i * width + j]!;
        });
        expectClose("dweight", bench.read(gradient, sums.length), sums, { rtol: 0, atol: 0 });
        expect(bench.read(at.dx, rows * count)).toEqual(new Float32Array(rows * count));
        bench.expectGuard(at.y, n, "y");
        bench.expectGuard(at.dx, rows * count, "dx");
        bench.expectGuard(gradient, sums.length, "dweight");
        const frozen = { ...args, dx: 0, dWeight: 0 };
        bench.run("embeddingBackward", { perRow: count * width, rows }, frozen);
        expect(bench.read(gradient, sums.length)).toEqual(sums);
      });
    }
  }

  test("what is no index reads no memory but the table's", () => {
    const x = [NaN, Infinity, -Infinity, -1, 3, 1e20, 1.7];
    const at = { x: bench.floats(x), y: bench.room(7), dx: 0, dy: 0 };
    const context = bench.context(1, { parameters: { weight: bench.floats([10, 11, 12]) } });
    const args = { ...at, ...embedding(3, 1).args!(context, [7], [7, 1]) };
    bench.run("embeddingForward", { perRow: 7, rows: 1 }, args);
    expect([...bench.read(at.y, 7)]).toEqual([10, 12, 10, 10, 12, 12, 11]);
  });
});
