// What all workloads share: MNIST as float32 in file order, and initial weights.
import { mnist } from "../build/datasets.js";

/** A generator of numbers in [0, 1): "mulberry32", 32 bits of state. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeds and shapes of the initial weights, and the inputs and outputs that set the limit of their Glorot-uniform draw. */
const DRAWS = {
  xor: [
    [1, [2, 4], 2, 4],
    [2, [4, 1], 4, 1],
  ],
  mlp: [
    [3, [784, 128], 784, 128],
    [4, [128, 10], 128, 10],
  ],
  big: [
    [5, [784, 1024], 784, 1024],
    [6, [1024, 1024], 1024, 1024],
    [7, [1024, 10], 1024, 10],
  ],
  cnn: [
    [8, [5, 5, 1, 8], 25, 25 * 8],
    [9, [5, 5, 8, 16], 25 * 8, 25 * 16],
    [10, [784, 10], 784, 10],
  ],
  lstm: [
    [11, [28, 256], 28, 256],
    [12, [64, 256], 64, 256],
    [13, [64, 10], 64, 10],
  ],
} as const;

export type InitialNetwork = keyof typeof DRAWS;

export interface Parameter {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function draw(seed: number, count: number, fans: number): Float32Array {
  const next = mulberry32(seed);
  const limit = Math.sqrt(6 / fans);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (next() * 2 - 1) * limit;
  return values;
}

/** A network's parameters before training, layer by layer: weights and then the bias, which is 0. */
export function initialParameters(network: InitialNetwork): Parameter[] {
  const drawn = DRAWS[network].map(([seed, shape, inputs, outputs]) => {
    const count = shape.reduce((product: number, size) => product * size, 1);
    return { shape, values: draw(seed, count, inputs + outputs) };
  });
  if (network !== "lstm")
    return drawn.flatMap((weight) => [weight, { shape: [weight.shape.at(-1)!], values: zeros(weight.shape.at(-1)!) }]);
  // one bias for both of its weights; the gates are stored in the order input, forget, candidate, output, and forget begins at 1
  const [input, recurrent, dense] = drawn;
  const bias = { shape: [256], values: zeros(256).fill(1, 64, 128) };
  return [input!, recurrent!, bias, dense!, { shape: [10], values: zeros(10) }];
}

const zeros = (count: number): Float32Array => new Float32Array(count);

/** The factors of a product: `a` of m * k numbers, `b` of k * n. */
export function factors([m, k, n]: readonly [number, number, number]): { a: Float32Array; b: Float32Array } {
  const values = draw(14, 2 << 20, 2);
  return { a: values.slice(0, m * k), b: values.slice(1 << 20, (1 << 20) + k * n) };
}

/** Numbers to compute with, from -1.7 to 1.7, up to two million. */
export function numbers(count: number): Float32Array {
  return draw(14, count, 2);
}

export interface Digits {
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

/**
 * The first digits, pixels divided by 255.
 *
 * @param from where the files of MNIST are, for a page
 */
export async function digits(set: "train" | "test", count: number, from?: string): Promise<Digits> {
  const { x, y } = (await mnist(from === undefined ? {} : { from }))[set];
  const pixels = new Float32Array(count * 784);
  for (let i = 0; i < pixels.length; i++) pixels[i] = x.data[i]! / 255;
  return { x: pixels, y: y.slice(0, count) };
}

/** Labels as rows of ten numbers, one of them 1. */
export function oneHot(labels: Uint8Array): Float32Array {
  const rows = new Float32Array(labels.length * 10);
  labels.forEach((label, i) => (rows[i * 10 + label] = 1));
  return rows;
}
