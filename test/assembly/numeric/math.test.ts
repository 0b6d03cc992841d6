// The float64 functions against the engine's Math, whose own error is below 1 ulp (2.2e-16).
import { loadSequence } from "../../../build/binaries.js";
import { createCore } from "../../../src/runtime/core.ts";
import { extraFunction } from "../../../src/runtime/extraFunction.ts";
import { describe, expect, test } from "vitest";
import { generator } from "../../support/seeded.ts";

const core = await createCore("test");
await loadSequence(core);
const { mathPow, table } = core.exports;
const mathExp = table.get(core.places.get("mathExp")!) as (x: number) => number;
const mathCos = extraFunction(core, "mathCos");
const mathLog = extraFunction(core, "mathLog");

const POINTS = 20_000;

/** Points spread evenly over an interval. */
function even(low: number, high: number, seed: number): number[] {
  const next = generator(seed);
  return Array.from({ length: POINTS }, () => low + (high - low) * next());
}

/** Points whose logarithms are spread evenly: every size gets its share. */
function sizes(low: number, high: number, seed: number): number[] {
  return even(Math.log2(low), Math.log2(high), seed).map((power) => 2 ** power);
}

/** The largest |actual - expected| / max(|expected|, floor), with the point in the message. */
function expectClose(
  points: readonly number[],
  actual: (x: number) => number,
  expected: (x: number) => number,
  tolerance: number,
  floor = 0,
): void {
  let worst = 0;
  let at = NaN;
  for (const x of points) {
    const error = Math.abs(actual(x) - expected(x)) / Math.max(Math.abs(expected(x)), floor);
    if (error <= worst || actual(x) === expected(x)) continue;
    worst = error;
    at = x;
    if (Number.isNaN(error)) break;
  }
  expect(worst <= tolerance, `f(${at}) is ${expected(at)}, got ${actual(at)}: error ${worst}`).toBe(true);
}

/** 2 units in the last place, one for us and one for the engine: 2.2e-16 (exp) and 4.4e-16 (log, cos) seen. */
const TWO_ULPS = 4.5e-16;

describe("mathExp", () => {
  test.each([
    ["-1 to 1", -1, 1],
    ["-708 to 709.7", -708, 709.7],
    ["around 0", -1e-8, 1e-8],
  ])("%s: within 4.5e-16 of the value", (_, low, high) => {
    expectClose(even(low, high, 1), mathExp, Math.exp, TWO_ULPS);
  });

  test("results below 2^-1022 are within 1 of their last places", () => {
    for (const x of even(-745.1, -708.4, 2)) expect(Math.abs(mathExp(x) - Math.exp(x))).toBeLessThanOrEqual(5e-324);
  });

  test("exact values", () => {
    const cases = [[0, 1], [-0, 1], [Infinity, Infinity], [-Infinity, 0], [710, Infinity], [-746, 0], [NaN, NaN], [709.782712893384, 1.7976931348622732e308], [709.7827128933841, Infinity]] as const; // prettier-ignore
    for (const [x, y] of cases) expect(mathExp(x), `e^${x}`).toBe(y);
  });
});

describe("mathLog", () => {
  test("2^-1022 to 2^1023: within 4.5e-16 of the value", () => {
    expectClose(sizes(2 ** -1022, 2 ** 1023, 3), mathLog, Math.log, TWO_ULPS);
  });

  test.each([0.5, 1e-3, 1e-8, 1e-15])(
    "1 - %s to 1 + %s: within 4.5e-16 of the value, although it is near 0",
    (width) => {
      expectClose(even(1 - width, 1 + width, 4), mathLog, Math.log, TWO_ULPS);
    },
  );

  test("subnormal numbers: within 4.5e-16 of the value", () => {
    expectClose([5e-324, 1e-323, 1e-320, 1e-310, 2.2e-308], mathLog, Math.log, TWO_ULPS);
  });

  test("exact values", () => {
    const cases = [
      [1, 0], [0, -Infinity], [-0, -Infinity], [-1, NaN], [-5e-324, NaN], [-Infinity, NaN], [Infinity, Infinity], [NaN, NaN],
    ] as const; // prettier-ignore
    for (const [x, y] of cases) expect(mathLog(x), `ln ${x}`).toBe(y);
  });
});

describe("mathCos", () => {
  test("-10 to 10: within 4.5e-16 of the value", () => expectClose(even(-10, 10, 5), mathCos, Math.cos, TWO_ULPS));

  // relative to at least 0.01: near its zeros the cosine is as wrong as the reduced angle, whose rounding stays
  test("-10^5 to 10^5: within 4.5e-16", () => expectClose(even(-1e5, 1e5, 6), mathCos, Math.cos, TWO_ULPS, 1e-2));

  test("multiples of pi / 2: within 1e-20, where the cosine of the nearest float64 is near 0 or +-1", () => {
    for (let k = -100; k <= 100; k++) {
      const x = (k * Math.PI) / 2;
      expect(Math.abs(mathCos(x) - Math.cos(x)), `cos ${x}`).toBeLessThanOrEqual(k % 2 === 0 ? 2.3e-16 : 1e-20);
    }
  });

  test("is even", () => {
    for (const x of even(0, 100, 7).slice(0, 1000)) expect(mathCos(-x)).toBe(mathCos(x));
  });

  test("exact values", () => {
    const cases = [[0, 1], [-0, 1], [Infinity, NaN], [-Infinity, NaN], [NaN, NaN]] as const; // prettier-ignore
    for (const [x, y] of cases) expect(mathCos(x), `cos ${x}`).toBe(y);
  });
});

describe("mathPow", () => {
  // each squaring doubles the relative error so far: about y ulps in the end
  test.each([1, 2, 3, 7, 10, 100, 1000, 4097])("whole power %s: within (y + 2) 2^-53 of the value", (y) => {
    const points = even(0.99, 1.01, 8);
    expectClose(
      points,
      (x) => mathPow(x, y),
      (x) => x ** y,
      (y + 2) * 2 ** -53,
    );
  });

  test("0.999^t and 0.9^t up to t = 10^5, as bias corrections use them: within (t + 2) 2^-53 of the value", () => {
    for (const beta of [0.9, 0.999]) {
      for (let t = 1; t <= 100_000; t += t < 100 ? 1 : 997) {
        // below 1e-290 the value itself has fewer digits
        const bound = Math.max(beta ** t * (t + 2) * 2 ** -53, 1e-300);
        expect(Math.abs(mathPow(beta, t) - beta ** t), `${beta}^${t}`).toBeLessThanOrEqual(bound);
      }
    }
  });

  test("exact values", () => {
    const cases = [
      [0, 0, 1], [0, 1, 0], [0, 7, 0], [1, 2 ** 31 - 1, 1], [1, 2 ** 32 - 1, 1], [2, 10, 1024], [10, 22, 1e22], [3, 0, 1],
      [Infinity, 0, 1], [Infinity, 2, Infinity], [0.5, 2 ** 31, 0], [2, 1024, Infinity], [NaN, 1, NaN], [NaN, 0, 1],
    ] as const; // prettier-ignore
    for (const [x, y, power] of cases) expect(mathPow(x, y), `${x}^${y}`).toBe(power);
  });
});
