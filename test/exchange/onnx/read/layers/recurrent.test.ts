// Recurrent operators of which a part alone is used.
import { describe, test } from "vitest";
import type { GraphParts } from "../../../../support/onnxGraphs.ts";
import { check, weight } from "../../checkGraph.ts";

/** The outputs of an LSTM of 4 units over [rows, 5, 3]. */
function lstm(g: GraphParts, outputs: readonly string[], direction: string): void {
  const ways = direction === "bidirectional" ? 2 : 1;
  const steps = g.op("Transpose", ["x"], { perm: [1, 0, 2] });
  g.nodes.push({
    name: "",
    operator: "LSTM",
    domain: "",
    inputs: [steps, weight(g, ways, 16, 3), weight(g, ways, 16, 4), weight(g, ways, 32)],
    outputs,
    attributes: [
      { name: "hidden_size", type: "int", value: 4 },
      { name: "direction", type: "string", value: direction },
    ],
  });
}

describe.each(["forward", "reverse", "bidirectional"])("%s", (direction) => {
  test.each<readonly [string, readonly string[]]>([
    ["the cell", ["", "", "c"]],
    ["the state", ["", "h"]],
    ["the cell and the state", ["", "h", "c"]],
  ])("%s alone", async (_what, outputs) => {
    await check(
      { x: [2, 5, 3] },
      (g) => {
        lstm(g, outputs, direction);
        return outputs.filter(Boolean).map((each) => g.op("Transpose", [each], { perm: [1, 0, 2] }));
      },
      13,
    );
  });

  test("the cell, with the steps", async () => {
    await check(
      { x: [2, 5, 3] },
      (g) => {
        lstm(g, ["y", "", "c"], direction);
        return [g.op("Transpose", ["y"], { perm: [2, 0, 1, 3] }), g.op("Transpose", ["c"], { perm: [1, 0, 2] })];
      },
      13,
    );
  });
});
