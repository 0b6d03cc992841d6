// What the commands on tables print.
import type { ClassificationEvaluation, Metrics, RegressionEvaluation, Table, TableReport } from "../../src/data.ts";
import { bad, bold, dim, good, number, table as drawTable } from "../draw.ts";
import { columns, prose, wrap } from "../layout.ts";

type Write = (line: string) => void;

const count = (n: number): string => n.toLocaleString("en-US");
const rowsText = (n: number): string => `${count(n)} ${n === 1 ? "row" : "rows"}`;

/** A heading, with a remark beside it. */
const head = (text: string, remark = ""): string => prose(`${bold(text)}${remark === "" ? "" : `  ${remark}`}`);

/** A list, each item after a mark, later lines below its text. */
const item = (mark: string, text: string): string => wrap(`  ${mark} ${text}`, Math.min(100, columns()), "    ");

/** What is read, before the training. */
export function showStart(
  { file, what, table, target }: { file: string; what: string; table: Table; target: string },
  write: Write,
): void {
  const { type, reason } = table.column(target);
  write(head(file, `${rowsText(table.rows)}, ${count(table.columns.length)} columns ${dim(`(${what})`)}`));
  write(head("Target", `${target} ${dim(`(${type}: ${reason})`)}`));
  write("");
}

const METRIC_NAMES: Readonly<Record<string, string>> = {
  r2: "R2",
  rmse: "RMSE",
  mae: "MAE",
  mape: "MAPE",
  accuracy: "accuracy",
  balancedAccuracy: "balanced accuracy",
  rocAuc: "AUC",
  logLoss: "log loss",
  f1: "F1",
};
/** Metrics in the order in which they are shown, and those that are shown in narrow tables. */
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
  seasonal: "the value before",
};

/** What a training gave. */
export function showEnd(report: TableReport, seconds: number, write: Write): void {
  const { quality, rows, pipeline, model, epochs, metrics, baselines, evaluation, importance } = report;
  write(head("Rows", rows.how));
  const dropped = pipeline.dropped.length;
  write(
    head(
      "Inputs",
      `${count(pipeline.features)} numbers of ${count(pipeline.columns.length)} columns` +
        (dropped === 0
          ? ""
          : `; not used: ${some(
              pipeline.dropped.map(({ name, reason }) => `${name} (${reason})`),
              4,
            )}`),
    ),
  );
  write(head("Network", `${model.layers}, ${count(model.parameters)} parameters`));
  for (const note of model.notes) write(item(dim("·"), note));
  write("");
  if (quality.findings.length > 0) {
    write(head("What may be wrong with the data"));
    for (const { severity, message } of quality.findings.slice(0, 8)) {
      write(item(severity === "warning" ? bad("!") : dim("·"), message));
    }
    const more = quality.findings.length - 8;
    if (more > 0) write(item(dim("·"), `${more} more in the report`));
    write("");
  }
  const done = `${count(epochs.train.length)} ${epochs.train.length === 1 ? "epoch" : "epochs"}, the best was ${epochs.best + 1}`;
  write(head("Trained", `${done} ${dim(`(${seconds.toFixed(1)} s with all comparisons)`)}`));
  write("");
  const part = evaluation.part;
  const ofPart = (of: TableReport["metrics"]): Metrics => of[part] ?? of.train;
  const parts = (["train", "validation", "test"] as const).flatMap((name) => {
    const of = metrics[name];
    return of ? [[name === "train" ? "training" : name, of] as const] : [];
  });
  write(head("Metrics"));
  write("");
  write(metricsTable(parts));
  write("");
  write(head("Beside simple answers", `on the ${rowsText(evaluation.of.rows)} of the ${part}`));
  write("");
  write(
    metricsTable([
      ["this model", ofPart(metrics)],
      ...baselines.map(({ name, metrics: of }) => [BASELINES[name]!, ofPart(of)] as const),
    ]),
  );
  write("");
  if (report.folds) showFolds(report.folds, write);
  if (evaluation.of.task === "classification") showConfusion(evaluation.of, write);
  showImportance(importance, write);
  write(head("Fingerprint", `${report.fingerprint}  ${dim(`the same in every engine for seed ${report.seed}`)}`));
  for (const [what, path] of Object.entries(report.files)) write(head(what === "model" ? "Model" : "Report", path));
  write(`${bold("Again")}  ${report.command}`);
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

/** The confusion matrix, where it has room. */
export function showConfusion({ classes, confusion }: ClassificationEvaluation, write: Write): void {
  if (classes.length > 12) return;
  write(head("Confusion", dim("a row for each class, a column for what it was taken for")));
  write("");
  write(
    drawTable(
      ["", ...classes],
      confusion.map((row, k) => [
        classes[k]!,
        ...row.map((n, c) => (n === 0 ? dim("·") : c === k ? good(count(n)) : count(n))),
      ]),
    ),
  );
  write("");
}

/** Bars of what columns are worth. */
function showImportance(importance: TableReport["importance"], write: Write): void {
  const shown = importance.filter(({ mean }) => mean > 0).slice(0, 10);
  if (shown.length === 0) return;
  const most = Math.min(100, columns());
  const names = Math.min(Math.floor(most / 3), Math.max(...shown.map(({ column }) => column.length)));
  const room = Math.max(8, most - names - 14);
  write(head("What the columns are worth", dim("the loss of the score when a column is shuffled")));
  write("");
  for (const { column, mean } of shown) {
    const bar = "█".repeat(Math.max(1, Math.round((room * mean) / shown[0]!.mean)));
    const name = column.length > names ? `${column.slice(0, names - 1)}…` : column.padEnd(names);
    write(`  ${name}  ${number(mean).padStart(7)} ${dim(bar)}`);
  }
  write("");
}

/** How good a model is on a file. */
export function showEvaluation(of: ClassificationEvaluation | RegressionEvaluation, write: Write): void {
  write(metricsTable([[rowsText(of.rows), of.metrics]]));
  write("");
  for (const note of of.notes ?? []) write(item(dim("·"), note));
  if (of.task === "classification") {
    showConfusion(of, write);
    const { threshold } = of;
    if (threshold && (threshold.costs.falsePositive !== 1 || threshold.costs.falseNegative !== 1)) {
      write(
        prose(
          `${bold("Threshold")}  errors cost least, ${number(threshold.cost)} a row, if ${of.classes[1]} is said from a probability of ${number(threshold.best)} on; at 0.5 they cost ${number(threshold.at)}`,
        ),
      );
      write("");
    }
  }
}
