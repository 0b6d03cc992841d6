// The same work in every engine: XOR, 200 steps on MNIST with dropout and shuffling, and 100 steps with layers of all binaries.
// Only the library is used.
import {
  accuracy,
  adam,
  avgPool2d,
  binaryCrossEntropy,
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
    figures: JSON.stringify(figures),
  };
}

const scaled = (bytes: ArrayLike<number>): Float32Array => Float32Array.from(bytes, (byte) => byte / 255);
