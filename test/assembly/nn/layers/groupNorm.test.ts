// Group and instance normalisation against float64 loops.
import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Layer } from "../../../../src/graph/layer.ts";
import { groupNorm, instanceNorm } from "../../../../src/nn/layers/groupNorm.ts";
import type { KernelName } from "../../../../src/runtime/kernels.ts";
import { type Shape, shapeText, sizeOf } from "../../../../src/util/shape.ts";
import { expectClose } from "../../../support/golden.ts";
import { meanOf } from "../../../support/norms.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
beforeEach(() => bench.clear());

const EPSILON = Math.fround(1e-3);

function expectRight(layer: Layer, groups: number, shape: Shape, rows: number): void {
  const n = shape.at(-1)!;
  const count = rows * sizeOf(shape);
  const [x, dy] = [normal(count, { seed: 1 }).map((v) => 3 * v + 2), normal(count, { seed: 2 })];
  const [gamma, beta] = [normal(n, { seed: 3 }), normal(n, { seed: 4 })];
  const before = { gamma: normal(n, { seed: 5 }), beta: normal(n, { seed: 6 }) };
  const parameters = { gamma: bench.floats(gamma), beta: bench.floats(beta) };
  const gradients = { gamma: bench.floats(before.gamma), beta: bench.floats(before.beta) };
  const at = { x: bench.floats(x), y: bench.room(count), dx: bench.room(count), dy: bench.floats(dy) };
  const args = { ...at, ...layer.args!(bench.context(rows + 1, { parameters, gradients }), shape, shape) };
  const [y, dx] = [new Float64Array(count), new Float64Array(count)];
  const [dGamma, dBeta] = [Float64Array.from(before.gamma), Float64Array.from(before.beta)];
  for (let r = 0; r < rows; r++) {
    for (let g = 0; g < groups; g++) {
      const places = Array.from({ length: sizeOf(shape) }, (_, i) => r * sizeOf(shape) + i).filter(
        (i) => Math.floor(((i % n) * groups) / n) === g,
      );
      const average = (f: (i: number) => number): number => meanOf(Float64Array.from(places, f));
      const mean = average((i) => x[i]!);
      const deviation = Math.sqrt(average((i) => (x[i]! - mean) ** 2) + EPSILON);
      const z = (i: number): number => (x[i]! - mean) / deviation;
      const slope = (i: number): number => dy[i]! * gamma[i % n]!;
      const [level, along] = [average(slope), average((i) => slope(i) * z(i))];
      for (const i of places) {
        y[i] = gamma[i % n]! * z(i) + beta[i % n]!;
        dx[i] = (slope(i) - level - z(i) * along) / deviation;
        dGamma[i % n]! += dy[i]! * z(i);
        dBeta[i % n]! += dy[i]!;
      }
    }
  }
  for (const role of ["Forward", "Backward"])
    bench.run(`groupNorm${role}` as KernelName, { perRow: sizeOf(shape), rows }, args);
  const tolerance = { rtol: 1e-5, atol: 1e-5 };
  const slots = { y: at.y, dx: at.dx, dGamma: gradients.gamma, dBeta: gradients.beta };
  for (const [name, values] of Object.entries({ y, dx, dGamma, dBeta })) {
    const address = slots[name as keyof typeof slots];
    expectClose(name, bench.read(address, values.length), values, tolerance);
    bench.expectGuard(address, values.length, name);
  }
  expect(bench.read(at.x, count)).toEqual(x);
  // frozen, and at the beginning of the model
  const dxBits = bench.bits(at.dx, count);
  bench.run("groupNormBackward", { perRow: sizeOf(shape), rows }, { ...args, dGamma: 0, dBeta: 0 });
  expect(bench.bits(at.dx, count)).toEqual(dxBits);
  bench.run("groupNormBackward", { perRow: sizeOf(shape), rows }, { ...args, dx: 0 });
  expectClose("dGamma twice", bench.read(gradients.gamma, n), dGamma.map((v, c) => 2 * v - before.gamma[c]!), tolerance); // prettier-ignore
}

const GROUPS: readonly (readonly [Shape, readonly number[]])[] = [
  [[2], [1]],
  [[5], [1]],
  [[8], [1, 2, 4]],
  [[33], [1, 3, 11]],
  [[5, 1], [1]],
  [
    [3, 3, 2],
    [1, 2],
  ],
  [
    [7, 3],
    [1, 3],
  ],
  [
    [5, 7, 12],
    [1, 2, 3, 4, 6, 12],
  ],
  [
    [9, 31],
    [1, 31],
  ],
  [[8, 8, 64], [32]],
];

describe("groupNorm", () => {
  for (const [shape, all] of GROUPS) {
    for (const groups of all) {
      test.each([1, 3])(`%s rows of ${shapeText(shape)}, ${groups} groups`, (rows) =>
        expectRight(groupNorm(groups, { epsilon: 1e-3 }), groups, shape, rows),
      );
    }
  }
});

test.each([[[7, 3]], [[6, 4]], [[5, 7, 5]]] as const)("instanceNorm: %s has a group for each channel", (shape) =>
  expectRight(instanceNorm({ epsilon: 1e-3 }), shape.at(-1)!, shape, 2),
);

test("a row's result doesn't depend on the others", () => {
  const layer = groupNorm(2);
  const shape = [5, 6];
  const parameters = { gamma: bench.floats(normal(6, { seed: 3 })), beta: bench.floats(normal(6, { seed: 4 })) };
  const x = normal(90, { seed: 1 });
  const outputs = [1, 3].map((rows) => {
    const at = { x: bench.floats(x.subarray(90 - rows * 30)), y: bench.room(rows * 30), dx: 0, dy: 0 };
    const args = { ...at, ...layer.args!(bench.context(rows, { parameters }), shape, shape) };
    bench.run("groupNormForward", { perRow: 30, rows }, args);
    return bench.bits(at.y + (rows - 1) * 120, 30);
  });
  expect(outputs[0]).toEqual(outputs[1]);
});
