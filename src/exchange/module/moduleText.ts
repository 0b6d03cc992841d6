// The text of a module that predicts: what it says of itself, the program, the weights, and the few functions around them.
import { writtenOut } from "../../util/check.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import type { Model } from "../../model/model.ts";
import type { Image } from "./image.ts";
import type { ModuleWeights, WrittenWeights } from "./weights.ts";

/** The version of the library, which modules say. */
export const LIBRARY = "0.10.0";

/** JSON that may stand in a page. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** Bytes as base64: texts that are as long as engines take, and no call with too many arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x6000) text += btoa(String.fromCharCode(...bytes.subarray(i, i + 0x6000)));
  return text;
}

/** What puts the weights into memory, of bytes in `w`. */
const PLACED: Readonly<Record<ModuleWeights, (at: number, runs: string) => string>> = {
  float32: (at) => `new Uint8Array(buffer).set(w, ${at});`,
  float16: (at) => `const f = new Float32Array(buffer), u = new Uint32Array(buffer);
  new Uint16Array(w.buffer).forEach((half, i) => {
    u[i += ${at / 4}] = (half & 32767) << 13;
    f[i] *= 5.192296858534828e33; // 2^112
    u[i] |= (half & 32768) << 16;
  });`,
  int8: (_, runs) => `const f = new Float32Array(buffer);
  let at = 0;
  for (const [to, size, inner, channels] of ${runs}) {
    const scales = new Float32Array(w.buffer, at, channels || size);
    at += 4 * scales.length;
    if (!channels) {
      f.set(scales, to);
      continue;
    }
    new Int8Array(w.buffer, at, size).forEach((byte, i) => {
      f[to + i] = byte * scales[Math.floor(i / inner) % channels];
    });
    at += (size + 3) & ~3;
  }`,
};

/** What is in a module. */
export interface ModuleParts {
  readonly model: Model;
  readonly image: Image;
  readonly kernels: Uint8Array;
  readonly weights: WrittenWeights;
  readonly type: ModuleWeights;
}

/** Lines of those that hold. */
const lines = (...all: readonly (string | false | undefined)[]): string =>
  all.filter((line) => line !== false && line !== undefined).join("\n");

/** Places as runs of consecutive ones: where each begins, and how many it has. */
function runsOf(places: ArrayLike<number>): [offset: number, count: number][] {
  const runs: [offset: number, count: number][] = [];
  for (let i = 0; i < places.length; i++) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === places[i]) last[1]++;
    else runs.push([places[i]!, 1]);
  }
  return runs;
}

