// What the tests know of an engine.
import type { Task } from "./work.ts";

/** A way to start an engine: as it is, held to one of its compilers, or kept from instructions of the processor. */
export interface Way {
  readonly name: string;
  /** Arguments of the command line. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Too slow to be run twice. */
  readonly slow?: true;
  /** Firefox's settings. */
  readonly prefs?: Readonly<Record<string, boolean>>;
}

export const AS_IT_IS: Way = { name: "as it is" };

export interface Answer {
  readonly version: string;
  /** One for each task. */
  readonly results: readonly unknown[];
}

export interface Engine {
  readonly name: string;
  /** It has pages: isolated ones, on which threads may share memory, and plain ones. */
  readonly pages: boolean;
  readonly present: boolean;
  /** Ways besides the usual one. */
  readonly ways: readonly Way[];
  /** With this it can't do the work: what it takes no notice of would pass for the usual way. */
  readonly impossible: Way;
  /** What it then says. */
  readonly refusal: RegExp;
  /** Its processor is emulated, ten to thirty times slower: the four runs, with one thread and three, are what CI has time for. */
  readonly emulated?: boolean;
  /** Not even an isolated page can share memory then. */
  readonly unshared?: Way;
  /** Starts it, has it do the tasks, and ends it. Threads may share memory, but not on a page that isn't isolated. */
  run(way: Way, tasks: readonly Task[], options?: { readonly isolated?: boolean }): Promise<Answer>;
}

/** Flags of V8. Node, Deno and Chromium pass them on, each in its own words. */
const V8 = {
  "Liftoff alone": ["--liftoff-only"],
  "TurboFan alone": ["--no-liftoff"],
  "without AVX": ["--no-enable-avx"],
  "without FMA": ["--no-enable-fma3"],
  revectorized: ["--experimental-wasm-revectorize", "--no-liftoff"],
  impossible: ["--no-such-flag"],
} as const;

/** The instructions that can be left out, and the revectorizer, are those of x64. */
const ANYWHERE: readonly (keyof typeof V8)[] = ["Liftoff alone", "TurboFan alone", "impossible"];

/** The ways of V8 that are asked for, as far as the processor has them. */
export function v8Ways(
  names: readonly (keyof typeof V8)[],
  args: (flags: readonly string[]) => readonly string[],
  processor: string = process.arch,
): Way[] {
  return names
    .filter((name) => processor === "x64" || ANYWHERE.includes(name))
    .map((name) => ({ name, args: args(V8[name]) }));
}

/** Options of JavaScriptCore; Bun and WebKit take them from the environment. */
const JSC = {
  // SIMD in the interpreter is newer than WebKitGTK 2.50, which compiles such functions with BBQ
  "interpreter alone": { useBBQJIT: 0, useOMGJIT: 0 },
  "BBQ alone": { useWasmIPInt: 0, useOMGJIT: 0 },
  "OMG at once": { useWasmIPInt: 0, thresholdForOMGOptimizeAfterWarmUp: 0, thresholdForOMGOptimizeSoon: 0 },
  "without shared memory": { useSharedArrayBuffer: 0 },
  impossible: { noSuchOption: 1 },
} as const;

export function jscWay(name: keyof typeof JSC, prefix: string): Way {
  const options = Object.entries(JSC[name]).map(([option, value]) => [prefix + option, String(value)]);
  return { name, env: Object.fromEntries(options) as Record<string, string> };
}
