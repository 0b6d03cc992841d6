// The bits and words that records are made of.
import { describe, expect, test } from "vitest";
import { f32, f64, wordsOf } from "../../src/runtime/record.ts";

describe("bits", () => {
  test("of a float32", () => {
    expect([f32(0), f32(-0), f32(1), f32(0.1), f32(Infinity)]).toEqual([
      0, 0x80000000, 0x3f800000, 0x3dcccccd, 0x7f800000,
    ]);
  });

  test("of a float64, lower half first", () => {
    expect(f64(1)).toEqual([0, 0x3ff00000]);
    expect(f64(0.1)).toEqual([0x9999999a, 0x3fb99999]);
  });
});

test("a record's words are its arguments in their order, a float64 as two", () => {
  expect(wordsOf({ rows: 7, rate: f64(1), slope: f32(1), last: 0 })).toEqual([7, 0, 0x3ff00000, 0x3f800000, 0]);
  expect(wordsOf({})).toEqual([]);
});
