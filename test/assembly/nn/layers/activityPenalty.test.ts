// y = x, and the penalty of the pass: (l1 sum |x| + l2 sum x^2) / rows.
import { expect, test } from "vitest";
import { PROGRAM_BYTES, PROGRAM_PENALTY } from "../../../../build/abi.js";
import { activityPenalty } from "../../../../src/nn/layers/activityPenalty.ts";
import { expectClose } from "../../../support/golden.ts";
import { imageBench as bench } from "../../../support/images.ts";
import { normal } from "../../../support/seeded.ts";

const layer = activityPenalty({ l1: 0.25, l2: 0.125 });
await layer.load!(bench.core);

test.each([
  [1, 1],
  [3, 1],
  [1, 5],
  [4, 3],
  [7, 9],
  [16, 4],
])("%i numbers of %i rows", (n, rows) => {
  bench.clear();
  const [x, dy] = [normal(rows * n, { seed: 1 }), normal(rows * n, { seed: 2 })];
  x[0] = 0; // where |x| has no slope it is 0
  const program = bench.room(PROGRAM_BYTES / 4);
  const at = { x: bench.floats(x), y: bench.room(rows * n), dx: bench.room(rows * n), dy: bench.floats(dy) };
  const args = { ...at, ...layer.args!(bench.context(rows, {}), [n], [n]), program };
  bench.core.arena.doubles(program + PROGRAM_PENALTY, 1)[0] = 2; // what there is already
  for (const role of ["Forward", "Backward"] as const) bench.run(`activityPenalty${role}`, { perRow: n, rows }, args);
  expect(bench.read(at.y, rows * n)).toEqual(x);
  const penalty = x.reduce((sum, v) => sum + 0.25 * Math.abs(v) + 0.125 * v * v, 0) / rows;
  expect(bench.core.arena.doubles(program + PROGRAM_PENALTY, 1)[0]).toBeCloseTo(2 + penalty, 13);
  const dx = Float64Array.from(x, (v, i) => dy[i]! + (0.25 * Math.sign(v) + 0.25 * v) / rows);
  expectClose("dx", bench.read(at.dx, rows * n), dx, { rtol: 3e-7, atol: 1e-7 });
  const whole = Math.ceil((rows * n) / 4) * 4; // vectors
  bench.expectGuard(at.y, whole, "y");
  bench.expectGuard(at.dx, whole, "dx");
});
