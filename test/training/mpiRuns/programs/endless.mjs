// Trains without an end; rank 0 says so once that has begun.
import { dense, meanSquaredError, sequential, sgd, Trainer } from "wasmgrad";
import { mpi } from "wasmgrad/mpi";

const group = await mpi({ timeout: 60 });
const model = await sequential({ input: 3, seed: 1 }, dense(1));
const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
const says = {
  onEpochEnd(epoch) {
    if (group.rank === 0 && epoch === 3) console.log("training");
  },
};
const data = { x: new Float32Array(24 * 3).fill(0.5), y: new Float32Array(24) };
await trainer.fit(data, { batchSize: 4, accumulate: 3, epochs: 1e9, progress: false, callbacks: [says], group });
