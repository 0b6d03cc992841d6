// Training off the calling thread: what `fit({ worker })` runs its programs with, and what its pauses do. Fetched when first used.
import { checkKind } from "../util/check.ts";
import type { MemoryRange } from "../runtime/arena.ts";
import type { Runner } from "../runtime/executor.ts";
import type { BytesAt } from "../runtime/threads/copyMessages.ts";
import { checkCreateWorker } from "../runtime/threads/threadOptions.ts";
import { TrainingWorker } from "../runtime/threads/trainingWorker.ts";
import type { Callback } from "./callbacks.ts";
import { blockOf, orderOf, stateCopyOf } from "../runtime/program.ts";
import { performance } from "../runtime/timers.ts";
import type { OffThread, TrainerState } from "./trainerState.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

/** Milliseconds of a call of the worker: the longer, the less it waits; the shorter, the sooner it can be asked for weights. */
const CALL = 50;
const WATCHED_CALL = 12;

/** What there is to know of a `fit`. */
interface FitPlan {
  readonly worker: boolean | "auto";
  readonly rows: number;
  readonly epochs: number;
  readonly callbacks: readonly Callback[];
  readonly trainingProgram: TrainingProgram;
}

/** "auto" takes a worker from so many operations on: about a tenth of a second. */
const LEAST = 1e9;

/** Milliseconds after which optimizer and weights are copied back, so that a worker that ends costs no more than these. */
const COPY_EVERY = 1000;

/**
 * Moves a training to a worker, if it can run there: a core of several threads has its own, and otherwise one gets a copy of the memory.
 * Where it can't, or "auto" finds it too short, the calling thread goes on, and `backend(model)` says why.
 */
export async function moveOff(state: TrainerState, plan: FitPlan): Promise<void> {
  const { model } = state;
  const { worker } = plan;
  checkKind(worker === true || worker === "auto", "fit", "worker", 'true, false or "auto"', worker);
  checkCreateWorker("sequential", model.core.createWorker);
  const stay = (reason: string): void => {
    model.offThread = { worker: false, reason };
  };
  if (worker === "auto" && 3 * model.summary().flops * plan.rows * plan.epochs < LEAST) {
    return stay("the training is too short to gain from a worker");
  }
  if (model.core.executor.binary === "threads" && model.core.executor.reason === undefined) {
    model.offThread = { worker: true, reason: undefined };
    return;
  }
  if (callsJavaScript(state, plan)) {
    return stay("a layer or the loss is a function of JavaScript's, which can't run in a worker");
  }
  if (model.core.executor.binary === "threads")
    return stay(`the model's memory is shared, but ${model.core.executor.reason}`);
  try {
    state.offThread = new Copied(state, plan, await TrainingWorker.start(model.core));
    model.offThread = { worker: true, reason: undefined };
  } catch (error) {
    stay(`training runs on the calling thread: ${(error as Error).message}`);
  }
}

/** Does a record call a function that isn't of a binary? */
function callsJavaScript({ model }: TrainerState, { trainingProgram }: FitPlan): boolean {
  const places = ["customForward", "customBackward", "customLoss"].map((name) => model.core.places.get(name));
  return trainingProgram.records.some(({ kernel, words }) =>
    // the layer within timeDistributed is an argument
    kernel.startsWith("timeDistributed") ? words.some((word) => places.includes(word)) : kernel.startsWith("custom"),
  );
}

/** A training on a copy in a worker. */
class Copied implements OffThread {
  readonly #state: TrainerState;
  readonly #plan: FitPlan;
  readonly #worker: TrainingWorker;
  /** The parameters and their gradients: what calls in between look at. */
  readonly #weights: readonly MemoryRange[];
  /** The parameters and the optimizer's state: what a training that goes on later begins with. */
  readonly #lasting: readonly MemoryRange[];
  /** The last copy of that, and the updates, passes and epochs before it. */
  #kept: { readonly at: readonly BytesAt[]; readonly counters: TrainingProgram["program"]["counters"] };
  #keptAt = performance.now();
  /** Parameters set in the meantime: what was read before is older. */
  #version = 0;
  #running = false;
  /** When weights were asked for. */
  #watched = -Infinity;

