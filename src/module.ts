// The compiled core: loading it, instantiating it, and linking its kernels into the function table.
import { binary as coreBinary } from "../build/core.binary.js";
import { instantiateSync } from "@assemblyscript/loader";
import { MEMORY_BASE, WIDE_TILES } from "../build/abi.js";
import type { instantiate as instantiateActivations } from "../build/activations.exports.js";
import type { instantiate as instantiateConvolution } from "../build/convolution.exports.js";
import type { instantiate as instantiateRaw } from "../build/core.exports.js";
import type { instantiate as instantiateExtra } from "../build/extra.exports.js";
import type { instantiate as instantiateSequence } from "../build/sequence.exports.js";
import { LETTERS } from "../build/letters.js";
import { Arena } from "./arena.ts";
import type { Split } from "./program.ts";
import { append } from "./table.ts";
import type { Pool } from "./threads/pool.ts";
import { checkKeys, checkKind } from "./check.ts";

/** What the core exports, as the compiler typed it. */
export type CoreExports = Awaited<ReturnType<typeof instantiateRaw>>;
type OtherExports = Awaited<ReturnType<typeof instantiateActivations>> &
  Awaited<ReturnType<typeof instantiateConvolution>> &
  Awaited<ReturnType<typeof instantiateSequence>> &
  Awaited<ReturnType<typeof instantiateExtra>>;

/** A binary as the build writes it, in letters, or compiled. */
type Binary = () => Promise<{ readonly binary: string } | WebAssembly.Module>;

/**
 * Names of kernels that you have compiled yourself, so that your layers may use them:
 * `declare module "wasmgrad" { interface OwnKernels { bellForward: true; bellBackward: true } }`
 */
// eslint-disable-next-line typescript/no-empty-object-type -- to be added to
export interface OwnKernels {}

// what runs programs, and the drawing of numbers, are named alike, but no record calls them
type Name = Exclude<
  (keyof CoreExports | keyof OtherExports | keyof OwnKernels) & string,
  `run${string}` | `random${string}`
>;
type StemOf<Role extends string> = Name extends infer N ? (N extends `${infer Stem}${Role}` ? Stem : never) : never;

/** The stem of kernels that call functions of the user's: see custom/calls.ts. */
type Custom = "custom";

/** Stems with a forward and a backward kernel; a forward without its backward is a type error where a layer names it. */
export type LayerStem = (StemOf<"Forward"> & StemOf<"Backward">) | Custom;
export type LossStem = StemOf<"Loss"> | Custom;
export type UpdateStem = StemOf<"Update">;
export type MetricStem = StemOf<"Metric">;
export type PenaltyStem = StemOf<"Penalty">;
export type ConstraintStem = StemOf<"Constraint">;
/** A function that a record can call. */
export type KernelName =
  | `${LayerStem}${"Forward" | "Backward"}`
  | `${LossStem}Loss`
  | `${UpdateStem}Update`
  | `${MetricStem}Metric`
  | `${PenaltyStem}Penalty`
  | `${ConstraintStem}Constraint`
  | (Name & (`batchGather${string}` | "batchCheckLoss" | `gradient${string}` | `${string}Mask`));

/** One instance of the core with its memory. */
export interface Core {
  /** @internal Threads that there is scratch memory for; absent: one. */
  readonly threads?: number;
  /** @internal The threads that share the work. */
  readonly pool?: Pool;
  /** @internal Why there is one thread. */
  readonly reason?: string;
  /** @internal What threads need to know of a record, if it is worth sharing: flags, and words behind the tail. */
  split?(split: Split, record: RecordParts): RecordParts | undefined;
  readonly exports: CoreExports;
  readonly arena: Arena;
  /**
   * Adds the kernels of another binary, once a name. It may import `env.memory` and `env.table`, the functions of all kernels.
   *
   * @param binary gives the compiled module; it is asked for once, for all models
   */
  load(name: string, binary: Binary): Promise<void>;
  /** Places in the function table by the kernels' names. */
  readonly places: Map<string, number>;
  /** The kernel's place in the function table. */
  kernel(name: KernelName): number;
}

/** A record's flags and the words of its tail. */
export interface RecordParts {
  readonly flags: number;
  readonly words: readonly number[];
}

/** Live memories: engines allow a limited number. */
let alive = 0;
const collected = new FinalizationRegistry<null>(() => alive--);

/** Compiled binaries by their names. */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

type Source = WebAssembly.Module | BufferSource | Promise<WebAssembly.Module>;

/**
 * Uses other builds of the binaries, or some that were compiled elsewhere, for everything made from now on: for pages whose
 * content security policy or platform doesn't let WebAssembly be compiled at run time. Not needed otherwise.
 *
 * @param core wasmgrad/core.wasm: a compiled module, the promise of one, or bytes
 * @param others.activations wasmgrad/activations.wasm, needed by gelu and others that are not relu, sigmoid, tanh or softmax
 * @param others.convolution wasmgrad/convolution.wasm, needed by layers on images alone
 * @param others.sequence wasmgrad/sequence.wasm, needed by layers on sequences and by normalisation alone
 * @param others.extra wasmgrad/extra.wasm, needed by rmsprop, adagrad, adadelta, some losses, and metrics but accuracy; to be ready
 *   when a trainer is made, so give it compiled
 * @param others.threads wasmgrad/threads.wasm, which models of several threads have in place of all the others
 * @throws TypeError if one is neither a module nor bytes
 * @example useCore(await readFile("node_modules/wasmgrad/build/core.wasm")); // with readFile from "node:fs/promises"
 */
