// Sections on the training: the model, its curves, its scores beside the baselines, the folds.
import type { TableReport } from "../types.ts";
import { epochsFigure, rowsFigure } from "../charts/training.ts";
import { figureHtml } from "../charts/figure.ts";
import { type Cell, escaped, list, paragraph, said, tableHtml } from "../html.ts";
import { baselineTitle, metricMeans, metricName, metricsOf, metricText, metricTexts, metricWord, moreIsBetter, partsOf } from "../metrics.ts"; // prettier-ignore
import { count, counted } from "../numbers.ts";
import { noteText } from "../rows.ts";
import { overfitting } from "../verdict.ts";

export async function trainingSection(report: TableReport): Promise<string> {
  const { model, epochs, byRows } = report;
  const notes = model.notes.length > 0 ? list(model.notes.map((note) => said(noteText(note)))) : "";
  return [
    paragraph(
      `The model is a network of layers, <span class="layers">${said(model.layers.replaceAll("->", "→"))}</span>, with ${count(model.parameters)} parameters that are learned from ${counted(report.rows.train, "training row")}.`,
    ),
    notes,
    paragraph(escaped(overfitting(report)), "strong"),
    epochs.train.length > 0 ? await figureHtml(epochsFigure(report)) : "",
    byRows && byRows.points.length > 0 ? await figureHtml(rowsFigure(byRows)) : "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** What the last column is worth. */
const RIGHT = {
  test: "What counts is the column at the right end: rows that played no part in training.",
  validation:
    "What counts is the column at the right end: rows that the model wasn't trained on, though they decided when to stop.",
  train: "All rows were trained on, so none of these scores says how good the model is on new rows.",
} as const;

export function scoresSection(report: TableReport): string {
  const parts = partsOf(report.metrics).map(([part]) => part);
  const metrics = metricsOf(report);
  const models = [
    { name: "This model", metrics: report.metrics, own: true },
    ...report.baselines.map((each) => ({ name: baselineTitle(each, report), metrics: each.metrics, own: false })),
  ];
  const rows: Cell[][] = [];
  const groups: number[] = [];
  for (const metric of metrics) {
    groups.push(rows.length);
    const values = models.map((each) => parts.map((part) => each.metrics[part]?.[metric]));
    const texts = metricTexts(metric, values.flat());
    const best = parts.map((_, p) => {
      const found = values.flatMap((row) => (row[p] === undefined || !Number.isFinite(row[p]) ? [] : [row[p]]));
      return moreIsBetter(metric) ? Math.max(...found) : Math.min(...found);
    });
    models.forEach(({ name, own }, m) => {
      const kind = own ? "own" : "";
      rows.push([
        ...(m === 0 ? [{ html: escaped(metricName(metric)), kind: "metric", span: models.length }] : []),
        { html: escaped(name), head: true, kind },
        ...parts.map((_, p): Cell => {
          const first = values[m]![p] !== undefined && values[m]![p] === best[p] && models.length > 1;
          const text = texts[m * parts.length + p]!;
          return { html: first ? `<b>${text}</b>` : text, number: true, kind };
        }),
      ]);
    });
  }
  const meanings = metrics.flatMap((metric) => {
    const means = metricMeans(metric);
    return means === undefined ? [] : [`<dt>${escaped(metricName(metric))}</dt><dd>${escaped(means)}</dd>`];
  });
  return [
    paragraph(
      `A score alone says little: these are the model's scores beside those of simple models on the same rows. The best of each part is bold. ${RIGHT[parts.at(-1) ?? "train"]}`,
    ),
    tableHtml({
      caption: "Scores by part",
      kind: "scores",
      head: [{ html: "score" }, { html: "model" }, ...parts.map((html) => ({ html, number: true }))],
      rows,
      groups,
    }),
    ...(meanings.length > 0 ? [`<dl class="meanings">${meanings.join("\n")}</dl>`] : []),
  ].join("\n");
}

export function foldsSection({ folds }: TableReport): string | undefined {
  if (!folds) return undefined;
  const metrics = Object.keys(folds.mean);
  const texts = metrics.map((metric) => metricTexts(metric, [...folds.each.map((each) => each[metric]), folds.mean[metric], folds.sd[metric]])); // prettier-ignore
  const line = (name: string, i: number, kind = ""): Cell[] => [
    { html: name, head: true, kind },
    ...texts.map((column): Cell => ({ html: column[i]!, number: true, kind })),
  ];
  const n = folds.each.length;
  const [first] = metrics;
  const spread =
    first === undefined
      ? ""
      : ` Here ${metricWord(first)} is ${metricText(first, folds.mean[first] ?? NaN)}, give or take ${metricText(first, folds.sd[first] ?? NaN)}.`;
  return [
    paragraph(
      escaped(
        `The rows were divided in ${count(folds.k)} parts; ${count(folds.k)} times the model was trained anew on all but one, and scored on that one. How far the scores lie apart ` +
          `says how much of a score is chance.${spread}`,
      ),
    ),
    tableHtml({
      caption: `Scores of ${count(folds.k)} folds`,
      head: [{ html: "fold" }, ...metrics.map((metric) => ({ html: escaped(metricName(metric)), number: true }))],
      rows: [
        ...folds.each.map((_, i) => line(count(i + 1), i)),
        line("mean", n, "own"),
        line("standard deviation", n + 1),
      ],
    }),
  ].join("\n");
}
