import { describe, expect, test } from "vitest";
import { activations } from "../../../../../src/exchange/onnx/read/patterns/activations.ts";
import { type GraphParts, nodesLeft, onnxModel, workGraph } from "../../../../support/onnxGraphs.ts";

type Make = (parts: GraphParts, x: string) => string | readonly string[];

/** What is left of an activation of x and what it becomes a part of. */
function left(make: Make): readonly string[] {
  const model = onnxModel({ x: [2, 3], z: [2, 3] }, (parts) => make(parts, "x"));
  return nodesLeft(workGraph(model, activations));
}

const erf: Make = (g, x) => g.op("Add", [g.op("Erf", [g.op("Div", [x, Math.SQRT2])]), 1]);
const cube = (g: GraphParts, x: string): string => g.op("Mul", [x, g.op("Mul", [x, x])]);
const tanhPart = (g: GraphParts, inner: string): string => g.op("Add", [1, g.op("Tanh", [inner])]);
const inner = (g: GraphParts, x: string, root = 0.7978845608): string =>
  g.op("Mul", [root, g.op("Add", [x, g.op("Mul", [g.op("Pow", [x, 3]), 0.044715])])]);

const EXACT = ["Gelu(x, approximate=none)"];
const TANH = ["Gelu(x, approximate=tanh)"];

describe("GELU", () => {
  test.each<readonly [string, Make]>([
    ["as PyTorch exports it", (g, x) => g.op("Mul", [g.op("Mul", [x, String(erf(g, x))]), 0.5])],
    ["0.5 x first", (g, x) => g.op("Mul", [g.op("Mul", [0.5, x]), String(erf(g, x))])],
    ["0.5 at the sum", (g, x) => g.op("Mul", [g.op("Mul", [String(erf(g, x)), 0.5]), x])],
    ["x / 2", (g, x) => g.op("Mul", [String(erf(g, x)), g.op("Div", [x, 2])])],
    ["all divided by 2", (g, x) => g.op("Div", [g.op("Mul", [String(erf(g, x)), x]), 2])],
    [
      "x multiplied by the root of a half",
      (g, x) => {
        const t = g.op("Erf", [g.op("Mul", [Math.SQRT1_2, x])]);
        return g.op("Mul", [0.5, g.op("Mul", [x, g.op("Add", [1, t])])]);
      },
    ],
    [
      "multiplied out",
      (g, x) => {
        const half = g.op("Mul", [x, 0.5]);
        return g.op("Add", [half, g.op("Mul", [half, g.op("Erf", [g.op("Div", [x, Math.SQRT2])])])]);
      },
    ],
  ])("of the error function: %s", (_, make) => {
    expect(left(make)).toEqual(EXACT);
  });

  test.each<readonly [string, Make]>([
    [
      "as PyTorch exports it",
      (g, x) => {
        const z = g.op("Mul", [g.op("Add", [g.op("Mul", [cube(g, x), 0.044715]), x]), 0.7978845834732056]);
        return g.op("Mul", [g.op("Mul", [x, 0.5]), tanhPart(g, z)]);
      },
    ],
    ["as GPT-2 has it", (g, x) => g.op("Mul", [g.op("Mul", [0.5, x]), tanhPart(g, inner(g, x))])],
    [
      "x taken out",
      (g, x) => {
        const square = g.op("Mul", [g.op("Mul", [0.044715, x]), x]);
        const z = g.op("Mul", [g.op("Mul", [x, 0.7978845608]), g.op("Add", [1, square])]);
        return g.op("Mul", [x, g.op("Mul", [tanhPart(g, z), 0.5])]);
      },
    ],
    ["with few digits", (g, x) => g.op("Mul", [g.op("Mul", [0.5, x]), tanhPart(g, inner(g, x, 0.79788))])],
  ])("of tanh: %s", (_, make) => {
    expect(left(make)).toEqual(TANH);
  });

  test("of what isn't 0.5 of it is a multiple", () => {
    expect(left((g, x) => g.op("Mul", [x, String(erf(g, x))]))).toEqual([...EXACT, "Mul(Gelu, 2)"]);
  });

  test("keeps another factor", () => {
    const nodes = left((g, x) => g.op("Mul", [g.op("Mul", [0.5, g.op("Mul", ["z", x])]), String(erf(g, x))]));
    expect(nodes).toEqual([...EXACT, "Mul(Gelu, z)"]);
  });

  test.each<readonly [string, Make]>([
    [
      "another slope",
      (g, x) => {
        const t = g.op("Erf", [g.op("Div", [x, 1.5])]);
        return g.op("Mul", [g.op("Mul", [x, 0.5]), g.op("Add", [t, 1])]);
      },
    ],
    [
      "another sum",
      (g, x) => {
        const t = g.op("Erf", [g.op("Div", [x, Math.SQRT2])]);
        return g.op("Mul", [g.op("Mul", [x, 0.5]), g.op("Add", [t, 1.1])]);
      },
    ],
    ["another factor", (g, x) => g.op("Mul", [g.op("Mul", ["z", 0.5]), String(erf(g, x))])],
    [
      "another cube",
      (g, x) => {
        const z = g.op("Mul", [0.7978845608, g.op("Add", [x, g.op("Mul", [g.op("Pow", [x, 3]), 0.05])])]);
        return g.op("Mul", [g.op("Mul", [0.5, x]), tanhPart(g, z)]);
      },
    ],
    [
      "a square for the cube",
      (g, x) => {
        const z = g.op("Mul", [0.7978845608, g.op("Add", [x, g.op("Mul", [g.op("Pow", [x, 2]), 0.044715])])]);
        return g.op("Mul", [g.op("Mul", [0.5, x]), tanhPart(g, z)]);
      },
    ],
    [
      "a part that is an output, too",
      (g, x) => {
        const t = String(erf(g, x));
        return [g.op("Mul", [g.op("Mul", [x, 0.5]), t]), t];
      },
    ],
  ])("not %s", (_, make) => {
    expect(left(make).some((node) => node.startsWith("Gelu"))).toBe(false);
  });
});

