// The messages between a thread pool and its workers, and the workers of Node and of browsers.
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
  /** The generation of workers that it belongs to: once they have been ended, the next ones have another number. */
  readonly generation: number;
}

/** To the worker that leads: run these passes. */
export interface Lead {
  readonly program: number;
  readonly passes: number;
}

/** From a worker. */
export type Report = "ready" | { readonly done: number } | { readonly error: string };

/** What is used of Node's workers. */
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  ref(): void;
  unref(): void;
}

/** A worker of a browser or of Node. */
export type AnyWorker = Pick<Worker, "postMessage" | "terminate" | "addEventListener"> | NodeWorker;

/** What is used of Node's module for workers. */
interface NodeThreads {
  readonly Worker: new (url: URL, options: { execArgv: string[] }) => NodeWorker;
  readonly parentPort: Pick<NodeWorker, "postMessage" | "on"> | null;
}

/** A built-in module of Node, which Deno and Bun have too; undefined elsewhere. */
export function nodeModule<Module>(name: string): Module | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Module | undefined };
  };
  return process?.getBuiltinModule?.(name);
}

export const nodeThreads = (): NodeThreads | undefined => nodeModule("node:worker_threads");
