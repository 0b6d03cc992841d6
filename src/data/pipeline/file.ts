// Pipelines of plain values, as they are kept in files. All is checked: a file may come from anywhere.
import { checkKind, isRecord, valueText } from "../../util/check.ts";
import type { ColumnReading } from "../columnReading.ts";
import { dateReader } from "../dates.ts";
import type { ColumnType, Pipeline } from "../tableTypes.ts";
import {
  at,
  has,
  listAt,
  nameAt,
  numberAt,
  type Place,
  recordAt,
  refuseAt,
  textAt,
  textsAt,
  wholeAt,
  wholesAt,
  wordAt,
  booleanAt,
} from "./checked.ts";
import type { Fitted, FittedColumn, FittedHistory, FittedSeries, FittedTarget } from "./fitted.ts";
import { MORE_REMEMBERED } from "./history.ts";
import { pipelineOf, VERSION } from "./pipeline.ts";
import { stepsAt } from "./stepsFile.ts";
import { MOST_LAG, MOST_WINDOW } from "./steps.ts";
import { MOST_CLASSES } from "./target.ts";

const MOST_COLUMNS = 100000;
/** Features at most: a row of x has so many numbers. */
export const MOST_FEATURES = 2 ** 20;
/** Words of a column at most: those with a feature, and the rare ones that are told from unknown ones. */
const MOST_LISTED = 12000;
const MOST_MISSING = 1_000_000;
const TYPES: readonly ColumnType[] = ["number", "category", "boolean", "date", "text", "identifier", "constant"];

/**
 * The pipeline that `toJSON` made plain values of: it transforms to the same bits.
 *
 * @param value what JSON.parse gives
 * @throws {TypeError | RangeError} if it is no pipeline, is damaged, or of a version that isn't known
 * @example
 * const people = table({ age: [20, 30, 40], city: ["Bern", "Ulm", "Bern"] }).infer();
 * const text = JSON.stringify(people.fit());
 * const pipeline = pipelineFromJSON(JSON.parse(text));
 * console.log(pipeline.transform([{ age: "35", city: "Ulm" }]).x); // [0.6124, 0, 1]
 */
export function pipelineFromJSON(value: unknown): Pipeline {
  const where = "pipelineFromJSON";
  const advice = typeof value === "string" ? "; give what JSON.parse makes of it" : undefined;
  checkKind(isRecord(value), where, "the value", "what a pipeline's toJSON gave", value, advice);
  const file: Place = { value, path: "the value" };
  if (at(file, "format").value !== "wasmgrad pipeline") {
    throw new TypeError(
      `${where}: the value must have format "wasmgrad pipeline", got ${valueText(at(file, "format").value)}; it is no pipeline's`,
    );
  }
  const version = at(file, "version").value;
  if (version !== VERSION) {
    const newer = typeof version === "number" && version > VERSION ? "; a newer wasmgrad wrote it, use that" : "";
    throw new RangeError(`${where}: version must be ${VERSION}, got ${valueText(version)}${newer}`);
  }
  return pipelineOf(fittedAt(file));
}

function fittedAt(file: Place): Fitted {
  const target = has(file, "target") ? targetAt(at(file, "target")) : undefined;
  const task = has(file, "task")
    ? wordAt(at(file, "task"), ["regression", "classification", "series"] as const)
    : undefined;
  const series = has(file, "series") ? seriesAt(at(file, "series")) : undefined;
  if ((task === undefined) !== (target === undefined))
    refuseAt(at(file, "task"), "there with target, and only with it");
  if (target && (task === "classification") !== (target.classes !== undefined)) {
    refuseAt(at(at(file, "target"), "classes"), "there for a classification, and only for one");
  }
  if ((task === "series") !== (series !== undefined))
    refuseAt(at(file, "series"), "there for a series, and only for one");
  const names = new Set(target ? [target.name] : []);
  let width = series?.lags.length ?? 0;
  const columns = listAt(at(file, "columns"), MOST_COLUMNS).map((place) => {
    const { column, features } = columnAt(place, series !== undefined);
    if (names.has(column.name)) {
      throw new RangeError(`pipelineFromJSON: ${place.path}.name is there twice: ${valueText(column.name)}`);
    }
    names.add(column.name);
    width += features;
    if (width > MOST_FEATURES) {
      throw new RangeError(`pipelineFromJSON: ${place.path} makes more than ${MOST_FEATURES} features of a row`);
    }
    return column;
  });
  if (width === 0) throw new RangeError("pipelineFromJSON: columns make no feature; one is needed at least");
  const own = series && columns.find(({ name }) => name === series.time);
  if (own && own.reading.as !== series.reading.as)
    refuseAt(at(file, "series"), "by a column that is read as its times");
  const dropped = listAt(at(file, "dropped"), MOST_COLUMNS).map((place) => ({
    name: nameAt(at(recordAt(place), "name")),
    reason: textAt(at(place, "reason")),
  }));
  const notes = listAt(at(file, "notes"), 1000).map((place) => textAt(place));
  const history = has(file, "history") ? historyAt(at(file, "history"), series, columns) : undefined;
  return {
    ...(task && { task }),
    ...(target && { target }),
    ...(series && { series }),
    columns,
    dropped,
    notes,
    ...(history && { history }),
  };
}