describe("gates", () => {
  test.each<readonly [string, Make, readonly string[]]>([
    ["SiLU", (g, x) => g.op("Mul", [g.op("Sigmoid", [x]), x]), ["Swish(x)"]],
    [
      "SiLU times another value, which comes first",
      (g, x) => g.op("Mul", [x, g.op("Mul", [g.op("Sigmoid", [x]), "z"])]),
      ["Swish(x)", "Mul(Swish, z)"],
    ],
    [
      "SiLU over another value",
      (g, x) => g.op("Div", [g.op("Mul", [g.op("Sigmoid", [x]), x]), "z"]),
      ["Swish(x)", "Div(Swish, z)"],
    ],
    [
      "a steeper one",
      (g, x) => g.op("Mul", [g.op("Sigmoid", [g.op("Mul", [x, 1.702])]), x]),
      ["Mul(x, 1.702)", "Swish(Mul)", "Mul(Swish, 0.587544)"],
    ],
    ["Mish", (g, x) => g.op("Mul", [x, g.op("Tanh", [g.op("Softplus", [x])])]), ["Mish(x)"]],
    ["HardSwish", (g, x) => g.op("Mul", [x, g.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 })]), ["HardSwish(x)"]],
    [
      "HardSwish by ReLU6",
      (g, x) => g.op("Div", [g.op("Mul", [x, g.op("Clip", [g.op("Add", [x, 3]), 0, 6])]), 6]),
      ["HardSwish(x)"],
    ],
  ])("%s", (_, make, wanted) => {
    expect(left(make)).toEqual(wanted);
  });

  test.each<readonly [string, Make]>([
    ["a gate of another value", (g, x) => g.op("Mul", [g.op("Sigmoid", ["z"]), x])],
    ["a shifted gate", (g, x) => g.op("Mul", [g.op("Sigmoid", [g.op("Add", [x, 1])]), x])],
    [
      "a gate that is taken elsewhere",
      (g, x) => {
        const gate = g.op("Sigmoid", [x]);
        return g.op("Add", [g.op("Mul", [gate, x]), g.op("Mul", [gate, "z"])]);
      },
    ],
    ["a HardSigmoid with another slope", (g, x) => g.op("Mul", [x, g.op("HardSigmoid", [x])])],
    [
      "a Clip with other bounds",
      (g, x) => g.op("Div", [g.op("Mul", [x, g.op("Clip", [g.op("Add", [x, 3]), 0, 5])]), 6]),
    ],
    ["a softplus of something else", (g, x) => g.op("Mul", [x, g.op("Tanh", [g.op("Softplus", ["z"])])])],
  ])("not %s", (_, make) => {
    expect(left(make).some((node) => /^(?:Swish|Mish|HardSwish)/.test(node))).toBe(false);
  });
});
