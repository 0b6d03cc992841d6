// Training off the calling thread: what `fit({ worker })` runs its programs with, and what its pauses do. Fetched when first used.
import { checkKind } from "../util/check.ts";
import type { MemoryRange } from "../runtime/arena.ts";
import { type BytesAt, copyOf, writeCopies } from "../runtime/threads/copyMessages.ts";
import { checkCreateWorker } from "../runtime/threads/threadOptions.ts";
import { copyToWorker, type TrainingWorker } from "../runtime/threads/trainingWorker.ts";
import type { Callback } from "./callbacks.ts";
import { blockOf, orderOf, stateCopyOf } from "../runtime/program.ts";
import { performance } from "../runtime/timers.ts";
import type { Runner } from "../runtime/executor.ts";
import type { Pace } from "../runtime/longPass.ts";
import type { Feed, OffThread, TrainerState } from "./trainerState.ts";
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
  readonly feed?: Feed | undefined;
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
  /** It runs in a worker, unless there is a reason why not. */
  const settle = (reason?: string): void => {
    model.offThread = { worker: reason === undefined, reason };
  };
  if (worker === "auto" && 3 * model.summary().flops * (plan.feed ?? plan).rows * plan.epochs < LEAST) {
    return settle("the training is too short to gain from a worker");
  }
  const { binary, reason: alone } = model.core.executor;
  const shared = binary === "threads";
  if (shared && alone === undefined) return settle();
  if (callsJavaScript(state, plan)) {
    return settle(
      "a layer, the loss, a metric or the optimizer is a function of JavaScript's, which can't run in a worker",
    );
  }
  if (model.run.ranges.length > 1)
    return settle("another model has some of its parameters, and trains or predicts with them here");
  if (shared) return settle(`the model's memory is shared, but ${alone}`);
  // what is set while the memory is copied
  const early: BytesAt[] = [];
  model.onSet = (_name, address, values) => early.push({ address, bytes: values.slice().buffer });
  try {
    const copied = await copyToWorker(model.core);
    copied.toWrite.push(...early);
    state.offThread = offThreadOn(state, plan, copied);
    settle();
  } catch (error) {
    model.onSet = undefined;
    settle(`training runs on the calling thread: ${(error as Error).message}`);
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
function offThreadOn(state: TrainerState, plan: FitPlan, worker: TrainingWorker): OffThread {
  const { model } = state;
  const { arena } = model.core;
  const { program: trained, workspace } = plan.trainingProgram;
  /** The parameters and the optimizer's state: what a training that goes on later begins with. */
  const lasting = state.lasting();
  const [parameters, ...states] = lasting as [MemoryRange, ...MemoryRange[]];
  /** The parameters and their gradients: what calls in between look at. */
  const weights = [parameters, { address: parameters.address + model.gradientOffset(), bytes: model.run.bytes }];
  const write = (at: readonly BytesAt[]): void => writeCopies(arena.u8, at);
  const read = async (ranges: readonly MemoryRange[]): Promise<void> => write((await worker.read(ranges)).at);
  /** The last copy of what lasts, and the updates, passes and epochs before it. */
  let kept: readonly BytesAt[] = copyOf(arena.u8, lasting);
  let { counters } = trained;
  let keptAt = performance.now();
  /** Parameters set in the meantime: what was read before is older. */
  let version = 0;
  /** When weights were asked for. */
  let watched = -Infinity;
  /** The memory here is the training's last: what is still read is older. */
  let over = false;
  /** The worker is lost: what the last copy has counts. */
  const lose = (cause: unknown): Error => {
    over = true;
    write(kept);
    trained.counters = counters;
    state.count(counters);
    const { updates, epochs } = counters;
    state.epochs = epochs;
    return new Error(
      `Trainer: the worker that trains stopped (${(cause as Error).message}); the weights and the optimizer's state are those of ` +
        `step ${updates}, in epoch ${epochs + 1}. Call fit again to go on from there`,
      { cause },
    );
  };
  model.onSet = (name, address, values) => {
    // between two calls of the worker, too: what is here is older than what is there
    if (!state.inCallback && !pauses.get(state)?.still) {
      throw new Error(`${name}.set: a worker trains the model; set parameters in a callback, or while it is paused`);
    }
    version++;
    worker.toWrite.push({ address, bytes: values.slice().buffer });
  };

  const off = {
    whole: true,
    runner({ program, records, metrics, spec }: TrainingProgram, feed?: Feed): Runner {
      const sums = metrics.map(({ address, size: length }) => ({ address, bytes: 8 * length }));
      const gathers = records.slice(0, 3).map(({ address, end }) => ({ address, bytes: end - address }));
      const trains = spec.mode === "train";
      const looked = trains && plan.callbacks.length > 0 ? [...sums, ...weights] : sums;
      let begins = true;
      return async (passes: number, look: boolean, pace: Pace) => {
        off.whole = false;
        // the calling thread isn't held up: what counts is when the worker can answer
        pace.slice = performance.now() - watched < 500 ? WATCHED_CALL : CALL;
        const block = blockOf(program, passes);
        const batch = feed ? [...feed.ranges, ...gathers] : [];
        worker.toWrite.push(...copyOf(arena.u8, [block, ...batch, ...(begins ? [...gathers, ...sums] : [])]));
        begins = look;
        const keep = trains && performance.now() - keptAt > COPY_EVERY;
        const ranges = [block, ...(look ? looked : []), ...(keep ? lasting : [])];
        try {
          const { done, at } = await worker.read(ranges, program.address, passes);
          write(at);
          if (keep && program.accumulated === 0) {
            kept = at.slice(-lasting.length);
            ({ counters } = program);
            keptAt = performance.now();
          }
          // what halted it is looked for here: in all that the worker may have changed, which is all but the data
          if (done < passes) {
            await read([...weights, ...states, ...workspace.regions, orderOf(trained), ...(model.kept?.ranges ?? [])]);
            over = true; // undone here, the worker's is the pass that was refused
          }
          return done;
        } catch (error) {
          throw lose(error);
        }
      };
    },
    send(ranges: readonly MemoryRange[]): void {
      worker.toWrite.push(...copyOf(arena.u8, ranges));
    },
    async refresh(whole = false, more: readonly MemoryRange[] = []): Promise<void> {
      watched = performance.now();
      const before = version;
      const all = [...states, stateCopyOf(trained), ...(model.kept?.ranges ?? []), ...more];
      try {
        const { at } = await worker.read(whole ? [...weights, ...all] : weights);
        if (before !== version || over) return;
        write(at);
        off.whole = whole;
      } catch {
        // of a worker that has ended the next passes tell
      }
    },
    async end(): Promise<void> {
      try {
        if (!over) await read([...weights, ...states, stateCopyOf(trained), ...(model.kept?.ranges ?? [])]);
      } catch (error) {
        throw lose(error);
      } finally {
        over = true;
        model.onSet = undefined;
        state.offThread = undefined;
        worker.end();
      }
    },
  };
  return off;
}

/** A training that stands still, or will after the updates that it is making. */
interface Pause {
  readonly standing: Promise<void>;
  /** It stands. */
  still: boolean;
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
  const made: Pause = {
    standing,
    still: false,
    end() {
      still(); // where it goes on, or ends, before it has stopped
      goOn();
    },
  };
  pauses.set(state, made);
  const stand = async (): Promise<void> => {
    await state.offThread?.refresh(true);
    made.still = true;
    still();
  };
  if (!state.passing) void stand();
  state.hold = async (signal, ended) => {
    await stand();
    const goes = (): void => resume(state);
    if (ended || signal?.aborted) return goes();
    signal?.addEventListener("abort", goes);
    await going;
    signal?.removeEventListener("abort", goes);
  };
  return standing;
}

/** Lets a paused `fit` go on. */
export function resume(state: TrainerState): void {
  state.hold = undefined;
  pauses.get(state)?.end();
  pauses.delete(state);
}
