// A process that measures waits for its turn: bursts of those that are compared follow one another, and nothing of theirs runs at the
// same time. What else the machine does hits all alike.
import { readSync, writeSync } from "node:fs";

/** What a process prints to ask for its turn; it gets it as a line of input. Alone, it is always its turn. */
export const ASK = "turn";

const taken = process.env["BENCH_TURNS"] !== undefined;
const line = Buffer.alloc(1);

/** Returns when it is this process's turn, which lasts until it asks again or ends; false if it is to have no more. */
export function takeTurn(): boolean {
  if (!taken) return true;
  writeSync(1, `${ASK}\n`);
  return readSync(0, line, 0, 1, null) > 0;
}

/** Whether others wait for theirs. */
export const takesTurns = taken;
