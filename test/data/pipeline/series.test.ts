// Series: the order of rows, what is known before each, and that nothing else is used.
import { describe, expect, test } from "vitest";
import { lag, pipelineFromJSON, standardize, table } from "../../../src/data.ts";

const DAY = 86400000;
const days = (count: number, step = DAY): Date[] =>
  Array.from({ length: count }, (_, i) => new Date(Date.UTC(2020, 0, 1) + i * step));
const months = (count: number): Date[] => Array.from({ length: count }, (_, i) => new Date(Date.UTC(2000, i, 1)));
/** Numbers that look random, the same each time. */
const noise = (i: number): number => ((i * 7919) % 101) / 101;

describe("the target is relative to what it is nearest to", () => {
  const note = (when: Date[], value: (i: number) => number, horizon = 1): string =>
    table({ when, v: when.map((_, i) => value(i)) })
      .infer({ types: { v: "number" } })
      .fit({ target: "v", task: "series", horizon }).notes[0]!;

  test("a year before, by its logarithm", () => {
    const value = (i: number): number => 2 ** (i / 40) * (1 + noise(i % 12)) * (1 + 0.05 * noise(i));
    expect(note(months(150), value)).toBe(
      "target v, monthly: its logarithm, as it is above 0 and varies more where it is larger, less the value 12 rows before, to which it is nearest; then standardized",
    );
  });

  test("a week before, and at least the horizon", () => {
    const value = (i: number): number => 50 * noise(i % 7) + noise(i) - 10;
    expect(note(days(200), value)).toBe(
      "target v, daily: as it is, less the value 7 rows before, to which it is nearest; then standardized",
    );
    expect(note(days(200), value, 14)).toBe(
      "target v, daily: as it is, less the value 14 rows before, to which it is nearest; then standardized",
    );
  });

  test("the last value, of what wanders", () => {
    let at = 0;
    expect(note(days(200), (i) => (at += noise(i) - 0.5))).toBe(
      "target v, daily: as it is, less the value 1 row before, to which it is nearest; then standardized",
    );
  });

  test("its mean, of what has no memory", () => {
    expect(note(days(200), (i) => noise(i * i) - 0.5)).toBe(
      "target v, daily: as it is, standardized: it returns to its mean",
    );
  });
});

