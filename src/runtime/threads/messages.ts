// The messages between a thread pool and its workers, and the workers of Node and of browsers.
import { nodeModule } from "../../util/node.ts";
import type { Url, WasmMemory, WasmModule } from "../../util/platform.ts";

/** To a worker, first: the binary, the memory, and which thread it is. */
export interface Start {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  /** Address of the pool's block. */
  readonly pool: number;
  readonly number: number;
  /** The generation of workers that it belongs to: once they have been ended, the next ones have another number. */
  readonly generation: number;
  /** The name of the lock that a page's worker holds. */
  readonly lock: string;
}

/** To the worker that leads: run these passes. */
export interface Lead {
  readonly program: number;
  readonly passes: number;
}

/** From the worker that leads: it has run so many passes. */
export interface Done {
  readonly done: number;
}

/**
 * From a worker: its program runs, and waits for the first message; it is ready, with what that has asked for; it has failed; or what
 * its user expects.
 */
export type Report<Message> = "loaded" | "ready" | { readonly error: string } | Message;

/** What is used of Node's workers. */
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  ref(): void;
  unref(): void;
}

/** What is used of a page's workers. */
interface PageWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  addEventListener(type: string, listener: (event: WorkerEvent) => void, options?: { once?: boolean }): void;
}

/** What is used of the events of a page's workers. */
interface WorkerEvent {
  readonly data?: unknown;
  readonly message?: string;
  preventDefault?(): void;
}

/** A worker of a browser or of Node. */
export type AnyWorker = PageWorker | NodeWorker;

/** What is used of Node's module for workers. */
interface NodeThreads {
  readonly Worker: new (program: Url | string, options: { execArgv: string[]; eval?: boolean }) => NodeWorker;
  readonly parentPort: Pick<NodeWorker, "postMessage" | "on"> | null;
}

export const nodeThreads = (): NodeThreads | undefined => nodeModule("node:worker_threads");

interface Locks {
  request(name: string, use: () => void | Promise<void>): Promise<void>;
}

/** Are there locks here? */
export const hasLocks = (): boolean => (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks !== undefined;

/** Uses a lock once it is free. Where there are none, as in a page that isn't secure, `otherwise` is called at once. */
export function withLock(name: string, use: () => void | Promise<void>, otherwise = (): void => {}): void {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } };
  if (navigator?.locks) navigator.locks.request(name, use).catch(otherwise);
  else otherwise();
}

/**
 * Takes a lock for as long as this worker lives: browsers don't tell a page that a worker has ended, but they give its locks to
 * whoever waits for them.
 */
export const takeLock = (name: string): Promise<void> =>
  new Promise((taken) =>
    withLock(
      name,
      () => {
        taken();
        return new Promise(() => {});
      },
      taken,
    ),
  );

/** Ends a worker, some time. */
export const terminate = (worker: AnyWorker): void => void worker.terminate();

/** Sets whether a worker keeps the process alive. Node's do until this is called; pages have no such thing. */
export function keepAlive(worker: AnyWorker, alive: boolean): void {
  if ("ref" in worker) worker[alive ? "ref" : "unref"]();
}
