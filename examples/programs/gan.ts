// Two networks against each other: one makes points, the other tells them from real ones, and in the end it can't any more.
//
//   npx tsx examples/programs/gan.ts         about half a minute
//   npx tsx examples/programs/gan.ts 0.1     a tenth of the training
//
// Real points lie in eight clusters around a circle. The generator gets noise and makes a point of it; the discriminator's output shall be
// 1 for real points and 0 for made ones, while the generator wants it to be 1 for its own (least squares, so that the gradients of both
// are plain differences). Neither has a loss that `fit` could make small, so that the loop is written by hand: `forward`, `backward`,
// `update`. It is known for ending in few of the clusters; the figures say how many it found and how many points lie in one.
import { adam, dense, leakyRelu, sequential, Trainer } from "wasmgrad";

const share = Number(process.argv[2] ?? 1);
const CLUSTERS = [[1, 0], [0.7, 0.7], [0, 1], [-0.7, 0.7], [-1, 0], [-0.7, -0.7], [0, -1], [0.7, -0.7]] as const; // prettier-ignore
const DEVIATION = 0.05;
const NOISE = 8;
const BATCH = 128;

/** A small generator of random numbers, so that runs repeat; the sum of twelve even ones is nearly normal. */
let state = 1;
const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
const normal = (): number => {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
};
const noise = (rows: number): Float32Array => Float32Array.from({ length: rows * NOISE }, normal);
const real = (rows: number): Float32Array => {
  const points = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const middle = CLUSTERS[Math.floor(CLUSTERS.length * random())]!;
    for (const axis of [0, 1] as const) points[2 * row + axis] = middle[axis] + DEVIATION * normal();
  }
  return points;
};

const generator = await sequential({ input: NOISE, seed: 1 }, dense(64), leakyRelu(), dense(64), leakyRelu(), dense(2));
const discriminator = await sequential({ input: 2, seed: 2 }, dense(64), leakyRelu(), dense(64), leakyRelu(), dense(1)); // prettier-ignore
const optimizer = adam({ learningRate: 1e-3, beta1: 0.5 });
const [makes, judges] = [new Trainer(generator, { optimizer }), new Trainer(discriminator, { optimizer })];

const steps = Math.ceil(10_000 * share);
for (let step = 0; step < steps; step++) {
  // the discriminator: real points first, then as many made ones
  const points = new Float32Array(4 * BATCH);
  points.set(real(BATCH));
  points.set(generator.predict(noise(BATCH)), 2 * BATCH);
  const judged = discriminator.forward(points);
  discriminator.zeroGradients();
  const error = judged.map((output, row) => (output - (row < BATCH ? 1 : 0)) / BATCH);
  discriminator.backward(error, { input: false });
  judges.update();
  // the generator: what the discriminator says of its points, traced back through both
  const opinion = discriminator.forward(generator.forward(noise(BATCH)));
  const wish = opinion.map((output) => (output - 1) / BATCH);
  const slope = discriminator.backward(wish, { parameters: false });
  generator.zeroGradients();
  generator.backward(slope, { input: false });
  makes.update();
}

const made = generator.predict(noise(2000));
const found = CLUSTERS.map(([a, b]) => {
  let count = 0;
  for (let i = 0; i < made.length; i += 2) {
    const [across, up] = [made[i]! - a, made[i + 1]! - b];
    if (Math.sqrt(across * across + up * up) < 3 * DEVIATION) count++;
  }
  return count;
});
const within = found.reduce((sum, count) => sum + count, 0);
console.log(`of 2000 points ${((100 * within) / 2000).toFixed(1)} % lie in a cluster; in each: ${found.join(", ")}`);
console.log(`${found.filter((count) => count >= 20).length} of ${CLUSTERS.length} clusters found`);
console.log(`fingerprint ${generator.fingerprint()}`);
