// Sections on the data: what was found in it, its rows, its columns.
import type { Finding, TableReport } from "../types.ts";
import { type Cell, escaped, folded, list, paragraph, said, tableHtml, word } from "../html.ts";
import { count, counted, percent } from "../numbers.ts";
import { dividedSentence, testIsFile, withoutHistory } from "../rows.ts";
import { findingsSummary } from "../verdict.ts";

const KINDS: Readonly<Record<Finding["kind"], string>> = {
  missing: "Missing cells",
  constant: "Constant",
  duplicates: "Duplicate rows",
  leak: "Leak",
  outliers: "Outliers",
  imbalance: "Class balance",
  drift: "Drift",
  "few-rows": "Few rows",
  identifier: "Identifier",
  text: "Text",
  "high-cardinality": "Many categories",
};

export function qualitySection(report: TableReport): string {
  const { findings } = report.quality;
  const sorted = findings.toSorted((a, b) => Number(b.severity === "warning") - Number(a.severity === "warning"));
  const items = sorted.map(
    ({ kind, severity, column, message }) =>
      `<b class="${severity}">${severity === "warning" ? "Warning" : "Note"}</b> <span class="about">${escaped(KINDS[kind] ?? kind)}${column === undefined ? "" : `: ${word(column, 60)}`}</span><br>${said(message)}`,
  );
  const [first, rest] = [items.slice(0, 12), items.slice(12)];
  return [
    paragraph(escaped(findingsSummary(report))),
    ...(first.length > 0 ? [list(first, "findings")] : []),
    ...(rest.length > 0 ? [folded(`${count(rest.length)} more`, list(rest, "findings"))] : []),
  ].join("\n");
}

const number = (html: string): Cell => ({ html, number: true });

export function rowsSection(report: TableReport): string {
  const { rows, quality, target, task } = report;
  const others = testIsFile(report);
  const first = withoutHistory(report);
  const total = Math.max(1, rows.total);
  const parts: { name: string; rows: number; use: string; apart?: boolean }[] = [
    { name: "Training", rows: rows.train, use: "the weights are fitted to these" },
    { name: "Validation", rows: rows.validation, use: "say when to stop, and which epoch to keep" },
    {
      name: "Test",
      rows: rows.test,
      use: `${others ? "all of the file of --test; " : ""}touched once, at the end: how good it is on new rows`,
      apart: others,
    },
    { name: "Left out", rows: rows.left, use: "in no part, such as rows without a target" },
  ];
  const table = tableHtml({
    caption: "Rows by part",
    head: [{ html: "part" }, { html: "rows", number: true }, { html: "share", number: true }, { html: "what for" }],
    rows: parts
      .filter((part) => part.rows > 0 || part.name === "Training")
      .map((part) => [
        { html: part.name, head: true },
        number(count(part.rows)),
        part.apart ? number("") : { ...number(percent(part.rows / total)), bar: part.rows / total },
        { html: part.use },
      ]),
  });
  const classes = task === "classification" ? quality.classes : undefined;
  const [shown, rest] = [classes?.slice(0, 12) ?? [], classes?.slice(12) ?? []];
  const classTable = (some: typeof shown, caption: string): string =>
    tableHtml({
      caption,
      head: [{ html: "class" }, { html: "rows", number: true }, { html: "share", number: true }],
      rows: some.map(({ name, rows: n, share }) => [
        { html: word(name, 60), head: true },
        number(count(n)),
        { ...number(percent(share)), bar: share },
      ]),
    });
  return [
    paragraph(
      `${said(dividedSentence(report))} A model is judged by rows that it wasn't trained on, as those that will come.`,
    ),
    table,
    ...(first > 0
      ? [
          paragraph(
            `${first === 1 ? "The first training row isn't" : `The first ${count(first)} training rows aren't`} counted here: a row of a series is predicted from rows before it, and there are too few before ${first === 1 ? "this one" : "these"}.`,
          ),
        ]
      : []),
    ...(others ? [paragraph("The rows to test with aren't of this table but of the file given by --test.")] : []),
    ...(classes && classes.length > 0
      ? [
          classTable(shown, `Classes of ${target.length > 60 ? "the target" : target}`),
          ...(rest.length > 0 ? [folded(`${count(rest.length)} more classes`, classTable(rest, "More classes"))] : []),
        ]
      : []),
  ].join("\n");
}

const SHOWN = 15;

const missingText = (cells: number | undefined): string => (cells ? `, ${count(cells)} missing` : "");

export function columnsSection({ pipeline, quality }: TableReport): string {
  const missing = new Map(quality.columns.map((column) => [column.name, column.missing]));
  const table = (columns: typeof pipeline.columns, caption: string): string =>
    tableHtml({
      caption,
      kind: "columns",
      head: [{ html: "column" }, { html: "what is done with it" }, { html: "numbers", number: true }],
      rows: columns.map(({ name, type, steps, features }) => [
        { html: `${word(name, 60)}<br><small>${escaped(type)}${missingText(missing.get(name))}</small>`, head: true },
        { html: steps.length === 0 ? "taken as it is" : said(steps.join("; ")), kind: "long" },
        number(count(features)),
      ]),
    });
  const { columns, dropped, features } = pipeline;
  const rest = columns.slice(SHOWN);
  const without = tableHtml({
    caption: "Columns that aren't used",
    head: [{ html: "column" }, { html: "why" }],
    rows: dropped.map(({ name, reason }) => [
      { html: word(name, 60), head: true },
      { html: said(reason), kind: "long" },
    ]),
  });
  return [
    paragraph(
      `A network takes numbers, so ${counted(columns.length, "column")} became ${counted(features, "number")} a row. Means, deviations and categories are those of the ` +
        `training rows alone; they are kept in the model's file, so that it takes rows as they are in the table.`,
    ),
    ...(columns.length > 0 ? [table(columns.slice(0, SHOWN), "Columns that are used")] : []),
    ...(rest.length > 0
      ? [folded(`${counted(rest.length, "more column")}`, table(rest, "More columns that are used"))]
      : []),
    ...(dropped.length === 0 ? [] : dropped.length > SHOWN ? [folded(`${counted(dropped.length, "column")} not used`, without)] : [without]), // prettier-ignore
  ].join("\n");
}
