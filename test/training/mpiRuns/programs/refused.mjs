// Ranks that don't belong together, one way after another: every rank says which error it got each time, and what the model is of a training in
// which all agree, after all that.
import { adam, dense, dropout, meanSquaredError, sequential, Trainer } from "wasmgrad";
import { mpi } from "wasmgrad/mpi";

const group = await mpi({ timeout: 60 });
const { rank, size } = group;
/** What the last rank has, and what the others have. */
const last = (its, others) => (rank === size - 1 ? its : others);
const arrays = () => ({
  x: Float32Array.from({ length: 24 * 3 }, (_, i) => ((i * 7) % 11) / 11),
  y: Float32Array.from({ length: 24 }, (_, i) => (i % 5) / 5),
});

async function train({ seed = 1, rate = 0.3, learningRate = 0.01, data = arrays(), options = {} } = {}) {
  const model = await sequential({ input: 3, seed }, dense(4), dropout(rate), dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam({ learningRate }) });
  await trainer.fit(data, { batchSize: 4, accumulate: 3, epochs: 2, progress: false, group, ...options });
  return model.fingerprint();
}
async function measure({ seed = 1, batchSize = 4 }) {
  const model = await sequential({ input: 3, seed }, dense(1));
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: adam() });
  return trainer.evaluate(arrays(), { batchSize, group });
}
const changed = (name) => {
  const data = arrays();
  data[name][5] += last(0.5, 0);
  return data;
};

const ATTEMPTS = {
  seed: () => train({ seed: last(2, 1) }),
  rate: () => train({ rate: last(0.4, 0.3) }),
  learningRate: () => train({ learningRate: last(0.02, 0.01) }),
  batchSize: () => train({ options: { batchSize: last(5, 4) } }),
  accumulate: () => train({ options: { accumulate: last(4, 3) } }),
  epochs: () => train({ options: { epochs: last(3, 2) } }),
  x: () => train({ data: changed("x") }),
  y: () => train({ data: changed("y") }),
  "more ranks": () => train({ options: { accumulate: 2 } }),
  "a wrong option measured": () => measure({ batchSize: last(0, 4) }),
  "another model measured": () => measure({ seed: last(2, 1) }),
  "another batchSize measured": () => measure({ batchSize: last(5, 4) }),
};
// a line each: mpirun may put others between the parts of a long one
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  const error = await attempt().then(
    () => "nothing",
    (thrown) => `${thrown.constructor.name}: ${thrown.message}`,
  );
  console.log(JSON.stringify({ rank, name, error }));
}
console.log(JSON.stringify({ rank, fingerprint: await train() }));
