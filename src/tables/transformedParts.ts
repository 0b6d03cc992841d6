// The rows of each part, transformed by the pipeline that was fitted on those to train on.
import type { Pipeline, RawRows, Table, Transformed } from "../data/tableTypes.ts";
import type { Parts } from "./parts.ts";

/** Something of each part of a table; of the rows to test with only if there are any. */
export interface PartsWith<T> {
  readonly train: T;
  readonly validation: T;
  readonly test: T | undefined;
}

/** Parts of a table as numbers. */
export type TransformedParts = PartsWith<Transformed>;

/** Rows that are tested with: they are of a table of their own, or of the one that was divided. */
export type TestRows = Table | RawRows | undefined;

/**
 * Transforms the parts of a table; `test` may be of another one. Of a series the rows before a part are its history. The `rows` of each
 * part are positions in the table that was divided, or in `test`.
 */
export function transformParts(
  where: string,
  pipeline: Pipeline,
  table: Table,
  parts: Parts,
  test: TestRows,
): TransformedParts {
  const transformed =
    pipeline.task === "series"
      ? seriesParts(where, pipeline, table, parts, test)
      : rowParts(where, pipeline, table, parts, test);
  for (const [name, part] of Object.entries(transformed) as [keyof TransformedParts, Transformed | undefined][]) {
    if (part === undefined || (part.rows.length > 0 && part.y)) continue;
    const why = pipeline.task === "series" ? "; a series needs rows before each that it predicts" : "";
    const which = {
      train: "the rows to train on",
      validation: "the rows of the validation",
      test: "the rows of the test",
    };
    throw new RangeError(`${where}: ${which[name]} have no target to learn from or compare with${why}`);
  }
  return transformed;
}

function rowParts(where: string, pipeline: Pipeline, table: Table, parts: Parts, test: TestRows): TransformedParts {
  const own = (places: Uint32Array): Transformed => ofTable(pipeline.transform(table.take(places)), places);
  return {
    train: own(parts.train),
    validation: own(parts.validation),
    test: parts.test ? own(parts.test) : test && ofOthers(where, () => pipeline.transform(test)),
  };
}

/** All rows are transformed at once, in the order of their times; then they are divided where the parts begin. */
function seriesParts(where: string, pipeline: Pipeline, table: Table, parts: Parts, test: TestRows): TransformedParts {
  const all = table.take(parts.all);
  const whole = ofTable(pipeline.transform(all), parts.all);
  // only the first rows have too few before them
  const skipped = parts.all.length - whole.rows.length;
  const first = Math.max(0, parts.train.length - skipped);
  const second = Math.max(first, parts.train.length + parts.validation.length - skipped);
  return {
    train: slice(whole, 0, first),
    validation: slice(whole, first, second),
    test: parts.test
      ? slice(whole, second, whole.rows.length)
      : test && ofOthers(where, () => pipeline.withHistory(all).transform(test)),
  };
}

/** Transforms rows that came from elsewhere: what is wrong with them is said of `test`. */
function ofOthers(where: string, transform: () => Transformed): Transformed {
  try {
    return transform();
  } catch (error) {
    const { message } = error as Error;
    throw new RangeError(`${where}: test: ${message.replace(/^transform: /, "")}`, { cause: error });
  }
}

/** The same with positions in the table that the rows were taken of. */
const ofTable = (transformed: Transformed, places: Uint32Array): Transformed => ({
  ...transformed,
  rows: transformed.rows.map((row) => places[row]!),
});

/** Consecutive rows: nothing is copied. */
export function slice({ x, y, targets, rows, before, notes }: Transformed, begin: number, end: number): Transformed {
  const width = rows.length === 0 ? 0 : x.length / rows.length;
  return {
    x: x.subarray(begin * width, end * width),
    y: y?.subarray(begin, end),
    ...(targets ? { targets: targets.subarray(begin, end) } : {}),
    rows: rows.subarray(begin, end),
    ...(before ? { before: before.subarray(begin, end) } : {}),
    notes,
  };
}

/** Some rows, by their places in x. */
export function subset({ x, y, targets, rows, before, notes }: Transformed, places: Uint32Array): Transformed {
  const width = rows.length === 0 ? 0 : x.length / rows.length;
  const some = new Float32Array(places.length * width);
  places.forEach((place, i) => some.set(x.subarray(place * width, (place + 1) * width), i * width));
  return {
    x: some,
    y: y && Float32Array.from(places, (place) => y[place]!),
    ...(targets ? { targets: Float64Array.from(places, (place) => targets[place]!) } : {}),
    rows: places.map((place) => rows[place]!),
    ...(before ? { before: Float64Array.from(places, (place) => before[place]!) } : {}),
    notes,
  };
}

/** Something of each part that there is. */
export const ofParts = <T, R>({ train, validation, test }: PartsWith<T>, of: (part: T) => R): PartsWith<R> => ({
  train: of(train),
  validation: of(validation),
  test: test && of(test),
});