  constructor(state: TrainerState, plan: FitPlan, worker: TrainingWorker) {
    this.#state = state;
    this.#plan = plan;
    this.#worker = worker;
    const { model } = state;
    const { address, bytes, allBytes } = model.run;
    const parameters = { address, bytes: allBytes };
    this.#weights = [parameters, { address: address + model.gradientOffset(), bytes }];
    this.#lasting = [parameters, ...state.updatePlan().states.map((start) => ({ address: start, bytes }))];
    const { arena } = model.core;
    this.#kept = {
      at: this.#lasting.map((range) => ({
        address: range.address,
        bytes: arena.u8.slice(range.address, range.address + range.bytes).buffer as ArrayBuffer,
      })),
      counters: plan.trainingProgram.program.counters,
    };
    model.onSet = (name, to, values) => {
      if (this.#running) {
        throw new Error(`${name}.set: a worker trains the model; set parameters in a callback, or while it is paused`);
      }
      this.#version++;
      worker.writeBytes({ address: to, bytes: values.slice().buffer });
    };
  }

  runner(trainingProgram: TrainingProgram): Runner {
    const { program, records, metrics } = trainingProgram;
    const sums = metrics.map(({ address, size }) => ({ address, bytes: 8 * size }));
    const gathers = records.slice(0, 3).map(({ address, end }) => ({ address, bytes: end - address }));
    const trains = trainingProgram.spec.mode === "train";
    const looked = trains && this.#plan.callbacks.length > 0 ? [...sums, ...this.#weights] : sums;
    let begins = true;
    return async (passes, look = false, pace) => {
      // the calling thread isn't held up: what counts is when the worker can answer
      if (pace) pace.slice = performance.now() - this.#watched < 500 ? WATCHED_CALL : CALL;
      const block = blockOf(program, passes);
      this.#worker.write([block, ...(begins ? [...gathers, ...sums] : [])]);
      begins = look;
      const keep = trains && performance.now() - this.#keptAt > COPY_EVERY;
      const ranges = [block, ...(look ? looked : []), ...(keep ? this.#lasting : [])];
      this.#running = trains;
      try {
        const { done, at } = await this.#worker.run(program.address, passes, ranges);
        this.#write(at);
        if (keep && program.accumulated === 0) {
          this.#kept = { at: at.slice(-this.#lasting.length), counters: program.counters };
          this.#keptAt = performance.now();
        }
        if (done < passes) this.#write(await this.#worker.read(this.#everything())); // what halted it is looked for here
        return done;
      } catch (error) {
        throw this.#lost(error as Error);
      } finally {
        this.#running = false;
      }
    };
  }

  async refresh(): Promise<void> {
    this.#watched = performance.now();
    const version = this.#version;
    const at = await this.#worker.read(this.#weights);
    if (version === this.#version) this.#write(at);
  }

  async end(): Promise<void> {
    const { model } = this.#state;
    try {
      this.#write(
        await this.#worker.read([
          ...this.#weights,
          ...this.#lasting.slice(1),
          stateCopyOf(this.#plan.trainingProgram.program),
        ]),
      );
    } catch {
      // it has ended: the weights are those of the last copy
    } finally {
      model.onSet = undefined;
      this.#state.offThread = undefined;
      this.#worker.end();
    }
  }

  /** What the worker may have changed: all that the training has, but for the data. */
  #everything(): MemoryRange[] {
    const { workspace, program } = this.#plan.trainingProgram;
    return [...this.#weights, ...this.#lasting.slice(1), ...workspace.regions, orderOf(program)];
  }

  #write(at: readonly BytesAt[]): void {
    const { u8 } = this.#state.model.core.arena;
    for (const { address, bytes } of at) u8.set(new Uint8Array(bytes), address);
  }

  /** The worker is lost: what the last copy has counts. */
  #lost(error: Error): Error {
    const { at, counters } = this.#kept;
    this.#write(at);
    this.#plan.trainingProgram.program.counters = counters;
    const { updates, epochs } = counters;
    return new Error(
      `Trainer: the worker that trains stopped (${error.message}); the weights and the optimizer's state are those of step ` +
        `${updates}, in epoch ${epochs + 1}. Call fit again to go on from there`,
      { cause: error },
    );
  }
}

/** A training that stands still, or will after the updates that it is making. */
interface Pause {
  readonly standing: Promise<void>;
  end(): void;
}

const pauses = new WeakMap<TrainerState, Pause>();

/**
 * Stops `fit` before its next passes. Resolves once it stands still, with the weights as they are then: at once where it does already, as
 * in a callback.
 */
export function pause(state: TrainerState): Promise<void> {
  if (state.model.inTraining !== state) return Promise.resolve();
  const known = pauses.get(state);
  if (known) return known.standing;
  let still!: () => void;
  let goOn!: () => void;
  const standing = new Promise<void>((resolve) => (still = resolve));
  const going = new Promise<void>((resolve) => (goOn = resolve));
  pauses.set(state, {
    standing,
    end() {
      still(); // where it goes on, or ends, before it has stopped
      goOn();
    },
  });
  const stand = async (): Promise<void> => {
    await state.offThread?.refresh().catch(() => {}); // of a worker that has ended the next passes tell
    still();
  };
  if (!state.passing) void stand();
  state.hold = async (signal, ended) => {
    await stand();
    if (ended) return resume(state);
    signal?.addEventListener("abort", () => resume(state));
    await going;
  };
  return standing;
}

/** Lets a paused `fit` go on. */
export function resume(state: TrainerState): void {
  state.hold = undefined;
  pauses.get(state)?.end();
  pauses.delete(state);
}
