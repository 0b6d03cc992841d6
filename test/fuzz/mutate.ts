// Changes valid inputs into others that are nearly valid: bytes, numbers within them, JSON by its fields, and texts.
import type { Draw } from "./draw.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Bytes = Uint8Array<ArrayBuffer>;

function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Changes bytes once: bits, numbers of several sizes, pieces that are cut, doubled, swapped. */
export function changedBytes(draw: Draw, given: Uint8Array): Bytes {
  const bytes = Uint8Array.from(given);
  const { length } = bytes;
  if (length === 0) return draw.bytes(draw.int(20));
  // headers are at the beginning
  const at = draw.chance(0.6) ? draw.int(Math.min(length, 64)) : draw.int(length);
  const end = Math.min(length, at + draw.pick([1, 2, 4, 8, 16, draw.from(1, length)]));
  return draw.call([
    () => {
      bytes[at]! ^= 1 << draw.int(8);
      return bytes;
    },
    () => {
      bytes[at] = draw.pick([0, 1, 0x22, 0x2c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xff, draw.int(256)]);
      return bytes;
    },
    () => {
      const size = draw.pick([2, 4, 8]);
      if (at + size > length) return bytes;
      const view = new DataView(bytes.buffer);
      const little = draw.chance(0.5);
      const value = draw.pick([0, 1, 7, 8, 9, length, length - 8, 1e8, 1e8 + 1, 2 ** 31, 2 ** 32 - 1, -1]);
      if (size === 2) view.setUint16(at, value, little);
      else if (size === 4) view.setUint32(at, value, little);
      else view.setBigUint64(at, BigInt(value), little);
      return bytes;
    },
    () => bytes.slice(0, at),
    () => bytes.slice(at),
    () => joined(bytes, draw.chance(0.5) ? bytes : draw.bytes(draw.from(1, 40))),
    () => joined(bytes.subarray(0, at), bytes.subarray(end)),
    () => joined(bytes.subarray(0, end), bytes.subarray(at)),
    () => joined(bytes.subarray(end), bytes.subarray(0, end)),
    () => joined(bytes.subarray(0, at), draw.bytes(draw.from(1, 9)), bytes.subarray(at)),
    () => bytes.fill(draw.pick([0, 0x20, 0x5b, 0xff]), at, end),
  ]);
}

/** What is written into JSON as it is: what `JSON.stringify` can't write. */
const RAW = "\u0001raw ";
const raw = (text: string): Json => RAW + text;

/** JSON with numbers beyond its own, and the like. */
export const jsonText = (value: Json): string =>
  JSON.stringify(value).replaceAll(
    /"\\u0001raw ((?:[^"\\]|\\.)*)"/g,
    (_, text: string) => JSON.parse(`"${text}"`) as string,
  );

const nested = (depth: number, inside: Json): Json => {
  let value = inside;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** A value to stand in place of another. */
export function oddJson(draw: Draw): Json {
  return draw.call<Json>([
    () => draw.pick<Json>([null, true, false, [], {}, [[]], [null], [0], [1, 2, 3], ["a"], [1, "a"]]),
    () => {
      const number = draw.number();
      return Number.isFinite(number) && !Object.is(number, -0) ? number : raw(Object.is(number, -0) ? "-0" : "1e999");
    },
    () =>
      draw.pick([
        raw("-1e999"),
        raw("1E+2"),
        raw("0.1e1"),
        raw("12345678901234567890"),
        raw("1e-400"),
        raw("NaN"),
        raw("01"),
      ]),
    () => draw.text(),
    () => nested(draw.pick([3, 40, 300, 900]), 0),
    () => draw.list(draw.pick([5, 40, 3000]), () => draw.from(0, 3)),
    () => ({ [draw.text()]: draw.text() }),
    () => draw.pick<Json>([{ toString: 1 }, { valueOf: null, length: -1 }, { constructor: { name: 1 } }]),
    () => raw('{"a":1,"a":2}'),
    () => raw(`{"__proto__":${JSON.stringify(draw.text())}}`),
  ]);
}

type Place = readonly [holder: Record<string, Json>, key: string];

/** Every place of a value: what holds it, and by which key. */
function placesIn(value: Json, most = 3000): Place[] {
  const places: Place[] = [];
  const visit = (holder: Json): void => {
    if (holder === null || typeof holder !== "object") return;
    for (const key of Object.keys(holder)) {
      if (places.length >= most) return;
      places.push([holder as Record<string, Json>, key]);
      visit((holder as Record<string, Json>)[key]!);
    }
  };
  visit(value);
  return places;
}

/**
 * Changes JSON at one or two places, in place.
 *
 * @param odd values of this kind of file, besides any
 */
export function changeJson(draw: Draw, value: Json, odd: readonly Json[] = []): void {
  for (let count = draw.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    const places = placesIn(value);
    if (places.length === 0) return;
    const [holder, key] = draw.pick(places);
    const old = holder[key]!;
    draw.call<void>([
      () => void (holder[key] = oddJson(draw)),
      () => void (holder[key] = odd.length > 0 ? structuredClone(draw.pick(odd)) : oddJson(draw)),
      () => {
        if (typeof old === "number") holder[key] = old + draw.pick([-1, 1, 0.5, old, -2 * old, 2 ** 31, 2 ** 32]);
        else if (typeof old === "string") holder[key] = old + draw.text();
        else holder[key] = draw.number() || 0;
      },
      () => void (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
      () => {
        if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(old));
        else holder[draw.text() + " "] = structuredClone(old);
      },
      () => {
        // the name of another key, or of the same with its letters changed
        if (Array.isArray(holder)) holder.reverse();
        else {
          delete holder[key];
          holder[draw.pick([...Object.keys(holder), key.toUpperCase(), draw.text()])] = old;
        }
      },
      () => {
        const [other, otherKey] = draw.pick(places);
        const its = other[otherKey]!;
        holder[key] = structuredClone(its);
        if (draw.chance(0.5)) other[otherKey] = structuredClone(old);
      },
      () => void (holder[key] = draw.chance(0.5) ? [old] : { [key]: old }),
    ]);
  }
}

/** Changes a text once: letters, and pieces that are cut, doubled, swapped. */
export function changedText(draw: Draw, text: string): string {
  const at = draw.int(text.length + 1);
  const end = Math.min(text.length, at + draw.pick([1, 2, 5, draw.from(1, text.length + 1)]));
  return draw.call([
    () => text.slice(0, at) + draw.text() + text.slice(at),
    () => text.slice(0, at) + draw.text() + text.slice(end),
    () => text.slice(0, at) + text.slice(end),
    () => text.slice(0, end) + text.slice(at),
    () => text.slice(0, at),
    () => text + text,
    () => text.slice(0, at) + String(draw.number()) + text.slice(end),
    () =>
      text.slice(0, at) +
      draw.pick(["-", "+", ".", ",", "=", "&", "%", "#", '"', "'", ";", "\t", "\n", "\r", "\0", " "]) +
      text.slice(at),
  ]);
}

/** The same, several times now and then. */
export function changedOften<T>(draw: Draw, value: T, change: (draw: Draw, value: T) => T): T {
  let changed = value;
  for (let count = draw.pick([1, 1, 1, 2, 4]); count > 0; count--) changed = change(draw, changed);
  return changed;
}
