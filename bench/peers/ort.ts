// ONNX Runtime, which doesn't train: node build/peers/ort.mjs --package=web W7
import { factors } from "../data.ts";
import { productRate, type Result, result, sizeOfAll } from "../measure.ts";
import { productName, PRODUCTS } from "../tasks.ts";
import { mlpModel, productModel } from "./onnx.ts";
import { measureInference, runPeer } from "./peer.ts";

/** What is used of the library. */
interface Tensor {
  readonly data: Float32Array;
}
interface Session {
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
interface Ort {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => Tensor;
}

const web = process.argv.includes("--package=web");
const loaded = (await import(web ? "onnxruntime-web" : "onnxruntime-node")) as Ort & { default?: Ort };
const ort = loaded.default ?? loaded;
if (web) ort.env.wasm.numThreads = 1;

function open(model: Uint8Array): Promise<Session> {
  const executionProviders = [web ? "wasm" : "cpu"];
  return ort.InferenceSession.create(model, { executionProviders, intraOpNumThreads: 1, interOpNumThreads: 1 });
}

async function gemm(): Promise<Result[]> {
  const results: Result[] = [];
  for (const sizes of PRODUCTS) {
    const [m, k, n] = sizes;
    const { a, b } = factors(sizes);
    const session = await open(productModel(sizes));
    const inputs = { A: new ort.Tensor("float32", a, [m, k]), B: new ort.Tensor("float32", b, [k, n]) };
    const check = sizeOfAll((await session.run(inputs))["C"]!.data);
    const rates = await productRate(sizes, () => session.run(inputs));
    results.push(result(productName(sizes, "A*B"), "GFLOP/s", rates, { check }));
  }
  return results;
}

async function inference(): Promise<Result[]> {
  const session = await open(mlpModel());
  return measureInference(
    async (x, rows) => (await session.run({ x: new ort.Tensor("float32", x, [rows, 784]) }))["p"]!.data,
  );
}

await runPeer({ W6: gemm, W7: inference });
