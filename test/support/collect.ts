// Garbage collection on demand, for tests of memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects everything that can be collected, and lets finalizers run. */
export async function collect(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Bytes of JavaScript objects in use, after a collection. */
export async function heapBytes(): Promise<number> {
  await collect();
  return process.memoryUsage().heapUsed;
}
