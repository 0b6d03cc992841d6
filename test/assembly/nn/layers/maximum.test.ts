import { expect, test } from "vitest";
import { maximum } from "../../../../src/nn/composites/maximum.ts";
import { numberCases, pairTests } from "../../../support/pairs.ts";
import { loadValues } from "../../../../build/binaries.js";
import { Workbench } from "../../../support/workbench.ts";

pairTests(
  "maximum",
  numberCases(maximum, Math.max, (a, b) => [Number(a > b), Number(b > a)]),
  { rtol: 0, atol: 0 },
);

test("equal numbers share the gradient, and NaN is the largest, as in PyTorch", async () => {
  const bench = await Workbench.create();
  await loadValues(bench.core);
  const [x, other, dy] = [[2, -3, NaN, 1, 0], [2, -3, 1, NaN, -0], [1, 3, 1, 1, 5]]; // prettier-ignore
  const at = { x: bench.floats(x!), y: bench.room(5), dx: bench.room(5), dy: bench.floats(dy!) };
  const args = { ...at, other: bench.floats(other!), dOther: bench.room(5) };
  bench.run("maximumForward", { perRow: 5, rows: 1 }, args);
  bench.run("maximumBackward", { perRow: 5, rows: 1 }, args);
  expect([...bench.read(at.y, 5)]).toEqual([2, -3, NaN, NaN, 0]);
  expect([...bench.read(at.dx, 5)]).toEqual([0.5, 1.5, 1, 1, 2.5]);
  expect([...bench.read(args.dOther, 5)]).toEqual([0.5, 1.5, 1, 1, 2.5]);
});
