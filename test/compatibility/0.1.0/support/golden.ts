// Comparing at a tolerance: the part of 0.1.0's file that needs no recorded cases.
import { expect } from "vitest";

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Every value within atol + rtol |expected|; the message names the worst one. */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): void {
  expect(actual.length, `${name}: number of values`).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const bound = atol + rtol * Math.abs(expected[i]!);
    const error = actual[i] === expected[i] ? 0 : Math.abs(actual[i]! - expected[i]!);
    const share = error === 0 ? 0 : error / bound;
    if (!(share <= worst)) {
      worst = share;
      at = i;
    }
  }
  const message = `${name}[${at}]: got ${actual[at]}, expected ${expected[at]} (${worst} times the tolerance, rtol ${rtol}, atol ${atol})`;
  expect(worst <= 1, message).toBe(true);
}
