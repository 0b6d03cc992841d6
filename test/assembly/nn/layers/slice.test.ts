import { loadSequence } from "../../../../build/binaries.js";
import { describe, expect, test } from "vitest";
import { sliceArgs } from "../../../../src/nn/layers/slice.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

describe("part", () => {
  for (const [row, offset, count] of [
    [1, 0, 1],
    [5, 2, 3],
    [9, 0, 4],
    [17, 16, 1],
    [12, 3, 8],
  ] as const) {
    test.each([1, 2, 3])(`${count} of ${row} numbers from ${offset}, %i rows`, (rows) => {
      const x = normal(rows * row, { seed: 1 });
      const dy = normal(rows * count, { seed: 2 });
      const at = {
        x: bench.floats(x),
        y: bench.room(rows * count),
        dx: bench.room(rows * row),
        dy: bench.floats(dy),
      };
      const args = { ...at, ...sliceArgs(row, offset, count) };
      bench.run("sliceForward", { perRow: count, rows }, args);
      bench.run("sliceBackward", { perRow: count, rows }, args);
      const inside = (i: number): boolean => i % row >= offset && i % row < offset + count;
      expect([...bench.read(at.y, rows * count)]).toEqual([...x].filter((_, i) => inside(i)));
      const right = Array.from(x, (_, i) => (inside(i) ? dy[Math.floor(i / row) * count + (i % row) - offset]! : 0));
      expect([...bench.read(at.dx, rows * row)]).toEqual(right);
      bench.expectGuard(at.y, rows * count, "y");
      bench.expectGuard(at.dx, rows * row, "dx");
    });
  }
});
