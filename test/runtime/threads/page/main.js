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

/** A training in a worker, whose callbacks and weights the page looks at meanwhile. */
async function off() {
  const model = await sequential({ input: 256, seed: 1 }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  const seen = new Set();
  let over = false;
  // as long as so many pictures, however fast the machine is
  const onEpochEnd = async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  };
  const fitting = { epochs: 20, batchSize: 128, worker: true, callbacks: [{ onEpochEnd }] };
  const training = trainer.fit({ x, y }, fitting).finally(() => (over = true));
  let frames = 0;
  while (!over) {
    await new Promise(requestAnimationFrame);
    await trainer.refresh();
    seen.add(model.fingerprint());
    frames++;
  }
  await training;
  trainer.step(x, y);
  return { backend: backend(model), fingerprint: model.fingerprint(), seen: seen.size, frames };
}

/** How long it takes until the end of the worker that trains is noticed, and that of the second training, which has another one. */
async function loseOff() {
  const workers = [];
  const createWorker = () => {
    workers.push(new Worker(new URL("../../../../build/wasmgrad.worker.js", import.meta.url), { type: "module" }));
    return workers.at(-1);
  };
  const model = await sequential({ input: 256, seed: 1, createWorker }, dense(256), relu(), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  let lost;
  // not before it trains: one that ends while it starts leaves the training to the page
  const onEpochEnd = (epoch) => {
    if (epoch !== 1) return;
    workers[0].terminate();
    lost = performance.now();
  };
  const training = trainer
    .fit({ x, y }, { epochs: 1e6, batchSize: 128, worker: true, callbacks: [{ onEpochEnd }] })
    .catch((error) => error.message);
  const words = await training;
  const after = performance.now() - lost;
  for (let i = 0; i < 100; i++) await trainer.fit({ x: x.slice(0, 256), y: [1] }, { worker: true });
  return { words, after, workers: workers.length };
}

const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

window.lose = lose;
window.off = off;
window.loseOff = loseOff;
window.run = async () => ({ one: await train(1), two: await train(2) });
