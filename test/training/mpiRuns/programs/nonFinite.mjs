// In the second update a number overflows in one pass, and so on one rank alone: every rank says which error it got, what its model is then, and
// what it is when it has been trained on, with that row mended. It says what it should be, too, of a training that ended after the first update.
import { batchNorm, dense, meanSquaredError, NonFiniteError, sequential, sgd, Trainer } from "wasmgrad";
import { mpi } from "wasmgrad/mpi";

const BATCH = 8;
const ACCUMULATE = 6;
const UPDATE = BATCH * ACCUMULATE;
const group = await mpi({ timeout: 60 });
const x = Float32Array.from({ length: 2 * UPDATE * 4 }, (_, i) => ((i * 7) % 23) / 23);
const y = Float32Array.from({ length: x.length / 2 }, (_, i) => (i % 5) / 5);
const bad = x.slice();
bad[(UPDATE + 4 * BATCH + 3) * 4] = 3e38; // in the fifth pass of the update

async function make() {
  const model = await sequential({ input: 4, seed: 1 }, dense(3), batchNorm(), dense(2));
  const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
  const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer });
  const options = { batchSize: BATCH, accumulate: ACCUMULATE, shuffle: false, progress: false, warnings: false, group };
  return { model, trainer, fit: (its, labels = y) => trainer.fit({ x: its, y: labels }, options) };
}
/** What momentum the optimizer has, too, decides the second fingerprint. */
async function fingerprints({ model, trainer, fit }) {
  const first = model.fingerprint();
  await fit(x);
  return [first, model.fingerprint(), trainer.updates];
}

const failing = await make();
const error = await failing.fit(bad).catch((thrown) => thrown);
const expected = await make();
await expected.fit(x.subarray(0, UPDATE * 4), y.subarray(0, UPDATE * 2));
const { message, step, layer, tensor } = error;
console.log(
  JSON.stringify({
    rank: group.rank,
    error: { isNonFinite: error instanceof NonFiniteError, message, step, layer, tensor },
    fingerprints: await fingerprints(failing),
    expected: await fingerprints(expected),
  }),
);
