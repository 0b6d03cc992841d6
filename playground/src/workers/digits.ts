// Trains the digits page's networks, and reads with them, off the page's thread.
import {
  accuracy,
  adam,
  backend,
  type Callback,
  dataset,
  type Metric,
  type Model,
  NonFiniteError,
  samples,
  sequential,
  sgd,
  softmaxCrossEntropy,
  Trainer,
} from "wasmgrad";
import { readSafetensors } from "wasmgrad/files";
import { lenet5, mlp } from "wasmgrad/models";
import { type Digits, fetchDigits, fetchOpened, type Images, needsAll } from "../digits/files.ts";
import type { Misread, ToWorker } from "../digits/messages.ts";
import { listen, messageOf, say, show, SIZE } from "../digits/reader.ts";
import { testImages, type Training } from "../digits/settings.ts";

/** Milliseconds from one message about the training to the next. */
const TELL_EVERY = 60;
const MOST_MISREAD = 40;

const networkOf = {
  mlp: () => mlp(),
  lenet: () => lenet5({ activation: "relu", pooling: "max" }),
} as const;

/** Where networks are trained: one memory and its threads for all trainings. */
let core: Model["core"] | undefined;

async function make(
  net: Training["net"],
  seed: number,
  where: { core?: Model["core"]; threads?: "auto" } = {},
): Promise<Model> {
  const { input, layers } = networkOf[net]();
  return sequential({ input, seed, ...where }, ...layers);
}

/** One that is only looked at: its loss says how its outputs become probabilities. */
async function copyOf(net: Training["net"], seed: number): Promise<Model> {
  return new Trainer(await make(net, seed), { loss: softmaxCrossEntropy(), optimizer: sgd() }).model;
}

async function pretrained(url: string): Promise<void> {
  let file: Uint8Array;
  try {
    file = await fetchOpened(url);
  } catch (error) {
    return say({ says: "trouble", trouble: "pretrained", detail: messageOf(error) });
  }
  const { tensors } = readSafetensors(file, "lenet.safetensors");
  // made here, and not by modelFromBytes, which brings all kinds of layers
  const model = await copyOf("lenet", 1);
  for (const parameter of model.parameters()) parameter.set(tensors.get(parameter.name)!.data);
  show(model, "pretrained");
}

// --- training

interface Running {
  readonly trainer: Trainer<readonly [Metric]>;
  readonly clock: Clock;
  readonly ends: AbortController;
}
let running: Running | undefined;

/** Time that is spent training: measuring, showing and pauses left out. */
class Clock {
  spent = 0;
  #from = 0;

  /** What was done since the last call doesn't count. */
  begin(): void {
    this.#from = performance.now();
  }

  /** What was done since the last call counts. */
  lap(): number {
    const now = performance.now();
    this.spent += now - this.#from;
    this.#from = now;
    return now;
  }
}

const OPTIMIZERS = {
  sgd: (learningRate: number) => sgd({ learningRate }),
  momentum: (learningRate: number) => sgd({ learningRate, momentum: 0.9 }),
  adam: (learningRate: number) => adam({ learningRate }),
} as const;

const datasetOf = ({ pixels, labels }: Images, n: number) =>
  dataset({ x: samples(pixels.subarray(0, SIZE * n), [SIZE], { scale: 1 / 255 }), y: labels.subarray(0, n) });
type Rows = ReturnType<typeof datasetOf>;

/** The rows of the last training: with as many images, the next one takes those that the memory has. */
let rows: { readonly images: number; readonly train: Rows; readonly test: Rows } | undefined;

function rowsOf(digits: Digits, training: Training): NonNullable<typeof rows> {
  const { images } = training;
  if (rows?.images !== images)
    rows = { images, train: datasetOf(digits.train, images), test: datasetOf(digits.test, testImages(training)) };
  return rows;
}

