// Points and weights in the URL: what was written is read, and what was cut is noticed, not guessed at.
import { expect, test } from "vitest";
import {
  MOST_POINTS,
  readPoints,
  readWeights,
  settle,
  writePoints,
  writeWeights,
} from "../../playground/src/shell/codec.ts";
import { generator } from "../support/seeded.ts";

const random = generator(7);
const some = (n: number) => ({
  x: Float32Array.from({ length: 2 * n }, () => settle(random() * 12 - 6)),
  y: Float32Array.from({ length: n }, () => Math.floor(random() * 10)),
});

test("points come back as they were, at any number of them", () => {
  for (const n of [0, 1, 2, 3, 4, 7, 300, MOST_POINTS]) {
    const points = some(n);
    const text = writePoints(points);
    expect(text).toMatch(/^[\w-]*$/);
    expect(readPoints(text)).toEqual(points);
  }
});

test("300 points are 2 kB", () => {
  expect(writePoints(some(300)).length).toBeLessThan(2048);
});

test("points beyond the plane's edge are put on it, and a second writing changes nothing", () => {
  const points = readPoints(writePoints({ x: Float32Array.of(1e9, -1e9, 0.1, -0.1), y: Float32Array.of(0, 1) }))!;
  expect(points.x[0]).toBeCloseTo(8, 3);
  expect(points.x[1]).toBeCloseTo(-8, 3);
  expect(points.x[2]).toBeCloseTo(0.1, 3);
  expect(readPoints(writePoints(points))).toEqual(points);
});

test("points that were cut at any letter are noticed", () => {
  const text = writePoints(some(12));
  for (let length = 1; length < text.length; length++) expect(readPoints(text.slice(0, length))).toBeUndefined();
});

test("weights come back bit by bit, zeros' signs and the smallest included", () => {
  const weights = Float32Array.of(0, -0, 1.1, -2.5e-45, 3.4e38, 1 / 3);
  const read = readWeights(writeWeights(weights))!;
  expect(new Uint32Array(read.buffer)).toEqual(new Uint32Array(weights.buffer));
});

test("weights that were cut, too many, or not finite are noticed", () => {
  const text = writeWeights(Float32Array.of(1, 2, 3, 4, 5));
  for (let length = 0; length < text.length; length++)
    expect(readWeights(text.slice(0, length), 5), `${length} letters`).toBeUndefined();
  expect(readWeights(text, 6)).toBeUndefined();
  expect(readWeights(writeWeights(Float32Array.of(1, Number.NaN)))).toBeUndefined();
  expect(readWeights(writeWeights(Float32Array.of(Number.POSITIVE_INFINITY)))).toBeUndefined();
});

test("what is no such text gives undefined, and never an error", () => {
  for (const text of [
    "a",
    "=",
    "%",
    "hello world",
    "AAAAAAA\u{1F600}",
    "你好",
    "__________",
    "-",
    "AAA=",
    "A".repeat(1e5),
  ]) {
    expect(readPoints(text), text.slice(0, 20)).toBeUndefined();
    expect(readWeights(text, 3), text.slice(0, 20)).toBeUndefined();
  }
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: Math.floor(random() * 40) }, () =>
      String.fromCharCode(32 + Math.floor(random() * 95)),
    ).join("");
    expect(() => [readPoints(text), readWeights(text)]).not.toThrow();
  }
});

test("more points than a link holds are refused", () => {
  expect(() => writePoints(some(MOST_POINTS + 1))).toThrow("writePoints: at most 2000 points go into a link, got 2001");
});
