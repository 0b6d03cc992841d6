// What the commands on tables print.
import type {
  ClassificationEvaluation,
  Metrics,
  MetricsByPart,
  RegressionEvaluation,
  Table,
  TableReport,
} from "../../src/data.ts";
import { bad, bold, dim, good, number, table as drawTable } from "../draw.ts";
import { columns, pad, prose, width, wrap } from "../layout.ts";
import { referenceName } from "../report/metrics.ts";
import { divided, noteText } from "../report/rows.ts";
import { judgement, verdict } from "../report/verdict.ts";
import { commandWords } from "./words.ts";

type Write = (line: string) => void;

const count = (n: number): string => n.toLocaleString("en-US");
const rowsText = (n: number): string => `${count(n)} ${n === 1 ? "row" : "rows"}`;

/** A heading, with a remark beside it. */
const head = (text: string, remark = ""): string => prose(`${bold(text)}${remark === "" ? "" : `  ${remark}`}`);

/** A list, each item after a mark, later lines below its text. */
const item = (mark: string, text: string): string => wrap(`  ${mark} ${text}`, Math.min(100, columns()), "    ");

/** A name or another text, cut at its end. */
const cut = (text: string, most: number): string => {
  const signs = Array.from(text.replaceAll(/\s+/g, " "));
  return signs.length <= most ? signs.join("") : `${signs.slice(0, most - 1).join("")}…`;
};

/** The most characters of a name in a sentence, and in a table. */
const LONG_NAME = 60;
const LONG_CELL = 20;

/** What is read, before the training. */
export function showStart(
  { file, what, table, target }: { file: string; what: string; table: Table; target: string },
  write: Write,
): void {
  const { type, reason } = table.column(target);
  const wide = `${count(table.columns.length)} ${table.columns.length === 1 ? "column" : "columns"}`;
  write(head(file, `${rowsText(table.rows)}, ${wide} ${dim(`(${what})`)}`));
  write(head("Target", `${cut(target, LONG_NAME)} ${dim(`(${type}: ${commandWords(reason)})`)}`));
  const odd = table.columns.flatMap((column) => {
    const note = wordsTaken(column.reason);
    return note === undefined ? [] : [`${cut(column.name, LONG_NAME)}: ${note}`];
  });
  for (const note of odd.slice(0, MOST_NOTES)) write(item(dim("·"), note));
  if (odd.length > MOST_NOTES) write(item(dim("·"), `the same in ${count(odd.length - MOST_NOTES)} more columns`));
  write("");
}

const MOST_NOTES = 5;

/** Of the reason of a column of numbers or dates, what was done with words in it. */
const wordsTaken = (reason: string): string | undefined =>
  /\d[\d,]* cells? with words? (?:is|are) taken as missing: .*?(?=; )/.exec(`${reason}; `)?.[0];

const METRIC_NAMES: Readonly<Record<string, string>> = {
  r2: "R2",
  rmse: "RMSE",
  mae: "MAE",
  mape: "MAPE",
  accuracy: "accuracy",
  rocAuc: "AUC",
  logLoss: "log loss",
  f1: "F1",
};
/** The metrics that are shown, in their order. */
const SHOWN = ["r2", "rmse", "mae", "mape", "rocAuc", "accuracy", "f1", "logLoss"];

const metricText = (name: string, value: number | undefined): string =>
  value === undefined ? "" : name === "mape" ? `${(100 * value).toFixed(1)} %` : number(value);

/** Metrics of several rows as a table. */
export function metricsTable(rows: readonly (readonly [name: string, metrics: Metrics])[]): string {
  const names = SHOWN.filter((name) => rows.some(([, metrics]) => metrics[name] !== undefined));
  return drawTable(
    ["", ...names.map((name) => METRIC_NAMES[name]!)],
    rows.map(([label, metrics]) => [label, ...names.map((name) => metricText(name, metrics[name]))]),
  );
}

const BASELINES: Readonly<Record<string, string>> = {
  mean: "always the mean",
  majority: "always the most frequent",
  linear: "linear model",
  logistic: "logistic model",
};

/** The parts of a table as they are called. */
export const PARTS: Readonly<Record<keyof MetricsByPart, string>> = {
  train: "training",
  validation: "validation",
  test: "test",
};

