// The same work in every engine: XOR, 200 steps on MNIST with dropout and shuffling, 100 steps with layers of all binaries, and
// a layer and a loss in TypeScript.
// Only the library is used.
import {
  accuracy,
  adam,
  avgPool2d,
  binaryCrossEntropy,
  customLayer,
  customLoss,
  dense,
  dropout,
  flatten,
  layerNorm,
  maxPool2d,
  relu,
  reshape,
  rmsNorm,
  sequential,
  sgd,
  sigmoid,
  softmaxCrossEntropy,
  Trainer,
} from "wasmgrad";
import { mnist } from "wasmgrad/datasets";

export interface Fingerprints {
  readonly xor: string;
  readonly mnist: string;
  readonly images: string;
  readonly custom: string;
  /** Loss and accuracy on the first 1,000 test images: a float64 figure, all digits. */
  readonly figures: string;
}

const STEPS = 200;
const BATCH = 64;

/** @param from where the IDX files are, for a page */
export async function job(from?: string): Promise<Fingerprints> {
  const gate = await sequential({ input: 2, seed: 1 }, dense(4), sigmoid(), dense(1), sigmoid());
  const gateTrainer = new Trainer(gate, { loss: binaryCrossEntropy(), optimizer: sgd({ learningRate: 1 }) });
  const rows = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore
  await gateTrainer.fit({ x: rows, y: [0, 1, 1, 0] }, { epochs: 2000, batchSize: 4 });

  const { train, test } = await mnist(from === undefined ? {} : { from });
  const model = await sequential({ input: 784, seed: 7 }, dense(64), relu(), dropout(0.2), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  const some = { x: train.x.data.slice(0, STEPS * BATCH * 784), y: train.y.slice(0, STEPS * BATCH) };
  await trainer.fit({ x: scaled(some.x), y: some.y }, { batchSize: BATCH });
  const figures = await trainer.evaluate({
    x: scaled(test.x.data.slice(0, 1000 * 784)),
    y: test.y.slice(0, 1000),
  });

  const images = await sequential(
    { input: 784, seed: 9 },
    reshape([28, 28, 1]),
    maxPool2d(2),
    dense(8),
    rmsNorm(),
    relu(),
    avgPool2d(3, { strides: 2, padding: "same" }),
    flatten(),
    dense(32),
    layerNorm(),
    relu(),
    dense(10),
  );
  const imageTrainer = new Trainer(images, { loss: softmaxCrossEntropy(), optimizer: adam() });
  const fewer = { x: scaled(some.x.slice(0, 100 * 32 * 784)), y: some.y.slice(0, 100 * 32) };
  await imageTrainer.fit(fewer, { batchSize: 32 });
  return {
    xor: gate.fingerprint(),
    mnist: model.fingerprint(),
    images: images.fingerprint(),
    custom: await customJob(),
    figures: JSON.stringify(figures),
  };
}

const scaled = (bytes: ArrayLike<number>): Float32Array => Float32Array.from(bytes, (byte) => byte / 255);

/** y = x |x|, and the square of the error: + - * / alone are the same everywhere. */
async function customJob(): Promise<string> {
  const square = customLayer({
    type: "square",
    forward({ x, y }) {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! * Math.abs(x[i]!);
    },
    backward({ x, dy, dx }) {
      if (dx) for (let i = 0; i < x.length; i++) dx[i] = 2 * dy[i]! * Math.abs(x[i]!);
    },
  });
  const squared = customLoss({
    type: "squared",
    compute({ output, target, losses, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const d = output[i]! - target[i]!;
        losses[i] = d * d;
        gradient[i] = 2 * d;
      }
    },
  });
  const model = await sequential({ input: 2, seed: 3 }, dense(6), square, dropout(0.1), dense(1));
  const trainer = new Trainer(model, { loss: squared, optimizer: adam({ learningRate: 0.01 }) });
  const x = Array.from({ length: 50 }, (_, i) => [(i % 7) / 7, (i % 11) / 11]);
  await trainer.fit({ x, y: x.map(([a, b]) => a! * b!) }, { epochs: 50, batchSize: 8 });
  return model.fingerprint();
}
