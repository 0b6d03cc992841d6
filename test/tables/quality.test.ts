// What is said of data: each finding where it should be, and not where it shouldn't.
import { describe, expect, test } from "vitest";
import type { InferOptions } from "../../src/data/infer.ts";
import { split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import type { Table } from "../../src/data/tableTypes.ts";
import { qualityReport, type QualityOptions } from "../../src/tables/quality.ts";
import type { Finding } from "../../src/tables/results.ts";
import { refuses } from "../support/refusals.ts";
import { generator } from "../support/seeded.ts";

type Cells = Readonly<Record<string, (i: number, random: () => number) => unknown>>;

/** A table of columns whose cells are by their row and by chance. */
function make(rows: number, cells: Cells, types: InferOptions = {}): Table {
  const columns = Object.entries(cells).map(([name, cell], place) => {
    const random = generator(place + 1);
    return [name, Array.from({ length: rows }, (_, i) => cell(i, random))];
  });
  return table(Object.fromEntries(columns)).infer(types);
}

const size = (_: number, random: () => number): number => random();
const repaid = (i: number): string => ((i * 7919) % 10 < 7 ? "yes" : "no");

const found = (train: Table, options: QualityOptions = {}): readonly Finding[] =>
  qualityReport(train, options).findings;
const messages = (train: Table, options: QualityOptions = {}): string[] =>
  found(train, options).map(({ severity, message }) => `${severity}: ${message}`);

test("nothing is said of data that are as they should be", () => {
  const good = make(400, { size, weight: size, colour: (i) => "rgb"[(i * i) % 3], repaid });
  expect(found(good, { target: "repaid" })).toEqual([]);
  expect(found(good, { target: "size" })).toEqual([]);
  expect(found(good)).toEqual([]);
  const { train, validation, test: last } = split(good, { validation: 80, test: 80 });
  const report = qualityReport(train, { target: "repaid", validation: validation!, test: last!, parameters: 50 });
  expect(report).toEqual({
    rows: 240,
    columns: good.columns.map(({ name, type, reason }) => ({ name, type, missing: 0, reason })),
    findings: [],
    classes: [
      { name: "no", rows: expect.any(Number), share: expect.closeTo(0.3, 1) },
      { name: "yes", rows: expect.any(Number), share: expect.closeTo(0.7, 1) },
    ],
  });
  expect(JSON.parse(JSON.stringify(report))).toEqual({ ...report });
});

describe("missing cells", () => {
  test("some are a note, many a warning; none of both", () => {
    const gaps = make(200, {
      a: (i, random) => (i % 10 === 3 ? null : random()),
      b: (i, random) => (i % 10 < 3 ? null : random()),
      c: (i, random) => (i % 100 < 29 ? null : random()),
      d: size,
    });
    expect(messages(gaps)).toEqual([
      'warning: "b" is missing in 60 of 200 rows (30 %): much of what a model sees would be filled in; find out why, or leave the column out',
      'note: "a" is missing in 20 of 200 rows (10 %): what is filled in for them is a guess; ask why they are missing',
      'note: "c" is missing in 58 of 200 rows (29 %): what is filled in for them is a guess; ask why they are missing',
    ]);
  });

  test("words that are taken as missing are named, as they may be values", () => {
    const alleys = make(200, { alley: (i) => (i % 3 > 0 ? "None" : "xyz"[i % 2]), size });
    expect(messages(alleys)).toEqual([
      'warning: "alley" is missing in 133 of 200 rows (67 %; written "None"): if such a word is a value of its own, say which ones aren\'t (missing: [""]), or leave the column out',
    ]);
  });

  test("cells that are no numbers or dates are named, with what to do", () => {
    const odd = make(400, {
      age: (i) => (i === 17 ? "many" : i === 30 ? "few" : 20 + (i % 50)),
      when: (i) => (i === 5 ? "soon" : `2024-01-${10 + (i % 19)}`),
      size,
    });
    expect(messages(odd)).toEqual([
      'warning: "age" has 2 cells that are no numbers and are taken as missing: "many" in row 17, "few" in row 30 of the table: mend them, or if such a word stands for what isn\'t known, say so (missing: ["many"])',
      'warning: "when" has 1 cell that is no date and is taken as missing: "soon" in row 5 of the table: mend it, or if such a word stands for what isn\'t known, say so (missing: ["soon"])',
    ]);
    const both = make(400, { age: (i) => (i === 17 ? "many" : i % 10 === 3 ? "" : 20 + (i % 50)), size });
    expect(messages(both)).toEqual([
      'warning: "age" has 1 cell that is no number and is taken as missing: "many" in row 17 of the table: mend it, or if such a word stands for what isn\'t known, say so (missing: ["many"])',
      'note: "age" is missing in 41 of 400 rows (10 %): what is filled in for them is a guess; ask why they are missing',
    ]);
  });

  test("many columns are one finding, the emptiest first", () => {
    const cell = (often: number) => (i: number, random: () => number) => (i % often === 1 ? null : random());
    const gaps = make(300, { a: cell(20), b: cell(30), c: cell(10), d: cell(150), e: cell(60), f: cell(100), g: size });
    expect(found(gaps)).toEqual([
      {
        kind: "missing",
        severity: "note",
        columns: ["c", "a", "b", "e", "f", "d"],
        figure: 0.1,
        message:
          '6 columns have missing cells: "c" (10 %), "a" (5 %), "b" (3.3 %), "e" (1.7 %), "f" (1 %) and 1 more; what is filled in for them is a guess; ask why they are missing',
      },
    ]);
  });

  test("rows without a target", () => {
    const gaps = make(200, { size, repaid: (i) => (i % 20 === 7 ? null : repaid(i)) });
    expect(messages(gaps, { target: "repaid" })).toEqual([
      'note: "repaid" is missing in 10 of 200 rows (5 %): rows without a target are neither learnt from nor tested',
    ]);
  });
});

describe("columns that tell nothing", () => {
  test("constants, also in training alone; identifiers; texts", () => {
    const all = make(300, {
      id: (i) => `k${i}`,
      empty: () => null,
      land: () => "CH",
      year: (i) => (i < 200 ? 2025 : 2026),
      flag: (i) => (i === 5 ? "b" : "a"),
      note: (i) => `a text of its own number ${i}`,
      street: (i) => `way ${i % 100}`,
      size,
    });
    const train = all.take(Array.from({ length: 200 }, (_, i) => i));
    expect(messages(train)).toEqual([
      'note: "empty" is empty in all 200 rows to train on: there is nothing to learn from it, and it isn\'t used',
      'note: "land" is "CH" in all 200 rows to train on: there is nothing to learn from it, and it isn\'t used',
      'note: "year" is 2025 in all 200 rows to train on: there is nothing to learn from it, and it isn\'t used',
      'note: "id" is an identifier: it names rows, tells nothing about new ones, and isn\'t used',
      'note: "note" is text (200 different texts), which isn\'t used; make columns of what matters in it',
      'note: "street" is text (100 different texts), which isn\'t used; make columns of what matters in it, or say that its texts are kinds (types: { street: "category" })',
    ]);
    // not of the target
    expect(found(all, { target: "year" }).filter(({ kind }) => kind === "constant")).toHaveLength(2);
  });

  test("categories of many words", () => {
    const types = { types: { many: "category", rare: "category", often: "category", some: "category" } } as const;
    const words = make(
      2000,
      {
        many: (i) => `m${(i * i) % 797}`,
        rare: (i) => (i % 20 === 0 ? `r${i}` : `w${i % 7}`),
        often: (i) => `o${i % 40}`,
        some: (i) => (i === 0 ? "one" : i === 1 ? "two" : `s${i % 15}`),
        size,
      },
      types,
    );
    expect(messages(words)).toEqual([
      "note: 2,000 rows to train on are few for 564 inputs (5,640 would be 10 each): leave out columns, or collect more rows",
      'note: "many" has 399 different words: from the few rows of each little is learnt; join those that mean the same, or leave the column out',
      'note: "rare" has 107 different words, 100 of them once: from the few rows of each little is learnt; join those that mean the same, or leave the column out',
    ]);
  });
});

describe("duplicated rows", () => {
  test("in training, and in training and test", () => {
    const base = make(300, { size, weight: size, kind: (i) => "ab"[i % 2] });
    const rows = Array.from({ length: 300 }, (_, i) => i);
    const train = base.take([...rows.slice(0, 200), 3, 3]);
    const last = base.take([...rows.slice(200), 5, 6]);
    expect(messages(train, { test: last })).toEqual([
      'warning: 2 rows of the test (2 %) are equal in all columns to one of training (row 100 is row 5 of training): what is known by heart makes the figures too good; remove duplicates before the table is divided, or keep what belongs together in one part (by: "group")',
      "note: 2 rows of training (1 %) are equal in all columns to a row before (row 200 is row 3): remove what was entered twice before the table is divided, or it counts twice and comes into two parts",
    ]);
    expect(messages(base.take([...rows, ...rows.slice(0, 20)]))).toEqual([
      "warning: 20 rows of training (6.3 %) are equal in all columns to a row before (row 300 is row 0): remove what was entered twice before the table is divided, or it counts twice and comes into two parts",
    ]);
    expect(messages(base.take(rows.slice(0, 200)), { test: base.take([...rows.slice(200), 7]) })).toEqual([
      'note: 1 row of the test (1 %) is equal in all columns to one of training (row 100 is row 7 of training): what is known by heart makes the figures too good; remove duplicates before the table is divided, or keep what belongs together in one part (by: "group")',
    ]);
  });

  test("words are compared by their letters, identifiers not at all, missing cells with each other", () => {
    const train = table({ id: ["a", "b", "c", "d"], size: [1.5, 2.5, null, 0], kind: ["x", "y", null, "y"] }).infer({
      types: { id: "identifier" },
    });
    const last = table({ id: ["e", "f", "g", "h"], size: [2.5, 1.5, null, -0], kind: ["y", "y", null, "y"] }).infer({
      types: { id: "identifier" },
    });
    const [finding] = found(train, { test: last }).filter(({ kind }) => kind === "duplicates");
    expect([finding!.figure, finding!.message]).toEqual([
      0.75,
      '3 rows of the test (75 %) are equal in all columns but identifiers to one of training (row 0 is row 1 of training): what is known by heart makes the figures too good; remove duplicates before the table is divided, or keep what belongs together in one part (by: "group")',
    ]);
  });

  test("not where columns of few values make them likely; and with a doubt where they depend on each other", () => {
    const few = make(500, {
      a: (_, r) => Math.floor(r() * 3),
      b: (_, r) => (r() < 0.5 ? "yes" : "no"),
      c: (_, r) => "xyz"[Math.floor(r() * 3)],
    });
    expect(found(few)).toEqual([]);
    const kin = Object.fromEntries(
      Array.from({ length: 16 }, (_, k) => [`v${k}`, (i: number) => ((i * 37) % 29 > k ? "yes" : "no")]),
    );
    expect(messages(make(200, { ...kin, w: (i) => "abcdefgh"[(i * 37) % 8] }))).toEqual([
      "note: 82 rows of training (41 %) are equal in all columns to a row before (row 10 is row 2); they may be different cases that look alike, as every column has few values: remove what was entered twice before the table is divided, or it counts twice and comes into two parts",
      "note: 200 rows to train on are few for 24 inputs (240 would be 10 each): leave out columns, or collect more rows",
    ]);
  });
});

describe("leaks", () => {
  const base = { size, repaid };
  const said = (cells: Cells, options: QualityOptions = { target: "repaid" }, rows = 400): string[] =>
    messages(make(rows, { ...base, ...cells }), options);

  test("a number that orders the classes, and one whose ranges are the classes", () => {
    expect(said({ reminders: (i, r) => (repaid(i) === "no" ? 2 + r() : 2.02 * r()) })).toEqual([
      'warning: "reminders" alone predicts "repaid" with AUC 0.999: it may only be known afterwards; leave it out (columns: { reminders: "drop" } or --drop reminders) if so',
    ]);
    expect(
      said({ "days late": (i, r) => (repaid(i) === "no" ? (r() < 0.5 ? -2 - r() : 2 + r()) : 2 * r() - 1) }),
    ).toEqual([
      'warning: "days late" alone predicts "repaid" with AUC 1.000: it may only be known afterwards; leave it out (columns: { "days late": "drop" } or --drop "days late") if so',
    ]);
    // good, but not too good: AUC 0.97
    expect(said({ score: (i, r) => (repaid(i) === "no" ? 0.75 + r() : r()) })).toEqual([]);
  });

  test("a word for each class; but not words that come once or twice", () => {
    expect(said({ state: (i) => (repaid(i) === "no" ? "sued" : "xyz"[i % 3]) })).toEqual([
      'warning: "state" alone predicts "repaid" with AUC 1.000: it may only be known afterwards; leave it out (columns: { state: "drop" } or --drop state) if so',
    ]);
    const types = { types: { who: "category" } } as const;
    const who = make(400, { size, repaid, who: (i) => `p${i}` }, types);
    expect(found(who, { target: "repaid" }).map(({ kind }) => kind)).toEqual(["few-rows", "high-cardinality"]);
  });

  test("cells that are missing where the target is a class", () => {
    expect(said({ sued: (i, r) => (repaid(i) === "no" ? r() : null) }).filter((each) => each.includes("AUC"))).toEqual([
      'warning: cells of "sued" are missing exactly where "repaid" is "yes" (AUC 1.000): it may be filled in only afterwards; leave it out (columns: { sued: "drop" } or --drop sued) if so',
    ]);
    const nearly = said({ sued: (i, r) => (repaid(i) === "no" ? (i === 9 || i === 8 ? r() : null) : r()) });
    expect(nearly.filter((each) => each.includes("AUC"))).toEqual([
      'warning: cells of "sued" are filled exactly where "repaid" is "yes" (AUC 1.000): it may be filled in only afterwards; leave it out (columns: { sued: "drop" } or --drop sued) if so',
    ]);
    // half of them tell, which is no leak
    expect(
      said({ sued: (i, r) => (repaid(i) === "no" && i % 2 ? r() : null) }).filter((each) => each.includes("AUC")),
    ).toEqual([]);
  });

  test("of several classes, and of more than three columns", () => {
    const kind = (i: number): string => ["low", "middle", "high"][(i * i + i) % 3 === 2 ? 1 : (i * 7) % 2 ? 0 : 2]!;
    const grade = (i: number): number => ["low", "middle", "high"].indexOf(kind(i));
    const several = make(600, { size, kind, grade: (i, r) => grade(i) + 0.9 * r() });
    expect(messages(several, { target: "kind" })).toEqual([
      'warning: "grade" alone predicts "kind" with AUC 1.000: it may only be known afterwards; leave it out (columns: { grade: "drop" } or --drop grade) if so',
    ]);
    const copies = Object.fromEntries(
      "abcdefg".split("").map((name, k) => [name, (i: number) => (repaid(i) === "no" ? k : k + 1)]),
    );
    expect(found(make(400, { ...base, ...copies }), { target: "repaid" })).toEqual([
      {
        kind: "leak",
        severity: "warning",
        columns: ["a", "b", "c", "d", "e", "f", "g"],
        figure: 1,
        message:
          '7 columns alone predict "repaid" with AUC above 0.98: "a" (AUC 1.000), "b" (AUC 1.000), "c" (AUC 1.000), "d" (AUC 1.000), "e" (AUC 1.000) and 2 more; they may only be known afterwards; leave those out that are (columns: { NAME: "drop" } or --drop NAME)',
      },
    ]);
  });

  test("of numbers: linear, in the same order, by groups", () => {
    const price = (_: number, r: () => number): number => 100 * r();
    const column = (train: Table): string[] => messages(train, { target: "price" });
    const prices = Array.from(
      { length: 600 },
      (
        (random) => () =>
          price(0, random)
      )(generator(9)),
    );
    const says = (cell: (y: number, r: () => number, i: number) => unknown): string[] =>
      column(make(600, { size, price: (i) => prices[i], other: (i, r) => cell(prices[i]!, r, i) }));
    expect(says((y, r) => 3 * y + 5 * r())).toEqual([
      'warning: "other" alone predicts "price" with R2 0.999: it may only be known afterwards; leave it out (columns: { other: "drop" } or --drop other) if so',
    ]);
    expect(says((y) => y * y * y)).toEqual([
      'warning: "other" alone predicts "price" with R2 1.000: it may only be known afterwards; leave it out (columns: { other: "drop" } or --drop other) if so',
    ]);
    expect(says((y) => (y > 50 ? 200 - y : y))).toEqual([
      'warning: "other" alone predicts "price" with R2 0.994: it may only be known afterwards; leave it out (columns: { other: "drop" } or --drop other) if so',
    ]);
    expect(says((y) => `band ${Math.floor(y / 5)}`)).toEqual([
      'warning: "other" alone predicts "price" with R2 0.997: it may only be known afterwards; leave it out (columns: { other: "drop" } or --drop other) if so',
    ]);
    // near, but no leak
    expect(says((y, r) => y + 20 * r())).toEqual([]);
    expect(says((y) => `band ${Math.floor(y / 20)}`)).toEqual([]);
    // a series grows with its date
    const day = (i: number): Date => new Date(Date.UTC(2020, 0, 1 + i));
    expect(found(make(300, { day, sold: (i, r) => i + r() }), { target: "sold", task: "series" })).toEqual([]);
  });

  test("few rows prove nothing", () => {
    const few = make(12, { a: (i) => (i < 2 ? 5 + i : i / 12), y: (i) => (i < 2 ? "yes" : "no") });
    expect(found(few, { target: "y" }).filter(({ kind }) => kind === "leak")).toEqual([]);
    const more = make(40, { a: (i) => (i < 20 ? 5 + i : i / 40), y: (i) => (i < 20 ? "yes" : "no") });
    expect(found(more, { target: "y" }).filter(({ kind }) => kind === "leak")).toHaveLength(1);
    const two = make(9, { a: (i) => i / 2, y: (i) => i * 3 });
    expect(found(two, { target: "y" }).filter(({ kind }) => kind === "leak")).toEqual([]);
  });
});

describe("outliers", () => {
  test("far numbers with their rows; numbers that stand for something else", () => {
    const normal = (r: () => number): number => r() + r() + r() + r();
    const far = make(500, {
      a: (i, r) => (i === 77 ? 40 : i === 80 ? -30 : normal(r)),
      b: (i, r) => (i % 100 === 3 ? 999 : Math.round(20 * normal(r))),
      c: (_, r) => normal(r),
      // long tails are usual for amounts
      d: (_, r) => 1 / (0.02 + r()),
      // most are 0
      e: (i, r) => (i % 5 ? 0 : 10 * r()),
      f: (i) => (i === 3 ? 90 : i % 4),
    });
    expect(messages(far)).toEqual([
      'warning: "b" is 999 in 5 rows, far from all other numbers (12 to 72): if it stands for something that isn\'t known, say so (missing: ["999"])',
      'note: "a" has 2 numbers far from the others (0.4 %; outside -2.74063 to 6.78033: 40, -30 in rows 77, 80 of training): look whether they are right; if so, log1p or robustScale keep them from outweighing the rest',
    ]);
    const zeros = make(500, { e: (i, r) => (i === 50 ? 5000 : i % 5 ? 0 : 10 * r()), size });
    expect(messages(zeros)).toEqual([
      'note: "e" has 1 number far from the others (0.2 %; above 142.128: 5000 in row 50 of training): look whether it is right; if so, log1p or robustScale keeps it from outweighing the rest',
    ]);
  });
});

describe("classes", () => {
  const share = (rows: number, of: number) => ({ size, y: (i: number) => (i < rows ? "yes" : "no"), of: () => of });
  test("rare ones, one row, one class", () => {
    const y = (rows: number, all: number): string[] =>
      messages(make(all, share(rows, all)).select(["size", "y"]), { target: "y" });
    expect(y(90, 1000)).toEqual([
      'warning: "y" has a rare class ("yes" 90 rows, 9 %): always saying "no" is right in 91 % of the rows, so don\'t judge by accuracy: look at what is found of the rare ones, at ROC and precision-recall',
    ]);
    expect(y(100, 1000)).toEqual([]);
    expect(y(19, 60)).toEqual([
      'warning: "y" has a rare class ("yes" 19 rows, 32 %): figures of a class with so few rows say little; collect more of them, or join classes',
    ]);
    expect(y(20, 60)).toEqual([]);
    expect(y(1, 60)).toEqual([
      'warning: "y" has a rare class ("yes" 1 row, 1.7 %): figures of a class with so few rows say little; collect more of them, or join classes',
      'warning: "y" has a class with one row in training ("yes"): nothing can be learnt of one row, nor tested with the same; leave such rows out, or join the class with another',
    ]);
    expect(messages(make(60, { size, y: () => "no" }), { target: "y" })).toEqual([
      'warning: "y" is "no" in every row, so there is nothing to learn; at least two classes are needed',
    ]);
    // a fifth of an equal share: of five classes 4 %
    const five = (rare: number): string[] =>
      messages(make(1000, { size, y: (i) => (i < rare ? "e" : "abcd"[i % 4]) }), { target: "y" });
    expect(five(39)).toEqual([
      'warning: "y" has a rare class ("e" 39 rows, 3.9 %): always saying "d" is right in 24 % of the rows, so don\'t judge by accuracy: look at what is found of the rare ones, at ROC and precision-recall',
    ]);
    expect(five(40)).toEqual([]);
  });

  test("classes that a part has alone, or hasn't", () => {
    const all = make(300, { size, y: (i) => (i < 100 ? "a" : i < 200 ? "b" : "c") });
    const rows = (from: number, to: number): Table => all.take(Array.from({ length: to - from }, (_, i) => from + i));
    expect(messages(rows(50, 200), { target: "y", test: rows(150, 250) }).slice(0, 2)).toEqual([
      'warning: 50 rows of the test have classes of "y" that no row to train on has ("c"): these can\'t be predicted; divide by: "stratified"',
      'warning: no row of the test is of a class of "y" that training has ("a", 33 % of training), so its figures say nothing about it; divide by: "stratified", or look how the rows are ordered',
    ]);
  });

  test("numbers can be classes", () => {
    const report = qualityReport(make(300, { size, grade: (i) => [3, 1, 2][i % 3] }), {
      target: "grade",
      task: "classification",
    });
    expect(report.classes).toEqual(["1", "2", "3"].map((name) => ({ name, rows: 100, share: 1 / 3 })));
  });
});

describe("drift", () => {
  const parts = (all: Table, at: number): [Table, QualityOptions] => [
    all.take(Array.from({ length: at }, (_, i) => i)),
    { test: all.take(Array.from({ length: all.rows - at }, (_, i) => at + i)) },
  ];

  test("a trend, by time and without", () => {
    const trend = make(500, { price: (i, r) => i / 50 + 5 * r(), size });
    expect(messages(...parts(trend, 400))).toEqual([
      'warning: "price" differs between training and test (KS 0.78; median 6.293 in training, 11.23 in test): what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
    ]);
    const day = (i: number): Date => new Date(Date.UTC(2025, 0, 1 + i));
    const dated = make(500, { day, price: (i, r) => i / 50 + 5 * r(), size });
    expect(messages(...parts(dated, 400))).toEqual([
      'warning: "price" differs between training and test (KS 0.80; median 6.603 in training, 11.31 in test): these rows are later, and what is learnt may not hold for them; learn from recent rows, or give changes instead of amounts',
    ]);
    // earlier rows than those that were learnt from
    const [early, { test: late }] = parts(dated, 400);
    expect(messages(late!, { test: early })[0]).toBe(
      'warning: "day" differs between training and test (KS 1.00; median 2026-03-26 12:00 in training, 2025-07-19 12:00 in test): what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
    );
    // a small difference
    const slow = make(500, { price: (i, r) => i / 500 + 5 * r(), size });
    expect(messages(...parts(slow, 400))).toEqual([]);
  });

  test("words, new ones and missing cells", () => {
    const words = make(600, {
      city: (i, r) => (r() < (i < 400 ? 0.2 : 0.7) ? "Ulm" : "Bern"),
      kind: (i) => (i >= 400 && i % 8 === 0 ? "new" : "abc"[i % 3]),
      rain: (i, r) => (i >= 400 && i % 2 ? null : r()),
      size,
    });
    expect(messages(...parts(words, 400))).toEqual([
      'warning: "city" differs between training and test (47 % of the cells would have to change; "Ulm" 22 % in training, 69 % in test): what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
      'warning: "rain" differs between training and test (0 % of the cells are missing in training, 50 % in test): what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
      'warning: "kind" has 1 word in the test that training hasn\'t, in 25 rows (13 %; "new" 25): a model knows nothing about them; join rare words, or learn from more rows',
    ]);
  });

  test("words of tables that were read apart; columns that became something else", () => {
    const one = table({
      city: Array.from({ length: 100 }, (_, i) => (i % 2 ? "Bern" : "Ulm")),
      size: Array.from({ length: 100 }, (_, i) => i / 4),
    }).infer();
    const other = table({
      city: Array.from({ length: 100 }, (_, i) => (i % 2 ? "Ulm" : "Bern")),
      size: Array.from({ length: 100 }, (_, i) => ((i * 7) % 100) / 4),
    }).infer();
    expect(found(one, { test: other }).filter(({ kind }) => kind === "drift")).toEqual([]);
    const odd = table({
      city: Array.from({ length: 100 }, (_, i) => i % 9),
      size: Array.from({ length: 100 }, (_, i) => ((i * 7) % 100) / 4),
    }).infer();
    expect(messages(one, { test: odd })).toEqual([
      'warning: "city" is category in training, but number in the test (all 100 cells are numbers from 0 to 8): read both with the same types',
    ]);
  });

  test("many columns are one finding; the target is named", () => {
    const cell = (k: number) => (i: number, r: () => number) => (i * k) / 500 + r();
    const many = make(500, { a: cell(1), b: cell(2), c: cell(3), d: cell(4), e: cell(5), f: cell(6), g: size });
    expect(messages(...parts(many, 400))).toEqual([
      'warning: 6 columns differ between training and test: "f" (KS 0.94), "e" (KS 0.93), "d" (KS 0.92), "c" (KS 0.85), "b" (KS 0.80) and 1 more; what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
    ]);
    const [train, options] = parts(make(500, { size, y: cell(4) }), 400);
    expect(messages(train, { ...options, target: "y" })).toEqual([
      'warning: "y", the target, differs between training and test (KS 0.93; median 2.103 in training, 4.096 in test): what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters',
    ]);
  });
});

describe("few rows", () => {
  test("for the inputs, and for the parameters", () => {
    const few = make(45, { a: size, b: size, c: (i) => "xyz"[i % 3], y: (i) => (i % 2 ? "yes" : "no") });
    expect(messages(few, { target: "y" })).toEqual([
      "note: 45 rows to train on are few for 5 inputs (50 would be 10 each): leave out columns, or collect more rows",
    ]);
    expect(messages(few, { target: "y", features: 4, parameters: 45 })).toEqual([]);
    expect(messages(few, { target: "y", features: 60, parameters: 1500 })).toEqual([
      "warning: 45 rows to train on are few for 60 inputs (600 would be 10 each): leave out columns, or collect more rows",
      "note: the model has 1,500 parameters, more than the 45 rows to train on: it can know them by heart, so watch the loss on other rows; take smaller layers, dropout or weight decay, and stop early",
    ]);
  });
});

test("more than 100,000 rows: leaks and drift are looked for in some", () => {
  const random = generator(5);
  const numbers = Float64Array.from({ length: 120_000 }, () => random());
  const big = table({
    size: numbers,
    twice: numbers.map((value) => 2 * value),
    other: numbers.map(() => random()),
  }).infer();
  const report = qualityReport(big, { target: "size" });
  expect(report.sampled).toBe(100_000);
  expect(report.toString().split("\n").slice(0, 4)).toEqual([
    "120,000 rows, 3 columns: 1 warning, 0 notes",
    "leaks and drift were looked for in 100,000 of 120,000 rows, chosen by chance",
    "",
    'warning: "twice" alone predicts "size" with R2 1.000: it may only be known',
  ]);
  expect(report.findings.map(({ kind, column }) => [kind, column])).toEqual([["leak", "twice"]]);
});

describe("the text", () => {
  const odd = make(400, {
    id: (i) => `k${i}`,
    size: (i, r) => (i % 9 === 1 ? null : r()),
    reminders: (i) => (repaid(i) === "no" ? 3 : 0),
    repaid,
  });

  const text = (report: ReturnType<typeof qualityReport>, width: number): string => report.toString(width);

  test("at 60 and at 120", () => {
    const report = qualityReport(odd, { target: "repaid", parameters: 3000 });
    expect(text(report, 60)).toBe(
      [
        "400 rows, 4 columns: 1 warning, 3 notes",
        "classes: yes 280 (70 %), no 120 (30 %)",
        "",
        'warning: "reminders" alone predicts "repaid" with AUC',
        "  1.000: it may only be known afterwards; leave it out",
        '  (columns: { reminders: "drop" } or --drop reminders) if so',
        "",
        "note: the model has 3,000 parameters, more than the 400",
        "  rows to train on: it can know them by heart, so watch the",
        "  loss on other rows; take smaller layers, dropout or weight",
        "  decay, and stop early",
        "",
        'note: "size" is missing in 45 of 400 rows (11 %): what is',
        "  filled in for them is a guess; ask why they are missing",
        "",
        'note: "id" is an identifier: it names rows, tells nothing',
        "  about new ones, and isn't used",
      ].join("\n"),
    );
    expect(text(report, 120)).toBe(
      [
        "400 rows, 4 columns: 1 warning, 3 notes",
        "classes: yes 280 (70 %), no 120 (30 %)",
        "",
        'warning: "reminders" alone predicts "repaid" with AUC 1.000: it may only be known afterwards; leave it out (columns: {',
        '  reminders: "drop" } or --drop reminders) if so',
        "",
        "note: the model has 3,000 parameters, more than the 400 rows to train on: it can know them by heart, so watch the loss",
        "  on other rows; take smaller layers, dropout or weight decay, and stop early",
        "",
        'note: "size" is missing in 45 of 400 rows (11 %): what is filled in for them is a guess; ask why they are missing',
        "",
        'note: "id" is an identifier: it names rows, tells nothing about new ones, and isn\'t used',
      ].join("\n"),
    );
    expect(String(report)).toBe(text(report, 80));
    for (const width of [40, 60, 80, 120]) {
      for (const line of report.toString(width).split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  test("without findings", () => {
    expect(qualityReport(make(50, { size })).toString()).toBe(
      "50 rows, 1 column: nothing was found that may spoil a model",
    );
  });
});

describe("refused", () => {
  const good = make(40, { size, repaid });
  const narrow = 20;
  const call =
    (options: object, train: unknown = good) =>
    () =>
      qualityReport(train as Table, options);
  refuses([
    [call({}, 5), TypeError, "qualityReport: train must be a table whose columns have types, got number 5"],
    [
      call({}, table({ a: [1, 2] })),
      TypeError,
      "qualityReport: train must be a table whose columns have types, got an object (Object); call its infer()",
    ],
    [
      call({ target: "repayed" }),
      RangeError,
      'qualityReport: target: unknown column "repayed"; did you mean "repaid"? Known: size, repaid',
    ],
    [call({ target: 3 }), TypeError, "qualityReport: target must be a column's name, got number 3"],
    [
      call({ task: "regression" }),
      TypeError,
      "qualityReport: task is of a target; give the name of the column to predict, too",
    ],
    [
      call({ target: "repaid", task: "regression" }),
      RangeError,
      'qualityReport: task "regression" needs a target of numbers, but "repaid" is boolean: all 40 cells are yes or no',
    ],
    [
      call({ target: "repaid", task: "guess" }),
      RangeError,
      'qualityReport: task must be one of regression, classification, series, got "guess"',
    ],
    [call({ test: [] }), TypeError, "qualityReport: test must be a table whose columns have types, got an array of 0"],
    [
      call({ test: good.select(["size"]) }),
      RangeError,
      'qualityReport: the test has no column "repaid", which the rows to train on have; give it the same columns',
    ],
    [
      call({ label: "repaid" }),
      TypeError,
      'qualityReport: unknown option "label"; did you mean "target"? Known: target, task, validation, test, features, parameters',
    ],
    [call({ parameters: 0 }), RangeError, "qualityReport: parameters must be a whole number of 1 or more, got 0"],
    [call({ features: 1.5 }), RangeError, "qualityReport: features must be a whole number of 1 or more, got 1.5"],
    [
      () => qualityReport(good).toString(narrow),
      RangeError,
      "toString: width must be a whole number of 40 or more, got 20",
    ],
  ]);
  test("a test without the target is compared by the others", () => {
    expect(
      found(good, { target: "repaid", test: good.select(["size"]).take([1, 2, 3]) }).map(({ kind }) => kind),
    ).not.toContain("drift");
  });
});
