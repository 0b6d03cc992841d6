// Fits pipelines to the rows of a table.
import { checkBoolean, checkKeys, checkKind, checkOneOf, checkWhole, isRecord, valueText } from "../../util/check.ts";
import { unknownText } from "../../util/suggest.ts";
import { counted, filledRows } from "../columns.ts";
import type { ColumnReading } from "../columnReading.ts";
import type { Column, FitTableOptions, Pipeline, Table, Task } from "../tableTypes.ts";
import { encoderOf } from "./encoder.ts";
import { type ChosenStep, fitColumn, type Occasion, usualReading } from "./fitColumn.ts";
import type { Fitted, FittedColumn } from "./fitted.ts";
import { MOST_FEATURES, pipelineFromJSON } from "./file.ts";
import { VERSION } from "./pipeline.ts";
import { fitSeries, timeColumn } from "./seriesFit.ts";
import { checkSteps } from "./steps.ts";
import { fitClasses, fitNumbers, taskOf } from "./target.ts";
import { usualSteps } from "./usualSteps.ts";

const TASKS = ["auto", "regression", "classification", "series"];

/** What `table.fit` does. */
export function fitTable(
  table: Table,
  readings: ReadonlyMap<string, ColumnReading>,
  options: FitTableOptions,
): Pipeline {
  const elsewhere = { y: "target", label: "target", steps: "columns", date: "time" };
  checkKeys("fit", options, ["target", "task", "columns", "log", "time", "horizon"], elsewhere);
  const { target, task, given } = checkFitting("fit", table, options);
  const readingOf = (column: Column): ColumnReading => readings.get(column.name) ?? usualReading(column);
  const { time, horizon, log } = options;
  if (target && task === "series") {
    return plain(fitSeries({ table, target, time, horizon: horizon ?? 1, given, readingOf }));
  }
  return plain(fitRows(table, target, task, given, readingOf, log));
}

/** Options of `fit` that were checked: what they say of the table. */
export interface Fitting {
  readonly target: Column | undefined;
  /** What is predicted; undefined without a target. */
  readonly task: Task | undefined;
  readonly given: ReadonlyMap<string, readonly ChosenStep[] | "drop">;
}

/** Checks options that `fit` and others take. */
export function checkFitting(where: string, table: Table, options: FitTableOptions): Fitting {
  const { target: name, task = "auto", columns = {}, log, time, horizon } = options;
  const names = table.columns.map((column) => column.name);
  if (name !== undefined) {
    checkKind(typeof name === "string", where, "target", "a column's name", name);
    if (!names.includes(name)) throw new RangeError(`${where}: target: ${unknownText("column", name, names)}`);
  }
  checkOneOf(where, "task", task, TASKS);
  if (name === undefined && task !== "auto") {
    throw new TypeError(`${where}: task ${valueText(task)} needs a target; give the column to predict`);
  }
  if (task !== "series") {
    const own = time === undefined ? (horizon === undefined ? undefined : "horizon") : "time";
    if (own !== undefined) throw new TypeError(`${where}: ${own} is for task: "series"; give it, or leave ${own} out`);
  }
  if (horizon !== undefined) checkWhole(where, "horizon", horizon);
  if (log !== undefined) checkBoolean(where, "log", log);
  if (table.rows === 0) throw new RangeError(`${where}: the table has no rows; there is nothing to fit to`);
  const given = givenSteps(where, columns, names, name);
  const target = name === undefined ? undefined : table.column(name);
  if (target && task === "series") timeColumn(where, table, time, target.name);
  const chosen: Task | undefined = target && (task === "auto" ? taskOf(where, target) : task);
  if (log !== undefined && chosen !== "regression") {
    throw new TypeError(`${where}: log is for a regression, of a number; leave it out`);
  }
  return { target, task: chosen, given };
}

/** The pipeline as one that was kept in a file: what JSON doesn't keep, such as the sign of 0, decides nothing. */
const plain = (fitted: Fitted): Pipeline =>
  pipelineFromJSON(JSON.parse(JSON.stringify({ format: "wasmgrad pipeline", version: VERSION, ...fitted })));

function givenSteps(
  where: string,
  columns: unknown,
  names: readonly string[],
  target: string | undefined,
): ReadonlyMap<string, readonly ChosenStep[] | "drop"> {
  checkKind(isRecord(columns), where, "columns", "an object such as { age: standardize() }", columns);
  return new Map(
    Object.entries(columns as Record<string, unknown>).map(([name, steps]) => {
      if (!names.includes(name)) throw new RangeError(`${where}: columns: ${unknownText("column", name, names)}`);
      if (name === target) {
        throw new RangeError(`${where}: columns.${name} is the target, which is no input; leave it out`);
      }
      return [name, steps === "drop" ? steps : checkSteps(where, `columns.${name}`, steps)] as const;
    }),
  );
}

/** Rows whose order doesn't matter. */
function fitRows(
  table: Table,
  target: Column | undefined,
  task: Task | undefined,
  given: ReadonlyMap<string, readonly ChosenStep[] | "drop">,
  readingOf: (column: Column) => ColumnReading,
  log: boolean | undefined,
): Fitted {
  const columns: FittedColumn[] = [];
  const dropped: { name: string; reason: string }[] = [];
  const notes: string[] = [];
  const occasion: Occasion = { horizon: undefined };
  // a row without a target isn't trained on, so that it decides nothing
  const trained = target && target.missing > 0 ? table.take(filledRows(target)) : table;
  if (target && trained !== table && trained.rows > 0) {
    const count = table.rows - trained.rows;
    notes.push(`${counted(count, "row")} without ${target.name} ${count === 1 ? "is" : "are"} left out`);
  }
  for (const column of trained.columns) {
    if (column.name === target?.name) continue;
    const steps = given.get(column.name) ?? usualSteps(column);
    if (typeof steps === "string") {
      dropped.push({ name: column.name, reason: steps === "drop" ? "as options say" : steps });
      continue;
    }
    columns.push(fitColumn(column, readingOf(column), steps, occasion));
  }
  const own = target && trained.column(target.name);
  const fittedTarget = own && task === "classification" ? fitClasses(own, readingOf(own)) : undefined;
  const numbers = own && task === "regression" ? fitNumbers(own, readingOf(own), log) : undefined;
  if (numbers) notes.push(numbers.note);
  checkWidth(columns, dropped);
  const one = fittedTarget ?? numbers?.target;
  return { ...(task && { task }), ...(one && { target: one }), columns, dropped, notes };
}

/** Refuses pipelines without features, and of too many. */
function checkWidth(columns: readonly FittedColumn[], dropped: readonly { name: string; reason: string }[]): void {
  const widths = columns.map((column) => encoderOf(column).features.length);
  const width = widths.reduce((sum, each) => sum + each, 0);
  if (width === 0) {
    const list = dropped.slice(0, 10).map(({ name, reason }) => `\n  ${name}: ${reason}`);
    throw new RangeError(
      `fit: no column is left to learn from${list.length === 0 ? "" : `; these were left out:${list.join("")}`}`,
    );
  }
  if (width > MOST_FEATURES) {
    const widest = columns[widths.indexOf(Math.max(...widths))]!;
    throw new RangeError(
      `fit: ${counted(width, "feature")} are too many (at most ${MOST_FEATURES}); column ${valueText(widest.name)} has most of them`,
    );
  }
}
