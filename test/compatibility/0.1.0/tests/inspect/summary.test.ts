// The summary: figures that can be computed by hand, and a table.
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";

describe("summary", () => {
  test("of shapes with several axes", async () => {
    const model = await w.sequential(
      { input: [28, 28] },
      w.dense(3, { useBias: false }),
      w.reshape([4, 21]),
      w.flatten(),
    );
    const { layers, flops } = model.summary();
    expect(layers.map((l) => [l.output, l.parameters])).toEqual([
      [[28, 3], 84],
      [[4, 21], 0],
      [[84], 0],
    ]);
    expect(flops).toBe(2 * 28 * 28 * 3);
    expect(String(model.summary())).toContain("reshape1  reshape  4x21");
  });

  test("of a graph: a line for each layer, those of composites too; a parameter counts where it belongs", async () => {
    const step = w.shared(w.dense(8));
    const model = await w.sequential(
      { input: w.inputs({ x: 8, y: [2, 4] }) },
      w.residual(step, w.relu(), step),
      w.concat([[w.dense(4, { name: "code" })], w.from("y", w.flatten())]),
      w.dense(4),
      w.tiedDense({ to: "code", useBias: false }),
    );
    const { layers, parameters } = model.summary();
    expect(layers.map((l) => [l.name, l.output.join("x"), l.parameters])).toEqual([
      ["x", "8", 0],
      ["y", "2x4", 0],
      ["dense1", "8", 72],
      ["relu1", "8", 0],
      ["dense2", "8", 0],
      ["add1", "8", 0],
      ["code", "4", 36],
      ["flatten1", "8", 0],
      ["join1", "12", 0],
      ["dense4", "4", 52],
      ["tiedDense1", "8", 0],
    ]);
    expect(parameters).toBe(model.parameterCount);
  });
});
