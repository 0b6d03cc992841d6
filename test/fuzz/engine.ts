// Runs fuzzers: each input has a seed of its own, of which it can be made again; what it breaks is reported with that seed.
import { faultOf } from "../support/arguments.ts";
import { Draw } from "./draw.ts";

/** What became of an input. */
export interface Tried {
  /** What is wrong with the answer; undefined: nothing. */
  readonly fault: string | undefined;
  /** It was refused, in the library's words. */
  readonly refused: boolean;
  /** The input as text. */
  readonly input: () => string;
}

/** Tries one input. */
export type Try = (draw: Draw) => Promise<Tried> | Tried;

/** A reader, or another part of the library, and what makes inputs for it. */
export interface Fuzzer {
  readonly name: string;
  /** What is tried. */
  readonly what: string;
  /** How many inputs are tried while `npm test` runs: a few seconds of each. */
  readonly inTests: number;
  /** Inputs for which one preparation is used: what they leave behind ends with them. */
  readonly each?: number;
  prepare(): Promise<Try> | Try;
}

export interface Failure {
  readonly seed: number;
  readonly fault: string;
  readonly input: string;
}

export interface Report {
  readonly inputs: number;
  readonly refused: number;
  readonly failures: number;
}

export interface RunOptions {
  /** Of the first input; the next one has the next seed. */
  readonly seed: number;
  readonly count: number;
  /** Is told of each input's seed before it is tried, and how many were refused so far. */
  readonly begin?: (seed: number, refused: number) => void;
  readonly failed?: (failure: Failure) => void;
  /** After so many failures it ends; default 20. */
  readonly most?: number;
}

/** Longest time that an input may take, in seconds of the processor: a hang, or more than in proportion to the input. */
const MOST_SECONDS = 10;

/** Tries `count` inputs. */
export async function run(fuzzer: Fuzzer, { seed, count, begin, failed, most = 20 }: RunOptions): Promise<Report> {
  let failures = 0;
  const { each = 500 } = fuzzer;
  let attempt: Try | undefined;
  let refused = 0;
  let inputs = 0;
  for (let own = seed; own < seed + count && failures < most; own++) {
    // by the seed, not by the place in this run: an input that is tried alone is the same
    begin?.(own, refused);
    if (!attempt || own % each === 0) attempt = await fuzzer.prepare();
    inputs++;
    const { user } = process.cpuUsage();
    const tried = await attempt(new Draw(own));
    const seconds = (process.cpuUsage().user - user) / 1e6;
    if (tried.refused) refused++;
    const fault = tried.fault ?? (seconds > MOST_SECONDS ? `takes ${seconds.toFixed(1)} s` : undefined);
    if (fault === undefined) continue;
    failures++;
    failed?.({ seed: own, fault, input: shortened(tried.input()) });
    attempt = undefined; // what it left behind is no one else's fault
  }
  return { inputs, refused, failures };
}

const shortened = (text: string): string => (text.length > 6000 ? `${text.slice(0, 6000)}...` : text);

/** Memory that reading may take: 150 bytes for each of the file, and what any model takes (SECURITY.md). */
const PER_BYTE = 150;
const ANY_MODEL = 64 * 2 ** 20;

function memory(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

/** How a call ended: with a value, or an error and what is wrong with it. */
export type Ended<T> =
  | { readonly value: T; readonly error?: undefined; readonly fault: string | undefined }
  | { readonly value?: undefined; readonly error: Error; readonly fault: string | undefined };

/** Longest message of an error (SECURITY.md), and what stands before and after it. */
const MOST_LETTERS = 3200;

/** Calls a function whose errors must begin with one of the names, and be in the library's words. */
export async function ended<T>(names: readonly string[], call: () => T | Promise<T>): Promise<Ended<T>> {
  try {
    return { value: await call(), fault: undefined };
  } catch (error) {
    const fault =
      faultOf(error, names) ??
      ((error as Error).message.length > MOST_LETTERS ? `${(error as Error).message.length} letters` : undefined);
    return { error: error as Error, fault: fault && `${fault}\n${stackOf(error)}` };
  }
}

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

const stackOf = (error: unknown): string =>
  String((error as Partial<Error> | undefined)?.stack)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .join("\n");

/** The same for a reader: without more memory than the documented bound. */
export async function endedReading<T>(
  bytes: number,
  names: readonly string[],
  call: () => T | Promise<T>,
): Promise<Ended<T>> {
  const before = memory();
  const end = await ended(names, call);
  if (end.error && CONTROLS.test(end.error.message))
    return { ...end, fault: `control characters in: ${end.error.message}` };
  const taken = memory() - before;
  const most = ANY_MODEL + PER_BYTE * bytes;
  if (end.fault !== undefined || taken <= most) return end;
  return { ...end, fault: `took ${taken} bytes of memory for ${bytes} bytes; at most ${most} are promised` };
}

/**
 * What is wrong with the error of a file that can't be read: it has a place within the file, or in what is inflated of it, and the reason that its
 * message ends with.
 */
export function untyped(error: Error | undefined): string | undefined {
  if (!error) return undefined;
  const { name, message, offset, reason } = error as Error & { readonly offset?: unknown; readonly reason?: unknown };
  const holds =
    name === "FileError" &&
    Number.isSafeInteger(offset) &&
    (offset as number) >= 0 &&
    typeof reason === "string" &&
    reason !== "" &&
    message.endsWith(reason);
  return holds ? undefined : `${name} at ${String(offset)} for the reason ${String(reason)}: ${message}`;
}

/** Bytes as text, from which a test can make them again. */
export const bytesText = (bytes: Uint8Array): string =>
  `Buffer.from("${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}", "base64")`;
