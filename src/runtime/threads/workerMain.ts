// The program of a worker, built as wasmgrad.worker.js, and as a text. Of a pool's workers the helpers wait in the core for records that
// are distributed, and the first one leads runs, which it is asked for by message; another worker trains on a copy of the memory.
import { POOL_BARRIER_TURN, POOL_BUSY, POOL_DONE, POOL_LOST, POOL_TURN } from "../../../build/abi.js";
import type { ThreadExports } from "../../../build/binaries.js";
import { appendFunction } from "../functionTable.ts";
import { type Answer, type Call, type Copy, postMoving } from "./copyMessages.ts";
import { answer, beginCopy } from "./trainingLoop.ts";
import { type Done, type Lead, nodeThreads, type Report, type Start, takeLock } from "./messages.ts";

/** To a worker that is to have a copy of a memory, first. */
interface Alone {
  readonly lock: string;
}

type Message = Start | Lead | Alone | Copy | Call;

/** Is there a binary for threads? The build fills it in: `wasmgrad/single` has none. */
declare const THREADS: boolean;

const port = nodeThreads()?.parentPort;
const post = (report: Report<Done | Answer>): void => (port ? port.postMessage(report) : postMessage(report));

let exports: ThreadExports;
let words: Int32Array;

if (port) port.on("message", (message) => receive(message as Message));
else addEventListener("message", ({ data }: MessageEvent<Message>) => receive(data));
post("loaded");

function receive(message: Message): void {
  if ("writes" in message) reply(() => answer(message));
  else if ("linked" in message) reply(() => beginCopy(message));
  else if (THREADS && "passes" in message) lead(message);
  else begin(message as Start | Alone).catch((error: unknown) => post({ error: String(error) })); // browsers keep a rejection to themselves
}

function reply(make: () => Answer): void {
  try {
    const made = make();
    postMoving(port ?? globalThis, made, made.at);
  } catch (error) {
    post({ error: String(error) });
  }
}

async function begin(message: Start | Alone): Promise<void> {
  if (!port) await takeLock(message.lock);
  if (THREADS && "module" in message) join(message);
  else post("ready");
}

function join({ module, memory, pool, number, generation }: Start): void {
  words = new Int32Array(memory.buffer, pool, 128);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  exports = instance.exports as unknown as ThreadExports;
  // in the same order as in every other instance, so that a kernel has the same index in each
  for (const value of Object.values(instance.exports))
    if (typeof value === "function") appendFunction(exports.table, value);
  exports.poolJoin(pool, number);
  if (number === 0) exports.poolLead(true, true);
  post("ready");
  if (number === 0) return;
  try {
    exports.poolServe(generation);
  } catch (error) {
    lose(number, error);
  }
}

function lead({ program, passes }: Lead): void {
  try {
    const done = exports.runPasses(program, passes) >>> 0;
    free();
    post({ done });
  } catch (error) {
    lose(0, error);
    free();
  }
}

/** The main thread may use the memory again. */
function free(): void {
  Atomics.store(words, POOL_BUSY / 4, 0);
  Atomics.notify(words, POOL_BUSY / 4);
}

/** This thread has failed: wakes those that wait for it. */
function lose(number: number, error: unknown): void {
  Atomics.compareExchange(words, POOL_LOST / 4, 0, 1 + number);
  for (const word of [POOL_TURN, POOL_DONE, POOL_BARRIER_TURN]) Atomics.notify(words, word / 4);
  post({ error: String(error) });
}
