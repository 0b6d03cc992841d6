// What is kept of a run, to come back to it.
import type { PastUpdate } from "../../play/protocol.ts";
import { weightsOf } from "../../play/training.ts";
import type { Job, Left, Past } from "./job.ts";

/** What is needed to come back to this update. */
export const snapshot = ({ edits, train, test, training }: Job): Past => ({
  weights: weightsOf(training.model),
  state: training.trainer.state(),
  edits,
  train,
  test,
});

/** An update to which one can come back, for the page. */
export const lossesAt = ({ at, state: { train, test } }: Job["past"]["kept"][number]): PastUpdate => ({
  at,
  train,
  test,
});

/** A run at its last snapshot. */
export function lastOf(past: Job["past"]): Left {
  const { at, state } = past.kept.at(-1)!;
  const { edits, train, test } = state;
  return { past, place: { updates: at, state: state.state, edits: [] }, edits, train, test };
}
