// Tables of cells: from columns, rows and parts; views of them; their text.
import { describe, expect, test } from "vitest";
import type { Rows } from "../../src/data/rows.ts";
import { table } from "../../src/data/table.ts";
import { plainNumber } from "../../src/data/cells.ts";
import { refuses } from "../support/refusals.ts";

async function* parts(columns: readonly string[], ...rows: readonly (readonly unknown[])[][]): AsyncGenerator<Rows> {
  let first = 0;
  for (const some of rows) {
    yield { columns, rows: some, first };
    first += some.length;
  }
}

const PEOPLE = [
  { age: 31, city: "Bern", born: new Date(0) },
  { age: 45, city: "Ulm" },
  { city: "Bern", age: null, extra: true },
];

test("columns, objects, arrays and parts give the same table", async () => {
  const columns = table({ age: ["31", " 45 ", ""], city: ["Bern", "Ulm", "Bern"] }).infer();
  const objects = table(PEOPLE).infer().select(["age", "city"]);
  const arrays = table([[31, "Bern"], [45, "Ulm"], [NaN, "Bern"]], { columns: ["age", "city"] }).infer(); // prettier-ignore
  const raw = await table(parts(["age", "city"], [["31", "Bern"]], [], [["45", "Ulm"], [undefined, "Bern "]])); // prettier-ignore
  expect([raw.rows, raw.columns]).toEqual([3, ["age", "city"]]);
  for (const each of [objects, arrays, raw.infer()]) {
    expect([...each]).toEqual([...columns]);
    expect(String(each)).toBe(String(columns));
  }
  expect([...columns]).toEqual([{ age: 31, city: "Bern" }, { age: 45, city: "Ulm" }, { age: null, city: "Bern" }]); // prettier-ignore
});

test("objects without a key have an empty cell there", () => {
  const people = table(PEOPLE).infer();
  expect(people.columns.map(({ name, missing }) => [name, missing])).toEqual([["age", 1], ["city", 0], ["born", 2], ["extra", 2]]); // prettier-ignore
  expect([...people].map((row) => row["born"])).toEqual([new Date(0), null, null]);
});

test("a long column is kept whole, across chunks", () => {
  const count = 50_001;
  const cells = Array.from({ length: count }, (_, i) => (i % 1000 === 999 ? "" : String(i / 8)));
  const { column } = { column: table({ x: cells }).infer().column("x") };
  expect(column.missing).toBe(50);
  expect(column.values!.every((value, i) => Object.is(value, i % 1000 === 999 ? NaN : i / 8))).toBe(true);
});

test("a text is the number that JavaScript reads, or a word", () => {
  const texts = ["0", "-0", "1.5", "-12.25", "+3", ".5", "5.", "1e5", "1E-7", "0.1234567890123456", "123456789012345", "9007199254740.993",
    "0.000001", "3.4e38", "1e22", "12345678901234567.5"]; // prettier-ignore
  for (const text of texts) expect(plainNumber(text), text).toBe(Number(text));
  for (const text of [
    "",
    "-",
    ".",
    "+",
    "e5",
    ".e5",
    "1e",
    "1.2.3",
    "007",
    "-01",
    "1234567890123456",
    "0x10",
    "1 2",
    "1,5",
    "Infinity",
    "NaN",
    "１",
  ]) {
    expect(plainNumber(text), text).toBeUndefined(); // prettier-ignore
  }
  let seed = 1;
  for (let i = 0; i < 20_000; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const text = (seed / 2 ** (i % 50)).toFixed(i % 9);
    expect(plainNumber(text)).toBe(Number(text));
  }
});

