// Image -> label: a convolutional network tells ten kinds of clothes apart, on Fashion-MNIST.
//
//   npx tsx examples/programs/fashion.ts        about two minutes
//   npx tsx examples/programs/fashion.ts 0.1    with a tenth of the images, for a tenth of the time
//
// 60,000 photographs of 28 x 28 pixels from a shop, and 10,000 others to be tested with (Debian's package dataset-fashion-mnist, 30 MB, MIT
// licence). In training each image is shown a little differently every time: a shirt is one when it is mirrored, too.
import { join } from "node:path";
import { accuracy, adam, augment2d, conv2d, cosineDecay, dense, dropout, flatten, maxPool2d, relu, reshape, samples, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad"; // prettier-ignore
import { mnist } from "wasmgrad/datasets";
import { debianPackage } from "./packages.ts";

const share = Number(process.argv[2] ?? 1);
const KINDS = ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

// the files have the form and the names of MNIST's
const { train, test } = await mnist({ from: join(debianPackage("dataset-fashion-mnist"), "usr/share/datasets/fashion-mnist") }); // prettier-ignore

const model = await sequential(
  { input: 784, seed: 1 },
  reshape([28, 28, 1]),
  augment2d({ flip: "horizontal", shift: 0.05 }),
  conv2d(16, { kernelSize: 3, padding: "same" }),
  relu(),
  maxPool2d(2),
  conv2d(32, { kernelSize: 3, padding: "same" }),
  relu(),
  maxPool2d(2),
  flatten(),
  dropout(0.2),
  dense(128),
  relu(),
  dense(10),
);
const rows = Math.ceil(60_000 * share);
const EPOCHS = 6;
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 2e-3 }),
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(rows / 64) }), // small steps in the end
  metrics: [accuracy()],
});
const x = samples(train.x.data.subarray(0, 784 * rows), 784, { scale: train.x.scale });
await trainer.fit({ x, y: train.y.subarray(0, rows) }, { epochs: EPOCHS, batchSize: 64 });
const figures = await trainer.evaluate(test);

/** How often each kind is recognised. */
const found = model.classify(test.x);
const right = KINDS.map((kind, k) => {
  const of = found.filter((_, row) => test.y[row] === k);
  return `${kind} ${((100 * of.filter((guess) => guess === k).length) / of.length).toFixed(0)} %`;
});
console.log(`test accuracy ${(100 * figures.accuracy).toFixed(1)} %: ${right.join(", ")}`);
console.log(`${rows} images learned from; fingerprint ${model.fingerprint()}`);
