// Reshape and flatten: other axes, the same numbers.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { expectSameBits } from "../../support/bits.ts";
import { normal } from "../../support/seeded.ts";

describe("reshape and flatten", () => {
  test("keep the numbers in their order, there and back", async () => {
    const model = await w.sequential({ input: 12 }, w.reshape([2, 6]), w.reshape([3, 2, 2]), w.flatten());
    expect(model.nodes.map((n) => n.output)).toEqual([[2, 6], [3, 2, 2], [12]]);
    const x = normal(24, { seed: 1 });
    expectSameBits(model.predict(x), x);
    expectSameBits(model.forward(x), x);
    expectSameBits(model.backward(x), x);
  });

  test("a single size needs no array", async () => {
    for (const layer of [w.reshape(6), w.reshape([6]), w.reshape({ shape: 6 })]) {
      expect(layer.options).toEqual({ shape: [6] });
      const model = await w.sequential({ input: [2, 3] }, layer, w.dense(1));
      expect(model.nodes[0]!.output).toEqual([6]);
    }
    const model = await w.sequential({ input: [3, 1] }, w.reshape(3, { name: "line" }));
    expect([model.outputShape, model.nodes[0]!.name]).toEqual([[3], "line"]);
    expectSameBits(model.predict([1, 2, 3]), Float32Array.of(1, 2, 3));
  });

  test("change what the last axis is", async () => {
    const model = await w.sequential({ input: 6 }, w.reshape([2, 3]), w.softmax());
    const y = model.predict([0, 0, 0, 5, 5, 5]);
    y.forEach((v) => expect(v).toBeCloseTo(1 / 3, 6));
    const whole = await w.sequential({ input: [2, 3] }, w.flatten(), w.softmax());
    expect([...whole.predict([0, 0, 0, 0, 0, 0])].every((v) => Math.abs(v - 1 / 6) < 1e-6)).toBe(true);
  });
});
