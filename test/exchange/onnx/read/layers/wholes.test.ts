// Casts to whole numbers and to truths: of what is looked up, counted, or masks.
import { describe, expect, test } from "vitest";
import { writeOnnx } from "../../../../../src/formats/onnxWriter.ts";
import * as w from "../../../../../src/index.ts";
import { fromOnnx, toOnnx } from "../../../../../src/onnx.ts";
import { type GraphParts, onnxModel } from "../../../../support/onnxGraphs.ts";

const INT64 = 7;
const BOOL = 9;

const table = (at: number, words: number): w.Layer =>
  w.chain(w.slice({ from: at, to: at + 1 }), w.embedding(words, 3), w.flatten());

const NETWORKS: Readonly<Record<string, readonly [input: w.Shape, layers: () => readonly w.Layer[]]>> = {
  "users and films of one row": [[2], () => [w.dot([table(0, 5), table(1, 4)])]],
  "words beside numbers": [[3], () => [w.concat([table(0, 4), w.slice({ from: 1 })]), w.dense(2)]],
  "columns of a table": [
    [3, 2],
    () => [
      w.concat(
        [
          w.chain(w.pick({ axis: 1, index: 0 }), w.embedding(5, 3)),
          w.chain(w.pick({ axis: 1, index: 1 }), w.embedding(4, 2)),
        ],
        { axis: -1 },
      ),
    ],
  ],
};

describe("numbers of a float input that are looked up", () => {
  test.each(Object.entries(NETWORKS))("%s", async (_name, [input, layers]) => {
    const model = await w.sequential({ input }, ...layers());
    const again = await fromOnnx(toOnnx(model));
    const x = Float32Array.from({ length: 24 }, (_, i) => (i * i) % 4);
    const wanted = model.predict(x);
    again.predict(x).forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 6));
    expect(again.nodes.filter(({ layer }) => layer.type === "embedding").length).toBe(
      model.nodes.filter(({ layer }) => layer.type === "embedding").length,
    );
    // a cast would cut it off
    expect(() => again.predict(x.map((value) => value + 0.5))).toThrow(/whole number/);
  });
});

const REFUSED: Readonly<Record<string, readonly [make: (g: GraphParts) => string, message: RegExp]>> = {
  "whole numbers that are computed with": [
    (g) => g.op("Mul", [g.op("Cast", ["x"], { to: INT64 }), g.weight([4])]),
    /attribute to.*\(Cast, .*whole numbers/,
  ],
  "places that are computed": [
    (g) => g.op("Gather", [g.weight([9, 2]), g.op("Cast", [g.op("Relu", ["x"])], { to: INT64 })]),
    /attribute to.*\(Cast, /,
  ],
  "truths that aren't masks": [
    (g) => g.op("Cast", [g.op("Cast", ["x"], { to: BOOL })], { to: 1 }),
    /attribute to.*\(Cast, /,
  ],
  "masks of other things than an attention": [
    (g) => g.op("Where", [g.op("Cast", ["x"], { to: BOOL }), g.op("Relu", ["x"]), 0]),
    /attribute to.*\(Cast, /,
  ],
  "a softmax of scores that are no products": [
    (g) => {
      const mask = g.op("Cast", ["x"], { to: BOOL });
      const shares = g.op("Softmax", [g.op("Where", [mask, g.op("Relu", ["x"]), -1e9])]);
      return g.op("Where", [mask, shares, 0]);
    },
    /\(Where, .*in an attention alone/,
  ],
  "other places of each row than the last": [
    (g) => g.op("GatherND", ["x", g.op("Reshape", [g.op("Relu", ["x"]), g.ints(-1, 2)])], { batch_dims: 1 }),
    /\(GatherND, .*only the last step/,
  ],
};

describe("fromOnnx refuses", () => {
  test.each(Object.entries(REFUSED))("%s", async (_name, [make, message]) => {
    await expect(fromOnnx(writeOnnx(onnxModel({ x: [2, 4] }, make)))).rejects.toThrow(message);
  });
});
