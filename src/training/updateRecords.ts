// Adds the records of an update: gradients are checked or clipped and adjusted by penalties, then come the optimizer and constraints.
import type { Optimizer, UpdateLimits, UpdateRule } from "../nn/optimizers/optimizer.ts";
import type { ProgramBuilder } from "../runtime/program.ts";
import type { ParameterRun, PlacedParameter } from "../graph/parameter.ts";
import { PROGRAM_RATE } from "../../build/abi.js";
import { f32, type KernelArgs } from "../runtime/record.ts";
import type { MemoryRange } from "../runtime/arena.ts";
import type { KernelName } from "../runtime/kernels.ts";

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Parameters that are updated alike: consecutive ones, or a single one. */
export interface Part extends UpdateRule, MemoryRange {
  /** Its place in the run. */
  readonly slot: number;
  /** What adds records for the rows of a table that have a gradient: the others are left out. */
  readonly rows?: PlacedParameter["touched"];
}

/** The optimizer's state for one trainer. */
export interface UpdatePlan {
  readonly optimizer: Optimizer;
  /** Address of the first state; each is as long as the run of parameters. */
  readonly states: readonly number[];
  /** The learning rate changes from update to update. */
  readonly scheduled?: boolean;
}

/** Divides a run of parameters: all together, or each by itself. */
export function partsOf({ address, bytes, parameters }: ParameterRun, optimizer: Optimizer): readonly Part[] {
  const { clipNorm, ruleOf, byRows } = optimizer;
  const all = { address, slot: address, bytes, rate: 1, decays: true };
  return clipNorm < Infinity || ruleOf || parameters.some((p) => p.slot !== p.address || (byRows && p.touched))
    ? parameters.map((p) => ({
        ...all,
        address: p.address,
        slot: p.slot,
        bytes: Math.ceil(p.size / 4) * 16,
        rows: byRows ? p.touched : undefined,
        ...ruleOf?.(p),
      }))
    : [all];
}

/** Adds the records of one update of a run of parameters. */
export function addUpdate(
  builder: Builder & Pick<ProgramBuilder, "workspace" | "program">,
  run: ParameterRun,
  { optimizer, states, scheduled = false }: UpdatePlan,
  gradientOffset: number,
  parts = partsOf(run, optimizer),
): void {
  const { core, records, workspace, program } = builder;
  const { address: start, bytes, parameters } = run;
  const { clipValue, clipNorm, clipGlobalNorm, weightDecay, l1, limits, ruleOf } = optimizer;
  const together = clipGlobalNorm < Infinity;
  const maxNorm = Math.min(clipNorm, clipGlobalNorm);
  const norms = workspace.allocate(16 * parts.length + 32, "the gradients' norms");
  const unused = norms + 16 * parts.length;
  const updates = parts.map((part, i) => ({
    ...part,
    args: (n = 0) => ({
      p: part.address + n,
      g: part.slot + gradientOffset + n,
      program: program.address,
      factor: together ? norms : norms + 16 * i,
    }),
  }));
  const adjusted = clipValue < Infinity || weightDecay !== 0 || l1 !== 0;
  const rate = Math.max(...parts.map((part) => part.rate));
  // every gradient is checked before the first parameter is changed; where they are adjusted, it is the result that can be too large
  for (const part of together ? [{ ...updates[0]!, bytes, rate }] : updates) {
    const checked = adjusted ? limitArgs(ANY) : limitArgs(limits, part.rate);
    if (maxNorm < Infinity) {
      const { factor } = part.args();
      const norm = { ...part.args(), ...checked, norm: factor + 8, maxNorm: f32(maxNorm) };
      records.add("gradientNorm", part.bytes / 4, norm);
    } else addElements(builder, "gradientCheck", part, (n) => ({ ...part.args(n), ...checked }));
  }
  const target = adjusted ? workspace.allocate(bytes, "the gradients") : 0;
  if (adjusted) {
    for (const part of updates) {
      const { decays } = part;
      addElements(builder, "gradientAdjust", part, (n) => ({
        ...part.args(n),
        ...limitArgs(limits, part.rate),
        target: target + part.slot - start + n,
        weightDecay: f32(decays ? weightDecay : 0),
        l1: f32(decays ? l1 : 0),
        clip: f32(clipValue),
      }));
    }
  }
  // at the rate of this update: gradients were checked at their own
  for (const [i, { product = Infinity }] of scheduled ? optimizer.states.entries() : []) {
    if (product === Infinity) continue;
    addElements(builder, "gradientCheck", run, (n) => ({
      p: start + n,
      g: states[i]! + n,
      program: program.address,
      factor: unused,
      ...limitArgs({ ...ANY, product }, rate),
    }));
  }
  // parts may have rates of their own: that of the program is kept meanwhile
  const live = program.address + PROGRAM_RATE;
  const kept = unused + 16;
  const setRate = (source: number, to: number, factor: number): void => {
    if (ruleOf) records.add("gradientRate", 1, { source, rate: to, rateFactor: f32(factor) });
  };
  setRate(live, kept, 1);
  for (const part of updates) {
    const offset = part.slot - start;
    setRate(kept, live, part.rate);
    addElements(builder, `${optimizer.kernel}Update`, part, (n) => {
      const state = (name: string): number => {
        const index = optimizer.states.findIndex((s) => s.name === name);
        if (index < 0) throw new TypeError(`Trainer: the optimizer has no state ${name}`);
        return states[index]! + offset + n;
      };
      const own = optimizer.args(state, part, core);
      return { ...part.args(n), ...(adjusted && { g: target + offset + n, factor: 0 }), ...own };
    });
  }
  setRate(kept, live, 1);
  for (const { constraint, size } of parameters) {
    if (constraint) records.add(constraint.kernel, size, constraint.args);
  }
}

/** Limits of what will be adjusted: any number but infinity. */
const ANY: UpdateLimits = { gradient: LARGEST_FLOAT32, rate: Infinity, product: Infinity };

/** The limits where the learning rate is multiplied by a factor. */
const limitArgs = ({ gradient, rate, product }: UpdateLimits, factor = 1): KernelArgs => ({
  largestGradient: f32(gradient),
  largestRate: f32(rate / factor),
  largestProduct: f32(product / factor),
});

type Builder = Pick<ProgramBuilder, "core" | "records">;

/** Adds an element-wise record for a part. `args`: the arguments for elements that begin `bytes` further on. */
export function addElements(
  builder: Builder,
  kernel: KernelName,
  { bytes, rows }: Pick<Part, "bytes" | "rows">,
  args: (bytes: number) => KernelArgs,
): void {
  if (rows) return rows.add(builder, kernel, bytes, rows.address, args);
  const units = bytes / 4;
  builder.records.add(kernel, units, args(0), {
    sharing: { kind: "elements", units, work: 16 * units, args: (first) => args(4 * first) },
  });
}
