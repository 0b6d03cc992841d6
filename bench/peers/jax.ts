// jax-js with its WebAssembly backend: node build/peers/jax.mjs W2
import { factors, initialParameters, type InitialNetwork, oneHot } from "../data.ts";
import { productRate, type Result, result, sizeOfAll } from "../measure.ts";
import { productName, PRODUCTS, TRAINING, type TrainingJob, XOR } from "../tasks.ts";
import { measureInference, measureTraining, measureXor, runPeer } from "./peer.ts";
import { measureStart } from "./start.ts";

/** What is used of the library; its own types aren't installed here. An operation uses its operands up, unless it gets a `ref`. */
interface Arr {
  readonly shape: readonly number[];
  readonly ref: Arr;
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  mul(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  sum(axis?: number): Arr;
  mean(): Arr;
  max(axes: readonly number[]): Arr;
  reshape(shape: readonly number[]): Arr;
  data(): Promise<Float32Array>;
  dataSync(): Float32Array;
  blockUntilReady(): Promise<Arr>;
  dispose(): void;
}
type Tree = readonly Arr[];
interface Jax {
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
  readonly numpy: {
    array(values: Float32Array | number, options?: { shape: readonly number[] }): Arr;
    zeros(shape: readonly number[]): Arr;
    dot(a: Arr, b: Arr): Arr;
    split(x: Arr, parts: number, axis?: number): Arr[];
    transpose(x: Arr, axes: readonly number[]): Arr;
    sqrt(x: Arr): Arr;
    tanh(x: Arr): Arr;
  };
  readonly nn: {
    relu(x: Arr): Arr;
    sigmoid(x: Arr): Arr;
    softplus(x: Arr): Arr;
    softmax(x: Arr, axis: number): Arr;
    logSoftmax(x: Arr, axis: number): Arr;
  };
  readonly lax: { conv(x: Arr, kernel: Arr, strides: readonly number[], padding: "SAME"): Arr };
  readonly tree: { ref<T>(tree: T): T; dispose(tree: unknown): void };
  jit<A extends unknown[], R>(compute: (...inputs: A) => R): (...inputs: A) => R;
  valueAndGrad<A extends unknown[]>(loss: (parameters: Tree, ...rest: A) => Arr): (parameters: Tree, ...rest: A) => [Arr, Tree]; // prettier-ignore
  blockUntilReady(tree: unknown): Promise<unknown>;
}

const jax = (await import("@jax-js/jax" as string)) as Jax;
const { numpy: np, nn, lax, tree, jit, valueAndGrad, blockUntilReady } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");

type State = readonly Tree[];
interface Optimizer {
  start(parameters: Tree): State;
  update(parameters: Tree, gradients: Tree, state: State): [parameters: Tree, state: State];
}

const zerosLike = (parameters: Tree): Tree => parameters.map(({ shape }) => np.zeros(shape));

const sgd = (rate: number): Optimizer => ({
  start: () => [],
  update: (parameters, gradients) => [parameters.map((p, i) => p.sub(gradients[i]!.mul(rate))), []],
});

const momentum = (rate: number, share: number): Optimizer => ({
  start: (parameters) => [zerosLike(parameters)],
  update(parameters, gradients, [velocities]) {
    const next = velocities!.map((v, i) => v.mul(share).add(gradients[i]!));
    return [parameters.map((p, i) => p.sub(next[i]!.ref.mul(rate))), [next]];
  },
});

/** With beta1 0.9, beta2 0.999 and epsilon 1e-8; the third part of its state holds the two powers of the betas. */
const adam = (rate: number): Optimizer => ({
  start: (parameters) => [zerosLike(parameters), zerosLike(parameters), [np.array(1), np.array(1)]],
  update(parameters, gradients, [means, squares, powers]) {
    const nextPowers = [powers![0]!.mul(0.9), powers![1]!.mul(0.999)] as const;
    const [correction1, correction2] = nextPowers.map((power) => np.array(1).sub(power.ref)) as [Arr, Arr];
    const nextMeans = means!.map((m, i) => m.mul(0.9).add(gradients[i]!.ref.mul(0.1)));
    const nextSquares = squares!.map((v, i) => {
      const gradient = gradients[i]!;
      return v.mul(0.999).add(gradient.ref.mul(gradient).mul(0.001));
    });
    const next = parameters.map((p, i) => {
      const root = np.sqrt(nextSquares[i]!.ref.div(correction2.ref)).add(1e-8);
      return p.sub(nextMeans[i]!.ref.div(correction1.ref).mul(rate).div(root));
    });
    correction1.dispose();
    correction2.dispose();
    return [next, [nextMeans, nextSquares, nextPowers]];
  },
});

type Forward = (parameters: Tree, x: Arr) => Arr;

const dense = (x: Arr, w: Arr, b: Arr): Arr => np.dot(x, w).add(b);

const mlp: Forward = ([w1, b1, w2, b2], x) => dense(nn.relu(dense(x, w1!, b1!)), w2!, b2!);

const big: Forward = ([w1, b1, w2, b2, w3, b3], x) =>
  dense(nn.relu(dense(nn.relu(dense(x, w1!, b1!)), w2!, b2!)), w3!, b3!);

/** Images are [rows, channels, height, width] here. */
const cnn: Forward = ([k1, b1, k2, b2, w, b], x) => {
  const pool = (y: Arr): Arr => {
    const [rows, channels, height, width] = y.shape as [number, number, number, number];
    return y.reshape([rows, channels, height / 2, 2, width / 2, 2]).max([3, 5]);
  };
  const layer = (y: Arr, kernel: Arr, bias: Arr): Arr => {
    const filters = kernel.shape[0]!;
    return pool(nn.relu(lax.conv(y, kernel, [1, 1], "SAME").add(bias.reshape([1, filters, 1, 1]))));
  };
  return dense(layer(layer(x, k1!, b1!), k2!, b2!).reshape([-1, 784]), w!, b!);
};

const lstm: Forward = ([wx, wh, bias, w, b], x) => {
  const steps = np.split(x, 28, 1);
  const rows = steps[0]!.shape[0]!;
  let hidden = np.zeros([rows, 64]);
  let cell = np.zeros([rows, 64]);
  for (const step of steps) {
    const gates = np
      .dot(step.reshape([rows, 28]), wx!.ref)
      .add(np.dot(hidden, wh!.ref))
      .add(bias!.ref);
    const [input, forget, candidate, output] = np.split(gates, 4, 1);
    cell = nn
      .sigmoid(forget!)
      .mul(cell)
      .add(nn.sigmoid(input!).mul(np.tanh(candidate!)));
    hidden = nn.sigmoid(output!).mul(np.tanh(cell.ref));
  }
  for (const unused of [wx!, wh!, bias!, cell]) unused.dispose();
  return dense(hidden, w!, b!);
};

function initial(name: InitialNetwork): Tree {
  return initialParameters(name).map(({ values, shape }, i) => {
    const parameter = np.array(values, { shape });
    if (name !== "cnn") return parameter;
    if (shape.length === 4) return np.transpose(parameter, [3, 2, 0, 1]);
    return i === 4 ? np.transpose(parameter.reshape([7, 7, 16, 10]), [2, 0, 1, 3]).reshape([784, 10]) : parameter;
  });
}

/** Loss, gradients and update in one compiled step. */
function stepOf(loss: (parameters: Tree, x: Arr, y: Arr) => Arr, optimizer: Optimizer) {
  return jit((parameters: Tree, state: State, x: Arr, y: Arr): [Arr, Tree, State] => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), x, y);
    return [value, ...optimizer.update(parameters, gradients, state)];
  });
}

