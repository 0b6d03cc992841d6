// The head of the page: what this is, and how good the model is.
import type { TableReport } from "../types.ts";
import { beside } from "../charts/bars.ts";
import { figureHtml } from "../charts/figure.ts";
import { escaped, paragraph, said, visible, word } from "../html.ts";
import { baselineTitle, mainMetric, metricName, metricText } from "../metrics.ts";
import { count, counted } from "../numbers.ts";
import { judgement, leakText, verdict } from "../verdict.ts";

const TASKS = {
  regression: "a number (regression)",
  classification: "a class (classification)",
  series: "the next values of a series",
} as const;

export function header(report: TableReport): string {
  const { title, task, target } = report;
  return `<header>
<p class="eyebrow">Training report</p>
<h1>${word(title, 120)}</h1>
<p>A neural network learned to predict ${word(target, 60)}, ${TASKS[task]}, from the other columns of this table. This page says what the data is like, what was done with it, how good the predictions are, and which columns they rest on. It needs no network and no script; everything in it was computed when it was made.</p>
</header>`;
}

export async function verdictSection(report: TableReport): Promise<string> {
  const { kind, text } = judgement(report);
  const leak = leakText(report);
  return [
    `<p class="verdict">${said(verdict(report))}</p>`,
    `<p class="judgement ${kind}">${said(text)}</p>`,
    ...(leak === undefined ? [] : [`<p class="judgement bad">${said(leak)}</p>`]),
    figures(report),
    await comparison(report),
  ].join("\n");
}

function figures(report: TableReport): string {
  const metric = mainMetric(report);
  const { of, part } = report.evaluation;
  const cells = [
    [metricText(metric, of.metrics[metric] ?? NaN), `${metricName(metric)} on ${part} rows`],
    [count(report.rows.train), "training rows"],
    [count(report.model.parameters), "parameters"],
    [`${count(report.epochs.best + 1)} of ${count(report.epochs.train.length)}`, "epoch that was kept"],
  ];
  return `<dl class="figures">${cells.map(([value, name]) => `<div><dt>${escaped(name!)}</dt><dd>${escaped(value!)}</dd></div>`).join("")}</dl>`;
}

/** The main score as bars; not where one is so bad that the others couldn't be seen. */
async function comparison(report: TableReport): Promise<string> {
  const metric = mainMetric(report);
  const { part, of } = report.evaluation;
  const scores = [
    { name: "This model", value: of.metrics[metric] ?? NaN },
    ...report.baselines.map((each) => ({ name: visible(baselineTitle(each, report)), value: each.metrics[part]?.[metric] ?? NaN })), // prettier-ignore
  ].filter(({ value }) => Number.isFinite(value));
  if (scores.length < 2 || scores.some(({ value }) => value < -1)) return "";
  const meaning =
    metric === "rocAuc"
      ? "0.5 is guessing, 1 is perfect"
      : metric === "r2"
        ? "0 is always saying the mean, 1 is perfect"
        : "the share of rows that are right";
  return figureHtml(
    beside(
      metricName(metric),
      scores.map((score) => ({ ...score, text: metricText(metric, score.value) })),
      `The longer the bar the better: ${meaning}. All of them saw the same rows, and are scored on the same ${escaped(counted(of.rows, "row"))}.`,
    ),
  );
}

/** A command, whose options aren't broken at their hyphens. */
const commandHtml = (command: string): string =>
  escaped(visible(command, 4_000)).replaceAll(/(?<= )--[a-z-]+/g, '<span class="option">$&</span>');

export function repeatSection(report: TableReport): string {
  const { command, seed, fingerprint, version, files } = report;
  const rows = Object.entries(files).map(([name, path]) => `<dt>${escaped(visible(name))}</dt><dd><code>${word(path, 300)}</code></dd>`); // prettier-ignore
  return [
    paragraph("This command, on the same table, makes the same model again, bit by bit:"),
    `<pre tabindex="0"><code>${commandHtml(command)}</code></pre>`,
    paragraph(
      `The fingerprint is a short text that is computed of every bit of the trained parameters. If a repetition shows the same one, on whatever machine or browser, it is the same model; if it shows another, something differed: the rows, an option, the seed or the version.`,
    ),
    `<dl class="facts"><dt>fingerprint</dt><dd><code>${word(fingerprint)}</code></dd>
<dt>seed</dt><dd><code>${count(seed).replaceAll(",", "")}</code></dd>
<dt>version</dt><dd><code>wasmgrad ${word(version)}</code></dd>
${rows.join("\n")}</dl>`,
  ].join("\n");
}
