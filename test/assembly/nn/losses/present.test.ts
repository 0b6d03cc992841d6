import { loadSequence } from "../../../../build/binaries.js";
import { expect, test } from "vitest";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

test("numbers: a row with a NaN weighs nothing, and the NaN becomes 0", () => {
  const target = bench.floats([1, 2, NaN, 4, 5, 6], 12);
  const y = bench.room(6);
  bench.run("presentMask", { perRow: 2, rows: 3 }, { target, weight: 0, y, labels: 0 });
  expect([...bench.read(target, 6)]).toEqual([1, 2, 0, 4, 5, 6]);
  expect([...bench.read(y, 3)]).toEqual([1, 0, 1]);
  bench.expectGuard(y, 3, "y");
});

test("labels: a row with -1 weighs nothing, others what they weighed", () => {
  const target = bench.words(Int32Array.of(3, -1, 0, 2));
  const y = bench.room(4);
  bench.run("presentMask", { perRow: 1, rows: 4 }, { target, weight: bench.floats([2, 3, 0.5, 0]), y, labels: 1 });
  expect([...new Int32Array(bench.core.arena.memory.buffer, target, 4)]).toEqual([3, 0, 0, 2]);
  expect([...bench.read(y, 4)]).toEqual([2, 0, 0.5, 0]);
  bench.expectGuard(y, 4, "y");
});
