// The smallest program: what a page downloads for it is the least that there is.
import { adam, backend, binaryCrossEntropyWithLogits, dense, sequential, tanh, Trainer } from "wasmgrad";

const x = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore

/** Trains it, with options of `sequential` and of `fit`. */
export async function xor(options = {}, fitOptions = {}) {
  const model = await sequential({ input: 2, seed: 1, ...options }, dense(8), tanh(), dense(1));
  const trainer = new Trainer(model, {
    loss: binaryCrossEntropyWithLogits(),
    optimizer: adam({ learningRate: 0.05 }),
  });
  await trainer.fit({ x, y: [0, 1, 1, 0] }, { epochs: 200, progress: false, ...fitOptions });
  return { fingerprint: model.fingerprint(), classes: [...model.classify(x)], backend: backend(model) };
}
