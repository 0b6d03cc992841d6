// What is done with each number of a constant is computed once, as ONNX Runtime does.
import { describe, test } from "vitest";
import { type AttributeValue, float } from "../../../../support/onnxGraphs.ts";
import { check, weight } from "../../checkGraph.ts";

type Row = readonly [operator: string, attributes?: Record<string, AttributeValue>, opset?: number];

const OPERATORS: readonly Row[] = [
  ["Exp"],
  ["Sigmoid"],
  ["Tanh"],
  ["Erf"],
  ["Sin"],
  ["Cos"],
  ["Round"],
  ["Relu"],
  ["Softplus"],
  ["Softsign"],
  ["Mish", {}, 18],
  ["HardSwish", {}, 14],
  ["LeakyRelu", { alpha: 0.3 }],
  ["Elu", { alpha: 0.7 }],
  ["Celu", { alpha: float(2) }],
  ["Selu"],
  ["HardSigmoid", { alpha: 0.4, beta: 0.3 }],
  ["Gelu", {}, 20],
  ["Gelu", { approximate: "tanh" }, 20],
  ["Softmax", { axis: 0 }],
  ["Softmax", { axis: -1 }],
  ["Softmax", {}, 11],
  ["Clip", { min: -0.5, max: 0.25 }, 10],
];

describe("of constants", () => {
  for (const [operator, attributes = {}, opset = 13] of OPERATORS) {
    test(`${operator}, opset ${opset}: ${JSON.stringify(attributes)}`, async () => {
      await check({ x: [3, 2, 4] }, (g) => g.op("Mul", ["x", g.op(operator, [weight(g, 2, 4)], attributes)]), opset);
    });
  }

  test("Log, and Clip with bounds", async () => {
    const make = (operator: string, bounds: readonly number[]) =>
      check({ x: [3, 4] }, (g) => g.op("Mul", ["x", g.op(operator, [g.op("Exp", [weight(g, 4)]), ...bounds])]), 13);
    await make("Log", []);
    await make("Clip", [0.9, 1.2]);
  });

  test("a temperature by which similarities are multiplied", async () => {
    const shapes = { a: [2, 3, 4], b: [2, 5, 4] };
    await check(
      shapes,
      (g) => {
        const product = g.op("MatMul", ["a", g.op("Transpose", ["b"], { perm: [0, 2, 1] })]);
        return g.op("Mul", [product, g.op("Exp", [g.weight([], [2.65])])]);
      },
      13,
    );
  });
});
