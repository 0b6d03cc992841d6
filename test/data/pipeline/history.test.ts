// What a series' pipeline remembers: rows that come later have the same numbers as if all rows were transformed at once.
import { describe, expect, test } from "vitest";
import { pipelineFromJSON } from "../../../src/data/pipeline/file.ts";
import { dateParts, impute, lag, oneHot, ordinal, standardize, window } from "../../../src/data/pipeline/steps.ts";
import { table } from "../../../src/data/table.ts";
import type { Pipeline, Table } from "../../../src/data/tableTypes.ts";
import { dayRows, type Row, typed } from "../../support/generatedTables.ts";
import { refuses } from "../../support/refusals.ts";

const COUNT = 140;
const FROM = 100;
const rows: Row[] = dayRows(COUNT).map((row, i) => ({ ...row, sky: ["sun", "rain", "fog"][(i * i) % 3]! }));
const all = typed(rows);
const known = all.take(Array.from({ length: FROM }, (_, i) => i));
const later = all.take(Array.from({ length: COUNT - FROM }, (_, i) => FROM + i));

const dayOf = (row: Row): number => new Date(String(row["day"])).getUTCDay();

/** The last numbers of x, and what goes with them. */
function ends(pipeline: Pipeline, whole: Table, from: number) {
  const { x, y, rows: places, before } = pipeline.transform(whole);
  const first = places.findIndex((row) => row >= from);
  const width = pipeline.features.length;
  return {
    x: x.slice(first * width),
    y: y!.slice(first),
    rows: places.slice(first).map((row) => row - from),
    before: before?.slice(first),
  };
}

const PIPELINES: Readonly<Record<string, Pipeline>> = {
  usual: known.fit({ target: "visitors", task: "series" }),
  "three days ahead": known.fit({ target: "visitors", task: "series", horizon: 3 }),
  "with lags, windows, words": known.fit({
    target: "visitors",
    task: "series",
    columns: {
      day: dateParts({ parts: ["dayOfWeek", "weekend"] }),
      weather: [impute(), standardize(), window({ length: 9, of: ["mean", "max", "sd"] })],
      sky: oneHot(),
    },
  }),
  "with lags of the places of words": known.fit({
    target: "visitors",
    task: "series",
    columns: { sky: [ordinal({ order: ["sun", "rain", "fog"] }), lag({ steps: [1, 20] })] },
  }),
};

describe.each(Object.entries(PIPELINES))("%s", (_name, pipeline) => {
  const remembering = pipeline.withHistory(known);
  const expected = ends(pipeline, all, FROM);

  test("rows right after those that are remembered are as in the whole", () => {
    const { x, y, rows: places, before, notes } = remembering.transform(later);
    expect(expected.rows.length).toBe(COUNT - FROM);
    expect(x).toEqual(expected.x);
    expect(y).toEqual(expected.y);
    expect(Array.from(places)).toEqual(Array.from(expected.rows));
    expect(before).toEqual(expected.before);
    expect(notes).toEqual([]);
    // without it the first ones have too few before them
    expect(pipeline.transform(later).rows.length).toBeLessThan(COUNT - FROM);
  });

  test("raw rows are as those with types, in any order", () => {
    const raw = rows.slice(FROM).map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)])));
    const { x, rows: places } = remembering.transform(raw);
    expect(x).toEqual(expected.x);
    const turned = remembering.transform(raw.toReversed());
    expect(turned.x).toEqual(x);
    expect(Array.from(turned.rows)).toEqual(Array.from(places, (row) => raw.length - 1 - row));
  });

  test("survives JSON", () => {
    const copy = pipelineFromJSON(JSON.parse(JSON.stringify(remembering)));
    expect(copy.toJSON()).toEqual(remembering.toJSON());
    expect(copy.transform(later)).toEqual(remembering.transform(later));
  });

  test("rows that are among those remembered are as in the whole", () => {
    const overlap = all.take(Array.from({ length: COUNT - 90 }, (_, i) => 90 + i));
    expect(remembering.transform(overlap).x).toEqual(ends(pipeline, all, 90).x);
  });

  test("what is remembered grows by rows after it, one at a time", () => {
    let own = remembering;
    const width = pipeline.features.length;
    for (let row = FROM; row < FROM + 5; row++) {
      const next = all.take([row]);
      expect(own.transform(next).x).toEqual(expected.x.slice((row - FROM) * width, (row - FROM + 1) * width));
      own = own.withHistory(next);
    }
    const rest = all.take(Array.from({ length: COUNT - FROM - 5 }, (_, i) => FROM + 5 + i));
    expect(own.transform(rest).x).toEqual(expected.x.slice(5 * width));
  });

  test("all rows at once, and rows long after or before, are as without it", () => {
    expect(remembering.transform(all)).toEqual(pipeline.transform(all));
    const apart = all.take(Array.from({ length: COUNT - FROM - 3 }, (_, i) => FROM + 3 + i));
    expect(remembering.transform(apart)).toEqual(pipeline.transform(apart));
    expect(remembering.transform(known)).toEqual(pipeline.transform(known));
    expect(remembering.transform([]).rows.length).toBe(0);
  });
});

