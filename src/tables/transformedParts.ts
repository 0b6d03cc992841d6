// The rows of each part, transformed by the pipeline that was fitted on those to train on.
import type { Pipeline, RawRows, Table, Transformed } from "../data/tableTypes.ts";
import type { Parts } from "./parts.ts";
import type { MetricsByPart, Metrics } from "./results.ts";

/** Parts of a table as numbers. */
export interface TransformedParts {
  readonly train: Transformed;
  readonly validation: Transformed;
  readonly test: Transformed | undefined;
}

/** Transforms the parts; `test` may be of another table. Of a series the rows before a part are its history. */
export function transformParts(
  where: string,
  pipeline: Pipeline,
  parts: Parts,
  test: Table | RawRows | undefined,
): TransformedParts {
  const transformed =
    pipeline.task === "series"
      ? seriesParts(where, pipeline, parts, test)
      : {
          train: pipeline.transform(parts.train),
          validation: pipeline.transform(parts.validation),
          test: test && ofOthers(where, () => pipeline.transform(test)),
        };
  for (const [name, part] of Object.entries(transformed)) {
    if (part === undefined || (part.rows.length > 0 && part.y)) continue;
    const why = pipeline.task === "series" ? "; a series needs rows before each that it predicts" : "";
    throw new RangeError(
      `${where}: the rows ${name === "train" ? "to train on" : `of the ${name}`} have no target to learn from or compare with${why}`,
    );
  }
  return transformed;
}

/** All rows are transformed at once, in the order of their times; then they are divided where the parts begin. */
function seriesParts(
  where: string,
  pipeline: Pipeline,
  { train, validation, test: own, all }: Parts,
  test: Table | RawRows | undefined,
): TransformedParts {
  const whole = pipeline.transform(all);
  // only the first rows have too few before them
  const skipped = all.rows - whole.rows.length;
  const [first, second] = [train.rows - skipped, train.rows + validation.rows - skipped];
  return {
    train: someOf(whole, 0, first),
    validation: someOf(whole, first, second),
    test: own
      ? someOf(whole, second, whole.rows.length)
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

/** Consecutive rows. */
function someOf(whole: Transformed, begin: number, end: number): Transformed {
  const from = Math.max(0, begin);
  const to = Math.max(from, end);
  return subset(
    whole,
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
  );
}

/** Some rows, by their places in x. */
export function subset({ x, y, rows, before, notes }: Transformed, places: Uint32Array): Transformed {
  const width = rows.length === 0 ? 0 : x.length / rows.length;
  const some = new Float32Array(places.length * width);
  places.forEach((place, i) => some.set(x.subarray(place * width, (place + 1) * width), i * width));
  return {
    x: some,
    y: y && Float32Array.from(places, (place) => y[place]!),
    rows: places.map((place) => rows[place]!),
    ...(before ? { before: Float64Array.from(places, (place) => before[place]!) } : {}),
    notes,
  };
}

/** Something of each part that there is. */
export const byPart = (
  { train, validation, test }: TransformedParts,
  metrics: (part: Transformed) => Metrics,
): MetricsByPart => ({
  train: metrics(train),
  validation: metrics(validation),
  test: test ? metrics(test) : null,
});
