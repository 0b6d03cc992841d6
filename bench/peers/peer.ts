// What the programs of all peers do alike: run the jobs that they are asked for, and print a JSON line for each result.
import { digits, type Digits } from "../data.ts";
import { BURSTS, burstOf, repeat, type Result, result } from "../measure.ts";
import { INFERENCE, type Job, JOBS, TRAINING, type TrainingJob, XOR } from "../tasks.ts";

type Measure = () => Promise<Result | readonly Result[]>;

/** Runs the jobs that are named after the program; `node build/peers/tfjs.mjs W2 W5`. */
export async function runPeer(jobs: Partial<Readonly<Record<Job, Measure>>>): Promise<void> {
  for (const job of process.argv.slice(2).filter((word): word is Job => word in JOBS)) {
    const results = [await jobs[job]!()].flat();
    for (const line of results) console.log(JSON.stringify(line));
  }
  process.exit();
}

/** Milliseconds from the first update to the last loss, and that loss. */
export interface Run {
  readonly ms: number;
  readonly loss: number;
}

export interface TrainingRun {
  /** Slow peers take fewer rows; their loss is compared with the one that we have after as many updates. */
  readonly rows?: number;
  /** Why this is other work by its nature. */
  readonly other?: string;
  /** Starts with the initial weights. */
  readonly run: (updates: number, data: Digits) => Promise<Run>;
}

export async function measureTraining(job: TrainingJob, { rows, other, run }: TrainingRun): Promise<Result> {
  const { name, batch, rows: all } = TRAINING[job];
  const data = await digits("train", rows ?? all);
  const updates = Math.floor(data.y.length / batch);
  const { rates, loss } = await timed(updates, (count) => run(count, data));
  return result(
    name,
    "samples/s",
    rates.map((rate) => rate * batch * 1000),
    { check: loss, updates, ...(other && { other }) },
  );
}

/** @param run does so many updates from the initial weights */
export async function measureXor(run: (updates: number) => Promise<Run>, other?: string): Promise<Result> {
  const { rates, loss } = await timed(XOR.updates, run);
  return result(XOR.name, "ms", rates.map((rate) => XOR.updates / rate), { check: loss, ...(other && { other }) }); // prettier-ignore
}

/**
 * Updates per millisecond of each burst, and the loss after all the updates, which is checked. Runs keep their own time, since some make a
 * new model each time.
 */
async function timed(
  updates: number,
  run: (updates: number) => Promise<Run>,
): Promise<{ rates: number[]; loss: number }> {
  await run(Math.min(updates, 20));
  const { ms, loss } = await run(updates);
  const burst = burstOf(updates, ms);
  const times = await repeat(BURSTS, () => run(burst));
  return { rates: times.map((time) => burst / time), loss };
}

/** Probabilities of rows of 784 pixels. */
type Infer = (x: Float32Array, rows: number) => Promise<ArrayLike<number>> | ArrayLike<number>;

/** @param other why this is other work by its nature */
export async function measureInference(infer: Infer, other?: string): Promise<Result[]> {
  const { calls, rows } = INFERENCE;
  const { x } = await digits("test", rows);
  const each = Array.from({ length: rows }, (_, i) => x.slice(i * 784, (i + 1) * 784));
  const more = { check: squares(await infer(x, rows)), ...(other && { other }) };
  for (let i = 0; i < calls; i++) await infer(each[i % rows]!, 1);
  const one = await repeat(60, async () => {
    for (let i = 0; i < calls; i++) await infer(each[i % rows]!, 1);
  });
  const many = await repeat(60, async () => {
    for (let i = 0; i < 20; i++) await infer(x, rows);
  });
  return [
    result(INFERENCE.one, "us", one.map((ms) => (ms / calls) * 1000), more), // prettier-ignore
    result(INFERENCE.many, "samples/s", many.map((ms) => (20 * rows * 1000) / ms), more), // prettier-ignore
  ];
}

const squares = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
};
