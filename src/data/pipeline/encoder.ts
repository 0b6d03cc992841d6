// What a fitted column does with cells: it writes its features into the rows of x.
import { counted, shortNumber } from "../columns.ts";
import type { ColumnReading, ReadColumn } from "../columnReading.ts";
import { partFeatures, partText, writePart } from "./calendar.ts";
import type { FittedColumn, FittedStep } from "./fitted.ts";
import { lagFeatures, lagText, longestLag, writeLags } from "./lags.ts";
import { log1p } from "./logarithm.ts";

/** What was done with odd cells: how many there were of each kind. */
export interface Tally {
  clipped: number;
  missing: number;
  negative: number;
  held: number;
}

/** Writes the features of rows from one up to another into x, whose rows are `width` numbers long, from place `at` on. */
export type Writer = (from: number, to: number, x: Float32Array, at: number, width: number) => void;

/** A column's features. */
export interface Encoder {
  readonly features: readonly string[];
  /** What is done, in words. */
  readonly texts: readonly string[];
  /** How many rows before are needed. */
  readonly history: number;
  /**
   * Begins with cells.
   *
   * @param rows which of them; undefined for all
   * @param first how many of the rows come before those that are written: they are looked back at, and not told of
   */
  start(cells: ReadColumn, rows: Uint32Array | undefined, count: number, tally: Tally, first: number): Writer;
}

/** A change of numbers in place. */
type Change = (numbers: Float64Array, count: number, tally: Tally) => void;

/** The encoder of a column. */
export function encoderOf({ name, words, steps, reading }: FittedColumn): Encoder {
  const texts = steps.map((step) => `${textOf(step, reading)}${step.why === undefined ? "" : ` (${step.why})`}`);
  const last = steps.at(-1);
  if (last?.step === "dateParts") return dateEncoder(name, last, texts);
  if (last?.step === "oneHot") return oneHotEncoder(name, words ?? [], steps, last, texts);
  return numberEncoder(name, words ?? [], steps, texts);
}

/** What a step does, in words. */
function textOf(step: FittedStep, reading: ColumnReading): string {
  switch (step.step) {
    case "impute": {
      const number = typeof step.value === "number" ? shortNumber(step.value) : step.value;
      const value = reading.as === "boolean" ? (reading.pair[Number(number)] ?? number) : number;
      const what =
        step.by === "constant" ? value : `${step.by === "frequent" ? "most frequent value" : step.by} ${value}`;
      const flag = step.flag ? ", and a feature is 1" : "";
      return step.missing === 0 ? `missing cells would become ${what}` : `missing cells become ${what}${flag}`;
    }
    case "log1p":
      return "ln(1 + value)";
    case "standardize":
      return `(value - mean ${shortNumber(step.mean)}) / standard deviation ${shortNumber(step.deviation)}`;
    case "robustScale":
      return `(value - median ${shortNumber(step.median)}) / range of the middle half ${shortNumber(step.range)}`;
    case "minMax":
      return `from ${shortNumber(step.least)} to ${shortNumber(step.most)} becomes ${step.low} to ${step.high}`;
    case "oneHot": {
      const more = [step.other && "all others", step.missing && "missing cells"].filter((each) => each !== false);
      return `one-hot, ${counted(step.own, "word")}${more.map((each) => ` and ${each}`).join("")}`;
    }
    case "ordinal":
      return "the place of the word in their order";
    case "dateParts":
      return step.parts
        .map(partText)
        .concat(step.missing ? ["missing cells"] : [])
        .join("; ");
    default:
      return lagText(step);
  }
}

/** Numbers of a block at a time, so that they stay in the processor's cache. */
const BLOCK = 2048;

function numberEncoder(
  name: string,
  words: readonly string[],
  steps: readonly FittedStep[],
  texts: readonly string[],
): Encoder {
  const last = steps.at(-1);
  const lagged = last?.step === "lag" || last?.step === "window" ? last : undefined;
  const imputes = steps.find((step) => step.step === "impute");
  const flag = imputes?.flag === true && !lagged;
  const changes = steps.flatMap((step) => changeOf(step, words, imputes?.missing === 0) ?? []);
  const block = new Float64Array(BLOCK);
  return {
    features: lagged ? lagFeatures(name, lagged) : [name, ...(flag ? [`${name} missing`] : [])],
    texts,
    history: lagged ? longestLag(lagged) : 0,
    start(cells, rows, count, tally, first) {
      const load = loader(cells, rows);
      if (lagged) {
        const whole = new Float64Array(count);
        load(0, count, whole);
        for (const change of changes) {
          change(whole, first, { ...tally });
          change(whole.subarray(first), count - first, tally);
        }
        return (from, to, x, at, width) => writeLags(lagged, whole, from, to, x, at, width);
      }
      return (from, to, x, at, width) => {
        for (let begin = from; begin < to; begin += BLOCK) {
          const size = Math.min(BLOCK, to - begin);
          load(begin, begin + size, block);
          let place = begin * width + at;
          if (flag) {
            for (let i = 0, p = place + 1; i < size; i++, p += width) x[p] = block[i] === block[i] ? 0 : 1;
          }
          for (const change of changes) change(block, size, tally);
          for (let i = 0; i < size; i++, place += width) x[place] = block[i]!;
        }
      };
    },
  };
}

