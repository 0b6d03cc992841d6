import { loadSequence } from "../../../../build/binaries.js";
import { describe, expect, test } from "vitest";
import { join } from "../../../../src/nn/composites/concat.ts";
import { type Shape, sizeOf } from "../../../../src/util/shape.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

/** The offset of the element with an index into `shape`. */
const place = (index: readonly number[], shape: Shape): number =>
  index.reduce((at, i, axis) => at * shape[axis]! + i, 0);

/** Rows of the inputs joined along an axis, number by number. */
function joined(inputs: readonly Float32Array[], shapes: readonly Shape[], axis: number, rows: number): number[] {
  const out: number[] = [];
  const first = shapes[0]!;
  const walk = (row: number, index: readonly number[]): void => {
    if (index.length === first.length) {
      let along = index[axis]!;
      const which = shapes.findIndex((shape) => along < shape[axis]! || ((along -= shape[axis]!), false));
      const shape = shapes[which]!;
      out.push(inputs[which]![row * sizeOf(shape) + place(index.with(axis, along), shape)]!);
      return;
    }
    const a = index.length;
    const size = a === axis ? shapes.reduce((sum, shape) => sum + shape[axis]!, 0) : first[a]!;
    for (let i = 0; i < size; i++) walk(row, [...index, i]);
  };
  for (let row = 0; row < rows; row++) walk(row, []);
  return out;
}

const CASES: readonly (readonly [shapes: readonly Shape[], axis: number])[] = [
  [[[3], [5]], -1],
  [[[1], [4], [2]], 0],
  [
    [
      [2, 3],
      [2, 1],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [5, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [3, 4, 1],
      [3, 4, 3],
      [3, 4, 2],
    ],
    -1,
  ],
  [
    [
      [3, 2, 5],
      [3, 7, 5],
    ],
    -2,
  ],
];

describe("concat", () => {
  for (const [shapes, axis] of CASES) {
    test.each([1, 3])(
      `${shapes.map((s) => s.join("x")).join(" and ")} along ${axis}, %i rows, with capacity for more`,
      (rows) => {
        const inputs = shapes.map((shape, i) => normal(rows * sizeOf(shape), { seed: i + 1 }));
        const [first, ...others] = shapes;
        const layer = join(axis);
        const slots = Object.fromEntries(others.map((shape, i) => [String(i + 2), shape]));
        const output = layer.outputShape(first!, "test", slots);
        const right = joined(inputs, shapes, axis < 0 ? first!.length + axis : axis, rows);
        const count = rows * sizeOf(output);
        const addresses = inputs.map((values) => bench.floats(values, 2 * values.length));
        const gradients = inputs.map((values) => bench.room(values.length));
        const named = (list: readonly number[]): Record<string, number> =>
          Object.fromEntries(list.slice(1).map((address, i) => [String(i + 2), address]));
        const places = { inputs: named(addresses), inputGradients: named(gradients), shapes: slots };
        const context = bench.context(2 * rows, places);
        const y = bench.room(count);
        const dy = bench.floats(Float32Array.from(right));
        const args = { x: addresses[0]!, y, dx: gradients[0]!, dy, ...layer.args!(context, first!, output) };
        const run = { perRow: sizeOf(output), rows };
        bench.run("concatForward", run, args);
        expect([...bench.read(y, count)]).toEqual(right);
        bench.expectGuard(y, count, "y");
        // what was joined comes apart again
        bench.run("concatBackward", run, args);
        inputs.forEach((values, i) => {
          expect([...bench.read(gradients[i]!, values.length)]).toEqual([...values]);
          bench.expectGuard(gradients[i]!, values.length, `gradient ${i + 1}`);
        });
      },
    );
  }
});
