// The declarations of the package, in projects of users: compilers from the oldest that is supported to the newest, each way to find
// modules, a browser's types or Node's or neither, every declaration checked. The long run has all compilers, the short one two.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";

const ALL = ["5.0.4", "5.4.5", "5.7.3", "5.9.3", "7.0.2"];
const versions = process.env["LONG"] ? ALL : [ALL[0]!, ALL.at(-1)!];

/** Uses what the platform's types stand behind, and something of every entry. */
const PROGRAM = `
import { accuracy, adam, dense, type FitOptions, type Model, sequential, softmaxCrossEntropy, Trainer, useCore } from "wasmgrad";
import { mnist } from "wasmgrad/datasets";
import { loadModel, modelFromBytes, modelToBytes } from "wasmgrad/files";
import { matmul, type Matrix } from "wasmgrad/matrix";
import { mlp } from "wasmgrad/models";

export async function main(bytes: ReturnType<typeof modelToBytes>, signal: NonNullable<FitOptions["signal"]>, a: Matrix): Promise<number> {
  useCore(bytes, { extra: new ArrayBuffer(8) });
  const model: Model = await sequential({ input: 4, threads: 2 }, dense(2));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  const history = await trainer.fit({ x: [[1, 2, 3, 4]], y: [1] }, { epochs: 1, signal });
  const copy = await modelFromBytes(modelToBytes(await loadModel("a.safetensors")));
  const { train } = await mnist({ from: "/mnist/" });
  const { buffer } = model.core.arena.memory;
  const sizes = [train.y.length, matmul(a, a).rows, mlp().layers.length, buffer.byteLength, history.accuracy.length];
  return copy.parameterCount + sizes.length;
}
`;

/** With the platform's own types, its own objects. */
const PLATFORMS = {
  node: {
    lib: ["es2022"],
    types: ["node"],
    own: `
export const limited: NonNullable<FitOptions["signal"]> = AbortSignal.timeout(1000);
export const digits = mnist({ from: new URL("file:///mnist/") });
// @ts-expect-error -- a path is neither bytes nor a module
useCore("core.wasm");
`,
  },
  browser: {
    lib: ["es2022", "dom"],
    types: [],
    own: `
export const limited: NonNullable<FitOptions["signal"]> = new AbortController().signal;
export const digits = mnist({ from: new URL("https://example.org/mnist/") });
export const made = sequential({ input: 1, threads: 2, createWorker: () => new Worker("worker.js") }, dense(1));
export const memory: Promise<WebAssembly.Memory> = made.then(({ core }) => core.arena.memory);
export const file = new Blob([modelToBytes(undefined as never)]); // no memory that threads share
useCore(WebAssembly.compileStreaming(fetch("core.wasm")), { extra: new WebAssembly.Module(new Uint8Array(8)) });
`,
  },
  both: { lib: ["es2022", "dom"], types: ["node"], own: "" },
  neither: { lib: ["es2022"], types: [], own: "" },
} as const;

/** With what the main entry has alone, which is all that resolution as in Node 10 finds. */
const COMMONJS = {
  syntax: `
import { accuracy, adam, dense, type Model, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";

export async function main(): Promise<number> {
  const model: Model = await sequential({ input: 4 }, dense(2));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  // @ts-expect-error -- misspelt: the types are those of modules, not any
  return (await trainer.fit({ x: [[1, 2, 3, 4]], y: [1] })).acuracy.length;
}
`,
  require: `
import wasmgrad = require("wasmgrad");
import files = require("wasmgrad/files");

async function main(model: wasmgrad.Model): Promise<wasmgrad.Model> {
  // @ts-expect-error -- misspelt: the types are those of modules, not any
  void model.parameterCout;
  return files.modelFromBytes(files.modelToBytes(model));
}
export = main;
`,
};

/** A binary as a module: what it gives is its bytes or a module, by the platform, which \`useCore\` takes. */
const WASM = `
import core from "wasmgrad/core.wasm";
import { useCore } from "wasmgrad";
useCore(core);
`;

