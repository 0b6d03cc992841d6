// The summary: values that can be computed by hand, and a table.
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
      {
        name: "dense1",
        type: "dense",
        output: [128],
        parameters: 100_480,
        bytes: 401_920,
        flops: 200_704,
        extra: 524_544,
      },
      { name: "relu1", type: "relu", output: [128], parameters: 0, bytes: 0, flops: 128, extra: 0 },
      { name: "dropout1", type: "dropout", output: [128], parameters: 0, bytes: 0, flops: 128, extra: 192 },
      { name: "head", type: "dense", output: [10], parameters: 1290, bytes: 5160, flops: 2560, extra: 73_984 },
    ]);
    expect([parameters, bytes, flops]).toEqual([101_770, 407_080, 203_520]);
    expect(parameters).toBe(model.parameterCount);
    expect(String(model.summary())).toBe(
      [
        "layer     type     output  parameters     bytes  flops/row     extra",
        "────────────────────────────────────────────────────────────────────",
        "input              784",
        "dense1    dense    128        100,480  401.9 kB    200,704  524.5 kB",
        "relu1     relu     128              0       0 B        128       0 B",
        "dropout1  dropout  128              0       0 B        128     192 B",
        "head      dense    10           1,290   5.16 kB      2,560   74.0 kB",
        "────────────────────────────────────────────────────────────────────",
        "total                         101,770  407.1 kB    203,520  598.7 kB",
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

  test("of layers that keep values or need scratch memory: its bytes for one row", async () => {
    const model = await w.sequential(
      { input: [6, 6, 2] },
      w.maxPool2d(),
      w.dropout(0.5),
      w.reshape([9, 2]),
      w.lstm(4, { returnSequences: true }),
      w.layerNorm(),
      w.timeDistributed(w.dense(3)),
    );
    const extra = Object.fromEntries(model.summary().layers.map((l) => [l.name, l.extra]));
    // a word or a byte for each output, the mean and deviation of each step's row; and 64 bytes or 4 + 4 words of scratch
    expect([extra["maxPool2d1"], extra["dropout1"], extra["layerNorm1"]]).toEqual([72, 18 + 64, 72 + 32]);
    expect(extra["lstm1"]).toBeGreaterThan(9 * 4 * 4 * 5);
    const image = await w.sequential({ input: [20, 20, 8] }, w.conv2d(8, { kernelSize: 5, padding: "same" }));
    const patches = 20 * 20 * 5 * 5 * 8 * 4;
    // an image with its border, and no matrix of patches
    expect(image.summary().extra).toBeGreaterThan(24 * 24 * 8 * 4);
    expect(image.summary().extra).toBeLessThan(patches / 2);
  });
});
