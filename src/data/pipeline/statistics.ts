// Statistics of the numbers that are there: of training rows, in float64.

/** Numbers of a column, NaN left out, sorted. */
export function sorted(values: Float64Array): Float64Array {
  let count = 0;
  const present = new Float64Array(values.length);
  for (const value of values) if (value === value) present[count++] = value;
  return present.subarray(0, count).sort();
}

/** The value below which a share of sorted numbers lies, between two of them linearly, as numpy's `quantile`. */
export function quantile(numbers: Float64Array, share: number): number {
  const place = share * (numbers.length - 1);
  const low = Math.floor(place);
  const [a, b] = [numbers[low]!, numbers[Math.min(low + 1, numbers.length - 1)]!];
  return a + (b - a) * (place - low);
}

/** Mean and standard deviation (of the population) of the numbers that are there; NaN if there are none. */
export function meanAndDeviation(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (value !== value) continue;
    sum += value;
    count++;
  }
  const mean = sum / count;
  let [squares, rest] = [0, 0];
  for (const value of values) {
    if (value !== value) continue;
    squares += (value - mean) * (value - mean);
    rest += value - mean; // what rounding of the mean left
  }
  return { mean, deviation: Math.sqrt(Math.max(0, (squares - (rest * rest) / count) / count)) };
}

/** What the numbers of a column are like. */
export interface Shape {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly mean: number;
  /** How many are different, counted up to 3. */
  readonly different: number;
}

/** What sorted numbers are like. */
export function shapeOf(numbers: Float64Array): Shape {
  let different = 0;
  for (let i = 0; i < numbers.length && different < 3; i++) if (i === 0 || numbers[i] !== numbers[i - 1]) different++;
  return {
    count: numbers.length,
    least: numbers[0] ?? NaN,
    most: numbers.at(-1) ?? NaN,
    low: quantile(numbers, 0.25),
    median: quantile(numbers, 0.5),
    high: quantile(numbers, 0.75),
    mean: meanAndDeviation(numbers).mean,
    different,
  };
}

/** Have the numbers a long tail above, and none below 0? Told by the mean beyond the median, in the range of the middle half. */
export const isSkewed = ({ least, most, low, median, high, mean }: Shape, much = 0.35): boolean =>
  least >= 0 && most >= 10 && most > high + 3 * (high - low) && mean - median > much * (high - low);

/** Do some lie more than ten times the range of the middle half beyond it? */
export const hasExtremes = ({ least, most, low, high }: Shape): boolean =>
  high > low && (most - high > 10 * (high - low) || low - least > 10 * (high - low));
