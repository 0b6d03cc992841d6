// Instantiates the core with its memory, and links kernels into its function table.
import { type BinaryLoader, compile, explained } from "./binaries.ts";
import { callingThread, type Executor } from "./executor.ts";
import type { CoreExports, KernelName } from "./kernels.ts";
import { binary as coreBinary } from "../../build/core.binary.js";
import { MEMORY_BASE, WIDE_TILES } from "../../build/abi.js";
import { Arena } from "./arena.ts";
import { appendFunction } from "./functionTable.ts";
import type { AnyWorker } from "./threads/messages.ts";
import { pairsVectors } from "../util/host.ts";
import type { WasmModule } from "../util/platform.ts";

/** A binary, and the index of its first kernel in the function table. */
export interface Linked {
  readonly name: string;
  readonly module: WasmModule;
  readonly first: number;
}

/** One instance of the core with its memory. */
export interface Core extends BinaryLoader {
  /** @internal Runs programs on this memory. */
  readonly executor: Executor;
  /** What the binary exports. */
  readonly exports: CoreExports;
  /** Its memory, and what allocates in it. */
  readonly arena: Arena;
  /** @internal Makes the workers, where the usual ones can't be loaded. */
  createWorker?: (() => AnyWorker) | undefined;
  /** The binaries whose kernels are in the table, in the order in which they were linked. */
  readonly linked: readonly Linked[];
  /** Indices in the function table by the kernels' names. */
  readonly places: Map<string, number>;
  /** @internal Functions of JavaScript that its kernels call, by their numbers. */
  readonly calls: unknown[];
  /**
   * The kernel's index in the function table.
   *
   * @param where what asks for it, for the message
   * @throws {TypeError} if no binary here has it: then a description that no function of the library made names it
   */
  kernel(name: KernelName, where?: string): number;
}

/** Memories that are alive: engines allow a limited number. */
let alive = 0;
const collected = new FinalizationRegistry<null>(() => alive--);

/** A new instance of the core with a memory of its own. `threads`: the binary for several threads, which share the memory. */
export async function createCore(owner: string, threads?: WasmModule): Promise<Core> {
  const module = threads ?? (await compile("core", async () => ({ binary: coreBinary })));
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: !!threads });
  } catch (error) {
    return explained(error, (its) => its.explainMemory(owner, alive));
  }
  new Uint32Array(memory.buffer)[WIDE_TILES / 4] = Number(pairsVectors());
  const places = new Map<string, number>();
  const linked: Linked[] = [];
  let exports!: CoreExports;
  const env: { memory: WebAssembly.Memory; table?: WebAssembly.Table } = { memory };
  const addKernels = (name: string, binary: WebAssembly.Module): void => {
    if (linked.some((known) => known.name === name)) return;
    const exported = new WebAssembly.Instance(binary, { env }).exports as unknown as CoreExports;
    exports ??= exported;
    env.table ??= exported.table;
    linked.push({ name, module: binary, first: env.table.length });
    for (const [kernel, value] of Object.entries(exported))
      if (typeof value === "function") places.set(kernel, appendFunction(env.table, value));
  };
  try {
    addKernels("core", module);
  } catch (error) {
    // WebKit compiles what it then refuses to run, wherever it was compiled
    return explained(error, (its) => its.explainPolicy(owner, error, "; in this browser useCore needs that, too"));
  }
  alive++;
  collected.register(memory, null);
  return {
    executor: callingThread(exports, "one thread was asked for"),
    exports,
    arena: new Arena(memory, MEMORY_BASE),
    places,
    calls: [],
    linked,
    async load(name, binary) {
      addKernels(name, await compile(name, binary));
    },
    link(name, binary) {
      // core.wasm as it is given to useCore has the rest of the core in it
      if (name === "rest" && places.has("softmaxForward")) return;
      addKernels(name, binary());
    },
    kernel(name, where = "core.kernel") {
      const index = places.get(name);
      if (index !== undefined) return index;
      throw new TypeError(
        `${where}: there is no kernel ${name}; use what wasmgrad's functions return, or load its binary`,
      );
    },
  };
}
