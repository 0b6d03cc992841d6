// Evaluates a model: its loss and metrics on data, without training.
import { checkData, type TrainingData } from "../data/dataset.ts";
import type { Measured } from "../nn/metrics/metric.ts";
import { checkKeys, checkPositive, checkWhole } from "../util/check.ts";
import { inTurn } from "../util/inTurn.ts";
import { LossSum } from "./lossSum.ts";
import { type DataPart, prepareData } from "./preparedData.ts";
import type { OffThread, TrainerState } from "./trainerState.ts";
import { bindData, readMetrics, resetMetrics, specFor } from "./trainingProgram.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";

/** What `evaluate` takes besides the data. */
export interface EvaluateOptions {
  /** Rows per batch; default 256. */
  readonly batchSize?: number;
  /** Milliseconds after which control goes back to the event loop; default 8. */
  readonly yieldEvery?: number;
}

/** What `Trainer.evaluate` does. */
export async function evaluate(state: TrainerState, data: TrainingData, options: EvaluateOptions): Promise<Measured> {
  checkData("evaluate", data);
  checkKeys("evaluate", options, ["batchSize", "yieldEvery"]);
  const { batchSize = 256, yieldEvery = 8 } = options;
  checkWhole("evaluate", "batchSize", batchSize, 1, 1e15); // more than there are rows means all
  checkPositive("evaluate", "yieldEvery", yieldEvery);
  const prepared = prepareData(data, state.dataSpec, "evaluate");
  try {
    const { rows } = prepared;
    state.checkMetrics(prepared.y.labels, rows, "evaluate");
    return await measure(state, { data: prepared, from: 0, rows }, batchSize, yieldEvery, "evaluate");
  } finally {
    prepared.release();
  }
}

/** Loss and metrics on rows of prepared data, once earlier calls have ended. */
export function measure(
  state: TrainerState,
  part: DataPart,
  batchSize: number,
  yieldEvery: number,
  where: string,
  off?: OffThread,
): Promise<Measured> {
  const { data, from, rows } = part;
  return inTurn(state, async () => {
    const capacity = Math.min(batchSize, rows);
    const trainingProgram = state.program(specFor("evaluate", capacity, rows, data), where);
    bindData(trainingProgram, data, from);
    const { program } = trainingProgram;
    program.begin(state.counters, { rows, batchSize: capacity, first: trainingProgram.gathered.first });
    resetMetrics(trainingProgram);
    const batches = Math.ceil(rows / capacity);
    const sum = new LossSum(state.loss);
    const runner = off?.runner(trainingProgram) ?? program.core.executor.runner(program);
    const budget = new YieldBudget(runner, yieldEvery);
    for (let done = 0; done < batches;) {
      const passes = Math.min(batches - done, budget.passes);
      done += await budget.run(passes, done + passes === batches);
      sum.addLog(program.readLog(passes));
      await budget.yield();
    }
    return { loss: sum.value, ...readMetrics(trainingProgram) };
  });
}
