// Models that 0.1.0 saved: they load, predict the bits that they predicted then, and go on training to the bits of then.
//
// The files can only come from 0.1.0, so that no script here makes them. Each model was made by `sequential`, trained for a few
// epochs in batches of 8 by adam({ learningRate: 0.01 }) with the data and the loss below, and saved by `saveModel`; its whole
// architecture is in the file's metadata. Between them they hold every layer, activation, composite, initializer with options,
// regularizer and constraint of 0.1.0: images.safetensors those of images, with running statistics and a frozen layer;
// sequences.safetensors those of sequences, with several inputs and outputs and a shared layer; transfer.safetensors a part that
// `cut` took from another model. models.json was recorded from the loaded files: fingerprint, SHA-256 of the float32 bits of
// `predict` and `probabilities` and the first six predictions; then the loss of one step and the fingerprint after it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as w from "wasmgrad";
import { loadModel, modelFromBytes, modelToBytes } from "wasmgrad/files";

interface Recorded {
  readonly fingerprint: string;
  readonly prediction: string;
  readonly first: readonly number[];
  readonly probabilities: string;
  readonly loss: number;
  readonly trained: string;
}

const folder = join(import.meta.dirname, "0.1.0");
const recorded = JSON.parse(readFileSync(join(folder, "models.json"), "utf8")) as Readonly<Record<string, Recorded>>;

/** Integers by a multiplicative generator: the same on every engine. */
function integers(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => (state = (state * 48271) % 2147483647));
}
const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from(integers(count, seed), (n) => (n % 2001) / 1000 - 1);
const below = (limit: number, count: number, seed: number): Float32Array =>
  Float32Array.from(integers(count, seed), (n) => n % limit);

const ROWS = 20;

/** The rows that each model was trained on, and its loss. */
const DATA: Readonly<Record<string, () => { x: w.Input; y: w.Target; loss: w.Loss }>> = {
  images: () => ({
    x: numbers(ROWS * 12 * 12 * 2, 1),
    y: below(3, ROWS, 2),
    loss: w.softmaxCrossEntropy({ classWeights: [1, 2, 1] }),
  }),
  sequences() {
    const given = w.inputs({ words: 6, lengths: 1, curve: [8, 3] });
    const ends = w.outputs({
      kind: { shape: 3, loss: w.softmaxCrossEntropy() },
      next: { shape: [12], loss: w.softmaxCrossEntropy(), weight: 0.5 },
      level: { shape: 2, loss: w.huber() },
    });
    return {
      x: given.join({
        words: below(12, ROWS * 6, 3),
        lengths: below(6, ROWS, 4).map((n) => n + 1),
        curve: numbers(ROWS * 24, 5),
      }),
      y: ends.targets({ kind: below(3, ROWS, 6), next: below(12, ROWS, 7), level: numbers(ROWS * 2, 8) }),
      loss: ends.loss,
    };
  },
  transfer: () => ({ x: numbers(ROWS * 5, 9), y: below(2, ROWS, 11), loss: w.binaryCrossEntropyWithLogits() }),
};

const hashOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

describe.each(Object.entries(recorded))("%s.safetensors", (name, then) => {
  const path = join(folder, `${name}.safetensors`);
  const { x, y, loss } = DATA[name]!();

  test("has the fingerprint of then", async () => {
    expect((await loadModel(path)).fingerprint()).toBe(then.fingerprint);
    expect((await modelFromBytes(readFileSync(path))).fingerprint()).toBe(then.fingerprint);
  });

  test("predicts the bits of then", async () => {
    const model = await loadModel(path);
    const prediction = model.predict(x);
    expect(Array.from(prediction.subarray(0, 6))).toEqual(then.first);
    expect(hashOf(prediction)).toBe(then.prediction);
    expect(hashOf(model.probabilities(x))).toBe(then.probabilities);
  });

  test("is trained by a step, to the bits of then", async () => {
    const model = await loadModel(path);
    const trainer = new w.Trainer(model, { loss, optimizer: w.adam({ learningRate: 0.01 }) });
    expect(trainer.step(x, y)["loss"]).toBe(then.loss);
    expect(model.fingerprint()).toBe(then.trained);
  });

  test("is the same after it was saved again", async () => {
    const model = await loadModel(path);
    const again = await modelFromBytes(modelToBytes(model));
    expect(again.fingerprint()).toBe(then.fingerprint);
    expect(hashOf(again.predict(x))).toBe(then.prediction);
  });
});
