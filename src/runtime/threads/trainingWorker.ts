// A worker that runs programs on a copy of a core's memory, at the same addresses: that needs no shared memory. What differs between
// the two is sent with the call that needs it; answers come in the order of the calls.
import type { MemoryRange } from "../arena.ts";
import type { Core } from "../core.ts";
import { clearTimeout, nextTask, performance, setTimeout } from "../timers.ts";
import { idleTimer } from "./idleTimer.ts";
import { type Answer, type BytesAt, type Call, type Copy, postMoving } from "./copyMessages.ts";
import { type AnyWorker, hasLocks, keepAlive, terminate } from "./messages.ts";
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

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** A worker that was started, and its calls without an answer. */
class Line {
  worker!: AnyWorker;
  /** Why it can't be used any more. */
  gone: string | undefined;
  readonly #waiting: Waiting[] = [];
  /** Milliseconds that the longest call has taken. */
  #longest = 0;

  /** Makes the worker, where the usual one can't be loaded. */
  readonly createWorker: Core["createWorker"];

  private constructor(createWorker: Core["createWorker"]) {
    this.createWorker = createWorker;
  }

  static async start(createWorker: Core["createWorker"]): Promise<Line> {
    const line = new Line(createWorker);
    line.worker = await startWorker<Answer>(
      {},
      { report: (answer) => line.report(answer), gone: (why) => line.end(why) },
      { createWorker },
    );
    return line;
  }

  /** An answer came. */
  report(answer: Answer): void {
    this.#waiting.shift()?.resolve(answer);
  }

  /** The worker has failed or ended. */
  end(reason: string): void {
    if (this.gone !== undefined) return;
    this.gone = reason;
    terminate(this.worker);
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }

  send(message: Copy | Call, transfer: readonly ArrayBuffer[]): Promise<Answer> {
    if (this.gone !== undefined) return Promise.reject(new Error(this.gone));
    const since = performance.now();
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    // where nobody tells that it has ended, it is asked by the clock
    const patience = Math.max(limits.silence, 20 * this.#longest);
    const told = "on" in this.worker || hasLocks();
    const watch = told
      ? undefined
      : setTimeout(() => this.end(`it gave no answer for ${Math.round(patience / 1000)} s`), patience);
    if (this.#waiting.length === 1) keepAlive(this.worker, true);
    postMoving(this.worker, message, transfer);
    const settled = (): void => {
      clearTimeout(watch);
      this.#longest = Math.max(this.#longest, performance.now() - since);
      if (this.#waiting.length === 0 && this.gone === undefined) keepAlive(this.worker, false);
    };
    answer.then(settled, settled);
    return answer;
  }
}

const UNUSED = "it was not used any more";

/** A worker whose training is over, until it is taken for the next one or ended. */
let spare: Line | undefined;

const spareTimer = idleTimer(
  () => false,
  () => {
    spare?.end(UNUSED);
    spare = undefined;
  },
);

/** A core's copy in a worker. */
export class TrainingWorker {
  readonly #line: Line;
  readonly #core: Core;
  #toWrite: BytesAt[] = [];
  #ended = false;

  private constructor(line: Line, core: Core) {
    this.#line = line;
    this.#core = core;
  }

  /**
   * Copies the used memory of a core to a worker.
   *
   * @throws {Error} that says why no worker can be started here
   */
  static async start(core: Core): Promise<TrainingWorker> {
    const free = spare;
    spare = undefined;
    spareTimer.stop();
    const usable = free?.gone === undefined && free?.createWorker === core.createWorker ? free : undefined;
    if (!usable) free?.end(UNUSED);
    const line = usable ?? (await Line.start(core.createWorker));
    const worker = new TrainingWorker(line, core);
    try {
      const bytes = core.arena.memory.buffer.byteLength;
      await line.send({ linked: core.linked, bytes }, []);
      for (const { address, bytes: all } of usedRanges(core)) {
        for (let at = 0; at < all; at += PIECE) {
          worker.write([{ address: address + at, bytes: Math.min(PIECE, all - at) }]);
          await worker.#send(0, 0, []);
          await nextTask();
        }
      }
    } catch (error) {
      worker.end();
      throw error;
    }
    return worker;
  }

  /** Copies memory as it is now to the worker, before what is called next. */
  write(ranges: readonly MemoryRange[]): void {
    this.#toWrite.push(...ranges.map((range) => ({ address: range.address, bytes: this.#copy(range) })));
  }

  /** The same for bytes that aren't in memory yet. */
  writeBytes(...bytes: readonly BytesAt[]): void {
    this.#toWrite.push(...bytes);
  }

  /**
   * Runs passes of a program in the worker.
   *
   * @param ranges memory that is to be read afterwards
   * @returns how many passes were finished, and the bytes
   */
  async run(program: number, passes: number, ranges: readonly MemoryRange[]): Promise<Answer & { at: BytesAt[] }> {
    const answer = await this.#send(program, passes, ranges);
    return { ...answer, at: ranges.map(({ address }, i) => ({ address, bytes: answer.bytes[i]! })) };
  }

  /** Reads memory as it is in the worker after what was called last. */
  async read(ranges: readonly MemoryRange[]): Promise<BytesAt[]> {
    return (await this.run(0, 0, ranges)).at;
  }

  /** The worker is free for another training. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (spare || this.#line.gone !== undefined) return this.#line.end(UNUSED);
    spare = this.#line;
    spareTimer.rest(limits.idle);
  }

  #send(program: number, passes: number, reads: readonly MemoryRange[]): Promise<Answer> {
    const writes = this.#toWrite;
    this.#toWrite = [];
    return this.#line.send(
      { writes, program, passes, reads },
      writes.map(({ bytes }) => bytes),
    );
  }

  #copy({ address, bytes }: MemoryRange): ArrayBuffer {
    return this.#core.arena.u8.slice(address, address + bytes).buffer as ArrayBuffer;
  }
}

/** What isn't free of a core's memory. */
function usedRanges({ arena }: Core): MemoryRange[] {
  const ranges: MemoryRange[] = [];
  let address = 0;
  for (const gap of [...arena.gaps, { address: arena.memory.buffer.byteLength, bytes: 0 }]) {
    if (gap.address > address) ranges.push({ address, bytes: gap.address - address });
    address = gap.address + gap.bytes;
  }
  return ranges;
}
