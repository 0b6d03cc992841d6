// The real tables that trainings are tried on: what is in them, and the readers and references that make them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import type { Table } from "../../src/data/tableTypes.ts";
import { readRData } from "../support/rData.ts";
import { arffColumns, csvText, needsTables, skipsTables, tables } from "../support/realTables.ts";
import { ridge, rSquared } from "../support/ridge.ts";
import { holidayNames } from "../support/usHolidays.ts";

const linesOf = (name: string): string[] =>
  readFileSync(join(tables, `${name}.csv`), "utf8")
    .trimEnd()
    .split("\n");

/** No cell of these files has a comma. */
function read(name: string): Table {
  const [header, ...rows] = linesOf(name).map((line) => line.split(","));
  return table(rows, { columns: header! }).infer();
}

const count = (some: Table, column: string, word: string): number => {
  const { codes, words } = some.column(column);
  return codes!.filter((code) => words![code] === word).length;
};

describe.skipIf(skipsTables)(`real tables${needsTables}`, () => {
  test("riders: 5,698 days in a row, the last 365 of them to test", () => {
    const whole = linesOf("chicago");
    expect(whole.length).toBe(5699);
    expect(whole[0]).toMatch(/^date,ridership,Austin,Quincy_Wells,.*,Cubs_Away,Cubs_Home$/);
    expect(whole[1]).toMatch(/^2001-01-22,15\.732,1\.463,8\.371,4\.599,/);
    expect(whole.at(-1)).toMatch(/^2016-08-28,/);
    expect(whole[0]!.split(",").length).toBe(50);
    expect([...linesOf("chicago-train"), ...linesOf("chicago-test").slice(1)]).toEqual(whole);
    expect(linesOf("chicago-test").length).toBe(366);
    const days = read("chicago");
    expect(days.column("date").type).toBe("date");
    const times = days.column("date").values!;
    expect(times.every((time, row) => time === times[0]! + row * 86_400_000)).toBe(true);
    expect(days.columns.filter(({ type }) => type === "number").length).toBe(49);
    expect(days.columns.reduce((sum, { missing }) => sum + missing, 0)).toBe(0);
  });

  test("riders with holidays: the same rows, and a word for each day", () => {
    const [plain, more] = [linesOf("chicago-test"), linesOf("chicago-holidays-test")];
    expect(more.map((line) => line.slice(0, line.lastIndexOf(",")))).toEqual(plain);
    const named = more
      .slice(1)
      .flatMap((line) => (line.endsWith(",no") ? [] : [`${line.slice(0, 10)} ${line.split(",").at(-1)}`]));
    expect(named).toEqual([
      "2015-09-07 Labor Day",
      "2015-11-26 Thanksgiving",
      "2015-11-27 day after Thanksgiving",
      "2015-12-24 Christmas Eve",
      "2015-12-25 Christmas",
      "2016-01-01 New Year",
      "2016-05-30 Memorial Day",
      "2016-07-04 Independence Day",
    ]);
  });

  test("alcohol: 309 months, the last 60 of them to test", () => {
    const whole = linesOf("alcohol");
    expect(whole.length).toBe(310);
    expect(whole.slice(0, 3)).toEqual(["date,sales", "1992-01-01,3459", "1992-02-01,3458"]);
    expect(whole.at(-1)).toMatch(/^2017-09-01,/);
    expect([...linesOf("alcohol-train"), ...linesOf("alcohol-test").slice(1)]).toEqual(whole);
    expect(linesOf("alcohol-test").length).toBe(61);
  });

  test("credit data: 4,454 rows, 28 % bad, cells of six columns missing", () => {
    const rows = read("credit");
    expect([rows.rows, rows.columns.length]).toEqual([4454, 14]);
    expect([count(rows, "Status", "good"), count(rows, "Status", "bad")]).toEqual([3200, 1254]);
    const missing = rows.columns.filter((column) => column.missing > 0).map((column) => [column.name, column.missing]);
    expect(missing).toEqual([
      ["Home", 6],
      ["Marital", 1],
      ["Job", 2],
      ["Income", 381],
      ["Assets", 47],
      ["Debt", 18],
    ]);
    expect(linesOf("credit")[1]).toBe("good,9,rent,60,30,married,no,freelance,73,129,0,0,800,846");
  });

  test("German credit: 1,000 rows, 300 bad", () => {
    const rows = read("german");
    expect([rows.rows, rows.columns.length]).toEqual([1000, 21]);
    expect([count(rows, "class", "good"), count(rows, "class", "bad")]).toEqual([700, 300]);
    expect(linesOf("german")[1]).toBe(
      "<0,6,critical/other existing credit,radio/tv,1169,no known savings,>=7,4,male single,none,4,real estate,67,none,own,2,skilled,1,yes,yes,good",
    );
  });

  test.each([
    ["credit", "Status", 3118, 1336],
    ["german", "class", 700, 300],
  ])("%s: the parts of a seed are those of split", (name, target, trained, tested) => {
    const whole = linesOf(name);
    const { train, test: rest } = split(read(name), { by: "stratified", target, test: 0.3, seed: 3 });
    expect([train.rows, rest!.rows]).toEqual([trained, tested]);
    const [first, second] = [linesOf(`${name}-3-train`), linesOf(`${name}-3-test`)];
    expect([first.length - 1, second.length - 1]).toEqual([trained, tested]);
    expect([...first.slice(1), ...second.slice(1)].toSorted()).toEqual(whole.slice(1).toSorted());
    const words = (some: Table) => Array.from(some.column(target).codes!, (code) => some.column(target).words![code]);
    const classesOf = (lines: readonly string[]) =>
      lines.slice(1).map((line) => line.split(",")[whole[0]!.split(",").indexOf(target)]);
    expect(classesOf(second)).toEqual(words(rest!));
    expect(linesOf(`${name}-4-test`)).not.toEqual(second);
  });

  test("ridge is scikit-learn's", () => {
    // m = Ridge(10).fit(x[:-365], y[:-365]) of the 48 columns of numbers; m.intercept_, m.coef_[:3], r2_score(y[-365:], m.predict(x[-365:]))
    const rows = read("chicago").columns.filter(({ name }) => name !== "date" && name !== "ridership");
    const y = read("chicago").column("ridership").values!;
    const x = Float64Array.from(
      { length: y.length * rows.length },
      (_, i) => rows[i % rows.length]!.values![Math.floor(i / rows.length)]!,
    );
    const cut = y.length - 365;
    const line = ridge(x.subarray(0, cut * rows.length), y.subarray(0, cut), 10);
    expect(line.bias).toBeCloseTo(7.9994712704322275, 6);
    expect(line.weights[0]).toBeCloseTo(0.2862374, 6);
    expect(line.weights[1]).toBeCloseTo(0.79054848, 6);
    expect(line.weights[2]).toBeCloseTo(-0.91415765, 6);
    expect(rSquared(y.subarray(cut), line.predict(x.subarray(cut * rows.length)))).toBeCloseTo(0.7521901705725159, 8);
  });

  test("R's objects: a name that isn't there is said with those that are", () => {
    const folder = join(tables, "packages/usr/lib/R/site-library/modeldata/data");
    expect(() => readRData(folder, "chicago")).toThrow(
      `R's data: no chicago in ${folder}; there are Chicago, Sacramento, Smithsonian,`,
    );
  });
});

