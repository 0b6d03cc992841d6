// A pool of workers on one core's memory. `fit` and `evaluate` are led by a worker, so that the thread that made the model stays
// free; synchronous calls are led by the calling thread, where it may wait for others.
import * as abi from "../../../build/abi.js";
import type { ThreadExports } from "../../../build/binaries.js";
import type { Arena, MemoryRange } from "../arena.ts";
import type { Core } from "../core.ts";
import { callingThread, type Executor, type Runner, type Runnable } from "../executor.ts";
import type { CoreExports } from "../kernels.ts";
import type { RecordParts, Sharing } from "../record.ts";
import { clearTimeout, performance, setTimeout } from "../timers.ts";
import { idleTimer } from "./idleTimer.ts";
import { type AnyWorker, type Done, keepAlive, type Lead, type Start } from "./messages.ts";
import { inTurn } from "../../util/inTurn.ts";
import type { WasmModule } from "../../util/platform.ts";
import { isWorthSharing, shareRecord } from "./sharedRecords.ts";
import { Snapshot } from "./snapshot.ts";
import { startWorker } from "./startWorker.ts";

/** How often a thread polls before it sleeps, about 50 us, if every thread has a processor of its own. */
const POLLS = 50_000;
const FEW_POLLS = 100;

/** Limits, which tests change. */
export const limits = {
  /** Operations of a record from which on distributing it gains more than it costs. */
  least: 1 << 19,
  /** Milliseconds that a worker may take to begin. */
  start: 30_000,
  /** Milliseconds that a thread may give no sign while others wait for it. */
  silence: 30_000,
  /** Milliseconds until unused workers are ended. They are started again when they are needed. */
  idle: 5000,
};

interface PoolOptions {
  readonly threads: number;
  /** Processors that there are for them. */
  readonly processors: number;
  readonly createWorker: (() => AnyWorker) | undefined;
}

interface Running {
  readonly program: Runnable;
  readonly snapshot: Snapshot | undefined;
  readonly resolve: (done: number) => void;
  readonly reject: (error: Error) => void;
}

