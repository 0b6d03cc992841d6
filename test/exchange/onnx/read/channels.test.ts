// Which inputs and outputs of a file have their channels first, so that `layout: "channelsLast"` has them last.
import { describe, expect, test } from "vitest";
import { randomUniform } from "../../../../src/data/random.ts";
import { writeOnnx } from "../../../../src/formats/onnxWriter.ts";
import { conv2d, selfAttention, sequential } from "../../../../src/index.ts";
import { fromOnnx, toOnnx } from "../../../../src/onnx.ts";
import { sizeOf } from "../../../../src/util/shape.ts";
import { type GraphParts, onnxModel } from "../../../support/onnxGraphs.ts";
import { turned } from "../runtime.ts";

type Make = (g: GraphParts) => string;

const kernel = (g: GraphParts): string => g.weight([2, 3, 1, 1]);

/** Graphs of an input [1, 3, 4, 5], and whether it and the output have channels as axis 1. */
const GRAPHS: Readonly<Record<string, readonly [make: Make, input: boolean, output: boolean]>> = {
  "a convolution": [(g) => g.op("Conv", ["x", kernel(g)]), true, true],
  "a convolution behind a border and a change of sign": [
    (g) =>
      g.op("Sigmoid", [g.op("Conv", [g.op("Pad", [g.op("Neg", ["x"]), g.ints(0, 0, 1, 1, 0, 0, 1, 1)]), kernel(g)])]),
    true,
    true,
  ],
  "a sum with a convolution": [(g) => g.op("Add", ["x", g.op("Conv", ["x", g.weight([3, 3, 1, 1])])]), true, true],
  "a convolution of what was turned": [
    (g) => g.op("Conv", [g.op("Transpose", ["x"], { perm: [0, 3, 1, 2] }), g.weight([2, 5, 1, 1])]),
    false,
    true,
  ],
  "a convolution between two turns": [
    (g) => {
      const y = g.op("Conv", [g.op("Transpose", ["x"], { perm: [0, 3, 1, 2] }), g.weight([2, 5, 1, 1])]);
      return g.op("Transpose", [y], { perm: [0, 2, 3, 1] });
    },
    false,
    false,
  ],
  "no image at all": [(g) => g.op("Softmax", [g.op("Mul", ["x", 0.5])], { axis: 3 }), false, false],
  "a product of matrices": [(g) => g.op("MatMul", ["x", g.weight([5, 2])]), false, false],
  "a dense layer behind a pool": [
    (g) => g.op("MatMul", [g.op("Flatten", [g.op("GlobalAveragePool", ["x"])]), g.weight([3, 2])]),
    true,
    false,
  ],
};

/** Numbers from 0 to 1. */
function numbers(count: number): Float32Array {
  const random = randomUniform(7, 0);
  return Float32Array.from({ length: count }, random);
}

describe("channelsLast turns what is used as an image", () => {
  test.each(Object.entries(GRAPHS))("%s", async (_name, [make, input, output]) => {
    const bytes = writeOnnx(onnxModel({ x: [1, 3, 4, 5] }, make));
    const [plain, last] = [await fromOnnx(bytes), await fromOnnx(bytes, { layout: "channelsLast" })];
    expect(last.inputShape).toEqual(input ? [4, 5, 3] : [3, 4, 5]);
    const [c, ...places] = plain.outputShape;
    expect(last.outputShape).toEqual(output ? [...places, c] : plain.outputShape);
    const x = numbers(60);
    const y = last.predict(input ? turned(x, [4, 5, 3], true) : x);
    const back = output ? turned(y, last.outputShape, false) : y;
    plain.predict(x).forEach((value, i) => expect(Math.abs(back[i]! - value)).toBeLessThan(1e-6));
  });

  test("sequences before a convolution, and not those before dense layers", async () => {
    const conv = onnxModel({ x: [1, 3, 5] }, (g) => g.op("Relu", [g.op("Conv", ["x", g.weight([2, 3, 1])])]));
    const dense = onnxModel({ x: [1, 3, 5] }, (g) => g.op("MatMul", ["x", g.weight([5, 2])]));
    const shapes = async (model: typeof conv) => {
      const { inputShape, outputShape } = await fromOnnx(writeOnnx(model), { layout: "channelsLast" });
      return [inputShape, outputShape];
    };
    expect(await shapes(conv)).toEqual([
      [5, 3],
      [5, 2],
    ]);
    expect(await shapes(dense)).toEqual([
      [3, 5],
      [3, 2],
    ]);
  });

  test.each(["channelsLast", "channelsFirst"] as const)(
    "models written as %s come back as they were",
    async (layout) => {
      const model = await sequential({ input: [4, 5, 3] }, conv2d(2, { kernelSize: 3 }));
      const words = await sequential({ input: [6, 4] }, selfAttention({ heads: 2 }));
      for (const each of [model, words]) {
        const again = await fromOnnx(toOnnx(each, { layout }), { layout: "channelsLast" });
        const x = numbers(sizeOf(each.inputShape));
        const wanted = each.predict(x);
        again.predict(x).forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-5));
        expect(again.inputShape).toEqual(each.inputShape);
      }
    },
  );
});
