// How the rows were divided, and what was decided, in words for people.
import type { TableReport } from "./types.ts";
import { count, counted, rounded } from "./numbers.ts";

/** What a share comes to isn't said: the numbers of rows are. */
const withoutRounding = (how: string): string => how.replaceAll(/; [\d.,]+ % is [\d.,]+(?=;|$)/g, "");

/** "700 rows: 420 to train, ..." */
const COUNTS = /^([\d,]+) rows?: (?=[\d,]+ to train)/;

/** Are the rows to test with of another file? */
export function testIsFile({ rows }: Pick<TableReport, "rows">): boolean {
  return rows.test > 0 && COUNTS.test(rows.how) && !/^[^;]*\d to test(?:;|$)/.test(rows.how);
}

/** Rows that have no part though nothing is wrong with them: the first ones of a series. */
export function withoutHistory({ rows, task, ...rest }: TableReport): number {
  const { total, left, train, validation, test } = rows;
  if (task !== "series") return 0;
  return Math.max(0, total - left - train - validation - (testIsFile({ rows, ...rest }) ? 0 : test));
}

/** How the rows were divided: "700 rows: 420 to train, ...". */
export function divided(report: TableReport): string {
  const first = withoutHistory(report);
  const others = testIsFile(report) ? `; ${counted(report.rows.test, "row")} of the file of --test to test` : "";
  const early = first > 0 ? `; the first ${first === 1 ? "one" : count(first)} to train can't be predicted: too few rows before` : ""; // prettier-ignore
  return withoutRounding(report.rows.how) + others + early;
}

/** The same as sentences. */
export function dividedSentence({ rows }: TableReport): string {
  const how = withoutRounding(rows.how);
  const [all, divisible] = COUNTS.exec(how) ?? [];
  const total = `The table has ${counted(rows.total, "row")}`;
  if (all === undefined) return `${total}. They were divided ${how}.`;
  const some = divisible === count(rows.total) ? "" : `, of which ${divisible} were divided`;
  return `${total}${some}: ${how.slice(all.length)}.`;
}

const COUNTED_MORE = "rows of rare classes counted more: ";

/** A note on the model, its weights to three digits. */
export function noteText(note: string): string {
  const short = (_: string, before: string, number: string): string => before + rounded(Number(number));
  return note.startsWith(COUNTED_MORE)
    ? note.replaceAll(/( )(\d+\.\d+)(?=[,;])/g, short)
    : note.replace(/( from a probability of )(\d+\.\d+)(?= on,)/, short);
}
