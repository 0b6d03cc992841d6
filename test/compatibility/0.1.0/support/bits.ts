// Comparing numbers bit for bit: -0 is not 0, and nothing is rounded.
import { expect } from "vitest";

const wordsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** Both hold the same float32 bits. */
export function expectSameBits(actual: Float32Array, expected: Float32Array, name = "values"): void {
  expect(actual.length, `${name}: number of values`).toBe(expected.length);
  const [a, b] = [wordsOf(actual), wordsOf(expected)];
  const at = a.findIndex((word, i) => word !== b[i]);
  expect(at, `${name}: first place that differs (${actual[at]}, expected ${expected[at]})`).toBe(-1);
}
