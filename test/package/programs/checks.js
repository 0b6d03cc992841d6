// What tests of users' do, under a test runner that gives them a page's globals, or a realm of its own. `expect`, `test` and
// `fakeTimers` come from the runner; the environment has the outcomes of plain Node.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adam, backend, dense, relu, sequential, softmaxCrossEntropy, Trainer, useCore } from "wasmgrad";
import { mnist, readIdx } from "wasmgrad/datasets";
import { loadModel, modelFromBytes, modelToBytes, saveModel } from "wasmgrad/files";
import { everything, own } from "./everything.js";
import { xor } from "./xor.js";

const right = JSON.parse(process.env["RIGHT"]);
const small = () => sequential({ input: 2, seed: 3 }, dense(4), relu(), dense(2));

test("it has the globals that were asked for", () => {
  expect(typeof document).toBe(process.env["DOCUMENT"]);
});

test("all programs have the bits of plain Node", async () => {
  expect(await xor()).toEqual(right.xor);
  expect(await everything()).toEqual(right.everything);
  expect(await own()).toBe(right.own);
});

test("a training in a worker has them, too, or is here and says why", async () => {
  const { backend: how, ...others } = await xor({}, { worker: true });
  const { backend: _, ...expected } = right.xor;
  expect(others).toEqual(expected);
  expect(how.worker ? how.reason === "one thread was asked for" : how.reason).toBeTruthy();
  console.log(`in a worker: ${how.worker} (${how.reason})`);
});

test("typed arrays of this realm are data", async () => {
  const model = await small();
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  await trainer.fit({ x: Float32Array.of(1, 2, 3, 4), y: Uint8Array.of(0, 1) }, { epochs: 2, progress: false });
  const plain = await small();
  await new Trainer(plain, { loss: softmaxCrossEntropy(), optimizer: adam() }).fit(
    { x: [[1, 2], [3, 4]], y: [0, 1] }, // prettier-ignore
    { epochs: 2, progress: false },
  );
  expect(model.fingerprint()).toBe(plain.fingerprint());
  expect(model.predict(new Float64Array([1, 2])).length).toBe(2);
  expect(backend(model).threads).toBe(1);
});

test("models are files, and bytes of Node's", async () => {
  const model = await small();
  const path = join(process.cwd(), `model-${process.pid}.safetensors`);
  try {
    await saveModel(model, path);
    expect((await loadModel(path)).fingerprint()).toBe(model.fingerprint());
    expect((await modelFromBytes(readFileSync(path))).fingerprint()).toBe(model.fingerprint());
    writeFileSync(path, modelToBytes(model));
    expect((await loadModel(path)).fingerprint()).toBe(model.fingerprint());
  } finally {
    rmSync(path, { force: true });
  }
});

test("data sets are read", async () => {
  expect([...readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7)).data]).toEqual([7]);
  const { test: images } = await mnist();
  expect(Array.from(images.y.subarray(0, 5))).toEqual([7, 2, 1, 0, 4]);
});

test("binaries are bytes of Node's", async () => {
  useCore(readFileSync(join(process.cwd(), "node_modules/wasmgrad/build/core.wasm")));
  expect(await xor()).toEqual(right.xor);
});

test("a training ends under fake timers", async () => {
  fakeTimers(true);
  try {
    const model = await small();
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
    const x = Float32Array.from({ length: 4000 }, (_, i) => i % 7);
    const y = Uint8Array.from({ length: 2000 }, (_, i) => i % 2);
    // long enough that it lets other tasks run meanwhile
    await trainer.fit({ x, y }, { epochs: 30, progress: false });
    expect(model.fingerprint()).toMatch(/^[0-9a-f]{16}$/);
  } finally {
    fakeTimers(false);
  }
});
