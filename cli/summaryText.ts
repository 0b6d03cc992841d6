// The summary of a model, fitted to the terminal.
import type { Model } from "../src/index.ts";
import { table } from "./draw.ts";
import { columns, width } from "./layout.ts";

/** The summary; where the terminal is too narrow for it, its most telling columns. */
export function summaryText(summary: ReturnType<Model["summary"]>): string {
  const whole = String(summary);
  const most = columns();
  if (Math.max(...whole.split("\n").map(width)) <= most) return whole;
  const count = (n: number): string => n.toLocaleString("en-US");
  const rows = [
    { name: "input", output: shapeText(summary.input), parameters: "", flops: "" },
    ...summary.layers.map(({ name, output, parameters, flops }) => ({
      name,
      output: shapeText(output),
      parameters: count(parameters),
      flops: count(flops),
    })),
    { name: "total", output: "", parameters: count(summary.parameters), flops: count(summary.flops) },
  ];
  const shown = most < 48 ? 3 : 4;
  return table(
    ["layer", "output", "parameters", "flops/row"].slice(0, shown),
    rows.map(({ name, output, parameters, flops }) => [name, output, parameters, flops].slice(0, shown)),
  );
}

const shapeText = (shape: readonly number[]): string => shape.join("x");
