// Adds the records of an update: gradients are checked or clipped and adjusted by penalties, then come the optimizer and constraints.
import type { Optimizer, UpdateLimits } from "../nn/optimizers/optimizer.ts";
import type { ProgramBuilder, RecordList } from "../runtime/program.ts";
import type { ParameterRun } from "../graph/parameter.ts";
import { f32, type KernelArgs } from "../runtime/record.ts";
import type { KernelName } from "../runtime/kernels.ts";

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** The optimizer's state for one trainer. */
export interface UpdatePlan {
  readonly optimizer: Optimizer;
  /** Address of the first state; each is as long as the run of parameters. */
  readonly states: readonly number[];
  /** The learning rate changes from update to update. */
  readonly scheduled?: boolean;
}

/** Adds the records of one update of a run of parameters. */
export function addUpdate(
  { records, workspace, program }: Pick<ProgramBuilder, "records" | "workspace" | "program">,
  { address: start, bytes, parameters }: ParameterRun,
  { optimizer, states, scheduled = false }: UpdatePlan,
  gradientOffset: number,
): void {
  const byTensor = optimizer.clipNorm < Infinity;
  const clipped = byTensor || optimizer.clipGlobalNorm < Infinity;
  const runs = byTensor
    ? parameters.map((p) => ({ address: p.address, bytes: Math.ceil(p.size / 4) * 16 }))
    : [{ address: start, bytes }];
  const norms = workspace.allocate(16 * runs.length + 16, "the gradients' norms");
  const updates = runs.map((run, i) => ({
    ...run,
    args: (n = 0) => ({
      p: run.address + n,
      g: run.address + gradientOffset + n,
      program: program.address,
      factor: norms + 16 * i,
    }),
  }));
  const { clipValue, weightDecay, l1 } = optimizer;
  const adjusted = clipValue < Infinity || weightDecay !== 0 || l1 !== 0;
  const limits = limitArgs(optimizer.limits);
  // every gradient is checked before the first parameter is changed; where they are adjusted, it is the result that can be too large
  const checked = adjusted ? limitArgs({ gradient: LARGEST_FLOAT32, rate: Infinity, product: Infinity }) : limits;
  for (const { bytes: size, args } of updates) {
    const maxNorm = f32(byTensor ? optimizer.clipNorm : optimizer.clipGlobalNorm);
    if (clipped) records.add("gradientNorm", size / 4, { ...args(), ...checked, norm: args().factor + 8, maxNorm });
    else addElements(records, "gradientCheck", size / 4, (n) => ({ ...args(n), ...checked }));
  }
  const target = adjusted ? workspace.allocate(bytes, "the gradients") : 0;
  if (adjusted) {
    const penalties = { weightDecay: f32(weightDecay), l1: f32(l1), clip: f32(clipValue) };
    for (const run of updates) {
      addElements(records, "gradientAdjust", run.bytes / 4, (n) => ({
        ...run.args(n),
        ...limits,
        target: target + run.address - start + n,
        ...penalties,
      }));
    }
  }
  // at the rate of this update: gradients were checked at their own
  for (const [i, { product = Infinity }] of scheduled ? optimizer.states.entries() : []) {
    if (product === Infinity) continue;
    const most = limitArgs({ gradient: LARGEST_FLOAT32, rate: Infinity, product });
    const unused = norms + 16 * runs.length;
    addElements(records, "gradientCheck", bytes / 4, (n) => ({
      p: start + n,
      g: states[i]! + n,
      program: program.address,
      factor: unused,
      ...most,
    }));
  }
  for (const run of updates) {
    const adjustedStart = target + run.address - start;
    const updateArgs = (n: number): KernelArgs => {
      const state = (name: string): number => {
        const index = optimizer.states.findIndex((s) => s.name === name);
        if (index < 0) throw new TypeError(`Trainer: the optimizer has no state ${name}`);
        return states[index]! + run.address - start + n;
      };
      return { ...run.args(n), ...(adjusted && { g: adjustedStart + n, factor: 0 }), ...optimizer.args(state) };
    };
    addElements(records, `${optimizer.kernel}Update`, run.bytes / 4, updateArgs);
  }
  for (const { constraint, size } of parameters) {
    if (constraint) records.add(constraint.kernel, size, constraint.args);
  }
}

const limitArgs = ({ gradient, rate, product }: UpdateLimits): KernelArgs => ({
  largestGradient: f32(gradient),
  largestRate: f32(rate),
  largestProduct: f32(product),
});

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
