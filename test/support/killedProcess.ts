// A training as a process that can be killed at any moment: it says what it is about to do, a line for each. Its argument is a Task, as
// JSON; the last line is the outcome.
import { writeSync } from "node:fs";
import { checkpoints, readCheckpoint } from "wasmgrad/files";
import { type Interrupted, train } from "./interrupted.ts";

export interface Task extends Pick<Interrupted, "kind" | "threads" | "worker"> {
  readonly folder: string;
  readonly everySteps: number;
}

/** At once: what is written to a stream may wait. */
const say = (...words: (string | number)[]): void => void writeSync(1, `${words.join(" ")}\n`);

const { folder, everySteps, ...task } = JSON.parse(process.argv[2]!) as Task;
const store = checkpoints(folder, { keepLast: 2 });
let begun = false;
const outcome = await train({
  ...task,
  when: { everySteps },
  store: {
    async write(bytes, info) {
      say("write", info.step);
      await store.write(bytes, info);
      say("written", info.step);
    },
    async latest() {
      const bytes = await store.latest();
      say("from", bytes ? (await readCheckpoint(bytes)).step : 0);
      return bytes;
    },
    open() {
      say("open");
      return store.open();
    },
  },
  look() {
    if (!begun) say("begun");
    begun = true;
  },
});
say(JSON.stringify(outcome));
process.exit(); // a pool of threads would wait for more
