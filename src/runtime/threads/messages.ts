// The messages between a thread pool and its workers, and the workers of Node and of browsers.
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

/** What is used of a page's workers. */
interface PageWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  addEventListener(type: "message", listener: (event: { readonly data: Report }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly message: string }) => void): void;
}

/** A worker of a browser or of Node. */
export type AnyWorker = PageWorker | NodeWorker;

/** What is used of Node's module for workers. */
interface NodeThreads {
  readonly Worker: new (url: Url, options: { execArgv: string[] }) => NodeWorker;
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

/** A worker of the engine's own kind. */
export function defaultWorker(): AnyWorker {
  const node = nodeThreads();
  if (node) return new node.Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}

interface Locks {
  request(name: string, use: () => void | Promise<void>): Promise<void>;
}

/** Uses a lock once it is free; at once where there are none, as in a page that isn't secure. */
function withLock(name: string, use: () => void | Promise<void>, otherwise: () => void): void {
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

/** What happens to a worker. */
interface Listeners {
  ready(): void;
  /** It has led a run of so many passes. */
  done(passes: number): void;
  /** It has failed or ended: more than once, if it does both. */
  gone(reason: string): void;
}

const ignore = (): void => {};

/** Starts to listen to a worker. */
export function connect(worker: AnyWorker, lock: string, { ready, done, gone }: Listeners): void {
  const receive = (report: Report): void => {
    if (report === "ready") {
      ready();
      if (!("on" in worker)) withLock(lock, () => gone("it ended"), ignore);
    } else if ("done" in report) done(report.done);
    else gone(report.error);
  };
  if ("on" in worker) {
    worker.on("message", (report) => receive(report as Report));
    worker.on("error", (error) => gone(String(error)));
    worker.on("exit", (code) => gone(`it ended with code ${String(code)}`));
  } else {
    worker.addEventListener("message", ({ data }) => receive(data));
    worker.addEventListener("error", (event) => gone(event.message || "it could not be loaded"));
  }
}

/** Sets whether a worker keeps the process alive. Node's do until this is called; pages have no such thing. */
export function keepAlive(worker: AnyWorker, alive: boolean): void {
  if ("ref" in worker) worker[alive ? "ref" : "unref"]();
}
