// Measures a model on several ranks: each takes a part of the batches, one contiguous run of them, and all put together what they have found.
import type { TrainingData } from "../data/dataset.ts";
import type { Source } from "../data/sources.ts";
import type { Measured } from "../nn/metrics/metric.ts";
import { memoryHash } from "../runtime/memoryHash.ts";
import { SeparatePasses } from "../runtime/separatePasses.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import { inTurn } from "../util/inTurn.ts";
import { checkGroup, type Group } from "../distributed/group.ts";
import { passesOf } from "../distributed/tree.ts";
import { LossSum } from "./lossSum.ts";
import { canMerge, PassSums } from "./passSums.ts";
import { rangesOf } from "./preparedData.ts";
import { RankTalk } from "./rankTalk.ts";
import type { DataPart, TrainerState } from "./trainerState.ts";
import { bindData, readMetrics, resetMetrics, specFor } from "./trainingProgram.ts";

type Measure = (
  state: TrainerState,
  part: DataPart,
  batchSize: number,
  yieldEvery: number,
  where: string,
) => Promise<Measured>;
type Evaluate = (
  state: TrainerState,
  data: TrainingData | Source,
  options: EvaluateOptions,
  its: Measure,
) => Promise<Measured>;

/** What `evaluate` takes besides the data. */
interface EvaluateOptions {
  readonly batchSize?: number;
  readonly yieldEvery?: number;
  readonly group?: Group | undefined;
}

/** What `evaluate` does on the ranks of a group. `evaluate`, `measure`: what a process that is alone does. */
export async function evaluateTogether(
  state: TrainerState,
  data: TrainingData | Source,
  { group, ...options }: EvaluateOptions,
  evaluate: Evaluate,
  measure: Measure,
): Promise<Measured> {
  checkGroup("evaluate", group);
  const talk = new RankTalk(group, "evaluate");
  talk.hold(state);
  try {
    refuseParts(state, "evaluate");
    const measured = await evaluate(state, data, options, async (_state, part, batchSize, yieldEvery, where) => {
      await compare(state, part, talk, batchSize);
      if (part.feed) return measure(state, part, batchSize, yieldEvery, where); // a source is each rank's own
      return measureTogether(state, part, talk, { batchSize, yieldEvery, where });
    });
    await talk.end(figuresText(measured), SOURCES);
    return measured;
  } catch (error) {
    throw await talk.fail(error);
  } finally {
    talk.release();
  }
}

/** What the ranks must have in common whose sources give different figures. */
export const SOURCES = "a source has to give the same batches on all ranks";

/** Figures as a line. */
export const figuresText = (figures: Measured): string =>
  `the figures ${Object.entries(figures)
    .map((pair) => pair.join(" "))
    .join(", ")}`;

/** Refuses ranks that are about to measure something else than rank 0. */
async function compare(
  { model, loss, metrics }: TrainerState,
  { rows, data, feed }: DataPart,
  talk: RankTalk,
  batchSize: number,
): Promise<void> {
  const { core, run } = model;
  const lines = [
    `weights, hash ${await memoryHash(core, run.ranges)}`,
    feed
      ? "a source"
      : `data of ${rows} rows, hash ${await memoryHash(core, rangesOf(data, rows))}, scale ${data.x.scale}`,
    `batchSize ${batchSize}`,
    `loss ${loss.type} ${JSON.stringify(loss.options)}`,
    ...metrics.map(({ name, options }) => `metric ${name} ${JSON.stringify(options)}`),
  ];
  await talk.compare(lines, "all ranks need the same model, data and options");
}

/** Refuses layers and metrics whose batches can't be computed and counted apart. */
export function refuseParts({ model, metrics }: TrainerState, where: string): void {
  if (model.kept) {
    throw new RangeError(
      `${where}: a layer is stateful, so that each batch needs what the one before has left; a group computes them at the same time: leave group out`,
    );
  }
  const metric = metrics.find((each) => !canMerge(each));
  if (!metric) return;
  throw new TypeError(
    `${where}: the metric ${metric.name} has no merge, and a group counts its batches apart; give customMetric merge(a, b)`,
  );
}

/** Loss and metrics on rows of prepared data that every rank has: the same for any number of ranks. */
export function measureTogether(
  state: TrainerState,
  { data, from: firstRow, rows }: DataPart,
  talk: RankTalk,
  options: { readonly batchSize: number; readonly yieldEvery: number; readonly where: string },
): Promise<Measured> {
  return inTurn(state, async () => {
    const { rank, size } = talk.group;
    const capacity = Math.min(options.batchSize, rows);
    const its = state.program(specFor("evaluate", capacity, rows, data), options.where);
    bindData(its, data, firstRow);
    const { program } = its;
    program.begin(state.counters, { rows, batchSize: capacity, first: its.gathered.first });
    resetMetrics(its);
    const batches = Math.ceil(rows / capacity);
    const batchesOf = (r: number): readonly [number, number] => passesOf(r, size, batches, batches);
    const [first, end] = batchesOf(rank);
    const passes = new SeparatePasses(program);
    const sums = new PassSums(its, 0);
    const none = new Float32Array(0);
    const budget = new YieldBudget(program.core.executor.runner(program), options.yieldEvery);
    sums.begin(true);
    for (let batch = first; batch < end; batch++) {
      passes.begin(batch * capacity, batch);
      sums.reset();
      await budget.run(1, true);
      sums.take(none);
      await budget.yield();
    }
    const said = await talk.meet("figures", sums.pack());
    const { logs } = sums.merge(said, batchesOf);
    const sum = new LossSum(state.loss);
    sum.addLog(logs);
    return { loss: sum.value, ...readMetrics(its) };
  });
}
