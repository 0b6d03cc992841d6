// What a page's policy makes of the library. All of it runs here: what a driver evaluates is outside the policy.
import { customLoss, dense, meanSquaredError, r2, rmsprop, sequential, sgd, Trainer, useCore } from "wasmgrad";
import { modelFromBytes, modelToBytes } from "wasmgrad/files";

/** "fine", or the error and the engine's own words. */
async function attempt(action) {
  try {
    await action();
    return "fine";
  } catch (error) {
    return { message: error.message, cause: String(error.cause) };
  }
}

const bytes = async (name) => new Uint8Array(await (await fetch(`./${name}.wasm`)).arrayBuffer());

/** The same bytes in shared memory, where a page has it. */
function shared(from) {
  if (typeof SharedArrayBuffer === "undefined") return from;
  const copy = new Uint8Array(new SharedArrayBuffer(from.length));
  copy.set(from);
  return copy;
}

/** A module that a worker has compiled. */
function compiled(name) {
  const worker = new Worker(new URL("./compiler.js", import.meta.url));
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (typeof data === "string" ? reject(new Error(data)) : resolve(data));
    worker.onmessageerror = () => reject(new Error("the module can't be read"));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(new URL(`./${name}.wasm`, import.meta.url).href);
  });
}

const model = () => sequential({ input: 2, seed: 1 }, dense(2));
const train = async (options) => {
  await new Trainer(await model(), { loss: meanSquaredError(), optimizer: sgd(), ...options }).fit(
    { x: [[1, 2], [3, 4]], y: [[1, 2], [3, 4]] }, // prettier-ignore
    { epochs: 2, batchSize: 2 },
  );
};

async function run() {
  const outcome = {
    plain: await attempt(model),
    threads: await attempt(() => sequential({ input: 2, threads: 2 }, dense(2))),
    shared: await attempt(async () => {
      const first = await model();
      const copy = await modelFromBytes(shared(modelToBytes(first)));
      if (copy.fingerprint() !== first.fingerprint()) throw new Error("another model");
    }),
  };
  const core = await bytes("core");
  outcome.bytes = await attempt(async () => {
    useCore(shared(core));
    await model();
  });
  const module = await compiled("core").catch(() => undefined);
  if (!module) return outcome; // Firefox refuses modules from elsewhere as well
  outcome.module = await attempt(async () => {
    useCore(module);
    await train({});
  });
  outcome.atOnce = await attempt(() => train({ optimizer: rmsprop(), metrics: [r2()] }));
  outcome.custom = await attempt(() => train({ loss: customLoss({ type: "own", compute() {} }) }));
  return outcome;
}

window.outcome = undefined;
run().then(
  (outcome) => (window.outcome = outcome),
  (error) => (window.outcome = { failed: String(error.stack) }),
);
