// Shapes: how many numbers a row has, and how a shape is written in messages.
import { expect, test } from "vitest";
import { divisorsOf, shapeText, sizeOf } from "../../src/util/shape.ts";

test("the text of a shape", () => {
  expect([shapeText([28, 28, 1]), shapeText([784]), shapeText([])]).toEqual(["28x28x1", "784", "()"]);
});

test("numbers per row", () => {
  expect([sizeOf([28, 28, 1]), sizeOf([7]), sizeOf([])]).toEqual([784, 7, 1]);
});

test("the divisors of a size, ascending", () => {
  expect([divisorsOf(12), divisorsOf(7), divisorsOf(1)]).toEqual([[1, 2, 3, 4, 6, 12], [1, 7], [1]]);
  expect([divisorsOf(36), divisorsOf(9)]).toEqual([
    [1, 2, 3, 4, 6, 9, 12, 18, 36],
    [1, 3, 9],
  ]);
  for (let n = 1; n < 300; n++) {
    expect(divisorsOf(n)).toEqual(Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0));
  }
});

test("the divisors of sizes that no memory holds: the search is bounded", () => {
  expect(divisorsOf(3e8).length).toBe(9 * 9 * 2);
  expect(divisorsOf(2 ** 53)).toEqual(Array.from({ length: 54 }, (_, i) => 2 ** i).filter((d) => d <= 1e5 || 2 ** 53 / d <= 1e5)); // prettier-ignore
  expect([divisorsOf(Infinity), divisorsOf(NaN), divisorsOf(0), divisorsOf(-4)]).toEqual([[], [], [], []]);
});
