import { loadValues } from "../../../../build/binaries.js";
import { expect, test } from "vitest";
import { f32 } from "../../../../src/runtime/record.ts";
import { normal } from "../../../support/seeded.ts";
import { SIZES } from "../../../support/pairs.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadValues(bench.core);

test.each(SIZES)("average: a third of %i numbers, and of their gradients, in place, too", (n) => {
  const rows = 3;
  const x = normal(rows * n, { seed: 1 });
  const dy = normal(rows * n, { seed: 2 });
  const at = { x: bench.floats(x), y: bench.room(rows * n), dx: bench.room(rows * n), dy: bench.floats(dy) };
  const run = (kernel: "averageForward" | "averageBackward", more = {}): unknown =>
    bench.run(kernel, { perRow: n, rows }, { ...at, ...more, count: f32(3) });
  run("averageForward");
  run("averageBackward");
  for (const [to, from] of [
    [at.y, x],
    [at.dx, dy],
  ] as const) {
    expect([...bench.read(to, rows * n)]).toEqual(Array.from(from, (v) => Math.fround(v / 3)));
    bench.expectVectorGuard(to, rows * n, "y, dx");
  }
  run("averageForward", { y: at.x });
  expect(bench.read(at.x, rows * n)).toEqual(bench.read(at.y, rows * n));
});
