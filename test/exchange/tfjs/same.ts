// Compares what models give.
import { expect } from "vitest";
import type { Model } from "../../../src/index.ts";

/** The largest difference, in parts of the number where that is larger than 1. */
export function farthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
}

/** Rows of each input, of joined ones. */
export const parts = (model: Model, x: Float32Array): Float32Array[] =>
  model.inputs ? Object.values<Float32Array>(model.inputs.split(x)) : [x];

/** Rows of all inputs, one after another, of rows of each. */
export function joined(model: Model, inputs: readonly Float32Array[]): Float32Array {
  if (!model.inputs) return inputs[0]!;
  return model.inputs.join(Object.fromEntries(Object.keys(model.inputs.shapes).map((name, i) => [name, inputs[i]!])));
}

/** The bits of all parameters, by their names and shapes. */
export const bitsOf = (model: Model): ReadonlyMap<string, string> =>
  new Map(
    model
      .parameters()
      .map(({ name, shape, get }) => [`${name} ${shape.join("x")}`, Buffer.from(get().buffer).toString("base64")]),
  );
