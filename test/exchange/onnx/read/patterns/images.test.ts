import { describe, expect, test } from "vitest";
import { groupNorms, localResponses } from "../../../../../src/exchange/onnx/read/patterns/images.ts";
import { float, type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

const left = (make: Make): readonly string[] =>
  nodesLeft(
    workGraph(
      onnxModel({ x: [2, 6, 5, 4] }, (parts) => make(parts, "x")),
      groupNorms,
      localResponses,
    ),
  );

describe("GroupNormalization", () => {
  const grouped = (g: GraphParts, x: string, groups = 3, ones = 1, shape: readonly number[] = [2, 6, 5, 4]): string => {
    const fill = (n: number): string => g.weight([groups], Array<number>(groups).fill(n));
    const joined = g.op("Reshape", [x, g.ints(0, groups, -1)]);
    const normal = g.op("InstanceNormalization", [joined, fill(ones), fill(0)], { epsilon: 1e-4 });
    return g.op("Reshape", [normal, g.ints(...shape)]);
  };

  test("with a number for each channel", () => {
    const make: Make = (g, x) => g.op("Add", [g.weight([6, 1, 1]), g.op("Mul", [grouped(g, x), g.weight([6, 1, 1])])]);
    expect(left(make)).toEqual(["GroupNormalization(x, [6], [6], num_groups=3, epsilon=0.0001)"]);
  });

  test("without", () => {
    expect(left((g, x) => g.op("Relu", [grouped(g, x)]))).toEqual([
      "GroupNormalization(x, [6], [6], num_groups=3, epsilon=0.0001)",
      "Relu(GroupNormalization)",
    ]);
  });

  test("numbers for something else stay outside", () => {
    const nodes = left((g, x) => g.op("Mul", [grouped(g, x), g.weight([5, 1])]));
    expect(nodes).toEqual([
      "GroupNormalization(x, [6], [6], num_groups=3, epsilon=0.0001)",
      "Mul(GroupNormalization, [5,1])",
    ]);
  });

  test.each<readonly [string, Make]>([
    ["factors of the groups", (g, x) => grouped(g, x, 3, 2)],
    ["another shape behind it", (g, x) => grouped(g, x, 3, 1, [2, 6, 4, 5])],
    [
      "rows in the groups",
      (g, x) => {
        const fill = (n: number): string => g.weight([4], Array<number>(4).fill(n));
        const joined = g.op("Reshape", [x, g.ints(1, 4, -1)]);
        const normal = g.op("InstanceNormalization", [joined, fill(1), fill(0)]);
        return g.op("Reshape", [normal, g.ints(2, 6, 5, 4)]);
      },
    ],
  ])("not %s", (_, make) => {
    expect(left(make).some((node) => node.startsWith("InstanceNorm"))).toBe(true);
  });
});

describe("LRN", () => {
  interface Parts {
    readonly squared?: string;
    readonly kernel?: readonly number[];
    readonly pads?: readonly number[];
    readonly divided?: string;
  }

  /** As PyTorch exports it, once the If is gone. */
  function responses(
    g: GraphParts,
    x: string,
    { squared = x, kernel = [3, 1, 1], pads = [1, 0, 0, 1, 0, 0], divided = x }: Parts = {},
  ): string {
    const square = g.op("Mul", [x, squared]);
    const planes = g.op("Reshape", [g.op("Unsqueeze", [square, g.ints(1)]), g.ints(2, 1, 6, 5, -1)]);
    const strides = [1, 1, 1];
    const mean = g.op("AveragePool", [planes], { kernel_shape: kernel, pads, strides, count_include_pad: 1 });
    const again = g.op("Reshape", [g.op("Squeeze", [mean, g.ints(1)]), g.ints(2, 6, 5, 4)]);
    const sum = g.op("Add", [g.op("Mul", [again, 2e-4]), 1.5]);
    return g.op("Div", [divided, g.op("Pow", [sum, 0.75])]);
  }

  test("of neighbouring channels", () => {
    expect(left(responses)).toEqual(["LRN(x, size=3, alpha=0.0002, beta=0.75, bias=1.5)"]);
  });

  test.each<readonly [string, Parts]>([
    ["of more channels on one side", { pads: [2, 0, 0, 0, 0, 0] }],
    ["of neighbouring pixels", { kernel: [1, 3, 1], pads: [0, 1, 0, 0, 1, 0] }],
  ])("not %s", (_, parts) => {
    expect(left((g, x) => responses(g, x, parts)).some((node) => node.startsWith("AveragePool"))).toBe(true);
  });

  test("not of something else", () => {
    const nodes = left((g, x) => responses(g, x, { divided: g.op("Relu", [x]) }));
    expect(nodes.some((node) => node.startsWith("AveragePool"))).toBe(true);
    const others = left((g, x) => responses(g, x, { squared: g.op("Relu", [x]) }));
    expect(others.some((node) => node.startsWith("AveragePool"))).toBe(true);
  });
});

test("an epsilon that isn't written is ONNX's", () => {
  const make: Make = (g, x) => {
    const joined = g.op("Reshape", [x, g.ints(0, 2, -1)]);
    const normal = g.op("InstanceNormalization", [joined, g.weight([2], [1, 1]), g.weight([2], [0, 0])]);
    return g.op("Elu", [g.op("Reshape", [normal, g.ints(2, 6, 5, 4)])], { alpha: float(1) });
  };
  expect(left(make)[0]).toBe("GroupNormalization(x, [6], [6], num_groups=2, epsilon=0.00001)");
});
