// Plain values of a file, checked as they are read: what is wrong is named by where it stands.
import { describe, isRecord, valueText } from "../../util/check.ts";

/** A value of a file, and where it stands there: `columns[2].steps[0].mean`. */
export interface Place {
  readonly value: unknown;
  readonly path: string;
}

const WHERE = "pipelineFromJSON";
/** Letters of a name or a word at most. */
const MOST_LETTERS = 2 ** 20;

/** Refuses a value. */
export function refuseAt({ path, value }: Place, rule: string): never {
  const got = typeof value === "number" ? String(value) : describe(value);
  throw new (typeof value === "number" ? RangeError : TypeError)(`${WHERE}: ${path} must be ${rule}, got ${got}`);
}

/** What stands below a key. */
export function at({ value, path }: Place, key: string): Place {
  const own = path === "the value" ? key : `${path}.${key}`;
  return { path: own, value: isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined };
}

/** Is there something below a key? */
export const has = (place: Place, key: string): boolean => at(place, key).value !== undefined;

/** An object. */
export function recordAt(place: Place): Place {
  if (!isRecord(place.value)) refuseAt(place, "an object");
  return place;
}

/** An array's places. */
export function listAt(place: Place, most: number, least = 0): Place[] {
  const { value, path } = place;
  if (!Array.isArray(value)) refuseAt(place, "an array");
  if (value.length < least || value.length > most) {
    throw new RangeError(`${WHERE}: ${path} must have ${least} to ${most} values, got ${value.length}`);
  }
  return Array.from(value, (each: unknown, i) => ({ path: `${path}[${i}]`, value: each }));
}

/** A text. */
export function textAt(place: Place, most = MOST_LETTERS): string {
  const { value, path } = place;
  if (typeof value !== "string") refuseAt(place, "a text");
  if (value.length > most) throw new RangeError(`${WHERE}: ${path} has ${value.length} letters, more than ${most}`);
  return value;
}

/** A text that isn't empty. */
export function nameAt(place: Place): string {
  if (place.value === "") refuseAt(place, "a name");
  return textAt(place);
}

/** One of some words. */
export function wordAt<W extends string>(place: Place, words: readonly W[]): W {
  const found = words.find((word) => word === place.value);
  return found ?? refuseAt(place, `one of ${words.join(", ")}`);
}

/** Different texts. */
export function textsAt(place: Place, most: number, least = 0): string[] {
  const texts = listAt(place, most, least).map((each) => textAt(each));
  const seen = new Set<string>();
  for (const text of texts) {
    if (seen.has(text)) throw new RangeError(`${WHERE}: ${place.path} has ${valueText(text)} twice`);
    seen.add(text);
  }
  return texts;
}

/** A finite number, which may have to be above or at least one. */
export function numberAt(place: Place, least = -Infinity, above = false): number {
  const { value } = place;
  const rule = least === -Infinity ? "a finite number" : above ? `above ${least}` : `${least} or more`;
  if (typeof value !== "number" || !Number.isFinite(value)) refuseAt(place, rule);
  if (value < least || (above && value === least)) refuseAt(place, rule);
  // what is fitted is of the size of cells, which are finite as float32
  if (!Number.isFinite(Math.fround(value))) refuseAt(place, "finite as float32");
  return value;
}

/** A whole number. */
export function wholeAt(place: Place, least: number, most: number): number {
  const { value } = place;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    refuseAt(place, `a whole number from ${least} to ${most}`);
  }
  return value as number;
}

/** Different whole numbers. */
export function wholesAt(place: Place, most: number, low: number, high: number, least = 0): number[] {
  const numbers = listAt(place, most, least).map((each) => wholeAt(each, low, high));
  if (new Set(numbers).size < numbers.length) refuseAt(place, "different numbers");
  return numbers;
}

/** True or false. */
export function booleanAt(place: Place): boolean {
  if (typeof place.value !== "boolean") refuseAt(place, "true or false");
  return place.value;
}
