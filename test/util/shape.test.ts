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
});
