// The builds of one file: wasmgrad.min.js in a script tag, from the disk and in a worker, and wasmgrad/single as a module that stands alone.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserName, browserPath, openBrowser } from "../support/browsers.ts";
import { project } from "../support/packed.ts";
import { serve, type Server } from "../support/server.ts";
import { expectedOutcomes, type Outcomes, writePrograms } from "../support/userPrograms.ts";

const required = Boolean(process.env["CI"]);
const NAMES =
  "adam, backend, binaryCrossEntropyWithLogits, dense, matmul, modelFromBytes, modelToBytes, sequential, tanh, Trainer";

/** A program that has the names: trains xor with one thread, with two, and in a worker; `done` gets the outcome. */
const PROGRAM = `
  async function train(options, fitOptions) {
    const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
    const model = await sequential({ input: 2, seed: 1, ...options }, dense(8), tanh(), dense(1));
    const trainer = new Trainer(model, { loss: binaryCrossEntropyWithLogits(), optimizer: adam({ learningRate: 0.05 }) });
    await trainer.fit({ x, y: [0, 1, 1, 0] }, { epochs: 200, ...fitOptions });
    return model;
  }
  async function run() {
    const [one, two, off] = [await train(), await train({ threads: 2 }), await train({}, { worker: true })];
    const copy = await modelFromBytes(modelToBytes(one));
    return {
      fingerprints: [one, two, off, copy].map((model) => model.fingerprint()),
      reason: backend(two).reason,
      worker: backend(off).worker,
      matmul: typeof matmul,
    };
  }
  run().catch((error) => ({ error: String(error) })).then(done);`;
const inPage = "const done = (outcome) => (window.outcome = outcome);";

let folder: string;
let expected: Outcomes;

beforeAll(async () => {
  folder = project("single");
  writePrograms(folder);
  expected = await expectedOutcomes(folder);
  const build = join(folder, "node_modules/wasmgrad/build");
  mkdirSync(join(folder, "page"));
  // alone: what they ask for besides isn't there
  for (const file of ["single.js", "wasmgrad.min.js"]) copyFileSync(join(build, file), join(folder, "page", file));
  const write = (name: string, html: string): void =>
    writeFileSync(join(folder, "page", name), `<!doctype html><meta charset="utf-8" /><title>page</title>${html}`);
  const names = `const { ${NAMES} } = wasmgrad;`;
  write("script.html", `<script src="wasmgrad.min.js"></script><script>{ ${inPage} ${names} ${PROGRAM} }</script>`);
  write("module.html", `<script type="module">import { ${NAMES} } from "./single.js"; ${inPage} ${PROGRAM}</script>`);
  write("worker.html", `<script>new Worker("worker.js").onmessage = ({ data }) => (window.outcome = data);</script>`);
  writeFileSync(
    join(folder, "page/worker.js"),
    `importScripts("wasmgrad.min.js"); const done = (outcome) => postMessage(outcome); ${names} ${PROGRAM}`,
  );
}, 300_000);

describe.each(["chrome", "firefox"] as const satisfies readonly BrowserName[])("in %s", (name) => {
  const present = required || browserPath(name) !== undefined;
  const runs = test.skipIf(!present);
  let browser: Browser;
  let server: Server;
  const asked: string[] = [];
  beforeAll(async () => {
    if (!present) return;
    server = await serve(join(folder, "page"), { refuse: (path) => (asked.push(path), false) });
    browser = await openBrowser(name);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function outcomeOf(url: string): Promise<unknown> {
    asked.length = 0;
    const page: Page = await browser.newPage();
    try {
      await page.goto(url);
      for (;;) {
        const outcome: unknown = await page.evaluate("window.outcome");
        if (outcome) return outcome;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    } finally {
      await page.close();
    }
  }

  const right = () => ({
    fingerprints: Array.from({ length: 4 }, () => expected.xor.fingerprint),
    reason: 'this build of wasmgrad, in one file, has none; the entry "wasmgrad" has them',
    worker: true,
    matmul: "function",
  });

  runs("a script tag", async () => {
    expect(await outcomeOf(`${server.url}/script.html`)).toEqual(right());
    expect(asked.filter((path) => path !== "/favicon.ico")).toEqual(["/script.html", "/wasmgrad.min.js"]);
  });

  runs("a script tag in a page from the disk", async () => {
    expect(await outcomeOf(String(pathToFileURL(join(folder, "page/script.html"))))).toEqual(right());
  });

  runs("a worker that imports the script", async () => {
    expect(await outcomeOf(`${server.url}/worker.html`)).toEqual(right());
  });

  runs("a module that stands alone", async () => {
    expect(await outcomeOf(`${server.url}/module.html`)).toEqual(right());
    expect(asked.filter((path) => path !== "/favicon.ico")).toEqual(["/module.html", "/single.js"]);
  });
});
