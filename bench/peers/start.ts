// W8: what each peer's first operation takes over a bare Node, and the smallest page that trains with it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Result } from "../measure.ts";
import { download, overBareNode } from "../start.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const wasmFolder = "node_modules/@tensorflow/tfjs-backend-wasm/dist/";

interface Programs {
  /** A product of two 2 x 2 matrices, or a forward pass. */
  readonly first: string;
  readonly page: string;
  readonly fetched?: readonly string[];
}

const PROGRAMS: Readonly<Record<"jax" | "tfjs" | "convnet", Programs>> = {
  jax: {
    first: `
      import { defaultDevice, init, numpy as np } from "@jax-js/jax";
      await init("wasm");
      defaultDevice("wasm");
      const square = () => np.array([[1, 2], [3, 4]]);
      np.dot(square(), square()).dataSync();`,
    page: `
      import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
      await init("wasm");
      defaultDevice("wasm");
      const step = jit((w, x) => valueAndGrad((weights, rows) => nn.relu(np.dot(rows, weights)).sum())(w, x));
      console.log(step(np.zeros([2, 2]), np.zeros([2, 2])));`,
  },
  tfjs: {
    first: `
      import * as tf from "@tensorflow/tfjs";
      import wasm from "@tensorflow/tfjs-backend-wasm";
      wasm.setWasmPaths(${JSON.stringify(folder + wasmFolder)});
      await tf.setBackend("wasm");
      const square = tf.tensor([[1, 2], [3, 4]]);
      square.matMul(square).dataSync();`,
    page: `
      import { losses, setBackend, tensor, train, variable } from "@tensorflow/tfjs-core";
      import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
      import "@tensorflow/tfjs-core/dist/register_all_gradients";
      import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
      setWasmPaths("/");
      await setBackend("wasm");
      const [x, w] = [tensor([[1, 2], [3, 4]]), variable(tensor([[1, 2], [3, 4]]))];
      train.sgd(0.1).minimize(() => losses.meanSquaredError(x, x.matMul(w).relu()));`,
    fetched: [`${wasmFolder}tfjs-backend-wasm-simd.wasm`],
  },
  convnet: {
    first: `
      import convnet from "convnetjs";
      const net = new convnet.Net();
      const input = { type: "input", out_sx: 1, out_sy: 1, out_depth: 2 };
      net.makeLayers([input, { type: "softmax", num_classes: 2 }]);
      net.forward(new convnet.Vol([0, 1]));`,
    page: `
      import convnet from "convnetjs";
      const net = new convnet.Net();
      net.makeLayers([{ type: "input", out_sx: 1, out_sy: 1, out_depth: 2 }, { type: "softmax", num_classes: 2 }]);
      new convnet.SGDTrainer(net, { batch_size: 1 }).train(new convnet.Vol([0, 1]), 1);`,
  },
};

export async function measureStart(peer: keyof typeof PROGRAMS): Promise<Result[]> {
  const { first, page, fetched = [] } = PROGRAMS[peer];
  const files = fetched.map((file) => readFileSync(folder + file));
  return [overBareNode(first, `${folder}start`), await download(page, folder, files)];
}
