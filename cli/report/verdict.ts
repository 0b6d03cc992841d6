// Sentences that judge, made of the figures.
import type { Baseline, Metrics, TableReport } from "./types.ts";
import { quoted, visible } from "./html.ts";
import { baselineName, mainMetric, metricName, metricText } from "./metrics.ts";
import { count, counted, decimals, figure, percent, rounded } from "./numbers.ts";

/** Differences of a score below this are none. */
const ALIKE = 0.01;

const evaluated = (report: TableReport, { metrics }: Baseline): Metrics | null => metrics[report.evaluation.part];

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)!}`;

/** The rows that were evaluated: "1,336 rows that it never saw". */
export function rowsPhrase({ evaluation: { part, of } }: TableReport): string {
  const rows = counted(of.rows, "row");
  if (part === "test") return `${rows} that it never saw`;
  return part === "validation" ? `${rows} that it wasn't trained on` : `the ${rows} that it was trained on`;
}

/** The score of the model, and of the baselines, in one sentence. */
export function verdict(report: TableReport): string {
  const { of } = report.evaluation;
  const target = visible(report.target, 60);
  const metric = mainMetric(report);
  const score = of.metrics[metric] ?? NaN;
  const others = report.baselines.flatMap((baseline) => {
    const metrics = evaluated(report, baseline);
    return metrics ? [otherPhrase(report, baseline, metrics, metric)] : [];
  });
  const rest = others.length > 0 ? `; ${others.join(", ")}` : "";
  if (of.task !== "classification") {
    return `Predicts ${target} of ${rowsPhrase(report)} with a typical error of ${rounded(of.metrics["rmse"] ?? NaN)} (R²\u00a0${decimals(score, 3)})${rest}.`;
  }
  const right = percent(of.metrics["accuracy"] ?? NaN);
  return metric === "rocAuc"
    ? `Predicts ${target} of ${rowsPhrase(report)} with AUC\u00a0${decimals(score, 3)}, ${right} of them right${rest}.`
    : `Predicts ${target} of ${rowsPhrase(report)}, ${right} of them right${rest}.`;
}

function otherPhrase(report: TableReport, baseline: Baseline, metrics: Metrics, metric: string): string {
  const name = baselineName(baseline, report);
  if (metric === "r2") return `${name} is off by ${rounded(metrics["rmse"] ?? NaN)}`;
  const simple = baseline.name === "majority" || metric === "accuracy";
  return simple
    ? `${name} ${baseline.name === "majority" ? "would be" : "is"} right in ${percent(metrics["accuracy"] ?? NaN)}`
    : `${name} reaches AUC\u00a0${metricText("rocAuc", metrics["rocAuc"] ?? NaN)}`;
}

export interface Judgement {
  readonly kind: "good" | "even" | "bad";
  readonly text: string;
}

/** Is the model worth it, beside the simple ones? */
export function judgement(report: TableReport): Judgement {
  const metric = mainMetric(report);
  const score = report.evaluation.of.metrics[metric] ?? NaN;
  const rivals = report.baselines
    .flatMap((baseline) => {
      const value = evaluated(report, baseline)?.[metric];
      return value === undefined || !Number.isFinite(value) ? [] : [{ baseline, value }];
    })
    .toSorted((a, b) => b.value - a.value);
  const trained = report.evaluation.part === "train";
  const caution = trained
    ? " But these are the rows that it was trained on: this says little of new ones. Keep some rows for a test (--test 0.2)."
    : report.evaluation.part === "validation"
      ? " These rows also decided when to stop, so the figures are a little too hopeful; rows kept for a test alone (--test 0.2) would say it fairly."
      : "";
  const [best] = rivals;
  if (!Number.isFinite(score)) {
    return {
      kind: "bad",
      text: `${metricName(metric)} can't be computed of these rows, so there is no verdict.${caution}`,
    };
  }
  const guess = metric === "rocAuc" ? 0.5 : metric === "r2" ? 0 : undefined;
  if (guess !== undefined && score < guess + 0.05) {
    return { kind: "bad", text: `That is hardly better than guessing: the columns say little about the target, or there are too few rows to learn it from.${caution}` }; // prettier-ignore
  }
  if (!best) return { kind: trained ? "even" : "good", text: `There is no simple model to compare with.${caution}` };
  const name = baselineName(best.baseline, report);
  const start = name[0]!.toUpperCase() + name.slice(1);
  const simple = best.baseline.name === "linear" || best.baseline.name === "logistic";
  if (score > best.value + ALIKE) {
    return { kind: trained ? "even" : "good", text: `It is better than ${rivals.length === 1 ? "the simple model" : rivals.length === 2 ? "both simple models" : `all ${count(rivals.length)} simple models`}: its hidden layers found something that ${rivals.length === 1 ? "this misses" : "these miss"}.${caution}` }; // prettier-ignore
  }
  if (score >= best.value - ALIKE) {
    return { kind: "even", text: `${start} does as well, within ${ALIKE}: on this table the network's hidden layers add little${simple ? ", and the simple model is easier to explain" : ""}.${caution}` }; // prettier-ignore
  }
  return { kind: "bad", text: `${start} does better. Use that, or look below for what went wrong: the findings, the curves by epoch, the worst rows.${caution}` }; // prettier-ignore
}

