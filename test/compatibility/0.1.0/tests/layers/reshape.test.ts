// Reshape and flatten: other axes, the same numbers.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";

describe("reshape and flatten", () => {
  test("change what the last axis is", async () => {
    const model = await w.sequential({ input: 6 }, w.reshape([2, 3]), w.softmax());
    const y = model.predict([0, 0, 0, 5, 5, 5]);
    y.forEach((v) => expect(v).toBeCloseTo(1 / 3, 6));
    const whole = await w.sequential({ input: [2, 3] }, w.flatten(), w.softmax());
    expect([...whole.predict([0, 0, 0, 0, 0, 0])].every((v) => Math.abs(v - 1 / 6) < 1e-6)).toBe(true);
  });
});