/** Rows of a series that are remembered: their times are there, and rise; of columns of words they have the places of words. */
function historyAt(place: Place, series: FittedSeries | undefined, columns: readonly FittedColumn[]): FittedHistory {
  if (!series) return refuseAt(place, "there for a series, and only for one");
  const rows = wholeAt(at(recordAt(place), "rows"), 0, MOST_LAG + MOST_WINDOW + MORE_REMEMBERED);
  const remembered = new Map<string, readonly (number | null)[]>();
  for (const each of listAt(at(place, "columns"), MOST_COLUMNS)) {
    const name = nameAt(at(recordAt(each), "name"));
    if (remembered.has(name)) {
      throw new RangeError(`pipelineFromJSON: ${each.path}.name is there twice: ${valueText(name)}`);
    }
    const column = columns.find((own) => own.name === name);
    const coded = column?.reading.as === "words" || column?.reading.as === "boolean";
    const most = column?.words?.length ?? 2;
    const values = listAt(at(each, "values"), rows, rows).map((value) =>
      coded ? wholeAt(value, -2, most - 1) : value.value === null ? null : numberAt(value),
    );
    remembered.set(name, values);
  }
  const times = remembered.get(series.time);
  const rising = times?.every((time, i) => time !== null && (i === 0 || time > times[i - 1]!));
  if (!rising) refuseAt(at(place, "columns"), "with the times of all rows, each later than the one before");
  return { rows, columns: Array.from(remembered, ([name, values]) => ({ name, values })) };
}

function columnAt(place: Place, ordered: boolean): { readonly column: FittedColumn; readonly features: number } {
  const name = nameAt(at(recordAt(place), "name"));
  const type = wordAt(at(place, "type"), TYPES);
  const reading = readingAt(at(place, "reading"));
  const words = reading.as === "words" ? textsAt(at(place, "words"), MOST_LISTED) : undefined;
  const { steps, features } = stepsAt(at(place, "steps"), reading.as, words ?? [], ordered);
  return { column: { name, type, reading, ...(words && { words }), steps }, features };
}

function readingAt(place: Place): ColumnReading {
  const as = wordAt(at(recordAt(place), "as"), ["number", "date", "boolean", "words"] as const);
  const missing = listAt(at(place, "missing"), MOST_MISSING).map((each) => textAt(each));
  if (as === "words") return { as, missing };
  if (as === "boolean") {
    const [no, yes] = textsAt(at(place, "pair"), 2, 2);
    return { as, pair: [no!, yes!], missing };
  }
  if (as === "date") {
    const formats = listAt(at(place, "formats"), 100, 1).map((each) => {
      const format = textAt(each, 100);
      return dateReader(format) ? format : refuseAt(each, "a date's format such as dd/mm/yyyy");
    });
    return { as, formats, missing };
  }
  const decimal = has(place, "decimal") ? wordAt(at(place, "decimal"), [".", ","] as const) : undefined;
  const thousands = has(place, "thousands") ? { thousands: booleanAt(at(place, "thousands")) } : {};
  return { as, decimal, signs: booleanAt(at(place, "signs")), ...thousands, missing };
}

function targetAt(place: Place): FittedTarget {
  const name = nameAt(at(recordAt(place), "name"));
  const type = wordAt(at(place, "type"), ["number", "category", "boolean"]);
  const reading = readingAt(at(place, "reading"));
  const as = { number: "number", category: "words", boolean: "boolean" }[type];
  if (reading.as !== as) refuseAt(at(at(place, "reading"), "as"), `"${as}" of a ${type}`);
  const common = { name, type, reading } as const;
  if (has(place, "classes")) {
    const classes = textsAt(at(place, "classes"), MOST_CLASSES, 2);
    if (reading.as === "boolean" && classes.some((each) => !reading.pair.includes(each))) {
      refuseAt(at(place, "classes"), "words of the pair");
    }
    if (type === "number" && classes.some((each) => !Number.isInteger(Number(each)) || String(Number(each)) !== each)) {
      refuseAt(at(place, "classes"), "whole numbers");
    }
    return { ...common, classes };
  }
  if (type !== "number") refuseAt(at(place, "type"), '"number" without classes');
  const scale = recordAt(at(place, "scale"));
  return {
    ...common,
    scale: {
      log: booleanAt(at(scale, "log")),
      mean: numberAt(at(scale, "mean")),
      deviation: numberAt(at(scale, "deviation"), 0, true),
    },
  };
}

function seriesAt(place: Place): FittedSeries {
  const reading = readingAt(at(recordAt(place), "reading"));
  if (reading.as !== "date" && reading.as !== "number") refuseAt(at(at(place, "reading"), "as"), '"date" or "number"');
  const horizon = wholeAt(at(place, "horizon"), 1, MOST_LAG);
  const log = booleanAt(at(place, "log"));
  return {
    time: nameAt(at(place, "time")),
    reading,
    horizon,
    lags: wholesAt(at(place, "lags"), MOST_WINDOW, 1, MOST_LAG),
    lagMean: numberAt(at(place, "lagMean")),
    lagDeviation: numberAt(at(place, "lagDeviation"), 0, true),
    before: wholeAt(at(place, "before"), 0, MOST_LAG),
    log,
    least: numberAt(at(place, "least"), log ? 0 : -Infinity, log),
  };
}