/** What projects may ask for besides \`strict\`. */
const STRICTER = {
  exactOptionalPropertyTypes: true,
  isolatedModules: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
};

let folder: string;
beforeAll(() => {
  const compilers = versions.map((version) => `typescript-${version}@npm:typescript@${version}`);
  folder = project("typescript", [...compilers, "@types/node@20.19.43"]);
  copyFileSync(join(import.meta.dirname, "figures.ts"), join(folder, "figures.ts"));
  writeFileSync(join(folder, "entries.ts"), everyEntry());
  writeFileSync(join(folder, "wasm.ts"), WASM);
  for (const [name, text] of Object.entries(COMMONJS)) {
    writeFileSync(join(folder, `${name}.cts`), text);
    mkdirSync(join(folder, "commonjs"), { recursive: true });
    writeFileSync(join(folder, "commonjs", `${name}.ts`), text);
  }
  writeFileSync(join(folder, "entries.cts"), everyEntry());
  writeFileSync(join(folder, "commonjs/package.json"), '{ "type": "commonjs" }');
  for (const [name, { own }] of Object.entries(PLATFORMS)) writeFileSync(join(folder, `${name}.ts`), PROGRAM + own);
}, 300_000); // it installs

/** Imports all that the package exports, so that every declaration is checked. */
function everyEntry(): string {
  const manifest = JSON.parse(readFileSync(join(folder, "node_modules/wasmgrad/package.json"), "utf8")) as {
    exports: Record<string, string | { types?: unknown }>;
  };
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target !== "string" && "types" in target)
    .map(([path], i) => `export * as entry${i} from "${path.replace(".", "wasmgrad")}";\n`)
    .join("");
}

/** What the compiler says of files. */
function compile(version: string, files: readonly string[], compilerOptions: object): string {
  const config = join(folder, "tsconfig.json");
  const shared = { strict: true, skipLibCheck: false, noEmit: true, target: "es2022" };
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...shared, ...compilerOptions }, files }));
  try {
    const compiler = join(folder, `node_modules/typescript-${version}/bin/tsc`);
    return execFileSync(process.execPath, [compiler, "-p", config], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const resolution = (module: string): object =>
  module === "bundler" ? { module: "esnext", moduleResolution: "bundler" } : { module, moduleResolution: module };

type Platform = keyof typeof PLATFORMS;
type Row = readonly [module: string, platform: Platform, options: object];

/** Each way to find modules and each platform once. */
const ROWS: readonly Row[] = [
  ["bundler", "browser", STRICTER],
  ["node16", "node", STRICTER],
  ["nodenext", "both", {}],
  ["bundler", "neither", {}],
];
/** All ways on both platforms. */
const MORE: readonly Row[] = [
  ["bundler", "node", {}],
  ["node16", "browser", {}],
  ["nodenext", "browser", STRICTER],
  ["nodenext", "node", {}],
];

describe.each(versions)("TypeScript %s", (version) => {
  const all = process.env["LONG"] || version === versions.at(-1);
  test.each(all ? [...ROWS, ...MORE] : ROWS)("modules as %s, platform: %s", (module, platform, options) => {
    const { lib, types } = PLATFORMS[platform];
    const files = [`${platform}.ts`, "entries.ts", "figures.ts", "wasm.ts"];
    expect(compile(version, files, { lib, types, ...options, ...resolution(module) })).toBe("");
  });

  const asWritten = { ...STRICTER, esModuleInterop: true }; // `import` can't become `require` then
  test.each([
    ["node16", ["syntax.cts", "entries.cts"], {}],
    ["nodenext", ["require.cts"], asWritten],
  ] as const)("a program that becomes CommonJS, modules as %s", (module, files, options) => {
    expect(compile(version, files, { lib: ["es2022"], types: ["node"], module, ...options })).toBe("");
  });

  test.skipIf(version.startsWith("7"))("a program that becomes CommonJS, modules as in Node 10", () => {
    const options = { lib: ["es2022", "dom"], types: [], module: "commonjs", moduleResolution: "node10" };
    expect(compile(version, ["commonjs/syntax.ts"], { ...options, isolatedModules: true })).toBe("");
  });
});
