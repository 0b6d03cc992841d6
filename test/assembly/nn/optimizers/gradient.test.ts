import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import { f32 } from "../../../../src/runtime/record.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
const { program } = bench;
const run = { rows: 0 } as const;
beforeEach(() => {
  bench.clear();
  program.set(abi.PROGRAM_MICRO, 0);
});

const limitArgs = (gradient: number, rate: number, product: number) => ({
  largestGradient: f32(gradient),
  largestRate: f32(rate),
  largestProduct: f32(product),
});
/** No gradient and no learning rate is too large. */
const UNLIMITED = limitArgs(3.4028234663852886e38, Infinity, Infinity);

/** Whole vectors, as runs of parameters are. */
const COUNTS = [4, 8, 12, 16, 20, 36];

describe("gradientZero", () => {
  test("sets the gradients to 0 before the first pass of an update, and to nothing before the others", () => {
    for (const count of COUNTS) {
      const values = normal(count, { seed: count });
      const g = bench.floats(values);
      program.set(abi.PROGRAM_MICRO, 1);
      bench.run("gradientZero", { perRow: count, ...run }, { p: 0, g, program: program.address });
      expect(bench.read(g, count)).toEqual(values);
      program.set(abi.PROGRAM_MICRO, 0);
      bench.run("gradientZero", { perRow: count, ...run }, { p: 0, g, program: program.address });
      expect([...bench.bits(g, count)]).toEqual(Array.from({ length: count }, () => 0));
      bench.expectGuard(g, count, "gradients");
    }
  });
});

describe("gradientCheck", () => {
  const goesOn = (g: number, count: number, factor = bench.floats([NaN]), limits = UNLIMITED): boolean =>
    bench.run("gradientCheck", { perRow: count, ...run }, { p: 0, g, program: program.address, factor, ...limits });

  test("leaves 1 / passes as the factor", () => {
    for (const [passes, expected] of [
      [0, 1],
      [1, 1],
      [2, 1 / 2],
      [3, Math.fround(1 / 3)],
    ] as const) {
      program.set(abi.PROGRAM_MICRO, passes);
      const factor = bench.floats([NaN]);
      goesOn(bench.floats([1, 2, 3, 4]), 4, factor);
      expect(bench.read(factor, 1)).toEqual(Float32Array.of(expected));
    }
  });

  test.each(COUNTS)("%s gradients: halts at NaN and both infinities, wherever they are", (count) => {
    const finite = normal(count, { seed: count });
    for (let place = 0; place < count; place++) {
      for (const bad of [NaN, Infinity, -Infinity]) {
        expect(goesOn(bench.floats(finite.with(place, bad)), count), `${bad} at ${place}`).toBe(false);
        expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_GRADIENT);
      }
    }
  });

  test.each(COUNTS)("%s finite gradients, whatever follows", (count) => {
    expect(goesOn(bench.floats(normal(count, { seed: count })), count)).toBe(true);
    expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_NONE);
  });

  test("the largest numbers of both signs, whose sum would overflow, are finite", () => {
    const largest = 3.4028234663852886e38;
    expect(goesOn(bench.floats([largest, largest, -largest, largest, largest, 1e-45, -0, -largest]), 8)).toBe(true);
  });
});

const LIMITS = limitArgs(100, 0.5, 40);

/** What halted a check of gradients with a learning rate. */
function haltOf(check: (limits: typeof LIMITS) => unknown, rate: number): number {
  program.setDouble(abi.PROGRAM_RATE, rate);
  check(LIMITS);
  program.setDouble(abi.PROGRAM_RATE, 0);
  return program.get(abi.PROGRAM_HALT);
}

/** The limits hold, wherever the largest gradient is. */
function expectLimits(check: (gradients: readonly number[], limits: typeof LIMITS) => unknown): void {
  for (const count of COUNTS) {
    for (let place = 0; place < count; place++) {
      for (const [largest, rate, halt] of [
        [99.9, 0.4, abi.HALT_NONE],
        [-99.9, 0.4, abi.HALT_NONE],
        [79, 0.5, abi.HALT_NONE],
        [101, 0.1, abi.HALT_SIZE],
        [-101, 0.1, abi.HALT_SIZE],
        [1, 0.51, abi.HALT_SIZE],
        [1, NaN, abi.HALT_SIZE],
        [81, 0.5, abi.HALT_SIZE],
        [1e38, 0, abi.HALT_SIZE],
      ] as const) {
        const gradients = Array.from({ length: count }, (_, i) => (i === place ? largest : 0));
        const text = `${largest} at ${place} of ${count}, rate ${rate}`;
        expect(
          haltOf((limits) => check(gradients, limits), rate),
          text,
        ).toBe(halt);
      }
    }
  }
}

test("gradientCheck halts at gradients and rates that may be too large", () => {
  expectLimits((gradients, limits) => {
    const args = { p: 0, g: bench.floats(gradients), program: program.address, factor: bench.floats([NaN]), ...limits };
    bench.run("gradientCheck", { perRow: gradients.length, ...run }, args);
    bench.clear();
  });
});

