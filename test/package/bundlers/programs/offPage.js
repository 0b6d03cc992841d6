// `fit` in a worker: this thread is free meanwhile.
import { accuracy, adam, backend, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

const x = Float32Array.from({ length: 512 * 64 }, (_, i) => (i % 17) / 17);
const y = Array.from({ length: 512 }, (_, i) => i % 10);

export async function run() {
  const model = await sequential({ input: 64, seed: 1 }, dense(32), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  const seen = []; // the model at the end of each epoch, as a callback sees it
  const callback = { onEpochEnd: () => void seen.push(model.fingerprint()) };
  const { loss } = await trainer.fit({ x, y }, { epochs: 3, batchSize: 100, worker: true, callbacks: [callback] });
  const { worker, reason } = backend(model);
  return { worker, reason, loss, seen, fingerprint: model.fingerprint() };
}
