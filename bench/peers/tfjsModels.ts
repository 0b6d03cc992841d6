// The networks in TensorFlow.js, written with its operations as its guides do; also for the page in examples/bench.
import { initialParameters } from "../data.ts";

/** What is used of the library; its own types aren't installed here. */
export interface Tensor {
  readonly shape: readonly number[];
  add(other: Tensor | number): Tensor;
  mul(other: Tensor): Tensor;
  matMul(other: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  relu(): Tensor;
  sigmoid(): Tensor;
  tanh(): Tensor;
  softmax(): Tensor;
  conv2d(kernel: Tensor, strides: number, padding: "same"): Tensor;
  maxPool(size: number, strides: number, padding: "valid"): Tensor;
  reshape(shape: readonly number[]): Tensor;
  slice(begin: readonly number[], size: readonly number[]): Tensor;
  data(): Promise<Float32Array>;
  dataSync(): Float32Array;
  dispose(): void;
}

interface Optimizer {
  minimize(loss: () => Tensor, returnCost: true, variables: readonly Tensor[]): Tensor;
  dispose(): void;
}

export interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array | readonly (readonly number[])[], shape?: readonly number[]): Tensor;
  variable(tensor: Tensor): Tensor;
  zeros(shape: readonly number[]): Tensor;
  split(tensor: Tensor, parts: number, axis: number): Tensor[];
  tidy<T>(compute: () => T): T;
  dispose(tensors: readonly Tensor[]): void;
  readonly losses: {
    softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor;
    sigmoidCrossEntropy(labels: Tensor, logits: Tensor): Tensor;
  };
  readonly train: {
    sgd(rate: number): Optimizer;
    momentum(rate: number, momentum: number): Optimizer;
    adam(rate: number): Optimizer;
  };
}

export interface Network {
  readonly parameters: readonly Tensor[];
  readonly optimizer: Optimizer;
  /** The shape of a row. */
  readonly input: readonly number[];
  logits(x: Tensor): Tensor;
}

export type NetworkName = "xor" | "mlp" | "big" | "cnn" | "lstm";

/** A network with its initial weights, and the optimizer of its workload. */
export function network(tf: Tf, name: NetworkName): Network {
  const parameters = initialParameters(name).map(({ values, shape }) => {
    const first = tf.tensor(values, shape);
    const variable = tf.variable(first);
    first.dispose();
    return variable;
  });
  const dense = (x: Tensor, layer: number): Tensor => x.matMul(parameters[2 * layer]!).add(parameters[2 * layer + 1]!);
  const convolution = (x: Tensor, layer: number): Tensor =>
    x.conv2d(parameters[2 * layer]!, 1, "same").add(parameters[2 * layer + 1]!).relu().maxPool(2, 2, "valid"); // prettier-ignore
  switch (name) {
    case "xor":
      return { parameters, optimizer: tf.train.sgd(0.5), input: [2], logits: (x) => dense(dense(x, 0).sigmoid(), 1) };
    case "mlp":
      return {
        parameters,
        optimizer: tf.train.momentum(0.1, 0.9),
        input: [784],
        logits: (x) => dense(dense(x, 0).relu(), 1),
      };
    case "big":
      return {
        parameters,
        optimizer: tf.train.momentum(0.1, 0.9),
        input: [784],
        logits: (x) => dense(dense(dense(x, 0).relu(), 1).relu(), 2),
      };
    case "cnn":
      return {
        parameters,
        optimizer: tf.train.adam(1e-3),
        input: [28, 28, 1],
        logits: (x) => dense(convolution(convolution(x, 0), 1).reshape([-1, 784]), 2),
      };
    case "lstm":
      return { parameters, optimizer: tf.train.adam(1e-3), input: [28, 28], logits: (x) => lstm(tf, x, parameters) };
  }
}

/** The four gates of a step are one product with the input and one with the state. */
function lstm(tf: Tf, x: Tensor, [wx, wh, bias, w, b]: readonly Tensor[]): Tensor {
  const rows = x.shape[0]!;
  let hidden = tf.zeros([rows, 64]);
  let cell = tf.zeros([rows, 64]);
  for (let step = 0; step < 28; step++) {
    const now = x.slice([0, step, 0], [rows, 1, 28]).reshape([rows, 28]);
    const gates = now.matMul(wx!).add(hidden.matMul(wh!)).add(bias!);
    const [input, forget, candidate, output] = tf.split(gates, 4, 1);
    cell = forget!.sigmoid().mul(cell).add(input!.sigmoid().mul(candidate!.tanh()));
    hidden = output!.sigmoid().mul(cell.tanh());
  }
  return hidden.matMul(w!).add(b!);
}

export interface Batches {
  /** Pixels, and labels as rows of ten. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly batch: number;
  readonly updates: number;
}

/** Trains from the initial weights, in order. Returns the milliseconds and the last loss. */
export async function trainNetwork(
  tf: Tf,
  name: NetworkName,
  { x, y, batch, updates }: Batches,
): Promise<{ ms: number; loss: number }> {
  const { parameters, optimizer, input, logits } = network(tf, name);
  let last: Tensor | undefined;
  const start = performance.now();
  for (let i = 0; i < updates; i++) {
    const images = tf.tensor(x.subarray(i * batch * 784, (i + 1) * batch * 784), [batch, ...input]);
    const labels = tf.tensor(y.subarray(i * batch * 10, (i + 1) * batch * 10), [batch, 10]);
    last?.dispose();
    last = optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(images)), true, parameters);
    tf.dispose([images, labels]);
  }
  const [loss] = await last!.data();
  const ms = performance.now() - start;
  tf.dispose([last!, ...parameters]);
  optimizer.dispose();
  return { ms, loss: loss! };
}
