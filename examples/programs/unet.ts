// Image -> which pixels? A U-net marks the discs in noisy pictures of discs, rings and squares.
//
//   npx tsx examples/programs/unet.ts         about a minute
//   npx tsx examples/programs/unet.ts 0.1     a tenth of the training
//
// The pictures are made here, new ones for every step: 32 x 32 pixels with four to six overlapping shapes, as bright as each other, in
// noise. What is a disc can only be told from around a pixel, where exactly it ends from the pixels themselves: so the network looks at
// coarser and coarser pictures, goes back to finer ones, and joins at each size what it saw on the way down. The loss is `dice`, the
// figure the intersection over union, next to that of the same network without the joints.
import { adam, batches, batchNorm, chain, concat, conv2d, cosineDecay, dice, iou, type Layer, maxPool2d, type Random, relu, sequential, sigmoid, Trainer, upsample2d } from "wasmgrad"; // prettier-ignore

const share = Number(process.argv[2] ?? 1);
const SIZE = 32;
const PIXELS = SIZE * SIZE;

/** A batch of pictures, and which pixels are of a disc that nothing hides. */
function pictures(rows: number, random: Random) {
  const x = Float32Array.from({ length: rows * PIXELS }, () => random.normal(0, 0.3));
  const y = new Float32Array(rows * PIXELS);
  for (let row = 0; row < rows; row++) {
    for (let shapes = 4 + random.integer(3); shapes > 0; shapes--) {
      const kind = random.integer(3);
      const [left, top, radius] = [random.uniform(2, SIZE - 2), random.uniform(2, SIZE - 2), random.uniform(3, 7)];
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        const [across, down] = [Math.abs((pixel % SIZE) - left), Math.abs(Math.floor(pixel / SIZE) - top)];
        const distance = kind === 2 ? Math.max(across, down) : Math.sqrt(across * across + down * down);
        if (distance > radius || (kind === 1 && distance < radius - 2)) continue;
        x[row * PIXELS + pixel] = 1 + random.normal(0, 0.3);
        y[row * PIXELS + pixel] = kind === 0 ? 1 : 0;
      }
    }
  }
  return { x, y };
}

const block = (filters: number): Layer =>
  chain(conv2d(filters, { kernelSize: 3, padding: "same", useBias: false }), batchNorm(), relu());
/** Works on the picture at half its size, and joins what comes of it with the picture, or goes on without. */
const half = (joined: boolean, ...layers: Layer[]): Layer =>
  joined ? concat([[], [maxPool2d(2), ...layers, upsample2d(2)]]) : chain(maxPool2d(2), ...layers, upsample2d(2));
const network = (joined: boolean): Layer[] => [
  block(12),
  half(joined, block(24), half(joined, block(48), half(joined, block(48)), block(48)), block(24)),
  block(12),
  conv2d(1, { kernelSize: 1 }),
  sigmoid(),
];

const steps = Math.ceil(300 * share);
const tested = Math.ceil(16 * share);
async function learn(joined: boolean) {
  const model = await sequential({ input: [SIZE, SIZE, 1], seed: 1 }, ...network(joined));
  const trainer = new Trainer(model, {
    loss: dice(),
    optimizer: adam({ learningRate: 5e-3 }),
    schedule: cosineDecay({ period: steps }),
    metrics: [iou({ average: "micro" })],
  });
  const learned = batches(function* (_, random) {
    for (let step = 0; step < steps; step++) yield pictures(16, random);
  });
  await trainer.fit(learned);
  // an evaluation has random numbers of its own
  const unseen = batches(function* (_, random) {
    for (let step = 0; step < tested; step++) yield pictures(64, random);
  });
  const { iou: figure } = await trainer.evaluate(unseen);
  return { model, percent: (100 * figure).toFixed(1) };
}

const joined = await learn(true);
const plain = await learn(false);
console.log(
  `discs found in ${64 * tested} unseen pictures, intersection over union: ${joined.percent} %, without the joints ${plain.percent} %`,
);
console.log(`fingerprint ${joined.model.fingerprint()}`);
