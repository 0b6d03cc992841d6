// Numbers of a table's columns, by hand.
import type { Column, Table } from "../src/data.ts";

/** Makes numbers of rows, by what the rows are like that a model learns from. */
export interface Numbers {
  /** The names of x's numbers. */
  readonly features: readonly string[];
  /** The standard deviation by which y was divided; 1 of classes. */
  readonly deviation: number;
  /** The inputs, row after row, and the targets. */
  read(rows: Table): { readonly x: Float32Array; readonly y: Float32Array };
}

/** One number of a row. */
interface Feature {
  readonly name: string;
  readonly column: string;
  readonly of: (column: Column, row: number) => number;
}

/**
 * Columns of numbers are standardized, (x - mean) / standard deviation, and what is missing is 0, which is the mean; each word of a
 * category is a number of its own, 1 where the row has this word and 0 elsewhere. The target is standardized, too; of two classes it is 1
 * for the one that is named.
 *
 * @param rows what the means, deviations and words are taken from: the rows that a model learns from, and no others
 */
export function numbersOf(rows: Table, target: string, yes?: string): Numbers {
  const features = rows.columns.filter(({ name }) => name !== target).flatMap(featuresOf);
  const aim = yes === undefined ? standardized(rows.column(target)) : undefined;
  return {
    features: features.map(({ name }) => name),
    deviation: aim?.deviation ?? 1,
    read(table) {
      const x = new Float32Array(table.rows * features.length);
      features.forEach(({ column, of }, place) => {
        const cells = table.column(column);
        for (let row = 0; row < table.rows; row++) x[row * features.length + place] = of(cells, row);
      });
      const cells = table.column(target);
      const y = Float32Array.from({ length: table.rows }, (_, row) =>
        aim ? aim.of(cells, row) : cells.at(row) === yes ? 1 : 0,
      );
      return { x, y };
    },
  };
}

function featuresOf(column: Column): Feature[] {
  const { name, words } = column;
  if (!words) return [{ name, column: name, of: standardized(column).of }];
  return words.map((word, code) => ({
    name: `${name}=${word}`,
    column: name,
    of: ({ codes, words: others }, row) => (others![codes![row]!] === words[code] ? 1 : 0),
  }));
}

function standardized({ values }: Column): { deviation: number; of: Feature["of"] } {
  const known = values!.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const variance = known.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / known.length;
  const deviation = Math.sqrt(variance);
  return {
    deviation,
    of(column, row) {
      const value = column.values![row]!;
      return Number.isNaN(value) ? 0 : (value - mean) / deviation;
    },
  };
}
