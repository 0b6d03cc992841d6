// The compiled core: loading it, instantiating it, and linking its kernels into the function table.
import type * as zlibModule from "node:zlib";
import { instantiate } from "@assemblyscript/loader";
import type { instantiate as instantiateRaw } from "../build/core.exports.js";
import { Arena } from "./arena.ts";
import { checkKind } from "./check.ts";

/** What the core exports, as the compiler typed it. */
export type CoreExports = Awaited<ReturnType<typeof instantiateRaw>>;

// what runs programs, and the drawing of numbers, are named alike, but no record calls them
type Name = Exclude<keyof CoreExports & string, `run${string}` | `random${string}`>;
type StemOf<Role extends string> = Name extends infer N ? (N extends `${infer Stem}${Role}` ? Stem : never) : never;

/** Stems with a forward and a backward kernel; a forward without its backward is a type error where a layer names it. */
export type LayerStem = StemOf<"Forward"> & StemOf<"Backward">;
export type LossStem = StemOf<"Loss">;
export type UpdateStem = StemOf<"Update">;
export type MetricStem = StemOf<"Metric">;
export type PenaltyStem = StemOf<"Penalty">;
/** A function that a record can call. */
export type KernelName =
  | `${LayerStem}${"Forward" | "Backward"}`
  | `${LossStem}Loss`
  | `${UpdateStem}Update`
  | `${MetricStem}Metric`
  | `${PenaltyStem}Penalty`
  | (Name & (`batchGather${string}` | "batchCheckLoss" | `gradient${string}` | `${string}Mask`));

const KERNEL =
  /^(?!run|random)\w*(Forward|Backward|Loss|Update|Metric|Penalty|Mask)$|^batchGather|^batchCheckLoss$|^gradient/;

/** One instance of the core with its memory. */
export interface Core {
  readonly exports: CoreExports;
  readonly arena: Arena;
  /** The kernel's place in the function table. */
  kernel(name: KernelName): number;
}

/** Live memories: engines allow a limited number. */
let alive = 0;
const collected = new FinalizationRegistry<null>(() => alive--);

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * Uses another build of the core, or one that was compiled elsewhere, for everything made from now on: for pages whose
 * content security policy or platform doesn't let WebAssembly be compiled at run time. Not needed otherwise.
 *
 * @throws TypeError if it is neither a module nor bytes
 * @example useCore(await readFile("node_modules/wasmgrad/build/core.wasm")); // with readFile from "node:fs/promises"
 */
export function useCore(core: WebAssembly.Module | BufferSource | Promise<WebAssembly.Module>): void {
  const ready = core instanceof WebAssembly.Module || core instanceof Promise;
  const bytes = core instanceof ArrayBuffer || ArrayBuffer.isView(core);
  checkKind(ready || bytes, "useCore", "core", "a WebAssembly module or its bytes", core);
  compiled = ready ? Promise.resolve(core) : WebAssembly.compile(core);
  compiled.catch(() => {}); // told when the first model is made
}

async function compile(): Promise<WebAssembly.Module> {
  const { binary } = await import("../build/core.binary.js");
  const text = atob(binary);
  const deflated = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) deflated[i] = text.charCodeAt(i);
  return WebAssembly.compile(await inflate(deflated));
}

async function inflate(deflated: Uint8Array<ArrayBuffer>): Promise<BufferSource> {
  // where there is one, Node's own decompression: its streams take ten milliseconds to come up
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => typeof zlibModule | undefined };
  };
  const zlib = process?.getBuiltinModule?.("node:zlib");
  if (zlib) return zlib.inflateRawSync(deflated);
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).arrayBuffer();
}

/** A new instance of the core with a memory of its own. */
export async function createCore(owner: string): Promise<Core> {
  compiled ??= compile();
  const module = await compiled;
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  } catch {
    throw new RangeError(
      `${owner}: the engine allows no more WebAssembly memories (${alive} models have one). ` +
        `Let some go, or let models share one: sequential({ core: other.core, ... })`,
    );
  }
  // the loader adds `abort`, which the debug build calls when an assertion fails
  const { instance } = await instantiate(module, { env: { memory } });
  const exports = instance.exports as unknown as CoreExports;
  const places = new Map<string, number>();
  const names = Object.keys(exports)
    .filter((name) => KERNEL.test(name))
    .toSorted();
  const first = exports.table.grow(names.length);
  names.forEach((name, i) => {
    exports.table.set(first + i, (exports as unknown as Record<string, () => void>)[name]!);
    places.set(name, first + i);
  });
  alive++;
  collected.register(memory, null);
  return {
    exports,
    arena: new Arena(memory, exports.runMemoryBase()),
    kernel(name) {
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
