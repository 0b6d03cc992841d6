// How good a yes or no is: what a model says of rows, 1 for a sure yes and 0 for a sure no, and what is true of them.

/** What a model says of rows, and what is true, 1 or 0. */
export interface Scored {
  readonly a: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Rows by what was said and what is true. */
export interface Counts {
  /** Said yes, rightly. */
  readonly tp: number;
  /** Said yes, wrongly. */
  readonly fp: number;
  /** Said no, wrongly. */
  readonly fn: number;
  /** Said no, rightly. */
  readonly tn: number;
}

/** Counts the rows, where above `threshold` means yes. */
export function count({ a, y }: Scored, threshold: number): Counts {
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let row = 0; row < y.length; row++) {
    if (a[row]! > threshold) counts[y[row] === 1 ? "tp" : "fp"]++;
    else counts[y[row] === 1 ? "fn" : "tn"]++;
  }
  return counts;
}

/** The share of the rows that are right. */
export const accuracy = ({ tp, fp, fn, tn }: Counts): number => (tp + tn) / (tp + fp + fn + tn);

/** Of the rows of which yes was said, the share of which it is true; 0 if it was said of none. */
export const precision = ({ tp, fp }: Counts): number => (tp + fp === 0 ? 0 : tp / (tp + fp));

/** Of the rows of which yes is true, the share of which it was said. */
export const recall = ({ tp, fn }: Counts): number => tp / (tp + fn);

/** 2 precision recall / (precision + recall), their harmonic mean. */
export const f1 = ({ tp, fp, fn }: Counts): number => (2 * tp) / (2 * tp + fp + fn);

/** A point of the ROC curve, both from 0 to 1: the share of the noes, and of the yeses, of which yes is said. */
export interface RocPoint {
  readonly x: number;
  readonly y: number;
}

/** The ROC curve, from (0, 0) to (1, 1): a point for each threshold that says something else. */
export function roc({ a, y }: Scored): RocPoint[] {
  const order = Array.from(y, (_, row) => row).toSorted((one, other) => a[other]! - a[one]!);
  const positives = Array.from(y).filter((truth) => truth === 1).length;
  const points: RocPoint[] = [{ x: 0, y: 0 }];
  let [tp, fp] = [0, 0];
  order.forEach((row, place) => {
    if (y[row] === 1) tp++;
    else fp++;
    // rows of the same output are above or below a threshold together
    if (place + 1 === order.length || a[order[place + 1]!] !== a[row]) {
      points.push({ x: fp / (y.length - positives), y: tp / positives });
    }
  });
  return points;
}

/** The area below the curve, by trapezoids. */
export const area = (points: readonly RocPoint[]): number =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i]!.x) * (y + points[i]!.y)) / 2, 0);

/** The height of the curve at x, on the straight lines between the points; where it is vertical, the upper end. */
export function heightAt(points: readonly RocPoint[], x: number): number {
  const after = points.findIndex((point) => point.x > x);
  if (after < 0) return 1;
  const [one, other] = [points[after - 1]!, points[after]!];
  return one.y + ((other.y - one.y) * (x - one.x)) / (other.x - one.x);
}

/** All pairs of a yes and a no, and those in which the yes has the larger output; equal ones count half. */
export function pairs({ a, y }: Scored): { readonly all: number; readonly right: number } {
  let [all, right] = [0, 0];
  for (let yes = 0; yes < y.length; yes++) {
    if (y[yes] !== 1) continue;
    for (let no = 0; no < y.length; no++) {
      if (y[no] === 1) continue;
      all++;
      if (a[yes]! > a[no]!) right++;
      else if (a[yes] === a[no]) right += 0.5;
    }
  }
  return { all, right };
}

/** Rows whose outputs are between two numbers: what was said of them on average, and the share of which yes is true. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly said: number;
  readonly observed: number;
}

/** The rows by their outputs, above one edge and up to the next; the first bin has 0, too. */
export function calibration({ a, y }: Scored, edges: readonly number[]): Bin[] {
  return edges.slice(1).map((to, i) => {
    const from = edges[i]!;
    const rows = Array.from(y, (_, row) => row).filter((row) => (a[row]! > from || i === 0) && a[row]! <= to);
    const mean = (values: ArrayLike<number>): number => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
    return { from, to, rows: rows.length, said: mean(a), observed: mean(y) };
  });
}
