// Numbers and names as the reports show them.
import type { Outcome } from "../results.ts";

const SHORT: Readonly<Record<string, string>> = { "samples/s": "/s", "GFLOP/s": " GFLOP/s", ms: " ms", us: " us" };

/** A value with its unit. */
export function amount(value: number, unit: string): string {
  if (Number.isNaN(value)) return "";
  return unit === "bytes" ? `${(value / 1000).toFixed(1)} kB` : plain(value) + (SHORT[unit] ?? ` ${unit}`);
}

/** Three significant digits. */
export function plain(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1000 ? rounded.toLocaleString("en-US") : String(rounded);
}

export function times(value: number | undefined): string {
  if (value === undefined) return "";
  return `${value < 9.95 ? value.toFixed(2).replace(/^(\d\.\d)0$/, "$1") : plain(value)}x`;
}

export const percent = (value: number | undefined): string =>
  value === undefined ? "" : `${Math.round(100 * value)} %`;

/** What is to be said of a result: what went wrong, or how the work differs. */
export function remark({ error, other }: Outcome): string {
  return error ?? other ?? "";
}

/** Names of the workloads for readers who don't know the short ones. */
export const TITLES: Readonly<Record<string, string>> = {
  "W1 xor": "XOR, 2-4-1, 10,000 updates",
  "W2 mnist-mlp": "MNIST 784-128-10, batch 128",
  "W2 mnist-mlp batch 16": "the same, batch 16",
  "W3 mnist-mlp-big": "MNIST 784-1024-1024-10, batch 128",
  "W4 mnist-cnn": "MNIST, two convolutions, batch 64",
  "W5 lstm": "LSTM of 64 units, 28 steps, batch 64",
  "W6 gemm 512x512x512": "matrix product 512³, the slowest orientation",
  "W7 infer batch 1": "inference 784-128-10, one row",
  "W7 infer batch 256": "inference 784-128-10, 256 rows",
  "W8 start": "start over a bare Node",
  "W8 download": "page that trains a dense network, gzipped",
};
