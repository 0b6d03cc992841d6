// Sections on the evaluation: of classes or of numbers, of columns, of single rows.
import type { ClassificationEvaluation, RegressionEvaluation, TableReport } from "../types.ts";
import { importanceFigure, MOST_BARS } from "../charts/bars.ts";
import { calibrationFigure, prFigure, rocFigure, thresholdFigure } from "../charts/classes.ts";
import { charts, type Figure, figureHtml } from "../charts/figure.ts";
import { residualsFigure, scatterFigure, timeFigure } from "../charts/values.ts";
import { type Cell, escaped, folded, paragraph, tableHtml, word } from "../html.ts";
import { count, decimals, figure, percent } from "../numbers.ts";
import { rowsPhrase } from "../verdict.ts";

const drawn = (figures: readonly (Figure | undefined)[]): Promise<string[]> =>
  Promise.all(figures.flatMap((each) => (each ? [figureHtml(each)] : [])));

/** Classes of a confusion that have a row of their own. */
const MOST_CLASSES = 10;

/** The confusion: of many classes those with most rows, and the others as one. */
function merged({ classes, confusion }: ClassificationEvaluation): { names: string[]; counts: number[][] } {
  if (classes.length <= MOST_CLASSES) {
    return { names: classes.map((name) => word(name, 30)), counts: confusion.map((row) => [...row]) };
  }
  const total = (i: number): number => (confusion[i] ?? []).reduce((sum, n) => sum + n, 0);
  const largest = classes.map((_, i) => i).toSorted((a, b) => total(b) - total(a) || a - b).slice(0, MOST_CLASSES - 1); // prettier-ignore
  const place = (i: number): number => (largest.includes(i) ? largest.indexOf(i) : MOST_CLASSES - 1);
  const counts = Array.from({ length: MOST_CLASSES }, () => Array.from({ length: MOST_CLASSES }, () => 0));
  confusion.forEach((row, i) => row.forEach((n, j) => (counts[place(i)]![place(j)]! += n)));
  const others = `<em class="none">${count(classes.length - largest.length)} others</em>`;
  return { names: [...largest.map((i) => word(classes[i]!, 30)), others], counts };
}

function confusionHtml(of: ClassificationEvaluation): string {
  const { names, counts } = merged(of);
  const rows = counts.map((row, i) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return [
      { html: names[i]!, head: true },
      ...row.map((n, j): Cell => {
        const share = sum > 0 ? n / sum : 0;
        return { html: `${count(n)}<br><small>${percent(share)}</small>`, number: true, shade: share, kind: i === j ? "right" : "wrong" }; // prettier-ignore
      }),
    ];
  });
  return [
    "<h3>Taken for what?</h3>",
    paragraph(
      `Each line is a class, each column what its rows were taken for; the percentages are of the line. The blue cells, from the top left to the bottom right, are right; all others are mistakes, the stronger their colour the more.`,
    ),
    tableHtml({
      caption: "Actual class by predicted class",
      kind: "confusion",
      head: [{ html: "actual ↓ taken for →" }, ...names.map((html) => ({ html, number: true }))],
      rows,
    }),
  ].join("\n");
}

function perClassHtml({ perClass }: ClassificationEvaluation): string {
  const table = (some: typeof perClass, caption: string): string =>
    tableHtml({
      caption,
      head: [{ html: "class" }, ...["precision", "recall", "F1", "rows"].map((html) => ({ html, number: true }))],
      rows: some.map(({ name, precision, recall, f1, rows }) => [
        { html: word(name, 60), head: true },
        ...[precision, recall, f1].map((value): Cell => ({ html: decimals(value, 3), number: true })),
        { html: count(rows), number: true },
      ]),
    });
  const [shown, rest] = [perClass.slice(0, 15), perClass.slice(15)];
  return [
    paragraph(
      "<b>Precision</b>: of the rows that were taken for the class, the share that is of it. <b>Recall</b>: of the rows of the class, the share that was found.",
    ),
    table(shown, "Scores by class"),
    ...(rest.length > 0 ? [folded(`${count(rest.length)} more ${rest.length === 1 ? "class" : "classes"}`, table(rest, "More scores by class"))] : []), // prettier-ignore
  ].join("\n");
}

