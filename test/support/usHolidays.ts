// The days on which the United States stay at home, by rule.

/** Days of the week, as getUTCDay has them. */
const [MONDAY, THURSDAY] = [1, 4];

const DAY = 86_400_000;

const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day);
const isoText = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The first such day of the week in a month, from the given day on. */
const weekdayFrom = (year: number, month: number, day: number, weekday: number): number => {
  const start = dayOf(year, month, day);
  return start + ((weekday - new Date(start).getUTCDay() + 7) % 7) * DAY;
};

/** The holidays of a year: name and time (UTC). What falls on a Sunday is kept on Monday too, what falls on a Saturday on Friday. */
function holidaysOf(year: number): [string, number][] {
  const thanksgiving = weekdayFrom(year, 11, 22, THURSDAY);
  const fixed: [string, number][] = [
    ["New Year", dayOf(year, 1, 1)],
    ["Independence Day", dayOf(year, 7, 4)],
    ["Christmas", dayOf(year, 12, 25)],
  ];
  const observed = fixed.flatMap(([name, time]): [string, number][] => {
    const weekday = new Date(time).getUTCDay();
    return weekday === 0 ? [[name, time + DAY]] : weekday === 6 ? [[name, time - DAY]] : [];
  });
  return [
    ...observed,
    ...fixed,
    ["Christmas Eve", dayOf(year, 12, 24)],
    ["Memorial Day", weekdayFrom(year, 5, 25, MONDAY)],
    ["Labor Day", weekdayFrom(year, 9, 1, MONDAY)],
    ["Thanksgiving", thanksgiving],
    ["day after Thanksgiving", thanksgiving + DAY],
  ];
}

/** The name of the holiday of each date (ISO text), "no" on other days. */
export function holidayNames(dates: readonly string[]): string[] {
  const years = [...new Set(dates.map((date) => Number(date.slice(0, 4))))];
  // the New Year of the next year may be kept on 31 December
  const named = new Map(
    [...years, Math.max(...years) + 1].flatMap(holidaysOf).map(([name, time]) => [isoText(time), name]),
  );
  return dates.map((date) => named.get(date) ?? "no");
}
