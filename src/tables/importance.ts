// What a column is worth to a model: how much a score loses when the column's cells are shuffled.
import { checkTable, withColumnOrder } from "../data/columns.ts";
import { randomBits, shuffled } from "../data/random.ts";
import type { Table } from "../data/tableTypes.ts";
import { checkKeys, checkKind, checkWhole, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import type { Importance } from "./results.ts";

/** Options of `permutationImportance`. */
export interface ImportanceOptions {
  /** How often each column is shuffled; default 5. */
  readonly repeats?: number;
  /** Decides the order of the shuffled cells; default 1. */
  readonly seed?: number;
  /** The most rows to score; of more some are chosen by chance, all of them by default. */
  readonly most?: number;
}

/** The stream of random numbers, apart from those of models and other data. */
const STREAM_SHUFFLE = 0xd0000;

/**
 * How much a score loses when a column's cells are shuffled, which takes from the model what it knew of a row by this column alone. About 0:
 * the column isn't used, or another one says the same. The cells are put in the same orders in every column, so that a column's
 * importance doesn't depend on which others are asked for.
 *
 * @param table rows that the model wasn't trained on, as `score` takes them, with the target
 * @param columns the names of the columns to be shuffled, one after the other
 * @param score what the model reaches on a table, the higher the better, such as its R2 or AUC
 * @param options.repeats how often each column is shuffled; default 5
 * @param options.seed decides the order of the shuffled cells; default 1
 * @param options.most the most rows to score, chosen by chance from more; default all
 * @returns for each column the mean loss over the repeats, and the lowest and highest; the largest mean first
 * @throws {TypeError | RangeError} if a column isn't there, an option can't be used, or `score` gives no finite number
 * @see Breiman, "Random forests", Machine Learning 45, 2001
 * @example
 * const homes = table({ size: [1, 2, 3, 4, 5, 6], floor: [3, 1, 2, 2, 3, 1] }).infer();
 * const [first] = await permutationImportance(homes, ["size", "floor"], (some) =>
 *   // minus the error of a model whose price is the size
 *   some.column("size").values!.reduce((sum, size, i) => sum - Math.abs(size - i - 1), 0),
 * );
 * console.log(first!.column); // size
 */
export async function permutationImportance(
  table: Table,
  columns: readonly string[],
  score: (table: Table) => number | Promise<number>,
  options: ImportanceOptions = {},
): Promise<Importance[]> {
  const where = "permutationImportance";
  checkKeys(where, options, ["repeats", "seed", "most"], {
    nrepeats: "repeats",
    randomstate: "seed",
    maxsamples: "most",
  });
  const { repeats = 5, seed = 1, most } = options;
  checkTable(where, table);
  checkKind(Array.isArray(columns), where, "columns", "an array of columns' names", columns);
  checkKind(typeof score === "function", where, "score", "a function of a table that gives a number", score, "");
  checkWhole(where, "repeats", repeats);
  checkWhole(where, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  if (most !== undefined) checkWhole(where, "most", most);
  const known = table.columns.map(({ name }) => name);
  Array.from(columns, (name, i) => {
    checkKind(typeof name === "string", where, `columns[${i}]`, "a column's name", name);
    if (!known.includes(name)) throw new RangeError(`${where}: ${unknownText("column", name, known)}`);
    if (columns.indexOf(name) < i) throw new RangeError(`${where}: column ${valueText(name)} is named twice`);
  });
  if (table.rows === 0) throw new RangeError(`${where}: the table has no rows; at least one is needed`);

  const orderOf = (count: number, repeat: number): Uint32Array =>
    shuffled(count, randomBits(seed, STREAM_SHUFFLE, [repeat, 0]));
  const some =
    most !== undefined && most < table.rows ? table.take(orderOf(table.rows, 0).subarray(0, most).toSorted()) : table;
  const scoreOf = async (of: Table, what: string): Promise<number> => {
    const value = await score(of);
    if (Number.isFinite(value)) return value;
    throw new RangeError(`${where}: score must give a finite number, got ${valueText(value)} ${what}`);
  };
  const whole = await scoreOf(some, "of the table as it is");
  const results: Importance[] = [];
  for (const name of columns) {
    let [sum, low, high] = [0, Infinity, -Infinity];
    for (let repeat = 1; repeat <= repeats; repeat++) {
      const other = withColumnOrder(some, name, orderOf(some.rows, repeat));
      const loss = whole - (await scoreOf(other, `with ${valueText(name)} shuffled`));
      sum += loss;
      low = Math.min(low, loss);
      high = Math.max(high, loss);
    }
    results.push({ column: name, mean: sum / repeats, low, high });
  }
  return results.toSorted((a, b) => b.mean - a.mean);
}
