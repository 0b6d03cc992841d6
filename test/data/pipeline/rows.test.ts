// What becomes of rows: the same whether they have types or not, by what the training rows are like and nothing else.
import { describe, expect, test } from "vitest";
import { type Pipeline, pipelineFromJSON, split, table, type Table, type Transformed } from "../../../src/data.ts";
import { randomAt } from "../../../src/data/random.ts";

/** Cells of all kinds, as a CSV has them. */
function cellsOf(count: number, seed: number): Record<string, string[]> {
  const random = randomAt(seed, 1, 0);
  const column = (cell: (i: number) => string): string[] => Array.from({ length: count }, (_, i) => cell(i));
  const sometimes = (share: number, cell: () => string): string => (random.uniform() < share ? cell() : "");
  return {
    size: column(() => sometimes(0.9, () => String(Math.round(random.normal(50, 9) * 10) / 10))),
    price: column(
      () => `${random.integer(9) + 1}.${String(random.integer(1000)).padStart(3, "0")},${random.integer(90) + 10}`,
    ),
    tail: column(() => String(random.integer(10) === 0 ? random.integer(100000) : random.integer(20))),
    wild: column((i) => (i === 5 ? "-90000" : String(random.integer(50)))),
    city: column(() => sometimes(0.95, () => ["Bern", "Ulm", "Köln", "7", "12"][random.integer(5)]!)),
    open: column(() => sometimes(0.9, () => ["yes", "No", "YES"][random.integer(3)]!)),
    when: column(() =>
      sometimes(0.97, () => `${random.integer(28) + 1}.${random.integer(12) + 1}.${2020 + random.integer(4)}`),
    ),
    two: column(() => String(random.integer(2))),
    id: column((i) => String(i)),
    same: column(() => "x"),
    note: column((i) => `what row ${i} says, ${random.integer(1000)}`),
    good: column(() => ["bad", "good"][random.integer(2)]!),
  };
}

const bytes = ({ x, y }: Transformed): unknown => [
  Buffer.from(x.buffer, x.byteOffset, x.byteLength),
  y && Buffer.from(y.buffer),
];
const objects = (columns: Readonly<Record<string, readonly string[]>>): Record<string, string>[] =>
  columns["id"]!.map((_, i) => Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, cells[i]!])));

describe("the same rows in another form are the same bits", () => {
  const cells = cellsOf(400, 1);
  const rows = table(cells).infer();
  const pipeline = rows.fit({ target: "good" });
  const expected = bytes(pipeline.transform(rows));

  test("types are those that the test is about", () => {
    expect(rows.columns.map(({ type }) => type).join()).toBe(
      "number,number,number,number,category,boolean,date,number,identifier,constant,text,category",
    );
    expect(pipeline.dropped.map(({ name }) => name)).toEqual(["id", "same", "note"]);
    expect(pipeline.columns.map(({ name, steps }) => `${name}: ${steps.length}`)).toEqual(
      ["size: 2", "price: 3", "tail: 3", "wild: 2", "city: 1", "open: 1", "when: 1", "two: 2"].map((each) =>
        each === "price: 3" ? "price: 2" : each,
      ),
    );
    expect(pipeline.target).toEqual({ name: "good", classes: ["bad", "good"] });
  });

  test("texts, and texts as a table", () => {
    expect(bytes(pipeline.transform(table(cells)))).toEqual(expected);
    expect(bytes(pipeline.transform(objects(cells)))).toEqual(expected);
  });

  test("some at a time, in whatever order", () => {
    const { x } = pipeline.transform(rows);
    const width = pipeline.features.length;
    for (const take of [[7], [3, 2, 399], Array.from({ length: 50 }, (_, i) => i + 100)]) {
      const some = objects(cells);
      const wanted = take.map((row) => Array.from(x.subarray(row * width, (row + 1) * width))).flat();
      expect(Array.from(pipeline.transform(take.map((row) => some[row]!)).x)).toEqual(wanted);
      expect(Array.from(pipeline.transform(rows.take(take)).x)).toEqual(wanted);
      // types that are inferred of few rows are others: a constant, an identifier, a category
      const again = table(take.map((row) => some[row]!)).infer({
        types: { when: { type: "date", format: "dd.mm.yyyy" } },
      });
      expect(Array.from(pipeline.transform(again).x)).toEqual(wanted);
    }
  });

  test("numbers, dates and booleans as JavaScript has them", () => {
    const days = ["2026-01-05", "2026-01-06", "2026-02-07", "2026-03-01"];
    const people = table({ age: ["1", "2", "5", "9"], day: days, ok: ["true", "false", "true", "true"] }).infer();
    const own = people.fit();
    const values = [1, 2, 5, 9].map((age, i) => ({ age, day: new Date(days[i]!), ok: i !== 1 }));
    expect(bytes(own.transform(values))).toEqual(bytes(own.transform(people)));
    const written = table({ day: ["5.1.2026", "6.1.2026", "7.2.2026", "1.3.2026"] }).infer();
    expect(bytes(written.fit().transform(values))).toEqual(bytes(written.fit().transform(written)));
  });

  test("after JSON", () => {
    const again = pipelineFromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(bytes(again.transform(objects(cells)))).toEqual(expected);
    expect(JSON.stringify(again)).toBe(JSON.stringify(pipeline));
    expect(String(again)).toBe(String(pipeline));
  });
});

