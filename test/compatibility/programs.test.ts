// The programs of 0.1.0: those of its README, its examples, and the examples of its doc comments. They are type-checked strictly
// against the declarations of the built package, and run with it; what README's programs and the examples print is what they printed
// then.
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { fencedBlocks } from "../support/documents.ts";
import { REFUSED } from "./changes.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const frozen = join(import.meta.dirname, "0.1.0");
// inside the project, so that "wasmgrad" is the project itself; programs may read and write files here
const folder = join(root, "build/test/compatibility");

/** Without colours, whoever runs the tests. */
const { FORCE_COLOR: _force, ...environment } = process.env;
const PLAIN = { ...environment, NO_COLOR: "1" };

interface Program {
  readonly name: string;
  readonly code: string;
}

const readme = fencedBlocks(join(frozen, "readme.md")).map(({ code }, i): Program => ({
  name: `readme${i + 1}`,
  code,
}));
const examples = readdirSync(join(frozen, "examples")).map((file): Program => ({
  name: `example-${basename(file, ".ts")}`,
  code: readFileSync(join(frozen, "examples", file), "utf8"),
}));
const programs = [...readme, ...examples];
const printed = JSON.parse(readFileSync(join(frozen, "printed.json"), "utf8")) as Readonly<Record<string, string>>;

/** What the example of a doc comment may take for granted: a small classifier and its data. */
const GIVEN = `
const x = Float32Array.from({ length: 24 }, (_, i) => Math.fround(((i * 7) % 11) / 11));
const y = [0, 1, 2, 0, 1, 2];
const data = { x, y };
const model = await w.sequential({ input: 4, seed: 1 }, w.dense(8), w.tanh(), w.dense(3));
const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam() });
const pixels = new Uint8Array(784 * 2);
const labels = new Uint8Array(2);
void [readFile, x, y, data, model, trainer, pixels, labels];
`;

/** The example in a function of its own. */
function moduleOf(code: string): string {
  const imports = [...code.matchAll(/^import .*$/gm)].map((match) => match[0]);
  const body = code
    .replaceAll(/^import .*$/gm, "")
    .replaceAll('"node_modules/wasmgrad/build/core.wasm"', JSON.stringify(join(root, "build/core.wasm")));
  const lines = [...imports, 'import { readFile } from "node:fs/promises";', 'import * as w from "wasmgrad";'];
  return `${lines.join("\n")}\nexport async function run(): Promise<void> {\n${GIVEN}\n{\n${body}\n}\n}\n`;
}

const docstrings = [
  ...readFileSync(join(frozen, "docstrings.md"), "utf8").matchAll(/^## (.*)\n```ts\n([\s\S]*?)^```$/gm),
].map(([, where, code], i) => ({ where: where!, name: `docstring${i + 1}`, code: moduleOf(code!) }));

/** Runs all examples of doc comments in one process, and writes what went wrong in each: null where nothing did. */
const RUN_ALL = `
import { dense, sequential } from "wasmgrad";
import { saveModel } from "wasmgrad/files";
// the files that examples read
for (const name of ["digits", "model"]) await saveModel(await sequential({ input: 4 }, dense(3)), name + ".safetensors");
console.log = () => {};
let problem = null;
// many examples make a model without waiting for it
process.on("unhandledRejection", (error) => void (problem ??= String(error)));
const problems = [];
for (const name of process.argv.slice(2)) {
  problem = null;
  await import("./" + name + ".mjs").then(({ run }) => run()).catch((error) => void (problem ??= String(error)));
  await new Promise((resolve) => setTimeout(resolve, 10));
  problems.push(problem);
}
process.stdout.write(JSON.stringify(problems));
`;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of [...programs, ...docstrings]) {
    writeFileSync(join(folder, `${name}.ts`), code);
    writeFileSync(join(folder, `${name}.mjs`), (await transform(code, { loader: "ts", format: "esm" })).code);
  }
  writeFileSync(join(folder, "runAll.mjs"), RUN_ALL);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.json",
      compilerOptions: { noUnusedLocals: false, rootDir: "../../.." },
      include: ["*.ts", "../../../test/compatibility/0.1.0/types.ts"],
      exclude: [],
    }),
  );
});

test("all programs and all types of 0.1.0 type-check", () => {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  expect(spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" }).stdout).toBe("");
});

describe("programs", () => {
  test("are all there", () => {
    expect(readme).toHaveLength(11);
    expect(examples).toHaveLength(4);
    expect(docstrings).toHaveLength(155);
  });

  for (const { name } of programs) {
    if (name === "example-quickstart") continue; // README's first program, which takes long enough once
    test(`${name} prints what it printed`, async () => {
      const { stdout } = await run(process.execPath, [`${name}.mjs`], { cwd: folder, env: PLAIN });
      // readme10's ends before the summary's table, whose bytes are the library's own business
      // and what a model runs on says one thing more
      const then = printed[name]!.replace("threads: 2, reason", "threads: 2, worker: false, reason");
      expect(stdout.slice(0, name === "readme10" ? then.length : undefined)).toBe(then);
    }, 300_000);
  }
});

describe("examples of doc comments", () => {
  let problems: readonly (string | null)[];

  beforeAll(async () => {
    const { stdout } = await run(process.execPath, ["runAll.mjs", ...docstrings.map(({ name }) => name)], {
      cwd: folder,
    });
    problems = JSON.parse(stdout) as (string | null)[];
  });

  for (const [i, { where }] of docstrings.entries()) {
    test(`runs: ${where}`, () => expect(problems[i]).toBe(REFUSED[where] ?? null));
  }
});
