// The report of a training on a table: one HTML file that needs nothing else.
import type { TableReport } from "./types.ts";
import { escaped, visible, word } from "./html.ts";
import { columnsSection, qualitySection, rowsSection } from "./sections/data.ts";
import { evaluationSection, importanceSection, worstSection } from "./sections/evaluation.ts";
import { header, repeatSection, verdictSection } from "./sections/summary.ts";
import { foldsSection, scoresSection, trainingSection } from "./sections/training.ts";
import { STYLE } from "./style.ts";

interface Section {
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

async function sectionsOf(report: TableReport): Promise<Section[]> {
  const folds = foldsSection(report);
  return [
    { id: "verdict", title: "The verdict", html: await verdictSection(report) },
    { id: "quality", title: "Quality of the data", html: qualitySection(report) },
    { id: "rows", title: "Rows and parts", html: rowsSection(report) },
    { id: "columns", title: "Columns", html: columnsSection(report) },
    { id: "training", title: "Training", html: await trainingSection(report) },
    { id: "scores", title: "Scores beside simple models", html: scoresSection(report) },
    ...(folds === undefined ? [] : [{ id: "folds", title: "Cross-validation", html: folds }]),
    { id: "evaluation", title: "A closer look at the predictions", html: await evaluationSection(report) },
    { id: "importance", title: "Importance of the columns", html: await importanceSection(report) },
    { id: "worst", title: "The worst rows", html: worstSection(report) },
    { id: "repeat", title: "Repeat it", html: repeatSection(report) },
  ];
}

/**
 * The report as one HTML file: without a script, without anything that is fetched, its charts as SVG. The same report gives the same text.
 *
 * @param report what the training gave; texts in it may be anything
 */
export async function reportHtml(report: TableReport): Promise<string> {
  const sections = await sectionsOf(report);
  const contents = sections.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join("");
  const body = sections.map(
    ({ id, title, html }) =>
      `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escaped(title)}</h2>\n${html}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="wasmgrad ${escaped(visible(report.version))}">
<title>${escaped(visible(report.title))}: training report</title>
<style>
${STYLE}</style>
</head>
<body>
<main>
${header(report)}
<nav aria-label="Contents"><ol>${contents}</ol></nav>
${body.join("\n")}
</main>
<footer><p>Made by wasmgrad ${word(report.version)}.</p></footer>
</body>
</html>
`;
}
