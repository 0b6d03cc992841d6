// Sentences that judge, made of the figures.
import type { Baseline, ClassificationEvaluation, Metrics, TableReport } from "./types.ts";
import { quoted, visible } from "./html.ts";
import { luck } from "./chance.ts";
import { baselineName, mainMetric, metricName, metricText, metricWord } from "./metrics.ts";
import { count, counted, decimals, figure, percent, rounded } from "./numbers.ts";

/** Differences of a score below this are none; of errors, below this share. */
const [ALIKE, ALIKE_ERROR] = [0.01, 0.02];

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
  const area = metric === "rocAuc" ? ` with AUC\u00a0${decimals(score, 3)}` : "";
  return `Predicts ${target} of ${rowsPhrase(report)}${area}, ${right} of them right${rest}.${unfound(of)}`;
}

/** Classes that are hardly ever found, at most three by name. */
function unfound({ perClass, confusion }: ClassificationEvaluation): string {
  const lost = perClass.flatMap(({ name, rows, recall }, k) =>
    rows > 0 && recall < 0.2 ? [`of ${quoted(name)}, ${count(confusion[k]?.[k] ?? 0)} of ${count(rows)}`] : [],
  );
  if (lost.length === 0) return "";
  const more = lost.length > 3 ? [`hardly any of ${counted(lost.length - 3, "more class").replace("classs", "classes")}`] : []; // prettier-ignore
  return ` But ${[...lost.slice(0, 3), ...more].join("; ")} were found.`;
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

/** What rows are worth that had a part in the training. */
const CAUTION = {
  train:
    " But these are the rows that it was trained on: this says little of new ones. Keep some rows for a test (--test 0.2).",
  validation:
    " These rows also decided when to stop, so the figures are a little too hopeful; rows kept for a test alone (--test 0.2) would say it fairly.",
  test: "",
} as const;

const LITTLE = "the columns say little about the target, or there are too few rows to learn it from";

const sentence = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** How far one model is ahead of another: of numbers the share by which its error is smaller, of classes the difference of the scores. */
const ahead = (metric: string, own: number, other: number): number =>
  metric !== "rmse" ? own - other : other > 0 ? (other - own) / other : own > 0 ? -Infinity : 0;

/** Why the model is of no use, if it is no better than a guess. */
function uselessness(report: TableReport, score: number): string | undefined {
  const metric = mainMetric(report);
  if (metric === "rocAuc") {
    return score >= 0.55 ? undefined : `That is ${score < 0.5 ? "no" : "hardly"} better than guessing: ${LITTLE}.`;
  }
  if (metric !== "r2" || score >= 0.05) return undefined;
  const mean = report.baselines.find(({ name }) => name === "mean");
  if (score < ((mean && evaluated(report, mean)?.["r2"]) ?? 0))
    return `That is worse than always saying the mean: ${LITTLE}.`;
  return score < -0.05
    ? "R² is below 0: always saying the mean of these very rows would be nearer."
    : `That is hardly better than always saying the mean: ${LITTLE}.`;
}

/** Is the model worth it, beside the simple ones? */
export function judgement(report: TableReport): Judgement {
  const { part, of } = report.evaluation;
  const main = mainMetric(report);
  const metric = main === "r2" ? "rmse" : main;
  const caution = CAUTION[part];
  const score = of.metrics[main] ?? NaN;
  if (!Number.isFinite(score)) {
    return {
      kind: "bad",
      text: `${metricName(main)} can't be computed of these rows, so there is no verdict.${caution}`,
    };
  }
  const own = of.metrics[metric] ?? NaN;
  const rivals = report.baselines
    .flatMap((baseline) => {
      const value = evaluated(report, baseline)?.[metric];
      return value === undefined || !Number.isFinite(value) ? [] : [{ baseline, value }];
    })
    .toSorted((a, b) => (metric === "rmse" ? a.value - b.value : b.value - a.value));
  const [best] = rivals;
  const name = best ? sentence(baselineName(best.baseline, report)) : "";
  const lead = best ? ahead(metric, own, best.value) : 0;
  const alike = metric === "rmse" ? ALIKE_ERROR : ALIKE;
  const why = luck(report, metric, best ? own - best.value : Infinity);
  const useless = uselessness(report, score);
  if (useless !== undefined) {
    const simple = best && best.baseline.name !== "mean" && best.baseline.name !== "majority";
    const instead = simple && lead < -alike ? ` ${name} is better here: use it.` : "";
    return {
      kind: "bad",
      text: `${useless}${instead}${why === undefined ? "" : ` But ${why}, so this may be luck.`}${caution}`,
    };
  }
  const kind = part === "train" || why !== undefined ? "even" : "good";
  if (!best) {
    return {
      kind,
      text: `There is no simple model to compare with.${why === undefined ? "" : ` And ${why}: it may be luck.`}${caution}`,
    };
  }
  const hidden = report.model.layers !== "linear";
  const trained = rivals.some(({ baseline }) => baseline.name === "linear" || baseline.name === "logistic");
  if (lead > alike) {
    const than = rivals.length === 1 ? "the simple model" : rivals.length === 2 ? "both simple models" : `all ${count(rivals.length)} simple models`; // prettier-ignore
    const found = hidden && trained ? `: its hidden layers found something that ${rivals.length === 1 ? "this misses" : "these miss"}` : ""; // prettier-ignore
    const text = why === undefined ? `It is better than ${than}${found}.` : `It is better than ${than} here, but ${why}: the difference may be luck.`; // prettier-ignore
    return { kind, text: text + caution };
  }
  const easier = best.baseline.name === "linear" || best.baseline.name === "logistic" ? "and the simple model is easier to explain" : ""; // prettier-ignore
  if (lead >= -alike) {
    const within = metric === "rmse" ? "its error is within 2\u00a0%" : `within ${ALIKE}`;
    const adds = hidden ? `on this table the network's hidden layers add little` : "";
    const rest = [adds, easier].filter(Boolean).join(", ");
    const text = `${name} does as well, ${within}${rest === "" ? "" : `: ${rest.replace(/^and /, "")}`}.`;
    return {
      kind: "even",
      text: `${text}${of.rows < 30 && why !== undefined ? ` But ${why}: that may be luck.` : ""}${caution}`,
    };
  }
  const maybe = why === undefined ? "" : `, though ${why} and the difference may be luck`;
  return { kind: "bad", text: `${name} is better here${maybe}: use that, or look below for what went wrong: the findings, the curves by epoch, the worst rows.${caution}` }; // prettier-ignore
}

/** The validation loss must rise by this share above its least, and the training loss fall by the other, for learning by heart. */
const [ROSE, FELL] = [0.1, 0.05];

/** Did it learn the training rows by heart? */
export function overfitting({ epochs, metrics, ...report }: TableReport): string {
  const { train, validation, best } = epochs;
  const [last, lowest] = [validation.at(-1), validation[best]];
  const kept = `epoch ${count(best + 1)}`;
  if (last === undefined || lowest === undefined) {
    return `No rows were held back for validation, so nobody can tell from this curve whether the model overfits: the weights of ${kept} were kept.`;
  }
  const gap = partGap({ metrics, ...report, epochs });
  if (best >= validation.length - 1) {
    return `The validation loss was lowest in the last epoch: no sign of overfitting, and more epochs may still help.${gap}`;
  }
  const [then, end] = [train[best] ?? NaN, train.at(-1) ?? NaN];
  const course = `the validation loss rose, from ${figure(lowest, 3)} to ${figure(last, 3)}`;
  if (last <= lowest + ROSE * Math.abs(lowest)) {
    return `After ${kept} the validation loss didn't get lower, nor did it rise much: training had done what it could, without overfitting that shows. The weights of ${kept} were kept.${gap}`;
  }
  return end < then - FELL * Math.abs(then)
    ? `After ${kept} the training loss went on falling, from ${figure(then, 3)} to ${figure(end, 3)}, but ${course}: from there on the model learned the training rows by heart (it overfitted). So the weights of ${kept} were kept.${gap}`
    : `After ${kept} ${course}, though the training loss fell little: it became worse, but not by learning the training rows by heart. The weights of ${kept} were kept.${gap}`;
}

function partGap(report: TableReport): string {
  const metric = mainMetric(report);
  const { part } = report.evaluation;
  const [own, other] = [report.metrics.train[metric], report.metrics[part]?.[metric]];
  if (part === "train" || own === undefined || other === undefined) return "";
  const gap = own - other;
  if (!Number.isFinite(gap)) return "";
  const size = gap < 0.02 ? "no gap to speak of" : gap < 0.08 ? "a usual gap" : "a large gap: more rows, fewer units or more regularization would help"; // prettier-ignore
  return ` With these, ${metricWord(metric)} is ${metricText(metric, own)} on the training rows and ${metricText(metric, other)} on the ${part} rows: ${size}.`;
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
