// Fuzzes single calls: every function and method of the library, whose right arguments are changed at one to three places.
import { rm } from "node:fs/promises";
import { rightCalls, wrongPlaces, WRONG } from "../support/arguments.ts";
import type { Draw } from "./draw.ts";
import { ended, type Fuzzer } from "./engine.ts";

/** They change what all that follows runs on, or write files where a text says. */
const LEFT_OUT = ["wasmgrad.useCore", "files.saveModel"];

type Place = readonly (string | number)[];

/** The places of each call's arguments: finding them takes seconds. */
const places = new Map<string, Place[]>();

/** But what throws wherever it is touched: here, too. */
const ODD = Object.entries(WRONG).flatMap(([kind, make]) => (kind === "proxy that throws" ? [] : [make]));

/** A value of any kind, to a depth. */
export function anyValue(draw: Draw, depth = 3): unknown {
  const simple: readonly (() => unknown)[] = [
    () => draw.number(),
    () => draw.number(),
    () => draw.from(0, 4),
    () => draw.text(),
    () => draw.chance(0.5),
    () => draw.pick(ODD)(),
    () => Float32Array.from(draw.list(draw.int(9), () => draw.number())),
    () => draw.bytes(draw.int(9)),
    () => Int32Array.from(draw.list(draw.int(5), () => draw.from(-1, 3))),
  ];
  if (depth === 0 || draw.chance(0.6)) return draw.call(simple);
  return draw.call<unknown>([
    () => draw.list(draw.pick([0, 1, 2, 2, 3, 6, 33]), () => anyValue(draw, depth - 1)),
    () => draw.list(draw.from(1, 3), () => draw.from(1, 3)),
    () => draw.list(2, () => draw.list(2, () => draw.number())),
    () => Object.fromEntries(draw.list(draw.int(3), () => [draw.text(), anyValue(draw, depth - 1)])),
    () => ({ 0: draw.number(), length: draw.number() }),
  ]);
}

/** A copy with another value at a place; what was replaced before may have no such place. */
function replaced(value: unknown, [key, ...rest]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (
    Array.isArray(value) && typeof key === "number" ? [...(value as unknown[])] : { ...(value as object) }
  ) as Record<string, unknown>;
  Object.defineProperty(copy, key, {
    value: replaced(copy[key], rest, by),
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

/** A value as text; nothing in it may throw. */
function valueText(value: unknown, depth = 3): string {
  try {
    if (typeof value === "string") return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
    if (Object.is(value, -0)) return "-0";
    if (typeof value === "bigint") return `${value}n`;
    if (value === null || typeof value !== "object") return String(value);
    if (depth === 0) return "...";
    if (Array.isArray(value))
      return `[${value
        .slice(0, 40)
        .map((each) => valueText(each, depth - 1))
        .join(", ")}]`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
      return `${value.constructor.name}.of(${[...(value as unknown as number[])].slice(0, 40).join(", ")})`;
    if (Object.getPrototypeOf(value) !== Object.prototype) return `(${value.constructor.name})`;
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${valueText(each, depth - 1)}`)
      .join(", ")} }`;
  } catch {
    return "(an object that throws)";
  }
}

export const calls: Fuzzer = {
  name: "calls",
  what: "every function and method, with any values in place of right ones",
  inTests: 3000,
  each: 5000,
  async prepare() {
    const { calls: all, state, written } = await rightCalls();
    const list = [...all].filter(([key]) => !LEFT_OUT.includes(key));
    for (const [key, right] of list) if (!places.has(key)) places.set(key, await wrongPlaces(right));
    for (const file of written.slice(1)) await rm(file, { recursive: true, force: true });
    return async (draw) => {
      const [key, right] = draw.pick(list);
      const { call, args, names } = right;
      let given: unknown = args;
      const known = places.get(key)!;
      for (let count = draw.pick([1, 1, 1, 2, 3]); count > 0; count--) {
        const place: Place = draw.chance(0.97) && known.length > 0 ? draw.pick(known) : [args.length];
        given = replaced(given, place, anyValue(draw));
      }
      const before = state();
      const end = await ended([...names, "f", "text"], () => call(...(given as unknown[])));
      // a file's name may be any text
      const named =
        typeof (given as unknown[])[1] === "string" ||
        /^(?:files\.|datasets\.readIdx$|data\.tableModelFromBytes$)/.test(key);
      let { fault } = end;
      if (named && fault?.startsWith("doesn't begin with")) fault = undefined;
      if (end.error && state() !== before) fault ??= "was refused, but changed the model";
      return {
        fault,
        refused: end.error !== undefined,
        input: () => `${key}(${(given as unknown[]).map((value) => valueText(value)).join(", ")})`,
      };
    };
  },
};
