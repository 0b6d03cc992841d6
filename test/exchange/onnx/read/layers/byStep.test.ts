// Rows joined with steps, layers that work on rows, and rows parted again: those layers, by step.
import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../../../../src/formats/onnxWriter.ts";
import * as w from "../../../../../src/index.ts";
import { modelFromBytes, modelToBytes } from "../../../../../src/files.ts";
import { fromOnnx, toOnnx } from "../../../../../src/onnx.ts";
import { randomUniform } from "../../../../../src/data/random.ts";
import { sizeOf } from "../../../../../src/util/shape.ts";
import { type GraphParts, onnxModel } from "../../../../support/onnxGraphs.ts";

const typesOf = (model: w.Model): string[] =>
  model.nodes.map(({ layer }) => (layer.original ? `${layer.type} by step` : layer.type));

const NETWORKS: Readonly<Record<string, readonly [input: w.Shape, layers: () => readonly w.Layer[]]>> = {
  "several, one behind the other": [
    [3, 5, 5, 1],
    () => [
      w.timeDistributed(w.conv2d(2, { kernelSize: 2 }), w.batchNorm(), w.relu(), w.conv2d(2, { kernelSize: 2 })),
      w.relu(),
      w.timeDistributed(w.avgPool2d(2), w.flatten(), w.dense(3)),
      w.gru(2),
    ],
  ],
  "recurrent layers": [
    [3, 4, 2],
    () => [
      w.timeDistributed(w.gru(3, { returnSequences: true }), w.layerNorm(), w.simpleRnn(2)),
      w.flatten(),
      w.dense(1),
    ],
  ],
  "images that grow": [
    [2, 4, 4, 1],
    () => [w.timeDistributed(w.conv2dTranspose(2, { kernelSize: 2, strides: 2 }), w.upsample2d(2)), w.relu()],
  ],
  "words of sentences": [
    [2, 4],
    () => [w.timeDistributed(w.embedding(2, 3), w.conv1d(2, { kernelSize: 2 }), w.globalAvgPool1d()), w.gru(2)],
  ],
};

describe("layers by step come back", () => {
  test.each(Object.entries(NETWORKS))("%s", async (name, [input, layers]) => {
    const model = await w.sequential({ input }, ...layers());
    const again = await fromOnnx(toOnnx(model));
    const random = randomUniform(3, 0);
    const whole = name.startsWith("words");
    const x = Float32Array.from({ length: 3 * sizeOf(input) }, () => (whole ? Math.floor(2 * random()) : random()));
    const wanted = model.predict(x);
    again.predict(x).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
    expect(typesOf(again).some((type) => type.endsWith("by step"))).toBe(true);
    expect(again.parameters().map(({ shape }) => shape)).toEqual(model.parameters().map(({ shape }) => shape));
    const saved = await modelFromBytes(modelToBytes(again));
    expect(saved.predict(x)).toEqual(again.predict(x));
    const frozen = await fromOnnx(toOnnx(model), { trainable: false });
    expect(frozen.parameters().some(({ trained }) => trained)).toBe(false);
  });
});

/** A kernel of 2 cells along sequences of 4 with 2 channels, in front of what follows. */
const convolved = (g: GraphParts, x: string, joined: readonly number[]): string =>
  g.op("Conv", [g.op("Reshape", [x, g.ints(...joined)]), g.weight([3, 2, 2])]);

describe("a file for a fixed number of rows", () => {
  test("has the rows in its sizes", async () => {
    const build = (rows: number) => (g: GraphParts) =>
      g.op("Reshape", [convolved(g, "x", [rows * 5, 2, 4]), g.ints(rows, 5, 9)]);
    const models = [1, 3].map((rows) => fromOnnx(writeOnnx(onnxModel({ x: [rows, 5, 2, 4] }, build(rows)))));
    const [one, three] = await Promise.all(models);
    expect(typesOf(three!)).toContain("conv1d by step");
    const x = Float32Array.from({ length: 6 * 40 }, (_, i) => (i % 7) - 3);
    expect(three!.predict(x)).toEqual(one!.predict(x));
  });
});

describe("what isn't by step stays refused", () => {
  const REFUSED: Readonly<Record<string, (g: GraphParts) => string>> = {
    "rows that stay joined": (g) => convolved(g, "x", [-1, 2, 4]),
    "another value within": (g) => {
      const other = g.op("Reshape", [g.op("Relu", ["x"]), g.ints(-1, 2, 4)]);
      const sum = g.op("Add", [other, g.op("Sigmoid", [g.op("Reshape", ["x", g.ints(-1, 2, 4)])])]);
      return g.op("Reshape", [g.op("Conv", [sum, g.weight([3, 2, 2])]), g.ints(-1, 5, 9)]);
    },
  };
  test.each(Object.entries(REFUSED))("%s", async (_name, make) => {
    const bytes = writeOnnx(onnxModel({ x: [3, 5, 2, 4] }, make));
    await expect(fromOnnx(bytes)).rejects.toThrow(/must (be that of|have) the rows/);
  });
});
