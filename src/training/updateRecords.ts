// Adds the records of an update: gradients are checked or clipped, adjusted by penalties, and followed; then constraints.
import type { Optimizer } from "../nn/optimizers/optimizer.ts";
import type { ProgramBuilder, RecordList } from "../runtime/program.ts";
import type { ParameterRun } from "../graph/parameter.ts";
import { f32, type KernelArgs } from "../runtime/record.ts";
import type { KernelName } from "../runtime/kernels.ts";
/** The optimizer's state for one trainer. */
export interface UpdatePlan {
  readonly optimizer: Optimizer;
  /** Address of the first state; each is as long as the run of parameters. */
  readonly states: readonly number[];
}

/** Adds the records of one update of a run of parameters. */
export function addUpdate(
  { records, workspace, program }: Pick<ProgramBuilder, "records" | "workspace" | "program">,
  { address: start, bytes, parameters }: ParameterRun,
  { optimizer, states }: UpdatePlan,
  gradientOffset: number,
): void {
  const byTensor = optimizer.clipNorm < Infinity;
  const clipped = byTensor || optimizer.clipGlobalNorm < Infinity;
  const runs = byTensor
    ? parameters.map((p) => ({ address: p.address, bytes: Math.ceil(p.size / 4) * 16 }))
    : [{ address: start, bytes }];
  const norms = workspace.allocate(16 * runs.length, "the gradients' norms");
  const updates = runs.map((run, i) => ({
    ...run,
    args: (n = 0) => ({
      p: run.address + n,
      g: run.address + gradientOffset + n,
      program: program.address,
      factor: norms + 16 * i,
    }),
  }));
  // every gradient is checked before the first parameter is changed
  for (const { bytes: size, args } of updates) {
    const maxNorm = f32(byTensor ? optimizer.clipNorm : optimizer.clipGlobalNorm);
    if (clipped) records.add("gradientNorm", size / 4, { ...args(), norm: args().factor + 8, maxNorm });
    else addElements(records, "gradientCheck", size / 4, args);
  }
  const { clipValue, weightDecay, l1 } = optimizer;
  const adjusted = clipValue < Infinity || weightDecay !== 0 || l1 !== 0;
  const target = adjusted ? workspace.allocate(bytes, "the gradients") : 0;
  for (const run of updates) {
    const adjustedStart = target + run.address - start;
    const updateArgs = (n: number): KernelArgs => {
      const state = (name: string): number => {
        const index = optimizer.states.findIndex((s) => s.name === name);
        return index < 0 ? 0 : states[index]! + run.address - start + n;
      };
      return { ...run.args(n), ...(adjusted && { g: adjustedStart + n, factor: 0 }), ...optimizer.args(state) };
    };
    if (adjusted) {
      const penalties = { weightDecay: f32(weightDecay), l1: f32(l1), clip: f32(clipValue) };
      addElements(records, "gradientAdjust", run.bytes / 4, (n) => ({
        ...run.args(n),
        target: adjustedStart + n,
        ...penalties,
      }));
    }
    addElements(records, `${optimizer.kernel}Update`, run.bytes / 4, updateArgs);
  }
  for (const { constraint, size } of parameters) {
    if (constraint) records.add(constraint.kernel, size, constraint.args);
  }
}

/** Adds an element-wise record. `args`: the arguments for elements that begin `bytes` further on. */
export function addElements(
  records: RecordList,
  kernel: KernelName,
  units: number,
  args: (bytes: number) => KernelArgs,
): void {
  records.add(kernel, units, args(0), {
    sharing: { kind: "elements", units, work: 16 * units, args: (first) => args(4 * first) },
  });
}
