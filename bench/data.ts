// What all workloads share with the peers' scripts: MNIST as float32 in file order, and the same initial weights.
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

/** Seeds and sizes of the initial weights: [seed, values, inputs, outputs] of a Glorot-uniform draw. */
const WEIGHTS = {
  xorW1: [1, 8, 2, 4],
  xorW2: [2, 4, 4, 1],
  mlpW1: [3, 784 * 128, 784, 128],
  mlpW2: [4, 1280, 128, 10],
  bigW1: [5, 784 * 1024, 784, 1024],
  bigW2: [6, 1024 * 1024, 1024, 1024],
  bigW3: [7, 10240, 1024, 10],
  cnnK1: [8, 25 * 8, 25, 25 * 8],
  cnnK2: [9, 25 * 8 * 16, 25 * 8, 25 * 16],
  cnnW: [10, 7840, 784, 10],
  lstmWx: [11, 28 * 256, 28, 256],
  lstmWh: [12, 64 * 256, 64, 256],
  lstmW: [13, 640, 64, 10],
  gemm: [14, 2 * 1024 * 1024, 1, 1],
} as const;

export function weights(name: keyof typeof WEIGHTS): Float32Array {
  const [seed, count, fanIn, fanOut] = WEIGHTS[name];
  const next = mulberry32(seed);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return Float32Array.from({ length: count }, () => (next() * 2 - 1) * limit);
}

export interface Digits {
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

/** The first digits, pixels divided by 255. */
export async function digits(set: "train" | "test", count: number): Promise<Digits> {
  const { x, y } = (await mnist())[set];
  return { x: Float32Array.from(x.data.subarray(0, count * 784), (byte) => byte / 255), y: y.slice(0, count) };
}
