// How the kernels of operators on two values are tested: rows against float64 loops, with guards after what they write.
import { beforeEach, describe, expect, test } from "vitest";
import { buildGraph } from "../../src/graph/graph.ts";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import type { Branches } from "../../src/nn/composites/operator.ts";
import { reshape } from "../../src/nn/layers/reshape.ts";
import { slice } from "../../src/nn/layers/slice.ts";
import { type Shape, shapeText, sizeOf } from "../../src/util/shape.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

type Numbers = Float64Array;

export interface PairCase {
  readonly make: (branches: Branches) => Layer;
  readonly a: Shape;
  readonly b: Shape;
  /** y, da and db of one row, in float64. */
  forward(a: Numbers, b: Numbers): ArrayLike<number>;
  backward(a: Numbers, b: Numbers, dy: Numbers): readonly [da: ArrayLike<number>, db: ArrayLike<number>];
}

const bench = await Workbench.create();

/** Sizes around a vector. */
export const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 17];

export function pairTests(name: string, cases: readonly PairCase[], tolerance: Tolerance): void {
  describe(name, () => {
    beforeEach(() => bench.clear());
    for (const each of cases) {
      test(`${shapeText(each.a)} and ${shapeText(each.b)}`, async () => {
        const layer = nodeOf(each);
        await layer.load!(bench.core);
        for (const rows of [1, 3]) run(layer, each, rows, tolerance);
      });
    }
  });
}

/** The layer that an operator ends with, on values of these shapes. */
function nodeOf({ make, a, b }: PairCase): Layer {
  const [n, m] = [sizeOf(a), sizeOf(b)];
  const branches = [[slice({ to: n }), reshape(a)], [slice({ from: n }), reshape(b)]]; // prettier-ignore
  return buildGraph([n + m], [make(branches)]).at(-1)!.layer;
}

function run(layer: Layer, { a, b, forward, backward }: PairCase, rows: number, tolerance: Tolerance): void {
  const output = layer.outputShape(a, "test", { other: b });
  const [n, m, size] = [sizeOf(a), sizeOf(b), sizeOf(output)];
  const [x, other, dy] = [
    normal(rows * n, { seed: 1 }),
    normal(rows * m, { seed: 2 }),
    normal(rows * size, { seed: 3 }),
  ];
  const at = { x: bench.floats(x), y: bench.room(rows * size), dx: bench.room(rows * n), dy: bench.floats(dy) };
  const [to, dOther] = [bench.floats(other), bench.room(rows * m)];
  const context = (gradient: number) =>
    bench.context(rows, { inputs: { other: to }, inputGradients: { other: gradient }, shapes: { other: b } });
  const args = { ...at, ...layer.args!(context(dOther), a, output) };
  const call = (role: string, more = {}): unknown =>
    bench.run(`${layer.kernel!}${role}` as KernelName, { perRow: size, rows }, { ...args, ...more });
  call("Forward");
  call("Backward", layer.backwardReads === "input" ? { y: 0 } : { x: 0, y: 0 });
  const expected = {
    y: new Float64Array(rows * size),
    dx: new Float64Array(rows * n),
    dOther: new Float64Array(rows * m),
  };
  for (let r = 0; r < rows; r++) {
    const row = (all: Float32Array, each: number): Numbers => Float64Array.from(all.subarray(r * each, (r + 1) * each));
    expected.y.set(forward(row(x, n), row(other, m)), r * size);
    const [da, db] = backward(row(x, n), row(other, m), row(dy, size));
    expected.dx.set(da, r * n);
    expected.dOther.set(db, r * m);
  }
  const seen = { y: at.y, dx: at.dx, dOther };
  for (const key of ["y", "dx", "dOther"] as const) {
    const count = expected[key].length;
    expectClose(key, bench.read(seen[key], count), expected[key], tolerance);
    if (layer.inPlace) bench.expectVectorGuard(seen[key], count, key);
    else bench.expectGuard(seen[key], count, key);
  }
  expect(bench.read(at.x, rows * n)).toEqual(x);
  expect(bench.read(to, rows * m)).toEqual(other);
  // gradients that aren't requested
  const alone = bench.room(rows * n);
  call("Backward", { dx: alone, ...layer.args!(context(0), a, output) });
  expect(bench.read(alone, rows * n)).toEqual(bench.read(at.dx, rows * n));
  const second = bench.room(rows * m);
  call("Backward", { dx: 0, ...layer.args!(context(second), a, output) });
  expect(bench.read(second, rows * m)).toEqual(bench.read(dOther, rows * m));
  if (!layer.inPlace) return;
  // y over x, dx over dy
  const over = bench.floats(dy);
  call("Backward", { dx: over, dy: over });
  expect(bench.read(over, rows * n)).toEqual(bench.read(at.dx, rows * n));
  expect(bench.read(dOther, rows * m)).toEqual(bench.read(second, rows * m));
  const place = bench.floats(x);
  call("Forward", { x: place, y: place });
  expect(bench.read(place, rows * n)).toEqual(bench.read(at.y, rows * n));
}

/** Cases of an operator on numbers at the same place, by its value and its slopes. */
export function numberCases(
  make: (branches: Branches) => Layer,
  value: (a: number, b: number) => number,
  slopes: (a: number, b: number) => readonly [number, number],
): readonly PairCase[] {
  return SIZES.map((n) => ({
    make,
    a: [n],
    b: [n],
    forward: (a, b) => a.map((v, i) => value(v, b[i]!)),
    backward: (a, b, dy) => [
      dy.map((g, i) => g * slopes(a[i]!, b[i]!)[0]),
      dy.map((g, i) => g * slopes(a[i]!, b[i]!)[1]),
    ],
  }));
}
