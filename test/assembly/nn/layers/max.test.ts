import { loadValues } from "../../../../build/binaries.js";
import { expect, test } from "vitest";
import { max } from "../../../../src/nn/layers/max.ts";
import { AXES, placesAlong } from "../../../support/axes.ts";
import { imageTests } from "../../../support/images.ts";
import { Workbench } from "../../../support/workbench.ts";

imageTests(
  "max",
  AXES.map(([input, axis]) => {
    const all = placesAlong(input, axis);
    return {
      layer: max({ axis }),
      input,
      forward: (x) => Float64Array.from(all, (from) => Math.max(...from.map((i) => x[i]!))),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        all.forEach((from, o) => {
          const best = from.reduce((at, i) => (x[i]! > x[at]! ? i : at));
          dx[best] = dy[o]!;
        });
        return dx;
      },
    };
  }),
  { rtol: 0, atol: 0 },
);

test("of equal numbers the first gets the gradient, and NaN is the largest", async () => {
  const bench = await Workbench.create();
  await loadValues(bench.core);
  const x = [1, 3, 3, 2, NaN, 5, -1, -1, -1];
  const at = { x: bench.floats(x), y: bench.room(3), dx: bench.room(9), dy: bench.floats([1, 2, 3]) };
  const args = { ...at, blocks: 1, n: 3, inner: 1 };
  bench.run("maxForward", { perRow: 1, rows: 3 }, args);
  bench.run("maxBackward", { perRow: 1, rows: 3 }, args);
  expect([...bench.read(at.y, 3)]).toEqual([3, NaN, -1]);
  expect([...bench.read(at.dx, 9)]).toEqual([0, 1, 0, 0, 2, 0, 3, 0, 0]);
});
