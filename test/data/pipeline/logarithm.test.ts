// Logarithms and exponentials, beside those of the engine, which may differ in the last digits.
import { expect, test } from "vitest";
import { exp, expm1, ln, log1p } from "../../../src/data/pipeline/logarithm.ts";

const near = (got: number, wanted: number): void =>
  expect(Math.abs(got - wanted), `${got}, not ${wanted}`).toBeLessThanOrEqual(4e-16 * Math.abs(wanted));

const VALUES = [
  1,
  2,
  0.5,
  Math.SQRT2,
  1.5,
  0.7,
  3,
  10,
  12345.678,
  1e-9,
  1e9,
  3.4028234663852886e38,
  1e300,
  1e-300,
  5e-324,
  2.5e-310,
];

test("ln", () => {
  for (const x of VALUES) near(ln(x), Math.log(x));
  for (let i = 1; i < 5000; i++) near(ln(i * 0.37), Math.log(i * 0.37));
  expect(ln(1)).toBe(0);
});

test("e^x", () => {
  for (let i = -3000; i < 3000; i++) near(exp(i * 0.2317), Math.exp(i * 0.2317));
  expect([exp(0), exp(710), exp(-800)]).toEqual([1, Infinity, 0]);
});

test("ln(1 + x) and e^x - 1 keep the digits of small numbers", () => {
  for (const x of VALUES.filter((value) => value < 1e300)) near(log1p(x), Math.log1p(x));
  for (const x of [1e-20, 1e-9, -1e-9, 1e-3, 0.1, -0.3, 1, 3, 40, -5]) near(expm1(x), Math.expm1(x));
  expect([log1p(0), expm1(0)]).toEqual([0, 0]);
});