async function train({ training, folder, showEvery }: Extract<ToWorker, { do: "train" }>): Promise<void> {
  const ends = new AbortController();
  let digits: Digits;
  try {
    digits = await fetchDigits(folder, needsAll(training.images), (bytes, of) => say({ says: "fetching", bytes, of }));
  } catch (error) {
    return say({ says: "trouble", trouble: "images", detail: messageOf(error) });
  }
  const data = rowsOf(digits, training);
  const model = await make(training.net, training.seed, core ? { core } : { threads: "auto" });
  ({ core } = model);
  const optimizer = OPTIMIZERS[training.optimizer](training.rate);
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer, metrics: [accuracy()] });
  const copy = await copyOf(training.net, training.seed);
  const { threads, reason } = backend(model);
  say({ says: "started", threads, reason });
  const clock = new Clock();
  running = { trainer, clock, ends };
  try {
    const showWeights = (): void => {
      const from = model.parameters();
      for (const [i, parameter] of copy.parameters().entries()) parameter.set(from[i]!.get());
      show(copy, "trained");
    };
    await fitAndTell(training, running, data, showWeights, showEvery);
    showWeights();
    const said = await model.classifyAsync(data.test.x);
    const misread = misreadOf(said, digits.test);
    say({
      says: "trained",
      stopped: ends.signal.aborted,
      seconds: clock.spent / 1000,
      right: said.length - misread.length,
      tested: said.length,
      fingerprint: model.fingerprint(),
      misread: misread.slice(0, MOST_MISREAD),
    });
  } finally {
    running = undefined;
  }
}

/** Trains until the end, or until it is stopped. `showWeights` is called every so many milliseconds. */
async function fitAndTell(
  { epochs, batch: batchSize, images }: Training,
  { trainer, clock, ends: { signal } }: Running,
  { train: trainRows, test }: NonNullable<typeof rows>,
  showWeights: () => void,
  showEvery: number,
): Promise<void> {
  const batches = epochs * Math.ceil(images / batchSize);
  let [made, seen, sum, summed] = [0, 0, 0, 0];
  let [told, looked] = [performance.now(), 0];
  const tell = (): void => {
    const speed = (1000 * seen) / clock.spent;
    say({ says: "progress", batch: made, batches, loss: sum / summed, speed });
    [sum, summed] = [0, 0];
  };
  const hooks: Callback<"accuracy"> = {
    onEpochBegin: () => clock.begin(),
    onBatchEnd(batch, { loss }) {
      made++;
      seen += Math.min(batchSize, images - batch * batchSize);
      sum += loss;
      summed++;
      const now = clock.lap();
      if (now - told < TELL_EVERY) return;
      told = now;
      tell();
      if (now - looked < showEvery) return;
      looked = now;
      showWeights();
      clock.begin();
    },
    onEpochEnd(epoch, { loss, accuracy: right, validationLoss, validationAccuracy }) {
      if (summed > 0) tell();
      const figures = { loss, accuracy: right, testLoss: validationLoss, testAccuracy: validationAccuracy };
      say({ says: "epoch", epoch: epoch + 1, ...figures });
    },
  };
  try {
    await trainer.fit(trainRows, { epochs, batchSize, validationData: test, signal, callbacks: [hooks] });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function misreadOf(said: readonly number[], { pixels, labels }: Images): Misread[] {
  return said.flatMap((digit, index) => {
    const label = labels[index]!;
    if (digit === label) return [];
    return [{ index, pixels: pixels.slice(SIZE * index, SIZE * (index + 1)), label, said: digit }];
  });
}

listen(
  (message) => {
    switch (message.do) {
      case "pretrained":
        return pretrained(message.url);
      case "train":
        running?.ends.abort();
        return train(message);
      case "pause":
        return running?.trainer.pause();
      case "resume":
        running?.clock.begin();
        return running?.trainer.resume();
      case "stop":
        return running?.ends.abort();
      default:
        return undefined;
    }
  },
  (error) => (error instanceof NonFiniteError ? "non-finite" : "other"),
);
