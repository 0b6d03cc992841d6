import { describe, expect, test } from "vitest";
import { duplicates } from "../../../../../src/exchange/onnx/read/patterns/duplicates.ts";
import { normalisations } from "../../../../../src/exchange/onnx/read/patterns/normalisations.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

function left(make: Make, opset = 13, shape: readonly number[] = [2, 3, 4]): readonly string[] {
  const model = onnxModel({ x: shape, z: shape }, (parts) => make(parts, "x"), opset);
  return nodesLeft(workGraph(model, duplicates, normalisations));
}

const mean = (g: GraphParts, x: string, axes: readonly number[] = [-1]): string =>
  g.op("ReduceMean", [x], { axes, keepdims: 1 });
const minusMean = (g: GraphParts, x: string, axes?: readonly number[]): string => g.op("Sub", [x, mean(g, x, axes)]);
const root = (g: GraphParts, d: string, epsilon = 1e-5, axes?: readonly number[]): string =>
  g.op("Sqrt", [g.op("Add", [mean(g, g.op("Pow", [d, 2]), axes), epsilon])]);

/** As PyTorch exports it. */
const exported: Make = (g, x) => {
  const d = minusMean(g, x);
  const normal = g.op("Div", [d, root(g, d)]);
  return g.op("Add", [g.op("Mul", [normal, g.weight([4])]), g.weight([4])]);
};

const LAYER = "LayerNormalization(x, [4], [4], axis=-1, epsilon=0.00001)";

describe("LayerNormalization", () => {
  test.each<readonly [string, Make]>([
    ["as PyTorch exports it", exported],
    [
      "other sides, and squares by Mul",
      (g, x) => {
        const d = minusMean(g, x);
        const variance = mean(g, g.op("Mul", [d, d]));
        const normal = g.op("Div", [d, g.op("Sqrt", [g.op("Add", [1e-5, variance])])]);
        return g.op("Add", [g.weight([4]), g.op("Mul", [g.weight([4]), normal])]);
      },
    ],
    [
      "the factor first, and the difference made twice",
      (g, x) => {
        const scaled = g.op("Mul", [g.weight([4]), minusMean(g, x)]);
        return g.op("Add", [g.op("Div", [scaled, root(g, minusMean(g, x))]), g.weight([4])]);
      },
    ],
    [
      "by the inverse of the root",
      (g, x) => {
        const d = minusMean(g, x);
        const normal = g.op("Mul", [d, g.op("Reciprocal", [root(g, d)])]);
        return g.op("Add", [g.op("Mul", [normal, g.weight([1, 1, 4])]), g.weight([4])]);
      },
    ],
    [
      "by 1 / root",
      (g, x) => {
        const d = minusMean(g, x);
        const normal = g.op("Mul", [g.op("Div", [1, root(g, d)]), d]);
        return g.op("Add", [g.op("Mul", [normal, g.weight([4])]), g.weight([4])]);
      },
    ],
    [
      "by a power",
      (g, x) => {
        const d = g.op("Add", [g.op("Neg", [mean(g, x)]), x]);
        const power = g.op("Pow", [g.op("Add", [mean(g, g.op("Pow", [d, 2])), 1e-5]), -0.5]);
        return g.op("Add", [g.op("Mul", [g.op("Mul", [d, power]), g.weight([4])]), g.weight([4])]);
      },
    ],
  ])("%s", (_, make) => {
    const nodes = left(make).map((node) => node.replace("[1,1,4]", "[4]"));
    expect(nodes).toEqual([LAYER]);
  });

  test("axes from the first, where their number is known, and as an input", () => {
    const make: Make = (g, x) => {
      const axes = g.ints(1, 2);
      const reduced = (value: string): string => g.op("ReduceMean", [value, axes]);
      const d = g.op("Sub", [x, reduced(x)]);
      const variance = reduced(g.op("Pow", [d, 2]));
      return g.op("Mul", [g.op("Div", [d, g.op("Sqrt", [g.op("Add", [variance, 1e-3])])]), g.weight([3, 4])]);
    };
    expect(left(make, 18)).toEqual(["LayerNormalization(x, [3,4], axis=-2, epsilon=0.001)"]);
  });

  test("along another axis than the last, which is moved there and back", () => {
    const make: Make = (g, x) => {
      const d = minusMean(g, x, [1]);
      const normal = g.op("Div", [d, root(g, d, 1e-6, [1])]);
      return g.op("Add", [g.op("Mul", [g.weight([3, 1]), normal]), g.weight([3, 1])]);
    };
    expect(left(make)).toEqual([
      "Transpose(x, perm=0,2,1)",
      "LayerNormalization(Transpose, [3,1], [3,1], axis=-1, epsilon=0.000001)",
      "Transpose(LayerNormalization, perm=0,2,1)",
    ]);
  });

  test("along another axis, with factors of the last one", () => {
    const make: Make = (g, x) => {
      const d = minusMean(g, x, [1]);
      return g.op("Mul", [g.weight([4]), g.op("Div", [d, root(g, d, 1e-6, [1])])]);
    };
    expect(left(make).at(-1)).toBe("Mul([4], Transpose)");
  });

  test("without factors they are 1", () => {
    const make: Make = (g, x) => {
      const d = minusMean(g, x);
      return g.op("Div", [d, root(g, d)]);
    };
    expect(left(make)).toEqual(["LayerNormalization(x, 1, axis=-1, epsilon=0.00001)"]);
  });

  test("of the variance by n - 1 has a smaller epsilon and factor", () => {
    const make: Make = (g, x) => {
      const d = minusMean(g, x);
      const variance = g.op("Div", [g.op("Mul", [mean(g, g.op("Mul", [d, d])), 4]), 3]);
      return g.op("Div", [d, g.op("Sqrt", [g.op("Add", [variance, 1e-5])])]);
    };
    expect(left(make)).toEqual(["LayerNormalization(x, 0.866025, axis=-1, epsilon=0.0000075)"]);
  });

  test("twice of the same value", () => {
    const make: Make = (g, x) => [exported(g, x), exported(g, x)].flat();
    expect(left(make)).toEqual([LAYER, LAYER]);
  });

  test.each<readonly [string, Make]>([
    [
      "the variance of something else",
      (g, x) => {
        const d = minusMean(g, x);
        return g.op("Div", [d, root(g, minusMean(g, "z"))]);
      },
    ],
    [
      "cubes",
      (g, x) => {
        const d = minusMean(g, x);
        const cubes = mean(g, g.op("Pow", [d, 3]));
        return g.op("Div", [d, g.op("Sqrt", [g.op("Add", [cubes, 1e-5])])]);
      },
    ],
    [
      "means of two kinds of axes",
      (g, x) => {
        const d = minusMean(g, x);
        return g.op("Div", [d, root(g, d, 1e-5, [1, 2])]);
      },
    ],
    [
      "a root without its square",
      (g, x) => {
        const d = minusMean(g, x);
        return g.op("Div", [d, g.op("Sqrt", [g.op("Add", [mean(g, d), 1e-5])])]);
      },
    ],
    [
      "multiplied with the root",
      (g, x) => {
        const d = minusMean(g, x);
        return g.op("Mul", [d, root(g, d)]);
      },
    ],
  ])("not %s", (_, make) => {
    expect(left(make).some((node) => node.startsWith("LayerNorm"))).toBe(false);
  });

  test("a bias that doesn't fit stays outside", () => {
    const make: Make = (g, x) => {
      const d = minusMean(g, x);
      return g.op("Add", [g.op("Div", [d, root(g, d)]), g.weight([3, 4])]);
    };
    expect(left(make)).toEqual([
      "LayerNormalization(x, 1, axis=-1, epsilon=0.00001)",
      "Add(LayerNormalization, [3,4])",
    ]);
  });
});

