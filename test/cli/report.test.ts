// The report of a training on a table: what it says, and that data in it stays data.
import { type DefaultTreeAdapterMap, parse } from "parse5";
import { describe, expect, test } from "vitest";
import { visible } from "../../cli/report/html.ts";
import { fitted, widthOf } from "../../cli/report/measure.ts";
import { metricMeans, metricName } from "../../cli/report/metrics.ts";
import { decimals, figure, percent, rounded } from "../../cli/report/numbers.ts";
import { reportHtml } from "../../cli/report/page.ts";
import { barRange, roundRange, ticks, timeTicks } from "../../cli/report/ticks.ts";
import { judgement, overfitting, verdict } from "../../cli/report/verdict.ts";
import { evaluateClassification } from "../../src/tables/classification.ts";
import { evaluateRegression } from "../../src/tables/regression.ts";
import type { TableReport } from "../../src/tables/results.ts";
import {
  barestReport,
  classesReport,
  HOSTILE,
  hostileReport,
  numbersReport,
  REPORTS,
} from "../support/tableReports.ts";

type Node = DefaultTreeAdapterMap["node"];
type Element = DefaultTreeAdapterMap["element"];

const isElement = (node: Node): node is Element => "tagName" in node;
const children = (node: Node): Node[] => ("childNodes" in node ? node.childNodes : []);
const elements = (node: Node): Element[] => [...(isElement(node) ? [node] : []), ...children(node).flatMap(elements)];
const textOf = (node: Node): string => ("value" in node ? node.value : children(node).map(textOf).join(""));
const attribute = (element: Element, name: string): string | undefined => element.attrs.find((each) => each.name === name)?.value; // prettier-ignore

/** The page's elements; what a strict parser has to say of it. */
function parsed(html: string): { readonly all: Element[]; readonly faults: string[] } {
  const faults: string[] = [];
  const page = parse(html, {
    onParseError: ({ code, startLine, startCol }) => faults.push(`${code} at ${startLine}:${startCol}`),
    sourceCodeLocationInfo: true,
  });
  return { all: elements(page), faults };
}

const named = (all: readonly Element[], tag: string): Element[] => all.filter(({ tagName }) => tagName === tag);

const section = async (report: TableReport, id: string): Promise<string> => {
  const { all } = parsed(await reportHtml(report));
  const found = all.find((each) => attribute(each, "id") === id);
  return found ? textOf(found).replaceAll(/\s+/g, " ") : "";
};

/** Elements that a report is made of. */
const TAGS = "b bdi body br caption circle code dd defs details div dl dt em figcaption figure footer g h1 h2 h3 head header html li line main meta nav ol p path pre section small span style summary svg table tbody td text th thead title tr tspan ul a rect".split(" "); // prettier-ignore

describe.each(Object.entries(REPORTS))("%s", (_, make) => {
  test("is strictly HTML of known elements, names nothing outside itself and runs nothing", async () => {
    const html = await reportHtml(make());
    const { all, faults } = parsed(html);
    expect(faults).toEqual([]);
    expect(all.map(({ tagName }) => tagName).filter((tag) => !TAGS.includes(tag))).toEqual([]);
    const attributes = all.flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => /^(?:on|src|srcset|xlink:href|action|data|poster)/.test(name))).toEqual([]);
    const links = attributes.filter(({ name }) => name === "href").map(({ value }) => value);
    expect(links.length).toBeGreaterThan(5);
    const ids = attributes.filter(({ name }) => name === "id").map(({ value }) => value);
    expect(links.filter((href) => !ids.includes(href.slice(1)))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    const styles = named(all, "style").map(textOf).concat(attributes.flatMap(({ name, value }) => (name === "style" ? [value] : []))); // prettier-ignore
    expect(styles.filter((style) => /url\(|@import|http/i.test(style))).toEqual([]);
    expect(html).not.toMatch(/\b(?:NaN|undefined|null|Infinity)\b/);
  });

  test("has one title, headings in order, a caption on each table, and words for each picture", async () => {
    const { all } = parsed(await reportHtml(make()));
    const levels = all.flatMap(({ tagName }) => (/^h\d$/.test(tagName) ? [Number(tagName[1])] : []));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)).toEqual([]);
    for (const table of named(all, "table")) expect(textOf(named(elements(table), "caption")[0]!)).toMatch(/\w/);
    const pictures = named(all, "svg");
    expect(pictures.length).toBeGreaterThan(1);
    for (const svg of pictures) {
      expect(attribute(svg, "role")).toBe("img");
      expect(attribute(svg, "aria-label")).toMatch(/\w.*\d/);
    }
    for (const chart of named(all, "figure")) {
      const [caption] = named(elements(chart), "figcaption");
      expect(textOf(named(elements(caption!), "p")[0]!).length, textOf(caption!)).toBeGreaterThan(60);
    }
  });

  test("is the same text each time", async () => {
    expect(await reportHtml(make())).toBe(await reportHtml(make()));
  });
});

