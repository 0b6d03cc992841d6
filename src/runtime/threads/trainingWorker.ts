// A worker that runs programs on a copy of a core's memory, at the same addresses: that needs no shared memory. What differs between
// the two is sent with the call that needs it; answers come in the order of the calls.
import type { MemoryRange } from "../arena.ts";
import type { Core } from "../core.ts";
import { clearTimeout, nextTask, performance, setTimeout } from "../timers.ts";
import { type Answer, type BytesAt, type Call, type Copy, copyOf, postMoving } from "./copyMessages.ts";
import { hasLocks, keepAlive, terminate } from "./messages.ts";
import { startWorker } from "./startWorker.ts";

/** Limits, which tests change. */
export const limits = {
  /** Milliseconds until a worker that nothing is trained in is ended. */
  idle: 5000,
  /** Milliseconds without an answer where nothing tells that a worker has ended; more for calls that take long. */
  silence: 5000,
};

/** The memory is copied in pieces of so many bytes, between which the page does other things. */
const PIECE = 1 << 23;

/** A worker that was started, and what it has been asked for. */
interface Line {
  /** What has made it, in place of the usual way. */
  readonly createWorker: Core["createWorker"];
  /** Why it can't be used any more. */
  gone?: string;
  send(message: Copy | Call, moving: readonly BytesAt[]): Promise<Answer>;
  /** It has failed or ended, or isn't needed. */
  end(reason: string): void;
}

async function openLine(createWorker: Core["createWorker"]): Promise<Line> {
  /** The calls without an answer. */
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  /** Milliseconds that the longest call has taken. */
  let longest = 0;
  const end = (reason: string): void => {
    if (line.gone !== undefined) return;
    line.gone = reason;
    terminate(worker);
    for (const { reject } of waiting) reject(new Error(reason));
  };
  const line: Line = {
    createWorker,
    end,
    async send(message, moving) {
      if (line.gone !== undefined) throw new Error(line.gone);
      const since = performance.now();
      // where nobody tells that it has ended, it is asked by the clock
      const patience = Math.max(limits.silence, 20 * longest);
      const told = "on" in worker || hasLocks();
      const watch = told
        ? undefined
        : setTimeout(() => end(`it gave no answer for ${Math.round(patience / 1000)} s`), patience);
      keepAlive(worker, true);
      try {
        return await new Promise<Answer>((resolve, reject) => {
          waiting.push({ resolve, reject });
          postMoving(worker, message, moving);
        });
      } finally {
        clearTimeout(watch);
        longest = Math.max(longest, performance.now() - since);
        if (waiting.length === 0) keepAlive(worker, false);
      }
    },
  };
  const worker = await startWorker<Answer>(
    {},
    { report: (answer) => waiting.shift()?.resolve(answer), gone: end },
    { createWorker },
  );
  return line;
}

/** A worker whose training is over, until it is taken for the next one or ended. */
let spare: Line | undefined;
let spareTimer: ReturnType<typeof setTimeout> | undefined;

/** Ends the spare worker. */
function endSpare(): void {
  clearTimeout(spareTimer);
  spare?.end("it was not used any more");
  spare = undefined;
}

/** A core's copy in a worker. */
export interface TrainingWorker {
  /** Is written before what is called next. */
  readonly toWrite: BytesAt[];
  /** Reads memory after what was called before, and after so many passes of a program. */
  read(ranges: readonly MemoryRange[], program?: number, passes?: number): Promise<Answer>;
  /** The worker is free for another training. */
  end(): void;
}

/**
 * Copies the used memory of a core to a worker.
 *
 * @throws {Error} that says why no worker can be started here
 */
export async function copyToWorker({ arena, linked, createWorker }: Core): Promise<TrainingWorker> {
  clearTimeout(spareTimer);
  if (spare?.gone !== undefined || spare?.createWorker !== createWorker) endSpare();
  const free = spare;
  spare = undefined;
  const line = free ?? (await openLine(createWorker));
  let ended = false;
  const worker: TrainingWorker = {
    toWrite: [],
    read(reads, program = 0, passes = 0) {
      const writes = worker.toWrite.splice(0);
      return line.send({ writes, program, passes, reads }, writes);
    },
    end() {
      if (ended) return;
      ended = true;
      endSpare();
      if (line.gone !== undefined) return;
      spare = line;
      spareTimer = setTimeout(endSpare, limits.idle);
      if (typeof spareTimer === "object") spareTimer.unref(); // Node's would keep the process alive
    },
  };
  try {
    // as it is now: it may grow meanwhile
    const all = arena.memory.buffer.byteLength;
    const gaps = [...arena.gaps, { address: all, bytes: 0 }];
    await line.send({ linked: [...linked], bytes: all }, []);
    let from = 0;
    for (const gap of gaps) {
      for (; from < gap.address; from += PIECE) {
        worker.toWrite.push(...copyOf(arena.u8, [{ address: from, bytes: Math.min(PIECE, gap.address - from) }]));
        await worker.read([]);
        await nextTask();
      }
      from = gap.address + gap.bytes;
    }
  } catch (error) {
    worker.end();
    throw error;
  }
  return worker;
}
