// The library in a realm of its own with a page's globals and Node's files, as under jest or vitest with jsdom.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { dense, relu, sequential } from "../src/index.ts";
import { modelToBytes } from "../src/files.ts";

const folder = mkdtempSync(join(tmpdir(), "wasmgrad-realm-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "model.safetensors");

/** What a program exports by default. */
async function run(program: string): Promise<unknown> {
  const realm = join(import.meta.dirname, "support/realm.mjs");
  const args = ["--experimental-vm-modules", "--no-warnings", realm, program];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

/** The same model here and there. */
const MODEL = `await sequential({ input: 2, seed: 3 }, dense(4), relu(), dense(2))`;
const model = await sequential({ input: 2, seed: 3 }, dense(4), relu(), dense(2));
writeFileSync(file, modelToBytes(model));

describe("a realm without TextDecoder, TextEncoder, MessageChannel and setImmediate", () => {
  test("has Node's buffers, which are no Uint8Array of its own", async () => {
    expect(
      await run(`export default [
        typeof TextDecoder, typeof TextEncoder, typeof MessageChannel, typeof setImmediate,
        Buffer.alloc(1) instanceof Uint8Array, [] instanceof Array,
      ];`),
    ).toEqual(["undefined", "undefined", "undefined", "undefined", false, true]);
  });

  test("imports every entry, and leaves no stand-in behind", async () => {
    const entries = [
      "wasmgrad",
      "wasmgrad/data",
      "wasmgrad/datasets",
      "wasmgrad/files",
      "wasmgrad/matrix",
      "wasmgrad/models",
      "wasmgrad/mpi",
      "wasmgrad/web",
    ];
    const imports = entries.map((entry, i) => `import * as e${i} from ${JSON.stringify(entry)};`).join("\n");
    expect(await run(`${imports}\nexport default [typeof TextDecoder, Object.keys(e0).length > 100];`)).toEqual([
      "undefined",
      true,
    ]);
  });

  test("makes models with the same bits, and files with the same bytes", async () => {
    const program = `
      import { dense, relu, sequential } from "wasmgrad";
      import { modelFromBytes, modelToBytes } from "wasmgrad/files";
      const model = ${MODEL};
      const bytes = modelToBytes(model);
      const copy = await modelFromBytes(bytes);
      export default [model.fingerprint(), copy.fingerprint(), Buffer.from(bytes).toString("hex")];`;
    const print = model.fingerprint();
    expect(await run(program)).toEqual([print, print, Buffer.from(modelToBytes(model)).toString("hex")]);
  });

  test("trains, with binaries and data of Node's", async () => {
    const program = `
      import { accuracy, adam, dense, gelu, rmsprop, sequential, softmaxCrossEntropy, Trainer, useCore } from "wasmgrad";
      import { mnist } from "wasmgrad/datasets";
      import { readFileSync } from "node:fs";
      useCore(readFileSync("build/core.wasm"));
      const model = await sequential({ input: 784, seed: 1 }, dense(4), gelu(), dense(10));
      const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: rmsprop(), metrics: [accuracy()] });
      const { test } = await mnist();
      export default trainer.step(test.x.data.subarray(0, 784), [7]).loss > 0;`;
    expect(await run(program)).toBe(true);
  });

  test("lets the event loop run while it trains, by timers", async () => {
    const program = `
      import { adam, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";
      const model = ${MODEL};
      let ticks = 0;
      const tick = () => { ticks++; timer = setTimeout(tick, 1); };
      let timer = setTimeout(tick, 1);
      const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
      const x = Float32Array.from({ length: 4000 }, (_, i) => i % 7);
      const y = Int32Array.from({ length: 2000 }, (_, i) => i % 2);
      const signal = AbortSignal.timeout(500);
      const reason = await trainer.fit({ x, y }, { epochs: 1e6, signal }).catch((error) => error.name);
      clearTimeout(timer);
      export default [reason, ticks > 3];`;
    expect(await run(program)).toEqual(["TimeoutError", true]);
  });

  test("reads and writes models' files", async () => {
    const program = `
      import { loadModel, modelFromBytes, saveModel } from "wasmgrad/files";
      import { readFileSync } from "node:fs";
      const model = await loadModel(${JSON.stringify(file)});
      await saveModel(model, ${JSON.stringify(`${file}.copy`)});
      const copy = await modelFromBytes(readFileSync(${JSON.stringify(`${file}.copy`)}));
      export default [model.fingerprint(), copy.fingerprint()];`;
    expect(await run(program)).toEqual([model.fingerprint(), model.fingerprint()]);
  });
});
