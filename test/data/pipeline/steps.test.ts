// Each step against scikit-learn 1.2.1 and pandas 1.5.3: the numbers are what the commands named beside them printed.
import { describe, expect, test } from "vitest";
import {
  dateParts,
  impute,
  lag,
  log1p,
  minMax,
  oneHot,
  ordinal,
  robustScale,
  standardize,
  type Step,
  table,
  type Transformed,
  window,
} from "../../../src/data.ts";

type Cells = readonly (number | string | null)[];

/** A column through its steps, fitted on some cells. */
function through(steps: Step | readonly Step[], cells: Cells, later: Cells = cells): Transformed {
  const rows = table({ v: cells }).infer({ types: { v: typeof cells[0] === "string" ? "category" : "number" } });
  return rows.fit({ columns: { v: steps } }).transform(later.map((v) => ({ v })));
}

/** Equal but for the last rounding of float32. */
function expectNear(x: Float32Array, values: readonly number[]): void {
  expect(x.length).toBe(values.length);
  values.forEach((value, i) => expect(Math.abs(x[i]! - value)).toBeLessThanOrEqual(1.2e-7 * Math.abs(value)));
}

describe("numbers", () => {
  const cells = [3, -1.5, 8, 0.25, 100, 7, 7, 2.125];
  const later = [-20, 1, 30];

  test("standardize is StandardScaler().fit(v).transform(v)", () => {
    expectNear(
      through(standardize(), cells).x,
      [
        -0.39782142639160156, -0.5384012460708618, -0.24162159860134125, -0.48373132944107056, 2.6324551105499268,
        -0.2728615701198578, -0.2728615701198578, -0.4251564145088196,
      ],
    );
    expectNear(through(standardize(), cells, later).x, [-1.116340637207031, -0.46030136942863464, 0.4456576406955719]);
  });

  test("robustScale is RobustScaler()", () => {
    expectNear(
      through(robustScale({ clip: 100 }), cells).x,
      [
        -0.35754188895225525, -1.1620111465454102, 0.5363128781318665, -0.8491619825363159, 16.983240127563477,
        0.35754188895225525, 0.35754188895225525, -0.5139665007591248,
      ],
    );
    expectNear(through(robustScale(), cells, later).x, [-4.469273567199707, -0.7150837779045105, 4.469273567199707]);
  });

  test("minMax is MinMaxScaler((-1, 2))", () => {
    const step = minMax({ low: -1, high: 2 });
    expectNear(
      through(step, cells).x,
      [
        -0.866995096206665, -1, -0.7192118167877197, -0.9482758641242981, 2, -0.7487684488296509, -0.7487684488296509,
        -0.8928571343421936,
      ],
    );
    expectNear(through(step, cells, later).x, [-1.5467979907989502, -0.9261083602905273, -0.06896551698446274]);
  });

  test("log1p is numpy's", () => {
    const values = [
      0, 9.999999717180685e-10, 0.40546509623527527, 1.3862943649291992, 13.815511703491211, 88.59684753417969,
    ];
    expectNear(through(log1p(), [0, 1e-9, 0.5, 3, 1e6, 3e38]).x, values);
  });

  test("impute is SimpleImputer(add_indicator=True)", () => {
    const some = [5, null, 1, null, 9, 1, 2];
    const filled = (value: number): number[] => [5, 0, value, 1, 1, 0, value, 1, 9, 0, 1, 0, 2, 0];
    expectNear(through(impute(), some).x, filled(2));
    expectNear(through(impute({ by: "mean" }), some).x, filled(3.5999999046325684));
    expectNear(through(impute({ by: "frequent" }), some).x, filled(1));
    expectNear(through(impute({ by: "constant", value: 7 }), some).x, filled(7));
    expect(Array.from(through(impute({ flag: false }), some).x)).toEqual([5, 2, 1, 2, 9, 1, 2]);
  });

  test("what is far from the training rows is held, and said", () => {
    const { x, notes } = through(standardize({ clip: 3 }), [1, 2, 3], [2, 1e30, -1e30]);
    expect(Array.from(x)).toEqual([0, 3, -3]);
    expect(notes).toEqual(["v: 2 cells are far beyond the training rows' and held at the bound"]);
    expect(Array.from(through(minMax(), [0, 1], [1e30, -1e30]).x)).toEqual([11, -10]);
    const below = through([log1p(), standardize()], [0, 1, 5], [-3]);
    expect(below.x).toEqual(through([log1p(), standardize()], [0, 1, 5], [0]).x);
    expect(below.notes).toEqual(["v: 1 cell is below 0 and taken as 0"]);
  });

  test("one value, the smallest and the largest numbers stay finite", () => {
    for (const step of [standardize(), robustScale(), minMax()]) {
      expect(Array.from(through(step, [5, 5, 5]).x)).toEqual([0, 0, 0]);
      for (const wild of [
        [3e38, -3e38, 3e38],
        [5e-324, 0, 0],
        [3.4e38, 3.3e38, 5e-324],
      ]) {
        expect(through(step, wild).x.every(Number.isFinite), `${step.step} of ${wild.join()}`).toBe(true);
      }
    }
  });
});

