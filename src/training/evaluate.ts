// Evaluates a model: its loss and metrics on data, without training.
import { checkData, type TrainingData } from "../data/dataset.ts";
import type { Measured } from "../nn/metrics/metric.ts";
import { checkKeys, checkWhole } from "../util/check.ts";
import { LossSum } from "./lossSum.ts";
import { type DataPart, prepareData } from "./preparedData.ts";
import type { TrainerState } from "./trainerState.ts";
import { bindData, readMetrics, resetMetrics, specFor } from "./trainingProgram.ts";
import { YieldBudget } from "./yieldBudget.ts";

/** What `Trainer.evaluate` does. */
export async function evaluate(
  state: TrainerState,
  data: TrainingData,
  options: { batchSize?: number },
): Promise<Measured> {
  checkData("evaluate", data);
  checkKeys("evaluate", options, ["batchSize"]);
  const { batchSize = 256 } = options;
  checkWhole("evaluate", "batchSize", batchSize, 1, 1e15); // more than there are rows means all
  state.model.refuse("evaluate", false);
  const prepared = prepareData(data, state.dataSpec, "evaluate");
  try {
    const { rows } = prepared;
    state.checkMetrics(prepared.y.labels, rows, "evaluate");
    return await measure(state, { data: prepared, from: 0, rows }, batchSize, "evaluate");
  } finally {
    prepared.release();
  }
}

/** Loss and metrics on rows of prepared data, once earlier calls have ended. */
export function measure(state: TrainerState, part: DataPart, batchSize: number, where: string): Promise<Measured> {
  const { data, from, rows } = part;
  return state.inTurn(async () => {
    const capacity = Math.min(batchSize, rows);
    const trainingProgram = state.program(specFor("evaluate", capacity, rows, data), where);
    bindData(trainingProgram, data, from);
    const { program } = trainingProgram;
    program.begin(state.counters, { rows, batchSize: capacity, first: trainingProgram.gathered.first });
    resetMetrics(trainingProgram);
    const batches = Math.ceil(rows / capacity);
    const sum = new LossSum(state.loss);
    const budget = new YieldBudget(program.core.executor.runner(program));
    for (let done = 0; done < batches;) {
      const passes = await budget.run(Math.min(batches - done, budget.passes));
      sum.addLog(program.readLog(passes));
      done += passes;
      await budget.yield();
    }
    return { loss: sum.value, ...readMetrics(trainingProgram) };
  });
}
