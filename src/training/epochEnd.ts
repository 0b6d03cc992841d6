// What there is to do at the end of an epoch: its figures are taken, kept and shown.
import type { Logs } from "../nn/metrics/metric.ts";
import type { CallbackCalls } from "./callbackCalls.ts";
import type { TrainingPosition } from "./position.ts";
import type { ProgressLine } from "./progress.ts";
import type { TrainerState } from "./trainerState.ts";
import { readMetrics, type TrainingProgram } from "./trainingProgram.ts";

/** Ends an epoch. */
export async function endEpoch(
  state: TrainerState,
  { trainingProgram }: { readonly trainingProgram: TrainingProgram },
  at: TrainingPosition,
  validate: (() => Promise<Logs>) | undefined,
  calls: CallbackCalls | undefined,
  progress: ProgressLine | undefined,
): Promise<void> {
  const { history, sum } = at;
  const logs: { loss: number } & Record<string, number> = { loss: sum.take(), ...readMetrics(trainingProgram) };
  state.epochs++;
  Object.assign(logs, await validate?.());
  for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
  progress?.end(logs);
  state.running.observe?.(state.schedule!.monitored?.(logs) ?? logs["validationLoss"] ?? logs["loss"]!);
  await calls?.call("onEpochEnd", at.epoch, logs);
  at.epoch++;
  at.batch = 0;
}
