// Waits for a promise until a signal is aborted.
import type { Signal } from "./platform.ts";

/** Resolves with the promise, or with undefined once the signal is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, signal: Signal | undefined): Promise<T | undefined> {
  if (!signal) return promise;
  if (signal.aborted) return undefined;
  let abort!: () => void;
  const aborted = new Promise<undefined>((resolve) => (abort = () => resolve(undefined)));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
