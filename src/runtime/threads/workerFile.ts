// The way to a worker by the file of its program.
import { type AnyWorker, nodeThreads } from "./messages.ts";

/** A way to make a worker. */
export interface Way {
  readonly name: string;
  make(): AnyWorker | Promise<AnyWorker>;
  /** It runs our program for certain, so that it needn't say so first. */
  readonly certain?: boolean;
}

/** By the worker's file; no way in a script, which has no address of its own. */
export function byFile(): Way[] {
  let file: URL;
  try {
    file = new URL("./wasmgrad.worker.js", import.meta.url);
  } catch {
    return [];
  }
  const make = (): AnyWorker => {
    const node = nodeThreads();
    if (node) return new node.Worker(file, { execArgv: [] });
    return new Worker(new URL("./wasmgrad.worker.js", import.meta.url), { type: "module" }); // as bundlers look for it
  };
  return [{ name: file.protocol === "data:" ? "wasmgrad.worker.js" : file.href, make }];
}
