// A rank of a training that keeps checkpoints and a CSV file, each rank in a place of its own, goes on from them, and may be killed. Its argument: a Task, as JSON.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Callback, checkpoint } from "wasmgrad";
import { checkpoints, csvLogger } from "wasmgrad/files";
import { mpi } from "wasmgrad/mpi";
import { EPOCHS, type Outcome, train } from "./digits.ts";

export interface Task {
  readonly folder: string;
  /** The last rank kills itself once the checkpoint after so many updates is written; default never. */
  readonly killedAfter?: number;
}

export interface Line {
  readonly rank: number;
  /** How many updates this run has made. */
  readonly made: number;
  readonly outcome: Outcome;
}

const { folder, killedAfter = Infinity } = JSON.parse(process.argv[2]!) as Task;
const group = await mpi({ timeout: 60 });
const { rank, size } = group;
const place = (name: string, of = rank): string => join(folder, `${name}-${of}`);
const store = checkpoints(place("checkpoints"));

/** Waits until rank 0 has written the checkpoint after so many updates. */
async function written(updates: number): Promise<void> {
  const end = `-step-${String(updates).padStart(9, "0")}.safetensors`;
  const there = (): boolean => readdirSync(place("checkpoints", 0)).some((name) => name.endsWith(end));
  while (!there()) await sleep(1);
}

const made = new Set<number>();
const watch: Callback = {
  async onBatchEnd(_batch, _logs, { updates }) {
    made.add(updates!);
    if (rank !== size - 1 || updates !== killedAfter + 1) return;
    await written(killedAfter);
    process.kill(process.pid, "SIGKILL");
  },
};
const callbacks = [checkpoint(store, { everySteps: 2, keepBest: false }), csvLogger(place("history")), watch];
const outcome = await train("cnn", group, { fit: { epochs: EPOCHS, resumeFrom: store, callbacks } });
const line: Line = { rank, made: made.size, outcome };
console.log(JSON.stringify(line));
