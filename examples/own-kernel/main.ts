// A layer whose kernels you wrote yourself. Compile them first, see bump.kernels.ts; then npx tsx examples/own-kernel/main.ts
//
// Points within a circle and around it: no line separates them, bumps do.
import { accuracy, adam, binaryCrossEntropyWithLogits, dense, gradCheck, sequential, Trainer } from "wasmgrad";
import { bump } from "./bump.ts";

/** A small generator, so that runs repeat. */
let state = 1;
const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
const x = Array.from({ length: 200 }, () => [random() * 4 - 2, random() * 4 - 2]);
const y = x.map(([a, b]) => (a! * a! + b! * b! < 2.5 ? 1 : 0));

const model = await sequential({ input: 2, seed: 1 }, dense(6), bump(), dense(1));
const trainer = new Trainer(model, {
  loss: binaryCrossEntropyWithLogits(),
  optimizer: adam({ learningRate: 0.02 }),
  metrics: [accuracy()],
});

const { ok, worst, checked } = gradCheck(trainer, x, y);
console.log(`${checked} gradients agree with differences of the loss: ${ok}, worst ${worst.toExponential(1)}`);

await trainer.fit({ x, y }, { epochs: 200, batchSize: 20, progress: false });
const { loss, accuracy: right } = await trainer.evaluate({ x, y });
console.log(`loss ${loss!.toFixed(4)}, accuracy ${(right! * 100).toFixed(1)} %`);
