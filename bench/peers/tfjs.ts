// TensorFlow.js: node build/peers/tfjs.mjs --backend=wasm W2
import { fileURLToPath } from "node:url";
import { factors, oneHot } from "../data.ts";
import { productRate, type Result, result, sizeOfAll } from "../measure.ts";
import { type Orientation, productName, PRODUCTS, type TrainingJob, TRAINING, XOR } from "../tasks.ts";
import { measureInference, measureTraining, measureXor, runPeer } from "./peer.ts";
import { measureStart } from "./start.ts";
import { network, type NetworkName, type Tensor, type Tf, trainNetwork } from "./tfjsModels.ts";

const backend = process.argv.includes("--backend=cpu") ? "cpu" : "wasm";
const tf = await load();

async function load(): Promise<Tf> {
  const loaded = (await import("@tensorflow/tfjs" as string)) as Tf;
  if (backend === "wasm") {
    const name = "@tensorflow/tfjs-backend-wasm";
    type Wasm = { setWasmPaths(folder: string): void };
    const wasm = (await import(name)) as Wasm & { default?: Wasm };
    const folder = fileURLToPath(new URL(`node_modules/${name}/dist/`, import.meta.url));
    (wasm.default ?? wasm).setWasmPaths(folder);
  }
  if (!(await loaded.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await loaded.ready();
  return loaded;
}

function train(job: TrainingJob, name: NetworkName, rows?: number): () => Promise<Result> {
  const { batch } = TRAINING[job];
  return () =>
    measureTraining(job, {
      ...(rows && { rows }),
      run: (updates, { x, y }) => trainNetwork(tf, name, { x, y: oneHot(y), batch, updates }),
    });
}

async function xor(): Promise<Result> {
  const [x, y] = [tf.tensor(XOR.x), tf.tensor(XOR.y.map((value) => [value]))];
  return measureXor(async (updates) => {
    const { parameters, optimizer, logits } = network(tf, "xor");
    const loss = (): Tensor => tf.losses.sigmoidCrossEntropy(y, logits(x));
    const start = performance.now();
    for (let i = 0; i < updates; i++) optimizer.minimize(loss, true, parameters).dispose();
    const [last] = await tf.tidy(loss).data();
    const ms = performance.now() - start;
    tf.dispose(parameters);
    return { ms, loss: last! };
  });
}

/** Only a*b takes the library's fast way, so that the two others are measured too, at one size. */
async function gemm(): Promise<Result[]> {
  const results: Result[] = [];
  for (const sizes of PRODUCTS) {
    const [m, k, n] = sizes;
    const { a, b } = factors(sizes);
    const products: Record<Orientation, [a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean]> = {
      "A*B": [tf.tensor(a, [m, k]), tf.tensor(b, [k, n]), false, false],
      "A*BT": [tf.tensor(a, [m, k]), tf.tensor(b, [n, k]), false, true],
      "AT*B": [tf.tensor(a, [k, m]), tf.tensor(b, [k, n]), true, false],
    };
    for (const name of Object.keys(products) as Orientation[]) {
      if (name !== "A*B" && m !== 512) continue;
      const [left, right, transposeA, transposeB] = products[name];
      const product = (): Tensor => left.matMul(right, transposeA, transposeB);
      const check = sizeOfAll(product().dataSync());
      const rates = await productRate(sizes, () => product().dispose());
      results.push(result(productName(sizes, name), "GFLOP/s", rates, { check }));
    }
    tf.dispose(Object.values(products).flatMap(([left, right]) => [left, right]));
  }
  return results;
}

async function inference(): Promise<Result[]> {
  const { logits } = network(tf, "mlp");
  return measureInference((x, rows) => {
    const input = tf.tensor(x, [rows, 784]);
    const output = tf.tidy(() => logits(input).softmax());
    const probabilities = output.dataSync();
    tf.dispose([input, output]);
    return probabilities;
  });
}

const slow = backend === "cpu";
await runPeer({
  W1: xor,
  W2: train("W2", "mlp", slow ? 2560 : 60_000),
  W2b16: train("W2b16", "mlp", slow ? 1600 : 6000),
  W3: train("W3", "big", slow ? 128 : 1280),
  W4: train("W4", "cnn", slow ? 64 : 6000),
  W5: train("W5", "lstm", slow ? 128 : 2000),
  W6: gemm,
  W7: inference,
  W8: () => measureStart("tfjs"),
});
