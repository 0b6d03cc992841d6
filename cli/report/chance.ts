// How far a score may be off by chance, roughly.
import type { Metrics, TableReport } from "./types.ts";
import { metricText, metricWord } from "./metrics.ts";
import { counted } from "./numbers.ts";

/** Below so many rows every difference may be luck. */
const FEW_ROWS = 30;

/**
 * How many standard errors of a score two models' scores of the same rows must differ by. Their errors go together: at a correlation of
 * 0.5 the difference has the standard error of one score, and twice that is asked for. From fold to fold the rows differ, too, so that the
 * deviation says more than enough: at a correlation of 0.8 the difference has 0.63 of it.
 */
const CLEARLY = { rows: 2, folds: 1.26 };

/** The standard error of an area under the curve, by Hanley & McNeil (1982). */
function errorOfArea(area: number, positive: number, negative: number): number {
  const fewer = Math.min(positive, negative);
  // an area of 1 isn't certain
  const a = Math.min(area, 1 - 0.5 / fewer);
  const [q1, q2] = [a / (2 - a), (2 * a * a) / (1 + a)];
  const squares = a * (1 - a) + (positive - 1) * (q1 - a * a) + (negative - 1) * (q2 - a * a);
  return Math.sqrt(Math.max(0, squares) / (positive * negative));
}

/** The standard error of a score of the evaluated rows; undefined where it isn't known. */
export function standardError(report: TableReport, metric: string): number | undefined {
  const { of } = report.evaluation;
  const score = of.metrics[metric] ?? NaN;
  if (of.task !== "classification" || !Number.isFinite(score)) return undefined;
  const [negative, positive] = of.perClass.map(({ rows }) => rows);
  if (metric === "rocAuc") return positive && negative ? errorOfArea(score, positive, negative) : undefined;
  // two rows more, one of them right: all right isn't certain
  const share = (score * of.rows + 1) / (of.rows + 2);
  return Math.sqrt((share * (1 - share)) / of.rows);
}

/** Why a difference may be luck; undefined where it is clear enough. */
export function luck(report: TableReport, metric: string, difference: number): string | undefined {
  const { rows } = report.evaluation.of;
  if (rows < FEW_ROWS) return `${counted(rows, "row")} ${rows === 1 ? "says" : "say"} little`;
  const sd: Metrics[string] | undefined = report.folds?.sd[metric];
  const folds = sd !== undefined && Number.isFinite(sd);
  const error = folds ? sd : standardError(report, metric);
  if (error === undefined || Math.abs(difference) >= (folds ? CLEARLY.folds : CLEARLY.rows) * error) return undefined;
  const [name, size] = [metricWord(metric), metricText(metric, error)];
  return folds
    ? `the ${name} differs by about ${size} from fold to fold`
    : `the ${name} of ${counted(rows, "row")} is known only to about ±${size}`;
}
