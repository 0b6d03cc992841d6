// What may be wrong with data, said before a model is trained on it.
import { counted, thousands, wrapped } from "../data/columns.ts";
import type { Table, Task } from "../data/tableTypes.ts";
import { checkKeys, checkKind, checkOneOf, checkWhole, isObject, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import { featuresOf, manyWords, missing, outliers, useless } from "./qualityColumns.ts";
import { drift } from "./qualityDrift.ts";
import { duplicates } from "./qualityDuplicates.ts";
import { type Part, percent } from "./qualityFindings.ts";
import { leaks, sampledText } from "./qualityLeaks.ts";
import { MOST_SAMPLED, sampleOf } from "./qualitySample.ts";
import { balance, classesOf, labelsOf, taskOf } from "./qualityTarget.ts";
import type { Finding, QualityReport } from "./results.ts";

/** Options of `qualityReport`. */
export interface QualityOptions {
  /** The column to predict; without it leaks and balance aren't looked at. */
  readonly target?: string;
  /** What is predicted; default classification of words and of two numbers, regression of more. */
  readonly task?: Task;
  /** The rows to choose by. */
  readonly validation?: Table;
  /** The rows to test with. */
  readonly test?: Table;
  /** How many numbers of a row the model gets; default one of each column, and of categories one of each word. */
  readonly features?: number;
  /** How many parameters the model has; default it isn't looked at. */
  readonly parameters?: number;
}

const TASKS: readonly Task[] = ["regression", "classification", "series"];

/**
 * Says what may spoil a model: missing cells, columns that tell nothing, duplicated rows, columns that alone predict the target (AUC or R2
 * above 0.98), outliers, rare classes, parts that differ, too few rows. Each finding is a sentence with the figure and what to do; its text
 * is `toString()`. Of more than 100,000 rows leaks and drift are looked for in so many, chosen by chance, the same each time.
 *
 * @param train the rows to train on
 * @param options.target the column to predict
 * @param options.task what is predicted; default classification of words and of two numbers, regression of more
 * @param options.validation the rows to choose by, which are compared with those to train on
 * @param options.test the rows to test with, which are, too
 * @param options.features how many numbers of a row the model gets; default about as many as the columns and words
 * @param options.parameters how many parameters the model has
 * @returns plain values; `toString(width)` is a text in lines of at most `width`, default 80
 * @throws {TypeError | RangeError} if an option can't be used, a column isn't there, or words are to be predicted as numbers
 * @example
 * const rows = Array.from({ length: 200 }, (_, i) => ({ amount: (i * 37) % 101, reminders: i % 4 ? 0 : 3, repaid: i % 4 ? "yes" : "no" }));
 * const report = qualityReport(table(rows).infer(), { target: "repaid" });
 * console.log(report.findings[0]?.message); // "reminders" alone predicts "repaid" with AUC 1.000: ...
 * console.log(report.toString(60));
 */
export function qualityReport(
  train: Table,
  options: QualityOptions = {},
): QualityReport & { toString(width?: number): string } {
  checkKeys("qualityReport", options, ["target", "task", "validation", "test", "features", "parameters"], {
    y: "target",
    label: "target",
    params: "parameters",
    valid: "validation",
  });
  const { target, validation, test, features, parameters } = options;
  checkTable("train", train);
  if (validation !== undefined) checkTable("validation", validation, train, target);
  if (test !== undefined) checkTable("test", test, train, target);
  if (features !== undefined) checkWhole("qualityReport", "features", features);
  if (parameters !== undefined) checkWhole("qualityReport", "parameters", parameters);
  const task = checkTarget(train, options);
  const part = (name: Part["name"], of: Table): Part => ({ name, table: of, sample: sampleOf(of) });
  const trained = part("training", train);
  const parts = [
    trained,
    ...(validation ? [part("validation", validation)] : []),
    ...(test ? [part("test", test)] : []),
  ];

  const labels = target !== undefined && task === "classification" ? labelsOf(train.column(target)) : undefined;
  const classes = labels && classesOf(labels);
  const findings = [
    ...(target === undefined ? [] : leaks(trained, target, task!)),
    ...(classes ? balance(target!, classes, parts) : []),
    ...duplicates(parts),
    ...drift(parts, target),
    ...fewRows(train, target, features, parameters),
    ...missing(train, target),
    ...outliers(trained),
    ...manyWords(train, target),
    ...useless(train, target),
  ];
  const sampled = parts.some(({ table }) => table.rows > MOST_SAMPLED) ? Math.min(train.rows, MOST_SAMPLED) : undefined;
  const report: QualityReport = {
    rows: train.rows,
    ...(sampled === undefined ? {} : { sampled }),
    columns: train.columns.map((column) => {
      const { name, type, reason } = column;
      return { name, type, missing: column.missing, reason };
    }),
    findings: [...findings.filter(isWarning), ...findings.filter((each) => !isWarning(each))],
    ...(classes ? { classes } : {}),
  };
  // not to be listed with the rest, nor written as JSON
  return Object.defineProperty(report as ReturnType<typeof qualityReport>, "toString", {
    value: (width = 80): string => {
      checkWhole("toString", "width", width, 40);
      return qualityText(report, width);
    },
  });
}

const isWarning = ({ severity }: Finding): boolean => severity === "warning";

function checkTable(name: string, table: Table, train?: Table, target?: string): void {
  const holds =
    isObject(table) &&
    Array.isArray(table.columns) &&
    typeof table.column === "function" &&
    typeof table.take === "function";
  const raw = isObject(table) && "infer" in table ? "; call its infer()" : "";
  checkKind(holds, "qualityReport", name, "a table whose columns have types", table, raw);
  const lacks = train?.columns.find(
    (own) => own.name !== target && !table.columns.some((other) => other.name === own.name),
  );
  if (lacks) {
    throw new RangeError(
      `qualityReport: the ${name} has no column ${valueText(lacks.name)}, which the rows to train on have; give it the same columns`,
    );
  }
}

function checkTarget(train: Table, { target, task }: QualityOptions): Task | undefined {
  if (task !== undefined) checkOneOf("qualityReport", "task", task, TASKS);
  if (target === undefined) {
    if (task === undefined) return undefined;
    throw new TypeError("qualityReport: task is of a target; give the name of the column to predict, too");
  }
  checkKind(typeof target === "string", "qualityReport", "target", "a column's name", target);
  const column = train.columns.find(({ name }) => name === target);
  if (!column) {
    throw new RangeError(
      `qualityReport: target: ${unknownText(
        "column",
        target,
        train.columns.map(({ name }) => name),
      )}`,
    );
  }
  if (task !== undefined && task !== "classification" && !column.values) {
    throw new RangeError(
      `qualityReport: task "${task}" needs a target of numbers, but ${valueText(target)} is ${column.type}: ${column.reason}`,
    );
  }
  return task ?? taskOf(column);
}

/** Rows that are wanted for each number of a row. */
const ROWS_PER_FEATURE = 10;

function fewRows(
  train: Table,
  target: string | undefined,
  features: number | undefined,
  parameters: number | undefined,
): Finding[] {
  const rows = target === undefined ? train.rows : train.rows - train.column(target).missing;
  const inputs = features ?? featuresOf(train, target);
  const findings: Finding[] = [];
  const note = (severity: Finding["severity"], message: string, figure: number): void => {
    findings.push({ kind: "few-rows", severity, message, figure });
  };
  const have = `${counted(rows, "row")} to train on`;
  if (rows < ROWS_PER_FEATURE * inputs) {
    note(
      rows < inputs ? "warning" : "note",
      `${have} ${rows === 1 ? "is" : "are"} few for ${counted(inputs, "input")} (${thousands(ROWS_PER_FEATURE * inputs)} would be 10 each): leave out columns, or collect more rows`,
      rows / inputs,
    );
  }
  if (parameters !== undefined && parameters > rows) {
    note(
      "note",
      `the model has ${counted(parameters, "parameter")}, more than the ${have}: it can know them by heart, so watch the loss on other rows; take smaller layers, dropout or weight decay, and stop early`,
      rows / parameters,
    );
  }
  return findings;
}

/** The report as a text: each finding with its severity before it. */
function qualityText({ rows, columns, findings, classes, sampled }: QualityReport, width: number): string {
  const warnings = findings.filter(isWarning).length;
  const found =
    findings.length === 0
      ? "nothing was found that may spoil a model"
      : `${counted(warnings, "warning")}, ${counted(findings.length - warnings, "note")}`;
  const lines = hanging(`${counted(rows, "row")}, ${counted(columns.length, "column")}: ${found}`, width);
  if (classes) {
    const listed = classes.toSorted((a, b) => b.rows - a.rows).slice(0, 6);
    const text = listed.map((each) => `${each.name} ${thousands(each.rows)} (${percent(each.share)})`).join(", ");
    const more = classes.length > 6 ? ` and ${classes.length - 6} more` : "";
    lines.push(...hanging(`classes: ${text}${more}`, width));
  }
  if (sampled !== undefined) lines.push(...hanging(sampledText(sampled, rows), width));
  for (const { severity, message } of findings) lines.push("", ...hanging(`${severity}: ${message}`, width));
  return lines.join("\n");
}

/** A text in lines, all but the first two columns to the right. */
function hanging(text: string, width: number): string[] {
  return wrapped(text, width).map((line, i) => (i === 0 ? line.slice(2) : line));
}