interface Setup {
  readonly forward: Forward;
  readonly optimizer: Optimizer;
  readonly input: readonly number[];
  readonly rows?: number;
}

function train(job: TrainingJob, name: InitialNetwork, { forward, optimizer, input, rows }: Setup) {
  const { batch } = TRAINING[job];
  const loss = (parameters: Tree, x: Arr, y: Arr): Arr =>
    nn.logSoftmax(forward(parameters, x), -1).mul(y).sum(-1).mean().mul(-1); // prettier-ignore
  const step = stepOf(loss, optimizer);
  return () =>
    measureTraining(job, {
      ...(rows && { rows }),
      async run(updates, data) {
        const labels = oneHot(data.y);
        let parameters = initial(name);
        let state = optimizer.start(parameters);
        let last: Arr | undefined;
        const start = performance.now();
        for (let i = 0; i < updates; i++) {
          const x = np.array(data.x.subarray(i * batch * 784, (i + 1) * batch * 784), { shape: [batch, ...input] });
          const y = np.array(labels.subarray(i * batch * 10, (i + 1) * batch * 10), { shape: [batch, 10] });
          last?.dispose();
          [last, parameters, state] = step(parameters, state, x, y);
          if (i % 8 === 7) await blockUntilReady(parameters); // so that not too much is waiting
        }
        await blockUntilReady(parameters);
        const [value] = await last!.data();
        const ms = performance.now() - start;
        tree.dispose(parameters);
        tree.dispose(state);
        return { ms, loss: value! };
      },
    });
}

