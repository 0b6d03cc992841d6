// One neuron learns: two clouds of points, and images as inputs.
import { accuracy, binaryCrossEntropy, type Model, normal, sgd, Trainer } from "../src/index.ts";
import { type Examples, neuron } from "./neuron.ts";

/** Two clouds of 30 points each that overlap a little, from the core's generator of normal numbers. */
export function clouds({ core }: Model): Examples {
  const count = 60;
  const at = core.arena.allocate(512, "lesson", "the points").address;
  normal({ deviation: 1 }).fill({ core, shape: [2 * count], address: at, seed: 7, index: 0 });
  const noise = core.arena.read(at, 2 * count);
  const y = Array.from({ length: count }, (_, i) => i % 2);
  const x = y.map((label, i) => [noise[2 * i]! + (label ? 1.2 : -1.2), noise[2 * i + 1]! + (label ? 1 : -1)]);
  return { x, y };
}

/** Images of n pixels, row by row, with their labels. */
export interface Images {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** The zeros and ones among images of bytes, with pixels from 0 to 1. */
export function zerosAndOnes(x: ArrayLike<number>, y: ArrayLike<number>, pixels = 784): Images {
  const rows = Array.from(y).flatMap((label, r) => (label < 2 ? [r] : []));
  const data = new Float32Array(rows.length * pixels);
  rows.forEach((r, i) => {
    for (let p = 0; p < pixels; p++) data[i * pixels + p] = x[r * pixels + p]! / 255;
  });
  return { x: data, y: Float32Array.from(rows, (r) => y[r]!) };
}

/** A neuron that reads images. */
export interface Reader {
  readonly model: Model;
  /** The loss by update, in batches of 32. */
  readonly losses: readonly number[];
  /** The share of the images for testing that are right. */
  readonly accuracy: number;
}

/** Every pixel is an input: the neuron learns from all images once. */
export async function learnImages(train: Images, test: Images, pixels = 784): Promise<Reader> {
  const model = await neuron(pixels, { fromZero: true });
  const optimizer = sgd({ learningRate: 0.05 });
  const trainer = new Trainer(model, { loss: binaryCrossEntropy(), optimizer, metrics: [accuracy()] });
  const losses: number[] = [];
  await trainer.fit(train, {
    epochs: 1,
    batchSize: 32,
    progress: false,
    callbacks: [{ onBatchEnd: (_batch, { loss }) => void losses.push(loss!) }],
  });
  const metrics = await trainer.evaluate(test);
  return { model, losses, accuracy: metrics["accuracy"]! };
}
