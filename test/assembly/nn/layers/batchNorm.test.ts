// Batch normalisation against float64 loops, with the statistics of the batch and with the running ones.
import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import { batchNorm } from "../../../../src/nn/layers/batchNorm.ts";
import type { KernelName } from "../../../../src/runtime/kernels.ts";
import { type Shape, shapeText, sizeOf } from "../../../../src/util/shape.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal, uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
beforeEach(() => bench.clear());

const EPSILON = Math.fround(1e-3);
const MOMENTUM = Math.fround(0.3);
const STATES = ["runningMean", "runningVariance"] as const;

type Values = Readonly<Record<"gamma" | "beta" | (typeof STATES)[number], Float32Array>>;

interface Given {
  readonly shape: Shape;
  readonly rows: number;
  readonly x: Float32Array;
  readonly training?: boolean;
  /** Which results aren't requested. */
  readonly unwanted?: readonly string[];
}

/** Runs both kernels. */
function run({ shape, rows, x, training = true, unwanted = [] }: Given) {
  const n = shape.at(-1)!;
  const count = x.length;
  const dy = normal(count, { seed: 2 });
  const values: Values = {
    gamma: normal(n, { seed: 3 }),
    beta: normal(n, { seed: 4 }),
    runningMean: normal(n, { seed: 5 }),
    runningVariance: uniform(n, { seed: 6, low: 0.5, high: 3 }),
  };
  const before: Record<string, Float32Array> = { gamma: normal(n, { seed: 7 }), beta: normal(n, { seed: 8 }) };
  const place = (all: Readonly<Record<string, Float32Array>>) =>
    Object.fromEntries(Object.entries(all).map(([name, v]) => [name, bench.floats(v)]));
  const parameters = place(values);
  const gradients = place(before);
  const at = { x: bench.floats(x), y: bench.room(count), dx: bench.room(count), dy: bench.floats(dy) };
  const requested = Object.fromEntries(Object.entries(gradients).filter(([name]) => !unwanted.includes(name)));
  const layer = batchNorm({ epsilon: 1e-3, momentum: 0.3 });
  const context = bench.context(rows + 1, { parameters, gradients: requested, training });
  const args = { ...at, dx: unwanted.includes("dx") ? 0 : at.dx, ...layer.args!(context, shape, shape) };
  for (const role of ["Forward", "Backward"])
    bench.run(`batchNorm${role}` as KernelName, { perRow: sizeOf(shape), rows }, args);
  for (const name of ["gamma", "beta"]) bench.expectGuard(gradients[name]!, n, `d${name}`);
  for (const name of STATES) bench.expectGuard(parameters[name]!, n, name);
  bench.expectGuard(at.y, count, "y");
  bench.expectGuard(at.dx, unwanted.includes("dx") ? 0 : count, "dx");
  expect(bench.read(at.x, count)).toEqual(x);
  const read = (addresses: Record<string, number>, name: string): Float32Array => bench.read(addresses[name]!, n);
  return {
    given: { dy, ...values, before },
    y: bench.read(at.y, count),
    dx: bench.read(at.dx, count),
    dGamma: read(gradients, "gamma"),
    dBeta: read(gradients, "beta"),
    runningMean: read(parameters, "runningMean"),
    runningVariance: read(parameters, "runningVariance"),
  };
}

/** The same in float64. */
function expected({ x, training = true }: Given, given: ReturnType<typeof run>["given"]) {
  const { dy, gamma, beta, runningMean, runningVariance, before } = given;
  const n = gamma.length;
  const count = x.length / n;
  const y = new Float64Array(x.length);
  const dx = new Float64Array(x.length);
  const [dGamma, dBeta, mean, variance] = [before["gamma"]!, before["beta"]!, runningMean, runningVariance].map((v) =>
    Float64Array.from(v),
  );
  for (let c = 0; c < n; c++) {
    const places = Array.from({ length: count }, (_, i) => i * n + c);
    const average = (f: (i: number) => number): number => places.reduce((sum, i) => sum + f(i), 0) / count;
    const m = training ? average((i) => x[i]!) : mean![c]!;
    const v = training ? average((i) => (x[i]! - m) ** 2) : variance![c]!;
    const share = 1 / Math.sqrt(v + EPSILON);
    const z = (i: number): number => (x[i]! - m) * share;
    const level = training ? average((i) => dy[i]!) : 0;
    const slope = training ? average((i) => dy[i]! * z(i)) : 0;
    for (const i of places) {
      y[i] = gamma[c]! * z(i) + beta[c]!;
      dx[i] = gamma[c]! * share * (dy[i]! - level - z(i) * slope);
      dGamma![c]! += dy[i]! * z(i);
      dBeta![c]! += dy[i]!;
    }
    if (!training) continue;
    mean![c] = (1 - MOMENTUM) * mean![c]! + MOMENTUM * m;
    variance![c] = (1 - MOMENTUM) * variance![c]! + (MOMENTUM * v * count) / Math.max(count - 1, 1);
  }
  return { y, dx, dGamma: dGamma!, dBeta: dBeta!, runningMean: mean!, runningVariance: variance! };
}

