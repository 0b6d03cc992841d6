import { beforeEach, describe, expect, test } from "vitest";
import { FLAG_OVERWRITE } from "../../../../build/abi.js";
import { dense } from "../../../../src/nn/layers/dense.ts";
import { expectClose } from "../../../support/golden.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

interface Sizes {
  readonly rows: number;
  readonly nIn: number;
  readonly nOut: number;
  /** Vectors per row: the layer works on the last axis. */
  readonly inner?: number;
}

/** Numbers of a dense layer, all between -1 and 1. */
function numbers({ rows, nIn, nOut, inner = 1 }: Sizes, seed = 1) {
  const all = rows * inner;
  return {
    x: uniform(all * nIn, { seed }),
    w: uniform(nIn * nOut, { seed: seed + 1 }),
    b: uniform(nOut, { seed: seed + 2 }),
    dy: uniform(all * nOut, { seed: seed + 3 }),
  };
}
type Numbers = ReturnType<typeof numbers>;

/** The plain loops, in float64. */
function plain({ rows, nIn, nOut, inner = 1 }: Sizes, { x, w, b, dy }: Numbers, useBias: boolean) {
  const all = rows * inner;
  const y = new Float64Array(all * nOut);
  const dx = new Float64Array(all * nIn);
  const dw = new Float64Array(nIn * nOut);
  const db = new Float64Array(nOut);
  for (let r = 0; r < all; r++) {
    for (let j = 0; j < nOut; j++) {
      const g = dy[r * nOut + j]!;
      let sum = useBias ? b[j]! : 0;
      for (let i = 0; i < nIn; i++) {
        sum += x[r * nIn + i]! * w[i * nOut + j]!;
        dx[r * nIn + i]! += g * w[i * nOut + j]!;
        dw[i * nOut + j]! += x[r * nIn + i]! * g;
      }
      y[r * nOut + j] = sum;
      db[j]! += g;
    }
  }
  return { y, dx, dw, db };
}

interface Options {
  readonly useBias?: boolean;
  /** Rows of the plan's capacity; what is after the used ones is the guard. */
  readonly capacity?: number;
  /** What the gradients of the parameters hold before; undefined: the kernel overwrites them. */
  readonly before?: number | undefined;
  readonly requested?: { readonly dx?: boolean; readonly dw?: boolean };
}

/** Forward and backward, with the arguments that the layer itself gives. */
function run(sizes: Sizes, given: Numbers, options: Options = {}) {
  const { rows, nIn, nOut, inner = 1 } = sizes;
  const { useBias = true, capacity = rows, before, requested: { dx: wantDx = true, dw: wantDw = true } = {} } = options;
  const [all, space] = [rows * inner, capacity * inner];
  const x = bench.floats(given.x, space * nIn);
  const dy = bench.floats(given.dy, space * nOut);
  const y = bench.room(space * nOut);
  const dx = wantDx ? bench.room(space * nIn) : 0;
  const filled = (count: number): number =>
    before === undefined ? bench.room(count) : bench.floats(new Float32Array(count).fill(before));
  const gradients = { weight: wantDw ? filled(nIn * nOut) : 0, bias: useBias && wantDw ? filled(nOut) : 0 };
  const parameters = { weight: bench.floats(given.w), bias: useBias ? bench.floats(given.b) : 0 };
  const layer = dense(nOut, { useBias });
  const shape = inner === 1 ? [nIn] : [inner, nIn];
  const context = bench.context(capacity, { parameters, gradients });
  const args = { x, y, dx, dy, ...layer.args!(context, shape, layer.outputShape(shape, "test")) };
  const perRow = inner * nOut;
  bench.run("denseForward", { perRow, rows }, args);
  const flags = before === undefined ? FLAG_OVERWRITE : 0;
  bench.run("denseBackward", { perRow, rows, flags }, args);
  bench.expectGuard(y, all * nOut, "y");
  if (wantDx) bench.expectGuard(dx, all * nIn, "dx");
  if (wantDw) bench.expectGuard(gradients.weight, nIn * nOut, "dw");
  if (gradients.bias) bench.expectGuard(gradients.bias, nOut, "db");
  return {
    y: bench.read(y, all * nOut),
    dx: wantDx ? bench.read(dx, all * nIn) : undefined,
    dw: wantDw ? bench.read(gradients.weight, nIn * nOut) : undefined,
    db: gradients.bias ? bench.read(gradients.bias, nOut) : undefined,
  };
}

/**
 * k + 1 roundings, each by up to 2^-24 of a sum that is about sqrt(k + 1) large; as they mostly cancel, they make about
 * (k + 1) 2^-24 in all. Four times that is allowed. (That the bits are those of the plain sum is product.test.ts's affair.)
 */
