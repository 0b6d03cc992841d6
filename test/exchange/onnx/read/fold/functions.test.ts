// Functions of numbers that are known, against the engine's own, and where those have none against identities.
import { describe, expect, test } from "vitest";
import { erf, exp, log, sigmoid, sine, softplus, tanh } from "../../../../../src/exchange/onnx/read/fold/functions.ts";

const NUMBERS = [0, 1e-9, 1e-4, 0.1, 0.29, 0.31, 0.5, 1, 2.5, 7, 30, 88, 300].flatMap((x) => [x, -x]);

const FUNCTIONS: Readonly<Record<string, readonly [own: (x: number) => number, engine: (x: number) => number]>> = {
  exp: [exp, Math.exp],
  log: [(x) => log(Math.abs(x) + 1e-30), (x) => Math.log(Math.abs(x) + 1e-30)],
  sigmoid: [sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  tanh: [tanh, Math.tanh],
  softplus: [softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  sine: [sine, Math.sin],
  cosine: [(x) => sine(x, 1), Math.cos],
};

describe("as the engine's", () => {
  test.each(Object.entries(FUNCTIONS))("%s", (_name, [own, engine]) => {
    for (const x of NUMBERS) {
      const wanted = engine(x);
      expect(Math.abs(own(x) - wanted), `of ${x}`).toBeLessThanOrEqual(1e-14 + 1e-13 * Math.abs(wanted));
    }
  });
});

test("the error function is odd, and the integral of its derivative", () => {
  const steps = 20_000;
  for (const x of [0.01, 0.3, 1, 2, 3.5, 5.9]) {
    const width = x / steps;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += Math.exp(-(((i + 0.5) * width) ** 2)) * width;
    expect(erf(x)).toBeCloseTo((2 / Math.sqrt(Math.PI)) * sum, 8);
    expect(erf(-x)).toBe(-erf(x));
  }
});

test("at the ends", () => {
  expect([exp(-1000), exp(1000), exp(-Infinity), exp(NaN)]).toEqual([0, Infinity, 0, NaN]);
  expect([log(0), log(-1), log(Infinity)]).toEqual([-Infinity, NaN, Infinity]);
  expect([sigmoid(-1000), sigmoid(1000), tanh(-1000), erf(50), sine(Infinity)]).toEqual([0, 1, -1, 1, NaN]);
});
