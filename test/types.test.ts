// The declarations under compilers that know little: without a browser's types, without Node's, and with neither.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "wasmgrad-types-"));

/** Uses what the platform's types stand behind, and one thing of every entry. */
const PROGRAM = `
import { adam, dense, type FitOptions, type Model, sequential, softmaxCrossEntropy, Trainer, useCore } from "wasmgrad";
import { mnist } from "wasmgrad/datasets";
import { loadModel, modelFromBytes, modelToBytes } from "wasmgrad/files";
import { matmul, type Matrix } from "wasmgrad/matrix";
import { mlp } from "wasmgrad/models";

export async function main(bytes: Uint8Array<ArrayBuffer>, signal: NonNullable<FitOptions["signal"]>, a: Matrix): Promise<number> {
  useCore(bytes, { extra: bytes.buffer });
  const model: Model = await sequential({ input: 4, threads: 2 }, dense(2));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
  await trainer.fit({ x: [[1, 2, 3, 4]], y: [1] }, { epochs: 1, signal });
  const copy = await modelFromBytes(modelToBytes(await loadModel("a.safetensors")));
  const { train } = await mnist({ from: "/mnist/" });
  const { buffer } = model.core.arena.memory;
  return copy.parameterCount + train.y.length + matmul(a, a).rows + mlp().layers.length + buffer.byteLength;
}
`;

/** With the platform's own types, its own objects. */
const OWN = {
  node: `
export const limited: NonNullable<FitOptions["signal"]> = AbortSignal.timeout(1000);
export const digits = mnist({ from: new URL("file:///mnist/") });
// @ts-expect-error -- a path is neither bytes nor a module
useCore("core.wasm");
`,
  browser: `
export const limited: NonNullable<FitOptions["signal"]> = new AbortController().signal;
export const digits = mnist({ from: new URL("https://example.org/mnist/") });
export const made = sequential({ input: 1, threads: 2, createWorker: () => new Worker("worker.js") }, dense(1));
export const memory: Promise<WebAssembly.Memory> = made.then(({ core }) => core.arena.memory);
useCore(WebAssembly.compileStreaming(fetch("core.wasm")), { extra: new WebAssembly.Module(new Uint8Array(8)) });
`,
  neither: "",
} as const;

beforeAll(() => {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@assemblyscript"), { recursive: true });
  const link = (name: string, target = join("node_modules", name)): void =>
    symlinkSync(join(root, target), join(modules, name));
  link("wasmgrad", ".");
  for (const name of ["@types", "undici-types"]) link(name);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, own] of Object.entries(OWN)) writeFileSync(join(folder, `${name}.ts`), PROGRAM + own);
});
afterAll(() => rmSync(folder, { recursive: true }));

function compile(program: keyof typeof OWN, lib: readonly string[], module: string): string {
  const options = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: "es2022",
      lib,
      types: program === "node" ? ["node"] : [],
      preserveSymlinks: true,
      ...(module === "bundler" ? { module: "esnext", moduleResolution: "bundler" } : { module }),
    },
    files: [`${program}.ts`],
  };
  const config = join(folder, `${program}.${module}.json`);
  writeFileSync(config, JSON.stringify(options));
  try {
    return execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], {
      encoding: "utf8",
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe.each(["nodenext", "node16", "bundler"])("modules as %s, every declaration checked", (module) => {
  test("Node's types, none of a browser", () => {
    expect(compile("node", ["es2023"], module)).toBe("");
  });
  test("a browser's types, none of Node", () => {
    expect(compile("browser", ["es2023", "dom"], module)).toBe("");
  });
  test("neither", () => {
    expect(compile("neither", ["es2022"], module)).toBe("");
  });
});