/** Reads cells as float64, missing ones NaN. Codes are numbers: of unknown words NaN, too. */
function loader(
  { values, codes }: ReadColumn,
  rows: Uint32Array | undefined,
): (from: number, to: number, numbers: Float64Array) => void {
  if (values) {
    if (!rows) return (from, to, numbers) => numbers.set(values.subarray(from, to));
    return (from, to, numbers) => {
      for (let i = from; i < to; i++) numbers[i - from] = values[rows[i]!]!;
    };
  }
  return (from, to, numbers) => {
    for (let i = from; i < to; i++) {
      const code = codes![rows ? rows[i]! : i]!;
      numbers[i - from] = code < 0 ? NaN : code;
    }
  };
}

function changeOf(step: FittedStep, words: readonly string[], unexpected: boolean): Change | undefined {
  switch (step.step) {
    case "impute": {
      const value = typeof step.value === "number" ? step.value : words.indexOf(step.value);
      return (numbers, count, tally) => {
        for (let i = 0; i < count; i++) {
          if (numbers[i] === numbers[i]) continue;
          numbers[i] = value;
          if (unexpected) tally.missing++;
        }
      };
    }
    case "log1p":
      return (numbers, count, tally) => {
        for (let i = 0; i < count; i++) {
          if (numbers[i]! < 0) tally.negative++;
          numbers[i] = numbers[i]! > 0 ? log1p(numbers[i]!) : 0;
        }
      };
    case "ordinal":
      return (numbers, count) => {
        for (let i = 0; i < count; i++) if (numbers[i] !== numbers[i]) numbers[i] = -1;
      };
    case "standardize":
      return scaling(step.mean, step.deviation, step.clip);
    case "robustScale":
      return scaling(step.median, step.range, step.clip);
    case "minMax": {
      const { least, most, low, high } = step;
      const [span, range] = [most - least || 1, high - low];
      const [bottom, top] = [low - 10 * range, high + 10 * range];
      return (numbers, count, tally) => {
        for (let i = 0; i < count; i++) {
          const value = ((numbers[i]! - least) / span) * range + low;
          if (value < bottom || value > top) tally.clipped++;
          numbers[i] = value < bottom ? bottom : value > top ? top : value;
        }
      };
    }
    default:
      return undefined;
  }
}

/** (value - middle) / size, held within `clip`. */
const scaling =
  (middle: number, size: number, clip: number): Change =>
  (numbers, count, tally) => {
    for (let i = 0; i < count; i++) {
      const value = (numbers[i]! - middle) / size;
      if (value < -clip || value > clip) tally.clipped++;
      numbers[i] = value < -clip ? -clip : value > clip ? clip : value;
    }
  };

function oneHotEncoder(
  name: string,
  words: readonly string[],
  steps: readonly FittedStep[],
  { own, other, missing }: FittedStep & { step: "oneHot" },
  texts: readonly string[],
): Encoder {
  const imputes = steps.find((step) => step.step === "impute");
  const filled = imputes ? words.indexOf(String(imputes.value)) : -1;
  const flag = imputes?.flag === true;
  const features = words.slice(0, own).map((word) => `${name}=${word}`);
  if (other) features.push(`${name}: other`);
  if (missing || flag) features.push(`${name} missing`);
  const [otherPlace, missingPlace] = [own, own + Number(other)];
  return {
    features,
    texts,
    history: 0,
    start(cells, rows, _count, tally) {
      const codes = cells.codes!;
      return (from, to, x, at, width) => {
        for (let i = from, place = from * width + at; i < to; i++, place += width) {
          let code = codes[rows ? rows[i]! : i]!;
          if (code === -1) {
            if (missing || flag) x[place + missingPlace] = 1;
            else if (!imputes || imputes.missing === 0) tally.missing++;
            if (filled < 0) continue;
            code = filled;
          }
          if (code >= 0 && code < own) x[place + code] = 1;
          else if (other) x[place + otherPlace] = 1;
        }
      };
    },
  };
}

function dateEncoder(
  name: string,
  { parts, missing }: FittedStep & { step: "dateParts" },
  texts: readonly string[],
): Encoder {
  const own = parts.map((part) => partFeatures(name, part));
  const places = own.map((_, i) => own.slice(0, i).flat().length);
  const features = [...own.flat(), ...(missing ? [`${name} missing`] : [])];
  return {
    features,
    texts,
    history: 0,
    start(cells, rows, _count, tally) {
      const times = cells.values!;
      return (from, to, x, at, width) => {
        for (let i = from, place = from * width + at; i < to; i++, place += width) {
          const time = times[rows ? rows[i]! : i]!;
          if (time !== time) {
            if (missing) x[place + features.length - 1] = 1;
            else tally.missing++;
            continue;
          }
          for (let p = 0; p < parts.length; p++) tally.held += writePart(parts[p]!, time, x, place + places[p]!);
        }
      };
    },
  };
}
