// brain.js, which has one activation, the squared error, and one update per row: node build/peers/brain.mjs W2
import { initialParameters } from "../data.ts";
import type { Result } from "../measure.ts";
import { TRAINING, XOR } from "../tasks.ts";
import { measureInference, measureTraining, measureXor, type Run, runPeer } from "./peer.ts";

type Numbers = ArrayLike<number>;

/** What is used of the library. */
interface Network {
  sizes: readonly number[];
  readonly weights: readonly (readonly Float32Array[])[];
  readonly biases: readonly Float32Array[];
  initialize(): void;
  train(data: readonly { input: Numbers; output: Numbers }[], options: object): { error: number };
  run(input: Numbers): Float32Array;
}
interface Brain {
  readonly NeuralNetwork: new (options: object) => Network;
}

const loaded = (await import("brain.js" as string)) as Brain & { default?: Brain };
const brain = loaded.default ?? loaded;

const OTHER = "sigmoids, squared error, one update per row";

/** It refuses a momentum and an error threshold of 0. */
const options = (learningRate: number, iterations: number) => ({
  activation: "sigmoid",
  learningRate,
  momentum: 1e-9,
  errorThresh: 1e-12,
  iterations,
  log: false,
});

function build(sizes: readonly number[], start: "xor" | "mlp" | "big"): Network {
  const [inputSize, outputSize, hiddenLayers] = [sizes[0], sizes.at(-1), sizes.slice(1, -1)];
  const net = new brain.NeuralNetwork({ ...options(0.1, 1), inputSize, outputSize, hiddenLayers });
  net.sizes = sizes;
  net.initialize();
  initialParameters(start).forEach(({ values, shape }, i) => {
    const layer = (i >> 1) + 1;
    if (i % 2 === 1) net.biases[layer]!.fill(0);
    else
      net.weights[layer]!.forEach((into, unit) => {
        for (let j = 0; j < into.length; j++) into[j] = values[j * shape[1]! + unit]!;
      });
  });
  return net;
}

function timed(net: Network, data: Parameters<Network["train"]>[0], rate: number, epochs: number): Run {
  const start = performance.now();
  const { error } = net.train(data, options(rate, epochs));
  return { ms: performance.now() - start, loss: error };
}

async function xor(): Promise<Result> {
  const data = XOR.x.map((input, i) => ({ input, output: [XOR.y[i]!] }));
  return measureXor(async (updates) => timed(build([2, 4, 1], "xor"), data, 0.5, updates), OTHER);
}

const train = (job: "W2" | "W3", sizes: readonly number[], start: "mlp" | "big", rows: number) => () =>
  measureTraining(job, {
    rows,
    other: OTHER,
    async run(updates, { x, y }) {
      const data = Array.from({ length: updates * TRAINING[job].batch }, (_, i) => ({
        input: x.subarray(i * 784, (i + 1) * 784),
        output: Array.from({ length: 10 }, (_zero, digit) => Number(digit === y[i])),
      }));
      return timed(build(sizes, start), data, 0.1, 1);
    },
  });

async function inference(): Promise<Result[]> {
  const net = build([784, 128, 10], "mlp");
  net.train([{ input: new Float32Array(784), output: Array.from({ length: 10 }, () => 0) }], options(1e-9, 1)); // `run` needs it
  return measureInference((x, rows) => {
    const outputs = new Float32Array(rows * 10);
    for (let i = 0; i < rows; i++) outputs.set(net.run(x.subarray(i * 784, (i + 1) * 784)), i * 10);
    return outputs;
  }, "sigmoids in place of relu and softmax");
}

await runPeer({
  W1: xor,
  W2: train("W2", [784, 128, 10], "mlp", 1280),
  W3: train("W3", [784, 1024, 1024, 10], "big", 128),
  W7: inference,
});