/** Parts of a file that R's save() would write: words of 32 bits, doubles and texts, each after the other. */
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const characters = (text: string | null): Buffer =>
  text === null
    ? Buffer.concat([word(9), word(-1)])
    : Buffer.concat([word(9), word(Buffer.byteLength(text)), Buffer.from(text)]);
const [ATTRIBUTES, TAG, END] = [512, 1024, word(254)];
const strings = (...texts: readonly (string | null)[]): Buffer =>
  Buffer.concat([word(16), word(texts.length), ...texts.map(characters)]);
const symbol = (name: string): Buffer => Buffer.concat([word(1), characters(name)]);
const pair = (name: Buffer, value: Buffer): Buffer => Buffer.concat([word(2 + TAG), name, value]);
const vector = (kind: number, items: readonly Buffer[], ...attributes: readonly Buffer[]): Buffer =>
  Buffer.concat([word(kind + (attributes.length > 0 ? ATTRIBUTES : 0)), word(items.length), ...items, ...attributes]);

const untagged = (value: Buffer): Buffer => Buffer.concat([word(2), value, END]);

describe("R's saved data frames", () => {
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-r-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const NA = -(2 ** 31);
  const save = (name: string, version: number, value: Buffer): string => {
    const encoding = version === 3 ? [word(5), Buffer.from("UTF-8")] : [];
    const bytes = [
      Buffer.from(`RDX${version}\nX\n`),
      word(version),
      word(0),
      word(0),
      ...encoding,
      pair(symbol("frame"), value),
      END,
    ];
    const path = join(folder, `${name}.rda`);
    writeFileSync(path, gzipSync(Buffer.concat(bytes)));
    return path;
  };

  test.each([2, 3])("each kind of column, and missing cells; version %i", (version) => {
    const date = pair(symbol("class"), strings("Date"));
    const seen = (place: number) => word(255 + place * 256); // "class", the second symbol
    const columns = [
      vector(14, [double(0), double(-1), double(NaN)], date, END),
      vector(
        13,
        [word(2), word(NA), word(1)],
        pair(symbol("levels"), strings("low", "high, very")),
        pair(seen(2), strings("factor")),
        END,
      ),
      vector(10, [word(1), word(0), word(NA)]),
      vector(13, [word(7), word(NA), word(-7)]),
      vector(14, [double(0.1), double(1e21), double(-2.5)]),
      strings("é", null, ""),
      // a range: count, first, step
      Buffer.concat([
        word(238),
        untagged(symbol("compact_intseq")),
        vector(14, [double(3), double(5), double(1)]),
        END,
      ]),
    ];
    const names = strings("when", "level", "yes", "whole", "number", "text", "range");
    const path = save(`all${version}`, version, vector(19, columns, pair(symbol("names"), names), END));
    expect(readRData(path, "frame")).toEqual([
      { name: "when", cells: ["1970-01-01", "1969-12-31", ""] },
      { name: "level", cells: ["high, very", "", "low"] },
      { name: "yes", cells: ["TRUE", "FALSE", ""] },
      { name: "whole", cells: ["7", "", "-7"] },
      { name: "number", cells: ["0.1", "1e+21", "-2.5"] },
      { name: "text", cells: ["é", "", ""] },
      { name: "range", cells: ["5", "6", "7"] },
    ]);
  });

  test("what isn't read is said", () => {
    const path = save("odd", 2, vector(21, []));
    expect(() => readRData(path, "frame")).toThrow("R's data: items of kind 21 aren't read (byte 39)");
    expect(() => readRData(save("one", 2, vector(14, [double(1)])), "other")).toThrow(
      `R's data: no other in ${join(folder, "one.rda")}; there are frame`,
    );
  });
});

