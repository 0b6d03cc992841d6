// Looks at the callbacks that `fit` is given, and calls them. Fetched with the first.
import { checkKind, checkOneOf, isRecord } from "../util/check.ts";
import { type Callback, KEEPS, type TrainingState } from "./callbacks.ts";
import type { TrainingPosition } from "./position.ts";
import type { TrainerState } from "./trainerState.ts";

type Hook = Extract<keyof Callback, `on${string}`>;
/** What a function is given before the training. */
type Given<H extends Hook> =
  Parameters<NonNullable<Callback[H]>> extends [...infer First, TrainingState] ? First : never;

/** The callbacks of a training. */
export interface CallbackCalls {
  /** Some are to be called for every batch. */
  readonly everyBatch: boolean;
  /** The training, as they see it. */
  readonly training: TrainingState;
  /** Calls one function of each, one after another. */
  call<H extends Hook>(hook: H, ...given: Given<H>): Promise<void>;
}

const HOOKS: readonly Hook[] = [
  "onTrainBegin",
  "onEpochBegin",
  "onBatchBegin",
  "onBatchEnd",
  "onEpochEnd",
  "onTrainEnd",
];

/** Looks at the callbacks of a training. `its`: the batches of an epoch, as far as they are known. */
export function callsOf(
  state: TrainerState,
  callbacks: readonly Callback[],
  epochs: number,
  at: TrainingPosition,
  its: { readonly batches: number },
): CallbackCalls {
  checkCallbacks(callbacks);
  const { model, metrics } = state;
  const training: TrainingState = {
    model,
    metrics,
    epochs,
    rank: state.ranks?.rank ?? 0,
    get updates() {
      return state.updates;
    },
    get batches() {
      return its.batches;
    },
    stop: () => (at.stopped = true),
  };
  return {
    training,
    everyBatch: callbacks.some((callback) => callback.onBatchBegin || callback.onBatchEnd),
    async call(hook, ...given) {
      state.inCallback = true;
      try {
        for (const callback of callbacks) {
          const run = callback[hook] as ((...all: unknown[]) => unknown) | undefined;
          await run?.call(callback, ...given, training);
        }
      } finally {
        state.inCallback = false;
      }
    },
  };
}

/** Refuses what aren't callbacks. */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  [...callbacks].forEach((callback, i) => {
    checkKind(isRecord(callback), "fit", `callbacks[${i}]`, "an object such as earlyStopping()", callback);
    const where = `fit: callbacks[${i}]`;
    if (callback[KEEPS]) return;
    if (Object.keys(callback).length > 0 && ![...HOOKS, "state"].some((name) => name in callback)) {
      throw new TypeError(
        `${where} has none of ${HOOKS.join(", ")}; schedules and metrics go to new Trainer: { schedule, metrics }`,
      );
    }
    for (const name in callback) {
      const hook: unknown = callback[name as keyof Callback];
      if (!name.startsWith("on") || hook === undefined) continue;
      checkOneOf(where, "the name of a hook", name, HOOKS);
      checkKind(typeof hook === "function", "fit", name, "a function", hook);
    }
  });
}