describe("rows", () => {
  const count = 80;
  const when = days(count);
  const v = when.map((_, i) => 20 * noise(i % 7) + i + noise(i));
  const other = when.map((_, i) => noise(3 * i));
  const rows = table({ when, v, other }).infer();
  const pipeline = rows.fit({ target: "v", task: "series" });

  test("come in the order of time, whatever order they were given in", () => {
    const order = Array.from({ length: count }, (_, i) => (i * 37) % count);
    const shuffled = rows.take(order);
    const [plain, mixed] = [pipeline.transform(rows), pipeline.transform(shuffled)];
    expect(mixed.x).toEqual(plain.x);
    expect(mixed.y).toEqual(plain.y);
    expect(Array.from(mixed.rows, (row) => order[row])).toEqual(Array.from(plain.rows));
    expect(JSON.stringify(shuffled.fit({ target: "v", task: "series" }))).toBe(JSON.stringify(pipeline));
  });

  test("the first ones have no history", () => {
    const { rows: places, notes } = pipeline.transform(rows);
    expect(Array.from(places)).toEqual(Array.from({ length: count - 15 }, (_, i) => i + 15));
    expect(notes).toEqual(["the first 15 rows are left out: 15 rows before each are needed"]);
  });

  test("features are the values before, less the one that the target is relative to", () => {
    const { x, y, before } = pipeline.transform(rows);
    const file = pipeline.toJSON() as unknown as {
      series: { lags: number[]; lagMean: number; lagDeviation: number; before: number };
      target: { scale: { mean: number; deviation: number } };
    };
    const { lags, lagMean, lagDeviation, before: reference } = file.series;
    const { mean, deviation } = file.target.scale;
    const width = pipeline.features.length;
    const at = pipeline.features.indexOf("v, 1 before, less 7 before");
    expect([reference, lags]).toEqual([7, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15]]);
    for (let row = 15, i = 0; row < count; row++, i++) {
      expect(before![i]).toBe(v[row - 7]);
      expect(y![i]).toBe(Math.fround((v[row]! - v[row - 7]! - mean) / deviation));
      const wanted = lags.map((each) => Math.fround((v[row - each]! - v[row - 7]! - lagMean) / lagDeviation));
      expect(Array.from(x.subarray(i * width + at, i * width + at + lags.length))).toEqual(wanted);
    }
  });

  test("nothing of a row itself or after it is used, but its time", () => {
    for (const horizon of [1, 3]) {
      const own = rows.fit({ target: "v", task: "series", horizon });
      const [row, width] = [50, own.features.length];
      const changed = table({
        when,
        v: v.map((value, i) => (i > row - horizon ? 1000 + i * i : value)),
        other: other.map((value, i) => (i > row - horizon ? 500 - i : value)),
      }).infer();
      const of = (rowsOf: typeof rows): Float32Array => {
        const { x, rows: places } = own.transform(rowsOf);
        const i = places.indexOf(row);
        return x.slice(i * width, (i + 1) * width);
      };
      expect(of(changed)).toEqual(of(rows));
      // what is just before is used
      const earlier = table({ when, v: v.map((value, i) => (i === row - horizon ? 1000 : value)), other }).infer();
      expect(of(earlier)).not.toEqual(of(rows));
    }
  });

  test("outputs are decoded by the same values before", () => {
    const transformed = pipeline.transform(rows);
    const values = pipeline.decode(transformed.y!, transformed);
    for (const [i, row] of transformed.rows.entries()) expect(values[i]).toBeCloseTo(v[row]!, 4);
  });

  test("rows without a target are predicted as far as the values before are known", () => {
    const open = table({ when, v: v.map((value, i) => (i >= count - 3 ? null : value)), other }).infer();
    const trained = pipeline.transform(open);
    expect(Array.from(trained.rows)).toEqual(Array.from({ length: count - 18 }, (_, i) => i + 15));
    expect(trained.notes.slice(1)).toEqual([
      "2 rows are left out: values of v before aren't known; the horizon is 1 row",
      "1 row is left out, without v; { target: false } predicts them",
    ]);
    const all = pipeline.transform(open, { target: false });
    expect([all.y, all.rows.at(-1)]).toEqual([undefined, count - 3]);
    const far = rows.fit({ target: "v", task: "series", horizon: 3 }).transform(open, { target: false });
    expect(far.rows.at(-1)).toBe(count - 1);
  });

  test("a gap in the history is filled by the value before, and said", () => {
    const gap = table({ when, v: v.map((value, i) => (i === 40 ? null : value)), other }).infer();
    const filled = table({ when, v: v.map((value, i) => (i === 40 ? v[39]! : value)), other }).infer();
    const [a, b] = [pipeline.transform(gap), pipeline.transform(filled)];
    const width = pipeline.features.length;
    expect(a.x.slice(26 * width - width)).toEqual(b.x.slice(26 * width));
    expect(a.rows.includes(40)).toBe(false);
    expect(a.notes.at(-1)).toBe("v: 1 cell in the history is missing; the last value before stands for each");
  });

  test("times that are farther apart are said", () => {
    const late = when.map((day, i) => new Date(day.getTime() + (i >= 30 ? 5 * DAY : 0)));
    expect(pipeline.transform(table({ when: late, v, other }).infer()).notes[0]).toBe(
      "when: 1 step is longer than usual (2020-01-30 to 2020-02-05); values before are counted in rows",
    );
  });

  test("what is known ahead is used as columns say", () => {
    const own = rows.fit({ target: "v", task: "series", columns: { other: standardize(), when: "drop" } });
    expect(own.features.slice(0, 2)).toEqual(["other", "v, 1 before, less 7 before"]);
    const both = rows.fit({ target: "v", task: "series", columns: { other: [standardize(), lag({ steps: [0, 2] })] } });
    expect(both.features.filter((name) => name.startsWith("other"))).toEqual(["other, 0 before", "other, 2 before"]);
    expect(rows.fit({ target: "v", task: "series" }).features.filter((name) => name.startsWith("other"))).toEqual([
      "other, 1 before",
      "other, 2 before",
      "other, 3 before",
    ]);
  });

  test("after JSON it is the same to the bit", () => {
    const again = pipelineFromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(again.transform(rows)).toEqual(pipeline.transform(rows));
    expect(String(again)).toBe(String(pipeline));
    expect(again.series).toEqual({ time: "when", horizon: 1 });
  });
});

