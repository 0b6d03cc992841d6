// A model's parameters as bytes, in the types that a module may have them in, and what is lost by these.
import { firstNonFinite } from "../../formats/safetensorsTypes.ts";
import { FLOAT16, narrow, widen } from "../../formats/smallFloats.ts";
import { bytesText } from "../../runtime/arena.ts";
import type { Model } from "../../model/model.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Image } from "./image.ts";

/** Engines have texts of at most some 537 million letters. */
const MOST_BYTES = 4e8;

/** The types that a module's weights can have. */
export const WEIGHTS = ["float32", "float16", "int8"] as const;
export type ModuleWeights = (typeof WEIGHTS)[number];

/** How far the values of a parameter are from the model's, relative to its range: from its smallest to its largest value. */
export interface WeightError {
  readonly largest: number;
  readonly mean: number;
}

/** Parameters as bytes. */
export interface WrittenWeights {
  readonly bytes: Uint8Array;
  /**
   * Of each parameter, in the order of the bytes: its address divided by 4, how many numbers it has, how many consecutive ones are of one
   * channel, and the number of channels; 0 of float32. Of other types than int8 none: all are consecutive, as in memory.
   */
  readonly runs: readonly (readonly [to: number, size: number, inner: number, channels: number])[];
  /** By the parameters' names; none of float32. */
  readonly errors: Readonly<Record<string, WeightError>>;
}

/** Writes the parameters. Refuses those that aren't finite or, as float16, wouldn't be. */
export function writeWeights(
  where: string,
  model: Model,
  { parameters, weights }: Image,
  type: ModuleWeights,
): WrittenWeights {
  const values = new Map(model.parameters().map(({ name, get }) => [name, get()]));
  const refuse = (name: string, numbers: Float32Array, rule: string, shown = numbers): void => {
    const bad = firstNonFinite(numbers);
    if (bad >= 0) throw new Error(`${where}: parameters must be ${rule}, but value ${bad} of ${name} is ${shown[bad]}`);
  };
  for (const [name, data] of values) refuse(name, data, "finite numbers");
  const all = new Float32Array(weights.bytes / 4);
  const runs: WrittenWeights["runs"][number][] = [];
  const parts: ArrayBufferView[] = [];
  const errors: Record<string, WeightError> = {};
  for (const { name, local, shape, size, address, type: layer, state } of parameters) {
    const data = values.get(name)!;
    all.set(data, (address - weights.address) / 4);
    if (type === "float16") {
      const halves = widen(narrow(data, FLOAT16), FLOAT16);
      refuse(name, halves, "at most 65504 as float16, or weights float32 or int8", data);
      errors[name] = errorOf(data, halves);
    }
    if (type !== "int8") continue;
    const [inner, channels] = state || shape.length < 2 ? [1, 0] : channelsOf(layer, local, shape);
    runs.push([address / 4, size, inner, channels]);
    if (channels === 0) {
      parts.push(data);
      continue;
    }
    const scales = new Float32Array(channels);
    const bytes = new Int8Array(size);
    const again = new Float32Array(size);
    // loops: a function for each of millions of numbers takes several times as long
    const eachRun = (run: (from: number, channel: number) => void): void => {
      for (let from = 0, channel = 0; from < size; from += inner, channel = (channel + 1) % channels)
        run(from, channel);
    };
    eachRun((from, channel) => {
      let most = scales[channel]!;
      for (let i = from; i < from + inner; i++) most = Math.max(most, Math.abs(data[i]!));
      scales[channel] = most;
    });
    for (let i = 0; i < channels; i++) scales[i]! /= 127;
    eachRun((from, channel) => {
      const scale = scales[channel]!;
      for (let i = from; i < from + inner; i++) {
        // the smallest sizes have a scale of 0, or one so coarse that there would be more than 127 of it
        const whole = Math.round(data[i]! / scale) || 0;
        bytes[i] = Math.max(-127, Math.min(127, whole));
        again[i] = bytes[i]! * scale;
      }
    });
    parts.push(scales, bytes, new Uint8Array(-size & 3));
    errors[name] = errorOf(data, again);
  }
  if (type === "float32") parts.push(all);
  if (type === "float16") parts.push(narrow(all, FLOAT16));
  const count = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (count > MOST_BYTES) {
    throw new RangeError(
      `${where}: a module's weights take at most ${bytesText(MOST_BYTES)}, got ${bytesText(count)}; use another type of weights, or a file`,
    );
  }
  const bytes = new Uint8Array(count);
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return { bytes, runs, errors };
}

/**
 * How many consecutive numbers are of one output channel, and the number of channels. These are the last axis; of depthwise kernels the last
 * two; of transposed ones the last but one.
 */
function channelsOf(type: string, name: string, shape: Shape): readonly [inner: number, channels: number] {
  if (type.endsWith("Transpose")) return [shape.at(-1)!, shape.at(-2)!];
  return [1, sizeOf(shape.slice(type.startsWith("depthwise") || name.startsWith("depthwise") ? -2 : -1))];
}

/** Relative to the range or, where all values are the same, to these. */
function errorOf(values: Float32Array, written: Float32Array): WeightError {
  let [least, most, largest, sum] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const error = Math.abs(value - written[i]!);
    least = Math.min(least, value);
    most = Math.max(most, value);
    largest = Math.max(largest, error);
    sum += error;
  }
  const range = most - least || Math.abs(most) || 1;
  const short = (error: number): number => Number((error / range).toPrecision(3));
  return { largest: short(largest), mean: short(sum / values.length) };
}