describe("views", () => {
  const numbers = table({
    i: Array.from({ length: 30 }, (_, i) => i / 2),
    word: Array.from({ length: 30 }, (_, i) => "abc"[i % 3]),
  }).infer();

  test("consecutive rows are not copied, others are taken in their order", () => {
    const some = numbers.take([4, 5, 6]);
    expect(some.column("i").values).toEqual(Float64Array.of(2, 2.5, 3));
    expect(some.column("i").values!.buffer).toBe(numbers.column("i").values!.buffer);
    expect(some.take([2, 0, 2]).column("i").values).toEqual(Float64Array.of(3, 2, 3));
    expect(some.take([2, 0]).take([1]).column("word").at(0)).toBe("b");
    expect(some.take([1, 2]).column("i").values).toEqual(Float64Array.of(2.5, 3));
    expect(numbers.take([]).rows).toBe(0);
  });

  test("filterRows keeps rows by their values, select columns by their names", () => {
    const kept = numbers.filterRows(({ word }, position) => word === "c" && position > 20);
    expect([...kept.select(["word", "i"])]).toEqual([{ word: "c", i: 11.5 }, { word: "c", i: 13 }, { word: "c", i: 14.5 }]); // prettier-ignore
    expect(kept.select(["i"]).columns.map(({ name }) => name)).toEqual(["i"]);
  });

  test("what is missing is counted in the view", () => {
    const few = table({ x: ["1", "", "3", "", "2"] }).infer();
    expect([few.column("x").missing, few.take([1, 2, 3]).column("x").missing, few.take([0, 2]).column("x").missing]).toEqual([2, 2, 0]); // prettier-ignore
  });
});

test("the text of a table fits its width", () => {
  const some = table({
    a: Array.from({ length: 40 }, (_, i) => i * 1.25),
    "a column with a long name, which nobody would read to its end": Array.from({ length: 40 }, (_, i) => `${"word ".repeat(40)}${i}`),
    城市: Array.from({ length: 40 }, (_, i) => ["北京", "上海", "广州", "深圳", "杭州"][i % 5]),
  }).infer(); // prettier-ignore
  const width = (line: string): number => [...line].reduce((sum, sign) => sum + (sign > "\u2e80" ? 2 : 1), 0);
  for (const most of [40, 60, 80, 120]) {
    for (const line of some.toString(most).split("\n")) expect(width(line), line).toBeLessThanOrEqual(most);
  }
  const narrow = 60;
  expect(some.select(["a", "城市"]).toString(narrow)).toBe(
    [
      "40 rows, 2 columns",
      "",
      "column  type          missing  values",
      "a       number              0  0 to 48.75",
      "  all 40 cells are numbers from 0 to 48.75",
      "城市    category            0  上海, 北京, 广州, 杭州, ...",
      "  all 40 cells are one of 5 words",
    ].join("\n"),
  );
});