async function xor(): Promise<Result> {
  const optimizer = sgd(0.5);
  // of the output before its sigmoid: softplus(z) - z y
  const loss = ([w1, b1, w2, b2]: Tree, x: Arr, y: Arr): Arr => {
    const output = dense(nn.sigmoid(dense(x, w1!, b1!)), w2!, b2!);
    return nn.softplus(output.ref).sub(output.mul(y)).mean();
  };
  const step = stepOf(loss, optimizer);
  const x = np.array(Float32Array.from(XOR.x.flat()), { shape: [4, 2] });
  const y = np.array(Float32Array.from(XOR.y), { shape: [4, 1] });
  return measureXor(async (updates) => {
    let parameters = initial("xor");
    let state = optimizer.start(parameters);
    const start = performance.now();
    for (let i = 0; i < updates; i++) {
      let last: Arr;
      [last, parameters, state] = step(parameters, state, x.ref, y.ref);
      last.dispose();
      if (i % 64 === 63) await blockUntilReady(parameters);
    }
    const [value] = await loss(parameters, x.ref, y.ref).data();
    return { ms: performance.now() - start, loss: value! };
  });
}

async function gemm(): Promise<Result[]> {
  const results: Result[] = [];
  for (const sizes of PRODUCTS) {
    const [m, k, n] = sizes;
    const values = factors(sizes);
    const a = np.array(values.a, { shape: [m, k] });
    const b = np.array(values.b, { shape: [k, n] });
    const check = sizeOfAll(await np.dot(a.ref, b.ref).data());
    const rates = await productRate(sizes, async () => {
      const product = np.dot(a.ref, b.ref);
      await product.blockUntilReady();
      product.dispose();
    });
    results.push(result(productName(sizes, "A*B"), "GFLOP/s", rates, { check }));
  }
  return results;
}

async function inference(): Promise<Result[]> {
  const parameters = initial("mlp");
  const probabilities = jit((p: Tree, x: Arr) => nn.softmax(mlp(p, x), -1));
  return measureInference((x, rows) =>
    probabilities(tree.ref(parameters), np.array(x.slice(), { shape: [rows, 784] })).dataSync(),
  );
}

const images = { forward: cnn, optimizer: adam(1e-3), input: [1, 28, 28] };
await runPeer({
  W1: xor,
  W2: train("W2", "mlp", { forward: mlp, optimizer: momentum(0.1, 0.9), input: [784] }),
  W2b16: train("W2b16", "mlp", { forward: mlp, optimizer: momentum(0.1, 0.9), input: [784] }),
  W3: train("W3", "big", { forward: big, optimizer: momentum(0.1, 0.9), input: [784] }),
  W4: train("W4", "cnn", { ...images, rows: 128 }),
  W5: train("W5", "lstm", { forward: lstm, optimizer: adam(1e-3), input: [28, 28] }),
  W6: gemm,
  W7: inference,
  W8: () => measureStart("jax"),
});
