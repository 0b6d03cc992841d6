// Options of a training on a table: which there are, their defaults, and what is refused before anything is computed.
import { checkTable } from "../data/columns.ts";
import { checkFitting } from "../data/pipeline/fit.ts";
import type { SplitBy } from "../data/divide.ts";
import { checkShare } from "../data/split.ts";
import type { FitTableOptions, Table, Task } from "../data/tableTypes.ts";
import { checkGroup, type Group } from "../distributed/group.ts";
import { checkThreads } from "../runtime/threads/threadOptions.ts";
import { checkKeys, checkKind, checkOneOf, checkPositive, checkWhole, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import type { NetworkTraining } from "./fitNetwork.ts";
import type { PartsOptions } from "./parts.ts";

/** Options of `trainTable` and `crossValidate`. */
export interface TableOptions extends Pick<FitTableOptions, "columns" | "log" | "horizon"> {
  /** The column to predict. */
  readonly target: string;
  /** "regression", "classification" or "series"; default "auto": by the column's type, never a series. */
  readonly task?: "auto" | Task;
  /** Units of each hidden layer; default [64, 32], [] for a linear or logistic model. */
  readonly layers?: readonly number[];
  /** The most passes over the rows; default 10 times `patience`. */
  readonly epochs?: number;
  /** Epochs without a smaller loss on the validation rows, after which it stops; default 20 to 100: 1,000 steps. */
  readonly patience?: number;
  /** Of AdamW; default 0.001. */
  readonly learningRate?: number;
  /** Rows of a pass; default so many that an update has 16 to 256, by the number of rows. */
  readonly batchSize?: number;
  /** Passes whose gradients are averaged for one update; default 1. Of `ranks` there are as many at most. */
  readonly accumulate?: number;
  /** Processes that train together, as `await mpi()` of wasmgrad/mpi gives them: each calls this with the same table. Default: this one alone. */
  readonly ranks?: Group;
  /** What rows of rare classes count: "auto" (default), more where a class is rare; or false, all the same. */
  readonly classWeights?: "auto" | false;
  /** How rows are divided; default "stratified" of a classification, "time" of a series, else "random". */
  readonly split?: SplitBy;
  /** The column of dates or whole numbers of a series, or the column whose order divides the rows with split: "time"; default the only one of dates. */
  readonly time?: string;
  /** The column whose groups stay together, with split: "group". */
  readonly group?: string;
  /** The share of the rows that choose when to stop, below 1, or their number; default 0.2. */
  readonly validation?: number;
  /** Decides the parts, the initial weights and the order of rows; default 1. */
  readonly seed?: number;
  /** Threads, or "auto"; default 1. The result is the same. */
  readonly threads?: number | "auto";
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** The names of the options. */
const TABLE_OPTIONS = [
  "target",
  "task",
  "columns",
  "log",
  "time",
  "horizon",
  "layers",
  "epochs",
  "patience",
  "learningRate",
  "batchSize",
  "accumulate",
  "ranks",
  "classWeights",
  "split",
  "group",
  "validation",
  "seed",
  "threads",
  "signal",
];

/** Options that were validated, with defaults. */
export interface CheckedTableOptions {
  readonly target: string;
  readonly task: Task;
  readonly seed: number;
  readonly fitting: FitTableOptions;
  readonly division: PartsOptions;
  readonly training: NetworkTraining;
}

/** A limit against typing errors. */
const MOST_LAYERS = 100;
const TASKS = ["auto", "regression", "classification", "series"] as const;
const WAYS: readonly SplitBy[] = ["random", "stratified", "group", "time"];

/** Validates the options for a table. */
export function checkTableOptions(
  where: string,
  table: Table,
  options: TableOptions,
  more: readonly string[] = [],
): CheckedTableOptions {
  checkKeys(where, options, [...TABLE_OPTIONS, ...more], {
    label: "target",
    y: "target",
    hidden: "layers",
    units: "layers",
    by: "split",
    testsize: "test",
    folds: "kFold",
    randomstate: "seed",
  });
  checkTable(where, table);
  const { target, task = "auto", layers = [64, 32], epochs, patience, learningRate = 1e-3 } = options;
  const {
    batchSize,
    accumulate,
    ranks,
    classWeights = "auto",
    split,
    group,
    validation = 0.2,
    seed = 1,
    threads = 1,
  } = options;
  const { columns, log, time, horizon, signal } = options;
  const names = table.columns.map(({ name }) => name);
  checkColumn(where, "target", target, names, "the name of a column");
  checkOneOf(where, "task", task, TASKS);
  checkKind(Array.isArray(layers), where, "layers", "an array of units such as [64, 32]", layers);
  if (layers.length > MOST_LAYERS) {
    throw new RangeError(`${where}: layers may be at most ${MOST_LAYERS}, got ${layers.length}`);
  }
  Array.from(layers, (units, i) => checkWhole(where, `layers[${i}]`, units, 1, 65_536));
  if (epochs !== undefined) checkWhole(where, "epochs", epochs);
  if (patience !== undefined) checkWhole(where, "patience", patience);
  checkPositive(where, "learningRate", learningRate);
  if (batchSize !== undefined) checkWhole(where, "batchSize", batchSize);
  if (accumulate !== undefined) checkWhole(where, "accumulate", accumulate);
  checkRanks(where, ranks, accumulate);
  const holds = classWeights === "auto" || classWeights === false;
  if (!holds) throw new TypeError(`${where}: classWeights must be "auto" or false, got ${valueText(classWeights)}`);
  if (split !== undefined) checkOneOf(where, "split", split, WAYS);
  if (group !== undefined && split !== "group") {
    throw new TypeError(`${where}: group is for split: "group"; add that, or leave group out`);
  }
  if (split === "group") checkColumn(where, "group", group, names, 'the name of a column, split: "group" needs it');
  checkShare(where, "validation", validation);
  checkWhole(where, "seed", seed, 0, 2 ** 32 - 1);
  checkThreads(where, { threads });
  const isSignal = signal === undefined || typeof signal?.throwIfAborted === "function";
  checkKind(isSignal, where, "signal", "an AbortSignal", signal);
  if (time !== undefined && task !== "series" && split !== "time") {
    throw new TypeError(`${where}: time is for task: "series" or split: "time"; give one of them, or leave time out`);
  }
  const fitting = {
    target,
    ...(columns === undefined ? {} : { columns }),
    ...(log === undefined ? {} : { log }),
    ...(time === undefined || task !== "series" ? {} : { time }),
    ...(horizon === undefined ? {} : { horizon }),
  };
  const { task: found } = checkFitting(where, table, { ...fitting, task });
  if (found === "series" && split !== undefined && split !== "time") {
    throw new RangeError(`${where}: a series is divided by time, but split is "${split}"; leave it out`);
  }
  if (found !== "classification" && split === "stratified") {
    throw new RangeError(
      `${where}: split: "stratified" divides classes, but ${valueText(target)} is predicted as a number; leave it out`,
    );
  }
  const timed = found === "series" || split === "time" ? timeOf(where, table, time, names) : undefined;
  return {
    target,
    task: found!,
    seed,
    fitting: { ...fitting, task: found! },
    division: { validation, test: undefined, by: split, group, time: timed, seed },
    training: {
      layers,
      seed,
      threads,
      epochs,
      patience,
      learningRate,
      batchSize,
      accumulate,
      classWeights,
      callbacks: [],
      ...(signal ? { signal } : {}),
      ...(ranks ? { group: ranks } : {}),
    },
  };
}

/** Refuses what isn't a group, and one whose ranks have no pass to compute. */
function checkRanks(where: string, ranks: unknown, accumulate = 1): void {
  if (ranks === undefined) return;
  checkGroup(where, ranks, "ranks");
  if (ranks.size > accumulate) {
    throw new RangeError(
      `${where}: accumulate is the number of passes that ranks share out, so it must be at least their number ${ranks.size}, got ${accumulate}`,
    );
  }
}

/** The name of a column of the table. */
function checkColumn(where: string, name: string, value: unknown, names: readonly string[], kind: string): void {
  checkKind(typeof value === "string", where, name, kind, value);
  if (!names.includes(value as string)) {
    throw new RangeError(`${where}: ${name}: ${unknownText("column", value as string, names)}`);
  }
}

/** The column of times: the one that is named, or the only one of dates. */
function timeOf(where: string, table: Table, named: string | undefined, names: readonly string[]): string {
  if (named !== undefined) {
    checkColumn(where, "time", named, names, "the name of a column of dates or numbers");
    return named;
  }
  const dates = table.columns.filter(({ type }) => type === "date").map(({ name }) => name);
  if (dates.length === 1) return dates[0]!;
  const found =
    dates.length === 0 ? "is no column of dates" : `are ${dates.length} columns of dates (${dates.join(", ")})`;
  throw new RangeError(`${where}: there ${found}, so the order of the rows isn't known; say it: time: "column"`);
}
