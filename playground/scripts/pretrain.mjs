// Trains the LeNet-5 that the digits page begins with, and writes src/digits/lenet.safetensors.gz: `node scripts/pretrain.mjs`, some minutes.
// The same seed gives the same weights on any machine. It learns from distorted copies of MNIST's 60,000, new ones in each epoch: hands that
// draw with a mouse are less steady than those that wrote MNIST.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  accuracy,
  adam,
  cosineDecay,
  dataset,
  samples,
  sequential,
  softmaxCrossEntropy,
  Trainer,
} from "../../build/index.js";
import { mnist } from "../../build/datasets.js";
import { modelToBytes } from "../../build/files.js";
import { lenet5 } from "../../build/models.js";

const EPOCHS = 10;
const BATCH = 64;
const SIDE = 28;
const SIZE = SIDE * SIDE;

/** Whole numbers below 2^32 by a seed. see: Marsaglia, "Xorshift RNGs", 2003 */
function randomOf(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Turned, leaning, stretched and moved copies, some with a thicker or thinner pen. Nothing but + - * /: the same bytes everywhere. */
function distorted(images, seed) {
  const random = randomOf(seed);
  const between = (from, to) => from + (to - from) * random();
  const result = new Uint8Array(images.length);
  const other = new Uint8Array(SIZE);
  for (let at = 0; at < images.length; at += SIZE) {
    const image = images.subarray(at, at + SIZE);
    const half = between(-0.13, 0.13); // tangent of half the angle: 15 degrees at most
    const cos = (1 - half * half) / (1 + half * half);
    const sin = (2 * half) / (1 + half * half);
    const lean = between(-0.2, 0.2);
    const width = between(0.85, 1.15);
    const height = between(0.85, 1.15);
    const dx = between(-1.5, 1.5);
    const dy = between(-1.5, 1.5);
    const pen = random();
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        const y = (row - 13.5 - dy) * height;
        const x = (column - 13.5 - dx) * width + lean * y;
        const from = 13.5 + cos * x - sin * y;
        const down = 13.5 + sin * x + cos * y;
        const left = Math.floor(from);
        const top = Math.floor(down);
        const pixel = (r, c) => (r < 0 || r >= SIDE || c < 0 || c >= SIDE ? 0 : image[r * SIDE + c]);
        const upper = pixel(top, left) * (left + 1 - from) + pixel(top, left + 1) * (from - left);
        const lower = pixel(top + 1, left) * (left + 1 - from) + pixel(top + 1, left + 1) * (from - left);
        other[row * SIDE + column] = Math.floor(upper * (top + 1 - down) + lower * (down - top) + 0.5);
      }
    const choose = pen < 0.25 ? Math.max : pen < 0.35 ? Math.min : undefined;
    for (let i = 0; i < SIZE; i++) {
      const inside = i >= SIDE && i < SIZE - SIDE && i % SIDE > 0 && i % SIDE < SIDE - 1;
      result[at + i] =
        choose && inside ? choose(other[i], other[i - 1], other[i + 1], other[i - SIDE], other[i + SIDE]) : other[i];
    }
  }
  return result;
}

/** Rounds to a float16's 11 bits, ties to even; so small a number as a float16 can't hold becomes 0. */
function toHalf(values) {
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < words.length; i++) words[i] = (words[i] + 0xfff + ((words[i] >>> 13) & 1)) & 0xffffe000;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) < 2 ** -14) values[i] = 0;
  return values;
}

const { train, test } = await mnist();
const rows = train.y.length;
const { input, layers } = lenet5({ activation: "relu", pooling: "max" });
const model = await sequential({ input, seed: 1, threads: "auto" }, ...layers);
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 2e-3 }),
  metrics: [accuracy()],
  schedule: cosineDecay({ period: EPOCHS * Math.ceil(rows / BATCH) }),
});
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const x = samples(distorted(train.x.data, epoch), train.x.shape, { scale: train.x.scale });
  await trainer.fit(dataset({ x, y: train.y }), { epochs: 1, batchSize: BATCH, progress: false });
  console.log(`epoch ${epoch}: ${(await trainer.evaluate(test)).accuracy} of the 10,000`);
}
for (const parameter of model.parameters()) parameter.set(toHalf(parameter.get()));
const { accuracy: right } = await trainer.evaluate(test);
const file = gzipSync(modelToBytes(model), { level: 9 });
writeFileSync(join(import.meta.dirname, "../src/digits/lenet.safetensors.gz"), file);
console.log(`lenet.safetensors.gz: ${file.length} bytes, ${right} of the 10,000, fingerprint ${model.fingerprint()}`);
