// Fitted steps of a file: each is checked, and whether it fits those before it.
import type { ColumnReading } from "../columnReading.ts";
import { type CircledPart, DAY, type FittedPart, LISTED, type ListedPart, partFeatures, PARTS } from "./calendar.ts";
import {
  at,
  booleanAt,
  has,
  listAt,
  numberAt,
  type Place,
  recordAt,
  refuseAt,
  textAt,
  wholeAt,
  wholesAt,
  wordAt,
} from "./checked.ts";
import type { Figure, FittedStep } from "./fitted.ts";
import { MOST_LAG, MOST_WINDOW, MOST_WORDS } from "./steps.ts";

const STEPS = [
  "impute",
  "log1p",
  "standardize",
  "robustScale",
  "minMax",
  "oneHot",
  "ordinal",
  "dateParts",
  "lag",
  "window",
] as const;

/** Steps of a column at most. */
const MOST_STEPS = 100;
/** Dates are within 100 million days of 1970. */
const FAR = 100_000_000 * DAY;

/** The steps of a column, and how many features they make. */
export function stepsAt(
  place: Place,
  as: ColumnReading["as"],
  words: readonly string[],
  ordered: boolean,
): { readonly steps: FittedStep[]; readonly features: number } {
  let kind: "numbers" | "words" | "dates" | "features" = as === "words" ? "words" : as === "date" ? "dates" : "numbers";
  let features = 1;
  let [flag, lagged] = [false, false];
  const steps = listAt(place, MOST_STEPS).map((each, i): FittedStep => {
    const name = wordAt(at(recordAt(each), "step"), STEPS);
    const takes = name === "oneHot" || name === "ordinal" ? "words" : name === "dateParts" ? "dates" : "numbers";
    const fits = name === "impute" ? i === 0 && (kind === "numbers" || kind === "words") : kind === takes;
    if (!fits) refuseAt(at(each, "step"), `one that fits ${kind}`);
    const why = has(each, "why") ? { why: textAt(at(each, "why"), 1000) } : {};
    const step = stepAt(each, name, words, kind === "words");
    if (step.step === "impute") flag = step.flag;
    if (step.step === "ordinal") kind = "numbers";
    if (step.step === "oneHot") {
      kind = "features";
      features = step.own + Number(step.other) + Number(step.missing || flag);
    }
    if (step.step === "dateParts") {
      kind = "features";
      features = step.parts.reduce((sum, part) => sum + partFeatures("", part).length, Number(step.missing));
    }
    if (step.step === "lag" || step.step === "window") {
      if (!ordered) refuseAt(at(each, "step"), "one that takes rows without an order");
      kind = "features";
      lagged = true;
      features = step.step === "lag" ? step.steps.length : step.of === "values" ? step.length : step.of.length;
    }
    return { ...step, ...why };
  });
  if (kind === "words" || kind === "dates") refuseAt(place, "steps that make numbers");
  return { steps, features: features + Number(flag && !lagged && kind === "numbers") };
}

function stepAt(place: Place, step: (typeof STEPS)[number], words: readonly string[], ofWords: boolean): FittedStep {
  const clip = (): number => positiveAt(at(place, "clip"));
  switch (step) {
    case "impute":
      return imputeAt(place, words, ofWords);
    case "log1p":
    case "ordinal":
      return { step };
    case "standardize":
      return {
        step,
        mean: numberAt(at(place, "mean")),
        deviation: numberAt(at(place, "deviation"), 0, true),
        clip: clip(),
      };
    case "robustScale":
      return {
        step,
        median: numberAt(at(place, "median")),
        range: numberAt(at(place, "range"), 0, true),
        clip: clip(),
      };
    case "minMax": {
      const least = numberAt(at(place, "least"));
      const low = numberAt(at(place, "low"));
      const high = numberAt(at(place, "high"));
      if (high <= low || !Number.isFinite(Math.fround(20 * (high - low)))) {
        refuseAt(at(place, "high"), "above low, and not too far");
      }
      return { step, least, most: numberAt(at(place, "most"), least), low, high };
    }
    case "oneHot":
      return {
        step,
        own: wholeAt(at(place, "own"), 0, Math.min(words.length, MOST_WORDS)),
        other: booleanAt(at(place, "other")),
        missing: booleanAt(at(place, "missing")),
      };
    case "dateParts":
      return { step, parts: listAt(at(place, "parts"), 20, 1).map(partAt), missing: booleanAt(at(place, "missing")) };
    case "lag":
      return { step, steps: wholesAt(at(place, "steps"), MOST_WINDOW, 0, MOST_LAG, 1) };
    default:
      return {
        step: "window",
        length: wholeAt(at(place, "length"), 1, MOST_WINDOW),
        horizon: wholeAt(at(place, "horizon"), 1, MOST_LAG),
        of: at(place, "of").value === "values" ? "values" : listAt(at(place, "of"), 4, 1).map(figureAt),
      };
  }
}

const figureAt = (place: Place): Figure => wordAt(place, ["mean", "min", "max", "sd"] as const);

/** A number above 0 that is one as float32, too. */
function positiveAt(place: Place): number {
  const value = numberAt(place, 0, true);
  return Number.isFinite(Math.fround(value)) ? value : refuseAt(place, "finite as float32");
}

function imputeAt(place: Place, words: readonly string[], ofWords: boolean): FittedStep {
  const by = wordAt(at(place, "by"), ["median", "mean", "frequent", "constant"] as const);
  const value = ofWords ? textAt(at(place, "value")) : numberAt(at(place, "value"));
  if (typeof value === "string" && !words.includes(value)) refuseAt(at(place, "value"), "one of the column's words");
  const missing = wholeAt(at(place, "missing"), 0, 2 ** 53 - 1);
  return { step: "impute", by, value, flag: booleanAt(at(place, "flag")), missing };
}

const CIRCLED: readonly CircledPart[] = ["dayOfWeek", "month", "dayOfYear", "dayOfMonth", "hour"];

function partAt(place: Place): FittedPart {
  const part = wordAt(at(recordAt(place), "part"), PARTS);
  if (part === "weekend") return { part };
  if (part === "trend") {
    const first = timeAt(at(place, "first"), -FAR);
    const last = timeAt(at(place, "last"), first);
    return { part, first, last, mean: timeAt(at(place, "mean"), -FAR), deviation: numberAt(at(place, "deviation"), 1) };
  }
  if (has(place, "turns"))
    return { part: wordAt(at(place, "part"), CIRCLED), turns: wholeAt(at(place, "turns"), 1, 10) };
  const listed = wordAt(at(place, "part"), Object.keys(LISTED) as ListedPart[]);
  return { part: listed, values: wholesAt(at(place, "values"), LISTED[listed], 0, LISTED[listed] - 1) };
}

function timeAt(place: Place, least: number): number {
  const time = numberAt(place, least);
  return time <= FAR ? time : refuseAt(place, "a date in milliseconds since 1970");
}
