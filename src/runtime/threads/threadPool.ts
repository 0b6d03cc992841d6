// A pool of workers on one core's memory. `fit` and `evaluate` are led by a worker, so that the thread that made the model stays
// free; synchronous calls are led by the calling thread, where it may wait for others.
import type { Executor, Runnable } from "../executor.ts";
import type { MemoryRange } from "../arena.ts";
import * as abi from "../../../build/abi.js";
import type { Arena } from "../arena.ts";
import type { CoreExports } from "../kernels.ts";
import { type RecordParts, type Sharing, wordsOf } from "../record.ts";
import { type AnyWorker, type Lead, nodeThreads, type Report, type Start, type ThreadExports } from "./messages.ts";
import { Snapshot } from "./snapshot.ts";

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
  readonly #arena: Arena;
  readonly #exports: ThreadExports;
  readonly #places: ReadonlyMap<string, number>;
  readonly #module: WebAssembly.Module;
  readonly #runPasses: (program: number, passes: number) => number;
  readonly #createWorker: () => AnyWorker;
  readonly #polls: number;
  readonly #address: number;
  /** The block that all threads share. */
  readonly words: Int32Array;
  readonly #mayWait = mayWait();
  #workers: AnyWorker[] = [];
  #ready: Promise<void> | undefined;
  #running: Running | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #used = 0;

  constructor(
    arena: Arena,
    exports: CoreExports,
    places: ReadonlyMap<string, number>,
    module: WebAssembly.Module,
    { threads, processors, createWorker }: { threads: number; processors: number; createWorker: () => AnyWorker },
  ) {
    this.threads = threads;
    this.#arena = arena;
    this.#exports = exports as ThreadExports;
    this.#places = places;
    this.#module = module;
    this.#runPasses = this.guard(exports.runPasses);
    this.#createWorker = createWorker;
    this.#polls = threads <= processors ? POLLS : FEW_POLLS;
    const bytes = abi.POOL_COPIES + threads * abi.POOL_COPY_BYTES;
    this.#address = arena.allocate(bytes, "sequential", "the threads").address;
    // shared memory never moves: this view stays valid when it grows
    this.words = new Int32Array(arena.memory.buffer, this.#address, abi.POOL_COPIES / 4);
    this.#exports.poolJoin(this.#address, 0);
    arena.settle = () => this.settle();
  }

  /** Starts the workers, if there are none, and waits until all are ready. */
  start(where: string): Promise<void> {
    return (this.#ready ??= this.#start(where));
  }

  async #start(where: string): Promise<void> {
    // earlier workers may not have ended yet: by the generation they know that what follows isn't for them
    const generation = this.#get(abi.POOL_GENERATION);
    this.words.fill(0, 0, abi.POOL_GENERATION / 4);
    this.words.fill(0, abi.POOL_GENERATION / 4 + 1);
    this.#set(abi.POOL_THREADS, this.threads);
    this.#set(abi.POOL_POLLS, this.#polls);
    this.#set(abi.POOL_PATIENCE, limits.silence / abi.POOL_NAP);
    try {
      await Promise.all(Array.from({ length: this.threads }, (_, number) => this.#begin(where, number, generation)));
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#exports.poolLead(this.#mayWait, false);
    this.#rest();
  }

  #begin(where: string, number: number, generation: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        const what = `${where}: worker ${number + 1} of ${this.threads} did not start (${reason})`;
        reject(
          new Error(`${what}; use threads: 1, or give a createWorker that makes a worker of wasmgrad's worker.js`),
        );
      };
      const timer = setTimeout(() => fail(`no answer in ${limits.start / 1000} s`), limits.start);
      let began = false;
      const receive = (report: Report): void => {
        if (report === "ready") {
          began = true;
          clearTimeout(timer);
          resolve();
        } else if ("done" in report) this.#finish(report.done);
        else gone(report.error);
      };
      let worker: AnyWorker;
      const gone = (reason: string): void => {
        if (!began) fail(reason);
        else if (this.#workers[number] === worker) void this.#lose(number, reason);
      };
      try {
        worker = this.#createWorker();
      } catch (error) {
        fail(String(error));
        return;
      }
      const { memory } = this.#arena;
      const message: Start = { module: this.#module, memory, pool: this.#address, number, generation };
      this.#workers[number] = worker;
      if ("on" in worker) {
        worker.on("message", (report) => receive(report as Report));
        worker.on("error", (error) => gone(String(error)));
        worker.on("exit", (code) => gone(`it ended with code ${String(code)}`));
        worker.postMessage(message);
        worker.unref();
      } else {
        worker.addEventListener("message", ({ data }: MessageEvent<Report>) => receive(data));
        worker.addEventListener("error", (event) => gone(event.message || "it could not be loaded"));
        worker.postMessage(message);
      }
    });
  }

  /**
   * Runs passes on the workers; on this thread if no record is worth distributing, or one calls a JavaScript function. What an
   * update changes is copied once per epoch: workers may end in the middle of one.
   */
  runner(program: Runnable, changes?: readonly MemoryRange[]): (passes: number) => Promise<number> {
    const shared = this.#isShared(program);
    let snapshot: Snapshot | undefined;
    return async (passes) => {
      const runHere = (): number => this.#runPasses(program.address, passes) >>> 0;
      if (this.reason !== undefined || !shared) return runHere();
      if (changes && !snapshot?.covers(program)) snapshot = new Snapshot(this.#arena, program, changes);
      const run = this.#last.then(() => this.#run(program, passes, snapshot));
      this.#last = run.catch(() => {}); // one run at a time; its caller gets the error
      return (await run) ?? runHere();
    };
  }

  /** Resolves to undefined if the workers were lost before it began. */
  async #run(program: Runnable, passes: number, snapshot: Snapshot | undefined): Promise<number | undefined> {
    if (this.reason !== undefined) return undefined;
    await this.start("fit");
    const leader = this.#workers[0]!;
    this.#set(abi.POOL_BUSY, 1);
    if ("ref" in leader) leader.ref();
    // not every engine reports that a worker has ended; in a run that goes on the turn changes
    let turn = -1;
    const watch = setInterval(() => {
      if (turn === this.#get(abi.POOL_TURN)) void this.#lose(0, `it gave no sign for ${limits.silence / 1000} s`);
      turn = this.#get(abi.POOL_TURN);
    }, limits.silence);
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#running = { program, snapshot, resolve, reject };
        const message: Lead = { program: program.address, passes };
        leader.postMessage(message);
      });
    } finally {
      this.#running = undefined;
      clearInterval(watch);
      if ("unref" in leader) leader.unref();
      this.#rest();
    }
  }

  #finish(done: number): void {
    this.#running?.resolve(done);
  }

  /** Is there a record in the program that threads share, and none that only this thread can run? */
  #isShared(program: Runnable): boolean {
    const { u32 } = this.#arena;
    const ownKernel = this.#places.get("customForward") ?? Infinity;
    let shared = false;
    const { first, last } = program.records;
    for (let at = first; at < last;) {
      if (u32[(at + abi.RECORD_KERNEL) / 4]! >= ownKernel) return false;
      if (u32[(at + abi.RECORD_FLAGS) / 4]! & abi.FLAG_SHARED) shared = true;
      at += u32[(at + abi.RECORD_BYTES) / 4]!;
    }
    return shared;
  }

  /** Wraps a function of the core for synchronous calls, which this thread leads. */
  guard<Arguments extends unknown[], Result>(run: (...values: Arguments) => Result): (...values: Arguments) => Result {
    return (...values) => {
      this.settle();
      try {
        return run(...values);
      } catch (error) {
        if (this.#get(abi.POOL_LOST) === 0 || this.reason !== undefined) throw error;
        void this.#lose(0, String(error), true);
        throw new Error(`${this.reason}. The model goes on with one thread`, { cause: error });
      } finally {
        if (this.#ready && !this.#running) this.#rest();
      }
    };
  }

  /** Waits until no worker runs on the memory: a slice of time at most. */
  settle(): void {
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
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#exports.poolLead(false, false);
    Atomics.add(this.words, abi.POOL_GENERATION / 4, 1);
    Atomics.add(this.words, abi.POOL_TURN / 4, 1);
    for (const word of [abi.POOL_TURN, abi.POOL_DONE, abi.POOL_BARRIER_TURN]) Atomics.notify(this.words, word / 4);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** From now on the workers are idle. The timer isn't reset at each call: that would take longer than small calls do. */
  #rest(): void {
    this.#used = performance.now();
    this.#idle ??= this.#endAfter(limits.idle);
  }

  #endAfter(time: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      const left = this.#used + limits.idle - performance.now();
      if (this.#running || left > 0) this.#idle = this.#endAfter(Math.max(left, 1));
      else void this.stop();
    }, time);
    if (typeof timer === "object") timer.unref();
    return timer;
  }

  /** Flags that say how threads share a record, and the moves of its slots per row and thread. Nothing if it isn't worth it. */
  share(sharing: Sharing, { flags, words }: RecordParts): RecordParts | undefined {
    const { work, units, varies } = sharing;
    if (work < limits.least) return undefined;
    const leastRows = varies ? Math.ceil(limits.least / (work / units)) : 0;
    const power = leastRows > 1 ? 32 - Math.clz32(leastRows - 1) : 0;
    const further = wordsOf(sharing.args(1, 0));
    const other = wordsOf(sharing.args(0, 1));
    const moves = words.flatMap((word, i) => {
      const unit = (further[i]! - word) >>> 0;
      const thread = (other[i]! - word) >>> 0;
      const kept = word === 0 || (unit === 0 && thread === 0);
      return kept ? [] : [[abi.RECORD_ARGS + 4 * i, unit, thread] as const];
    });
    const all = [...words, ...moves.flat()];
    if (abi.RECORD_ARGS + 4 * all.length > abi.POOL_COPY_BYTES - 16) return undefined;
    const kind = { rows: abi.FLAG_ROWS, elements: abi.FLAG_ELEMENTS, kernel: abi.FLAG_KERNEL }[sharing.kind];
    const fours = moves.some(([, unit]) => unit % 16 !== 0) ? abi.FLAG_FOURS : 0;
    const counts = (words.length << abi.FLAG_ARGS_SHIFT) | (moves.length << abi.FLAG_MOVES_SHIFT);
    return { flags: flags | kind | fours | counts | (power << abi.FLAG_ROWS_SHIFT), words: all };
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

/** A worker of the engine's own kind. */
export function defaultWorker(): AnyWorker {
  const node = nodeThreads();
  if (node) return new node.Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
}
