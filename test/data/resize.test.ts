// Pixels to bytes: compared with the definition in integers of any size, and with what everybody knows.
import { describe, expect, test } from "vitest";
import { MOST_PIXELS, writePixels } from "../../src/data/resize.ts";
import { resizedExactly } from "../support/bigResize.ts";
import { generator } from "../support/seeded.ts";

const CASES = [
  [5, 7, 5, 7],
  [5, 7, 2, 3],
  [8, 8, 4, 4],
  [3, 2, 9, 7],
  [1, 9, 1, 4],
  [9, 1, 4, 1],
  [1, 1, 3, 2],
  [17, 13, 1, 1],
] as const;

describe.each([1, 3, 4] as const)("%d channels", (channels) => {
  test.each(CASES)("%d x %d to %d x %d", (height, width, rows, columns) => {
    const random = generator(height * 100 + rows);
    const data = Uint8Array.from({ length: 4 * width * height }, () => random() * 256);
    data.fill(0, 0, 4); // transparent, without a colour
    const size = [rows, columns] as const;
    const background = [10, 200, 77];
    const out = new Uint8Array(rows * columns * channels);
    writePixels({ data, width, height }, channels, size, background, out);
    expect([...out]).toEqual(resizedExactly({ data, width, height }, channels, size, background));
  });
});

test("a colour stays itself, whatever the size, and grey is its luma", () => {
  const data = new Uint8Array(4 * 6 * 10).map((_, i) => [200, 100, 50, 255][i % 4]!);
  for (const size of [
    [10, 6],
    [3, 4],
    [31, 17],
  ] as const) {
    const colours = new Uint8Array(size[0] * size[1] * 3);
    writePixels({ data, width: 6, height: 10 }, 3, size, [0, 0, 0], colours);
    expect(new Set(colours)).toEqual(new Set([200, 100, 50]));
    const grey = new Uint8Array(size[0] * size[1]);
    writePixels({ data, width: 6, height: 10 }, 1, size, [0, 0, 0], grey);
    expect(new Set(grey)).toEqual(new Set([Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)]));
  }
});

test("a half-transparent edge is mixed with the background, and keeps its own colour with alpha", () => {
  const data = Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0); // a red pixel beside nothing
  const one = (channels: 3 | 4, background: readonly number[]): number[] => {
    const out = new Uint8Array(channels);
    writePixels({ data, width: 2, height: 1 }, channels, [1, 1], background, out);
    return [...out];
  };
  expect(one(3, [0, 0, 0])).toEqual([128, 0, 0]);
  expect(one(3, [255, 255, 255])).toEqual([255, 128, 128]);
  expect(one(4, [0, 0, 0])).toEqual([255, 0, 0, 128]);
});

test("sums of the largest image are integers that float64 holds", () => {
  // luma of white times 255 times the area, and half of the divisor for rounding
  expect(255 * 1000 * 255 * MOST_PIXELS + (255_000 * MOST_PIXELS) / 2).toBeLessThan(Number.MAX_SAFE_INTEGER);
});
