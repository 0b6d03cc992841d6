// Rank 1 is stopped after the second update, as a debugger or a full machine would.
import { dense, meanSquaredError, sequential, sgd, Trainer } from "wasmgrad";
import { mpi } from "wasmgrad/mpi";

const group = await mpi({ timeout: 10 });
const model = await sequential({ input: 3, seed: 1 }, dense(1));
const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd({ learningRate: 0.1 }) });
const stops = {
  onBatchEnd(_batch, _logs, { updates }) {
    if (group.rank === 1 && updates === 2) process.kill(process.pid, "SIGSTOP");
  },
};
const data = { x: new Float32Array(24 * 3).fill(0.5), y: new Float32Array(24) };
await trainer.fit(data, { batchSize: 4, accumulate: 3, epochs: 2, progress: false, callbacks: [stops], group });
console.log(`rank ${group.rank} went on`);
