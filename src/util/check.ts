// Validates options by rules that many share. Each message names the function, the rule, and what was given.
import type { Shape } from "./shape.ts";

/**
 * What the engine calls an object's kind, `Uint8Array` or `WebAssembly.Module`. Unlike `instanceof` it is the same for objects of
 * another realm: a test runner's, a frame's, or those of node:vm.
 */
export function kindOf(value: unknown): string {
  const tag = (Object(value) as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag === "string") return tag;
  // most are options: the rest takes twenty times as long
  if (isObject(value) && Object.getPrototypeOf(value) === Object.prototype) return "Object";
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** What a value is, for messages; for a promise, with the likely slip. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${kindOf(value)} of ${(value as Uint8Array).length ?? value.byteLength}`;
  if (isObject(value)) {
    if ("then" in value && typeof value.then === "function") return "a promise; did you forget await?";
    const name: unknown = ("type" in value && value.type) || value.constructor?.name;
    return `an object (${typeof name === "string" ? name : "no class"})`;
  }
  if (typeof value === "function") return `the function ${value.name || "without a name"}`;
  if (typeof value === "string") return `the string ${valueText(value)}`;
  return value == null ? String(value) : `${typeof value} ${String(value)}`;
}

/** A text whose control characters are written out: they would move a terminal's cursor, or turn the direction of the text. */
export const writtenOut = (text: string): string =>
  text.replaceAll(
    // eslint-disable-next-line no-control-regex
    /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A number or string as it is written, of a long one the beginning; anything else with its kind: `3`, `"3"`, `an array of 3`. */
export function valueText(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? writtenOut(JSON.stringify(value.replace(/(.{80}).+/s, "$1..."))) : describe(value);
}

/** Is it an object or an array? */
export const isObject = (value: unknown): value is object => value !== null && typeof value === "object";

/** Is it an object that is written with its keys, as options are: no array, map, date or the like? */
export const isRecord = (value: unknown): value is Record<string, unknown> => kindOf(value) === "Object";

/** Refuses what isn't of a kind. `kind`: what it must be, `a loss such as softmaxCrossEntropy()`; `advice`: what to do, `; call it` */
export function checkKind(
  holds: false,
  where: string,
  name: string,
  kind: string,
  value: unknown,
  advice?: string,
): never;
export function checkKind(
  holds: boolean,
  where: string,
  name: string,
  kind: string,
  value: unknown,
  advice?: string,
): void;
export function checkKind(
  holds: boolean,
  where: string,
  name: string,
  kind: string,
  value: unknown,
  advice = typeof value === "function" && value.name ? `; call it: ${value.name}()` : "",
): void {
  if (holds) return;
  throw new TypeError(`${where}: ${name} must be ${kind}, got ${describe(value)}${advice}`);
}

/** A number that keeps to a rule. */
export function checkNumber(holds: boolean, where: string, name: string, rule: string, value: unknown): void {
  const isNumber = typeof value === "number";
  if (isNumber && holds) return;
  throw new (isNumber ? RangeError : TypeError)(`${where}: ${name} must be ${rule}, got ${valueText(value)}`);
}

/**
 * An integer from `least` to `most`, by default as many float32 as the core's memory can hold: sizes, counts and steps up to there,
 * and sums of two of them, fit the 32 bits that kernels count in.
 */
export function checkWhole(where: string, name: string, value: number, least = 1, most = 2 ** 30): void {
  checkNumber(Number.isInteger(value) && value >= least, where, name, `a whole number of ${least} or more`, value);
  checkNumber(value <= most, where, name, `a whole number of at most ${most}`, value);
}

/** The smallest normal float32. */
const SMALLEST = 1.1754943508222875e-38;

/**
 * A number that keeps to a rule, and does so as the float32 that kernels compute with, which must be 0 or a normal one: smaller
 * ones become 0 or lose their bits, larger ones infinite. All options do, those too that only JavaScript reads.
 */
function checkFloat32(where: string, name: string, value: number, rule: string, least: number, below = Infinity): void {
  checkNumber(Number.isFinite(value) && value >= least && value < below, where, name, rule, value);
  const size = Math.abs(Math.fround(value));
  const fits = value === 0 || (size >= SMALLEST && size < below);
  const most = below === 1 ? "0.99999994" : "3.4028235e38";
  checkNumber(fits, where, name, `${rule} as a float32 from 1.1754944e-38 to ${most}`, value);
}

/** A finite number, as float32. */
export function checkFinite(where: string, name: string, value: number): void {
  checkFloat32(where, name, value, "a finite number", -Number.MAX_VALUE);
}

/** A number above 0, as float32. */
export function checkPositive(where: string, name: string, value: number): void {
  checkFloat32(where, name, value, "above 0", Number.MIN_VALUE);
}

/** A number of 0 or more, as float32. */
export function checkNotNegative(where: string, name: string, value: number): void {
  checkFloat32(where, name, value, "0 or more", 0);
}

/** A number in [0, 1), as float32: at most 0.99999994. */
export function checkFraction(where: string, name: string, value: number): void {
  checkFloat32(where, name, value, "from 0 up to but not including 1", 0, 1);
}

/** True or false. */
export function checkBoolean(where: string, name: string, value: unknown): void {
  checkKind(typeof value === "boolean", where, name, "true or false", value);
}

/** One of the given words. */
export function checkOneOf(where: string, name: string, value: string, words: readonly string[]): void {
  if (!words.includes(value)) {
    throw new RangeError(`${where}: ${name} must be one of ${words.join(", ")}, got ${valueText(value)}`);
  }
}

/** Is it a typed array of numbers? */
export const isTyped = (value: unknown): boolean => ArrayBuffer.isView(value) && !"BD".includes(kindOf(value)[0]!);

/** Is it an array or a typed array? */
export const isNumbers = (value: unknown): boolean => Array.isArray(value) || isTyped(value);

/** Numbers in an array or typed array. */
export function checkNumbers(where: string, name: string, value: ArrayLike<number>): void {
  checkKind(isNumbers(value), where, name, "an array of numbers", value);
  if (!Array.isArray(value)) return;
  const bad = value.findIndex((element) => typeof element !== "number");
  if (bad >= 0) checkKind(false, where, `${name}[${bad}]`, "a number", value[bad]);
}

/**
 * Weights as float32: none negative, none infinite, not all 0.
 *
 * @param whose why there must be `count` of them, `there are 3 rows`
 */
export function checkWeights(
  where: string,
  name: string,
  weights: ArrayLike<number>,
  count: number,
  whose: string,
): Float32Array {
  checkNumbers(where, name, weights);
  if (weights.length !== count) throw new RangeError(`${where}: ${name} has ${weights.length} values, but ${whose}`);
  const data = Float32Array.from(weights);
  if (data.every((weight) => weight === 0)) throw new RangeError(`${where}: ${name} must not all be 0`);
  const bad = data.findIndex((weight, i) => !(weight >= SMALLEST && weight < Infinity) && weights[i] !== 0);
  if (bad >= 0) checkNotNegative(where, `${name}[${bad}]`, weights[bad]!);
  return data;
}

/** Other libraries' names of options, in lower case without punctuation, and ours; or what to do instead. */
const OPTIONS_ELSEWHERE: Readonly<Record<string, string>> = {
  activation: "an activation is a layer of its own: dense(10), relu()",
  bias: "useBias",
  eps: "epsilon",
  lr: "learningRate",
  stddev: "deviation",
  verbose: "progress",
};

/** Axes of a row at most: each layer of a file is checked and named axis by axis, and there can be many layers. */
const MOST_AXES = 32;

/** The shape of a row: sizes of its axes, or one number for a single axis. */
export function checkShape(where: string, name: string, shape: Shape | number): Shape {
  const holds = typeof shape === "number" || (Array.isArray(shape) && shape.length > 0);
  const several = where === "sequential" && isRecord(shape) ? "; several are inputs({ ... })" : undefined;
  checkKind(holds, where, name, "a number or the sizes of a row's axes", shape, several);
  if (typeof shape !== "number" && shape.length > MOST_AXES) {
    throw new RangeError(`${where}: ${name} may have at most ${MOST_AXES} axes, got ${shape.length}`);
  }
  const axes = typeof shape === "number" ? [shape] : Array.from(shape);
  axes.forEach((n, i) => checkWhole(where, typeof shape === "number" ? name : `${name}[${i}]`, n));
  return axes;
}

/** An object that holds options. */
export function checkOptions(where: string, options: object): void {
  checkKind(isRecord(options), where, "options", "an object", options);
}

/** A name in lower case, without punctuation. */
export const plainLetters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/**
 * An options object without a key that the function doesn't know.
 *
 * @param elsewhere more names for `OPTIONS_ELSEWHERE`, which this function's options have in other libraries
 */
export function checkKeys(
  where: string,
  options: object,
  known: readonly string[],
  elsewhere?: Readonly<Record<string, string>>,
): void {
  checkOptions(where, options);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const plain = plainLetters(unknown);
  const others = { ...OPTIONS_ELSEWHERE, ...elsewhere };
  const ours = Object.hasOwn(others, plain) ? others[plain]! : "";
  const close = known.find((key) => key === ours || (plain !== "" && plainLetters(`${key}s`).startsWith(plain)));
  const hint = close ? `; did you mean "${close}"?` : ours.includes(" ") ? `; ${ours}.` : ".";
  throw new TypeError(`${where}: unknown option ${valueText(unknown)}${hint} Known: ${known.join(", ")}`);
}

/** The options of a function that takes its first one alone, too: `dense(10)` for `dense({ units: 10 })`. */
export function withFirst<O extends object>(where: string, name: keyof O & string, first: unknown, more: object): O {
  checkOptions(where, more);
  return { ...(isRecord(first) ? first : { [name]: first }), ...more } as O;
}

/**
 * `withFirst`, where a second value is likely to be meant for one of the options: who writes `conv2d(8, 3)` is told of
 * `conv2d(8, { kernelSize: 3 })`.
 *
 * @param second the option that it is likely to be
 */
export function withSecond<O extends object>(
  where: string,
  name: keyof O & string,
  second: keyof O & string,
  first: unknown,
  more: object,
): O {
  const value: unknown = more;
  if (/^(?:Number|Boolean|Array)$/.test(kindOf(value))) {
    const text = (each: unknown): string =>
      Array.isArray(each) && each.length < 5
        ? `[${each.map(valueText).join(", ")}]`
        : typeof each === "boolean"
          ? String(each)
          : valueText(each);
    throw new TypeError(
      `${where}: options must be an object, got ${describe(value)}; ` +
        `did you mean ${where}(${text(first)}, { ${second}: ${text(value)} })?`,
    );
  }
  return withFirst<O>(where, name, first, more);
}