test("validation rows decide nothing", () => {
  const cells = cellsOf(300, 2);
  const rows = table(cells).infer();
  const { train } = split(rows, { test: 0.3, seed: 4 });
  // what dropped columns are is told by all rows, as their types are
  const fitted = (rowsOf: Table): string => JSON.stringify({ ...rowsOf.fit({ target: "good" }).toJSON(), dropped: [] });
  // the same training rows, the others changed beyond recognition
  const kept = new Set(Array.from(train, (row) => String(row["id"])));
  const others = Object.fromEntries(
    Object.entries(cells).map(([name, column]) => [
      name,
      column.map((cell, i) =>
        kept.has(String(i)) || ["id", "when", "price", "same"].includes(name) ? cell : column[(i * 7) % 300]!,
      ),
    ]),
  );
  const changed = table(others).infer();
  const places = Array.from({ length: 300 }, (_, i) => i).filter((i) => kept.has(String(i)));
  expect(fitted(changed.take(places))).toBe(fitted(rows.take(places)));
  expect(fitted(changed)).not.toBe(fitted(rows));
});

describe("targets", () => {
  const people = table({
    age: [20, 30, 40, 50],
    sum: [1, 2, 3, null],
    who: ["a", "b", "a", "b"],
    two: [0, 1, 1, 0],
  }).infer();

  test("the task is told by the target", () => {
    const tasks = ["age", "sum", "who", "two"].map((target) => people.fit({ target }).task);
    expect(tasks).toEqual(["regression", "regression", "classification", "classification"]);
    expect(people.fit().task).toBeUndefined();
    expect(people.fit({ target: "two" }).target).toEqual({ name: "two", classes: ["0", "1"] });
    expect(people.fit({ target: "two", task: "regression" }).target).toEqual({ name: "two", log: false });
    expect(people.fit({ target: "age", task: "classification" }).target?.classes).toEqual(["20", "30", "40", "50"]);
  });

  test("numbers are standardized, and decoded", () => {
    const pipeline = people.fit({ target: "sum" });
    const { y, rows, notes, x } = pipeline.transform(people);
    expect(Array.from(y!)).toEqual([-1.2247448713915892, 0, 1.2247448713915892].map(Math.fround));
    expect(Array.from(rows)).toEqual([0, 1, 2]);
    expect(x.length).toBe(3 * pipeline.features.length);
    expect(notes).toEqual(["1 row without sum is left out"]);
    expect(Array.from(pipeline.decode(y!), (value) => Math.round(value * 1e6) / 1e6)).toEqual([1, 2, 3]);
    expect(pipeline.notes).toEqual(["1 row without sum is left out", "target sum: standardized"]);
  });

  test("a long tail is taken by its logarithm", () => {
    const cells = Array.from({ length: 200 }, (_, i) => Math.round(2 ** (i / 12)));
    const sales = table({ place: cells.map((_, i) => i % 7), sold: cells }).infer();
    const pipeline = sales.fit({ target: "sold" });
    const { y } = pipeline.transform(sales);
    expect(pipeline.notes[0]).toBe(
      "target sold: ln(1 + value), as none is below 0 and the mean is far above the median; then standardized",
    );
    for (const [i, value] of pipeline.decode(y!).entries()) expect(value / cells[i]!).toBeCloseTo(1, 5);
  });

  test("rows to be predicted are all there", () => {
    const pipeline = people.fit({ target: "sum" });
    const rows = [
      { age: 1, who: "a", two: 0 },
      { age: 2, who: "b", two: 1 },
    ];
    const plain = pipeline.transform(rows);
    expect([plain.y, Array.from(plain.rows), plain.notes]).toEqual([undefined, [0, 1], []]);
    const unknown = pipeline.transform(rows.map((row) => ({ ...row, sum: "" })));
    expect([unknown.y, unknown.x, unknown.notes]).toEqual([undefined, plain.x, []]);
    const some = pipeline.transform(
      [
        { ...rows[0]!, sum: 3 },
        { ...rows[1]!, sum: null },
      ],
      { target: false },
    );
    expect([some.y, some.x]).toEqual([undefined, plain.x]);
  });

  test("rows of other classes are left out, and said", () => {
    const pipeline = people.fit({ target: "who" });
    const { y, rows, notes } = pipeline.transform([
      { age: 1, sum: 1, two: 0, who: "b" },
      { age: 1, sum: 1, two: 0, who: "c" },
      { age: 1, sum: 1, two: 0, who: "" },
    ]);
    expect([Array.from(y!), Array.from(rows)]).toEqual([[1], [0]]);
    expect(notes).toEqual([
      "1 row without who is left out",
      '1 row is left out: who is of no class of the training rows ("c")',
    ]);
  });
});