/** What a training gave. */
export function showEnd(report: TableReport, seconds: number, together: boolean, write: Write): void {
  const { quality, model, epochs, metrics, baselines, evaluation, importance } = report;
  const reference = referenceName(report);
  write(head("Rows", divided(report)));
  write(head("Inputs", inputsOf(report.pipeline)));
  write(head("Network", `${model.layers}, ${counted(model.parameters, "parameter")}`));
  for (const note of model.notes) write(item(dim("·"), noteText(note)));
  write("");
  if (quality.findings.length > 0) {
    write(head("What may be wrong with the data"));
    for (const { severity, message } of quality.findings.slice(0, MOST_FINDINGS)) {
      write(item(severity === "warning" ? bad("!") : dim("·"), message));
    }
    const more = quality.findings.length - MOST_FINDINGS;
    if (more > 0)
      write(item(dim("·"), `${count(more)} more ${report.files["report"] ? "in the report" : "with --json"}`));
    write("");
  }
  const ran = epochs.train.length;
  const best =
    ran === 1 ? "" : `; that with the least loss on the validation rows, ${count(epochs.best + 1)}, was kept`;
  write(head("Trained", `${counted(ran, "epoch")}${best} ${dim(`(${timeText(seconds)} with all comparisons)`)}`));
  write("");
  const { kind, text } = judgement(report);
  write(head("Verdict", plain(verdict(report))));
  write(item(kind === "bad" ? bad("!") : kind === "good" ? good("+") : dim("·"), plain(text)));
  write("");
  const part = evaluation.part;
  const ofPart = (of: MetricsByPart): Metrics => of[part] ?? of.train;
  const parts = (["train", "validation", "test"] as const).flatMap((name) => {
    const of = metrics[name];
    return of ? [[PARTS[name], of] as const] : [];
  });
  write(head("How good it is", dim(explained(ofPart(metrics)))));
  write("");
  write(metricsTable(parts));
  write("");
  write(
    head(
      "Beside simple answers",
      dim(`on the ${rowsText(evaluation.of.rows)} ${part === "test" ? "to test" : "to validate"}`),
    ),
  );
  write("");
  write(
    metricsTable([
      ["this model", ofPart(metrics)],
      ...baselines.map(
        ({ name, metrics: of }) => [BASELINES[name] ?? reference ?? "an earlier value", ofPart(of)] as const,
      ),
    ]),
  );
  write("");
  if (report.folds) showFolds(report.folds, write);
  if (evaluation.of.task === "classification") showConfusion(evaluation.of, write);
  showImportance(importance, ofPart(metrics), reference, write);
  const everywhere = `the same on every machine${together ? " and for any number of processes," : ""} for seed ${report.seed}`;
  write(head("Fingerprint", `${report.fingerprint}  ${dim(everywhere)}`));
  for (const [what, path] of Object.entries(report.files)) write(head(what === "model" ? "Model" : "Report", path));
  write(`${bold("Again")}  ${report.command}`);
}

/** A sentence of the report, as the terminal's other texts are written. */
const plain = (text: string): string => text.replaceAll("\u00a0", " ").replaceAll("R²", "R2");

const MOST_FINDINGS = 8;

const counted = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? "" : "s"}`;

/** 0.8 s, 42 s, 3 min 7 s */
const timeText = (seconds: number): string =>
  seconds < 10
    ? `${seconds.toFixed(1)} s`
    : seconds < 100
      ? `${Math.round(seconds)} s`
      : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;

function inputsOf({ features, columns: used, dropped }: TableReport["pipeline"]): string {
  const unused = dropped.map(({ name, reason }) => `${cut(name, LONG_NAME)} (${reason})`);
  const rest = unused.length === 0 ? "" : `; not used: ${some(unused, 4)}`;
  return `${counted(features, "number")} from ${counted(used.length, "column")}${rest}`;
}

/** What the metrics mean, in short. */
function explained(metrics: Metrics): string {
  const meanings = [
    ["r2", "R2: 1 is perfect, 0 as good as the mean"],
    ["rmse", "RMSE and MAE: how far off, in the target's units"],
    ["rocAuc", "AUC: 1 is perfect, 0.5 as good as chance"],
    ["logLoss", "log loss: the less, the better"],
  ] as const;
  return meanings.flatMap(([name, text]) => (metrics[name] === undefined ? [] : [text])).join("; ");
}

const some = (texts: readonly string[], most: number): string =>
  texts.length <= most ? texts.join(", ") : `${texts.slice(0, most).join(", ")} and ${texts.length - most} more`;

function showFolds({ k, mean, sd }: NonNullable<TableReport["folds"]>, write: Write): void {
  write(head("Cross-validation", `${k} networks, each tested on the rows that it wasn't trained on`));
  write("");
  write(
    metricsTable([
      ["mean", mean],
      ["standard deviation", sd],
    ]),
  );
  write("");
}

