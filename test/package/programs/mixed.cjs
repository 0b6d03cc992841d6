// Two copies of the library in one process, one imported and one required: what one has made, the other takes.
const required = require("wasmgrad");
const requiredFiles = require("wasmgrad/files");
const { join } = require("node:path");

const numbers = (count, modulus) => Float32Array.from({ length: count }, (_, i) => ((i * 7) % modulus) / modulus);
const x = numbers(8 * 6, 11);
const y = numbers(8 * 2, 5);

/** A layer of JavaScript that multiplies. */
const times = (w, factor) =>
  w.customLayer({
    type: `times${factor}`,
    forward: ({ x: from, y: to }) => from.forEach((v, i) => (to[i] = factor * v)),
    backward: ({ dy, dx }) => dx && dy.forEach((v, i) => (dx[i] = factor * v)),
  });

/** A model of layers of `a` and `b` in turns, in a memory of `a`'s, trained by `b`. */
async function train(a, b, options = {}) {
  const model = await a.sequential(
    { input: [3, 2], seed: 1, ...options },
    b.lstm(4, { returnSequences: true }),
    a.timeDistributed(b.dense(3, { kernelRegularizer: a.l2(0.01), kernelConstraint: b.maxNorm(2) }), a.gelu()),
    times(a, 2),
    b.flatten(),
    times(b, 3),
    a.residual(b.dense(9), a.tanh()),
    b.dense(2),
  );
  const trainer = new b.Trainer(model, {
    loss: a.meanAbsoluteError(),
    optimizer: b.rmsprop({ learningRate: 0.01 }),
    schedule: a.cosineDecay({ period: 20 }),
    metrics: [a.r2()],
  });
  const data = a.dataset({ x, y: y.slice() });
  await trainer.fit(data, { epochs: 2, batchSize: 4, progress: false });
  data.y.fill(0); // it has been copied, if the trainer has seen that it is a data set
  await trainer.fit(data, {
    epochs: 2,
    batchSize: 4,
    progress: false,
    callbacks: [a.earlyStopping({ monitor: "loss" })],
  });
  const { loss } = await trainer.evaluate(data);
  return { model, trainer, loss };
}

async function main() {
  const imported = await import("wasmgrad");
  const importedFiles = await import("wasmgrad/files");
  const [alone, ...mixed] = [
    await train(imported, imported),
    await train(required, required),
    await train(imported, required),
    await train(required, imported),
  ];
  const several = await Promise.all([
    train(imported, required, { threads: 2 }),
    train(required, imported, { threads: 2 }),
  ]);
  const { trainer } = mixed[1];
  const path = join(__dirname, "mixed.safetensors");
  const plain = await required.sequential({ input: 2, seed: 5 }, imported.dense(3), required.dense(1));
  const other = await imported.sequential({ input: 2, seed: 6 }, required.dense(3), imported.dense(1));
  await Promise.all([
    importedFiles.saveModel(plain, path),
    requiredFiles.saveModel(plain, path),
    importedFiles.saveModel(other, path),
    requiredFiles.saveModel(other, path),
  ]);
  const read = await importedFiles.loadModel(path);
  required.copyWeights(plain, read);
  return {
    twoCopies: imported.Trainer !== required.Trainer,
    same: [...mixed, ...several].every((each) => each.model.fingerprint() === alone.model.fingerprint()),
    losses: [...mixed, ...several].every((each) => each.loss === alone.loss),
    threads: several.map((each) => required.backend(each.model).threads),
    checked: required.gradCheck(trainer, x, y).ok,
    traced: imported.trace(trainer, x, y).tensors.length > 5,
    tensors: requiredFiles.readSafetensors(importedFiles.modelToBytes(other)).tensors.size,
    files: (await requiredFiles.loadModel(path)).fingerprint() === other.fingerprint(),
    copied: read.fingerprint() === plain.fingerprint(),
  };
}
main().then(
  (outcome) => console.log(JSON.stringify(outcome)),
  (error) => console.log(JSON.stringify({ error: String(error.stack) })),
);
