// Statistics of the numbers of columns, in float64: what is missing, NaN, is left out.

/** The numbers of a column, NaN left out, as a copy. */
function present(values: Float64Array): Float64Array {
  const numbers = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === value) numbers[count++] = value;
  }
  return numbers.subarray(0, count);
}

/** The numbers of a column, NaN left out, sorted. */
export const sortedValues = (values: Float64Array): Float64Array => present(values).toSorted();

/** The number below which a share of sorted numbers lies, between two of them linearly. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return a + (b - a) * (place - below);
}

/**
 * Puts the number that would stand at a place if all were sorted there; smaller ones before it, larger ones after it. Between `low` and
 * `high`, which are sorted so already.
 *
 * @see Hoare, "Algorithm 65: find", 1961
 */
function select(numbers: Float64Array, place: number, low: number, high: number): void {
  while (low < high) {
    const [a, b, c] = [numbers[low]!, numbers[(low + high) >> 1]!, numbers[high]!];
    const pivot = a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
    let [i, j] = [low, high];
    while (i <= j) {
      while (numbers[i]! < pivot) i++;
      while (numbers[j]! > pivot) j--;
      if (i > j) break;
      const other = numbers[i]!;
      numbers[i++] = numbers[j]!;
      numbers[j--] = other;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else return;
  }
}

/**
 * The values below which shares of the numbers lie, between two of them linearly, as numpy's `quantile`. NaN are left out.
 *
 * @param shares from the least to the largest
 */
export function quantiles(values: Float64Array, shares: readonly number[]): number[] {
  const numbers = present(values);
  const last = numbers.length - 1;
  let low = 0;
  return shares.map((share) => {
    if (last < 0) return NaN;
    const at = share * last;
    const place = Math.floor(at);
    select(numbers, place, low, last);
    const next = Math.min(place + 1, last);
    select(numbers, next, place, last);
    low = place;
    const [a, b] = [numbers[place]!, numbers[next]!];
    return a + (b - a) * (at - place);
  });
}

/** Mean and standard deviation (of the population) of the numbers that are there; NaN if there are none. */
export function meanAndDeviation(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== value) continue;
    sum += value;
    count++;
  }
  const mean = sum / count;
  let [squares, rest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const away = values[i]! - mean;
    if (away !== away) continue;
    squares += away * away;
    rest += away; // what rounding of the mean left
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

/** What numbers are like; NaN are left out. */
export function shapeOf(values: Float64Array): Shape {
  let [least, most, sum, count] = [Infinity, -Infinity, 0, 0];
  const different: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== value) continue;
    count++;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
    if (different.length < 3 && !different.includes(value)) different.push(value);
  }
  const [low = NaN, median = NaN, high = NaN] = quantiles(values, [0.25, 0.5, 0.75]);
  return { count, least, most, low, median, high, mean: sum / count, different: different.length };
}

/** Have the numbers a long tail above, and none below 0? Told by the mean beyond the median, in the range of the middle half. */
export const isSkewed = ({ least, most, low, median, high, mean }: Shape, much = 0.35): boolean =>
  least >= 0 && most >= 10 && most > high + 3 * (high - low) && mean - median > much * (high - low);

/** Do some lie more than ten times the range of the middle half beyond it? */
export const hasExtremes = ({ least, most, low, high }: Shape): boolean =>
  high > low && (most - high > 10 * (high - low) || low - least > 10 * (high - low));
