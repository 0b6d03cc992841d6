// What the columns are worth to a network: how much a score loses when what was made of a column is shuffled among the rows.
import { permutation } from "../data/random.ts";
import type { Pipeline, Transformed } from "../data/tableTypes.ts";
import type { Importance } from "./results.ts";
import { subset } from "./transformedParts.ts";

const STREAM_SHUFFLE = 0xc0000;
const REPEATS = 5;

/**
 * The importance of each column, the largest first: numbers of x that were made of one column are shuffled together, which is the same as
 * shuffling the column, but for series, whose rows depend on each other.
 *
 * @param score of rows, the higher the better
 * @param options.most rows that are looked at; of more, some by chance
 */
export function featureImportance(
  pipeline: Pipeline,
  transformed: Transformed,
  score: (rows: Transformed) => number,
  options: { readonly seed: number; readonly most: number },
): Importance[] {
  const { seed, most } = options;
  const count = transformed.rows.length;
  const some =
    count <= most
      ? transformed
      : subset(transformed, permutation(count, seed, STREAM_SHUFFLE).slice(0, most).toSorted());
  const rows = some.rows.length;
  const width = pipeline.features.length;
  const whole = score(some);
  const orders = Array.from({ length: REPEATS }, (_, repeat) => permutation(rows, seed + repeat, STREAM_SHUFFLE + 1));
  let first = 0;
  const results = pipeline.columns.map(({ name, features }): Importance => {
    const [begin, end] = [first, (first += features)];
    const losses = orders.map((order) => {
      const x = some.x.slice();
      for (let row = 0; row < rows; row++) {
        const from = order[row]! * width;
        x.set(some.x.subarray(from + begin, from + end), row * width + begin);
      }
      return whole - score({ ...some, x });
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / REPEATS;
    return { column: name, mean, low: Math.min(...losses), high: Math.max(...losses) };
  });
  return results.toSorted((a, b) => b.mean - a.mean);
}
