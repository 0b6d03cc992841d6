// W8: from a cold process to the first training step, and what a browser downloads.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
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

/** Programs of different size, as a page would bundle them. */
const ENTRIES: Readonly<Record<string, string>> = {
  "minimal dense program": `
    import { dense, meanSquaredError, sequential, sgd, Trainer } from "./build/index.js";
    const model = await sequential({ input: 2 }, dense(1));
    await new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).fit({ x: [[0, 1]], y: [1] });
    console.log(model.predict([[0, 1]]));`,
  everything: `export * from "./build/index.js";`,
  "wasmgrad/matrix": `export * from "./build/matrix.js";`,
  "wasmgrad/datasets": `export * from "./build/datasets.js";`,
};

/** Bytes of one bundled file an entry, WebAssembly and loader included, gzipped. */
export async function bundles(): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, contents] of Object.entries(ENTRIES)) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd(), loader: "js" },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      external: ["node:*"],
    });
    const bytes = outputFiles[0]!.contents;
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    results.push(result(`W8 bundle ${name}`, "bytes", [gzipped], { minified: bytes.length }));
  }
  const core = readFileSync("build/core.wasm");
  results.push(result("W8 bundle core.wasm", "bytes", [gzipSync(core, { level: 9 }).length], { raw: core.length }));
  return results;
}
