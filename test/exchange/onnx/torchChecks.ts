// How what a model of a file gives is compared with what PyTorch gave.
import { expect } from "vitest";
import type { Model } from "../../../src/index.ts";
import { sizeOf } from "../../../src/util/shape.ts";
import type { TorchRows } from "./torchFiles.ts";

/** Against the larger of 1 and the number. */
export const TOLERANCE = 1e-5;
/** Rows in which a model takes several inputs, or the numbers of one. */
export function joined(model: Model, x: TorchRows["x"]): Float32Array {
  const data = x.map((tensor) => Float32Array.from(tensor.data as Float32Array));
  return model.inputs ? model.inputs.join(Object.fromEntries(data.map((own, at) => [`x${at}`, own]))) : data[0]!;
}

/** The outputs side by side in each row. */
export function beside({ rows, y }: TorchRows): Float32Array {
  const sizes = y.map(({ shape }) => sizeOf(shape) / rows);
  const width = sizes.reduce((total, size) => total + size, 0);
  const result = new Float32Array(rows * width);
  let column = 0;
  for (const [at, { data }] of y.entries()) {
    const size = sizes[at]!;
    for (let row = 0; row < rows; row++) {
      const own = (data as Float32Array).subarray(row * size, (row + 1) * size);
      result.set(own, row * width + column);
    }
    column += size;
  }
  return result;
}

/** The largest difference, against the larger of 1 and the number itself. */
export function worst(given: Float32Array, wanted: Float32Array): number {
  expect(given.length).toBe(wanted.length);
  return given.reduce((most, value, at) => {
    const error = Math.abs(value - wanted[at]!) / Math.max(1, Math.abs(wanted[at]!));
    return error <= most ? most : error;
  }, 0);
}

/** PyTorch's outputs come out. */
export function checkOutputs(model: Model, given: readonly TorchRows[]): void {
  for (const rows of given) {
    const error = worst(model.predict(joined(model, rows.x)), beside(rows));
    expect(error, `${rows.rows} rows`).toBeLessThanOrEqual(TOLERANCE);
  }
}
