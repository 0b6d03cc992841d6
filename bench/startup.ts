// W8: from a cold process to the first training step, and what a browser downloads.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bundleSizes } from "../test/support/sizes.ts";
import { type Result, result } from "./measure.ts";

const FIRST_STEP = `
const start = performance.now();
const { dense, meanSquaredError, sequential, sgd, Trainer } = await import(LIBRARY);
const model = await sequential({ input: 2 }, dense(1));
const trainer = new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() });
trainer.step([[0, 1]], [1]);
console.log(performance.now() - start);
`;

/** Milliseconds from the import to the end of the first step, and of the whole process over an empty one. */
export async function startup(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-"));
  const library = JSON.stringify(pathToFileURL("build/index.js").href);
  writeFileSync(join(folder, "first.mjs"), FIRST_STEP.replace("LIBRARY", library));
  writeFileSync(join(folder, "empty.mjs"), "");
  const run = (file: string): { whole: number; printed: number } => {
    const start = performance.now();
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, file)], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return { whole: performance.now() - start, printed: Number(stdout) };
  };
  run("first.mjs");
  run("empty.mjs");
  const pairs = Array.from({ length: 15 }, () => ({ empty: run("empty.mjs"), first: run("first.mjs") }));
  return [
    result("W8 first step", "ms", pairs.map(({ first }) => first.printed)), // prettier-ignore
    result("W8 startup", "ms", pairs.map(({ first }) => first.whole), { over_empty: Number((Math.min(...pairs.map((p) => p.first.whole)) - Math.min(...pairs.map((p) => p.empty.whole))).toFixed(1)) }), // prettier-ignore
  ];
}

/** Bytes of one bundled file an entry, WebAssembly and loader included, gzipped. */
export async function bundles(): Promise<Result[]> {
  const core = readFileSync("build/core.wasm");
  const sizes = await bundleSizes();
  return [
    ...sizes.map(({ entry, minified, gzipped }) => result(`W8 bundle ${entry}`, "bytes", [gzipped], { minified })),
    result("W8 bundle core.wasm", "bytes", [gzipSync(core, { level: 9 }).length], { raw: core.length }),
  ];
}
