// A page or a program of a user's: trains with one thread and with two. window.outcome, or what it prints, has the backend.
import { adam, backend, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

const x = Float32Array.from({ length: 512 * 256 }, (_, i) => (i % 17) / 17);
const y = Array.from({ length: 512 }, (_, i) => i % 10);

async function train(threads) {
  const model = await sequential({ input: 256, seed: 1, threads }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  await trainer.fit({ x, y }, { batchSize: 128 });
  return { backend: backend(model), fingerprint: model.fingerprint() };
}

const errors = [];
globalThis.window?.addEventListener("error", ({ message }) => errors.push(message));

async function run() {
  const start = performance.now();
  const one = await train(1);
  const two = await train(2);
  return { ...two.backend, same: two.fingerprint === one.fingerprint, milliseconds: performance.now() - start, errors };
}

const outcome = run().catch((error) => ({ error: String(error) }));
if (globalThis.document) outcome.then((value) => (window.outcome = value));
else outcome.then((value) => console.log(JSON.stringify(value)));
