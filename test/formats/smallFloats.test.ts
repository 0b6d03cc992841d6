// Numbers of 16 and 8 bits with a fraction, all of them, against their definition in float64.
import { describe, expect, test } from "vitest";
import {
  BFLOAT16,
  FLOAT16,
  FLOAT8_E4M3,
  FLOAT8_E5M2,
  largestOf,
  narrow,
  widen,
} from "../../src/formats/smallFloats.ts";

/** The number of some bits, from the definition of its parts. */
function valueOf(bits: number, width: number, digits: number, bias: number, hasInfinity: boolean): number {
  const sign = bits >>> (width - 1) === 1 ? -1 : 1;
  const exponent = (bits >>> digits) & (2 ** (width - 1 - digits) - 1);
  const fraction = (bits & (2 ** digits - 1)) / 2 ** digits;
  const isLast = exponent === 2 ** (width - 1 - digits) - 1;
  if (isLast && hasInfinity) return fraction === 0 ? sign * Infinity : NaN;
  if (isLast && fraction === 1 - 2 ** -digits) return NaN;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

describe.each([
  ["float16", FLOAT16, 16, true, 65504, 65520],
  ["bfloat16", BFLOAT16, 16, true, 2 ** 128 - 2 ** 120, 2 ** 128 - 2 ** 119],
  ["float8 E5M2", FLOAT8_E5M2, 8, true, 57344, 61440],
  ["float8 E4M3", FLOAT8_E4M3, 8, false, 448, 464 + 2 ** -15],
] as const)("%s", (_, format, width, hasInfinity, largest, beyond) => {
  const bits = Uint16Array.from({ length: 2 ** width }, (__, i) => i);
  const numbers = widen(bits, format);

  test("all numbers are exact, and written as they were", () => {
    const must = Float64Array.from(bits, (each) => valueOf(each, width, format.digits, format.bias, hasInfinity));
    expect(Float64Array.from(numbers)).toEqual(must);
    const again = narrow(numbers, format);
    const none = again.filter((_each, i) => Number.isNaN(numbers[i]));
    expect(new Set(none).size).toBe(1);
    bits.forEach((each, i) => {
      if (!Number.isNaN(numbers[i])) expect(again[i]).toBe(each);
      else expect(widen([again[i]!], format)[0]).toBeNaN();
    });
  });

  test("what is between two becomes the nearer one, in the middle the even one", () => {
    const finite = bits.filter((each) => each < 2 ** (width - 1) && Number.isFinite(numbers[each]));
    for (let i = 0; i + 1 < finite.length; i++) {
      const [low, high] = [numbers[finite[i]!]!, numbers[finite[i + 1]!]!];
      const words = new Uint32Array(Float32Array.of((low + high) / 2).buffer);
      const near = new Float32Array(Uint32Array.of(words[0]! - 1, words[0]!, words[0]! + 1).buffer);
      const even = finite[i]! % 2 === 0 ? finite[i]! : finite[i + 1]!;
      expect([...narrow(near, format)]).toEqual([finite[i], even, finite[i + 1]]);
      expect([...narrow(near.map((value) => -value), format)]).toEqual([finite[i]!, even, finite[i + 1]!].map((each) => each + 2 ** (width - 1))); // prettier-ignore
    }
  });

  test("what is beyond the largest is told, and infinite numbers aren't", () => {
    expect(largestOf(format)).toBe(largest);
    const told: number[] = [];
    const given = Float32Array.of(largest, beyond, -beyond, Infinity, -Infinity, NaN, 3.4028234663852886e38);
    const written = widen(narrow(given, format, (i) => told.push(i)), format); // prettier-ignore
    expect(told).toEqual([1, 2, 6]);
    expect(written[0]).toBe(largest);
    if (hasInfinity)
      expect([...written.subarray(1)]).toEqual([Infinity, -Infinity, Infinity, -Infinity, NaN, Infinity]);
    else expect([...written.subarray(1)]).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
  });
});
