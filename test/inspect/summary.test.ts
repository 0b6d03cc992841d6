// The summary: figures that can be computed by hand, and a table.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";

describe("summary", () => {
  test("of the book's digit recogniser", async () => {
    const model = await w.sequential(
      { input: 784 },
      w.dense(128),
      w.relu(),
      w.dropout(0.2),
      w.dense(10, { name: "head" }),
    );
    const { input, layers, parameters, bytes, flops } = model.summary();
    expect(input).toEqual([784]);
    expect(layers).toEqual([
      { name: "dense1", type: "dense", output: [128], parameters: 100_480, bytes: 401_920, flops: 200_704 },
      { name: "relu1", type: "relu", output: [128], parameters: 0, bytes: 0, flops: 128 },
      { name: "dropout1", type: "dropout", output: [128], parameters: 0, bytes: 0, flops: 128 },
      { name: "head", type: "dense", output: [10], parameters: 1290, bytes: 5160, flops: 2560 },
    ]);
    expect([parameters, bytes, flops]).toEqual([101_770, 407_080, 203_520]);
    expect(parameters).toBe(model.parameterCount);
    expect(String(model.summary())).toBe(
      [
        "layer     type     output  parameters     bytes  flops/row",
        "──────────────────────────────────────────────────────────",
        "input              784",
        "dense1    dense    128        100,480  401.9 kB    200,704",
        "relu1     relu     128              0       0 B        128",
        "dropout1  dropout  128              0       0 B        128",
        "head      dense    10           1,290   5.16 kB      2,560",
        "──────────────────────────────────────────────────────────",
        "total                         101,770  407.1 kB    203,520",
      ].join("\n"),
    );
  });

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
});