test("many words: the frequent ones have features, the others share one", () => {
  const word = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `rare${i % 400}` : `often${i % 40}`));
  const { features, columns } = table({ word })
    .infer({ types: { word: "category" } })
    .fit();
  expect(features.filter((name) => name.startsWith("word=often")).length).toBe(40);
  expect(features.at(-1)).toBe("word: other");
  expect(columns[0]!.steps).toEqual([`one-hot, ${features.length - 1} words and all others`]);
  expect(features.length).toBeLessThanOrEqual(51);
});

test("missing cells are noted where training had none", () => {
  const rows = table({ age: [1, 2, 3], who: ["a", "b", "a"], ok: ["yes", "no", "yes"] }).infer();
  const { x, notes } = rows.fit().transform([{ age: "", who: null, ok: "NA" }]);
  expect(Array.from(x)).toEqual([0, 0, 0, 1]);
  expect(notes).toEqual([
    "age: 1 cell is missing, done as the steps say, though none was in training",
    "who: 1 cell is missing, 0 in all its features, though none was in training",
    "ok: 1 cell is missing, done as the steps say, though none was in training",
  ]);
});

test("as text", () => {
  const rows: Table = table({
    age: [1, 2, 4, null],
    who: ["a", "b", "a", "b"],
    id: [5, 9, 2, 4],
    ok: ["yes", "no", "no", "yes"],
  }).infer();
  const pipeline: Pipeline = rows.fit({ target: "ok", columns: { age: "drop" } });
  expect(String(pipeline)).toBe(
    [
      "classification of ok, 1 column, 2 features",
      "  classes: no, yes",
      "",
      "column  type         features",
      "who     category            2",
      "  one-hot, 2 words",
      "",
      "left out",
      "age",
      "  as options say",
      "id",
      "  identifier: all 4 cells are numbers from 2 to 9, all different, and its name",
      '  is one of identifiers; to learn from it, types: { id: "number" }',
    ].join("\n"),
  );
  const text = (each: Pipeline, width: number): string => each.toString(width);
  const wide = text(rows.fit({ columns: { who: "drop", ok: "drop" } }), 120);
  expect(wide.split("\n").slice(2, 5)).toEqual([
    "column  type         features",
    "age     number              2",
    "  missing cells become median 2, and a feature is 1; (value - mean 2.25) / standard deviation 1.08972",
  ]);
});

test("targets are the cells themselves: float64, in the target's units, of the rows that have one", () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({
    a: (i * 37) % 50,
    b: i % 7 === 0 ? null : i % 5 === 0 ? 0 : 1 / (i * i * 1000),
  }));
  for (const log of [true, false]) {
    const pipeline = table(rows).infer().fit({ target: "b", task: "regression", log });
    for (const given of [rows, table(rows), table(rows).infer()]) {
      const { targets, rows: places } = pipeline.transform(given);
      expect(targets).toEqual(Float64Array.from(places, (row) => rows[row]!.b!));
    }
    expect(pipeline.transform(rows, { target: false }).targets).toBeUndefined();
    expect(pipeline.transform(rows.map(({ a }) => ({ a }))).targets).toBeUndefined();
  }
  const classes = table(rows.map(({ a }) => ({ a, c: a % 3 ? "x" : "y" })))
    .infer()
    .fit({ target: "c" });
  expect(classes.transform(rows.map(({ a }) => ({ a, c: "x" }))).targets).toBeUndefined();
});
