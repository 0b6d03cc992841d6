// Evaluates a model: its loss and metrics on data, without training.
import { checkData, type TrainingData } from "../data/dataset.ts";
import { isSource, type Source } from "../data/sources.ts";
import type { Group } from "../distributed/group.ts";
import { type Logs, type Measured, onValidation } from "../nn/metrics/metric.ts";
import { checkKeys, checkPositive, checkWhole } from "../util/check.ts";
import { inTurn } from "../util/inTurn.ts";
import { LossSum } from "./lossSum.ts";
import { prepareData } from "./preparedData.ts";
import type { DataPart, OffThread, TrainerState } from "./trainerState.ts";
import { bindData, readMetrics, resetMetrics, specFor } from "./trainingProgram.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";

/** What `evaluate` takes besides the data. */
export interface EvaluateOptions {
  /** Rows per batch, of arrays and `rows`; default 256. */
  readonly batchSize?: number;
  /** Milliseconds after which control goes back to the event loop; default 8. */
  readonly yieldEvery?: number;
  /**
   * Shares the batches out among processes, each of which calls `evaluate` with the same: all get the same figures, the same for any number of
   * them. A source is measured by each of them. Default: none.
   */
  readonly group?: Group | undefined;
}

/** What makes batches of a source. */
const feeding = () => import("./feed.ts");

/**
 * What `Trainer.evaluate` does.
 *
 * @param its what measures the rows: on the ranks of a group they are shared out
 */
export async function evaluate(
  state: TrainerState,
  data: TrainingData | Source,
  options: EvaluateOptions,
  its: typeof measure = measure,
): Promise<Measured> {
  // first: what one rank refuses, all learn
  if (options?.group !== undefined) {
    return (await import("./measureTogether.ts")).evaluateTogether(state, data, options, evaluate, measure);
  }
  if (!isSource(data)) checkData("evaluate", data);
  checkKeys("evaluate", options, ["batchSize", "yieldEvery", "group"]);
  const { batchSize = 256, yieldEvery = 8 } = options;
  checkWhole("evaluate", "batchSize", batchSize, 1, 1e15); // more than there are rows means all
  checkPositive("evaluate", "yieldEvery", yieldEvery);
  const releases: (() => unknown)[] = [];
  try {
    let part: DataPart;
    if (isSource(data)) {
      const { openMeasure } = await feeding();
      part = await openMeasure(state, data, { where: "evaluate", batchSize, epoch: state.epochs }, releases);
    } else {
      const prepared = prepareData(data, state.dataSpec, "evaluate");
      releases.push(prepared.release);
      const { rows, y } = prepared;
      state.checkMetrics(y.labels, rows, "evaluate");
      part = { data: prepared, from: 0, rows };
    }
    return await its(state, part, batchSize, yieldEvery, "evaluate");
  } finally {
    for (const release of releases) release();
  }
}

/**
 * What measures a model after the epochs of a `fit`: `validationLoss` and so on. What that needs is taken now: without room for it nothing is
 * trained.
 */
export function validating(
  state: TrainerState,
  { validation, batchSize, yieldEvery }: { validation: DataPart | undefined; batchSize: number; yieldEvery: number },
): () => Promise<Logs> {
  const part = validation!;
  const { data, rows, feed } = part;
  state.program(specFor("evaluate", Math.min(feed?.most ?? batchSize, rows), rows, data), "fit");
  return async () => {
    const measured = await (state.ranks
      ? state.ranks.measure(part, batchSize, yieldEvery)
      : measure(state, part, batchSize, yieldEvery, "fit", state.offThread));
    return Object.fromEntries(Object.entries(measured).map(([name, value]) => [onValidation(name), value])) as Logs;
  };
}

/** Loss and metrics on rows of prepared data, once earlier calls have ended. */
export function measure(
  state: TrainerState,
  part: DataPart & { readonly lossAlone?: boolean },
  batchSize: number,
  yieldEvery: number,
  where: string,
  off?: OffThread,
): Promise<Measured> {
  const { data, from, rows, feed, lossAlone } = part;
  return inTurn(state, async () => {
    const capacity = Math.min(feed?.most ?? batchSize, rows);
    state.model.kept?.readyEvaluation(where === "fit" ? "fit: validation" : where, rows, capacity);
    const trainingProgram = state.program(specFor("evaluate", capacity, rows, data), where);
    bindData(trainingProgram, data, from);
    const { program } = trainingProgram;
    program.begin(state.counters, { rows, batchSize: capacity, first: trainingProgram.gathered.first });
    resetMetrics(trainingProgram);
    const batches = Math.ceil(rows / capacity);
    const sum = new LossSum(state.loss);
    const runner = off?.runner(trainingProgram, feed) ?? program.core.executor.runner(program);
    const budget = new YieldBudget(runner, yieldEvery);
    for (let done = 0, over = false; !over;) {
      await feed?.load(trainingProgram, done);
      const passes = feed ? 1 : Math.min(batches - done, budget.passes);
      done += await budget.run(passes, feed !== undefined || done + passes === batches);
      sum.addLog(program.readLog(passes));
      over = feed ? await feed.ended() : done === batches;
      // what looks for warnings is part of a `fit`, which has its own turns
      if (!(over && lossAlone)) await budget.yield();
    }
    return { loss: sum.value, ...(!lossAlone && readMetrics(trainingProgram)) };
  });
}
