// What a pool and its workers say to each other, and how a worker is reached in Node and in browsers.
import type { instantiate } from "../../../build/threads.exports.js";

/** What the binary for threads exports. */
export type ThreadExports = Awaited<ReturnType<typeof instantiate>>;

/** To a worker, first: the binary, the memory, and which thread it is. */
export interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the pool's block. */
  readonly pool: number;
  readonly number: number;
  /** Which of the pool's workers, of those that it has had one after the other. */
  readonly generation: number;
}

/** To the worker that leads: run these passes. */
export interface Lead {
  readonly program: number;
  readonly passes: number;
}

/** From a worker. */
export type Report = "ready" | { readonly done: number } | { readonly error: string };

/** A worker as Node has them, by what is used of it. */
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  ref(): void;
  unref(): void;
}

/** A worker as browsers have them, or as Node has. */
export type AnyWorker = Pick<Worker, "postMessage" | "terminate" | "addEventListener"> | NodeWorker;

/** Node's module, by what is used of it. */
interface NodeThreads {
  readonly Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
  readonly parentPort: Pick<NodeWorker, "postMessage" | "on"> | null;
}

/** A module of Node's, where there are such: Deno and Bun have them too. */
export function nodeModule<Module>(name: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Module | undefined };
  };
  return process?.getBuiltinModule?.(name);
}

export const nodeThreads = (): NodeThreads | undefined => nodeModule("node:worker_threads");
