// Rank 1 throws in one function after another; every rank says which error it got each time. The last one is not caught.
import { dense, meanSquaredError, sequential, sgd, Trainer } from "wasmgrad";
import { mpi } from "wasmgrad/mpi";

const group = await mpi({ timeout: 60 });
const { rank, size } = group;
const x = Float32Array.from({ length: 24 * 3 }, (_, i) => ((i * 7) % 11) / 11);
const y = Float32Array.from({ length: 24 }, (_, i) => (i % 5) / 5);

async function fit(name, options) {
  const model = await sequential({ input: 3, seed: 1 }, dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
  const throws = () => {
    if (rank === 1) throw new TypeError(`what ${name} says`);
  };
  const given = name === "map" ? { map: (batch) => (throws(), batch) } : { callbacks: [{ [name]: throws }] };
  await trainer.fit({ x, y }, { batchSize: 4, accumulate: 3, epochs: 2, progress: false, group, ...given, ...options });
}

const errors = {};
for (const name of ["onTrainBegin", "onEpochBegin", "onBatchBegin", "map", "onBatchEnd", "onEpochEnd", "onTrainEnd"]) {
  await fit(name).catch((error) => (errors[name] = `${error.constructor.name}: ${error.message}`));
}
console.log(JSON.stringify({ rank, errors }));
// all have said theirs before mpirun ends them
await group.gather(Uint8Array.of(rank), new Uint8Array(size));
await fit("onBatchEnd");