export function useCore(
  core: Source,
  others: Readonly<Partial<Record<"activations" | "convolution" | "sequence" | "extra" | "threads", Source>>> = {},
): void {
  checkKeys("useCore", others, ["activations", "convolution", "sequence", "extra", "threads"]);
  for (const [name, source] of Object.entries({ core, ...others })) {
    const made = source instanceof WebAssembly.Module || source instanceof Promise;
    const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source);
    checkKind(made || bytes, "useCore", name, "a WebAssembly module or its bytes", source);
    const module = made ? Promise.resolve(source) : WebAssembly.compile(source as BufferSource);
    // a failure is told when the first model is made
    module.then(
      (binary) => ready.set(name, binary),
      () => {},
    );
    compiled.set(name, module);
  }
}

/** Binaries that are needed at once, in letters: by losses, optimizers and metrics, whose kernels are asked for without waiting. */
const small = new Map<string, string>();
const ready = new Map<string, WebAssembly.Module>();

/** Makes the kernels of a small binary known: it is compiled when one of them is first used. */
export function provide(name: string, binary: string): void {
  small.set(name, binary);
}

/** The bytes that were written as letters: assembly/letters.mjs says how. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const places: number[] = [];
  for (let i = 0; i < LETTERS.length; i++) places[LETTERS.charCodeAt(i)] = i;
  const bytes = new Uint8Array(text.length);
  let count = 0;
  let page = 0;
  for (let i = 0; i < text.length; i++) {
    const place = places[text.charCodeAt(i)]!;
    if (place > 63) page = (place - 63) * 64;
    else {
      bytes[count++] = page + place - 4; // modulo 256
      page = 0;
    }
  }
  return bytes.subarray(0, count);
}

/** A binary's module; each is compiled once. */
export function compile(name: string, read: Binary): Promise<WebAssembly.Module> {
  const make = async (): Promise<WebAssembly.Module> => {
    const made = await read();
    if (!("binary" in made)) return made;
    return WebAssembly.compile(bytesOf(made.binary));
  };
  const module = compiled.get(name) ?? make();
  compiled.set(name, module);
  return module;
}

/** A new instance of the core with a memory of its own. `threads`: the binary for several, whose memory can be shared. */
export async function createCore(owner: string, threads?: WebAssembly.Module): Promise<Core> {
  const module = threads ?? (await compile("core", async () => ({ binary: coreBinary })));
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: !!threads });
  } catch {
    throw new RangeError(
      `${owner}: the engine allows no more WebAssembly memories (${alive} models have one). ` +
        `Let some go, or let models share one: sequential({ core: other.core, ... })`,
    );
  }
  // told by Node's option, not timed: V8 pairs operations in optimised code only, which a start has none of yet
  const { process } = globalThis as { process?: { execArgv?: readonly string[] } };
  const pairs = /--experimental.wasm.revec/.test(String(process?.execArgv));
  new Uint32Array(memory.buffer)[WIDE_TILES / 4] = Number(pairs);
  const places = new Map<string, number>();
  // the loader adds `abort`, which the debug build calls when an assertion fails
  const env: { memory: WebAssembly.Memory; table?: WebAssembly.Table } = { memory };
  const link = (binary: WebAssembly.Module): CoreExports => {
    const own = instantiateSync(binary, { env }).instance.exports as unknown as CoreExports;
    env.table ??= own.table;
    for (const [name, value] of Object.entries(own))
      if (typeof value === "function") places.set(name, append(env.table, value));
    return own;
  };
  const exports = link(module);
  alive++;
  collected.register(memory, null);
  const loaded = new Map<string, Promise<unknown>>();
  const linked = new Set<string>();
  return {
    exports,
    arena: new Arena(memory, MEMORY_BASE),
    places,
    async load(name, binary) {
      if (!loaded.has(name)) loaded.set(name, compile(name, binary).then(link));
      await loaded.get(name);
    },
    kernel(name) {
      for (const [other, binary] of small) {
        if (places.has(name) || linked.has(other)) continue;
        linked.add(other);
        if (!ready.has(other)) ready.set(other, new WebAssembly.Module(bytesOf(binary)));
        link(ready.get(other)!);
      }
      const place = places.get(name);
      if (place === undefined) throw new Error(`internal: the core has no kernel ${name}; please report this`);
      return place;
    },
  };
}

/** A seed of up to 53 bits as the two words that the core takes, lower first. */
export function seedWords(seed: number): readonly [number, number] {
  return [seed % 0x1_0000_0000, Math.floor(seed / 0x1_0000_0000)];
}
