// Creates a core for several threads; where memory can't be shared, one for a single thread, with the reason.
import { OTHERS, readThreads } from "../../../build/binaries.js";
import type * as os from "node:os";
import { nodeModule } from "../../util/node.ts";
import { compile } from "../binaries.ts";
import { type Core, createCore } from "../core.ts";
import { alone, checkThreads, type ThreadOptions } from "./threadOptions.ts";
import { ThreadPool } from "./threadPool.ts";

/** "auto" takes no more threads. */
const MOST_AUTO = 8;

/** Creates a core with a thread pool. Without shared memory, or where no worker can be started, it has none. */
export async function createSharedCore(owner: string, options: ThreadOptions): Promise<Core> {
  checkThreads(owner, options);
  const { threads = 1, createWorker } = options;
  const processors = countProcessors();
  const count = threads === "auto" ? Math.min(processors, MOST_AUTO) : threads;
  const reason = count === 1 ? "there is one processor" : missing();
  if (reason !== undefined) return alone(owner, reason);
  const module = await compile("threads", readThreads);
  const core = await createCore(owner, module);
  const pool = new ThreadPool(core, module, { threads: count, processors, createWorker });
  if (!(await pool.start())) return alone(owner, pool.reason!);
  return {
    ...core,
    executor: pool,
    exports: { ...core.exports, ...pool.synchronous },
    link() {},
    async load(name) {
      if (OTHERS.some((included) => included === name)) return;
      throw new Error(
        `${owner}: the kernels "${name}" were compiled for a memory of one thread, but threads is ${threads}; use threads: 1`,
      );
    },
  };
}

/** What is missing here for several threads, if anything. */
function missing(): string | undefined {
  if (globalThis.crossOriginIsolated === false) {
    const headers = "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
    return `the page is not isolated from others; it must be sent with the headers ${headers}`;
  }
  if (typeof SharedArrayBuffer === "undefined") return "the engine has no shared memory";
  if (!WebAssembly.validate(ATOMIC)) return "the engine has no threads for WebAssembly";
  return undefined;
}

/** (module (memory 1 1 shared) (func i32.const 0 i32.atomic.load drop)) */
const ATOMIC = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 4, 1, 3, 1, 1, 10, 11, 1, 9, 0, 65, 0, 254, 16, 2, 0,
  26, 11,
]);

/** Processors that this program may use. */
function countProcessors(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return nodeModule<typeof os>("node:os")?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}