export function moduleText({ model, image, kernels, weights, type }: ModuleParts): string {
  const { inputShape, outputShape, outputActivation: activation } = model;
  const { capacity, input, output, states } = image;
  const [size, outputs, classes] = [sizeOf(inputShape), sizeOf(outputShape), outputShape.at(-1)!];
  const rules = model.rules.flatMap(({ integers: i }) =>
    i ? runsOf(i.places).map(([offset, count]) => [offset, count, i.least, i.most, i.what]) : [],
  );
  const given = model.inputs && Object.entries<Shape>(model.inputs.shapes);
  const errors = Object.entries(weights.errors);
  const kept = states.bytes > 0;
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
  const likely = image.after.length > 0;
  const threshold = activation === "sigmoid" || activation === "sign" ? 0 : 0.5;
  return lines(
    `/*! Made by wasmgrad ${LIBRARY}. It contains kernels of wasmgrad: MIT License, Copyright (c) 2026 the wasmgrad contributors */`,
    `// A model that predicts: rows of ${shapeText(inputShape)} to rows of ${shapeText(outputShape)}. It imports nothing.`,
    `// Its weights are ${type === "int8" ? "int8, with a scale for each output channel; those of one axis are float32" : type}.`,
    errors.length > 0 &&
      "// How far they are from the model's, relative to each parameter's range, at most and on average:",
    ...errors.map(([name, { largest, mean }]) => `//   ${writtenOut(name)} ${percent(largest)}, ${percent(mean)}`),
    "",
    "/** @typedef {ArrayLike<number> | ReadonlyArray<Rows>} Rows Consecutive rows, or an array of rows, nested or not. */",
    `/** Shape of a row of x. @type {readonly number[]} */\nexport const inputShape = ${json(inputShape)};`,
    `/** Shape of a row of the output. @type {readonly number[]} */\nexport const outputShape = ${json(outputShape)};`,
    given &&
      `/** The inputs that a row of x has one after another. */\nexport const inputs = ${json(Object.fromEntries(given))};`,
    errors.length > 0 &&
      `/** How far the weights are from the model's. @type {Record<string, { largest: number, mean: number }>} */\nexport const weightErrors = ${json(weights.errors)};`,
    `const kernels = "${base64(kernels)}";`,
    `const weights = "${base64(weights.bytes)}";`,
    `let core, x, y${kept ? ", state" : ""};`,
    kept && "let before = 0, kept = [];",
    `const bytesOf = (text) => {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
};
const start = ({ exports }) => {
  if (core) return;
  const { buffer } = exports.memory, w = bytesOf(weights);
  ${PLACED[type](image.weights.address, json(weights.runs))}
  x = new Float32Array(buffer, ${input}, ${capacity * size});
  y = new Float32Array(buffer, ${output}, ${capacity * outputs});`,
    kept && `  state = new Uint8Array(buffer, ${states.address}, ${states.bytes});`,
    `  core = exports;
};
const flat = (name, rows) => {
  const all = [];
  const add = (part) => {
    if (typeof part === "number") all.push(part);
    else if (part && typeof part === "object" && part.length >= 0) for (let i = 0; i < part.length; i++) add(part[i]);
    else throw new TypeError(name + ": x must be made of numbers, got " + String(part));
  };
  if (ArrayBuffer.isView(rows)) return rows;
  if (!Array.isArray(rows)) throw new TypeError(name + ": x must be an array or a typed array");
  rows.forEach((row, r) => {
    const from = all.length;
    add(row);
    if (typeof row !== "number" && all.length - from !== ${size}) throw new RangeError(name + ": row " + r + " has " + (all.length - from) + " numbers, but a row takes ${size}");
  });
  return all;
};
const run = (name, rows, after) => {
  const given = flat(name, rows), all = new Float32Array(given), count = all.length / ${size};
  if (!count || count % 1) throw new RangeError(name + ": x has " + all.length + " numbers, but a row takes ${size}");
  const refuse = (i, rule) => {
    throw new RangeError(name + ": x must hold " + rule + ", but row " + Math.floor(i / ${size}) + ", column " + (i % ${size}) + " is " + given[i]);
  };
  for (let i = 0; i < all.length; i++) if (all[i] - all[i] !== 0) refuse(i, "finite numbers");`,
    rules.length > 0 &&
      `  for (const [offset, numbers, least, most, what] of ${json(rules)})
    for (let r = offset; r < all.length; r += ${size})
      for (let i = r; i < r + numbers; i++)
        if (all[i] % 1 || all[i] < least || all[i] > most) refuse(i, "whole numbers from " + least + " to " + most + " for " + what);`,
    kept &&
      `  if (before && before !== count) throw new RangeError(name + ": each row goes on from the call before, which had " + before + " rows, but there are " + count + "; call resetStates() to begin anew");
  before = count;`,
    `  if (!core) start(new WebAssembly.Instance(new WebAssembly.Module(bytesOf(kernels))));
  const result = new Float32Array(count * ${outputs});
  for (let r = 0; r < count; r += ${capacity}) {
    const n = Math.min(${capacity}, count - r);
    x.set(all.subarray(r * ${size}, (r + n) * ${size}));`,
    kept && "    if (kept[r]) state.set(kept[r]);\n    else state.fill(0);",
    `    core.forward(n);`,
    likely && "    if (after) core.after(n);",
    kept && "    kept[r] = state.slice();",
    `    result.set(y.subarray(0, n * ${outputs}), r * ${outputs});
  }
  return result;
};`,
    `/**
 * Compiles the kernels without holding the caller up. Without it they are compiled by the first call, which all engines allow but Chrome
 * before 114 on a page's main thread.
 * @returns {Promise<void>}
 */
export const load = async () => {
  if (!core) start((await WebAssembly.instantiate(bytesOf(kernels))).instance);
};
/**
 * The output for each row of x, row by row.
 * @param {Rows} x rows of inputShape
 * @returns {Float32Array}
 */
export const predict = (x) => run("predict", x);`,
    likely &&
      `/**
 * The output as probabilities.
 * @param {Rows} x rows of inputShape
 * @returns {Float32Array}
 */
export const probabilities = (x) => run("probabilities", x, true);`,
    model.layers.at(-1)!.type !== "outputs" &&
      `/**
 * A label for each row: ${classes === 1 ? "0 or 1" : "the index of its largest output"}.
 * @param {Rows} x rows of inputShape
 * @returns {Int32Array}
 */
export const classify = (x) => {
  const output = run("classify", x);
  return ${
    classes === 1
      ? `Int32Array.from(output, (value) => (value > ${threshold} ? 1 : ${activation === "sign" ? -1 : 0}));`
      : `Int32Array.from({ length: output.length / ${classes} }, (_, r) => {
    let best = 0;
    for (let i = 1; i < ${classes}; i++) if (output[r * ${classes} + i] > output[r * ${classes} + best]) best = i;
    return best;
  });`
  }
};`,
    kept &&
      `/** Lets the next call begin with zeros. */
export const resetStates = () => {
  before = 0;
  kept = [];
};`,
    "",
  );
}
