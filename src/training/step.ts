// Single updates: from a batch, and from gradients that were computed by hand.
import type { Target } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import type { Measured } from "../nn/metrics/metric.ts";
import { ProgramBuilder, type Program } from "../runtime/program.ts";
import { checkKeys } from "../util/check.ts";
import { LossSum } from "./lossSum.ts";
import { badGradient, diagnose } from "./nonFinite.ts";
import type { TrainerState } from "./trainerState.ts";
import { readMetrics, resetMetrics } from "./trainingProgram.ts";
import { addUpdate } from "./updateRecords.ts";

/** What `Trainer.step` does. */
export function step(
  state: TrainerState,
  x: Input,
  y: Target,
  options: { sampleWeights?: ArrayLike<number> },
): Measured {
  checkKeys("step", options, ["sampleWeights"]);
  const { learningRate } = state; // first: a schedule of one's own may make a step itself, which writes its batch
  const { step: loaded, rows } = state.load("train", x, y, options.sampleWeights, "step");
  const { program, manual } = loaded;
  program.begin(state.counters, { rows, batchSize: rows, first: manual.first });
  program.setRates(1, () => learningRate);
  resetMetrics(loaded);
  try {
    if (program.runPasses(1) < 1) throw diagnose("step", state, loaded, manual);
  } finally {
    program.undo();
    state.count(program.counters);
  }
  const sum = new LossSum(state.loss);
  sum.addLog(program.readLog(1));
  return { loss: sum.value, ...readMetrics(loaded) };
}

/** What `Trainer.update` does. */
export function update(state: TrainerState): void {
  state.model.refuse("update");
  const program = (state.updateProgram ??= makeUpdate(state));
  const { learningRate } = state;
  if (!program.update(state.updates, learningRate)) throw badGradient(state, program);
  state.updates = program.counters.updates;
}

/** A program that has an update alone. */
export function makeUpdate(state: TrainerState): Program {
  const { model, workspace } = state;
  const builder = new ProgramBuilder(model.core, workspace, model.seed);
  addUpdate(builder, model.run, state.updatePlan(), model.gradientOffset(), state.parts);
  const { range } = builder.finish();
  builder.program.setRecords(range(0, 0), range(0), 0);
  return builder.program;
}