test("half hours have a day's and a week's rhythm", () => {
  const when = days(3000, DAY / 48);
  const v = when.map((_, i) => 10 * noise(i % 48) + 5 * noise(i % 336) + noise(i));
  const { features, notes } = table({ when, v }).infer().fit({ target: "v", task: "series" });
  expect(notes[0]).toContain("30 minutes apart");
  for (const each of [1, 12, 47, 48, 49, 335, 337]) expect(features).toContain(`v, ${each} before, less 336 before`);
});

describe("the time is a column of whole numbers", () => {
  const years = Array.from({ length: 60 }, (_, i) => ({ year: 1960 + i, v: 50 + 10 * noise(i) + i }));

  test("years, in any order, with a file that keeps them", () => {
    const mixed = years.map((_, i) => years[(i * 7) % 60]!);
    const pipeline = table(mixed).infer().fit({ target: "v", task: "series", time: "year" });
    expect(pipeline.notes[0]).toMatch(/^target v, yearly: /);
    expect(pipeline.dropped).toEqual([{ name: "year", reason: "the order of the rows" }]);
    const inOrder = table(years).infer().fit({ target: "v", task: "series", time: "year" });
    const [a, b] = [pipeline.transform(mixed), inOrder.transform(years)];
    expect([a.x, a.y]).toEqual([b.x, b.y]);
    expect(Array.from(a.rows, (row) => mixed[row]!.year)).toEqual(Array.from(b.rows, (row) => years[row]!.year));
    const again = pipelineFromJSON(JSON.parse(JSON.stringify(inOrder.withHistory(years.slice(0, 50)))));
    const after = again.transform(years.slice(50));
    expect(after.rows).toEqual(Uint32Array.from({ length: 10 }, (_, i) => i));
    expect(after.x).toEqual(b.x.slice(-after.x.length));
  });

  test("steps that count, with a gap and with one that is there twice", () => {
    const steps = years.map(({ v }, i) => ({ step: i < 30 ? i : i + 5, v }));
    const pipeline = table(steps).infer().fit({ target: "v", task: "series", time: "step" });
    expect(pipeline.notes).toEqual([
      "step: 1 step is longer than usual (29 to 35); values before are counted in rows",
      expect.stringMatching(/^target v, without a calendar's rhythm: /),
    ]);
    expect(() => pipeline.transform([...steps, { step: 3, v: 1 }])).toThrow(
      'transform: column "step", rows 3 and 60 are both 3, but a series has one row for each time; add them up, or take one series at a time',
    );
  });
});

test("targets are the cells themselves, in the rows' order", () => {
  const rows = days(60).map((when, i) => ({ when, v: i % 9 === 0 ? 0 : 0.1 + noise(i) }));
  const { rows: places, targets } = table(rows).infer().fit({ target: "v", task: "series" }).transform(rows);
  expect(targets).toEqual(Float64Array.from(places, (row) => rows[row]!.v));
  expect(targets).toContain(0);
});
