// Values as JSON, and their typed arrays as bytes beside it: what JSON leaves out (NaN, undefined, maps ...) comes back as it was. Written
// by hand, since the text of libraries for it may change from version to version, and files must stay readable.
import { isRecord, kindOf, writtenOut } from "../util/check.ts";
import { bytesOf } from "./bytes.ts";

/** A value: its text, and the bytes of its typed arrays in the order in which the text numbers them. */
export interface WrittenValue {
  readonly text: string;
  readonly arrays: readonly Uint8Array[];
}

/** What is written as an object with this key: what kind of thing it is. */
const KIND = "$";

const TYPED: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>> = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};

/** Is it what it calls itself, from whichever realm? Others are refused by what they are made of. */
const REAL: Readonly<Record<string, (value: object) => boolean>> = {
  Date: (value) => isMade(() => Date.prototype.getTime.call(value)),
  Map: (value) => isMade(() => Map.prototype.has.call(value, 0)),
  Set: (value) => isMade(() => Set.prototype.has.call(value, 0)),
};

function isMade(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

/** Letters of a place that a message gives. */
const MOST_LETTERS = 60;

/** How deep values may be nested: writing and reading take stack for each level. */
const MOST_NESTED = 200;

/**
 * Writes a value: numbers, strings, booleans, null, undefined, bigints, dates, arrays, plain objects, maps, sets and typed arrays.
 *
 * @param where what the value is, for messages
 * @throws {TypeError} if it contains anything else, or itself; the message says where
 */
export function writeValue(value: unknown, where: string): WrittenValue {
  const arrays: Uint8Array[] = [];
  const refuse = (path: string, what: string): never => {
    const place = writtenOut(path.slice(0, MOST_LETTERS)) || "it";
    throw new TypeError(
      `${where}: ${place} is ${what}, which can't be written; make it of numbers, strings, arrays, plain objects, maps, sets and typed arrays`,
    );
  };
  const write = (part: unknown, path: string, depth: number): unknown => {
    if (depth > MOST_NESTED) refuse(path, `more than ${MOST_NESTED} deep, or contains itself`);
    const inner = (each: unknown, name: string): unknown => write(each, `${path}${name}`, depth + 1);
    switch (typeof part) {
      case "string":
      case "boolean":
        return part;
      case "undefined":
        return { [KIND]: "undefined" };
      case "bigint":
        return { [KIND]: "bigint", value: String(part) };
      case "number":
        return Number.isFinite(part) && !Object.is(part, -0)
          ? part
          : { [KIND]: "number", value: Object.is(part, -0) ? "-0" : String(part) };
    }
    if (part === null) return part;
    const kind = kindOf(part);
    if (typeof part === "function" || typeof part === "symbol") return refuse(path, `a ${typeof part}`);
    if (Array.isArray(part)) return Array.from(part, (each: unknown, i) => inner(each, `[${i}]`));
    if (Object.hasOwn(REAL, kind) || Object.hasOwn(TYPED, kind)) {
      const isReal = REAL[kind] ?? ArrayBuffer.isView;
      if (!isReal(part as object)) return refuse(path, `an object that calls itself ${kind}`);
    }
    if (Object.hasOwn(TYPED, kind)) {
      arrays.push(bytesOf(part as ArrayBufferView));
      return { [KIND]: kind, array: arrays.length - 1 };
    }
    if (kind === "Date") return { [KIND]: kind, value: write((part as Date).getTime(), path, depth) };
    if (kind === "Map") {
      const pairs = Array.from(part as Map<unknown, unknown>, ([key, each], i) => [
        inner(key, `.key ${i}`),
        inner(each, `.value ${i}`),
      ]);
      return { [KIND]: kind, pairs };
    }
    if (kind === "Set") {
      return { [KIND]: kind, values: Array.from(part as Set<unknown>, (each, i) => inner(each, `.value ${i}`)) };
    }
    if (!isRecord(part) || !isPlain(part)) {
      return refuse(path, `an object (${kind === "Object" ? nameOf(part as object) : writtenOut(kind)})`);
    }
    const entries = Object.entries(part).map(([key, each]) => [key, inner(each, `${path === "" ? "" : "."}${key}`)]);
    return Object.hasOwn(part, KIND) ? { [KIND]: "object", entries } : Object.fromEntries(entries);
  };
  return { text: JSON.stringify(write(value, "", 0)), arrays };
}

/** Is it no instance of a class, whichever realm it is from? */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // a realm's own one has all that objects have; that of a class without a parent doesn't
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf"))
  );
}

function nameOf(value: object | undefined): string {
  const name: unknown = value?.constructor?.name;
  return typeof name === "string" ? writtenOut(name.slice(0, MOST_LETTERS)) : "no class";
}

/**
 * Reads what `writeValue` wrote. Nothing of it is run, and typed arrays are copies.
 *
 * @throws {Error} if it was never written by it
 */
export function readValue({ text, arrays }: WrittenValue): unknown {
  const refuse = (): never => {
    throw new Error("the text isn't that of a value");
  };
  const used = new Set<number>();
  const read = (part: unknown, depth: number): unknown => {
    if (depth > MOST_NESTED) return refuse();
    const inner = (each: unknown): unknown => read(each, depth + 1);
    if (Array.isArray(part)) return part.map(inner);
    if (!isRecord(part)) return part;
    const kind = part[KIND];
    const listOf = (name: string): readonly unknown[] => {
      const list = part[name];
      return Array.isArray(list) ? list : refuse();
    };
    const pairsOf = (name: string): (readonly [unknown, unknown])[] =>
      listOf(name).map((pair) =>
        Array.isArray(pair) && pair.length === 2 ? [inner(pair[0]), inner(pair[1])] : refuse(),
      );
    if (!Object.hasOwn(part, KIND))
      return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, inner(each)]));
    const { value } = part;
    if (kind === "undefined") return undefined;
    if (kind === "number")
      return ["NaN", "Infinity", "-Infinity", "-0"].includes(value as string) ? Number(value) : refuse();
    if (kind === "bigint") return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : refuse();
    if (kind === "Date") {
      const time = read(value, depth);
      return typeof time === "number" ? new Date(time) : refuse();
    }
    if (kind === "Map") return new Map(pairsOf("pairs"));
    if (kind === "Set") return new Set(listOf("values").map(inner));
    if (kind === "object") {
      const pairs = pairsOf("entries");
      return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs) : refuse();
    }
    const { array } = part;
    // each once: memory is in proportion to the file
    if (!Number.isInteger(array) || used.has(array as number)) return refuse();
    used.add(array as number);
    const bytes = arrays[array as number];
    if (typeof kind !== "string" || !Object.hasOwn(TYPED, kind) || !bytes) return refuse();
    const typed = TYPED[kind]!;
    const { BYTES_PER_ELEMENT: size } = typed as unknown as { BYTES_PER_ELEMENT: number };
    return bytes.length % size === 0 ? new typed(new Uint8Array(bytes).buffer) : refuse();
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return refuse();
  }
  return read(parsed, 0);
}
