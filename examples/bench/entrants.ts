// Who takes part: the library on one thread and on two, and TensorFlow.js with two of its backends, if it is installed.
import { dataset } from "../../build/index.js";
import { type Digits, oneHot } from "../../bench/data.ts";
import { type NetworkName, type Tf, trainNetwork } from "../../bench/peers/tfjsModels.ts";
import { TRAINING } from "../../bench/tasks.ts";
import { learner } from "../../bench/workloads/learners.ts";

export type PageJob = "W2" | "W4" | "W5";

/** Milliseconds of the updates, and the loss of the last one. */
export interface Run {
  readonly ms: number;
  readonly loss: number;
}

export interface Entrant {
  readonly name: string;
  readonly own: boolean;
  /** Gets ready and warm. Throws if it can't. */
  prepare(job: PageJob, data: Digits, updates: number): Promise<() => Promise<Run>>;
}

function library(threads: number): Entrant {
  return {
    name: threads === 1 ? "wasmgrad" : `wasmgrad, ${threads} threads`,
    own: true,
    async prepare(job, { x, y }, updates) {
      const { batch: batchSize } = TRAINING[job];
      const { fresh } = await learner(job, { threads });
      const rows = updates * batchSize;
      const data = dataset({ x: x.subarray(0, rows * 784), y: y.subarray(0, rows) });
      const options = { batchSize, shuffle: false, progress: false };
      let loss = NaN;
      const onBatchEnd = (_batch: number, logs: Readonly<Record<string, number>>): void => void (loss = logs["loss"]!);
      await fresh().fit(data, { ...options, callbacks: [{ onBatchEnd }] });
      return async () => {
        const trainer = fresh();
        const start = performance.now();
        await trainer.fit(data, options);
        return { ms: performance.now() - start, loss };
      };
    },
  };
}

const NETWORKS: Readonly<Record<PageJob, NetworkName>> = { W2: "mlp", W4: "cnn", W5: "lstm" };

function tensorflow(backend: "wasm" | "webgl"): Entrant {
  return {
    name: `TF.js ${backend}`,
    own: false,
    async prepare(job, { x, y }, updates) {
      const tf = await (loaded ??= load());
      if (!(await tf.setBackend(backend))) throw new Error(`this browser has no ${backend}`);
      await tf.ready();
      const { batch } = TRAINING[job];
      const labels = oneHot(y);
      const train = (count: number): Promise<Run> =>
        trainNetwork(tf, NETWORKS[job], { x, y: labels, batch, updates: count });
      await train(Math.min(updates, 5));
      return async () => {
        await tf.setBackend(backend);
        return train(updates);
      };
    },
  };
}

const PACKAGES = new URL("node_modules/@tensorflow/", document.baseURI).href;
let loaded: Promise<Tf> | undefined;

/** Its files for pages put themselves into the global `tf`. */
async function load(): Promise<Tf> {
  for (const file of ["tfjs/dist/tf.min.js", "tfjs-backend-wasm/dist/tf-backend-wasm.min.js"]) {
    await new Promise<void>((resolve, reject) => {
      const script = document.createElement("script");
      script.src = PACKAGES + file;
      script.addEventListener("load", () => resolve());
      script.addEventListener("error", () => reject(new Error("not installed: npm install --prefix examples/bench")));
      document.head.append(script);
    });
  }
  const { tf } = globalThis as unknown as { tf: Tf & { wasm: { setWasmPaths(folder: string): void } } };
  tf.wasm.setWasmPaths(`${PACKAGES}tfjs-backend-wasm/dist/`);
  return tf;
}

/** Two threads need memory that is shared, which a page has if its server isolates it from others. */
export function entrants(): Entrant[] {
  const threads = globalThis.crossOriginIsolated ? [1, 2] : [1];
  return [...threads.map(library), tensorflow("wasm"), tensorflow("webgl")];
}