describe("a history", () => {
  const usual = PIPELINES["usual"]!;

  test("has the last rows alone, and of them what is looked back at", () => {
    const many = typed(dayRows(1000));
    const pipeline = many.fit({ target: "visitors", task: "series", columns: { weather: standardize() } });
    const { history } = pipeline.withHistory(many).toJSON() as unknown as {
      history: { rows: number; columns: { name: string; values: number[] }[] };
    };
    expect(history.columns.map(({ name }) => name)).toEqual(["day", "visitors"]);
    expect(history.rows).toBeLessThan(540);
    expect(history.columns[0]!.values.at(-1)).toBe(Date.UTC(2020, 0, 1000));
  });

  test("goes on over weekends where rows are of working days", () => {
    const work = rows.filter((row) => ![0, 6].includes(dayOf(row)));
    const count = work.findIndex((row, i) => i > 70 && dayOf(row) === 1);
    const own = typed(work);
    const before = own.take(Array.from({ length: count }, (_, i) => i));
    const pipeline = before.fit({ target: "visitors", task: "series" });
    const after = own.take(Array.from({ length: own.rows - count }, (_, i) => count + i));
    expect(pipeline.withHistory(before).transform(after).x).toEqual(ends(pipeline, own, count).x);
  });

  test("cells that are missing in it are as in the whole, and not told of again", () => {
    const gaps = rows.map((row, i) => ({
      ...row,
      visitors: [95, 96].includes(i) ? null : row["visitors"]!,
      sky: i === 97 ? null : row["sky"]!,
    }));
    const given = table(gaps).infer();
    const pipeline = known.fit({ target: "visitors", task: "series", columns: { sky: oneHot() } });
    const places = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    const remembering = pipeline.withHistory(given.take(places(0, FROM)));
    const { x, notes } = remembering.transform(given.take(places(FROM, COUNT)));
    expect(x).toEqual(ends(pipeline, given, FROM).x);
    expect(notes).toEqual(["visitors: 2 cells in the history are missing; the last value before stands for each"]);
  });

  test("comes before hundreds of thousands of rows, too", () => {
    const count = 150_000;
    const pipeline = known.fit({ target: "visitors", task: "series", columns: { sky: oneHot(), day: "drop" } });
    const day = Array.from({ length: count }, (_, i) => new Date(Date.UTC(2020, 0, 1 + FROM + i)));
    const column = (name: string) => day.map((_, i) => rows[i % COUNT]![name]!);
    const many = table({ day, visitors: column("visitors"), weather: column("weather"), sky: column("sky") }).infer();
    expect(pipeline.withHistory(known).transform(many).rows.length).toBe(count);
  });

  type History = { rows: unknown; columns: { name: unknown; values: unknown[] }[] };
  /** The pipeline of a file with a history that was changed. */
  const changed =
    (change: (history: History, file: Record<string, unknown>) => unknown, name = "usual") =>
    (): Pipeline => {
      const file = JSON.parse(JSON.stringify(PIPELINES[name]!.withHistory(known))) as Record<string, unknown>;
      change(file["history"] as History, file);
      return pipelineFromJSON(file);
    };
  const where = "pipelineFromJSON: history";
  refuses([
    [
      () => known.fit({ target: "visitors" }).withHistory(known),
      TypeError,
      "withHistory: it is for series, whose rows depend on those before; leave it out",
    ],
    [
      () => usual.withHistory(3 as never),
      TypeError,
      "withHistory: the rows must be a table, or an array of objects of cells, got number 3",
    ],
    [
      () => usual.withHistory(known.select(["day", "weather"])),
      RangeError,
      'withHistory: column "visitors" is missing; the pipeline needs day, weather, visitors; the rows have day, weather',
    ],
    [
      () => usual.withHistory([{ day: "", visitors: "1", weather: "1" }]),
      RangeError,
      'withHistory: column "day", row 0 is empty, but a series needs the time of each row; fill it in, or leave the row out',
    ],
    [changed((_history, file) => (file["history"] = [])), TypeError, `${where} must be an object, got an array of 0`],
    [
      changed((history) => (history.rows = -1)),
      RangeError,
      `${where}.rows must be a whole number from 0 to 110500, got -1`,
    ],
    [
      changed((history) => (history.rows = 1e9)),
      RangeError,
      `${where}.rows must be a whole number from 0 to 110500, got 1000000000`,
    ],
    [
      changed((history) => (history.rows = 3)),
      RangeError,
      `${where}.columns[0].values must have 3 to 3 values, got 100`,
    ],
    [
      changed((history) => (history.columns = [])),
      TypeError,
      `${where}.columns must be with the times of all rows, each later than the one before, got an array of 0`,
    ],
    [
      changed((history) => history.columns.push(history.columns[0]!)),
      RangeError,
      /^pipelineFromJSON: history\.columns\[\d\]\.name is there twice: "day"$/,
    ],
    [
      changed((history) => (history.columns[0]!.values = history.columns[0]!.values.toReversed())),
      TypeError,
      /^pipelineFromJSON: history\.columns must be with the times of all rows, each later than the one before, got an array of \d$/,
    ],
    [changed((history) => (history.columns[0]!.values[0] = null)), TypeError, /must be with the times of all rows/],
    [
      changed((history) => (history.columns[1]!.values[0] = "1")),
      TypeError,
      `${where}.columns[1].values[0] must be a finite number, got the string "1"`,
    ],
    [
      changed((history) => (history.columns[0]!.name = "")),
      TypeError,
      `${where}.columns[0].name must be a name, got the string ""`,
    ],
    [
      changed(
        (history) => (history.columns.find(({ name }) => name === "sky")!.values[0] = 3),
        "with lags of the places of words",
      ),
      RangeError,
      /^pipelineFromJSON: history\.columns\[\d\]\.values\[0\] must be a whole number from -2 to 2, got 3$/,
    ],
    [
      changed((_history, file) => {
        const other = JSON.parse(JSON.stringify(known.fit({ target: "visitors" }))) as object;
        Object.assign(other, { history: file["history"] });
        return pipelineFromJSON(other);
      }),
      TypeError,
      `${where} must be there for a series, and only for one, got an object (Object)`,
    ],
  ]);

  test("of a file that lacks a column is one of missing cells", () => {
    const own = changed((history) => history.columns.splice(1))();
    expect(own.transform(later).rows.length).toBeLessThan(COUNT - FROM);
  });
});