describe("what is refused", () => {
  const raw = table({ size: [1, 2, 4], colour: ["a", "b", "c"] });
  const some = raw.infer();
  refuses([
    [() => table(3 as never), TypeError, "table: source must be columns { name: array }, an array of rows, or an async iterable of Rows, got number 3"],
    [() => table({}), RangeError, "table: there are no columns; at least one is needed"],
    [() => table([]), RangeError, "table: there are no columns; at least one is needed"],
    [() => table({ a: [1], b: [1, 2] }), RangeError, 'table: columns must have the same length, but "a" has 1 cells and "b" 2'],
    [() => table({ a: "text" as never }), TypeError, 'table: column "a" must be an array, got the string "text"'],
    [() => table({ "": [1] }), RangeError, "table: column 0 has no name; give it one"],
    [() => table({ a: [1, [2]] }), TypeError, 'table: column "a", row 1, must be a number, a string, true or false, a Date or null, got an array of 1; leave the column out, { drop: ["a"] }, or join its parts to a text'],
    [() => table([[1]] as never), TypeError, "table: row 0 must be an object of cells, got an array of 1; of arrays, give the names, too: { columns: [...] }"],
    [() => table([[1, 2], [1]], { columns: ["a", "b"] }), RangeError, "table: row 1 has 1 cells, but there are 2 columns"],
    [() => table([[1, 2]], { columns: ["a", "a"] }), RangeError, 'table: columns 0 and 1 are both named "a"; rename one'],
    [() => table({ a: [1] }, { columns: ["a"] }), TypeError, "table: columns is for rows that are arrays; leave it out, others have names"],
    [() => table({ a: [1], b: [{}] }), TypeError, 'table: column "b", row 0, must be a number, a string, true or false, a Date or null, got an object (Object); leave the column out, { drop: ["b"] }, or join its parts to a text'],
    [() => table({ a: [1] }, { drop: "a" as never }), TypeError, 'table: drop must be an array of names of columns, got the string "a"'],
    [() => table({ ab: [1], c: [2] }, { drop: ["abc"] }), RangeError, 'table: drop: unknown column "abc"; did you mean "ab"? Known: ab, c'],
    [() => table([{ ab: 1, c: 2 }], { drop: ["c", "abc"] }), RangeError, 'table: drop: unknown column "abc"; did you mean "ab"? Known: ab, c'],
    [() => table({ a: [1] }, { drop: ["a"] }), RangeError, "table: drop names all columns; at least one is needed"],
    [() => table([{ a: 1 }], { drop: ["a"] }), RangeError, "table: drop names all columns; at least one is needed"],
    [() => table([[1]], { names: ["a"] } as never), TypeError, 'table: unknown option "names"; did you mean "columns"? Known: columns, drop'],
    [() => table(parts([])), RangeError, "table: the source has no parts, so the names of the columns aren't known"],
    [() => table(parts(["a", "b"], [[1, 2]], [[1]])), RangeError, "table: row 1 has 1 cells, but there are 2 columns"],
    [() => table((async function* (): AsyncGenerator<Rows> { yield* parts(["a"], [[1]]); yield* parts(["b"], [[1]]); })()), RangeError, "table: all parts must have the same columns, but from row 1 on they are b, before a"],
    [() => some.column("sise"), RangeError, 'column: unknown column "sise"; did you mean "size"? Known: size, colour'],
    [() => some.select(["color"]), RangeError, 'select: unknown column "color"; did you mean "colour"? Known: size, colour'],
    [() => some.select(["size", "size"]), RangeError, 'select: column "size" is named twice'],
    [() => some.take([0, 3]), RangeError, "take: position 1 must be a whole number from 0 to 2, got 3"],
    [() => some.take([0.5]), RangeError, "take: position 0 must be a whole number from 0 to 2, got 0.5"],
    [() => some.filterRows("size" as never), TypeError, 'filterRows: keep must be a function of a row, got the string "size"'],
    [() => some.toString(10), RangeError, "toString: width must be a whole number of 40 or more, got 10"],
  ]); // prettier-ignore
});

test("words before the first number and after it, more than a chunk holds", () => {
  for (const before of [1, 63, 64, 65, 200, 20_000]) {
    const cells = Array.from({ length: before + 100 }, (_, i) => (i < before || i % 3 === 0 ? `word ${i % 7}` : i / 2));
    const { words, codes } = table({ a: cells })
      .infer({ types: { a: "category" } })
      .column("a");
    expect(Array.from(codes!, (code) => words![code])).toEqual(cells.map(String));
  }
  for (const rows of [1, 63, 64, 65, 128, 20_000]) {
    const cells = Array.from({ length: rows }, (_, i) => `word ${i % 7}`);
    const { words, codes } = table({ a: cells })
      .infer({ types: { a: "category" } })
      .column("a");
    expect(Array.from(codes!, (code) => words![code])).toEqual(cells);
  }
});

test("columns that are left out may have any cells, from every source", async () => {
  const rows = [
    { features: [1, 2], size: 3, name: "a" },
    { size: 4, name: "b", features: { x: 1 } },
  ];
  async function* stream(): AsyncGenerator<Rows> {
    yield {
      columns: ["features", "size", "name"],
      rows: rows.map((row) => [row.features, row.size, row.name]),
      first: 0,
    };
  }
  const options = { drop: ["features"] };
  const raws = [
    table(rows, options),
    table(
      rows.map((row) => [row.size, row.features, row.name]),
      { columns: ["size", "features", "name"], ...options },
    ),
    table({ features: rows.map((row) => row.features), size: [3, 4], name: ["a", "b"] }, options),
    await table(stream(), options),
  ];
  for (const raw of raws) {
    expect([raw.rows, raw.columns]).toEqual([2, ["size", "name"]]);
    expect([...raw.infer()]).toEqual([
      { size: 3, name: "a" },
      { size: 4, name: "b" },
    ]);
  }
});