describe("RMSNormalization", () => {
  const RMS = "RMSNormalization(x, [4], axis=-1, epsilon=0.00001)";

  test.each<readonly [string, Make]>([
    ["x / root", (g, x) => g.op("Mul", [g.op("Div", [x, root(g, x)]), g.weight([4])])],
    ["x * (1 / root)", (g, x) => g.op("Mul", [g.weight([4]), g.op("Mul", [x, g.op("Div", [1, root(g, x)])])])],
    ["the factor first", (g, x) => g.op("Div", [g.op("Mul", [x, g.weight([4])]), root(g, x)])],
    [
      "by a power",
      (g, x) => {
        const power = g.op("Pow", [g.op("Add", [1e-5, mean(g, g.op("Mul", [x, x]))]), -0.5]);
        return g.op("Mul", [g.op("Mul", [power, x]), g.weight([4])]);
      },
    ],
  ])("%s", (_, make) => {
    expect(left(make)).toEqual([RMS]);
  });

  test("of a sum of squares it is a multiple", () => {
    const make: Make = (g, x) => {
      const sum = g.op("ReduceSum", [g.op("Mul", [x, x]), g.ints(-1)], { keepdims: 1 });
      return g.op("Div", [x, g.op("Sqrt", [g.op("Add", [sum, 4e-6])])]);
    };
    expect(left(make)).toEqual(["RMSNormalization(x, 0.5, axis=-1, epsilon=0.000001)"]);
  });

  test.each<readonly [string, Make]>([
    ["the squares of something else", (g, x) => g.op("Div", [x, root(g, "z")])],
    [
      "means that lose their axis",
      (g, x) => {
        const square = g.op("ReduceMean", [g.op("Pow", [x, 2])], { axes: [-1], keepdims: 0 });
        return g.op("Div", [x, g.op("Unsqueeze", [g.op("Sqrt", [g.op("Add", [square, 1e-5])]), g.ints(1)])]);
      },
    ],
    ["an epsilon below 0", (g, x) => g.op("Div", [x, root(g, x, -1e-5)])],
  ])("not %s", (_, make) => {
    expect(left(make).some((node) => node.startsWith("RMSNorm"))).toBe(false);
  });
});
