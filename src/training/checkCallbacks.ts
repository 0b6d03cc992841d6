// Looks at the callbacks that `fit` is given. Fetched with the first.
import { checkKind, checkOneOf, isRecord } from "../util/check.ts";
import type { Callback } from "./callbacks.ts";

const HOOKS: readonly (keyof Callback)[] = [
  "onTrainBegin",
  "onEpochBegin",
  "onBatchBegin",
  "onBatchEnd",
  "onEpochEnd",
  "onTrainEnd",
];

/** Refuses what aren't callbacks. */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  [...callbacks].forEach((callback, i) => {
    checkKind(isRecord(callback), "fit", `callbacks[${i}]`, "an object such as earlyStopping()", callback);
    const where = `fit: callbacks[${i}]`;
    if (Object.keys(callback).length > 0 && !HOOKS.some((name) => name in callback)) {
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
