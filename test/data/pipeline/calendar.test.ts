// Days of the year and weekdays of months as features of dates.
import { describe, expect, test } from "vitest";
import { LISTED, listedValue, partFeatures, timesOf, usualParts } from "../../../src/data/pipeline/calendar.ts";
import { pipelineFromJSON } from "../../../src/data/pipeline/file.ts";
import { dateParts } from "../../../src/data/pipeline/steps.ts";
import { table } from "../../../src/data/table.ts";
import type { Table } from "../../../src/data/tableTypes.ts";

const DAY = 86400000;
const time = (text: string): number => Date.parse(`${text}T00:00:00Z`);

/** Every day of some years, with a number. */
function days(from: string, to: string): Table {
  const rows: { when: string; n: number }[] = [];
  for (let at = time(from); at <= time(to); at += DAY) {
    rows.push({ when: new Date(at).toISOString().slice(0, 10), n: rows.length % 5 });
  }
  return table(rows).infer();
}

describe("values that are listed", () => {
  test.each([
    ["2021-01-01", 0, 5 * 6], // Friday, the first one of January
    ["2021-01-31", 30, 4], // Sunday, the fifth one
    ["2021-02-14", 31 + 13, 42 + 1], // Sunday, the second one
    ["2024-02-29", 31 + 28, 42 + 4 * 6 + 4], // Thursday, the fifth one
    ["2021-12-31", 11 * 31 + 30, 11 * 42 + 5 * 6 + 4],
    ["1969-12-31", 11 * 31 + 30, 11 * 42 + 3 * 6 + 4], // before 1970
    ["1900-03-01", 2 * 31, 2 * 42 + 4 * 6],
  ])("%s", (text, monthDay, weekday) => {
    expect(listedValue("monthDay", time(text))).toBe(monthDay);
    expect(listedValue("weekdayOfMonth", time(text))).toBe(weekday);
    expect(listedValue("monthDay", time(text) + DAY - 1)).toBe(monthDay); // until the end of the day
    expect(listedValue("weekdayOfMonth", time(text) + DAY - 1)).toBe(weekday);
  });

  test("are below their limit, on every day of 30 years", () => {
    for (let at = time("1960-01-01"); at < time("1990-01-01"); at += DAY) {
      for (const part of ["monthDay", "weekdayOfMonth"] as const) {
        const value = listedValue(part, at);
        expect(value >= 0 && value < LISTED[part]).toBe(true);
      }
    }
  });

  test("have names", () => {
    expect(partFeatures("when", { part: "monthDay", values: [0, 59, 371] })).toEqual([
      "when: day=January 1",
      "when: day=February 29",
      "when: day=December 31",
    ]);
    expect(partFeatures("when", { part: "weekdayOfMonth", values: [4 * 42 + 6 + 5, 10 * 42 + 4 * 6 + 3] })).toEqual([
      "when: weekday=last Monday of May",
      "when: weekday=4th Thursday of November",
    ]);
  });
});

describe("days and weekdays of months", () => {
  const given = days("2019-01-01", "2021-12-31");
  const pipeline = given.fit({ columns: { when: dateParts({ parts: ["monthDay", "weekdayOfMonth"] }), n: "drop" } });
  /** The features that are 1 on a day. */
  const on = (day: string): string[] => {
    const { x } = pipeline.transform([{ when: day, n: "" }]);
    expect(x.every((value) => value === 0 || value === 1)).toBe(true);
    return pipeline.features.filter((_, i) => x[i] === 1);
  };

  test("are those of the training rows that come twice at least", () => {
    const ofDays = pipeline.features.filter((name) => name.startsWith("when: day="));
    expect(ofDays).toHaveLength(365);
    expect(ofDays).not.toContain("when: day=February 29"); // once
    // of each weekday of each month the first to fourth and the last; fifth ones where two years have them
    for (const place of ["1st", "2nd", "3rd", "4th", "last"]) {
      expect(pipeline.features.filter((name) => name.startsWith(`when: weekday=${place}`))).toHaveLength(84);
    }
  });

  test.each([
    ["2022-05-30", ["when: day=May 30", "when: weekday=last Monday of May"]],
    ["2022-05-09", ["when: day=May 9", "when: weekday=2nd Monday of May"]],
    ["2024-02-29", ["when: weekday=last Thursday of February"]],
    ["2023-11-23", ["when: day=November 23", "when: weekday=4th Thursday of November"]],
    // the fourth one is the last, too
    [
      "2022-11-24",
      ["when: day=November 24", "when: weekday=4th Thursday of November", "when: weekday=last Thursday of November"],
    ],
  ])("%s", (day, features) => expect(on(day).filter((name) => !name.includes("5th"))).toEqual(features));

  test("each row has the last weekday that a calendar says", () => {
    const { x } = pipeline.transform(given);
    const width = pipeline.features.length;
    const last = pipeline.features.flatMap((name, i) => (name.includes("=last") ? [i] : []));
    const times = given.column("when").values!;
    for (let row = 0; row < given.rows; row++) {
      const next = new Date(times[row]! + 7 * DAY).getUTCMonth() !== new Date(times[row]!).getUTCMonth();
      const count = last.reduce((sum, i) => sum + x[row * width + i]!, 0);
      expect(count).toBe(next ? 1 : 0);
    }
  });

  test("are the same when they were kept as JSON", () => {
    const copy = pipelineFromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(copy.features).toEqual(pipeline.features);
    expect(copy.transform(given).x).toEqual(pipeline.transform(given).x);
  });

  test("are 0 where the date is missing", () => {
    const { x, notes } = pipeline.transform([{ when: "", n: "1" }]);
    expect(x.every((value) => value === 0)).toBe(true);
    expect(notes).toEqual(["when: 1 cell is missing, 0 in all its features, though none was in training"]);
  });

  test.each([
    [[1.5], TypeError, /monthDay|values/],
    [[372], RangeError, /values\[0\]/],
    [[-1], RangeError, /values\[0\]/],
    [[0, 0], RangeError, /values/],
    ["all", TypeError, /values/],
  ])("a file with %j as values is refused", (values, _kind, message) => {
    const file = JSON.parse(JSON.stringify(pipeline)) as { columns: { steps: { parts: { values: unknown }[] }[] }[] };
    file.columns[0]!.steps[0]!.parts[0]!.values = values;
    expect(() => pipelineFromJSON(file)).toThrow(message);
  });
});

describe("parts that are usual", () => {
  const partsOf = (rows: Table): readonly string[] => {
    const { values } = rows.column("when");
    return usualParts(timesOf(values!), rows.rows);
  };

  test("tell days of the year apart where there are eight years of days", () => {
    expect(partsOf(days("2013-01-01", "2020-12-31"))).toEqual([
      "trend",
      "dayOfWeek",
      "dayOfYear",
      "monthDay",
      "weekdayOfMonth",
    ]);
    expect(partsOf(days("2014-01-01", "2020-12-31"))).toEqual(["trend", "dayOfWeek", "dayOfYear"]);
  });

  test("but not where days are few, or rows are many", () => {
    const all = days("2010-01-01", "2020-12-31");
    const third = all.take(Array.from({ length: Math.floor(all.rows / 3) }, (_, i) => 3 * i));
    expect(partsOf(third)).not.toContain("monthDay");
    const { values } = all.column("when");
    expect(usualParts(timesOf(values!), 20_000)).toContain("monthDay");
    expect(usualParts(timesOf(values!), 20_001)).not.toContain("monthDay");
  });
});