/** Did it learn the training rows by heart? */
export function overfitting({ epochs, metrics, ...report }: TableReport): string {
  const { train, validation, best } = epochs;
  const [last, lowest] = [validation.at(-1), validation[best]];
  const kept = `epoch ${count(best + 1)}`;
  if (last === undefined || lowest === undefined) {
    return `No rows were held back for validation, so nobody can tell from this curve whether the model overfits: the weights of ${kept} were kept.`;
  }
  const gap = partGap({ metrics, ...report, epochs });
  const rising = last > lowest + 0.02 * Math.abs(lowest) && (train.at(-1) ?? 0) < (train[best] ?? 0);
  if (rising) {
    return `After ${kept} the training loss went on falling, from ${figure(train[best]!, 3)} to ${figure(train.at(-1)!, 3)}, but the validation loss rose, from ${figure(lowest, 3)} to ${figure(last, 3)}: from there on the model learned the training rows by heart (it overfitted). So the weights of ${kept} were kept.${gap}`;
  }
  if (best >= validation.length - 1) {
    return `The validation loss was lowest in the last epoch: no sign of overfitting, and more epochs may still help.${gap}`;
  }
  return `After ${kept} the validation loss didn't get lower, nor did it rise much: training had done what it could, without overfitting that shows. The weights of ${kept} were kept.${gap}`;
}

function partGap(report: TableReport): string {
  const metric = mainMetric(report);
  const { part } = report.evaluation;
  const [own, other] = [report.metrics.train[metric], report.metrics[part]?.[metric]];
  if (part === "train" || own === undefined || other === undefined) return "";
  const gap = own - other;
  if (!Number.isFinite(gap)) return "";
  const size = gap < 0.02 ? "no gap to speak of" : gap < 0.08 ? "a usual gap" : "a large gap: more rows, fewer units or more regularization would help"; // prettier-ignore
  return ` With these, ${metricName(metric)} is ${metricText(metric, own)} on the training rows and ${metricText(metric, other)} on the ${part} rows: ${size}.`;
}

/** What was found in the data, in one sentence. */
export function findingsSummary({ quality }: TableReport): string {
  const warnings = quality.findings.filter(({ severity }) => severity === "warning").length;
  const notes = quality.findings.length - warnings;
  const counts = [...(warnings ? [counted(warnings, "warning")] : []), ...(notes ? [counted(notes, "note")] : [])];
  return counts.length === 0
    ? "Nothing was found that would spoil a model: no leaks, no duplicates, no drift between the parts, enough rows."
    : `${joined(counts)} on the data. A warning may make the figures of this report wrong; a note is worth knowing.`;
}

/** Columns that may give the answer away. */
export function leakText({ quality }: TableReport): string | undefined {
  const leaks = quality.findings.filter(({ kind }) => kind === "leak");
  if (leaks.length === 0) return undefined;
  const names = leaks.flatMap(({ column }) => (column === undefined ? [] : [quoted(column)]));
  return `Careful: ${names.length > 0 ? joined(names) : "a column"} may give the answer away. If it isn't known yet when a prediction is wanted, leave it out, or the figures here are too good to be true.`;
}