describe("words", () => {
  const cells = ["b", "a", "c", "a", "b", "a"];

  test('oneHot is OneHotEncoder(handle_unknown="ignore")', () => {
    const { x, notes } = through(oneHot(), cells, ["a", "z", "c"]);
    expect(Array.from(x)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(notes).toEqual(['v: 1 cell has a word that no training row has ("z"); all its features are 0']);
  });

  test('oneHot with rare words is OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2)', () => {
    const { x, notes } = through(oneHot({ rare: 2 }), cells, ["a", "z", "c", "b"]);
    expect(Array.from(x)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0]);
    expect(notes).toEqual(['v: 1 cell has a word that no training row has ("z"); taken as other']);
    expect(Array.from(through(oneHot({ most: 1, rare: 1 }), cells, ["a", "b", "c"]).x)).toEqual([1, 0, 0, 1, 0, 1]);
  });

  test("ordinal is OrdinalEncoder(unknown_value=-1)", () => {
    expect(Array.from(through(ordinal(), cells, ["c", "a", "z", "b"]).x)).toEqual([2, 0, -1, 1]);
    expect(Array.from(through(ordinal({ order: ["c", "b", "a"] }), cells, ["c", "a", "b"]).x)).toEqual([0, 2, 1]);
    expectNear(through([ordinal(), minMax()], cells, ["c", "a", "b"]).x, [1, 0, 0.5]);
  });

  test("missing words have a feature, or become the most frequent one", () => {
    expect(Array.from(through(oneHot(), ["b", "", "a"]).x)).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    expect(Array.from(through([impute(), oneHot()], ["b", "", "a", "b"], ["", "a"]).x)).toEqual([0, 1, 1, 1, 0, 0]);
    const other = impute({ by: "constant", value: "none", flag: false });
    expect(Array.from(through([other, oneHot()], ["b", "", "a"]).x)).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    expect(Array.from(through([impute({ flag: false }), ordinal()], ["b", "", "b", "a"]).x)).toEqual([1, 1, 1, 0]);
  });
});

