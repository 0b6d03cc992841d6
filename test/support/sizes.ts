// Bytes of the compiled kernels, and of what a page downloads.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Programs of different size, as a page would bundle them. */
export const ENTRIES: Readonly<Record<string, string>> = {
  "a minimal dense program": `
    import { dense, meanSquaredError, sequential, sgd, Trainer } from "./build/index.js";
    const model = await sequential({ input: 2 }, dense(1));
    await new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).fit({ x: [[0, 1]], y: [1] });
    console.log(model.predict([[0, 1]]));`,
  "the same of one file without threads": `
    import { dense, meanSquaredError, sequential, sgd, Trainer } from "./build/single.js";
    const model = await sequential({ input: 2 }, dense(1));
    await new Trainer(model, { loss: meanSquaredError(), optimizer: sgd() }).fit({ x: [[0, 1]], y: [1] });
    console.log(model.predict([[0, 1]]));`,
  "a classifier trained by adam": `
    import { accuracy, adam, dense, relu, sequential, softmaxCrossEntropy, Trainer } from "./build/index.js";
    const model = await sequential({ input: 2 }, dense(8), relu(), dense(2));
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
    await trainer.fit({ x: [[0, 1]], y: [1] });
    console.log(model.predict([[0, 1]]));`,
  everything: `
    export * as main from "./build/index.js";
    export * as datasets from "./build/datasets.js";
    export * as files from "./build/files.js";
    export * as matrix from "./build/matrix.js";
    export * as models from "./build/models.js";`,
  wasmgrad: `export * from "./build/index.js";`,
  "wasmgrad/data": `export * from "./build/data.js";`,
  "wasmgrad/datasets": `export * from "./build/datasets.js";`,
  "wasmgrad/files": `export * from "./build/files.js";`,
  "modelToBytes and modelFromBytes": `export { modelFromBytes, modelToBytes } from "./build/files.js";`,
  "wasmgrad/matrix": `export * from "./build/matrix.js";`,
  "wasmgrad/single": `export * from "./build/single.js";`,
  "wasmgrad/models": `export * from "./build/models.js";`,
  "wasmgrad/mpi": `export * from "./build/mpi.js";`,
  "wasmgrad/onnx": `export * from "./build/onnx.js";`,
  "wasmgrad/tfjs": `export * from "./build/tfjs.js";`,
  "wasmgrad/torch": `export * from "./build/torch.js";`,
  "wasmgrad/web": `export * from "./build/web.js";`,
};

/** Files that are fetched when something first needs them, and so aren't part of what a page downloads at first. */
export const LAZY = [
  "threads",
  "startWorker",
  "offThread",
  "ranks",
  "measureTogether",
  "rankTalk",
  "evaluate",
  "callbackCalls",
  "csvFile",
  "feed",
  "keeper",
  "predictAsync",
  "longPass",
  "engineErrors",
  "warnings",
  "mnistFiles",
  "imageFiles",
  "byteSource",
  "textSource",
  "tableReader",
  "arrayReader",
  "torchReader",
  "mpiLibrary",
  "zip",
  "csvReader",
  "jsonLinesReader",
  "pageCheckpoints",
  "checkpointFile",
  "readModel",
  "safetensorsReader",
  "checkpointFolder",
];

export interface BundleSize {
  readonly entry: string;
  readonly minified: number;
  readonly gzipped: number;
}

/** One bundled file an entry, WebAssembly included. */
export async function bundleSizes(): Promise<BundleSize[]> {
  return Promise.all(
    Object.entries(ENTRIES).map(async ([entry, contents]) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: process.cwd(), loader: "js" },
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        platform: "browser",
        external: ["node:*", ...LAZY.map((name) => `*/${name}.js`)],
      });
      const bytes = outputFiles[0]!.contents;
      return { entry, minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
    }),
  );
}

/** Bytes of each exported function's body, largest first, and of all others together. */
export function kernelSizes(file = "build/core.wasm"): { name: string; bytes: number }[] {
  const wasm = readFileSync(file);
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const names = new Map<number, string>();
  const bodies: number[] = [];
  let imported = 0;
  while (at < wasm.length) {
    const section = wasm[at++]!;
    const end = number() + at;
    const from = at;
    if (section === 2) imported = 0; // only a memory and a table are imported
    if (section === 7) {
      for (let count = number(); count > 0; count--) {
        const length = number();
        const name = wasm.toString("utf8", at, at + length);
        at += length;
        const kind = wasm[at++]!;
        const index = number();
        if (kind === 0) names.set(index, name);
      }
    }
    if (section === 10) {
      for (let count = number(); count > 0; count--) {
        const size = number();
        bodies.push(size);
        at += size;
      }
    }
    at = Math.max(end, from);
  }
  const exported = bodies.flatMap((bytes, i) =>
    names.has(i + imported) ? [{ name: names.get(i + imported)!, bytes }] : [],
  );
  const shared = bodies.reduce((sum, bytes, i) => (names.has(i + imported) ? sum : sum + bytes), 0);
  return [...exported.toSorted((a, b) => b.bytes - a.bytes), { name: "(functions that several share)", bytes: shared }];
}
