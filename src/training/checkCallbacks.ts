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
/** Besides those: what makes it part of checkpoints, and what makes them. */
const KEPT: readonly (keyof Callback)[] = ["state", "restore"];

/** Refuses what aren't callbacks. */
export function checkCallbacks(callbacks: readonly Callback[]): void {
  [...callbacks].forEach((callback, i) => {
    checkKind(isRecord(callback), "fit", `callbacks[${i}]`, "an object such as earlyStopping()", callback);
    const where = `fit: callbacks[${i}]`;
    if (callback.keeps) return;
    if (Object.keys(callback).length > 0 && !HOOKS.some((name) => name in callback)) {
      throw new TypeError(
        `${where} has none of ${HOOKS.join(", ")}; schedules and metrics go to new Trainer: { schedule, metrics }`,
      );
    }
    for (const name of KEPT) {
      const its: unknown = callback[name];
      const other = KEPT.find((each) => each !== name && callback[each] === undefined);
      checkKind(its === undefined || typeof its === "function", where, name, "a function", its);
      if (its && other) throw new TypeError(`${where} has ${name}, but no ${other}; a checkpoint needs both`);
    }
    for (const name in callback) {
      const hook: unknown = callback[name as keyof Callback];
      if (!name.startsWith("on") || hook === undefined) continue;
      checkOneOf(where, "the name of a hook", name, HOOKS);
      checkKind(typeof hook === "function", "fit", name, "a function", hook);
    }
  });
}