describe("gradientNorm", () => {
  function norm(values: ArrayLike<number>, maxNorm: number, limits = UNLIMITED) {
    const g = bench.padded(values);
    const out = bench.doubles([NaN, NaN]);
    const args = { p: 0, g, program: program.address, factor: out, ...limits, norm: out + 8, maxNorm: f32(maxNorm) };
    const went = bench.run("gradientNorm", { perRow: Math.ceil(values.length / 4) * 4, ...run }, args);
    bench.expectGuard(out, 4, "norm and factor");
    return { went, factor: bench.read(out, 1)[0]!, norm: bench.readDoubles(out + 8, 1)[0]! };
  }

  test.each([1, 3, 4, 5, 17, 1000])("%s gradients: the Euclidean norm in float64", (count) => {
    const values = normal(count, { seed: count });
    const expected = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    for (const maxNorm of [0.5, 2.5, 1e6]) {
      const result = norm(values, maxNorm);
      expect(result.went).toBe(true);
      // only the order of the float64 sum is open
      expect(Math.abs(result.norm / expected - 1)).toBeLessThan(1e-14);
      expect(result.factor).toBe(Math.fround(Math.min(1, maxNorm / (result.norm + 1e-6))));
    }
  });

  test("halts at rates and at norms that may be too large, but not at what is shortened enough", () => {
    expectLimits((gradients, limits) => {
      norm(gradients, 1e30, limits);
      bench.clear();
    });
    expect(haltOf((limits) => norm([1e30], 99, limits), 0.4)).toBe(abi.HALT_NONE);
    expect(haltOf((limits) => norm([1e30], 101, limits), 0.5)).toBe(abi.HALT_SIZE);
  });

  test("a sum over several passes has the norm of its mean", () => {
    program.set(abi.PROGRAM_MICRO, 4);
    const factor = Math.fround(1 / 2.500001) / 4; // of the sum
    expect(norm([6, 8], 1)).toEqual({ went: true, norm: 2.5, factor });
  });

  test("no gradient at all: factor 1", () => {
    expect(norm([0, 0, 0], 1)).toEqual({ went: true, norm: 0, factor: 1 });
  });

  test("the largest and the smallest numbers have a norm", () => {
    const largest = 3.4028234663852886e38;
    expect(norm([largest, -largest], 1).norm / (largest * Math.SQRT2)).toBeCloseTo(1, 14);
    expect(norm([1e-45], 1).norm).toBe(Math.fround(1e-45));
  });

  test.each([NaN, Infinity, -Infinity])("%s halts, wherever it is", (bad) => {
    for (let place = 0; place < 9; place++) {
      expect(norm(normal(9, { seed: 1 }).with(place, bad), 1).went, `at ${place}`).toBe(false);
      expect(program.get(abi.PROGRAM_HALT)).toBe(abi.HALT_GRADIENT);
    }
  });
});

describe("gradientAdjust", () => {
  const adjust = (
    p: number[],
    g: number[],
    options: { factor?: number; weightDecay?: number; l1?: number; clip?: number },
    limits = UNLIMITED,
  ) => {
    const { factor, weightDecay = 0, l1 = 0, clip = Infinity } = options;
    const target = bench.floats(p.map(() => NaN));
    const args = {
      p: bench.floats(p),
      g: bench.floats(g),
      program: program.address,
      factor: factor === undefined ? 0 : bench.floats([factor]),
      ...limits,
      target,
      weightDecay: f32(weightDecay),
      l1: f32(l1),
      clip: f32(clip),
    };
    bench.run("gradientAdjust", { perRow: p.length, ...run }, args);
    bench.expectGuard(target, p.length, "adjusted gradients");
    expect(bench.read(args.g, g.length)).toEqual(Float32Array.from(g)); // may be used again
    return [...bench.read(target, p.length)];
  };
  const p = [2, -4, 0, 8];

  test("halts at adjusted gradients and rates that may be too large, infinite ones included", () => {
    expectLimits((gradients, limits) => {
      adjust(
        gradients.map(() => 1),
        [...gradients],
        {},
        limits,
      );
      bench.clear();
    });
    expect(haltOf((limits) => adjust(p, [1e30, 0, 0, 0], { clip: 50 }, limits), 0.4)).toBe(abi.HALT_NONE);
    expect(haltOf((limits) => adjust(p, [0, 0, 0, 0], { weightDecay: 20 }, limits), 0.1)).toBe(abi.HALT_SIZE);
    expect(haltOf((limits) => adjust(p, [0, 0, 0, 0], { l1: 101 }, limits), 0.1)).toBe(abi.HALT_SIZE);
    expect(haltOf((limits) => adjust([3e38, 0, 0, 0], [0, 0, 0, 0], { weightDecay: 9 }, limits), 0)).toBe(
      abi.HALT_SIZE,
    );
  });

  test("multiplies by the factor", () => {
    expect(adjust(p, [1, 2, 3, 4], {})).toEqual([1, 2, 3, 4]);
    expect(adjust(p, [1, 2, 3, 4], { factor: 0.5 })).toEqual([0.5, 1, 1.5, 2]);
  });

  test("cuts what was multiplied, and then adds the derivatives of the penalties", () => {
    expect(adjust(p, [1, -2, 3, -4], { factor: 0.5, clip: 1 })).toEqual([0.5, -1, 1, -1]);
    expect(adjust(p, [1, -2, 3, -4], { weightDecay: 0.5 })).toEqual([2, -4, 3, 0]);
    expect(adjust(p, [1, -2, 3, -4], { l1: 0.25 })).toEqual([1.25, -2.25, 3, -3.75]);
    expect(adjust(p, [1, -2, 3, -4], { clip: 1, weightDecay: 0.5, l1: 0.25 })).toEqual([2.25, -3.25, 1, 3.25]);
  });

  test.each(COUNTS)("%s numbers", (count) => {
    const [a, b] = [normal(count, { seed: 1 }), normal(count, { seed: 2 })];
    const expected = Array.from(a, (value, i) => Math.fround(Math.fround(b[i]!) + Math.fround(0.5 * value)));
    expect(adjust([...a], [...b], { weightDecay: 0.5 })).toEqual(expected);
  });
});
