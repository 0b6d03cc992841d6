// Summaries of models: layers, shapes, parameters, bytes, operations.
import type { Core } from "../runtime/core.ts";
import { bytesText } from "../runtime/arena.ts";
import type { ModelNode } from "../graph/layer.ts";
import { showText } from "../util/host.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";

/** A layer of a summary. */
export interface LayerSummary {
  /** The layer's name. */
  readonly name: string;
  /** The factory's name. */
  readonly type: string;
  /** Shape of a row of the output. */
  readonly output: Shape;
  /** Number of scalar parameters. */
  readonly parameters: number;
  /** Bytes of the parameters. */
  readonly bytes: number;
  /** Floating-point operations of the forward pass, per row. */
  readonly flops: number;
  /**
   * Bytes that a training batch of one row needs besides outputs and gradients: what is saved for the backward pass, and scratch
   * memory, which all layers share, such as packed weights or an image with its border.
   */
  readonly extra: number;
  /** True: plain `sgd` and `adagrad` update only the rows of its table that a batch looked up; undefined: all parameters. */
  readonly byRows?: true;
}

/** A model at a glance. `String(model.summary())` is a table. */
export interface Summary {
  /** Shape of a row of the input. */
  readonly input: Shape;
  /** The layers in their order. */
  readonly layers: readonly LayerSummary[];
  /** Number of scalar parameters. */
  readonly parameters: number;
  /** Bytes of the parameters. */
  readonly bytes: number;
  /** Floating-point operations of the forward pass, per row; training takes about three times as many. */
  readonly flops: number;
  /** Bytes of the layers' `extra`: at most so many are needed. */
  readonly extra: number;
  /** A table of the layers, and the totals. */
  toString(): string;
}

const thousands = (n: number): string => n.toLocaleString("en-US");

/** Summarizes a model's nodes. */
export function summarize(core: Core, input: Shape, nodes: readonly ModelNode[]): Summary {
  const layers = nodes.map(({ layer, name, input: from, others, output, specs, parameters }) => {
    // parameters of an earlier layer are counted there
    const count = specs.reduce((sum, { shape, owner }) => sum + (owner ? 0 : sizeOf(shape)), 0);
    const inputs = Object.fromEntries(
      Object.entries(others).map(([slot, value]) => [slot, nodes[value]?.output ?? input]),
    );
    const address = (): number => 1;
    let extra = 0;
    const take = (bytes: number): number => (extra += bytes);
    const context = {
      core,
      capacity: 1,
      training: true,
      program: 0,
      index: 0,
      inputs,
      parameter: address,
      gradient: address,
      input: address,
      inputGradient: address,
      zeros: address,
      saved: (_name: string, bytes: number) => take(bytes),
      scratch: take,
      common: take,
    };
    layer.args?.(context, from, output);
    return {
      name,
      type: layer.type,
      output,
      parameters: count,
      bytes: count * 4,
      flops: layer.flops?.(from, output) ?? 0,
      extra,
      ...(parameters.some(({ touched }) => touched) && ({ byRows: true } as const)),
    };
  });
  const totals = { parameters: 0, bytes: 0, flops: 0, extra: 0 };
  const counted = Object.keys(totals) as (keyof typeof totals)[];
  for (const layer of layers) for (const key of counted) totals[key] += layer[key];
  const summary = { input, layers, ...totals };
  const all = { ...summary, toString: () => table(summary) };
  showText(all);
  return all;
}

const figures = ({ parameters, bytes, flops, extra }: Omit<Summary, "input" | "layers" | "toString">): string[] => [
  thousands(parameters),
  bytesText(bytes),
  thousands(flops),
  bytesText(extra),
];

function table({ input, layers, ...totals }: Omit<Summary, "toString">): string {
  const rows = [
    ["layer", "type", "output", "parameters", "bytes", "flops/row", "extra"],
    ["input", "", shapeText(input), "", "", "", ""],
    ...layers.map((l) => [l.name, l.type, shapeText(l.output), ...figures(l)]),
    ["total", "", "", ...figures(totals)],
  ];
  const widths = rows[0]!.map((_, c) => rows.reduce((most, row) => Math.max(most, row[c]!.length), 0));
  const line = (row: string[]): string =>
    row
      .map((cell, c) => (c < 3 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join("  ")
      .trimEnd();
  const rule = widths.map((w) => "─".repeat(w)).join("──");
  return [line(rows[0]!), rule, ...rows.slice(1, -1).map(line), rule, line(rows.at(-1)!)].join("\n");
}
