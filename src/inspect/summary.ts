// A model at a glance: layers, shapes, parameters, bytes, operations.
import { bytesText } from "../arena.ts";
import type { Node } from "../plan.ts";
import { type Shape, shapeText, sizeOf } from "../shape.ts";

/** A layer of a summary. */
export interface LayerSummary {
  readonly name: string;
  readonly type: string;
  readonly output: Shape;
  readonly parameters: number;
  /** Bytes of the parameters. */
  readonly bytes: number;
  /** Floating-point operations of the forward pass, a row. */
  readonly flops: number;
}

/** A model at a glance. `String(model.summary())` is a table. */
export interface Summary {
  readonly input: Shape;
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  /** Bytes of the parameters. */
  readonly bytes: number;
  /** Floating-point operations of the forward pass, a row; training takes about three times as many. */
  readonly flops: number;
  toString(): string;
}

const thousands = (n: number): string => n.toLocaleString("en-US");

/** The summary of a chain of layers. */
export function summarize(input: Shape, nodes: readonly Node[]): Summary {
  const layers = nodes.map(({ layer, name, input: from, output, parameters }) => {
    const count = parameters.reduce((sum, p) => sum + sizeOf(p.shape), 0);
    return {
      name,
      type: layer.type,
      output,
      parameters: count,
      bytes: count * 4,
      flops: layer.flops?.(from, output) ?? 0,
    };
  });
  const total = (key: "parameters" | "bytes" | "flops"): number => layers.reduce((sum, layer) => sum + layer[key], 0);
  const summary = { input, layers, parameters: total("parameters"), bytes: total("bytes"), flops: total("flops") };
  return { ...summary, toString: () => table(summary) };
}

function table({ input, layers, ...totals }: Omit<Summary, "toString">): string {
  const rows = [
    ["layer", "type", "output", "parameters", "bytes", "flops/row"],
    ["input", "", shapeText(input), "", "", ""],
    ...layers.map((l) => [
      l.name,
      l.type,
      shapeText(l.output),
      thousands(l.parameters),
      bytesText(l.bytes),
      thousands(l.flops),
    ]),
    ["total", "", "", thousands(totals.parameters), bytesText(totals.bytes), thousands(totals.flops)],
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const line = (row: string[]): string =>
    row
      .map((cell, c) => (c < 3 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join("  ")
      .trimEnd();
  const rule = widths.map((w) => "─".repeat(w)).join("──");
  return [line(rows[0]!), rule, ...rows.slice(1, -1).map(line), rule, line(rows.at(-1)!)].join("\n");
}
