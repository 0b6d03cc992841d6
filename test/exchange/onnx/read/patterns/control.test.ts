import { describe, expect, test } from "vitest";
import { branches, embeddingBags } from "../../../../../src/exchange/onnx/read/patterns/control.ts";
import type { OnnxGraph, OnnxModel } from "../../../../../src/formats/onnxTypes.ts";
import { GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

/** A graph within a node. */
function within(
  prefix: string,
  make: (parts: GraphParts) => readonly string[],
  inputs: readonly string[] = [],
): OnnxGraph {
  const parts = new GraphParts(prefix);
  const outputs = make(parts);
  return parts.graph(Object.fromEntries(inputs.map((name) => [name, []])), outputs);
}

describe("If", () => {
  const model = (condition: (g: GraphParts) => string): OnnxModel =>
    onnxModel({ x: [2, 3] }, (g) => {
      const doubled = g.op("Add", ["x", "x"]);
      const yes = within("yes", (own) => [own.op("Mul", [own.op("Relu", [doubled]), own.weight([3])])]);
      const no = within("no", () => [doubled]);
      return g.op("Tanh", [g.op("If", [condition(g)], { then_branch: yes, else_branch: no })]);
    });

  test("has one branch where the condition is known", () => {
    const known = (value: number) =>
      workGraph(
        model((g) => g.weight([], [value])),
        branches,
      );
    expect(nodesLeft(known(1))).toEqual(["Add(x, x)", "Relu(Add)", "Mul(Relu, [3])", "Tanh(Mul)"]);
    expect(nodesLeft(known(0))).toEqual(["Add(x, x)", "Tanh(Add)"]);
  });

  test("stays where it isn't, with all that its branches take", () => {
    const graph = workGraph(
      model((g) => g.op("Cast", [g.op("ReduceMax", ["x"], { keepdims: 0 })], { to: 9 })),
      branches,
    );
    graph.removeUnused();
    const operators = nodesLeft(graph).map((node) => node.replace(/\(.*/, ""));
    expect(operators.toSorted()).toEqual(["Add", "Cast", "If", "ReduceMax", "Tanh"]);
  });
});

describe("EmbeddingBag's Loop", () => {
  interface Bag {
    readonly reduction?: string;
    readonly starts?: readonly number[];
    readonly axis?: number;
    readonly ids?: readonly number[];
  }

  const model = ({ reduction = "ReduceMean", starts = [0, 4, 8], axis = 0, ids = [3, 4] }: Bag = {}): OnnxModel =>
    onnxModel({ x: ids }, (g) => {
      const table = g.weight([7, 2]);
      const flat = g.op("Reshape", ["x", g.ints(-1)]);
      const [from, to] = [g.ints(...starts), g.ints(4, 8, 12)];
      const body = within(
        "body",
        (own) => {
          const bound = (offsets: string): string =>
            own.op("Unsqueeze", [own.op("Gather", [offsets, "round"], { axis: 0 }), own.ints(0)]);
          const part = own.op("Slice", [flat, bound(from), bound(to), own.ints(0)]);
          const rows = own.op("Gather", [table, part], { axis: 0 });
          return [own.op("Identity", ["going"]), own.op(reduction, [rows], { axes: [axis], keepdims: 0 })];
        },
        ["round", "going"],
      );
      return g.op("Relu", [g.op("Loop", [g.weight([], [3]), g.weight([], [1])], { body })]);
    });

  test.each(["ReduceMean", "ReduceSum", "ReduceMax"])("is Gather and %s", (reduction) => {
    expect(nodesLeft(workGraph(model({ reduction }), embeddingBags))).toEqual([
      "Gather([7,2], x)",
      `${reduction}(Gather, axes=1, keepdims=0)`,
      `Relu(${reduction})`,
    ]);
  });

  test.each<readonly [string, Bag]>([
    ["of bags that overlap", { starts: [0, 3, 8] }],
    ["of means over the columns", { axis: 1 }],
    ["of the least number", { reduction: "ReduceMin" }],
    ["of more indices than bags", { ids: [4, 3] }],
  ])("not %s", (_, bag) => {
    expect(nodesLeft(workGraph(model(bag), embeddingBags)).some((node) => node.startsWith("Loop"))).toBe(true);
  });
});
