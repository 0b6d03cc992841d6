// What can be said of threads, and the core of a model that gets one thread where several were asked for.
import { checkKind } from "../../util/check.ts";
import { type Core, createCore } from "../core.ts";
import type { AnyWorker } from "./messages.ts";

/** A limit against typing errors. */
const MOST = 32;

export interface ThreadOptions {
  readonly threads?: number | "auto";
  readonly createWorker?: () => AnyWorker;
  readonly core?: Core;
}

/** Refuses what can't be used. */
export function checkThreads(owner: string, { threads = 1, createWorker, core }: ThreadOptions): void {
  const holds = threads === "auto" || (Number.isInteger(threads) && threads >= 1 && threads <= MOST);
  checkKind(holds, owner, "threads", `"auto" or a whole number from 1 to ${MOST}`, threads);
  checkCreateWorker(owner, createWorker);
  if (core) throw new TypeError(`${owner}: threads is for a core of its own; leave it out where core is given`);
}

/** Refuses what can't be a function that makes workers. */
export function checkCreateWorker(owner: string, createWorker: unknown): void {
  const holds = createWorker === undefined || typeof createWorker === "function";
  checkKind(holds, owner, "createWorker", "a function that makes a worker", createWorker);
}

/** A core of one thread. `reason`: why it hasn't several. */
export async function alone(owner: string, reason: string): Promise<Core> {
  const core = await createCore(owner);
  return { ...core, executor: { ...core.executor, reason } };
}
