// What wasmgrad/single has in place of sharedCore.ts: the binary for threads would be three quarters of what it adds to a page.
import type { Core } from "../core.ts";
import { alone, checkThreads, type ThreadOptions } from "./threadOptions.ts";

/** Creates a core of one thread. */
export async function createSharedCore(owner: string, options: ThreadOptions): Promise<Core> {
  checkThreads(owner, options);
  return alone(owner, 'this build of wasmgrad, in one file, has none; the entry "wasmgrad" has them');
}