const TOLERANCE = { rtol: 1e-5, atol: 1e-5 };

function expectRight(given: Given): void {
  const result = run(given);
  for (const [name, values] of Object.entries(expected(given, result.given)))
    expectClose(name, result[name as "y"], values, TOLERANCE);
}

const SHAPES: readonly Shape[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 33, 64, 68].map((n) => [n]),
  [5, 1],
  [3, 3, 2],
  [7, 3],
  [5, 7, 12],
  [9, 31],
];

describe.each([true, false])("training: %s", (training) => {
  for (const shape of SHAPES) {
    // 9 and 40 rows have more than one run of tiles
    test.each([2, 3, 9, 40])(`%s rows of ${shapeText(shape)}`, (rows) => {
      expectRight({ shape, rows, x: normal(rows * sizeOf(shape), { seed: 1 }).map((v) => 3 * v + 2), training });
    });
  }
});

test("numbers far from 0 lose no more digits than they have", () => {
  const x = normal(64 * 5, { seed: 1 }).map((v) => 1000 + v);
  const given = { shape: [5], rows: 64, x };
  const result = run(given);
  const { y, runningVariance } = expected(given, result.given);
  expectClose("y", result.y, y, { rtol: 1e-5, atol: 2e-4 }); // half a unit in the last place of 1000, times gamma
  expectClose("runningVariance", result.runningVariance, runningVariance, { rtol: 1e-6, atol: 0 });
});

test("one number a channel: variance 0, and everything is finite", () => {
  const given = { shape: [5], rows: 1, x: normal(5, { seed: 1 }) };
  const result = run(given);
  expect(result.y).toEqual(result.given.beta);
  expect([...result.dx]).toEqual([0, 0, 0, 0, 0]);
  const { runningMean, runningVariance } = expected(given, result.given);
  expectClose("runningMean", result.runningMean, runningMean, TOLERANCE);
  expectClose("runningVariance", result.runningVariance, runningVariance, TOLERANCE);
});

test("equal numbers give beta", () => {
  const result = run({ shape: [3, 5], rows: 7, x: new Float32Array(105).fill(1.1) });
  expect([...result.y].every((y, i) => y === result.given.beta[i % 5])).toBe(true);
});

test("with the running statistics, these stay", () => {
  const result = run({ shape: [3, 5], rows: 3, x: normal(45, { seed: 1 }), training: false });
  for (const name of STATES) expect(result[name]).toEqual(result.given[name]);
});

test("a frozen layer uses the running statistics while training", () => {
  const batchOf = (training: boolean, gradients: Record<string, number>): unknown =>
    batchNorm().args!(bench.context(2, { training, gradients }), [3], [3])["batch"];
  expect(batchOf(true, { gamma: 16, beta: 32 })).toBe(1);
  expect(batchOf(true, {})).toBe(0);
  expect(batchOf(false, { gamma: 16, beta: 32 })).toBe(0);
});

test("a batch with a number that isn't finite doesn't reach the running statistics of its channel", () => {
  const x = normal(45, { seed: 1 });
  x[1] = NaN;
  x[17] = Infinity;
  const result = run({ shape: [3, 5], rows: 3, x });
  for (const name of STATES) {
    const changed = Array.from(result[name], (v, c) => v !== result.given[name][c]);
    expect(changed).toEqual([true, false, false, true, true]);
  }
});

test.each([true, false])(
  "gradients that aren't requested are left alone, the others are the same; training: %s",
  (training) => {
    const given = { shape: [3, 5], rows: 3, x: normal(45, { seed: 1 }), training };
    const whole = run(given);
    const names = { dx: "dx", gamma: "dGamma", beta: "dBeta" } as const;
    for (const [unwanted, name] of Object.entries(names)) {
      const part = run({ ...given, unwanted: [unwanted] });
      for (const other of Object.values(names)) if (other !== name) expect(part[other]).toEqual(whole[other]);
      if (unwanted !== "dx") expect(part[name]).toEqual(part.given.before[unwanted]);
    }
  },
);
