// Finds relu units that give 0 for every row of a batch.
import { GraphPlan } from "../graph/plan.ts";
import type { Model } from "../model/model.ts";
import { withWorkspace } from "../runtime/arena.ts";
import { ProgramBuilder } from "../runtime/program.ts";
import { sizeOf } from "../util/shape.ts";
import type { DataPart } from "./trainerState.ts";

/** A relu of which most units are dead. */
export interface DeadLayer {
  readonly name: string;
  readonly dead: number;
  readonly units: number;
  /** Rows that were looked at. */
  readonly rows: number;
}

/** Numbers of all tensors together, and operations, that a look may take: a few milliseconds. */
const MOST_NUMBERS = 2 ** 20;
const MOST_FLOPS = 2e7;
/** From so many rows on more than half of the units count as most; of fewer rows all. */
const MANY_ROWS = 8;

/** The relu layers of which most units give 0 for all rows of a batch, by the weights of now. A unit of images is a channel. */
export function deadLayers(model: Model, { data, from, rows: most }: DataPart): DeadLayer[] {
  const { core, nodes, inputShape, seed } = model;
  const { arena } = core;
  const size = sizeOf(inputShape);
  const perRow = nodes.reduce((sum, { output }) => sum + sizeOf(output), size);
  const flops = nodes.reduce((sum, { layer, input, output }) => sum + (layer.flops?.(input, output) ?? 0), 1);
  const rows = Math.max(1, Math.min(most, Math.floor(MOST_NUMBERS / perRow), Math.floor(MOST_FLOPS / flops)));
  const holder = {};
  return withWorkspace(arena, holder, "fit", (workspace) => {
    const builder = new ProgramBuilder(core, workspace, seed);
    const options = { nodes, inputShape, capacity: rows, training: false, separate: true, gradientOffset: () => 0 };
    const graph = new GraphPlan(builder, options);
    graph.addForward();
    const { records, range } = builder.finish();
    const { x, rowBytes } = data;
    const start = x.address + from * rowBytes.x;
    const given = x.bytes
      ? Float32Array.from(arena.u8.subarray(start, start + rows * size), (byte) => byte * x.scale)
      : arena.read(start, rows * size);
    arena.write(graph.input.address, given);
    builder.program.run(range(0), rows);
    const layers = records.flatMap(({ layer, writes }) => {
      const node = nodes[layer];
      if (node?.layer.type !== "relu") return [];
      const units = node.output.at(-1)!;
      const alive = new Set<number>();
      const values = arena.floats(writes[0]!.address, rows * sizeOf(node.output));
      values.forEach((value, i) => {
        if (value > 0) alive.add(i % units);
      });
      return [{ name: node.name, dead: units - alive.size, units, rows }];
    });
    workspace.free();
    return layers.filter(({ dead, units }) => dead > (rows < MANY_ROWS ? units - 1 : units / 2));
  });
}