test("holidays: what falls on a weekend is kept on the day next to it, too", () => {
  const year = (name: string, days: readonly string[]) =>
    expect(holidayNames(days), name).toEqual(days.map(() => name));
  year("New Year", ["2010-12-31", "2011-01-01", "2012-01-01", "2012-01-02", "2015-01-01"]);
  year("Independence Day", ["2009-07-03", "2009-07-04", "2010-07-04", "2010-07-05", "2014-07-04"]);
  year("Christmas", ["2010-12-25", "2011-12-25", "2011-12-26", "2012-12-25"]);
  year("Memorial Day", ["2010-05-31", "2011-05-30", "2015-05-25"]);
  year("Labor Day", ["2008-09-01", "2013-09-02", "2014-09-01", "2015-09-07"]);
  year("Thanksgiving", ["2012-11-22", "2013-11-28", "2014-11-27"]);
  year("day after Thanksgiving", ["2012-11-23", "2013-11-29"]);
  year("no", ["2010-01-02", "2010-12-26", "2011-07-05", "2012-11-21", "2013-11-21", "2015-06-01"]);
  // the 24th has the name of its own, also where Christmas is kept on it
  year("Christmas Eve", ["2010-12-24", "2012-12-24"]);
});

test("Weka's tables: comments, quoted names and cells, missing cells", () => {
  const text =
    "% a table\n@relation t\n@attribute 'first one' {a, 'b, c'}\n@attribute second numeric\n\n@DATA\na,1\r\n'b, c',?\n";
  const columns = arffColumns(text);
  expect(columns).toEqual([
    { name: "first one", cells: ["a", "b, c"] },
    { name: "second", cells: ["1", ""] },
  ]);
  expect(csvText(columns)).toBe('first one,second\na,1\n"b, c",\n');
});

test("ridge: a line is found where there is one, and alpha makes it flatter", () => {
  const x = [0, 1, 2, 3, 4, 5];
  const y = x.map((value) => 3 * value - 2);
  const line = ridge(x, y, 0);
  expect(line.weights[0]).toBeCloseTo(3, 12);
  expect(line.bias).toBeCloseTo(-2, 12);
  expect(rSquared(y, line.predict(x))).toBeCloseTo(1, 12);
  // the sum of squares of x less its mean is 17.5: 3 * 17.5 / (17.5 + 17.5)
  expect(ridge(x, y, 17.5).weights[0]).toBeCloseTo(1.5, 12);
  expect(rSquared(y, new Float64Array(6).fill(5.5))).toBeCloseTo(0, 12);
});