test("the package's own copy, of which parts of the plotting library are left out, makes the same text", async () => {
  const path = new URL("../../build/report.js", import.meta.url).href;
  const built = (await import(path)) as { readonly reportHtml: typeof reportHtml };
  for (const make of Object.values(REPORTS)) expect(await built.reportHtml(make())).toBe(await reportHtml(make()));
});

describe("hostile names", () => {
  test("are shown as they are, what can't be seen by its number", async () => {
    const { all } = parsed(await reportHtml(hostileReport()));
    const body = textOf(named(all, "body")[0]!);
    for (const name of HOSTILE.slice(0, 8)) expect(body).toContain(visible(name));
    expect(body).toContain("pay [U+202E]txt.exe[U+202C] now");
    expect(body).toContain("nul[U+0000], tab[U+0009], line[U+000A]break, half [U+D800]");
    expect(body).toContain(`${"x".repeat(59)}…`);
    expect(named(all, "title").map(textOf)).toEqual(["<script>alert(1)</script>: training report"]);
    expect(body).not.toMatch(/[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u);
  });

  test("stay inside their element in charts too", async () => {
    const { all } = parsed(await reportHtml(hostileReport()));
    const texts = named(all, "text").map(textOf);
    expect(texts.filter((each) => each.startsWith("<script>")).length).toBeGreaterThan(0);
    expect(texts).toContain("a & b &lt; &amp;");
    expect(texts).toContain("${alert(1)} {{7*7}} datum.value");
  });

  test("a name of numbers isn't rounded like a coordinate", async () => {
    const report = classesReport(["1.23456789", "2.3456789"], ["v1.23456789"]);
    const { all } = parsed(await reportHtml(report));
    expect(named(all, "text").map(textOf)).toContain("v1.23456789");
  });
});

describe("the verdict", () => {
  test("of two classes, beside the baselines", () => {
    expect(verdict(classesReport(["good", "bad"]))).toBe(
      "Predicts Status of 200 rows that it never saw with AUC\u00a00.839, 80\u00a0% of them right; always saying “good” would be right in 72\u00a0%, a logistic model reaches AUC\u00a00.831.",
    );
    expect(judgement(classesReport(["good", "bad"]))).toEqual({
      kind: "even",
      text: "A logistic model does as well, within 0.01: on this table the network's hidden layers add little, and the simple model is easier to explain.",
    });
  });

  test("of several classes", () => {
    expect(verdict(classesReport(["a", "b", "c"]))).toBe(
      "Predicts Status of 560 rows that it never saw, 80\u00a0% of them right; always saying “a” would be right in 72\u00a0%, a logistic model is right in 80\u00a0%.",
    );
  });

  test("of numbers and of a series", () => {
    expect(verdict(numbersReport(20, { series: true }))).toBe(
      "Predicts rides of 365 rows that it never saw with a typical error of 2.20 (R²\u00a00.910); always saying the mean is off by 7.20, a linear model is off by 2.20, saying the value before is off by 2.20.",
    );
    expect(judgement(numbersReport(20)).text).toBe(
      "It is better than both simple models: its hidden layers found something that these miss.",
    );
  });

  const scored = (rocAuc: number, part: "test" | "validation" | "train" = "test"): TableReport => {
    const report = classesReport(["good", "bad"]);
    const { of } = report.evaluation;
    return { ...report, evaluation: { part, of: { ...of, metrics: { ...of.metrics, rocAuc } } as typeof of } };
  };

  test("says where a simple model is better, and where all is guessing", () => {
    expect(judgement(scored(0.78))).toEqual({
      kind: "bad",
      text: "A logistic model does better. Use that, or look below for what went wrong: the findings, the curves by epoch, the worst rows.",
    });
    expect(judgement(scored(0.53)).text).toBe(
      "That is hardly better than guessing: the columns say little about the target, or there are too few rows to learn it from.",
    );
  });

  test("says what rows that weren't kept for a test are worth", () => {
    expect(verdict(scored(0.9, "train"))).toContain("of the 200 rows that it was trained on");
    expect(judgement(scored(0.9, "train")).text).toMatch(
      /But these are the rows that it was trained on: this says little of new ones\. Keep some rows for a test \(--test 0\.2\)\.$/,
    );
    expect(judgement(scored(0.9, "validation")).text).toMatch(/a little too hopeful/);
    expect(judgement(barestReport())).toEqual({
      kind: "bad",
      text: "R² can't be computed of these rows, so there is no verdict. But these are the rows that it was trained on: this says little of new ones. Keep some rows for a test (--test 0.2).",
    });
  });

  test("warns of columns that give the answer away", async () => {
    const report = classesReport(["good", "bad"]);
    const findings = [
      { kind: "leak", severity: "warning", column: "paid", message: "it predicts the target alone" },
    ] as const;
    expect(await section({ ...report, quality: { ...report.quality, findings } }, "verdict")).toContain(
      "Careful: “paid” may give the answer away.",
    );
  });
});

describe("overfitting", () => {
  const curves = (train: number[], validation: number[], best: number): TableReport => {
    const report = classesReport(["good", "bad"]);
    return { ...report, epochs: { loss: "cross-entropy", train, validation, best } };
  };

  test("where the validation loss rose while the training loss fell", () => {
    expect(overfitting(curves([0.6, 0.4, 0.2], [0.6, 0.5, 0.7], 1))).toBe(
      "After epoch 2 the training loss went on falling, from 0.400 to 0.200, but the validation loss rose, from 0.500 to 0.700: from there on the model learned the training rows by heart (it overfitted). So the weights of epoch 2 were kept. With these, AUC is 0.861 on the training rows and 0.839 on the test rows: a usual gap.",
    );
  });

  test("where it didn't, where the last epoch was the best, and where nobody can tell", () => {
    expect(overfitting(curves([0.6, 0.4, 0.39], [0.6, 0.5, 0.501], 1))).toMatch(/^After epoch 2 the validation loss didn't get lower, nor did it rise much/); // prettier-ignore
    expect(overfitting(curves([0.6, 0.4], [0.6, 0.5], 1))).toMatch(/^The validation loss was lowest in the last epoch: no sign of overfitting/); // prettier-ignore
    expect(overfitting(curves([0.6, 0.4], [], 1))).toBe(
      "No rows were held back for validation, so nobody can tell from this curve whether the model overfits: the weights of epoch 2 were kept.",
    );
  });
});

describe("parts", () => {
  test("the scores of each part stand beside those of the baselines, the best in bold", async () => {
    const { all } = parsed(await reportHtml(classesReport(["good", "bad"])));
    const table = named(all, "table").find((each) => attribute(each, "class") === "scores")!;
    const rows = named(elements(table), "tr").map((row) => children(row).map(textOf));
    expect(rows.slice(0, 4)).toEqual([
      ["score", "model", "train", "validation", "test"],
      ["AUC", "This model", "0.861", "0.846", "0.839"],
      ["Always saying “good”", "0.500", "0.500", "0.500"],
      ["Logistic model", "0.846", "0.836", "0.831"],
    ]);
    const loss = named(elements(table), "tr").find((row) => textOf(row).startsWith("Log loss"))!;
    expect(named(elements(loss), "b").map(textOf)).toEqual(["0.390", "0.375", "0.367"]);
  });

  test("every metric of an evaluation has a name, and says what it means; the least error is in bold", async () => {
    const probabilities = [0.1, 0.4, 0.35, 0.8];
    const ofClasses = evaluateClassification({ probabilities, labels: [0, 0, 1, 1], classes: ["no", "yes"] });
    const ofNumbers = evaluateRegression({ predicted: [2.5, 1, 2, 8], actual: [3, 0.5, 2, 7] });
    for (const metric of [ofClasses, ofNumbers].flatMap(({ metrics }) => Object.keys(metrics))) {
      expect(metricName(metric)).not.toBe(metric);
      expect(metricMeans(metric)).toMatch(/\.$/);
    }
    const report = numbersReport(1000);
    const { all } = parsed(
      await reportHtml({
        ...report,
        baselines: [
          { name: "linear", metrics: { train: { mape: 0.05 }, validation: { mape: 1.25 }, test: { mape: 2 } } },
        ],
      }),
    );
    const table = named(all, "table").find((each) => attribute(each, "class") === "scores")!;
    const rows = named(elements(table), "tr");
    const place = rows.findIndex((row) => textOf(row).startsWith("MAPE"));
    expect(children(rows[place + 1]!).map(textOf)).toEqual(["Linear model", "0.050", "1.250", "2.000"]);
    expect(named(elements(rows[place + 1]!), "b").map(textOf)).toEqual(["0.050"]);
  });

  test("the worst rows are counted as the report's JSON does", async () => {
    const report = numbersReport(1000);
    const { all } = parsed(await reportHtml(report));
    const table = named(all, "table").find((each) => attribute(each, "class") === "worst")!;
    const rows = named(elements(table), "tr").slice(1);
    expect(rows.map((row) => Number(textOf(children(row)[0]!)))).toEqual(report.worst.map(({ row }) => row));
    expect(await section(report, "worst")).toContain("the first one below the header is row 0");
  });

  test("many classes are shown as the largest and all others, and no row is lost", async () => {
    const report = classesReport(Array.from({ length: 25 }, (_, i) => `class ${i}`));
    const { all } = parsed(await reportHtml(report));
    const table = named(all, "table").find((each) => attribute(each, "class") === "confusion")!;
    expect(named(elements(table), "th").at(-1)).toBeDefined();
    expect(textOf(named(elements(table), "th").at(-1)!)).toBe("16 others");
    const counts = named(elements(table), "td")
      .filter((cell) => attribute(cell, "class")?.includes("shade"))
      .map((cell) => Number(textOf(children(cell)[0]!).replaceAll(",", "")));
    const { of } = report.evaluation;
    const all25 = of.task === "classification" ? of.confusion.flat().reduce((a, b) => a + b, 0) : 0;
    expect(counts).toHaveLength(100);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(all25);
  });

  test("folds, a learning curve and times have their place only where they are", async () => {
    const whole = await reportHtml(numbersReport(20, { series: true }));
    expect(whole).toContain("Would more rows help?");
    expect(whole).toContain('id="folds"');
    expect(whole).toContain("from 2016-01-01 to 2016-07-18");
    const barest = await reportHtml(barestReport());
    expect(barest).not.toContain("Would more rows help?");
    expect(barest).not.toContain('id="folds"');
    expect(barest).not.toContain("Over time");
    expect(await section(barestReport(), "importance")).toContain("The importance of columns wasn't computed.");
    expect(await section(barestReport(), "worst")).toContain("No row was predicted badly enough to be listed.");
  });

  test("the command, the seed and the fingerprint are there to be copied", async () => {
    const { all } = parsed(await reportHtml(classesReport(["good", "bad"])));
    expect(named(all, "code").map(textOf)).toEqual([
      "npx wasmgrad train loans.csv --target Status --test 0.3 --report report.html",
      "9f3c51d2a7e04b18",
      "1",
      "wasmgrad 0.9.0",
      "loans.safetensors",
      "report.html",
    ]);
  });

  test("findings: warnings first", async () => {
    const report = classesReport(["good", "bad"]);
    const findings = report.quality.findings.toReversed();
    expect(await section({ ...report, quality: { ...report.quality, findings } }, "quality")).toMatch(
      /^ ?Quality of the data 1 warning and 1 note on the data\..* Warning Missing cells: Seniority381 of .* Note Duplicate rows3 rows/,
    );
  });
});

describe("numbers", () => {
  test.each([
    [1336, "1,336"],
    [0.83649, "0.8365"],
    [12.3456, "12.35"],
    [77_148.2, "77,148"],
    [-0.00012, "−0.0001200"],
    [0.0000123, "1.23e−5"],
    [1e20, "1.00e20"],
    [0, "0"],
    [NaN, "–"],
    [9.99996, "10.00"],
  ])("figure(%d) is %s", (value, text) => {
    expect(figure(value)).toBe(text);
  });

  test("shares say all or nothing only where that is so", () => {
    expect([0, 0.004, 0.00004, 0.5, 0.996, 0.99996, 1].map(percent)).toEqual(
      ["0", "0.4", "0.004", "50", "99.6", "99.996", "100"].map((n) => `${n}\u00a0%`),
    );
  });

  test("a negative zero has no sign, digits are grouped by three", () => {
    expect([decimals(-0.0001, 2), decimals(-1234567.5, 1), rounded(77_148)]).toEqual([
      "0.00",
      "−1,234,567.5",
      "77,100",
    ]);
  });
});

describe("ticks", () => {
  const labels = (found: readonly { readonly label: string }[]): string[] => found.map(({ label }) => label);

  test("are round, and written alike", () => {
    expect(labels(ticks(0, 1, 5))).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(labels(ticks(-3, 11, 4))).toEqual(["0", "5", "10"]);
    expect(labels(ticks(0, 900_000, 3))).toEqual(["0", "500k"]);
    expect(labels(ticks(0, 6.4e7, 4))).toEqual(["0", "20M", "40M", "60M"]);
    expect(labels(ticks(0, 4e-12, 2))).toEqual(["0", "2e−12", "4e−12"]);
    expect(labels(ticks(0, 3e20, 3))).toEqual(["0", "1e20", "2e20", "3e20"]);
  });

  test("of times begin where years, months, days or hours do", () => {
    const at = (text: string): number => Date.parse(text);
    expect(labels(timeTicks(at("2015-08-30"), at("2016-08-28"), 4))).toEqual([
      "2015-10",
      "2016-01",
      "2016-04",
      "2016-07",
    ]);
    expect(labels(timeTicks(at("1961-03-01"), at("2016-08-28"), 6))).toEqual(["1970", "1980", "1990", "2000", "2010"]);
    expect(labels(timeTicks(at("2016-01-01"), at("2016-01-05"), 5))).toEqual(["2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2016-01-05"]); // prettier-ignore
    expect(labels(timeTicks(at("2016-01-01T00:00Z"), at("2016-01-01T12:00Z"), 5))).toEqual(["00:00", "03:00", "06:00", "09:00", "12:00"]); // prettier-ignore
  });

  test("ranges hold all values, also one alone", () => {
    expect(roundRange([0.43, 0.87])).toEqual([0.4, 1]);
    expect(roundRange([5])).toEqual([2.5, 7.5]);
    expect(roundRange([])).toEqual([0, 1]);
    expect(roundRange([0, 0], { zero: true })).toEqual([0, 1]);
    expect(barRange([0.43, 0.87])).toEqual([0, 1]);
    expect(barRange([-0.1, 0.87])[0]).toBeLessThan(-0.1);
  });
});

describe("texts of charts", () => {
  test("that are too long keep their beginning and their end", () => {
    const name = "a column whose name somebody made of a whole sentence 12";
    const short = fitted(name, 150);
    expect(short).toMatch(/^a column.*….* 12$/);
    expect(widthOf(short)).toBeLessThanOrEqual(150);
    expect(fitted("short", 150)).toBe("short");
  });
});