async function classesHtml(of: ClassificationEvaluation): Promise<string> {
  const figures = await drawn([rocFigure(of), prFigure(of), calibrationFigure(of), thresholdFigure(of)]);
  return [confusionHtml(of), perClassHtml(of), charts(figures)].filter(Boolean).join("\n");
}

async function valuesHtml(of: RegressionEvaluation, report: TableReport): Promise<string> {
  const [time] = await drawn([timeFigure(of, report)]);
  const pair = await drawn([scatterFigure(of, report.target), residualsFigure(of, report.target)]);
  return [time ?? "", charts(pair)].filter(Boolean).join("\n");
}

export async function evaluationSection(report: TableReport): Promise<string> {
  const { of } = report.evaluation;
  const intro = `This section looks at ${escaped(rowsPhrase(report))}, the ${report.evaluation.part} part.`;
  const body = of.task === "classification" ? await classesHtml(of) : await valuesHtml(of, report);
  return `${paragraph(intro)}\n${body}`;
}

export async function importanceSection({ importance }: TableReport): Promise<string> {
  const shape = importanceFigure(importance);
  if (!shape) return paragraph("The importance of columns wasn't computed.");
  const table = tableHtml({
    caption: "Fall of the score by column",
    head: [{ html: "column" }, ...["mean", "lowest", "highest"].map((html) => ({ html, number: true }))],
    rows: importance.map(({ column, mean, low, high }) => [
      { html: word(column), head: true },
      ...[mean, low, high].map((value): Cell => ({ html: figure(value, 3), number: true })),
    ]),
  });
  return `${await figureHtml(shape)}\n${folded(importance.length > MOST_BARS ? "All columns as a table" : "The same as a table", table, "again")}`;
}

/** Columns of a bad row that are shown: those that matter most. */
const MOST_VALUES = 5;

/** Numbers stand below one another; a cell that is missing doesn't matter. */
const isNumber = (text: string | undefined): boolean =>
  text === undefined || text.trim() === "" || Number.isFinite(Number(text.replaceAll(",", "").replace("−", "-")));

export function worstSection({ worst, importance, pipeline }: TableReport): string {
  if (worst.length === 0) return paragraph("No row was predicted badly enough to be listed.");
  const all = new Set(worst.flatMap(({ values }) => Object.keys(values)));
  const order = [...importance.map(({ column }) => column), ...pipeline.columns.map(({ name }) => name), ...all];
  const names = [...new Set(order)].filter((name) => all.has(name)).slice(0, MOST_VALUES);
  const numbers = new Set(names.filter((name) => worst.every(({ values }) => isNumber(values[name]))));
  const plain = worst.every(({ actual, predicted }) => isNumber(actual) && isNumber(predicted));
  const more = all.size > names.length ? ` Of their columns the ${names.length} most important are shown.` : "";
  return [
    paragraph(
      `These rows were predicted worst. Look them up in the table (the first one below the header is row 0): is the target mistyped, is a column missing that would explain it, or is the row simply rare? The loss says how wrong the prediction is.${more}`,
    ),
    tableHtml({
      caption: "Worst rows",
      kind: "worst",
      head: [
        { html: "row", number: true },
        { html: "actual", number: plain },
        { html: "predicted", number: plain },
        { html: "loss", number: true },
        ...names.map((name) => ({ html: word(name, 40), kind: "value", number: numbers.has(name) })),
      ],
      rows: worst.map(({ row, actual, predicted, loss, values }) => [
        { html: count(row), number: true },
        { html: word(actual, 40), number: plain },
        { html: word(predicted, 40), number: plain },
        { html: figure(loss, 3), number: true },
        ...names.map((name): Cell => ({
          html: values[name] === undefined ? "–" : word(values[name], 40),
          kind: "value",
          number: numbers.has(name),
        })),
      ]),
    }),
  ].join("\n");
}