const tolerance = (k: number) => ({ rtol: 0, atol: 4 * (k + 1) * 2 ** -24 });

function compare(sizes: Sizes, actual: ReturnType<typeof run>, expected: ReturnType<typeof plain>): void {
  const { rows, nIn, nOut, inner = 1 } = sizes;
  const all = rows * inner;
  expectClose("y", actual.y, expected.y, tolerance(nIn));
  if (actual.dx) expectClose("dx", actual.dx, expected.dx, tolerance(nOut));
  if (actual.dw) expectClose("dw", actual.dw, expected.dw, tolerance(all));
  if (actual.db) expectClose("db", actual.db, expected.db, tolerance(all));
}

const SIZES: readonly Sizes[] = [
  { rows: 1, nIn: 1, nOut: 1 },
  { rows: 1, nIn: 3, nOut: 5 },
  { rows: 3, nIn: 4, nOut: 8 },
  { rows: 5, nIn: 17, nOut: 3 },
  { rows: 8, nIn: 5, nOut: 17 },
  { rows: 17, nIn: 8, nOut: 1 },
  { rows: 1, nIn: 100, nOut: 37 },
  { rows: 33, nIn: 70, nOut: 10 },
  { rows: 4, nIn: 600, nOut: 9 },
  { rows: 2, nIn: 3, nOut: 4, inner: 5 },
  { rows: 3, nIn: 7, nOut: 2, inner: 3 },
];

describe.each(SIZES)("rows $rows, inner $inner, $nIn to $nOut", (sizes) => {
  test.each([true, false])("forward and backward, bias %s", (useBias) => {
    const given = numbers(sizes);
    compare(sizes, run(sizes, given, { useBias }), plain(sizes, given, useBias));
  });

  test("parameter gradients are added to what is there", () => {
    const given = numbers(sizes);
    const expected = plain(sizes, given, true);
    const added = { ...expected, dw: expected.dw.map((g) => g + 0.5), db: expected.db.map((g) => g + 0.5) };
    compare(sizes, run(sizes, given, { before: 0.5 }), added);
  });

  test("fewer rows than the capacity: the same bits", () => {
    const given = numbers(sizes);
    expect(run(sizes, given, { capacity: sizes.rows + 6 })).toEqual(run(sizes, given));
  });
});

test("a gradient that isn't requested is left out, and the others are the same", () => {
  const sizes = { rows: 5, nIn: 9, nOut: 7 };
  const given = numbers(sizes);
  const all = run(sizes, given);
  expect(run(sizes, given, { requested: { dx: false } })).toEqual({ ...all, dx: undefined });
  expect(run(sizes, given, { requested: { dw: false } })).toEqual({ ...all, dw: undefined, db: undefined });
});

test("rows give the same bits alone and in a batch", () => {
  const sizes = { rows: 9, nIn: 40, nOut: 33 };
  const given = numbers(sizes);
  const { y, dx } = run(sizes, given);
  for (let r = 0; r < 9; r++) {
    const [x, dy] = [given.x.subarray(r * 40, (r + 1) * 40), given.dy.subarray(r * 33, (r + 1) * 33)];
    const alone = run({ ...sizes, rows: 1 }, { ...given, x, dy });
    expect([...alone.y], `y of row ${r}`).toEqual([...y.subarray(r * 33, (r + 1) * 33)]);
    expect([...alone.dx!], `dx of row ${r}`).toEqual([...dx!.subarray(r * 40, (r + 1) * 40)]);
  }
});

test("a NaN in one row of x reaches that row of y and no other", () => {
  const sizes = { rows: 6, nIn: 10, nOut: 9 };
  const given = numbers(sizes);
  given.x[2 * 10 + 3] = NaN;
  const { y } = run(sizes, given);
  for (let e = 0; e < y.length; e++) expect(Number.isNaN(y[e]!), `y[${e}]`).toBe(Math.floor(e / 9) === 2);
});

test("y by hand", () => {
  const given = {
    x: Float32Array.of(1, 2, 3, 4),
    w: Float32Array.of(1, 0, -1, 2, 1, 0.5),
    b: Float32Array.of(10, 20, 30),
    dy: Float32Array.of(1, 0, 2, -1, 1, 0),
  };
  const { y, dx, dw, db } = run({ rows: 2, nIn: 2, nOut: 3 }, given);
  expect([...y]).toEqual([15, 22, 30, 21, 24, 29]);
  expect([...dx!]).toEqual([-1, 3, -1, -1]);
  expect([...dw!]).toEqual([-2, 3, 2, -2, 4, 4]);
  expect([...db!]).toEqual([0, 1, 2]);
});