describe("dates", () => {
  const parts = (given: Parameters<typeof dateParts>[0], days: readonly string[], later = days): Transformed => {
    const rows = table({ v: days }).infer({ types: { v: "date" } });
    return rows.fit({ columns: { v: dateParts(given) } }).transform(later.map((v) => ({ v })));
  };
  const circle = (share: number): number[] => [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)];
  const expectClose = (x: Float32Array, values: readonly number[]): void =>
    values.forEach((value, i) => expect(x[i]).toBeCloseTo(value, 6));

  test("the day of week is one-hot, of the days that there are", () => {
    const days = ["2026-01-05", "2026-01-06", "2026-01-11"]; // Monday, Tuesday, Sunday
    const { x, notes } = parts({ parts: ["dayOfWeek", "weekend"] }, days, [...days, "2026-01-07"]);
    expect(Array.from(x)).toEqual([0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0]);
    expect(notes).toEqual([]);
  });

  test("other parts are on circles", () => {
    const days = ["2024-01-01", "2024-12-31 18:00", "2023-07-01 06:00", "1969-02-28"];
    expectClose(
      parts({ parts: ["month"] }, days).x,
      [0, 11, 6, 1].flatMap((month) => circle(month / 12)),
    );
    expectClose(
      parts({ parts: ["hour"] }, days).x,
      [0, 18, 6, 0].flatMap((hour) => [...circle(hour / 24), ...circle((2 * hour) / 24)]),
    );
    const shares = [0, 365 / 366, 181 / 365, 58 / 365];
    expectClose(
      parts({ parts: ["dayOfYear"] }, days).x,
      shares.flatMap((share) => [...circle(share), ...circle(2 * share)]),
    );
    expectClose(
      parts({ parts: ["dayOfWeek"], cyclic: true }, days).x,
      [1, 2, 6, 5].flatMap((day) => circle(day / 7)),
    );
    const once = parts({ parts: ["month"], cyclic: false }, days).x;
    expect(Array.from(once.subarray(0, 4))).toEqual([1, 0, 0, 0]);
  });

  test("the trend is standardized, and held a tenth of the span beyond", () => {
    const days = ["2026-01-01", "2026-01-11", "2026-01-21"];
    const { x, notes } = parts({ parts: ["trend"] }, days, [...days, "2026-01-23", "2030-01-01", "1990-01-01"]);
    expectClose(x, [-1.2247448, 0, 1.2247448, 1.4696938, 1.4696938, -1.4696938]);
    expect(notes).toEqual(["v: 2 cells are far outside the training rows' time, where the trend is held"]);
  });

  test("a missing date is 0 in all parts", () => {
    expect(Array.from(parts({ parts: ["weekend"] }, ["2026-01-04", "", "2026-01-05"]).x)).toEqual([1, 0, 0, 1, 0, 0]);
    const later = parts({ parts: ["weekend"] }, ["2026-01-04", "2026-01-05"], [""]);
    expect([Array.from(later.x), later.notes]).toEqual([
      [0],
      ["v: 1 cell is missing, 0 in all its features, though none was in training"],
    ]);
  });

  test("the usual parts are those that tell rows apart", () => {
    const usual = (step: number, count: number): string[] => {
      const when = Array.from({ length: count }, (_, i) => new Date(Date.UTC(2020, 0, 1) + i * step));
      const { columns } = table({ when }).infer().fit();
      return columns[0]!.steps
        .join()
        .split("; ")
        .map((part) => part.split(/[,1-9]| from/)[0]!.trim());
    };
    const day = 86400000;
    expect(usual(day, 30)).toEqual(["trend", "day of week"]);
    expect(usual(day, 900)).toEqual(["trend", "day of week", "day of year"]);
    expect(usual(day / 48, 900)).toEqual(["trend", "hour", "day of week"]);
    expect(usual(7 * day, 200)).toEqual(["trend", "day of year"]);
    const when = Array.from({ length: 40 }, (_, i) => new Date(Date.UTC(2020, i, 1)));
    expect(table({ when }).infer().fit().features).toEqual([
      "when: trend",
      "when: month sin",
      "when: month cos",
      "when: month sin 2",
      "when: month cos 2",
    ]);
  });
});

describe("rows before", () => {
  const squares = Array.from({ length: 40 }, (_, i) => (i + 1) * (i + 1));
  const day = squares.map((_, i) => new Date(Date.UTC(2026, 0, 1 + i)));
  const rows = table({ day, v: squares, sold: squares.map((_, i) => (i * 7) % 5) }).infer();
  /** The features of v, by the place of the row; of those that are there. */
  const of = (step: Step): Map<number, number[]> => {
    const pipeline = rows.fit({ target: "sold", task: "series", columns: { day: "drop", v: step } });
    const { x, rows: places } = pipeline.transform(rows);
    const width = pipeline.features.length;
    const own = pipeline.features.filter((name) => name.startsWith("v,")).length;
    return new Map(Array.from(places, (row, i) => [row, Array.from(x.subarray(i * width, i * width + own))]));
  };

  test("lag is pandas' s.shift", () => {
    const found = of(lag({ steps: [1, 3] }));
    expect(found.size).toBeGreaterThan(20);
    for (const [row, values] of found) expect(values).toEqual([squares[row - 1], squares[row - 3]]);
  });

  test("window is pandas' s.shift(1).rolling(3), sd with ddof=0", () => {
    const found = of(window({ length: 3, of: ["mean", "max", "min", "sd"] }));
    expect(found.size).toBeGreaterThan(20);
    for (const [row, values] of found) {
      const last = [1, 2, 3].map((before) => squares[row - before]!);
      const mean = (last[0]! + last[1]! + last[2]!) / 3;
      const deviation = Math.sqrt(last.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / 3);
      expect(values).toEqual([mean, last[0], last[2], deviation].map((value) => Math.fround(value!)));
    }
    // s = pd.Series(range(1, 41)) ** 2; s.shift(1).rolling(3).std(ddof=0)[20] is 31.030450993965385
    expect(found.get(20)?.[3]).toBe(Math.fround(31.030450993965385));
    for (const [row, values] of of(window({ length: 2 }))) expect(values).toEqual([squares[row - 1], squares[row - 2]]);
  });
});
