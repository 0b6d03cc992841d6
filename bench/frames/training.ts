// The trainings whose pages are watched: the same program in a page and in Node.
import { accuracy, adam, dataset, type Dataset, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "../../build/index.js"; // prettier-ignore
import { lenet5 } from "../../build/models.js";
import { digits } from "../data.ts";

export const JOBS = {
  "MLP 128": { network: "mlp", batch: 128 },
  "LeNet 64": { network: "lenet", batch: 64 },
  "LeNet 1024": { network: "lenet", batch: 1024 },
} as const;

export type JobName = keyof typeof JOBS;

const ROWS = 20_480; // whole batches of each size

let data: Dataset | undefined;

/** Reads the digits, once. */
export async function readDigits(from?: string): Promise<Dataset> {
  return (data ??= dataset(await digits("train", ROWS, from)));
}

async function trainerOf(name: JobName): Promise<Trainer> {
  const { input, layers } =
    JOBS[name].network === "mlp"
      ? { input: 784, layers: [dense(128), relu(), dense(10)] }
      : lenet5({ activation: "relu", pooling: "max" });
  const model = await sequential({ input, seed: 1 }, ...layers);
  return new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
}

/** What came of a training. */
export interface Trained {
  /** Milliseconds from the call of `fit` until the first update was seen. */
  readonly start: number;
  /** Rows per second from then on. */
  readonly rate: number;
  readonly updates: number;
}

/** Trains for a while. */
export async function train(name: JobName, worker: boolean, seconds: number, from?: string): Promise<Trained> {
  const all = await readDigits(from);
  const trainer = await trainerOf(name);
  const { batch } = JOBS[name];
  const controller = new AbortController();
  const called = performance.now();
  let first: { at: number; updates: number } | undefined;
  // seen from outside: a callback would make every batch a call of its own
  const look = (): void => {
    if (trainer.updates > 0) first = { at: performance.now(), updates: trainer.updates };
    else setTimeout(look, 1);
  };
  look();
  const timer = setTimeout(() => controller.abort(), seconds * 1000);
  try {
    const { signal } = controller;
    await trainer.fit(all, { epochs: 100_000, batchSize: batch, worker, signal, progress: false });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  if (!first) throw new Error(`${name}: no update in ${seconds} s`);
  const { updates } = trainer;
  const rate = ((updates - first.updates) * batch * 1000) / (performance.now() - first.at);
  return { start: first.at - called, rate, updates };
}