/** The confusion matrix, where it has room; else the classes that are confused most often. */
function showConfusion({ classes, confusion }: ClassificationEvaluation, write: Write): void {
  const names = classes.map((name) => cut(name === "" ? '""' : name, LONG_CELL));
  if (classes.length > MOST_CLASSES) {
    const errors = confusion.flatMap((row, k) =>
      row.flatMap((rows, c) => (c === k || rows === 0 ? [] : [{ k, c, rows }])),
    );
    if (errors.length === 0) return;
    write(head("Confusion", dim(`what is confused most often, of ${count(classes.length)} classes`)));
    write("");
    const worst = errors.toSorted((a, b) => b.rows - a.rows || a.k - b.k || a.c - b.c).slice(0, 8);
    write(
      drawTable(
        ["is", "taken for", "rows"],
        worst.map(({ k, c, rows }) => [names[k]!, names[c]!, count(rows)]),
      ),
    );
    write("");
    return;
  }
  write(head("Confusion", dim("a row for each class, a column for what it was taken for")));
  write("");
  write(
    drawTable(
      ["", ...names],
      confusion.map((row, k) => [
        names[k]!,
        ...row.map((n, c) => (n === 0 ? dim("·") : c === k ? good(count(n)) : count(n))),
      ]),
    ),
  );
  write("");
}

/** Classes of which a whole matrix is shown. */
const MOST_CLASSES = 12;

/** Bars of what columns are worth. */
function showImportance(
  importance: TableReport["importance"],
  metrics: Metrics,
  reference: string | undefined,
  write: Write,
): void {
  const shown = importance.filter(({ mean }) => mean > 0).slice(0, 10);
  if (shown.length === 0) return;
  const score = (["rocAuc", "r2", "accuracy"] as const).find((name) => metrics[name] !== undefined);
  const most = Math.min(100, columns());
  const cuts = shown.map(({ column }) => cut(column, Math.max(8, Math.floor(most / 3))));
  const names = Math.max(...cuts.map(width));
  const room = Math.max(8, most - names - 14);
  write(
    head(
      "What the columns are worth",
      dim(
        `how much ${score ? METRIC_NAMES[score]! : "the score"} falls when a column's cells are shuffled${reference ? `; ${reference}, which the change is learned from, isn't` : ""}`,
      ),
    ),
  );
  write("");
  shown.forEach(({ mean }, i) => {
    const bar = "█".repeat(Math.max(1, Math.round((room * mean) / shown[0]!.mean)));
    write(`  ${cuts[i]!}${pad(cuts[i]!, names)}  ${number(mean).padStart(7)} ${dim(bar)}`);
  });
  const more = importance.filter(({ mean }) => mean > 0).length - shown.length;
  if (more > 0) write(dim(`  and ${count(more)} more, which are worth less`));
  write("");
}

/** How good a model is on a file, and, if that is known, how good it was on the rows of its training. */
export function showEvaluation(
  of: ClassificationEvaluation | RegressionEvaluation,
  before: MetricsByPart | undefined,
  write: Write,
): void {
  const earlier = (["train", "validation", "test"] as const).flatMap((part) =>
    before?.[part] ? [[`${PARTS[part]}, then`, before[part]] as const] : [],
  );
  write(metricsTable([[`${of.rows === 1 ? "this row" : `these ${rowsText(of.rows)}`}`, of.metrics], ...earlier]));
  write("");
  for (const note of of.notes ?? []) write(item(dim("·"), commandWords(note)));
  if (of.task !== "classification") return;
  showConfusion(of, write);
  const { threshold } = of;
  if (threshold && (threshold.costs.falsePositive !== 1 || threshold.costs.falseNegative !== 1)) {
    write(
      head(
        "Threshold",
        `errors cost least, ${number(threshold.cost)} a row, if ${of.classes[1]} is said from a probability of ${number(threshold.best)} on; at 0.5 they cost ${number(threshold.at)}`,
      ),
    );
    write("");
  }
}
