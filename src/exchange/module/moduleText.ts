// The text of a module that predicts: what it says of itself, the kernels and the weights, and the few functions around them.
import { LIBRARY } from "../../io/checkpointFile.ts";
import type { Model } from "../../model/model.ts";
import { writtenOut } from "../../util/check.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import type { Image } from "./image.ts";
import type { ModuleWeights, WrittenWeights } from "./weights.ts";

/** JSON that can stand in a page's script, too. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 of bytes: 12 bits become two letters by a table, as calls of btoa with their texts take many times as long. */
function base64(bytes: Uint8Array): string {
  const codes = new TextEncoder().encode(LETTERS);
  const pairs = Uint16Array.from({ length: 4096 }, (_, bits) => codes[bits >> 6]! | (codes[bits & 63]! << 8));
  const threes = Math.floor(bytes.length / 3);
  const out = new Uint16Array(2 * threes);
  for (let i = 0, at = 0; at < out.length; i += 3, at += 2) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!];
    out[at] = pairs[(a << 4) | (b >> 4)]!;
    out[at + 1] = pairs[((b & 15) << 8) | c]!;
  }
  return new TextDecoder().decode(out) + btoa(String.fromCharCode(...bytes.subarray(3 * threes)));
}

/** What places the weights, `given` as bytes, in `floats`, the memory. */
const PLACED: Readonly<Record<ModuleWeights, string>> = {
  float32: `
floats.set(new Float32Array(given.buffer), begin);`,
  float16: `
const words = new Uint32Array(floats.buffer);
new Uint16Array(given.buffer).forEach((half, i) => {
words[(i += begin)] = (half & 32767) << 13;
floats[i] *= 5.192296858534828e33; // 2^112
words[i] |= (half & 32768) << 16;
});`,
  int8: `
let at = 0;
for (const [to, count, inner, channels] of runs) {
const scales = new Float32Array(given.buffer, at, channels || count);
at += 4 * scales.length;
if (channels) {
new Int8Array(given.buffer, at, count).forEach((byte, i) => {
floats[to + i] = byte * scales[Math.floor(i / inner) % channels];
});
at += (count + 3) & ~3;
} else floats.set(scales, to);
}`,
};

/** Bytes of base64; numbers of x; and the function of all calls, as far as it checks these numbers. Without indents: each counts in every module. */
const COMMON = `const bytesOf = (text) => {
text = atob(text);
const all = new Uint8Array(text.length);
for (let i = 0; i < all.length; i++) all[i] = text.charCodeAt(i);
return all;
};
const fail = (text, kind = RangeError) => {
throw new kind(where + ": " + text);
};
const sized = (what, n, rows) => {
if (n !== rows * size) fail(what + " has " + n + " numbers, but a row takes " + size);
};
const add = (part, all) => {
if (typeof part === "number") all.push(part);
else if (typeof part === "object" && part?.length >= 0) for (let i = 0; i < part.length; i++) add(part[i], all);
else fail("x must be made of numbers, got " + String(part), TypeError);
};
const run = (name, x, after) => {
where = name;
let given = x;
if (!ArrayBuffer.isView(x)) {
if (!Array.isArray(x)) fail("x must be an array or a typed array", TypeError);
given = [];
x.forEach((row, r) => {
const n = given.length;
add(row, given);
if (typeof row !== "number") sized("row " + r, given.length - n, 1);
});
}
const all = new Float32Array(given);
const rows = all.length / size;
sized("x", all.length, Math.ceil(rows) || 1);
const bad = (i, rule) => fail("x must hold " + rule + ", but row " + Math.floor(i / size) + ", column " + (i % size) + " is " + given[i]);
for (let i = 0; i < all.length; i++) if (all[i] - all[i] !== 0) bad(i, "finite numbers");`;

const INTEGERS = `for (const [offset, count, least, most, what] of integers)
for (let r = offset; r < all.length; r += size)
for (let i = r; i < r + count; i++)
if (all[i] % 1 || all[i] < least || all[i] > most) bad(i, "whole numbers from " + least + " to " + most + " for " + what);`;

const GOES_ON = `if (before && before !== rows) fail("rows go on from those of the call before, which were " + before + ", but there are " + rows + "; call resetStates() to begin anew");
before = rows;`;

const RESET = `/** The next call begins with zeros. */
export const resetStates = () => {
before = 0;
kept = [];
};`;

/** A function that is exported. */
const exported = (says: string, name: string, gives: string, body: string): string =>
  `/** ${says} @type {(x: Rows) => ${gives}} */\nexport const ${name} = (x) => ${body}`;

const LARGEST = `{
const y = run("classify", x);
return Int32Array.from({ length: y.length / classes }, (_, r) => {
let best = (r *= classes);
for (let i = r; i < r + classes; i++) if (y[i] > y[best]) best = i;
return best - r;
});
};`;

