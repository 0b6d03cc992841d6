// A page of a user's: trains with one thread and with two, in its main thread.
import { adam, backend, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

const x = Float32Array.from({ length: 512 * 256 }, (_, i) => (i % 17) / 17);
const y = Array.from({ length: 512 }, (_, i) => i % 10);

async function train(threads) {
  const model = await sequential({ input: 256, seed: 1, threads }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await trainer.fit({ x, y }, { epochs: 20, batchSize: 128 });
  clearInterval(timer);
  // synchronous calls in the page's main thread, which may not wait for others
  trainer.step(x, y);
  return { backend: backend(model), fingerprint: model.fingerprint(), ticked: ticks > 0, sum: sumOf(model.predict(x)) };
}

/** The words of a training whose leading worker is ended. */
async function lose() {
  const workers = [];
  const createWorker = () => {
    workers.push(new Worker(new URL("../../../../build/wasmgrad.worker.js", import.meta.url), { type: "module" }));
    return workers.at(-1);
  };
  const model = await sequential({ input: 256, seed: 1, threads: 2, createWorker }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  const first = await trainer.fit({ x, y }, { batchSize: 128 });
  const training = trainer.fit({ x, y }, { epochs: 1e6, batchSize: 128 }).catch((error) => error.message);
  setTimeout(() => workers[0].terminate(), 200);
  const words = await training;
  const after = await trainer.fit({ x, y }, { batchSize: 128 });
  return { words, threads: backend(model).threads, trains: after.loss[0] < first.loss[0] };
}

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

window.lose = lose;
window.run = async () => ({ one: await train(1), two: await train(2) });
