import { loadSequence } from "../../../../build/binaries.js";
import { describe, expect, test } from "vitest";
import { slice, sliceArgs } from "../../../../src/nn/layers/slice.ts";
import { AXES, placesAlong } from "../../../support/axes.ts";
import { imageTests } from "../../../support/images.ts";
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

/** Both ends, by number and from the end. */
const PARTS = [{}, { from: 1 }, { to: -1 }, { from: -2, to: 2 }] as const;

imageTests(
  "slice",
  AXES.flatMap(([input, axis]) => {
    const all = placesAlong(input, axis);
    const n = all[0]!.length;
    return PARTS.filter(({ from = 0, to = n }: { from?: number; to?: number }) => {
      return from >= -n && (from < 0 ? n + from : from) < (to < 0 ? n + to : to) && to <= n;
    }).map((part) => {
      const layer = slice({ axis, ...part });
      const { from = 0, to = n } = part as { from?: number; to?: number };
      const kept = new Set(all.flatMap((along) => along.slice(from, to)));
      return {
        layer,
        input,
        forward: (x: Float64Array) => x.filter((_, i) => kept.has(i)),
        backward(x: Float64Array, dy: Float64Array) {
          let next = 0;
          return x.map((_, i) => (kept.has(i) ? dy[next++]! : 0));
        },
      };
    });
  }),
  { rtol: 0, atol: 0 },
);
