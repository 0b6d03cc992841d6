// The configuration of a layer in model.json, asked for key by key: what isn't understood is refused by layer, key and value.
import { isRecord, valueText } from "../../../util/check.ts";
import { LayersModelError } from "../../../formats/layersModelError.ts";

/** The error of a place and a reason. */
export const refuse = (where: string, reason: string, cause?: unknown): LayersModelError =>
  new LayersModelError("fromLayersModel", where, reason, cause === undefined ? undefined : { cause });

/** Keys that change nothing of what a layer computes or how it is trained here. */
const IGNORED: ReadonlySet<string> = new Set(
  (
    "name dtype batch_input_shape batch_shape batch_size input_shape input_dim_hint sparse ragged implementation unroll seed " +
    "module registered_name build_config input_dtype autocast build_input_shape synchronized time_major noise_seed quantization_config"
  ).split(" "),
);

/** A key or a word as Python writes it: `dataFormat` is data_format. */
export const pythonic = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value of JSON, shortened for messages: it may be large, and nested deep. */
export function jsonText(value: unknown): string {
  if (typeof value !== "object" || value === null) return valueText(value);
  const text = startOf(value, 101);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** JSON of a value; of a longer one the beginning, of so many characters or more. */
function startOf(value: unknown, most: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, most));
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const isList = Array.isArray(value);
  let text = isList ? "[" : "{";
  for (const [key, each] of isList ? value.slice(0, most).entries() : Object.entries(value)) {
    // each level has written a character: there are no more of them than these
    if (text.length >= most) return text;
    if (text.length > 1) text += ",";
    if (!isList) text += `${JSON.stringify(String(key).slice(0, most))}:`;
    text += startOf(each, most - text.length);
  }
  return text + (isList ? "]" : "}");
}

/** The configuration of one layer. */
export class Config {
  /** The layer, for messages. */
  readonly where: string;
  readonly #values = new Map<string, unknown>();
  readonly #asked = new Set<string>();

  constructor(where: string, config: unknown) {
    this.where = where;
    if (!isRecord(config)) throw refuse(where, `its config must be an object, got ${jsonText(config)}`);
    for (const [key, value] of Object.entries(config)) this.#values.set(pythonic(key), value);
  }

  /** The value of a key; undefined if it is null or not there. */
  raw(key: string): unknown {
    this.#asked.add(key);
    return this.#values.get(key) ?? undefined;
  }

  /** The error of a key whose value can't be used. */
  odd(key: string, rule: string): LayersModelError {
    return refuse(this.where, `${key} ${rule}, got ${jsonText(this.#values.get(key) ?? null)}`);
  }

  number(key: string, usual?: number): number {
    const value = this.raw(key) ?? usual;
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.odd(key, "must be a finite number");
    return value;
  }

  whole(key: string, least = 1, usual?: number): number {
    const value = this.raw(key) ?? usual;
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > 2 ** 30) {
      throw this.odd(key, `must be a whole number from ${least} to 2^30`);
    }
    return value as number;
  }

  /** One number for each axis, or one for all. */
  wholes(key: string, count: number, least = 1, usual?: number | readonly number[]): number[] {
    const value = this.raw(key) ?? usual;
    const all: unknown = typeof value === "number" ? Array.from<number>({ length: count }).fill(value) : value;
    const holds =
      Array.isArray(all) &&
      all.length === count &&
      all.every((n) => Number.isSafeInteger(n) && (n as number) >= least && (n as number) <= 2 ** 30);
    if (!holds)
      throw this.odd(key, `must be ${count === 1 ? "a whole number" : `${count} whole numbers`} of ${least} or more`);
    return [...(all as number[])];
  }

  flag(key: string, usual: boolean): boolean {
    const value = this.raw(key) ?? usual;
    if (typeof value !== "boolean") throw this.odd(key, "must be true or false");
    return value;
  }

  /** One of some words. */
  word<W extends string>(key: string, words: readonly W[], usual?: W): W {
    const value = this.raw(key) ?? usual;
    const word = typeof value === "string" ? pythonic(value) : value;
    if (!words.includes(word as W)) throw this.odd(key, `must be ${words.join(" or ")}`);
    return word as W;
  }

  /** Refuses a key that has another value. */
  only(key: string, value: boolean | number | string, why: string): void {
    const given = this.raw(key);
    if (given !== undefined && given !== value) throw this.odd(key, `must be ${jsonText(value)}: ${why}`);
  }

  /** The layer or other object that a key has. */
  object(key: string): Record<string, unknown> {
    const value = this.raw(key);
    if (!isRecord(value)) throw this.odd(key, "must be an object");
    return value;
  }

  /** Refuses what was not asked for and says something. */
  finish(): void {
    this.#checkType();
    for (const [key, value] of this.#values) {
      if (this.#asked.has(key) || IGNORED.has(key) || value === null || value === false) continue;
      if (key === "trainable" && value === true) continue;
      throw refuse(
        this.where,
        `${jsonText(key)} isn't known here, got ${jsonText(value)}; set it to null if it changes nothing`,
      );
    }
  }

  /** Numbers are computed as float32. */
  #checkType(): void {
    const given = this.#values.get("dtype") ?? "float32";
    const policy = isRecord(given) && isRecord(given["config"]) ? given["config"]["name"] : given;
    if (policy === "float32" || policy === "int32" || policy === "float32_policy") return;
    throw refuse(this.where, `dtype must be float32, got ${jsonText(given)}; convert the model to float32 first`);
  }
}
