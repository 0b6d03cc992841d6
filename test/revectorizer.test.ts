// Node's --experimental-wasm-revectorize pairs vector operations. It is V8's experiment: functions of some shapes make it abort, and
// the bits must stay the same.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { binaries } from "./support/binaries.ts";
import { nodePath } from "./support/nodes.ts";

const run = promisify(execFile);
const BINARIES = binaries.map(({ name }) => name);
const FLAG = "--experimental-wasm-revectorize";
/** Compiles everything at once, by the optimising compiler. */
const EAGER = ["--no-liftoff", "--no-wasm-lazy-compilation", "--no-wasm-dynamic-tiering"];

const COMPILE = `
  const { readFileSync } = require("node:fs");
  for (const name of ${JSON.stringify(BINARIES)}) new WebAssembly.Module(readFileSync(\`build/\${name}.wasm\`));
  console.log("compiled");
`;

/** Runs that call products, convolutions and recurrent layers; widths that fill tiles and that don't. */
const TRAIN = `
  import { adam, conv2d, dense, flatten, lstm, maxPool2d, relu, sequential, sgd, softmaxCrossEntropy, Trainer } from "./build/index.js";
  const numbers = (count) => Float32Array.from({ length: count }, (_, i) => ((i * 31) % 23) / 23);
  const prints = [];
  for (const [input, optimizer, ...layers] of [
    [40, sgd({ learningRate: 0.1, momentum: 0.9 }), dense(48), relu(), dense(21)],
    [[12, 12, 1], adam(), conv2d(8, { kernelSize: 5, padding: "same" }), relu(), maxPool2d(2), conv2d(12, { kernelSize: 3 }), relu(), flatten(), dense(3)],
    [[6, 7], adam(), lstm(10), dense(3)],
  ]) {
    const model = await sequential({ input, seed: 7 }, ...layers);
    const width = [input].flat().reduce((a, b) => a * b);
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer });
    const data = { x: numbers(70 * width), y: Array.from({ length: 70 }, (_, i) => i % 3) };
    await trainer.fit(data, { epochs: 300, batchSize: 16, progress: false });
    prints.push(model.fingerprint());
  }
  console.log(prints.join(" "));
`;

describe.each([22, 24, 26] as const)("Node %i", (version) => {
  test("every kernel compiles with the revectorizer", async () => {
    const { stdout } = await run(nodePath(version), [FLAG, ...EAGER, "-e", COMPILE]);
    expect(stdout.trim()).toBe("compiled");
  });

  test("training with it gives the same bits", async () => {
    const evaluate = ["--input-type=module", "-e", TRAIN];
    const [plain, paired] = await Promise.all([
      run(nodePath(version), evaluate),
      run(nodePath(version), [FLAG, ...evaluate]),
    ]);
    expect(paired.stdout).toBe(plain.stdout);
    expect(plain.stdout.trim().split(" ")).toHaveLength(3);
  });
});