/** What is in a module. */
export interface ModuleParts {
  readonly model: Model;
  readonly image: Image;
  readonly kernels: Uint8Array;
  readonly weights: WrittenWeights;
  readonly type: ModuleWeights;
}

export function moduleText({ model, image, kernels, weights, type }: ModuleParts): string {
  const { inputShape, outputShape, outputActivation: activation, inputs } = model;
  const { capacity, states, weights: place } = image;
  const errors = Object.entries(weights.errors);
  const integers = model.rules.flatMap(({ integers: runs = [] }) =>
    runs.map((i) => [i.offset, i.count, i.least, i.most, i.what]),
  );
  const kept = states.bytes > 0;
  const after = image.after.length > 0;
  const n = outputShape.at(-1)!;
  const labels = model.layers.at(-1)!.type !== "outputs";
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
  const comment = (text: string): string => writtenOut(text).replaceAll("<", "\\u003c");
  const constants = {
    size: sizeOf(inputShape),
    outputs: sizeOf(outputShape),
    block: capacity,
    begin: type !== "int8" && place.address / 4,
    runs: type === "int8" && weights.runs,
    integers: integers.length > 0 && integers,
    classes: labels && n > 1 && n,
  };
  const bytes = { weights: weights.bytes, kernels };
  const parts: readonly (string | false | undefined)[] = [
    `/*! Made by wasmgrad ${LIBRARY}, with kernels of its: MIT License, Copyright (c) 2026 the wasmgrad contributors */`,
    `// A model: from rows of ${shapeText(inputShape)} to rows of ${shapeText(outputShape)}. Nothing else is needed.`,
    `// Weights: ${type}${type === "int8" ? ", with a scale for each output channel; float32 where there is one axis" : ""}`,
    errors.length > 0 && "// Errors, at most and on average, relative to the range of each parameter:",
    ...errors.map(([name, { largest, mean }]) => `//   ${comment(name)}: ${percent(largest)}, ${percent(mean)}`),
    "/** @typedef {ArrayLike<number> | ReadonlyArray<Rows>} Rows Rows of x, nested or not */",
    `/** A row of x. */\nexport const inputShape = ${json(inputShape)};`,
    `/** A row of the output. */\nexport const outputShape = ${json(outputShape)};`,
    inputs && `/** The inputs that follow one another in a row of x. */\nexport const inputs = ${json(inputs.shapes)};`,
    errors.length > 0 && `/** These as shares. */\nexport const weightErrors = ${json(weights.errors)};`,
    ...Object.entries(constants).map(([name, value]) => value !== false && `const ${name} = ${json(value)};`),
    ...Object.entries(bytes).map(([name, value]) => `const ${name} = "${base64(value)}";`),
    `let core, where, x0, y0${kept ? ", state, before, kept = []" : ""};`,
    COMMON,
    integers.length > 0 && INTEGERS,
    "if (!core) start(new WebAssembly.Instance(new WebAssembly.Module(bytesOf(kernels))));",
    kept && GOES_ON,
    `const y = new Float32Array(rows * outputs);
for (let r = 0; r < rows; r += block) {
const count = Math.min(block, rows - r);
x0.set(all.subarray(r * size, (r + count) * size));`,
    kept && "state.set(kept[r] ?? new Uint8Array(state.length));",
    "core.forward(count);",
    after && "if (after) core.after(count);",
    kept && "kept[r] = state.slice();",
    `y.set(y0.subarray(0, count * outputs), r * outputs);
}
return y;
};
const start = ({ exports }) => {
if (core) return;
const floats = new Float32Array(exports.memory.buffer);
const given = bytesOf(weights);${PLACED[type]}
x0 = floats.subarray(${image.input / 4});
y0 = floats.subarray(${image.output / 4});`,
    kept && `state = new Uint8Array(floats.buffer, ${states.address}, ${states.bytes});`,
    `core = exports;
};
/** Compiles the kernels before the first call: Chrome before 114 needs it on a page's main thread. @type {() => Promise<void>} */
export const load = async () => {
if (!core) start((await WebAssembly.instantiate(bytesOf(kernels))).instance);
};`,
    exported("The output for each row of x, row by row.", "predict", "Float32Array", 'run("predict", x);'),
    after &&
      exported("The output as probabilities.", "probabilities", "Float32Array", 'run("probabilities", x, true);'),
    labels &&
      exported(
        `A label for each row: ${n > 1 ? "the index of the largest output" : activation === "sign" ? "1 or -1" : "0 or 1"}.`,
        "classify",
        "Int32Array",
        n > 1
          ? LARGEST
          : `Int32Array.from(run("classify", x), (y) => (y > ${activation === "sigmoid" || activation === "sign" ? 0 : 0.5} ? 1 : ${activation === "sign" ? -1 : 0}));`,
      ),
    kept && RESET,
  ];
  return `${parts.filter((part) => part !== false && part !== undefined).join("\n")}\n`;
}
