// Dates as they are written in tables.
import { expect, test } from "vitest";
import { dateReader } from "../../src/data/dates.ts";

/** A slow reader of yyyy-mm-dd with a time or without, in UTC: what JavaScript makes of it, if it writes the same again. */
function byDate(text: string, sign: string): number | undefined {
  const [day = "", time, ...more] = text.split(/[ T]/);
  if (more.length > 0 || (time === undefined && text.length !== 10)) return undefined;
  if (!/^\d{4}.\d\d.\d\d$/.test(day) || day[4] !== sign || day[7] !== sign || Number(day.slice(0, 4)) < 100)
    return undefined;
  if (time !== undefined && !/^\d\d:\d\d(?::\d\d)?$/.test(time)) return undefined;
  const iso = `${day.replaceAll(sign, "-")}T${(time ?? "00:00").padEnd(8, ":00")}.000Z`;
  const value = new Date(iso).getTime();
  return Number.isNaN(value) || new Date(value).toISOString() !== iso ? undefined : value;
}

test("all days of two years, with times and without, are what JavaScript makes of them", () => {
  for (const [format, sign] of [
    ["iso", "-"],
    ["yyyy/mm/dd", "/"],
  ] as const) {
    // prettier-ignore
    const read = dateReader(format)!;
    let dates = 0;
    const wrong: string[] = [];
    for (const year of ["2023", "2024", "1900", "2000", "0099", "0100"]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const two = (value: number): string => String(value).padStart(2, "0");
          const date = `${year}${sign}${two(month)}${sign}${two(day)}`;
          for (const time of [
            "",
            " 00:00",
            "T23:59:59",
            ` ${two(day)}:${two(2 * month)}`,
            ` 12:${two(2 * day)}:${two(5 * month)}`,
          ]) {
            const text = date + time;
            const value = read(text);
            if (value !== byDate(text, sign)) wrong.push(text);
            dates += Number(value !== undefined);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(dates).toBeGreaterThan(5000);
  }
});

test.each([
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  ["2024-01-05 06:07", Date.UTC(2024, 0, 5, 6, 7)],
  ["2024-01-05 6:07", Date.UTC(2024, 0, 5, 6, 7)],
  ["2024-01-05 06:07:08.5", Date.UTC(2024, 0, 5, 6, 7, 8, 500)],
  ["2024-01-05T06:07Z", Date.UTC(2024, 0, 5, 6, 7)],
  ["2024-01-05T06:07:08+02:00", Date.UTC(2024, 0, 5, 4, 7, 8)],
  ["2024/01/05", undefined],
  ["2024-01/05", undefined],
  ["2024-01-05x06:07", undefined],
  ["2024-01-05 06.07", undefined],
  ["2024-01-05 06:07.08", undefined],
  ["2024-01-05 24:00", undefined],
  ["2O24-01-05", undefined],
  ["2024-01-0 5", undefined],
  ["-024-01-05", undefined],
  ["", undefined],
])("iso: %j", (text, expected) => expect(dateReader("iso")!(text)).toBe(expected));