export class ThreadPool implements Executor {
  /** Threads that share the work. */
  readonly threads: number;
  readonly binary = "threads";
  /** Why the pool can't be used any more. */
  reason: string | undefined;
  /** The block that all threads share. */
  readonly words: Int32Array;
  /** The core's functions that run programs, led by the calling thread. */
  readonly synchronous: Pick<CoreExports, "run" | "runBegin" | "runEnd" | "runPasses" | "runUpdate">;
  readonly #options: PoolOptions;
  readonly #arena: Arena;
  readonly #exports: ThreadExports;
  /** How many kernels every thread has. */
  readonly #kernels: number;
  /** What all workers join. */
  readonly #joined: Pick<Start, "module" | "memory" | "pool">;
  readonly #mayWait = mayWait();
  readonly #idle = idleTimer(
    () => this.#running !== undefined,
    () => this.stop(),
  );
  #workers: AnyWorker[] = [];
  #ready: Promise<boolean> | undefined;
  #running: Running | undefined;

  constructor({ arena, exports }: Core, module: WasmModule, options: PoolOptions) {
    this.threads = options.threads;
    this.#options = options;
    this.#arena = arena;
    this.#exports = exports as ThreadExports;
    this.#kernels = exports.table.length; // those that are added later are the calling thread's alone
    const { run, runBegin, runEnd, runPasses, runUpdate } = exports;
    this.synchronous = {
      run: this.#guard(run),
      runBegin: this.#guard(runBegin),
      runEnd: this.#guard(runEnd),
      runPasses: this.#guard(runPasses),
      runUpdate: this.#guard(runUpdate),
    };
    const bytes = abi.POOL_COPIES + this.threads * abi.POOL_COPY_BYTES;
    const { address: pool } = arena.allocate(bytes, "sequential", "the threads");
    this.#joined = { module, memory: arena.memory, pool };
    // shared memory never moves: this view stays valid when it grows
    this.words = new Int32Array(arena.memory.buffer, pool, abi.POOL_COPIES / 4);
    this.#exports.poolJoin(pool, 0);
    arena.settle = () => this.#settle();
  }

  /** Starts the workers, if there are none, and waits until all are ready. Returns whether they are; if not, `reason` says why. */
  start(): Promise<boolean> {
    return (this.#ready ??= this.#start());
  }

  async #start(): Promise<boolean> {
    // earlier workers may not have ended yet: by the generation they know that what follows isn't for them
    const generation = this.#get(abi.POOL_GENERATION);
    this.words.fill(0, 0, abi.POOL_GENERATION / 4);
    this.words.fill(0, abi.POOL_GENERATION / 4 + 1);
    this.#set(abi.POOL_THREADS, this.threads);
    this.#set(abi.POOL_POLLS, this.threads <= this.#options.processors ? POLLS : FEW_POLLS);
    this.#set(abi.POOL_PATIENCE, limits.silence / abi.POOL_NAP);
    const begun = await Promise.allSettled(
      Array.from({ length: this.threads }, (_, number) => this.#begin(number, generation)),
    );
    const number = begun.findIndex(({ status }) => status === "rejected");
    if (number >= 0) {
      const { message } = (begun[number] as PromiseRejectedResult).reason as Error;
      await this.stop();
      this.reason = message;
      return false;
    }
    this.#exports.poolLead(this.#mayWait, false);
    this.#idle.rest(limits.idle);
    return true;
  }

  async #begin(number: number, generation: number): Promise<void> {
    const first: Omit<Start, "lock"> = { ...this.#joined, number, generation };
    let worker: AnyWorker | undefined;
    const listeners = {
      report: ({ done }: Done) => this.#running?.resolve(done),
      gone: (reason: string) => {
        if (this.#workers[number] === worker) void this.#lose(number, reason);
      },
    };
    const { createWorker } = this.#options;
    worker = await startWorker(first, listeners, { createWorker, timeout: limits.start });
    this.#workers[number] = worker;
  }

  /**
   * Runs passes on the workers; on this thread if one calls a JavaScript function, and unless it is to be left free, if no record
   * is worth distributing. What an update changes is copied once per epoch: workers may end in the middle of one.
   */
  runner(program: Runnable, changes?: readonly MemoryRange[], off = false): Runner {
    const shared = isWorthSharing(this.#arena.u32, program.records, this.#kernels, off);
    let snapshot: Snapshot | undefined;
    const here = callingThread(this.synchronous, "").runner(program);
    return async (passes, look, pace) => {
      const runHere = (): number | Promise<number> => here(passes, look, pace);
      if (this.reason !== undefined || !shared) return runHere();
      if (changes && !snapshot?.covers(program)) snapshot = new Snapshot(this.#arena, program, changes);
      return (await inTurn(this, () => this.#run(program, passes, snapshot))) ?? runHere();
    };
  }

  /** Resolves to undefined if the workers were lost before it began, or can't be started again. */
  async #run(program: Runnable, passes: number, snapshot: Snapshot | undefined): Promise<number | undefined> {
    if (this.reason !== undefined || !(await this.start())) return undefined;
    const leader = this.#workers[0]!;
    this.#set(abi.POOL_BUSY, 1);
    keepAlive(leader, true);
    // not every engine reports that a worker has ended; in a run that goes on the turn changes
    let turn = this.#get(abi.POOL_TURN);
    let since = performance.now();
    const look = (): void => {
      const now = performance.now();
      if (turn !== this.#get(abi.POOL_TURN)) since = now;
      else if (now - since >= 0.9 * limits.silence)
        // it was silent for up to a tenth more
        return void this.#lose(0, `it gave no sign for ${limits.silence / 1000} s`);
      turn = this.#get(abi.POOL_TURN);
      watch = setTimeout(look, limits.silence / 10);
    };
    let watch = setTimeout(look, limits.silence / 10);
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#running = { program, snapshot, resolve, reject };
        leader.postMessage({ program: program.address, passes } satisfies Lead);
      });
    } finally {
      this.#running = undefined;
      clearTimeout(watch);
      keepAlive(leader, false);
      this.#idle.rest(limits.idle);
    }
  }

  /** Wraps a function of the core for synchronous calls, which this thread leads. */
  #guard<Arguments extends unknown[], Result>(run: (...values: Arguments) => Result): (...values: Arguments) => Result {
    return (...values) => {
      this.#settle();
      try {
        return run(...values);
      } catch (error) {
        if (this.#get(abi.POOL_LOST) === 0 || this.reason !== undefined) throw error;
        void this.#lose(0, String(error), true);
        throw new Error(`${this.reason}. The model goes on with one thread`, { cause: error });
      } finally {
        if (this.#ready && !this.#running) this.#idle.rest(limits.idle);
      }
    };
  }

  /** Waits until no worker runs on the memory: a slice of time at most. */
  #settle(): void {
    if (this.#get(abi.POOL_BUSY) === 0) return;
    const start = performance.now();
    while (this.#get(abi.POOL_BUSY) === 1 && this.#get(abi.POOL_LOST) === 0) {
      if (this.#mayWait) Atomics.wait(this.words, abi.POOL_BUSY / 4, 1, 100);
      if (performance.now() - start > limits.silence) this.#set(abi.POOL_LOST, abi.POOL_SILENT);
    }
  }

  /** A worker has ended, or the threads have given up waiting for one. Without a run, new ones are started when they are needed. */
  async #lose(number: number, reason: string, inCall = false): Promise<void> {
    const running = this.#running;
    if (this.#workers.length === 0) return;
    if (!running && !inCall) return this.stop();
    // the worker that reports it may not be the one that was lost
    const first = Atomics.compareExchange(this.words, abi.POOL_LOST / 4, 0, 1 + number) || 1 + number;
    this.reason =
      first === abi.POOL_SILENT
        ? `a worker gave no sign for ${limits.silence / 1000} s`
        : `worker ${first} of ${this.threads} stopped (${reason})`;
    const updating = this.#get(abi.POOL_UPDATING) === 1;
    await this.stop();
    this.#set(abi.POOL_BUSY, 0);
    if (!running) return;
    const { updates } = running.program.counters;
    const state = (updating && running.snapshot?.restore()) || `; the weights are those of step ${updates}`;
    running.reject(new Error(`Trainer: ${this.reason}${state}. The model goes on with one thread`));
  }

  /** Ends the workers. */
  async stop(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    this.#ready = undefined;
    this.#idle.stop();
    this.#exports.poolLead(false, false);
    Atomics.add(this.words, abi.POOL_GENERATION / 4, 1);
    Atomics.add(this.words, abi.POOL_TURN / 4, 1);
    for (const word of [abi.POOL_TURN, abi.POOL_DONE, abi.POOL_BARRIER_TURN]) Atomics.notify(this.words, word / 4);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  share(sharing: Sharing, record: RecordParts): RecordParts | undefined {
    return shareRecord(sharing, record, limits.least);
  }

  #get(field: number): number {
    return Atomics.load(this.words, field / 4);
  }

  #set(field: number, value: number): void {
    Atomics.store(this.words, field / 4, value);
  }
}

/** May this thread wait for others? The main thread of a page may not. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
