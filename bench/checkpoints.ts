// npm run bench:checkpoints: for how long a checkpoint of W2 holds up the thread that trains, and its loop of batches. In turns with the
// same training without.
import { mkdtempSync, rmSync, statSync, readdirSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Command } from "commander";
import { type Callback, checkpoint, type CheckpointStore, dataset } from "../build/index.js";
import { checkpoints } from "../build/files.js";
import { digits } from "./data.ts";
import { middle } from "./measure.ts";
import { TRAINING } from "./tasks.ts";
import { learner } from "./workloads/learners.ts";

const options = new Command()
  .name("npm run bench:checkpoints --")
  .description("For how long a checkpoint of W2 holds up the thread that trains, and its loop of batches.")
  .option("--steps <n>", "updates from one checkpoint to the next", Number, 100)
  .option("--rounds <n>", "how often the training is run", Number, 5)
  .parse()
  .opts<{ steps: number; rounds: number }>();

/** Milliseconds that are wanted at most. */
const WANTED = 10;

const { name, rows, batch: batchSize } = TRAINING.W2;
const { fresh } = await learner("W2");
const data = dataset(await digits("train", rows));

/** What was seen in a training; milliseconds. */
interface Seen {
  readonly whole: number;
  /** From the end of a batch to the beginning of the next one: where a checkpoint was made; where the one before had to be written first; elsewhere. */
  readonly at: readonly number[];
  readonly waited: readonly number[];
  readonly between: readonly number[];
  /** Until a checkpoint was on the disk, while the training went on. */
  readonly writes: readonly number[];
  /** How late the event loop came, at most. */
  readonly late: number;
}

async function train(kept: CheckpointStore | undefined): Promise<Seen> {
  const at: number[] = [];
  const waited: number[] = [];
  const between: number[] = [];
  const writes: number[] = [];
  let written = 0;
  let before = 0;
  let busy = false;
  let ended = NaN;
  const clock: Callback = {
    onBatchBegin() {
      const gap = performance.now() - ended;
      if (gap >= 0) (written === before ? between : busy ? waited : at).push(gap);
      before = written;
    },
    onBatchEnd() {
      busy = writes.length < written;
      ended = performance.now();
    },
    onEpochEnd: () => void (ended = NaN),
  };
  const store: CheckpointStore | undefined = kept && {
    async write(bytes, info) {
      written++;
      const start = performance.now();
      await kept.write(bytes, info);
      writes.push(performance.now() - start);
    },
    latest: () => kept.latest(),
  };
  const keeping = store ? [checkpoint(store, { everySteps: options.steps, keepBest: false })] : [];
  const trainer = fresh();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await trainer.fit(data, { epochs: 1, batchSize, dropLast: true, progress: false, callbacks: [clock, ...keeping] });
  const whole = performance.now() - start;
  delay.disable();
  return { whole, at, waited, between, writes, late: delay.max / 1e6 };
}

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-bench-"));
const without: Seen[] = [];
const withThem: Seen[] = [];
let bytes: number;
try {
  const store = checkpoints(folder);
  await train(store); // warm
  for (let round = 0; round < options.rounds; round++) {
    without.push(await train(undefined));
    withThem.push(await train(store));
  }
  bytes = statSync(join(folder, readdirSync(folder)[0]!)).size;
} finally {
  rmSync(folder, { recursive: true });
}

const text = (value: number): string => value.toFixed(value < 1 ? 2 : 1);
const all = (seen: readonly Seen[], of: (each: Seen) => number | readonly number[]): number[] => seen.flatMap(of);
const held = all(withThem, ({ at }) => at);
const lines: Readonly<Record<string, readonly number[]>> = {
  "the thread is held up, and the next batch waits": held,
  "the next batch waits, where the one before isn't written yet": all(withThem, ({ waited }) => waited),
  "from one batch to the next elsewhere": all(withThem, ({ between }) => between),
  "a checkpoint is on the disk, while the training goes on, after": all(withThem, ({ writes }) => writes),
  "the event loop comes late, at most, with checkpoints": all(withThem, ({ late }) => late),
  "the event loop comes late, at most, without": all(without, ({ late }) => late),
  "an epoch takes, with checkpoints": all(withThem, ({ whole }) => whole),
  "an epoch takes, without": all(without, ({ whole }) => whole),
};
const load = loadavg()[0]!.toFixed(1);
console.log(
  `${name}, checkpoints of ${(bytes / 1e6).toFixed(2)} MB, one each ${options.steps} updates; Node ${process.version}, ${cpus()[0]?.model.trim()}, load ${load}`,
);
const row = (...[what, middles, worst, count]: readonly [string, string, string, string]): void =>
  console.log(`${what.padEnd(63)}${middles.padStart(8)}${worst.padStart(8)}${count.padStart(8)}`);
row("milliseconds", "median", "worst", "of");
for (const [what, values] of Object.entries(lines)) {
  if (values.length > 0) row(what, text(middle(values)), text(Math.max(...values)), String(values.length));
}
console.log(middle(held) <= WANTED ? `as wanted: ${WANTED} at most` : `more than the ${WANTED} that are wanted`);
process.exit(); // a pool of threads would wait for more
